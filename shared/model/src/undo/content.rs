//! Taking back kinds, properties, tags and titles, where they still are what the event made them.

use crate::change::Change;
use crate::id::LineId;
use crate::index::EventIndex;
use crate::line::{Kind, Value};
use crate::plan::Plan;
use crate::property::{TagWrite, tags, values};
use crate::undo::Undone;

impl Plan<'_> {
    pub(super) fn undo_content(
        &mut self,
        Undone {
            index: event,
            changes,
        }: Undone<'_>,
    ) {
        let mut undone: Vec<Change> = Vec::new();
        for change in changes {
            let inverse = match change {
                Change::SetKind { line, kind } => self.undo_kind(event, *line, kind),
                Change::SetProperty { line, name, value } => {
                    self.undo_property(event, *line, name, value.as_ref())
                }
                Change::AddTag { line, tag } | Change::RemoveTag { line, tag } => {
                    self.undo_tag(event, *line, tag)
                }
                Change::SetTitle { title } => self.undo_title(event, title),
                _ => None,
            };
            undone.extend(inverse.filter(|inverse| !undone.contains(inverse)));
        }
        self.changes.append(&mut undone);
    }

    fn undo_kind(&self, event: EventIndex, line: LineId, set: &Kind) -> Option<Change> {
        let state = &self.document.state;
        let this = state.line(state.line_index(line)?);
        let kind = this.kind_before(event).clone();
        (this.kind() == set && kind != *set).then_some(Change::SetKind { line, kind })
    }

    /// Of values that people had disagreed on before, the latest comes back.
    fn undo_property(
        &self,
        event: EventIndex,
        line: LineId,
        name: &str,
        set: Option<&Value>,
    ) -> Option<Change> {
        let history = &self.document.state.history;
        let line_index = self.document.state.line_index(line)?;
        let writes = &self.document.state.line(line_index).records().properties;
        let named = || writes.iter().filter(|write| write.name == name);
        let now = values(history, named());
        let value = if now.iter().eq(set) {
            let seen = named()
                .filter(|write| write.change.0 != event && history.saw(event, write.change.0));
            values(history, seen).pop()
        } else {
            // Somebody else set it at the same time; theirs stays.
            let others = now.iter().rfind(|&value| Some(value) != set);
            others
                .filter(|_| set.is_some_and(|set| now.contains(set)))
                .cloned()
        };
        let is_other = value.as_ref() != set && (now.iter().eq(set) || value.is_some());
        let name = name.to_owned();
        is_other.then_some(Change::SetProperty { line, name, value })
    }

    fn undo_tag(&self, event: EventIndex, line: LineId, tag: &str) -> Option<Change> {
        let history = &self.document.state.history;
        let line_index = self.document.state.line_index(line)?;
        let writes = &self.document.state.line(line_index).records().tags;
        let author = history.author(event);
        let has = |counts: &dyn Fn(&TagWrite) -> bool| {
            let writes: Vec<_> = writes
                .iter()
                .filter(|&write| counts(write))
                .cloned()
                .collect();
            tags(history, &writes).iter().any(|other| other == tag)
        };
        let now = has(&|_| true);
        let before = has(&|write| write.change.0 != event && history.saw(event, write.change.0));
        let by_others = has(&|write| !write.is_added || history.author(write.change.0) != author);
        let tag = tag.to_owned();
        match (before, now) {
            (false, true) if !by_others => Some(Change::RemoveTag { line, tag }),
            (true, false) => Some(Change::AddTag { line, tag }),
            _ => None,
        }
    }

    fn undo_title(&self, event: EventIndex, set: &str) -> Option<Change> {
        let state = &self.document.state;
        let mut earlier = state.titles.iter().rev();
        let is_before = |writer| writer != event && state.history.compare(writer, event).is_lt();
        let before = earlier.find(|((writer, _), _)| is_before(*writer));
        let title = before.map_or_else(String::new, |(_, title)| title.clone());
        (state.title() == set && title != set).then_some(Change::SetTitle { title })
    }
}
