//! cola 0.1.1 with a rope for the text, as its authors use it. Keeps no text that was deleted: it
//! has no full history to store.

use std::ops::Range;

use cola::{Deletion, Insertion, Replica, ReplicaId};
use jumprope::JumpRope;
use serde::{Deserialize, Serialize};

use merge_measure::{Engine, Figure, Patch, Trace, Transaction};

/// Of the empty text that every replica is forked from.
const ORIGIN: ReplicaId = 1;

pub struct Cola {
    replica: Replica,
    text: JumpRope,
}

#[derive(Serialize, Deserialize)]
pub enum Edit {
    /// With the range of its text in [`Made::text`].
    Insertion(Insertion, Range<usize>),
    Deletion(Deletion),
}

/// The edits of a transaction, and what they insert.
#[derive(Default, Serialize, Deserialize)]
pub struct Made {
    edits: Vec<Edit>,
    text: String,
}

impl Engine for Cola {
    type Hand = ();
    type Step<'t> = &'t [Patch];
    type Made = Made;

    fn cannot(figure: Figure, _trace: &Trace) -> Option<&'static str> {
        match figure {
            Figure::Size | Figure::Load | Figure::CatchUp => Some("keeps no history"),
            Figure::Batch => Some("takes edits one by one only"),
            _ => None,
        }
    }

    fn new(agent: usize) -> Self {
        let id = ORIGIN + 1 + agent as ReplicaId;
        Self {
            replica: Replica::new(ORIGIN, 0).fork(id),
            text: JumpRope::new(),
        }
    }

    fn hand(_agent: usize) {}

    fn prepare<'t>((): &mut (), transaction: &'t Transaction) -> &'t [Patch] {
        &transaction.patches
    }

    fn perform(&mut self, step: &&[Patch], made: &mut Made) {
        made.edits.clear();
        made.text.clear();
        for patch in *step {
            if patch.deleted > 0 {
                let range = patch.at..patch.at + patch.deleted;
                self.text.remove(range.clone());
                made.edits.push(Edit::Deletion(self.replica.deleted(range)));
            }
            if !patch.inserted.is_empty() {
                self.text.insert(patch.at, &patch.inserted);
                let length = patch.inserted.chars().count();
                let insertion = self.replica.inserted(patch.at, length);
                let start = made.text.len();
                made.text.push_str(&patch.inserted);
                made.edits
                    .push(Edit::Insertion(insertion, start..made.text.len()));
            }
        }
    }

    fn encode(&mut self, made: &mut Made) -> Vec<u8> {
        postcard::to_stdvec(made).expect("plain data")
    }

    fn receive(&mut self, update: &[u8]) {
        let made: Made = postcard::from_bytes(update).expect("a message of its own");
        for edit in &made.edits {
            match edit {
                Edit::Insertion(insertion, text) => {
                    if let Some(at) = self.replica.integrate_insertion(insertion) {
                        self.text.insert(at, &made.text[text.clone()]);
                    }
                }
                Edit::Deletion(deletion) => {
                    for range in self.replica.integrate_deletion(deletion).into_iter().rev() {
                        self.text.remove(range);
                    }
                }
            }
        }
    }

    fn save(&mut self, _updates: &[Vec<u8>]) -> Vec<u8> {
        Vec::new()
    }

    fn load(_bytes: &[u8]) -> Self {
        unreachable!("said so before")
    }

    fn text(&self) -> String {
        self.text.to_string()
    }
}
