//! One figure of one engine on one history, in a process of its own.
//! Knows nothing of other engines, medians or tables.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::clock::Stopwatch;
use crate::engine::{Engine, Figure};
use crate::memory;
use crate::trace::{Stretch, Trace};

/// What takes less is done once before it is measured, so that no cold cache is measured.
const WARM_UP_MAX: Duration = Duration::from_secs(1);
/// Of whoever only reads: nobody's number in any trace.
const READER: usize = 5_000;

/// What a process that measures answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// In the unit of the figure.
    Value(f64),
    Cannot(String),
    /// The engine came to another text than the trace.
    Wrong,
}

/// The folder of one history: the trace, and what each engine made of it.
pub struct Prepared {
    folder: PathBuf,
}

impl Prepared {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn name(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    pub fn put<T: Serialize>(&self, name: &str, content: &T) -> anyhow::Result<()> {
        fs::write(self.folder.join(name), postcard::to_stdvec(content)?)?;
        Ok(())
    }

    pub fn get<T: for<'a> Deserialize<'a>>(&self, name: &str) -> anyhow::Result<T> {
        let path = self.folder.join(name);
        let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        Ok(postcard::from_bytes(&bytes)?)
    }
}

/// Types the whole history once, and keeps every message and what is stored in the end.
pub fn prepare<E: Engine>(prepared: &Prepared, key: &str) -> anyhow::Result<Answer> {
    let trace: Trace = prepared.get("trace")?;
    if let Some(reason) = E::cannot(Figure::Local, &trace) {
        return Ok(Answer::Cannot(reason.to_owned()));
    }
    let mut writers = Writers::<E>::new(&trace);
    for writer in &mut writers.replicas {
        writer.will_encode();
    }
    let mut updates: Vec<Vec<u8>> = Vec::with_capacity(trace.transactions.len());
    for stretch in &trace.stretches()? {
        writers.hear(stretch, &updates);
        let (replica, hand) = writers.of(stretch);
        for transaction in &trace.transactions[stretch.transactions.clone()] {
            let step = E::prepare(hand, transaction);
            let mut made = E::Made::default();
            replica.perform(&step, &mut made);
            updates.push(replica.encode(&mut made));
        }
    }
    if writers.replicas.iter().any(|it| it.text() != trace.end) {
        return Ok(Answer::Wrong);
    }
    let first = &mut writers.replicas[0];
    if E::cannot(Figure::Size, &trace).is_none() {
        prepared.put(&format!("{key}.saved"), &first.save(&updates))?;
    }
    if E::cannot(Figure::CatchUp, &trace).is_none() {
        prepared.put(&format!("{key}.history"), &first.history(&updates))?;
    }
    prepared.put(&format!("{key}.updates"), &updates)?;
    Ok(Answer::Value(0.0))
}

/// Measures `figure` once.
pub fn measure<E: Engine>(
    prepared: &Prepared,
    key: &str,
    figure: Figure,
) -> anyhow::Result<Answer> {
    let trace: Trace = prepared.get("trace")?;
    if let Some(reason) = E::cannot(figure, &trace) {
        return Ok(Answer::Cannot(reason.to_owned()));
    }
    let run = Run {
        prepared,
        key,
        trace: &trace,
    };
    match figure {
        Figure::Local => run.local::<E>(),
        Figure::Remote => run.received::<E>(|updates| {
            let mut replica = E::new(READER);
            for update in updates {
                replica.receive(update);
            }
            replica
        }),
        Figure::Batch => run.received::<E>(|updates| {
            let mut replica = E::new(READER);
            let updates: Vec<&[u8]> = updates.iter().map(Vec::as_slice).collect();
            replica.receive_all(&updates);
            replica
        }),
        Figure::CatchUp => run.read::<E>("history", E::catch_up),
        Figure::Load => run.read::<E>("saved", E::load),
        Figure::Size => {
            let saved: Vec<u8> = run.get("saved")?;
            Ok(Answer::Value(saved.len() as f64))
        }
        Figure::Memory => run.memory::<E>(),
    }
}

struct Run<'r> {
    prepared: &'r Prepared,
    key: &'r str,
    trace: &'r Trace,
}

