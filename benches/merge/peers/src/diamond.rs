//! diamond-types 1.0: an event-graph walker. Keeps all history in memory.

use diamond_types::list::encoding::{ENCODE_FULL, ENCODE_PATCH};
use diamond_types::list::{Branch, ListCRDT, OpLog};
use diamond_types::{AgentId, LocalVersion};

use merge_measure::{Engine, Patch, Transaction};

pub struct Diamond {
    list: ListCRDT,
    agent: AgentId,
    /// What the last message went up to, or what was received since.
    sent: LocalVersion,
}

impl Diamond {
    fn merge(&mut self) {
        let tip = self.list.oplog.local_version();
        self.list.branch.merge(&self.list.oplog, &tip);
    }

    fn of(list: ListCRDT) -> Self {
        Self {
            list,
            agent: 0,
            sent: LocalVersion::new(),
        }
    }
}

impl Engine for Diamond {
    type Hand = ();
    type Step<'t> = &'t [Patch];
    type Made = ();

    fn new(agent: usize) -> Self {
        let mut list = ListCRDT {
            branch: Branch::new(),
            oplog: OpLog::new(),
        };
        let agent = list.get_or_create_agent_id(&format!("writer {agent}"));
        Self {
            agent,
            ..Self::of(list)
        }
    }

    fn hand(_agent: usize) {}

    fn look(&mut self, (): &mut ()) {
        self.sent = self.list.oplog.local_version();
    }

    fn prepare<'t>((): &mut (), transaction: &'t Transaction) -> &'t [Patch] {
        &transaction.patches
    }

    fn perform(&mut self, step: &&[Patch], (): &mut ()) {
        for patch in *step {
            if patch.deleted > 0 {
                let range = patch.at..patch.at + patch.deleted;
                self.list.delete_without_content(self.agent, range);
            }
            if !patch.inserted.is_empty() {
                self.list.insert(self.agent, patch.at, &patch.inserted);
            }
        }
    }

    fn encode(&mut self, (): &mut ()) -> Vec<u8> {
        let bytes = self.list.oplog.encode_from(ENCODE_PATCH, &self.sent);
        self.sent = self.list.oplog.local_version();
        bytes
    }

    fn receive(&mut self, update: &[u8]) {
        let added = self.list.oplog.decode_and_add(update);
        added.expect("a message of its own");
        self.merge();
    }

    fn receive_all(&mut self, updates: &[&[u8]]) {
        for update in updates {
            let added = self.list.oplog.decode_and_add(update);
            added.expect("a message of its own");
        }
        self.merge();
    }

    fn save(&mut self, _updates: &[Vec<u8>]) -> Vec<u8> {
        self.list.oplog.encode(ENCODE_FULL)
    }

    fn load(bytes: &[u8]) -> Self {
        Self::of(ListCRDT::load_from(bytes).expect("bytes of its own"))
    }

    fn text(&self) -> String {
        self.list.branch.content().to_string()
    }
}
