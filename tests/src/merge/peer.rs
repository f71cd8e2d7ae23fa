//! One replica of the document, checked against the plain outliner at every gesture, against its
//! shadow at every patch, and against the oracle on demand.

mod receive;

use std::collections::BTreeSet;

use tideline_model::{
    Change, Document, DocumentId, Event, EventId, Intent, LineId, Patch, VersionVector,
};
use uuid::Uuid;

use super::check::{expect_equal, expect_whole, short};
use super::gesture::Maker;
use super::log::Log;
use super::names;
use super::property::Property;
use super::shadow::Shadow;
use crate::shown::Shown;
use crate::{oracle, outliner};

pub const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));

/// A gesture that was made here, and what was displayed before it.
#[derive(Debug, Clone)]
struct Done {
    event: EventId,
    before: Shown,
    after: VersionVector,
    /// Whether it was an intent, or the undo of one with nothing in between. Undoing some older
    /// gesture of lines that are hidden by now may show them; undoing that does not hide them again.
    is_exact: bool,
}

#[derive(Debug, Clone)]
pub struct Peer {
    pub index: usize,
    pub document: Document,
    /// The events in the document: the only place where the bodies of events are kept.
    pub log: Log,
    pub maker: Maker,
    shadow: Shadow,
    /// What is displayed, as it was last read.
    pub shown: Shown,
    /// Events that arrived before those they build on.
    pub waiting: Vec<Event>,
    done: Vec<Done>,
    /// Hostile events make histories in which a gesture cannot always be what a plain outliner does:
    /// nothing fits between two lines that were put into one place.
    pub is_among_hostile: bool,
    /// What this replica's engine gets wrong about events of others: a fault planted to see whether
    /// it is found.
    pub fault: Option<fn(&mut Event)>,
}

impl Peer {
    pub fn new(index: usize) -> Self {
        Self {
            index,
            document: Document::new(DOCUMENT),
            log: Log::default(),
            maker: Maker {
                replica: index,
                lines: 0,
            },
            shadow: Shadow::default(),
            shown: Shown::default(),
            waiting: Vec::new(),
            done: Vec::new(),
            is_among_hostile: false,
            fault: None,
        }
    }

    /// Carries out an intent as one event, or none when it was impossible or changed nothing.
    ///
    /// # Errors
    /// When the display is not what a plain outliner would show (P6).
    pub fn gesture(&mut self, intent: &Intent) -> Result<Option<EventId>, String> {
        let mut expected = self.shown.clone();
        let possible = outliner::carry_out(&mut expected, intent).is_ok();
        let changes = match self.document.plan(intent) {
            Ok(changes) if possible => changes,
            Err(error) if possible => return Err(format!("the plan was refused: {error}")),
            Ok(_) => return Err("an impossible gesture was planned".to_owned()),
            Err(_) => return self.expect_unchanged("a refused gesture").map(|()| None),
        };
        let before = self.shown.clone();
        if changes.is_empty() {
            self.expect_gesture(intent, &before, &expected)?;
            return Ok(None);
        }
        let event = self.write(changes)?;
        self.expect_gesture(intent, &before, &expected)?;
        self.remember(event, before, true);
        Ok(Some(event))
    }

    /// Adds a further keystroke to the event of the one before.
    ///
    /// # Errors
    /// As [`Peer::gesture`].
    pub fn keystroke(&mut self, event: EventId, intent: &Intent) -> Result<(), String> {
        let before = self.shown.clone();
        let mut expected = before.clone();
        outliner::carry_out(&mut expected, intent).map_err(|_| "an impossible keystroke")?;
        let changes = self
            .document
            .plan(intent)
            .map_err(|error| error.to_string())?;
        let event = self.log.event(event).cloned();
        let mut event = event.ok_or("a keystroke for an unknown event")?;
        let patch = self
            .document
            .extend(&mut event, &changes)
            .map_err(|error| error.to_string())?;
        self.log.keep(event);
        self.follow(&patch)?;
        self.expect_gesture(intent, &before, &expected)?;
        if let Some(done) = self.done.last_mut() {
            done.after = self.document.version();
        }
        Ok(())
    }

