//! A panel while it shows only the lines that match.

use std::collections::BTreeSet;

use tideline_model::{Document, LineId, Patch};

use super::Panel;
use super::filter::Filter;
use super::query::Query;
use crate::protocol::RowChange;

/// How far a panel has been filtered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filtered {
    /// How many lines match, as far as they were looked at.
    pub found: usize,
    /// There are lines that were not looked at yet.
    pub more: bool,
    /// More lines match than are shown.
    pub is_cut: bool,
}

impl Panel {
    /// The row changes for showing only the lines that match, and what leads to them; everything when
    /// nothing is asked. Not all lines need to have been looked at: see [`Panel::look_on`].
    pub fn filter(&mut self, document: &Document, query: &str) -> Vec<RowChange> {
        let top = self.root.unwrap_or(LineId::ROOT);
        self.filter = Query::of(query).map(|query| Filter::new(query, top, self.limits));
        self.look_on(document)
    }

    /// The row changes for the next lines that are looked at.
    pub fn look_on(&mut self, document: &Document) -> Vec<RowChange> {
        if let Some(filter) = &mut self.filter {
            filter.look_on(document);
        }
        self.refresh(document, &BTreeSet::new())
    }

    /// `None` without a filter.
    pub fn filtered(&self) -> Option<Filtered> {
        let filter = self.filter.as_ref()?;
        Some(Filtered {
            found: filter.matches(),
            more: filter.goes_on(),
            is_cut: filter.is_cut(),
        })
    }

    /// The row changes for a patch where the filter says what is shown.
    /// `None` without a filter.
    pub(super) fn follow_filtered(
        &mut self,
        document: &Document,
        patch: &Patch,
        own: bool,
    ) -> Option<Vec<RowChange>> {
        let is_other = self.filter.as_mut()?.follow(document, patch, own);
        let top = self.root.unwrap_or(LineId::ROOT);
        let outlook = self.outlook(document);
        let is_shown = |line: &LineId| *line == top || outlook.ordinal_of(*line).is_some();
        // A line that is hidden may have had a number.
        let counts = |line: &LineId| document.parent(*line).is_some_and(|one| is_shown(&one));
        let mut lines = patch.lines.iter();
        let has_other_rows =
            patch.children.iter().any(is_shown) || lines.any(|line| is_shown(line) || counts(line));
        if !is_other && !has_other_rows {
            return Some(self.text_changes(patch, own));
        }
        let mut touched = BTreeSet::clone(&patch.lines);
        touched.extend(patch.splices.iter().map(|splice| splice.line));
        Some(self.refresh(document, &touched))
    }
}
