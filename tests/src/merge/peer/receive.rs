//! How events of others come into a replica, and how it comes back from its own bytes.

use tideline_model::{ApplyError, Document, Event, Patch, VersionVector};

use super::{DOCUMENT, Peer};
use crate::merge::check::{expect_equal, expect_whole};
use crate::merge::log::{from_bytes, is_ready};
use crate::merge::names::Luck;
use crate::merge::property::Property;
use crate::shown::Shown;

impl Peer {
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
            let mut has_refused = false;
            for event in std::mem::take(&mut self.waiting) {
                let is_repeated = self.document.version().contains(event.id);
                match self.apply(std::slice::from_ref(&event)) {
                    Ok(patch) if is_repeated && !patch.is_empty() => {
                        return Err(Property::Repetition.broken(format!("{patch:?}")));
                    }
                    Ok(_) if is_repeated => {}
                    Ok(patch) => {
                        self.log.keep(event);
                        self.follow(&patch)?;
                        progress = true;
                    }
                    Err(ApplyError::MissingParent { .. }) => {
                        has_refused = true;
                        self.waiting.push(event);
                    }
                    Err(error) => return Err(error.to_string()),
                }
            }
            if has_refused {
                self.expect_unchanged("events that came too early")?;
            }
        }
        Ok(())
    }

    fn receive_together(&mut self) -> Result<(), String> {
        let mut known = self.document.version();
        let mut ready: Vec<Event> = Vec::new();
        let next = |waiting: &[Event], known: &VersionVector| {
            waiting.iter().position(|event| is_ready(event, known))
        };
        while let Some(index) = next(&self.waiting, &known) {
            let event = self.waiting.remove(index);
            known.include(event.id);
            ready.push(event);
        }
        let patch = self.apply(&ready).map_err(|error| error.to_string())?;
        for event in ready {
            if self.log.event(event.id).is_none() {
                self.log.keep(event);
            }
        }
        self.follow(&patch)
    }

    /// The only way by which events of others reach the engine.
    fn apply(&mut self, events: &[Event]) -> Result<Patch, ApplyError> {
        let Some(fault) = self.fault else {
            return self.document.apply_all(events);
        };
        let mut misread = events.to_vec();
        misread.iter_mut().for_each(fault);
        self.document.apply_all(&misread)
    }

    /// Takes in a batch that ends with a damaged event: what comes before it counts.
    ///
    /// # Errors
    /// When the batch is accepted, or the next patch does not tell of what was.
    pub fn receive_before(&mut self, event: &Event, damaged: &Event) -> Result<(), String> {
        if self.document.apply_all([event, damaged]).is_ok() {
            let how = format!("a damaged event was accepted in a batch: {damaged:?}");
            return Err(Property::Refusal.broken(how));
        }
        self.log.keep(event.clone());
        let patch = self.document.apply_all([]);
        let patch = patch.map_err(|error| error.to_string())?;
        self.follow(&patch)
    }

    /// Starts again from the bytes of its events, in another causal order.
    ///
    /// # Errors
    /// When that gives another document.
    pub fn restart(&mut self, luck: &mut Luck, together: bool) -> Result<(), String> {
        let mut events: Vec<Event> = Vec::new();
        let batches = self.log.batches_behind(&VersionVector::default(), luck)?;
        for batch in batches {
            events.extend(from_bytes(&batch)?);
        }
        if let Some(event) = events.iter().find(|it| self.log.event(it.id) != Some(it)) {
            let how = format!("{event:?} is not what was written");
            return Err(Property::Restart.broken(how));
        }
        let mut again = Document::new(DOCUMENT);
        if together {
            again = Document::replay(DOCUMENT, &events).map_err(|error| error.to_string())?;
        } else {
            for event in &events {
                again.apply(event).map_err(|error| error.to_string())?;
            }
        }
        let what = Property::Restart.to_string();
        expect_equal(&what, &Shown::of(&again), &self.shown)?;
        if again.hash() != self.document.hash() {
            return Err(Property::Hash.broken("another after a restart"));
        }
        if again.version() != self.document.version()
            || again.frontier() != self.document.frontier()
        {
            return Err(Property::Restart.broken("another version"));
        }
        let saved = self.reopened()?;
        self.document = saved.filter(|_| luck.one_in(2)).unwrap_or(again);
        Ok(())
    }

    /// The document from its saved form, which is like it in all that can be seen, and is saved alike.
    fn reopened(&self) -> Result<Option<Document>, String> {
        let Some(bytes) = self.document.to_saved() else {
            return Ok(None);
        };
        let again = Document::from_saved(DOCUMENT, &bytes).map_err(|error| error.to_string())?;
        let what = Property::Restart.broken("from its saved form");
        expect_equal(&what, &Shown::of(&again), &self.shown)?;
        expect_whole(&again, &self.shown)?;
        if again.hash() != self.document.hash() {
            return Err(Property::Hash.broken("another from its saved form"));
        }
        if again.version() != self.document.version() || again.to_saved() != Some(bytes) {
            return Err(Property::Restart.broken("it is saved as something else"));
        }
        Ok(Some(again))
    }
}
