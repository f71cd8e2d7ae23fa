//! What must hold whatever happened: everybody sees the same, and nothing is lost (P1, P2, P7).

use std::collections::BTreeSet;

use tideline_model::{Change, Document, EventId, LineId};

use super::check::{expect_equal, expect_letters_once};
use super::names::{self, Luck};
use super::peer::{DOCUMENT, Peer};
use super::simulation::Simulation;
use crate::shown::Shown;

/// The letters and lines that a replica displays, lines that are parts of others included.
pub(super) struct Present {
    pub letters: BTreeSet<char>,
    pub lines: BTreeSet<LineId>,
}

impl Simulation {
    pub(super) fn present(&self, index: usize) -> Present {
        let Peer {
            shown, document, ..
        } = &self.peers[index];
        let flat = shown.flat();
        let letters = flat.iter().flat_map(|(_, line)| line.text.chars());
        let is_present = |line: &LineId| {
            let part_of = document.displayed(*line);
            part_of.is_some_and(|displayed| document.is_visible(displayed))
        };
        Present {
            letters: letters.collect(),
            lines: self.made.iter().copied().filter(is_present).collect(),
        }
    }

    /// Notes what this gesture made vanish from its author's screen.
    pub(super) fn watch(
        &mut self,
        index: usize,
        before: &Present,
        event: EventId,
    ) -> Result<(), String> {
        expect_letters_once(&self.peers[index].shown)?;
        let displayed = self.peers[index].shown.flat();
        self.made
            .extend(displayed.into_iter().map(|(_, line)| line.id));
        let after = self.present(index);
        for letter in before.letters.difference(&after.letters) {
            self.vanished_letters.insert(*letter, event);
        }
        for line in before.lines.difference(&after.lines) {
            self.vanished_lines.insert(*line, event);
        }
        Ok(())
    }

    /// P7: an undo takes nothing away that another person typed and nobody deleted; unless it hides
    /// again what the undone event, itself the undo of a deletion, had brought back.
    pub(super) fn expect_only_own_text_undone(
        &self,
        index: usize,
        before: &BTreeSet<char>,
        undone: EventId,
    ) -> Result<(), String> {
        let brings_back = |change: &Change| {
            matches!(change, Change::Restore { .. } | Change::UndeleteText { .. })
        };
        let undone = self.peers[index]
            .event(undone)
            .ok_or("an unknown event was undone")?;
        if self.is_hostile || undone.changes.iter().any(brings_back) {
            return Ok(());
        }
        let after = self.present(index).letters;
        let gone = before.difference(&after);
        for letter in gone.filter(|letter| !self.vanished_letters.contains_key(letter)) {
            let mut events = self.peers[index].log.iter();
            let typed = events.find(|event| event.changes.iter().any(|it| types(it, *letter)));
            if typed.is_some_and(|event| event.id.replica != names::replica(index)) {
                return Err(format!(
                    "P7: the undo took {letter} away, which somebody else typed"
                ));
            }
        }
        Ok(())
    }

    /// Brings everybody together and checks what must hold then.
    ///
    /// # Errors
    /// What does not.
    pub(super) fn finish(&mut self) -> Result<(), String> {
        for peer in &self.peers {
            peer.compare_with_oracle()?;
            self.expect_own_hash(peer)?;
        }
        let mut luck = Luck::new(u64::from(self.letters));
        self.sync_all(&mut luck)?;
        self.peers[0].compare_with_oracle()?;
        for peer in &self.peers[1..] {
            expect_equal(
                "two replicas with the same events",
                &peer.shown,
                &self.peers[0].shown,
            )?;
            if peer.document.unknown_changes() != unknown_changes(peer) {
                return Err("changes of unknown kinds were not counted right".to_owned());
            }
            if peer.document.hash() != self.peers[0].document.hash() {
                return Err("two replicas show the same and have another hash".to_owned());
            }
        }
        for _ in 0..2 {
            for together in [true, false] {
                self.peers[0].restart(&mut luck, together)?;
            }
        }
        self.expect_stored_order()?;
        if self.is_hostile {
            Ok(())
        } else {
            self.expect_nothing_lost()
        }
    }

    /// Replicas that show different things have different hashes.
    fn expect_own_hash(&self, peer: &Peer) -> Result<(), String> {
        let hash = peer.document.hash();
        let mut same = self
            .peers
            .iter()
            .filter(|other| other.document.hash() == hash);
        let deceived = same.find(|other| other.shown != peer.shown);
        deceived.map_or(Ok(()), |_| {
            Err("different displays have the same hash".to_owned())
        })
    }

    /// Events can be stored and applied again in the order in which they were applied.
    fn expect_stored_order(&self) -> Result<(), String> {
        let peer = &self.peers[0];
        let again = Document::replay(DOCUMENT, &peer.log);
        let again = again.map_err(|error| format!("in the order of the log: {error}"))?;
        expect_equal("in the order of the log", &Shown::of(&again), &peer.shown)
    }

    /// P1 and P2: what is not displayed has vanished from the screen of somebody who made it vanish.
    fn expect_nothing_lost(&self) -> Result<(), String> {
        let shown = &self.peers[0].shown;
        let Present { letters, lines } = self.present(0);
        for letter in (0..self.letters).map(names::letter) {
            let is_gone =
                !letters.contains(&letter) && !self.vanished_letters.contains_key(&letter);
            if is_gone && self.was_applied(letter) {
                return Err(format!(
                    "P1: {letter} is lost: {}",
                    shown.named(&names::line)
                ));
            }
        }
        for line in self.made.difference(&lines) {
            if !self.vanished_lines.contains_key(line) {
                let line = names::line(*line);
                return Err(format!("P2: {line} is lost: {}", shown.named(&names::line)));
            }
        }
        Ok(())
    }

    /// Letters are also used up by gestures that were impossible.
    fn was_applied(&self, letter: char) -> bool {
        let mut events = self.peers[0].log.iter();
        events.any(|event| event.changes.iter().any(|change| types(change, letter)))
    }
}

fn types(change: &Change, letter: char) -> bool {
    match change {
        Change::EditText { insert, .. } => insert.contains(letter),
        Change::CreateLines { lines } => lines.iter().any(|line| line.text.contains(letter)),
        _ => false,
    }
}

fn unknown_changes(peer: &Peer) -> usize {
    let changes = peer.log.iter().flat_map(|event| &event.changes);
    changes
        .filter(|change| matches!(change, Change::Unknown { .. }))
        .count()
}
