//! What all authors saw on their own screens, gesture by gesture: what they typed and where, what
//! vanished when they did something, and what they parted. It says what must be displayed in the end
//! (P1, P2, P5, P7), without a thought of how events merge.

use std::collections::BTreeSet;
use std::rc::Rc;

use tideline_model::{Change, Event, EventId, LineId, VersionVector};

use super::log::Log;
use super::names;
use super::neighbours::Neighbours;
use super::peer::Peer;
use super::property::Property;
use super::screen::Screen;

/// What a gesture was, as far as the witness cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Typing, or deleting text, from the first line to the last. Lines between the two are deleted
    /// as lines, which come back when others did something to them.
    Text(LineId, LineId),
    Undo(EventId),
    Other,
}

#[derive(Debug, Clone)]
struct Typed {
    event: EventId,
    /// What had been seen then, the event included.
    version: Rc<VersionVector>,
}

#[derive(Debug, Clone, Default)]
pub struct Witness {
    /// Lines that were displayed somewhere.
    pub made: BTreeSet<LineId>,
    /// By the number of the letter.
    typed: Vec<Option<Typed>>,
    vanished_letters: BTreeSet<u32>,
    vanished_lines: BTreeSet<LineId>,
    /// Letters that were deleted as text, each with the event that did it.
    erased: Vec<(u32, EventId)>,
    undone: BTreeSet<EventId>,
    neighbours: Neighbours,
}

impl Witness {
    pub fn screen(&self, peer: &Peer) -> Screen {
        Screen::of(&peer.shown, &peer.document, &self.made)
    }

    /// Notes what `event` did to the screen of its author, who is `peer`; gives that screen.
    pub fn watch(
        &mut self,
        deed: Deed,
        event: EventId,
        before: &Rc<Screen>,
        peer: &Peer,
    ) -> Rc<Screen> {
        let heads: Vec<LineId> = peer.shown.flat().iter().map(|(_, line)| line.id).collect();
        self.made.extend(heads.iter().copied());
        let after = Rc::new(self.screen(peer));
        self.neighbours.part(event, before, &after);
        let rows = match deed {
            Deed::Text(first, last) => [first, last].map(|line| before.lines.get(&line)),
            _ => [None; 2],
        };
        for (row, letters) in before.rows.iter().enumerate() {
            for &letter in letters.iter().filter(|&&letter| !after.shows(letter)) {
                self.vanished_letters.insert(letter);
                if rows.contains(&Some(&row)) {
                    self.erased.push((letter, event));
                }
            }
        }
        let lines = before.lines.keys();
        let vanished = lines.filter(|line| !after.lines.contains_key(line));
        self.vanished_lines.extend(vanished);
        if let Deed::Undo(undone) = deed {
            self.undone.insert(undone);
        }
        let version = Rc::new(peer.document.version());
        let fresh = self.note_typed(event, &after, &version);
        let just_before = typed_just_before(event, &peer.log);
        let typed = &self.typed;
        let is_just_before = |letter: u32| {
            let typed = typed.get(letter as usize).and_then(Option::as_ref);
            just_before.is_some_and(|event| typed.is_some_and(|typed| typed.event == event))
        };
        let screen = (&*after, &heads[..]);
        let seen = |event| version.contains(event);
        self.neighbours.note(screen, &fresh, is_just_before, seen);
        after
    }

    fn note_typed(
        &mut self,
        event: EventId,
        after: &Screen,
        version: &Rc<VersionVector>,
    ) -> Vec<u32> {
        let is_fresh = |letter: &u32| self.typed(*letter).is_none();
        let fresh: Vec<u32> = after.letters().filter(is_fresh).collect();
        for &letter in &fresh {
            let letter = letter as usize;
            if self.typed.len() <= letter {
                self.typed.resize(letter + 1, None);
            }
            let version = Rc::clone(version);
            self.typed[letter] = Some(Typed { event, version });
        }
        fresh
    }

