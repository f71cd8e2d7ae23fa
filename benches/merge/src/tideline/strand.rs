//! Tideline's strand alone: one shared text, without an outline around it.

use tideline_model::strand::{SharedText, TextVersion};

use merge_measure::{Engine, Patch, Transaction};

pub struct Strand {
    text: SharedText,
    /// What the last message went up to, or what was received since.
    sent: TextVersion,
}

impl Strand {
    fn of(text: SharedText) -> Self {
        Self {
            text,
            sent: TextVersion::default(),
        }
    }
}

impl Engine for Strand {
    type Hand = ();
    type Step<'t> = &'t [Patch];
    type Made = ();

    fn new(agent: usize) -> Self {
        Self::of(SharedText::new(agent as u64 + 1))
    }

    fn hand(_agent: usize) {}

    fn prepare<'t>((): &mut (), transaction: &'t Transaction) -> &'t [Patch] {
        &transaction.patches
    }

    fn perform(&mut self, step: &&[Patch], (): &mut ()) {
        for patch in *step {
            let at = patch.at as u32;
            if patch.deleted > 0 {
                let deleted = self.text.delete(at, patch.deleted as u32);
                deleted.expect("within the text");
            }
            if !patch.inserted.is_empty() {
                let inserted = self.text.insert(at, &patch.inserted);
                inserted.expect("within the text");
            }
        }
    }

    fn encode(&mut self, (): &mut ()) -> Vec<u8> {
        let message = self.text.encode_since(&self.sent);
        self.sent = self.text.version();
        message
    }

    fn receive(&mut self, update: &[u8]) {
        let applied = self.text.apply(update);
        applied.expect("a message of its own");
    }

    fn look(&mut self, (): &mut ()) {
        self.sent = self.text.version();
    }

    fn save(&mut self, _updates: &[Vec<u8>]) -> Vec<u8> {
        self.text.encode_all()
    }

    fn load(bytes: &[u8]) -> Self {
        let reader = u64::MAX;
        Self::of(SharedText::load(reader, bytes).expect("bytes of its own"))
    }

    fn text(&self) -> String {
        self.text.text()
    }
}
