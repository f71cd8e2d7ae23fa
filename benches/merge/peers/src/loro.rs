//! loro 1.17: a text container; every transaction is a commit.

use loro::{ExportMode, LoroDoc, LoroText, VersionVector};

use merge_measure::{Engine, Patch, Transaction};

pub struct Loro {
    document: LoroDoc,
    text: LoroText,
    /// What the last message went up to, or what was received since.
    sent: VersionVector,
}

impl Loro {
    fn of(document: LoroDoc) -> Self {
        let text = document.get_text("text");
        Self {
            document,
            text,
            sent: VersionVector::default(),
        }
    }
}

impl Engine for Loro {
    type Hand = ();
    type Step<'t> = &'t [Patch];
    type Made = ();

    fn new(agent: usize) -> Self {
        let document = LoroDoc::new();
        let named = document.set_peer_id(agent as u64 + 1);
        named.expect("an empty document");
        Self::of(document)
    }

    fn hand(_agent: usize) {}

    fn look(&mut self, (): &mut ()) {
        self.sent = self.document.oplog_vv();
    }

    fn prepare<'t>((): &mut (), transaction: &'t Transaction) -> &'t [Patch] {
        &transaction.patches
    }

    fn perform(&mut self, step: &&[Patch], (): &mut ()) {
        for patch in *step {
            if patch.deleted > 0 {
                let deleted = self.text.delete(patch.at, patch.deleted);
                deleted.expect("within the text");
            }
            if !patch.inserted.is_empty() {
                let inserted = self.text.insert(patch.at, &patch.inserted);
                inserted.expect("within the text");
            }
        }
        self.document.commit();
    }

    fn encode(&mut self, (): &mut ()) -> Vec<u8> {
        let update = self.document.export(ExportMode::updates(&self.sent));
        self.sent = self.document.oplog_vv();
        update.expect("its own history")
    }

    fn receive(&mut self, update: &[u8]) {
        let imported = self.document.import(update);
        imported.expect("a message of its own");
    }

    fn receive_all(&mut self, updates: &[&[u8]]) {
        let updates: Vec<Vec<u8>> = updates.iter().map(|it| it.to_vec()).collect();
        let imported = self.document.import_batch(&updates);
        imported.expect("messages of its own");
    }

    fn save(&mut self, _updates: &[Vec<u8>]) -> Vec<u8> {
        let snapshot = self.document.export(ExportMode::Snapshot);
        snapshot.expect("its own history")
    }

    fn load(bytes: &[u8]) -> Self {
        Self::of(LoroDoc::from_snapshot(bytes).expect("bytes of its own"))
    }

    fn history(&mut self, _updates: &[Vec<u8>]) -> Vec<u8> {
        let updates = self.document.export(ExportMode::all_updates());
        updates.expect("its own history")
    }

    fn catch_up(bytes: &[u8]) -> Self {
        let document = LoroDoc::new();
        document.import(bytes).expect("a message of its own");
        Self::of(document)
    }

    fn text(&self) -> String {
        self.text.to_string()
    }
}