impl Run<'_> {
    fn get<T: for<'a> Deserialize<'a>>(&self, what: &str) -> anyhow::Result<T> {
        self.prepared.get(&format!("{}.{what}", self.key))
    }

    fn local<E: Engine>(&self) -> anyhow::Result<Answer> {
        let updates = self.updates_of_others()?;
        let stretches = self.trace.stretches()?;
        Ok(timed(|| {
            let (replicas, took) = type_all::<E>(self.trace, &stretches, &updates);
            let is_right = replicas.iter().all(|it| it.text() == self.trace.end);
            (is_right, took)
        }))
    }

    /// One writer needs no messages.
    fn updates_of_others(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        if self.trace.agents == 1 {
            return Ok(Vec::new());
        }
        self.get("updates")
    }

    /// What `take` makes of all messages; the clock stops when the text has been read.
    fn received<E: Engine>(&self, take: impl Fn(&[Vec<u8>]) -> E) -> anyhow::Result<Answer> {
        let updates: Vec<Vec<u8>> = self.get("updates")?;
        Ok(self.until_read(|| take(&updates)))
    }

    fn read<E: Engine>(&self, what: &str, take: impl Fn(&[u8]) -> E) -> anyhow::Result<Answer> {
        let bytes: Vec<u8> = self.get(what)?;
        Ok(self.until_read(|| take(&bytes)))
    }

    fn until_read<E: Engine>(&self, take: impl Fn() -> E) -> Answer {
        timed(|| {
            let mut watch = Stopwatch::default();
            watch.start();
            let replica = take();
            let text = replica.text();
            watch.stop();
            (text == self.trace.end, watch.total())
        })
    }

    /// The first writer's replica alone, once everybody has typed and heard of everything.
    fn memory<E: Engine>(&self) -> anyhow::Result<Answer> {
        let updates = self.updates_of_others()?;
        let stretches = self.trace.stretches()?;
        memory::begin();
        let (mut replicas, _) = type_all::<E>(self.trace, &stretches, &updates);
        replicas.truncate(1);
        replicas.shrink_to_fit();
        let bytes = memory::live_bytes();
        let is_right = replicas.iter().all(|it| it.text() == self.trace.end);
        Ok(if is_right {
            Answer::Value(bytes as f64)
        } else {
            Answer::Wrong
        })
    }
}

/// Once more when that was quick.
fn timed(once: impl Fn() -> (bool, Duration)) -> Answer {
    let (mut is_right, mut took) = once();
    if took < WARM_UP_MAX {
        (is_right, took) = once();
    }
    if is_right {
        Answer::Value(took.as_secs_f64() * 1e3)
    } else {
        Answer::Wrong
    }
}

/// Everybody types what they typed, and hears of the others when they did; gives the time that the
/// typing alone took.
fn type_all<E: Engine>(
    trace: &Trace,
    stretches: &[Stretch],
    updates: &[Vec<u8>],
) -> (Vec<E>, Duration) {
    let mut writers = Writers::<E>::new(trace);
    let mut watch = Stopwatch::default();
    let mut made = E::Made::default();
    for stretch in stretches {
        writers.hear(stretch, updates);
        let (replica, hand) = writers.of(stretch);
        let transactions = &trace.transactions[stretch.transactions.clone()];
        let steps: Vec<E::Step<'_>> = transactions
            .iter()
            .map(|transaction| E::prepare(hand, transaction))
            .collect();
        watch.start();
        for step in &steps {
            replica.perform(step, &mut made);
        }
        watch.stop();
    }
    (writers.replicas, watch.total())
}

struct Writers<E: Engine> {
    replicas: Vec<E>,
    hands: Vec<E::Hand>,
}

impl<E: Engine> Writers<E> {
    fn new(trace: &Trace) -> Self {
        Self {
            replicas: (0..trace.agents).map(E::new).collect(),
            hands: (0..trace.agents).map(E::hand).collect(),
        }
    }

    fn of(&mut self, stretch: &Stretch) -> (&mut E, &mut E::Hand) {
        let agent = stretch.agent;
        (&mut self.replicas[agent], &mut self.hands[agent])
    }

    fn hear(&mut self, stretch: &Stretch, updates: &[Vec<u8>]) {
        if stretch.receive.is_empty() {
            return;
        }
        let received: Vec<&[u8]> = stretch
            .receive
            .iter()
            .map(|&index| updates[index].as_slice())
            .collect();
        let (replica, hand) = self.of(stretch);
        replica.receive_all(&received);
        replica.look(hand);
    }
}
