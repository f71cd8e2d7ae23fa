//! Carries effects over to what is displayed, and tells them as a patch.

use foldhash::HashMap;

use crate::chars::char_count;
use crate::display::News;
use crate::document::Document;
use crate::id::LineId;
use crate::index::LineIndex;
use crate::integrate::Effects;
use crate::patch::{Patch, TextSplice};
use crate::strand::{Edit, Edits};

/// So many hidden lines are looked at one by one.
const LOOKED_AT_MAX: usize = 4096;

impl Document {
    /// Shows the edits of one event at once. Once lines change places, those with edits are read
    /// again: where in its displayed line a part stood at each edit is not known any more.
    pub(super) fn show_edits(&mut self, effects: &mut Effects) {
        let edits = &mut effects.edits;
        if effects.structure {
            *self.at_hand.get_mut() = None;
            let owners = edits.drain(..).map(|edit| edit.owner);
            effects.slices.extend(owners);
            return;
        }
        let at_hand = self.at_hand.get_mut().as_mut();
        let Some(held) = at_hand.filter(|held| edits.iter().all(|edit| held.has(edit.owner)))
        else {
            return self.show_edits_anywhere(std::mem::take(edits));
        };
        for edit in edits.drain(..) {
            self.pending.splices.push(TextSplice {
                line: held.id,
                at: held.edit(&edit),
                delete: edit.delete,
                insert: edit.insert,
            });
            self.sums.get_mut().note(held.head);
        }
    }

    fn show_edits_anywhere(&mut self, edits: Edits) {
        *self.at_hand.get_mut() = None;
        // What edits behind the one at hand do to the lengths of slices that others stand behind.
        let mut to_come: HashMap<LineIndex, i64> = HashMap::default();
        for edit in &edits {
            if !self.display.is_one_part(self.display.head(edit.owner)) {
                *to_come.entry(edit.owner).or_default() += growth(edit);
            }
        }
        for edit in edits {
            let head = self.display.head(edit.owner);
            if let Some(to_come) = to_come.get_mut(&edit.owner) {
                *to_come -= growth(&edit);
            }
            if self.display.is_displayed(head) {
                self.pending.splices.push(TextSplice {
                    line: self.state.line(head).id,
                    at: edit.at + self.chars_before(edit.owner, head, &to_come),
                    delete: edit.delete,
                    insert: edit.insert,
                });
                self.sums.get_mut().note(head);
            }
        }
    }

    /// The characters that a displayed line shows before one of its parts, as long as the edits to
    /// come have not been made.
    fn chars_before(
        &self,
        part: LineIndex,
        head: LineIndex,
        to_come: &HashMap<LineIndex, i64>,
    ) -> u32 {
        if self.display.is_one_part(head) {
            return 0;
        }
        let before = self.display.part_lines(head);
        let before = before.take_while(|&other| other != part).map(|other| {
            let growth = to_come.get(&other).copied().unwrap_or_default();
            i64::from(self.state.slice_chars(other)) - growth
        });
        u32::try_from(before.sum::<i64>()).expect("parts were never shorter than empty")
    }

    /// Brings what is displayed up to date, and adds what changed to the pending patch.
    pub(super) fn refresh(&mut self, effects: &mut Effects) {
        effects.slices.sort_unstable();
        effects.slices.dedup();
        // Mere typing shows the same lines in the same places.
        if effects.structure || !self.state.deleted.is_empty() {
            self.show_lines(effects);
        }
        for &line in &effects.slices {
            self.tell_line(self.display.head(line));
        }
        for &line in &effects.content {
            self.tell_line(line);
        }
        self.pending.title |= effects.title;
        if effects.root {
            self.pending.lines.insert(LineId::ROOT);
        }
    }

    fn show_lines(&mut self, effects: &mut Effects) {
        let is_open = |&line: &LineIndex| self.display.is_out_of_reach(line);
        if !effects.structure && effects.touched.iter().all(is_open) {
            return;
        }
        let mut news = self.display.news();
        if effects.structure {
            self.rearrange(effects, &mut news);
        } else {
            let touched = effects.touched.iter().copied();
            self.display.judge_touched(&self.state, touched, &mut news);
            if news.is_none() {
                return;
            }
        }
        *self.at_hand.get_mut() = None;
        self.display.count(&mut self.state, &mut news);
        self.display.list_sealed(&self.state, &mut news);
        self.tell(&news);
        for line in news.reparted {
            self.tell_line(line);
        }
    }

