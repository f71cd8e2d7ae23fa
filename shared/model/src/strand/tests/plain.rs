//! A Fugue tree without any thought of speed. Shares no code with strands.

use crate::index::LineIndex;

#[derive(Debug, Clone)]
pub enum Op {
    Insert(u32, String),
    Delete(u32, u32),
    Split(u32, LineIndex),
    /// The place of the event that deleted.
    Undelete(usize),
}

/// An event.
#[derive(Debug, Clone)]
pub struct Written {
    pub person: usize,
    /// Events of each person that its author had seen.
    pub seen: Vec<u32>,
    pub lamport: u32,
    pub ops: Vec<Op>,
}

/// How a marker is written.
pub fn line_mark(line: LineIndex) -> String {
    format!("[{}]", line.0)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Character(char),
    Marker(LineIndex),
}

struct Element {
    content: Content,
    /// Place of the event among all; `None`: of the base.
    event: Option<usize>,
    parent: Option<usize>,
    is_right: bool,
    deleted_by: Vec<usize>,
}

pub struct Plain<'a> {
    all: &'a [Written],
    /// Sequence number of each event.
    seqs: Vec<u32>,
    /// In the total order of events.
    elements: Vec<Element>,
    /// What ended, and by what.
    undone: Vec<(usize, usize)>,
}

impl<'a> Plain<'a> {
    pub fn of(base: &str, all: &'a [Written], events: impl Iterator<Item = usize>) -> Self {
        let seqs = all
            .iter()
            .map(|written| written.seen[written.person] + 1)
            .collect();
        let mut plain = Self {
            all,
            seqs,
            elements: Vec::new(),
            undone: Vec::new(),
        };
        let mut left = None;
        for character in base.chars() {
            left = Some(plain.insert(left, None, Content::Character(character)));
        }
        let mut events: Vec<usize> = events.collect();
        events.sort_by_key(|&event| (all[event].lamport, all[event].person));
        for event in events {
            for op in &all[event].ops {
                plain.carry_out(event, op);
            }
        }
        plain
    }

    fn saw(&self, event: usize, other: usize) -> bool {
        let other_seq = self.seqs[other];
        event == other || other_seq <= self.all[event].seen[self.all[other].person]
    }

    fn carry_out(&mut self, event: usize, op: &Op) {
        let known = |plain: &Self, other: usize| plain.saw(event, other);
        let shown: Vec<usize> = self
            .order()
            .into_iter()
            .filter(|&it| {
                self.elements[it]
                    .event
                    .is_none_or(|other| known(self, other))
            })
            .filter(|&it| self.shows(it, |other| known(self, other)))
            .collect();
        let left = |at: u32| at.checked_sub(1).map(|at| shown[at as usize]);
        match op {
            Op::Insert(at, text) => {
                let mut left = left(*at);
                for character in text.chars() {
                    left = Some(self.insert(left, Some(event), Content::Character(character)));
                }
            }
            Op::Split(at, line) => {
                self.insert(left(*at), Some(event), Content::Marker(*line));
            }
            Op::Delete(at, count) => {
                for &it in &shown[*at as usize..(at + count) as usize] {
                    if matches!(self.elements[it].content, Content::Character(_)) {
                        self.elements[it].deleted_by.push(event);
                    }
                }
            }
            Op::Undelete(deletion) => self.undone.push((*deletion, event)),
        }
    }

    fn shows(&self, element: usize, counts: impl Fn(usize) -> bool) -> bool {
        self.elements[element].deleted_by.iter().all(|&deletion| {
            let mut undone = self.undone.iter();
            !counts(deletion) || undone.any(|&(it, by)| it == deletion && counts(by))
        })
    }

    fn insert(&mut self, left: Option<usize>, event: Option<usize>, content: Content) -> usize {
        let known = |other: Option<usize>| match (event, other) {
            (Some(event), Some(other)) => self.saw(event, other),
            _ => true,
        };
        let order = self.order().into_iter();
        let order: Vec<usize> = order.filter(|&it| known(self.elements[it].event)).collect();
        let has_right_child = order.iter().any(|&it| {
            let element = &self.elements[it];
            element.parent == left && element.is_right
        });
        let (parent, is_right) = if has_right_child {
            let place = left.map_or(0, |left| {
                1 + order
                    .iter()
                    .position(|&it| it == left)
                    .expect("left is known")
            });
            (Some(order[place]), false)
        } else {
            (left, true)
        };
        let deleted_by = Vec::new();
        self.elements.push(Element {
            content,
            event,
            parent,
            is_right,
            deleted_by,
        });
        self.elements.len() - 1
    }

    fn order(&self) -> Vec<usize> {
        let mut order = Vec::new();
        self.visit(None, true, &mut order);
        order
    }

    /// The children of an element on one side, each with all that hangs from it.
    fn visit(&self, parent: Option<usize>, is_right: bool, order: &mut Vec<usize>) {
        let children = (0..self.elements.len()).filter(|&it| {
            self.elements[it].parent == parent && self.elements[it].is_right == is_right
        });
        let mut children: Vec<usize> = children.collect();
        children.sort_by_key(|&it| matches!(self.elements[it].content, Content::Marker(_)));
        for child in children {
            self.visit(Some(child), false, order);
            order.push(child);
            self.visit(Some(child), true, order);
        }
    }

    pub fn shown(&self) -> String {
        let mut shown = String::new();
        for it in self
            .order()
            .into_iter()
            .filter(|&it| self.shows(it, |_| true))
        {
            match self.elements[it].content {
                Content::Character(character) => shown.push(character),
                Content::Marker(line) => shown.push_str(&line_mark(line)),
            }
        }
        shown
    }
}
