//! yrs 0.28 as it comes: it gives up deleted text, so what it stores is less than all history.

use std::cell::RefCell;
use std::rc::Rc;

use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, ReadTxn, StateVector, Text, TextRef, Transact, Update};

use merge_measure::{Engine, Figure, Patch, Trace, Transaction};

pub struct Yrs {
    document: Doc,
    text: TextRef,
    /// The message of the latest transaction, when messages are wanted at all.
    latest: Rc<RefCell<Vec<u8>>>,
}

impl Engine for Yrs {
    type Hand = ();
    type Step<'t> = &'t [Patch];
    type Made = ();

    fn cannot(_figure: Figure, trace: &Trace) -> Option<&'static str> {
        (!trace.is_ascii()).then_some("counts bytes where the trace counts characters")
    }

    fn new(agent: usize) -> Self {
        let document = Doc::with_client_id(agent as u64 + 1);
        let text = document.get_or_insert_text("text");
        Self {
            document,
            text,
            latest: Rc::default(),
        }
    }

    fn will_encode(&mut self) {
        let latest = Rc::clone(&self.latest);
        let observed = self
            .document
            .observe_update_v1("messages", move |_, event| {
                latest.replace(event.update.clone());
            });
        observed.expect("no other transaction");
    }

    fn hand(_agent: usize) {}

    fn prepare<'t>((): &mut (), transaction: &'t Transaction) -> &'t [Patch] {
        &transaction.patches
    }

    fn perform(&mut self, step: &&[Patch], (): &mut ()) {
        let mut transaction = self.document.transact_mut();
        for patch in *step {
            let at = patch.at as u32;
            if patch.deleted > 0 {
                let deleted = patch.deleted as u32;
                self.text.remove_range(&mut transaction, at, deleted);
            }
            if !patch.inserted.is_empty() {
                self.text.insert(&mut transaction, at, &patch.inserted);
            }
        }
    }

    fn encode(&mut self, (): &mut ()) -> Vec<u8> {
        self.latest.take()
    }

    // Many updates in one transaction take ten times as long as each in its own.
    fn receive(&mut self, update: &[u8]) {
        let update = Update::decode_v1(update).expect("a message of its own");
        let applied = self.document.transact_mut().apply_update(update);
        applied.expect("a message of its own");
    }

    fn save(&mut self, _updates: &[Vec<u8>]) -> Vec<u8> {
        let transaction = self.document.transact();
        transaction.encode_state_as_update_v1(&StateVector::default())
    }

    fn load(bytes: &[u8]) -> Self {
        let mut loaded = Self::new(usize::from(u16::MAX));
        loaded.receive(bytes);
        loaded
    }

    fn text(&self) -> String {
        self.text.get_string(&self.document.transact())
    }
}
