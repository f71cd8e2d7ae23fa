//! A panel while it shows only the lines that match.

use std::collections::BTreeSet;

use tideline_model::{Document, LineId, Patch};

use super::Panel;
use super::filter::Filter;
use super::query::Query;
use crate::protocol::RowChange;

impl Panel {
    /// The row changes for showing only the lines that match, and what leads to them; everything when
    /// nothing is asked. Not all lines need to have been looked at: see [`Panel::look_on`].
    pub fn filter(&mut self, document: &Document, query: &str) -> Vec<RowChange> {
        let top = self.root.unwrap_or(LineId::ROOT);
        self.filter = Query::of(query).map(|query| Filter::new(query, top));
        self.look_on(document)
    }

    /// The row changes for the next lines that are looked at.
    pub fn look_on(&mut self, document: &Document) -> Vec<RowChange> {
        if let Some(filter) = &mut self.filter {
            filter.look_on(document);
        }
        self.refresh(document, &BTreeSet::new())
    }

    /// How many lines match, and whether there are more lines to be looked at; `None` without a filter.
    pub fn filtered(&self) -> Option<(usize, bool)> {
        let filter = self.filter.as_ref()?;
        Some((filter.matches(), !filter.has_seen_all()))
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
