//! The marker in front of a list item, and which part of it is worth a property: only what differs
//! from what the item before it leads one to expect.
//! Knows nothing of text.

use tideline_model::Value;

pub(crate) const MARKER: &str = "marker";
pub(crate) const NUMBER: &str = "number";
/// On the first of several items: blank lines between them.
pub(crate) const LOOSE: &str = "loose";

const NUMBER_MAX: u32 = 999_999_999;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// `-`, `*` or `+`; behind a number `.` or `)`.
    pub mark: char,
    pub number: Option<u32>,
}

impl Style {
    pub fn is_ordered(self) -> bool {
        self.number.is_some()
    }

    pub fn marker(self) -> String {
        match self.number {
            Some(number) => format!("{number}{} ", self.mark),
            None => format!("{} ", self.mark),
        }
    }
}

/// The style of the latest sibling at each depth.
#[derive(Debug, Default)]
pub(crate) struct Siblings(Vec<Option<Style>>);

impl Siblings {
    /// What an item at `depth` has unless its properties say otherwise.
    pub fn expected(&self, depth: u32, is_ordered: bool) -> Style {
        let before = self.0.get(depth as usize).copied().flatten();
        match before.filter(|style| style.is_ordered() == is_ordered) {
            Some(Style { mark, number }) => Style {
                mark,
                number: number.map(|number| if number < NUMBER_MAX { number + 1 } else { 1 }),
            },
            None if is_ordered => Style {
                mark: '.',
                number: Some(1),
            },
            None => Style {
                mark: '-',
                number: None,
            },
        }
    }

    /// Notes the next line in display order: an item with its style, or anything else.
    pub fn record(&mut self, depth: u32, style: Option<Style>) {
        self.0.resize(depth as usize, None);
        self.0.push(style);
    }
}

/// The marker that a property names, if it fits the list.
pub(crate) fn mark_of(value: &Value, is_ordered: bool) -> Option<char> {
    let Value::Text(text) = value else {
        return None;
    };
    let known: &[char] = if is_ordered {
        &['.', ')']
    } else {
        &['-', '*', '+']
    };
    known.iter().copied().find(|mark| *text == mark.to_string())
}

pub(crate) fn number_of(value: &Value) -> Option<u32> {
    match value {
        Value::Integer(number) => u32::try_from(*number)
            .ok()
            .filter(|&number| number <= NUMBER_MAX),
        _ => None,
    }
}
