//! What has been taken of the edits that a panel sends, through all its connections: a panel that was
//! cut off is told, and what it sends again is not carried out twice.

use std::collections::{HashMap, VecDeque};

use tideline_model::{DocumentId, LineId};

use super::Dispatcher;
use crate::glimpse::Opening;
use crate::input::ConnectionId;

/// So many streams are remembered; those that began first are forgotten.
const STREAMS_MAX: usize = 4_096;

/// The last serial that was taken of each stream of edits.
#[derive(Default)]
pub(super) struct Streams {
    taken: HashMap<Key, u32>,
    /// In the order in which they began.
    keys: VecDeque<Key>,
}

/// Named by the panel. What waits for one document says nothing about another.
type Key = (LineId, DocumentId);

/// Where a panel goes on.
pub(super) struct Resumption {
    pub ack: u32,
    /// It was cut off, and `ack` says what was taken until then.
    pub resumed: bool,
}

impl Streams {
    fn take(&mut self, key: Key, serial: u32) {
        if self.taken.insert(key, serial).is_some() {
            return;
        }
        self.keys.push_back(key);
        if self.keys.len() > STREAMS_MAX
            && let Some(first) = self.keys.pop_front()
        {
            self.taken.remove(&first);
        }
    }
}

impl Dispatcher {
    /// A panel is opened, perhaps again.
    pub(super) fn resume(&mut self, document: DocumentId, opening: &Opening) -> Resumption {
        let key = opening.stream.map(|stream| (stream, document));
        let known = key.and_then(|key| self.streams.taken.get(&key).copied());
        if let (Some(key), None) = (key, known) {
            self.streams.take(key, 0);
        }
        Resumption {
            ack: known.unwrap_or(0),
            resumed: opening.again && known.is_some(),
        }
    }

    /// Whether this edit was carried out before: it is sent again after a broken connection.
    pub(super) fn is_taken(&self, connection: ConnectionId, panel: u32, serial: u32) -> bool {
        let interface = self.interfaces.get(&connection);
        let slot = interface.and_then(|interface| interface.panels.get(&panel));
        slot.is_some_and(|slot| {
            let key = slot.stream.map(|stream| (stream, slot.document));
            let taken = key.and_then(|key| self.streams.taken.get(&key));
            serial <= slot.panel.ack || taken.is_some_and(|taken| serial <= *taken)
        })
    }

    /// This edit is being carried out.
    pub(super) fn note_taken(&mut self, connection: ConnectionId, panel: u32, serial: u32) {
        let interface = self.interfaces.get_mut(&connection);
        let Some(slot) = interface.and_then(|interface| interface.panels.get_mut(&panel)) else {
            return;
        };
        slot.panel.ack = serial;
        if let Some(stream) = slot.stream {
            self.streams.take((stream, slot.document), serial);
        }
    }
}
