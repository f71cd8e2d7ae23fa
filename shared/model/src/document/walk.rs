//! Going from one displayed line to the next, without looking each up by its id. Knows nothing of
//! what is folded: whoever walks says where to go down.

use crate::document::Document;
use crate::id::LineId;
use crate::index::LineIndex;
use crate::line::Kind;
use crate::property::tags;

/// A displayed line that a walk has come to.
#[derive(Debug, Clone, Copy)]
pub struct Stop<'a> {
    pub line: LineId,
    /// The displayed parent.
    pub parent: LineId,
    pub kind: &'a Kind,
    pub has_children: bool,
}

/// A way through displayed lines, in display order.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'a> {
    document: &'a Document,
    at: LineIndex,
    /// The way ends behind all that is below it.
    within: LineIndex,
}

impl Document {
    /// A walk from a displayed line on, to the last one below `within`: that line itself, or one
    /// above it.
    pub fn walk(&self, from: LineId, within: LineId) -> Option<Walk<'_>> {
        Some(Walk {
            document: self,
            at: self.displayed_line(from)?,
            within: self.state.line_index(within)?,
        })
    }
}

impl<'a> Walk<'a> {
    pub fn stop(&self) -> Stop<'a> {
        let Document { state, display, .. } = self.document;
        let line = state.line(self.at);
        Stop {
            line: line.id,
            parent: state.line(display.parent(self.at)).id,
            kind: line.kind(),
            has_children: display.child_count(state, self.at) > 0,
        }
    }

    /// The line it has come to.
    pub fn line(&self) -> LineId {
        self.document.state.line(self.at).id
    }

    pub fn kind(&self) -> &'a Kind {
        self.document.state.line(self.at).kind()
    }

    /// Adds the text of the line.
    pub fn push_text(&self, text: &mut String) {
        let Document { state, display, .. } = self.document;
        display.push_text(state, self.at, text);
    }

    /// What is kept beside the text.
    pub fn tags(&self) -> Vec<String> {
        let state = &self.document.state;
        tags(&state.history, &state.line(self.at).records().tags)
    }

    /// Goes to the first child, if there is one.
    pub fn go_down(&mut self) -> bool {
        let Document { state, display, .. } = self.document;
        let child = display.first_displayed_child(state, self.at);
        self.at = child.unwrap_or(self.at);
        child.is_some()
    }

    /// Goes to the line behind this one and all that is below it. How many levels higher that is;
    /// `None` at the end.
    pub fn go_on(&mut self) -> Option<u32> {
        let Document { state, display, .. } = self.document;
        let mut line = self.at;
        let mut levels = 0;
        while line != self.within && line != LineIndex::ROOT {
            if let Some(next) = display.next_sibling(state, line) {
                self.at = next;
                return Some(levels);
            }
            line = display.parent(line);
            levels += 1;
        }
        None
    }
}
