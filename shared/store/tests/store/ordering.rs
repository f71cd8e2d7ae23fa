//! Random editing of an outline, as a dispatcher would store it, against a plain list of lines.

use std::collections::HashMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tideline_store::{Commit, LineRow};

use crate::support::{Desk, document, line, row};

const SEEDS: u64 = 6;
const TRANSACTIONS: u32 = 30;
const COMMITS_PER_TRANSACTION: u32 = 10;

/// Children of each line, in order; 0 is the root.
#[derive(Debug, Default, Clone)]
struct Plain {
    children: HashMap<u64, Vec<u64>>,
    last: u64,
}

type Place = (u64, Option<u64>);

impl Plain {
    fn order(&self, parent: u64, places: &mut Vec<(u64, Place)>) {
        let mut before = None;
        for &child in self.children.get(&parent).into_iter().flatten() {
            places.push((child, (parent, before)));
            before = Some(child);
            self.order(child, places);
        }
    }

    fn places(&self) -> Vec<(u64, Place)> {
        let mut places = Vec::new();
        self.order(0, &mut places);
        places
    }

    fn text(&self, parent: u64) -> String {
        let children = self.children.get(&parent).into_iter().flatten();
        let shown: Vec<String> = children
            .map(|child| match self.text(*child) {
                below if below.is_empty() => child.to_string(),
                below => format!("{child}({below})"),
            })
            .collect();
        shown.join(" ")
    }

    fn below(&self, top: u64) -> Vec<u64> {
        let mut places = Vec::new();
        self.order(top, &mut places);
        places
            .into_iter()
            .map(|(line, _)| line)
            .chain([top])
            .collect()
    }

    fn cut(&mut self, line: u64) {
        for children in self.children.values_mut() {
            children.retain(|child| *child != line);
        }
    }

    fn random_line(&self, rng: &mut StdRng) -> Option<u64> {
        let places = self.places();
        (!places.is_empty()).then(|| places[rng.random_range(0..places.len())].0)
    }

    fn paste(&mut self, rng: &mut StdRng, lines: &[u64]) {
        let parent = match rng.random_range(0..3) {
            0 => 0,
            _ => self.random_line(rng).unwrap_or(0),
        };
        let children = self.children.entry(parent).or_default();
        // Often at the same end, so that room gets scarce.
        let at = match rng.random_range(0..4) {
            0 => rng.random_range(0..=children.len()),
            1 => children.len(),
            _ => children.len().min(1),
        };
        children.splice(at..at, lines.iter().copied());
    }

    fn change(&mut self, rng: &mut StdRng) {
        match (rng.random_range(0..10), self.random_line(rng)) {
            (0..2, Some(line)) => {
                self.cut(line);
            }
            (2..5, Some(line)) => {
                let children = self.children.clone();
                self.cut(line);
                self.paste(rng, &[line]);
                // Not below itself.
                if !self.places().iter().any(|(found, _)| *found == line) {
                    self.children = children;
                }
            }
            _ => {
                let count = rng.random_range(1..6);
                let lines: Vec<u64> = (self.last + 1..=self.last + count).collect();
                self.last += count;
                self.paste(rng, &lines);
            }
        }
    }
}

/// What has to be stored to get from one outline to the next.
fn difference(before: &Plain, after: &Plain) -> (Vec<LineRow>, Vec<u64>) {
    let old: HashMap<u64, Place> = before.places().into_iter().collect();
    let new = after.places();
    let rows = new
        .iter()
        .filter(|(line, place)| old.get(line) != Some(place))
        .map(|(line, (parent, before))| row(*line, *parent, *before, "x"))
        .collect();
    let kept: HashMap<u64, Place> = new.into_iter().collect();
    let removed = old
        .into_keys()
        .filter(|line| !kept.contains_key(line))
        .collect();
    (rows, removed)
}

#[test]
fn random_editing_keeps_rows_in_the_order_of_a_plain_list() {
    for seed in 0..SEEDS {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut desk = Desk::new();
        let mut plain = Plain::default();
        for transaction in 0..TRANSACTIONS {
            let mut commits: Vec<Commit> = Vec::new();
            for _ in 0..COMMITS_PER_TRANSACTION {
                let before = plain.clone();
                plain.change(&mut rng);
                let (rows, removed) = difference(&before, &plain);
                let mut commit = desk.commit(document(1));
                commit.rows = rows;
                commit.removed = removed.into_iter().map(line).collect();
                commits.push(commit);
            }
            let results = desk.replica.commit_all(&commits).unwrap();
            assert!(results.iter().all(Result::is_ok));
            let context = format!("seed {seed}, transaction {transaction}");
            assert_eq!(desk.outline(document(1)), plain.text(0), "{context}");
            let row = desk.scope().document(document(1)).unwrap().unwrap();
            assert_eq!(row.lines_stale_ms, None, "{context}");
            assert_eq!(row.line_count, plain.below(0).len() as u64 - 1, "{context}");
        }
        assert_eq!(desk.replica.verify().problems, [], "seed {seed}");
    }
}
