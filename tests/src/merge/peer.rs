//! One replica of the document, checked against the plain outliner at every gesture, against its
//! shadow at every patch, and against the oracle on demand.

use std::collections::BTreeSet;

use tideline_model::{
    ApplyError, Document, DocumentId, Event, EventId, Intent, LineId, Patch, VersionVector,
};
use uuid::Uuid;

use super::check::{expect_equal, expect_whole, short};
use super::gesture::Maker;
use super::names::{self, Luck};
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
    /// Everything that was applied, in the order in which it was.
    pub log: Vec<Event>,
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
}

impl Peer {
    pub fn new(index: usize) -> Self {
        Self {
            index,
            document: Document::new(DOCUMENT),
            log: Vec::new(),
            maker: Maker {
                replica: index,
                lines: 0,
            },
            shadow: Shadow::default(),
            shown: Shown::default(),
            waiting: Vec::new(),
            done: Vec::new(),
            is_among_hostile: false,
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
        let event = self.stamp(changes);
        let id = event.id;
        self.write(event)?;
        self.expect_gesture(intent, &before, &expected)?;
        self.remember(id, before, true);
        Ok(Some(id))
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
        let event = self
            .log
            .iter_mut()
            .rfind(|own| own.id == event)
            .ok_or("a keystroke for an unknown event")?;
        let patch = self
            .document
            .extend(event, &changes)
            .map_err(|error| error.to_string())?;
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
        let event = self.event(done.event).ok_or("an unknown event is undone")?;
        let changes = self.document.plan_undo(event);
        let mut undo = None;
        if !changes.is_empty() {
            let event = self.stamp(changes);
            let id = event.id;
            self.write(event)?;
            self.remember(id, before, nothing_since);
            undo = Some((done.event, id));
        }
        if nothing_since {
            let what = format!("P7: after undoing {}", short(done.event));
            expect_equal(&what, &self.shown, &done.before)
                .map_err(|error| self.with_oracle(&error))?;
        }
        Ok(undo)
    }

    /// Makes an event of any changes, without a word about what they should show.
    ///
    /// # Errors
    /// When the engine refuses an event that is well formed.
    pub fn force(&mut self, changes: Vec<tideline_model::Change>) -> Result<EventId, String> {
        let event = self.stamp(changes);
        let id = event.id;
        self.write(event)?;
        Ok(id)
    }

    /// An event that was applied here.
    pub fn event(&self, id: EventId) -> Option<&Event> {
        self.log.iter().rfind(|event| event.id == id)
    }

    fn write(&mut self, event: Event) -> Result<(), String> {
        let patch = self
            .document
            .apply(&event)
            .map_err(|error| error.to_string())?;
        self.log.push(event);
        self.follow(&patch)
    }

    /// Takes in events as they arrive, in any order.
    ///
    /// # Errors
    /// When the engine refuses an event for another reason than that it came too early, or changes
    /// something though it refuses.
    pub fn receive(&mut self, events: Vec<Event>, together: bool) -> Result<(), String> {
        self.waiting.extend(events);
        if together {
            return self.receive_together();
        }
        let mut progress = true;
        while std::mem::take(&mut progress) {
            for event in std::mem::take(&mut self.waiting) {
                let is_repeated = self.document.version().contains(event.id);
                match self.document.apply(&event) {
                    Ok(patch) if is_repeated && !patch.is_empty() => {
                        return Err(format!("an event that came again changes {patch:?}"));
                    }
                    Ok(patch) => {
                        if !is_repeated {
                            self.log.push(event);
                        }
                        self.follow(&patch)?;
                        progress = true;
                    }
                    Err(ApplyError::MissingParent { .. }) => {
                        self.expect_unchanged("an event that came too early")?;
                        self.waiting.push(event);
                    }
                    Err(error) => return Err(error.to_string()),
                }
            }
        }
        Ok(())
    }

    fn receive_together(&mut self) -> Result<(), String> {
        let before = self.document.version();
        let mut known = before.clone();
        let mut ready: Vec<Event> = Vec::new();
        while let Some(index) = self
            .waiting
            .iter()
            .position(|event| is_ready(event, &known))
        {
            let event = self.waiting.remove(index);
            known.include(event.id);
            ready.push(event);
        }
        let patch = self
            .document
            .apply_all(&ready)
            .map_err(|error| error.to_string())?;
        ready.retain(|event| !before.contains(event.id));
        ready.sort_by_key(Event::order);
        ready.dedup_by_key(|event| event.id);
        self.log.extend(ready);
        self.follow(&patch)
    }

    /// Takes in a batch that ends with a damaged event: what comes before it counts.
    ///
    /// # Errors
    /// When the batch is accepted, or the next patch does not tell of what was.
    pub fn receive_before(&mut self, event: &Event, damaged: &Event) -> Result<(), String> {
        if !self.document.version().contains(event.id) {
            self.log.push(event.clone());
        }
        if self.document.apply_all([event, damaged]).is_ok() {
            return Err(format!(
                "a damaged event was accepted in a batch: {damaged:?}"
            ));
        }
        let patch = self.document.apply_all([]);
        let patch = patch.map_err(|error| error.to_string())?;
        self.follow(&patch)
    }

    /// Starts again from the events, in another causal order.
    ///
    /// # Errors
    /// When that gives another document.
    pub fn restart(&mut self, luck: &mut Luck, together: bool) -> Result<(), String> {
        let events: Vec<&Event> = shuffled(self.log.iter().collect(), luck);
        let mut again = Document::new(DOCUMENT);
        if together {
            again = Document::replay(DOCUMENT, events).map_err(|error| error.to_string())?;
        } else {
            for event in events {
                again.apply(event).map_err(|error| error.to_string())?;
            }
        }
        expect_equal("after a restart", &Shown::of(&again), &self.shown)?;
        if again.hash() != self.document.hash() {
            return Err("after a restart: same display, another hash".to_owned());
        }
        if again.version() != self.document.version()
            || again.frontier() != self.document.frontier()
        {
            return Err("after a restart: another version".to_owned());
        }
        self.document = again;
        Ok(())
    }

    /// # Errors
    /// When the engine shows something else than the oracle does for the same events.
    pub fn compare_with_oracle(&self) -> Result<(), String> {
        let expected = oracle::evaluate(&self.log);
        expect_equal("against the oracle", &self.shown, &expected)
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
        let what = format!("after {after}, which must change nothing");
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

    fn stamp(&self, changes: Vec<tideline_model::Change>) -> Event {
        let (replica, author) = (names::replica(self.index), names::user(self.index));
        self.document.stamp(replica, author, 0, changes)
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
            .map_err(|error| format!("{error}; patch {patch:?}"))?;
        expect_equal("a shadow that follows patches", &shadow, &self.shown)
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
            return expect_equal("P6: after a gesture", &self.shown, expected)
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

pub fn is_ready(event: &Event, known: &VersionVector) -> bool {
    event
        .parents
        .heads()
        .iter()
        .all(|&parent| known.contains(parent))
}

/// The events in another order in which each comes after its parents.
pub fn shuffled<'a>(events: Vec<&'a Event>, luck: &mut Luck) -> Vec<&'a Event> {
    let mut left = events;
    let mut known = VersionVector::default();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let ready: Vec<usize> = (0..left.len())
            .filter(|&index| is_ready(left[index], &known))
            .collect();
        assert!(!ready.is_empty(), "the log lacks parents");
        let event = left.remove(ready[luck.below(ready.len())]);
        known.include(event.id);
        order.push(event);
    }
    order
}
