//! A document that is given events of strangers: refused ones change nothing, the others mean to it
//! what they mean to the oracle, in whatever order they come.

use arbitrary::Unstructured;
use tideline_model::{Document, Event};
use tideline_wire::decode_batch;

use super::Meter;
use super::event::Forger;
use crate::merge::log::Log;
use crate::merge::names;
use crate::merge::peer::DOCUMENT;
use crate::merge::simulation::Simulation;
use crate::oracle;
use crate::shown::Shown;

/// For the document as it grows, and what working it out takes.
const BYTES_EACH: usize = 4_000;
const BYTES_ONCE: usize = 1 << 20;
const EVENTS_MAX: usize = 24;
/// The oracle takes the square of it.
const CHARACTERS_MAX_FOR_ORACLE: usize = 300;

struct Victim {
    document: Document,
    log: Log,
}

pub(super) fn check_events(bytes: &[u8], meter: Meter) {
    let bound = (bytes.len(), BYTES_EACH, BYTES_ONCE);
    meter.expect_bounded(bound, || {
        let mut victim = Victim::new();
        let mut bytes = Unstructured::new(bytes);
        for _ in 0..EVENTS_MAX {
            if bytes.is_empty() {
                break;
            }
            let mut forger = Forger {
                bytes: &mut bytes,
                document: &victim.document,
            };
            let Ok(event) = forger.event() else { break };
            victim.offer(event);
        }
        victim.settle();
    });
}

pub(super) fn check_received(bytes: &[u8], meter: Meter) {
    let Ok(events) = decode_batch(bytes) else {
        return;
    };
    let bound = (bytes.len(), BYTES_EACH, BYTES_ONCE);
    meter.expect_bounded(bound, || {
        let mut victim = Victim::new();
        events.into_iter().for_each(|event| victim.offer(event));
        victim.settle();
    });
}

impl Victim {
    /// Has `pp | aaaa[a1] | bbbb[b1 b2] | cc`.
    fn new() -> Self {
        let simulation = Simulation::new(1).expect("a small document");
        let [peer] = &simulation.peers[..] else {
            unreachable!("one replica was asked for");
        };
        Self {
            document: peer.document.clone(),
            log: peer.log.clone(),
        }
    }

    fn offer(&mut self, event: Event) {
        let (hash, version) = (self.document.hash(), self.document.version());
        let is_repeated = version.contains(event.id);
        match self.document.apply(&event) {
            Err(error) => {
                assert!(!error.to_string().is_empty());
                assert_eq!(self.document.hash(), hash, "a refused event changed this");
                assert_eq!(self.document.version(), version);
            }
            Ok(patch) if is_repeated => assert!(patch.is_empty(), "{patch:?} by repetition"),
            Ok(_) => {
                assert!(self.document.version().contains(event.id));
                let hash = self.document.hash();
                let again = self.document.apply(&event).expect("the same event");
                assert!(again.is_empty(), "{again:?} by repetition");
                assert_eq!(self.document.hash(), hash);
                self.log.keep(event);
            }
        }
    }

    fn settle(mut self) {
        let mut events: Vec<&Event> = self.log.events().collect();
        let shown = Shown::of(&self.document);
        if characters(&shown) <= CHARACTERS_MAX_FOR_ORACLE {
            assert_eq!(shown, oracle::evaluate(events.iter().copied()));
        }
        events.sort_by_key(|event| event.order());
        let again = Document::replay(DOCUMENT, events.iter().copied()).expect("a replay");
        assert_eq!(Shown::of(&again), shown, "in another order");
        assert_eq!(again.hash(), self.document.hash(), "in another order");
        for event in events {
            let changes = self.document.plan_undo(event);
            let (replica, author) = (names::replica(0), names::user(0));
            let undo = self.document.stamp(replica, author, 0, changes);
            if undo.lamport < u64::MAX {
                self.document.apply(&undo).expect("an event of its own");
            }
        }
    }
}

fn characters(shown: &Shown) -> usize {
    let flat = shown.flat();
    flat.iter().map(|(_, line)| line.text.chars().count()).sum()
}
