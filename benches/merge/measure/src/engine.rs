//! What an engine must be able to do to be measured. Knows no engine.

use crate::trace::{Trace, Transaction};

/// One column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Every transaction typed by its writer.
    Local,
    /// Every transaction received as a message of its own, decoded and applied.
    Remote,
    /// The same messages, handed over all at once.
    Batch,
    /// One message for somebody who has nothing.
    CatchUp,
    /// What was stored, until its text can be read.
    Load,
    /// Bytes stored with all history.
    Size,
    /// Bytes that stay allocated after typing.
    Memory,
}

impl Figure {
    pub const ALL: [Figure; 7] = [
        Figure::Local,
        Figure::Remote,
        Figure::Batch,
        Figure::CatchUp,
        Figure::Load,
        Figure::Size,
        Figure::Memory,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Figure::Local => "local",
            Figure::Remote => "remote",
            Figure::Batch => "batch",
            Figure::CatchUp => "catch-up",
            Figure::Load => "load",
            Figure::Size => "size",
            Figure::Memory => "memory",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    pub fn unit(self) -> &'static str {
        match self {
            Figure::Size | Figure::Memory => "bytes",
            _ => "ms",
        }
    }
}

/// One replica of a text, of one writer.
pub trait Engine: Sized {
    /// What a writer knows of where things stand, beside the replica; not part of any figure.
    type Hand;
    /// A transaction in the engine's own terms, ready to be carried out.
    type Step<'t>;
    /// What carrying out a step gives to be sent.
    type Made: Default;

    /// Why the engine has no such figure.
    fn cannot(_figure: Figure, _trace: &Trace) -> Option<&'static str> {
        None
    }

    fn new(agent: usize) -> Self;
    /// Messages will be asked for: what it takes to have them may be switched on.
    fn will_encode(&mut self) {}
    fn hand(agent: usize) -> Self::Hand;
    /// Takes up what was received, before typing goes on; not part of any figure.
    fn look(&mut self, _hand: &mut Self::Hand) {}
    fn prepare<'t>(hand: &mut Self::Hand, transaction: &'t Transaction) -> Self::Step<'t>;
    /// Types one transaction; `made` holds just this one afterwards.
    fn perform(&mut self, step: &Self::Step<'_>, made: &mut Self::Made);
    /// The transaction typed last, as a message.
    fn encode(&mut self, made: &mut Self::Made) -> Vec<u8>;

    fn receive(&mut self, update: &[u8]);
    /// The fastest way that the engine has for many messages.
    fn receive_all(&mut self, updates: &[&[u8]]) {
        for update in updates {
            self.receive(update);
        }
    }

    /// All history as it is stored; `updates` are the messages that led here.
    fn save(&mut self, updates: &[Vec<u8>]) -> Vec<u8>;
    fn load(bytes: &[u8]) -> Self;
    /// All history as one message, for somebody who has nothing.
    fn history(&mut self, updates: &[Vec<u8>]) -> Vec<u8> {
        self.save(updates)
    }
    fn catch_up(bytes: &[u8]) -> Self {
        Self::load(bytes)
    }

    fn text(&self) -> String;
}
