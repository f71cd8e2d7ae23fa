//! One screen as letters and lines: which letter stands where, and which lines are there at all.
//! Knows nothing of events.

use std::collections::{BTreeMap, BTreeSet};

use tideline_model::{Document, LineId};

use super::names;
use crate::shown::Shown;

/// A line, counted from the top, and an offset in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    pub line: usize,
    pub at: usize,
}

#[derive(Debug, Clone)]
pub struct Screen {
    /// By the number of the letter.
    spots: Vec<Option<Spot>>,
    /// The numbers of the letters of each line, from the top.
    pub rows: Vec<Vec<u32>>,
    /// Of the lines that were ever made, those that are displayed, as a line or as part of one, with
    /// the displayed line in question, counted from the top.
    pub lines: BTreeMap<LineId, usize>,
}

impl Screen {
    pub fn of(shown: &Shown, document: &Document, made: &BTreeSet<LineId>) -> Self {
        let mut screen = Self {
            spots: Vec::new(),
            rows: Vec::new(),
            lines: BTreeMap::new(),
        };
        let mut heads = BTreeMap::new();
        for (_, line) in shown.flat() {
            heads.insert(line.id, screen.rows.len());
            screen.add(&line.text);
        }
        let row = |&line: &LineId| Some((line, *heads.get(&document.displayed(line)?)?));
        screen.lines = made.iter().filter_map(row).chain(heads.clone()).collect();
        screen
    }

    fn add(&mut self, text: &str) {
        let numbers: Vec<u32> = text.chars().filter_map(names::letter_number).collect();
        for (at, &number) in numbers.iter().enumerate() {
            let number = number as usize;
            if self.spots.len() <= number {
                self.spots.resize(number + 1, None);
            }
            let line = self.rows.len();
            self.spots[number] = Some(Spot { line, at });
        }
        self.rows.push(numbers);
    }

    pub fn spot(&self, letter: u32) -> Option<Spot> {
        self.spots.get(letter as usize).copied().flatten()
    }

    pub fn shows(&self, letter: u32) -> bool {
        self.spot(letter).is_some()
    }

    pub fn letters(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().flatten().copied()
    }
}
