//! What is on its way between replicas, as bytes: late, out of order, twice, or held back.
//! Knows nothing of what the bytes say.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::names::Luck;

#[derive(Debug, Clone)]
struct Message {
    from: usize,
    batch: Rc<[u8]>,
}

#[derive(Debug, Clone)]
pub struct Network {
    /// By who is to receive them.
    inboxes: Vec<Vec<Message>>,
    /// Pairs between whom nothing passes, the lower number first.
    cuts: BTreeSet<(usize, usize)>,
}

impl Network {
    pub fn new(replicas: usize) -> Self {
        Self {
            inboxes: vec![Vec::new(); replicas],
            cuts: BTreeSet::new(),
        }
    }

    pub fn cut(&mut self, one: usize, other: usize) {
        self.cuts.insert((one.min(other), one.max(other)));
    }

    pub fn heal(&mut self) {
        self.cuts.clear();
    }

    pub fn is_cut(&self, one: usize, other: usize) -> bool {
        self.cuts.contains(&(one.min(other), one.max(other)))
    }

    /// Nothing is on its way any more.
    pub fn forget(&mut self) {
        self.inboxes.iter_mut().for_each(Vec::clear);
    }

    /// To everybody else.
    pub fn send(&mut self, from: usize, batch: Vec<u8>) {
        let batch: Rc<[u8]> = batch.into();
        for (to, inbox) in self.inboxes.iter_mut().enumerate() {
            if to != from {
                let batch = Rc::clone(&batch);
                inbox.push(Message { from, batch });
            }
        }
    }

    /// What waits for a replica, also behind a cut.
    pub fn waiting(&self, to: usize) -> impl Iterator<Item = &[u8]> {
        self.inboxes[to].iter().map(|message| &*message.batch)
    }

    /// Up to `messages` of those that wait, in some order; some of them wait on, to come again.
    pub fn deliver(&mut self, to: usize, messages: usize, luck: &mut Luck) -> Vec<Rc<[u8]>> {
        let mut delivered = Vec::new();
        for _ in 0..messages {
            let inbox = &self.inboxes[to];
            let open: Vec<usize> = (0..inbox.len())
                .filter(|&at| !self.is_cut(inbox[at].from, to))
                .collect();
            if open.is_empty() {
                break;
            }
            let at = open[luck.below(open.len())];
            if luck.one_in(5) {
                delivered.push(Rc::clone(&self.inboxes[to][at].batch));
            } else {
                delivered.push(self.inboxes[to].remove(at).batch);
            }
        }
        delivered
    }
}