    /// Undoes the `back`-th latest gesture; gives its event, and that of the undo, which is a gesture
    /// that can be undone.
    ///
    /// # Errors
    /// When nothing happened since the gesture and the display is not as before it (P7).
    pub fn undo(&mut self, back: usize) -> Result<Option<(EventId, EventId)>, String> {
        let Some(index) = self.done.len().checked_sub(back + 1) else {
            return Ok(None);
        };
        let done = self.done.remove(index);
        let before = self.shown.clone();
        let is_exact = done.is_exact && !self.is_among_hostile;
        let nothing_since = is_exact && self.document.version() == done.after;
        let event = self.log.event(done.event);
        let changes = self
            .document
            .plan_undo(event.ok_or("an unknown event is undone")?);
        let mut undo = None;
        if !changes.is_empty() {
            let event = self.write(changes)?;
            self.remember(event, before, nothing_since);
            undo = Some((done.event, event));
        }
        if nothing_since {
            let what = Property::UndoRestores.broken(short(done.event));
            expect_equal(&what, &self.shown, &done.before)
                .map_err(|error| self.with_oracle(&error))?;
        }
        Ok(undo)
    }

    /// Makes an event of any changes, without a word about what they should show.
    ///
    /// # Errors
    /// When the engine refuses an event that is well formed.
    pub fn force(&mut self, changes: Vec<Change>) -> Result<EventId, String> {
        self.write(changes)
    }

    /// # Errors
    /// When the engine shows something else than the oracle does for the same events, or has another
    /// hash than one that has just applied them.
    pub fn compare_with_oracle(&self) -> Result<(), String> {
        let again = Document::replay(DOCUMENT, self.log.events());
        let again = again.map_err(|error| error.to_string())?;
        if again.hash() != self.document.hash() {
            return Err(Property::Hash.broken("not that of the same events from the start"));
        }
        let expected = oracle::evaluate(self.log.events());
        expect_equal(&Property::Oracle.to_string(), &self.shown, &expected)
    }

    /// Whether an unexpected display is the plan's fault, or that of the merge.
    fn with_oracle(&self, error: &str) -> String {
        match self.compare_with_oracle() {
            Ok(()) => format!("{error}\n  the oracle agrees with what was got"),
            Err(other) => format!("{error}\n  {other}"),
        }
    }

    /// # Errors
    /// When anything is not as it was last read.
    pub fn expect_unchanged(&self, after: &str) -> Result<(), String> {
        let what = Property::Refusal.broken(after);
        expect_equal(&what, &Shown::of(&self.document), &self.shown)
    }

    /// Every line that is known and not displayed as a line of its own.
    pub fn hidden(&self, made: &BTreeSet<LineId>) -> Vec<LineId> {
        let known = made
            .iter()
            .copied()
            .filter(|&line| self.document.line(line).is_some());
        known
            .filter(|&line| {
                self.document
                    .displayed(line)
                    .is_none_or(|shown| !self.document.is_visible(shown))
            })
            .collect()
    }

    /// An event of its own.
    fn write(&mut self, changes: Vec<Change>) -> Result<EventId, String> {
        let (replica, author) = (names::replica(self.index), names::user(self.index));
        let event = self.document.stamp(replica, author, 0, changes);
        let patch = self.document.apply(&event);
        let patch = patch.map_err(|error| error.to_string())?;
        let id = event.id;
        self.log.keep(event);
        self.follow(&patch)?;
        Ok(id)
    }

    fn remember(&mut self, event: EventId, before: Shown, is_exact: bool) {
        self.done.push(Done {
            event,
            before,
            after: self.document.version(),
            is_exact,
        });
    }

    /// Reads the display again, and has the shadow follow by the patch alone.
    fn follow(&mut self, patch: &Patch) -> Result<(), String> {
        self.shown = Shown::of(&self.document);
        self.shadow.update(patch, &self.document)?;
        let shadow = self
            .shadow
            .shown()
            .map_err(|error| Property::Patches.broken(format!("{error}; patch {patch:?}")))?;
        expect_equal(&Property::Patches.to_string(), &shadow, &self.shown)
            .map_err(|error| format!("{error}\n  patch {patch:?}"))?;
        expect_whole(&self.document, &self.shown)
    }

    fn expect_gesture(
        &self,
        intent: &Intent,
        before: &Shown,
        expected: &Shown,
    ) -> Result<(), String> {
        if self.is_among_hostile {
            return Ok(());
        }
        let Intent::Restore { lines } = intent else {
            return expect_equal(&Property::PlainOutliner.to_string(), &self.shown, expected)
                .map_err(|error| self.with_oracle(&error));
        };
        for &line in lines {
            if !self
                .document
                .displayed(line)
                .is_some_and(|shown| self.document.is_visible(shown))
            {
                return Err(format!(
                    "{} was restored and is not displayed",
                    names::line(line)
                ));
            }
        }
        let ids = |shown: &Shown| -> Vec<LineId> {
            shown.flat().iter().map(|(_, line)| line.id).collect()
        };
        let (old, mut new) = (ids(before), ids(&self.shown));
        new.retain(|line| old.contains(line));
        if old == new {
            Ok(())
        } else {
            Err("a restore moved other lines".to_owned())
        }
    }
}
