//! Reading what is displayed.

use std::cmp::Ordering;

use crate::display::Display;
use crate::document::{Document, LineView};
use crate::id::{LineId, UserId};
use crate::index::{EventIndex, LineIndex};
use crate::line::{Kind, Value};
use crate::outline::{Outline, OutlineLine};
use crate::property::{properties, tags};

/// The property of the root that says in which folder the document is.
const FOLDER: &str = "folder";

impl Document {
    /// The displayed children of a displayed line (or of [`LineId::ROOT`]), in order.
    pub fn children(&self, line: LineId) -> Vec<LineId> {
        let Some(line) = self.state.line_index(line) else {
            return Vec::new();
        };
        let children = self.display.children(&self.state, line).into_iter();
        children.map(|child| self.id_of(child)).collect()
    }

    /// How many displayed children there are; asked without listing them.
    pub fn child_count(&self, line: LineId) -> usize {
        let line = self.state.line_index(line);
        line.map_or(0, |line| self.display.child_count(&self.state, line))
    }

    /// The displayed child that has so many displayed siblings before it.
    pub fn child_at(&self, line: LineId, index: usize) -> Option<LineId> {
        let line = match line {
            LineId::ROOT => LineIndex::ROOT,
            _ => self.displayed_line(line)?,
        };
        let child = self.display.child_at(&self.state, line, index)?;
        Some(self.id_of(child))
    }

    /// How many displayed siblings stand before a displayed line.
    pub fn sibling_index(&self, line: LineId) -> Option<usize> {
        let line = self.displayed_line(line)?;
        Some(self.display.sibling_index(&self.state, line))
    }

    /// The displayed sibling in front of a displayed line.
    pub fn previous_sibling(&self, line: LineId) -> Option<LineId> {
        let line = self.displayed_line(line)?;
        let previous = self.display.previous_sibling(&self.state, line)?;
        Some(self.id_of(previous))
    }

    /// The displayed sibling behind a displayed line.
    pub fn next_sibling(&self, line: LineId) -> Option<LineId> {
        let line = self.displayed_line(line)?;
        let next = self.display.next_sibling(&self.state, line)?;
        Some(self.id_of(next))
    }

    /// How many lines are displayed before this one, from the top of the document.
    pub fn row_of(&self, line: LineId) -> Option<usize> {
        let line = self.displayed_line(line)?;
        Some(self.display.row_of(&self.state, line))
    }

    /// The displayed line with `row` lines before it.
    pub fn line_at_row(&self, row: usize) -> Option<LineId> {
        let line = self.display.line_at_row(&self.state, row)?;
        Some(self.id_of(line))
    }

    /// Displayed lines from a displayed line down, itself included.
    pub fn rows_below(&self, line: LineId) -> usize {
        let line = self.displayed_line(line);
        line.map_or(0, |line| self.display.rows_from(line))
    }

    /// A line and what hangs from it, as far as it is not displayed.
    pub fn hidden_from(&self, line: LineId) -> Vec<LineId> {
        let mut stack: Vec<LineIndex> = self.state.line_index(line).into_iter().collect();
        let mut hidden = Vec::new();
        while let Some(line) = stack.pop() {
            if !self.display.is_displayed(line) {
                hidden.push(self.id_of(line));
                stack.extend(self.display.hanging_from(&self.state, line));
            }
        }
        hidden
    }

    fn id_of(&self, line: LineIndex) -> LineId {
        self.state.line(line).id
    }

    /// The displayed line that shows the characters of `line`: itself unless it was joined to another.
    pub fn displayed(&self, line: LineId) -> Option<LineId> {
        let head = self.display.head(self.state.line_index(line)?);
        let id = self.state.line(head).id;
        self.display.is_displayed(head).then_some(id)
    }

    /// Whether `line` is displayed as a line of its own.
    pub fn is_visible(&self, line: LineId) -> bool {
        self.displayed_line(line).is_some()
    }

    /// The displayed parent, [`LineId::ROOT`] for topmost lines.
    pub fn parent(&self, line: LineId) -> Option<LineId> {
        let parent = self.display.parent(self.displayed_line(line)?);
        Some(self.state.line(parent).id)
    }

    /// The text of a displayed line.
    pub fn text(&self, line: LineId) -> Option<String> {
        let line = self.displayed_line(line)?;
        Some(self.display.text_of(&self.state, line))
    }

