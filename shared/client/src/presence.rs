//! Where other people's carets are. Kept in memory only; losing one costs nothing.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use tideline_model::{DocumentId, UserId};

use crate::protocol::{Caret, Person, RemoteCaret};

/// Colours that carets are drawn in.
const COLORS: u128 = 8;

/// Which of the presence colours a person has, the same on every machine.
pub fn color(user: UserId) -> u8 {
    (user.0.as_u128() % COLORS) as u8
}

/// What a replica tells the others of its caret; opaque to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceNote {
    pub person: Person,
    pub replica: String,
    /// The line that they are zoomed into.
    #[serde(default)]
    pub root: Option<String>,
    pub caret: Option<Caret>,
}

/// The latest note of everybody else, by document and connection of the sync server.
#[derive(Debug, Default)]
pub struct Presences {
    notes: HashMap<DocumentId, BTreeMap<u64, PresenceNote>>,
}

impl Presences {
    /// Takes a note, or forgets who has left; `true` when something changed.
    pub fn set(&mut self, document: DocumentId, origin: u64, bytes: Option<&[u8]>) -> bool {
        let notes = self.notes.entry(document).or_default();
        let Some(note) = bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()) else {
            return notes.remove(&origin).is_some();
        };
        let note: PresenceNote = note;
        let before = notes.insert(origin, note.clone());
        before.is_none_or(|before| before != note)
    }

    /// What somebody's program said last.
    pub fn note(&self, document: DocumentId, origin: u64) -> Option<&PresenceNote> {
        self.notes.get(&document)?.get(&origin)
    }

    /// Where the person with that id has a caret.
    pub fn whereabouts(&self, person: &str) -> Option<(DocumentId, &PresenceNote)> {
        let places = self.notes.iter().flat_map(|(document, notes)| {
            let notes = notes.values();
            notes.map(move |note| (*document, note))
        });
        places
            .filter(|(_, note)| note.person.id == person && note.caret.is_some())
            .min_by_key(|(document, _)| *document)
    }

    /// The connection is gone, and with it everybody.
    pub fn clear(&mut self) -> Vec<DocumentId> {
        let documents = self.notes.keys().copied().collect();
        self.notes.clear();
        documents
    }

    pub fn carets(&self, document: DocumentId) -> Vec<RemoteCaret> {
        let notes = self
            .notes
            .get(&document)
            .into_iter()
            .flat_map(BTreeMap::values);
        notes
            .filter_map(|note| {
                Some(RemoteCaret {
                    person: note.person.clone(),
                    replica: note.replica.clone(),
                    caret: note.caret.clone()?,
                })
            })
            .collect()
    }
}