    fn typed(&self, letter: u32) -> Option<&Typed> {
        self.typed.get(letter as usize)?.as_ref()
    }

    /// P7: an undo takes nothing away that another person typed and nobody deleted; unless it hides
    /// again what the undone event, itself the undo of a deletion, had brought back.
    ///
    /// # Errors
    /// When it does.
    pub fn expect_only_own_text_undone(
        &self,
        undone: &Event,
        before: &Screen,
        peer: &Peer,
    ) -> Result<(), String> {
        let brings_back = |change: &Change| {
            matches!(change, Change::Restore { .. } | Change::UndeleteText { .. })
        };
        if undone.changes.iter().any(brings_back) {
            return Ok(());
        }
        let after = self.screen(peer);
        let mut gone = before.letters().filter(|&letter| !after.shows(letter));
        let of_another = gone.find(|letter| {
            let author = self.typed(*letter).map(|typed| typed.event.replica);
            author != Some(names::replica(peer.index)) && !self.vanished_letters.contains(letter)
        });
        of_another.map_or(Ok(()), |letter| {
            let how = format!("{} went", names::letter(letter));
            Err(Property::UndoSparesOthers.broken(how))
        })
    }

    /// What must hold when `peer` has every event.
    ///
    /// # Errors
    /// What does not.
    pub fn expect_all_well(&self, peer: &Peer) -> Result<(), String> {
        let screen = self.screen(peer);
        let saw = |letter, other| {
            let (typed, other) = (self.typed(letter), self.typed(other));
            let seen = typed.zip(other);
            seen.is_none_or(|(typed, other)| typed.version.contains(other.event))
        };
        self.expect_nothing_lost(&screen)
            .and_then(|()| self.expect_deleted_gone(&screen))
            .and_then(|()| {
                let vanished = &self.vanished_letters;
                self.neighbours.expect_in_place(&screen, vanished, saw)
            })
            .map_err(|error| format!("{error}: {}", peer.shown.named(&names::line)))
    }

    fn expect_nothing_lost(&self, screen: &Screen) -> Result<(), String> {
        let letters = (0..).zip(&self.typed).filter(|(_, typed)| typed.is_some());
        let mut kept = letters.filter(|(letter, _)| !self.vanished_letters.contains(letter));
        if let Some((letter, _)) = kept.find(|(letter, _)| !screen.shows(*letter)) {
            let how = format!("{} is lost", names::letter(letter));
            return Err(Property::NoCharacterLost.broken(how));
        }
        let mut lines = self.made.difference(&self.vanished_lines);
        let lost = lines.find(|line| !screen.lines.contains_key(line));
        lost.map_or(Ok(()), |line| {
            let how = format!("{} is lost", names::line(*line));
            Err(Property::NoLineLost.broken(how))
        })
    }

    fn expect_deleted_gone(&self, screen: &Screen) -> Result<(), String> {
        let mut erased = self.erased.iter();
        let back =
            erased.find(|(letter, event)| screen.shows(*letter) && !self.undone.contains(event));
        back.map_or(Ok(()), |&(letter, _)| {
            let how = format!("{} is back", names::letter(letter));
            Err(Property::DeletedStaysDeleted.broken(how))
        })
    }

    /// How many statements about the place of a character can be checked by now.
    pub fn neighbours_known(&self) -> usize {
        self.neighbours.count(&self.vanished_letters)
    }
}

/// The event before `event`, if one person wrote them in a row, and both did nothing but insert.
fn typed_just_before(event: EventId, log: &Log) -> Option<EventId> {
    let inserts = |change: &Change| matches!(change, Change::EditText { delete: 0, .. });
    let only_inserts = |event: &Event| event.changes.iter().all(inserts);
    let before = EventId {
        seq: event.seq.checked_sub(1)?,
        ..event
    };
    let event = log.event(event).filter(|event| only_inserts(event))?;
    let in_a_row = event.parents.heads() == [before];
    let is_run = in_a_row && log.event(before).is_some_and(only_inserts);
    is_run.then_some(before)
}
