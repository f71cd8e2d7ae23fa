//! Reading what is displayed.

use std::cmp::Ordering;

use crate::display::Part;
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
    pub fn children(&self, line: LineId) -> &[LineId] {
        self.state
            .line_index(line)
            .map_or(&[], |line| self.display.child_ids(line))
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
    pub fn text(&self, line: LineId) -> Option<&str> {
        let line = self.displayed_line(line)?;
        Some(&self.display.texts[line.at()])
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
        let text = if self.display.is_displayed(line) {
            self.display.texts[line.at()].clone()
        } else {
            self.display.text_of(&self.state, line)
        };
        Some(LineView {
            id: this.id,
            parent: self.state.line(self.display.parent(line)).id,
            kind: this.kind().clone(),
            text,
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
        for Part { line, .. } in self.display.parts(&self.state, line) {
            self.each_change(line, &mut note);
        }
        latest
    }

    fn each_change(&self, line: LineIndex, note: &mut impl FnMut(EventIndex)) {
        let this = self.state.line(line);
        let records = this.records();
        if line != LineIndex::ROOT {
            note(this.place.by.0);
        }
        records.kinds.iter().for_each(|write| note(write.0.0));
        let properties = records.properties.iter().map(|write| write.change.0);
        let tags = records.tags.iter().map(|write| write.change.0);
        properties.chain(tags).for_each(&mut *note);
        let deletions = records.deletions.iter().copied();
        let restores = records.restores.iter().map(|restore| restore.event);
        deletions.chain(restores).for_each(&mut *note);
        let record = self.state.strand_of(line).record(&self.state.history, line);
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
            let children = self.display.children(line).iter().rev();
            stack.extend(children.map(|&child| (child, depth + 1)));
        }
        outline
    }

    fn outline_line(&self, line: LineIndex, depth: u32) -> OutlineLine {
        let this = self.state.line(line);
        OutlineLine {
            depth,
            kind: this.kind().clone(),
            text: self.display.texts[line.at()].clone(),
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
        self.display.count
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