    pub fn kind(&self, line: LineId) -> Option<&Kind> {
        let line = self.displayed_line(line)?;
        Some(self.state.line(line).kind())
    }

    /// A line that is, or was, displayed. A line that was joined to another is hidden: it has its
    /// own text still, and the parent of the line that shows it. The root has the properties of the
    /// document, and nobody created it.
    pub fn line(&self, line: LineId) -> Option<LineView> {
        let line = self.state.line_index(line)?;
        let this = self.state.line(line);
        let history = &self.state.history;
        let stamp = |event: EventIndex| (history.time_ms(event), history.author(event));
        let nobody = (0, UserId(uuid::Uuid::nil()));
        let (created_ms, created_by) = if line == LineIndex::ROOT {
            nobody
        } else {
            stamp(this.created.0)
        };
        let (updated_ms, updated_by) = self.latest_change(line).map_or(nobody, stamp);
        Some(LineView {
            id: this.id,
            parent: self.state.line(self.display.parent(line)).id,
            kind: this.kind().clone(),
            text: self.display.text_of(&self.state, line),
            tags: tags(history, &this.records().tags),
            properties: properties(history, &this.records().properties),
            created_ms,
            created_by,
            updated_ms,
            updated_by,
            visible: self.display.is_displayed(line),
        })
    }

    /// The latest event, in the total order, that made the line or any part of it what it is.
    fn latest_change(&self, line: LineIndex) -> Option<EventIndex> {
        let mut latest = None;
        let mut note = |event: EventIndex| {
            let is_later = |latest| self.state.history.compare(event, latest) == Ordering::Greater;
            if latest.is_none_or(is_later) {
                latest = Some(event);
            }
        };
        for line in self.display.part_lines(line) {
            self.each_change(line, &mut note);
        }
        latest
    }

    fn each_change(&self, line: LineIndex, note: &mut impl FnMut(EventIndex)) {
        let this = self.state.line(line);
        let records = this.records();
        if line != LineIndex::ROOT {
            note(self.state.place_of(line).by.0);
        }
        records.kinds.iter().for_each(|write| note(write.0.0));
        let properties = records.properties.iter().map(|write| write.change.0);
        let tags = records.tags.iter().map(|write| write.change.0);
        properties.chain(tags).for_each(&mut *note);
        let deletions = records.deletions.iter().copied();
        let restores = records.restores.iter().map(|restore| restore.event);
        deletions.chain(restores).for_each(&mut *note);
        if self.state.strands.is_untouched(this.strand) {
            return;
        }
        let strand = self.state.strand_of(line);
        let record = strand.record(&self.state.history, line);
        record
            .and_then(|record| record.latest)
            .into_iter()
            .for_each(note);
    }

    /// The document as plain data. `folder` comes from the root's property of that name; the root's
    /// other properties are the document's.
    pub fn outline(&self) -> Outline {
        let mut outline = Outline {
            title: self.title().to_owned(),
            ..Outline::default()
        };
        for (name, value) in self.single_properties(LineIndex::ROOT) {
            match value {
                Value::Text(folder) if name == FOLDER => outline.folder = folder,
                value => outline.properties.push((name, value)),
            }
        }
        let mut stack = vec![(LineIndex::ROOT, 0)];
        while let Some((line, depth)) = stack.pop() {
            if line != LineIndex::ROOT {
                outline.lines.push(self.outline_line(line, depth - 1));
            }
            let children = self.display.children(&self.state, line);
            stack.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
        }
        outline
    }

    fn outline_line(&self, line: LineIndex, depth: u32) -> OutlineLine {
        let this = self.state.line(line);
        OutlineLine {
            depth,
            kind: this.kind().clone(),
            text: self.display.text_of(&self.state, line),
            properties: self.single_properties(line),
            tags: tags(&self.state.history, &this.records().tags),
        }
    }

    /// Where people disagreed, the value of the latest.
    fn single_properties(&self, line: LineIndex) -> Vec<(String, Value)> {
        let records = self.state.line(line).records();
        let properties = properties(&self.state.history, &records.properties);
        let latest = |(name, mut values): (String, Vec<Value>)| Some((name, values.pop()?));
        properties.into_iter().filter_map(latest).collect()
    }

    /// Displayed lines.
    pub fn len(&self) -> usize {
        Display::len(&self.state)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