    fn rearrange(&mut self, effects: &mut Effects, news: &mut News) {
        let before = self.state.settle_places();
        for &line in before.keys() {
            if self.state.is_last_place_skipped(line) {
                self.display.skipped.insert(line);
            } else {
                self.display.skipped.remove(&line);
            }
        }
        self.display.rehang(&mut self.state, &before, news);
        if self.state.deleted.is_empty() {
            return;
        }
        let suspects = &mut effects.suspects;
        suspects.others.extend(&news.hung);
        let rewritten = before.iter().filter(|(line, place)| {
            let now = self.state.place_of(**line);
            now.by != place.by
        });
        suspects.others.extend(rewritten.map(|(&line, _)| line));
        self.display.judge(&self.state, suspects, news);
        let touched = effects.touched.iter().chain(&effects.slices).copied();
        self.display.judge_touched(&self.state, touched, news);
    }

    /// Adds lines that came, went or stand elsewhere to the pending patch.
    fn tell(&mut self, news: &News) {
        for &line in &news.lost {
            if !self.display.is_displayed(line) {
                let id = self.state.line(line).id;
                self.pending.removed.insert(id);
            }
        }
        self.note_hidden(news.lost.iter().chain(&news.hung).copied().collect());
        for &line in &news.gained {
            if self.display.is_displayed(line) && !news.lost.contains(&line) {
                let id = self.state.line(line).id;
                self.pending.removed.remove(&id);
                self.pending.lines.insert(id);
            }
        }
        let (display, state) = (&self.display, &self.state);
        for line in display.followers(state, news) {
            self.sums.get_mut().note(line);
        }
        for line in display.moved(state, news) {
            self.sums.get_mut().note(line);
            self.pending.moved.insert(state.line(line).id);
        }
        let parents = display.changed_parents(news).into_iter();
        let parents = parents.map(|line| state.line(line).id);
        self.pending.children.extend(parents);
        if !news.lost.is_empty() {
            self.forget_hidden();
        }
    }

    /// The digest is to do without those of the lines, and of what hangs from them, that are not
    /// displayed. Many are found more easily by whoever sums up.
    fn note_hidden(&mut self, mut lines: Vec<LineIndex>) {
        let sums = self.sums.get_mut();
        if !sums.is_begun() {
            return;
        }
        let (display, state) = (&self.display, &self.state);
        lines.retain(|&line| !display.is_displayed(line));
        let mut looked_at = 0;
        while let Some(line) = lines.pop() {
            looked_at += 1;
            let below = state.slots.order.total(line).occupied as usize;
            if looked_at + lines.len() + below > LOOKED_AT_MAX {
                return sums.note_many_hidden();
            }
            sums.note_hidden(line);
            let below = display.hanging_from(state, line).into_iter();
            lines.extend(below.filter(|&line| !display.is_displayed(line)));
        }
    }

    fn tell_line(&mut self, line: LineIndex) {
        if self.display.is_displayed(line) {
            self.pending.lines.insert(self.state.line(line).id);
            self.sums.get_mut().note(line);
        }
    }

    /// Takes from the pending patch what is about lines that are not displayed any more.
    fn forget_hidden(&mut self) {
        let (display, state) = (&self.display, &self.state);
        let is_there = |id: &LineId| {
            *id == LineId::ROOT
                || state
                    .line_index(*id)
                    .is_some_and(|line| display.is_displayed(line))
        };
        let Patch {
            splices,
            lines,
            children,
            moved,
            ..
        } = &mut self.pending;
        splices.retain(|splice| is_there(&splice.line));
        lines.retain(is_there);
        children.retain(is_there);
        moved.retain(is_there);
    }
}

fn growth(edit: &Edit) -> i64 {
    i64::from(char_count(&edit.insert)) - i64::from(edit.delete)
}
