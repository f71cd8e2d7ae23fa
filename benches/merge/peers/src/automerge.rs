//! automerge 0.12: a text object; every transaction is a commit.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, Change, ObjId, ObjType, ROOT, ReadDoc};

use merge_measure::{Engine, Patch, Transaction};

pub struct Automerge {
    document: AutoCommit,
    text: ObjId,
}

impl Automerge {
    fn of(document: AutoCommit) -> Self {
        let (_, text) = document
            .get(ROOT, "text")
            .ok()
            .flatten()
            .expect("every replica begins with it");
        Self { document, text }
    }
}

impl Engine for Automerge {
    type Hand = ();
    type Step<'t> = &'t [Patch];
    type Made = ();

    /// The text object is made by somebody of whom everybody has heard.
    fn new(agent: usize) -> Self {
        let mut document = AutoCommit::new().with_actor(ActorId::from([0; 16]));
        let made = document.put_object(ROOT, "text", ObjType::Text);
        made.expect("an empty document");
        document.commit_with(CommitOptions::default().with_time(0));
        document.set_actor(ActorId::from((agent as u128 + 1).to_be_bytes()));
        Self::of(document)
    }

    fn hand(_agent: usize) {}

    fn prepare<'t>((): &mut (), transaction: &'t Transaction) -> &'t [Patch] {
        &transaction.patches
    }

    fn perform(&mut self, step: &&[Patch], (): &mut ()) {
        for Patch {
            at,
            deleted,
            inserted,
        } in *step
        {
            let deleted = *deleted as isize;
            let spliced = self
                .document
                .splice_text(&self.text, *at, deleted, inserted);
            spliced.expect("within the text");
        }
        self.document.commit();
    }

    fn encode(&mut self, (): &mut ()) -> Vec<u8> {
        let change = self.document.get_last_local_change();
        change.expect("it just made one").raw_bytes().to_vec()
    }

    fn receive(&mut self, update: &[u8]) {
        self.receive_all(&[update]);
    }

    fn receive_all(&mut self, updates: &[&[u8]]) {
        let decode = |update: &&[u8]| Change::try_from(*update).expect("a message of its own");
        let changes: Vec<Change> = updates.iter().map(decode).collect();
        let applied = self.document.apply_changes(changes);
        applied.expect("messages of its own");
    }

    fn save(&mut self, _updates: &[Vec<u8>]) -> Vec<u8> {
        self.document.save()
    }

    fn load(bytes: &[u8]) -> Self {
        Self::of(AutoCommit::load(bytes).expect("bytes of its own"))
    }

    fn text(&self) -> String {
        self.document.text(&self.text).expect("a text object")
    }
}
