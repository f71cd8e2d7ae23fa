//! A panel while it shows only the lines that match.

use std::collections::BTreeSet;

use tideline_model::{Document, LineId, Patch};

use super::Panel;
use super::filter::Filter;
use super::query::Query;
use crate::protocol::{FilterMark, RowChange};

/// Where more lines match, the first of those that match a longer query are found as fast anew.
const NARROWED_MAX: usize = 1_000;

/// How far a panel has been filtered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filtered {
    /// How many lines match, as far as they were looked at.
    pub found: usize,
    /// There are lines that were not looked at yet.
    pub more: bool,
    /// More lines match than are shown.
    pub is_cut: bool,
    /// What is marked in the lines.
    pub marks: Vec<FilterMark>,
}

impl Panel {
    /// The row changes for showing only the lines that match, and what leads to them; everything when
    /// nothing is asked. Not all lines need to have been looked at: see [`Panel::look_on`].
    pub fn filter(&mut self, document: &Document, query: &str) -> Vec<RowChange> {
        let before = self.filter.take();
        self.filter = Query::of(query).map(|query| match before {
            Some(wider) if wider.matches() <= NARROWED_MAX && query.narrows(wider.query()) => {
                wider.narrowed(document, query)
            }
            _ => Filter::new(query, self.root.unwrap_or(LineId::ROOT), self.limits),
        });
        if let Some(filter) = &mut self.filter {
            filter.look_on(document);
        }
        self.refresh(document, &BTreeSet::new())
    }

    /// The row changes for the next lines that are looked at.
    pub fn look_on(&mut self, document: &Document) -> Vec<RowChange> {
        let came = self.filter.as_mut().map(|filter| filter.look_on(document));
        self.rows_came(document, came.unwrap_or_default())
    }

    /// The row changes for lines that others have found, of which those are shown that match.
    pub fn look_at(&mut self, document: &Document, lines: &[LineId]) -> Vec<RowChange> {
        let mut filter = self.filter.as_mut();
        let came = filter
            .as_mut()
            .map(|filter| filter.look_at_all(document, lines));
        self.rows_came(document, came.unwrap_or_default())
    }

    fn rows_came(&mut self, document: &Document, came: bool) -> Vec<RowChange> {
        if came {
            self.refresh(document, &BTreeSet::new())
        } else {
            Vec::new()
        }
    }

    /// What all lines that are still to be found say, for an index of words.
    pub fn wanted(&self) -> Option<String> {
        let filter = self.filter.as_ref().filter(|filter| filter.goes_on())?;
        Some(filter.query().words()).filter(|words| !words.is_empty())
    }

    /// Whether there are lines that a filter has not looked at yet.
    pub fn looks_on(&self) -> bool {
        self.filter.as_ref().is_some_and(Filter::goes_on)
    }

    /// `None` without a filter.
    pub fn filtered(&self) -> Option<Filtered> {
        let filter = self.filter.as_ref()?;
        Some(Filtered {
            found: filter.matches(),
            more: filter.goes_on(),
            is_cut: filter.is_cut(),
            marks: filter.query().marks(),
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
        let filter = self.filter.as_ref()?;
        let top = self.root.unwrap_or(LineId::ROOT);
        let is_shown = |line: &LineId| *line == top || filter.shows(*line);
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
