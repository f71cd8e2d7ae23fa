//! Where effects become deeds: the dispatcher's thread, the writer, the reading thread, the sync
//! thread, and the channels between them. Decides nothing.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tideline_model::{DocumentId, GroupId, ReplicaId};
use tideline_store::{
    Commit, CommitReport, GroupHome, GroupRow, Housekeeper, LineRow, Origin, Reader, Replica,
    Schedule, Ticket, Unsaved, Writer,
};
use tideline_wire::SealedBatch;
use tokio::sync::mpsc::UnboundedSender;
use tracing::{error, warn};

use crate::dispatcher::{Dispatcher, EPOCH_SETTING, Start};
use crate::input::{Answer, ConnectionId, Effect, Extent, Input, Question, QuestionId, Receipt};
use crate::loading::{Saver, WORK_BEHIND_MAX};
use crate::protocol::Message;
use crate::reading::{self, Reading};
use crate::sync::{self, SyncCommand};

/// Line numbers that one run of the core sets aside: more than anybody types, and room for half a
/// million runs in the numbers that JavaScript can hold.
pub const LINE_NUMBERS_PER_RUN: u64 = 1 << 34;

/// What reaches the dispatcher's thread.
pub enum Envelope {
    Input(Input),
    Attach(ConnectionId, UnboundedSender<Message>),
    Ask(Question, SyncSender<Answer>),
    Report(CommitReport),
    Stop(SyncSender<Result<(), Unsaved>>),
}

/// A commit that the writer has.
struct OnItsWay {
    group: GroupId,
    document: DocumentId,
    /// Ours, which go to the server afterwards.
    batches: Vec<SealedBatch>,
    work: usize,
}

struct Edge {
    inbox: Sender<Envelope>,
    /// Ends before the writer, which does its work.
    housekeeper: Housekeeper,
    writer: Writer,
    /// Reads what is short.
    reading: Sender<Reading>,
    /// Reads whole documents.
    loading: Sender<Reading>,
    saver: Saver,
    /// Work that the saved forms of documents lack.
    unsaved_work: HashMap<DocumentId, usize>,
    sync: UnboundedSender<SyncCommand>,
    interfaces: HashMap<ConnectionId, UnboundedSender<Message>>,
    questions: HashMap<QuestionId, SyncSender<Answer>>,
    commits: HashMap<Ticket, OnItsWay>,
    groups: Vec<GroupId>,
    replica: ReplicaId,
    epoch_seen: u64,
    questions_asked: u64,
    /// The reading threads, the sync and the saving thread; each holds the folder's lock.
    threads: Vec<JoinHandle<()>>,
}

/// Starts the threads over an open replica. Everything reaches them through the returned sender.
///
/// # Errors
/// When the replica cannot be read a second time, or a thread cannot be started.
pub fn start(replica: Replica, start: Start) -> Result<Sender<Envelope>, String> {
    let (inbox, envelopes) = channel();
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let reader = replica.reader().map_err(|error| text(&error))?;
    let loader = replica.reader().map_err(|error| text(&error))?;
    let outbox = replica.reader().map_err(|error| text(&error))?;
    let groups = replica.groups().map_err(|error| text(&error))?;

    let saving = replica.reader().map_err(|error| text(&error))?;
    let (saver, saving_thread) = Saver::spawn(saving).map_err(|error| text(&error))?;
    let spawn = |name, reader| reading::spawn(name, reader, saver.clone(), inbox.clone());
    let (reading, reading_thread) = spawn("reader", reader).map_err(|error| text(&error))?;
    let (loading, loading_thread) = spawn("loader", loader).map_err(|error| text(&error))?;
    let (sync, sync_thread) = spawn_sync(outbox, inbox.clone()).map_err(|error| text(&error))?;
    let reports = inbox.clone();
    let epoch_seen = start
        .settings
        .get(EPOCH_SETTING)
        .and_then(serde_json::Value::as_u64)
        .unwrap_or(0);
    let replica_id = replica.replica_id();
    let watched = replica.reader().map_err(|error| text(&error))?;
    // The thread that would take the report is gone only when the core has ended.
    let writer = Writer::spawn(replica, move |report| {
        drop(reports.send(Envelope::Report(report)));
    });
    let edge = Edge {
        inbox: inbox.clone(),
        replica: replica_id,
        housekeeper: keep_house(watched, &writer, inbox.clone()),
        writer,
        reading,
        loading,
        saver,
        unsaved_work: HashMap::new(),
        sync,
        interfaces: HashMap::new(),
        questions: HashMap::new(),
        commits: HashMap::new(),
        groups: groups.into_iter().map(|group| group.id).collect(),
        epoch_seen,
        questions_asked: 0,
        threads: vec![reading_thread, loading_thread, sync_thread, saving_thread],
    };
    std::thread::Builder::new()
        .name("dispatcher".to_owned())
        .spawn(move || edge.run(Dispatcher::new(start), &envelopes))
        .map_err(|error| text(&error))?;
    Ok(inbox)
}

/// Packs, destroys and verifies in the background; a problem is told to everybody.
fn keep_house(reader: Reader, writer: &Writer, inbox: Sender<Envelope>) -> Housekeeper {
    Housekeeper::spawn(reader, writer.handle(), Schedule::default(), move |found| {
        if let Some(problem) = found.problems.first() {
            error!(%problem, problems = found.problems.len(), "verification");
            let damaged = Input::Damaged(problem.to_string());
            drop(inbox.send(Envelope::Input(damaged)));
        }
    })
}

pub fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}

impl Edge {
    fn run(mut self, mut dispatcher: Dispatcher, envelopes: &Receiver<Envelope>) {
        let mut stopping = None;
        loop {
            let envelope = match dispatcher.next_tick_ms() {
                Some(at_ms) => {
                    let wait_ms = u64::try_from(at_ms - now_ms()).unwrap_or(0);
                    envelopes.recv_timeout(Duration::from_millis(wait_ms))
                }
                None => envelopes.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let input = match envelope {
                Ok(Envelope::Stop(done)) => {
                    stopping = Some(done);
                    Some(Input::Stopping)
                }
                Ok(envelope) => self.input(envelope),
                Err(RecvTimeoutError::Timeout) => Some(Input::Tick),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if let Some(input) = input {
                let at_once = dispatcher.step(input, now_ms()).into_iter();
                at_once.for_each(|effect| self.carry_out(effect));
                let afterwards = dispatcher.store().into_iter();
                afterwards.for_each(|effect| self.carry_out(effect));
            }
            if let Some(done) = stopping.take_if(|_| dispatcher.may_stop()) {
                let last = dispatcher.last_commits();
                return self.stop(last, &done);
            }
        }
    }

    fn input(&mut self, envelope: Envelope) -> Option<Input> {
        match envelope {
            Envelope::Input(Input::Detached(connection)) => {
                self.interfaces.remove(&connection);
                Some(Input::Detached(connection))
            }
            Envelope::Input(input) => {
                if let Input::Renewed(replica, _) = input {
                    self.replica = replica;
                }
                Some(input)
            }
            Envelope::Attach(connection, messages) => {
                self.interfaces.insert(connection, messages);
                Some(Input::Attached(connection))
            }
            Envelope::Ask(question, answer) => {
                self.questions_asked += 1;
                let id = QuestionId(self.questions_asked);
                self.questions.insert(id, answer);
                Some(Input::Question(id, question))
            }
            Envelope::Report(report) => self.report(report),
            Envelope::Stop(_) => None,
        }
    }

    fn report(&mut self, report: CommitReport) -> Option<Input> {
        match report {
            CommitReport::Durable { ticket } => {
                let stored = self.commits.remove(&ticket)?;
                self.save_later(&stored);
                self.tell_sync(SyncCommand::Durable(stored.batches));
                Some(Input::Durable(stored.document))
            }
            CommitReport::Failed {
                reason,
                retry: true,
                ..
            } => Some(Input::DiskFailing(reason)),
            CommitReport::Failed {
                ticket,
                reason,
                retry: false,
            } => {
                let document = self.commits.remove(&ticket)?.document;
                error!(%document, reason, "a commit was refused");
                Some(Input::CommitRefused(document, reason))
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Tell(connection, message) => {
                if let Some(messages) = self.interfaces.get(&connection) {
                    // An interface that is gone says so by itself.
                    let _ = messages.send(message);
                }
            }
            Effect::Answer(id, answer) => {
                if let Some(waiting) = self.questions.remove(&id) {
                    // Whoever asked may have given up.
                    let _ = waiting.try_send(answer);
                }
            }
            Effect::Glimpse(asked) => self.read(Reading::Glimpse(asked)),
            Effect::Load(group, document) => {
                self.load(Reading::Load(group, document, self.replica));
            }
            Effect::Rederive(group, document) => {
                self.load(Reading::Rederive(group, document, self.replica));
            }
            Effect::ReadEvents(group, document, events) => {
                self.read(Reading::Events(group, document, events));
            }
            Effect::Search {
                connection,
                query_id,
                text,
                document,
            } => {
                let groups = self.groups.clone();
                self.read(Reading::Search {
                    connection,
                    query_id,
                    text,
                    document,
                    groups,
                });
            }
            Effect::FindLines(wanted) => self.read(Reading::Lines(wanted)),
            Effect::Commit(commit) => self.commit(commit),
            Effect::Acknowledge(group, receipt) => self.acknowledge(group, receipt),
            Effect::ForgetAcknowledgements => self.forget_acknowledgements(),
            Effect::RebuildRows {
                group,
                document,
                rows,
                hash,
            } => {
                self.rebuild_rows(group, document, rows, hash);
            }
            Effect::SaveSetting(name, value) => {
                if name == EPOCH_SETTING {
                    self.epoch_seen = value.as_u64().unwrap_or(self.epoch_seen);
                }
                self.write("setting", move |replica| replica.set_setting(&name, &value));
            }
            Effect::SaveUser(user, name) => {
                self.write("author", move |replica| replica.set_local_user(user, &name));
            }
            Effect::SaveGroup { group, name, url } => {
                if !self.groups.contains(&group) {
                    self.groups.push(group);
                }
                let row = GroupRow {
                    id: group,
                    name,
                    home: GroupHome::Server { url },
                };
                self.write("group", move |replica| replica.add_group(&row));
            }
            Effect::Adopt { into, except } => self.adopt(into, except),
            Effect::Renew => self.renew(),
            Effect::Connect(server) => {
                let (replica, epoch_seen) = (self.replica, self.epoch_seen);
                self.tell_sync(SyncCommand::Connect {
                    server,
                    replica,
                    epoch_seen,
                });
            }
            Effect::Subscribe(group, document) => {
                self.tell_sync(SyncCommand::Subscribe(group, document));
            }
            Effect::Presence { document, bytes } => {
                self.tell_sync(SyncCommand::Presence { document, bytes });
            }
            Effect::Digest {
                document,
                version,
                hash,
            } => {
                self.tell_sync(SyncCommand::Digest {
                    document,
                    version,
                    hash,
                });
            }
            Effect::Ranges { document, ranges } => {
                self.tell_sync(SyncCommand::Ranges { document, ranges });
            }
        }
    }

    fn commit(&mut self, commit: Commit) {
        let (group, document) = (commit.group, commit.document);
        let batches = commit.batches.iter();
        let events: usize = batches.map(|(_, batch)| batch.count as usize).sum();
        let work = events + commit.rows.len() + commit.removed.len();
        let own = commit
            .batches
            .iter()
            .filter(|(origin, _)| *origin == Origin::Local);
        let batches = own.map(|(_, batch)| batch.clone()).collect();
        let ticket = self.writer.submit(commit);
        let on_its_way = OnItsWay {
            group,
            document,
            batches,
            work,
        };
        self.commits.insert(ticket, on_its_way);
    }

    /// Has a document saved again, once enough of it is new.
    fn save_later(&mut self, stored: &OnItsWay) {
        let work = self.unsaved_work.entry(stored.document).or_default();
        *work += stored.work;
        if *work > WORK_BEHIND_MAX {
            *work = 0;
            self.saver.save(stored.group, stored.document, self.replica);
        }
    }

    /// Stores what the server has, then counts what it still lacks.
    fn acknowledge(&self, group: GroupId, receipt: Receipt) {
        let document = receipt.document;
        let known = vec![(receipt.replica, receipt.last_seq)];
        let (acked, server_has) = match receipt.extent {
            Extent::AtLeast => (known, Vec::new()),
            Extent::Exactly => (Vec::new(), known),
        };
        let cursor = receipt.cursor;
        let commit = Commit {
            acked,
            server_has,
            cursor,
            ..Commit::new(group, document, now_ms())
        };
        self.writer.submit(commit);
        let inbox = self.inbox.clone();
        self.writer.run(
            move |replica| match replica.scope(group).pending_events(document) {
                Ok(events) => {
                    drop(inbox.send(Envelope::Input(Input::OutboxSize(document, events))));
                }
                Err(error) => warn!(%error, "the outbox cannot be counted"),
            },
        );
    }

    fn forget_acknowledgements(&self) {
        let groups = self.groups.clone();
        self.write("change of server", move |replica| {
            groups
                .iter()
                .try_for_each(|group| replica.forget_acknowledgements(*group, now_ms()).map(drop))
        });
    }

    /// Makes the rows of a document anew from its events.
    fn rebuild_rows(&self, group: GroupId, document: DocumentId, rows: Vec<LineRow>, hash: u128) {
        self.write("document's rows", move |replica| {
            replica.rebuild(group, document, &rows, now_ms())?;
            let hash = Some(hash);
            replica.commit(&Commit {
                hash,
                ..Commit::new(group, document, now_ms())
            })
        });
    }

    fn adopt(&self, into: GroupId, except: Vec<DocumentId>) {
        let inbox = self.inbox.clone();
        self.writer.run(move |replica| {
            let from = replica.local_group();
            let adopted = replica.adopt_local_documents(from, into, &except, now_ms());
            let documents = adopted.unwrap_or_else(|error| {
                warn!(%error, "documents stay in the local group");
                Vec::new()
            });
            drop(inbox.send(Envelope::Input(Input::Adopted(into, documents))));
        });
    }

    fn renew(&self) {
        let inbox = self.inbox.clone();
        self.writer.run(move |replica| {
            let renewed = replica.renew(now_ms());
            let numbers = replica.reserve_line_numbers(LINE_NUMBERS_PER_RUN);
            match (renewed, numbers) {
                (Ok(id), Ok(first)) => drop(inbox.send(Envelope::Input(Input::Renewed(id, first)))),
                (Err(error), _) | (_, Err(error)) => error!(%error, "no new replica id"),
            }
        });
    }

    /// Has the writer store something besides documents.
    fn write<E: std::fmt::Display>(
        &self,
        what: &'static str,
        job: impl FnOnce(&mut Replica) -> Result<(), E> + Send + 'static,
    ) {
        let inbox = self.inbox.clone();
        self.writer.run(move |replica| {
            if let Err(error) = job(replica) {
                let reason = format!("a {what} could not be stored: {error}");
                drop(inbox.send(Envelope::Input(Input::DiskFailing(reason))));
            }
        });
    }

    fn read(&self, reading: Reading) {
        if self.reading.send(reading).is_err() {
            error!("the reading thread is gone");
        }
    }

    fn load(&self, reading: Reading) {
        if self.loading.send(reading).is_err() {
            error!("the loading thread is gone");
        }
    }

    fn tell_sync(&self, command: SyncCommand) {
        if self.sync.send(command).is_err() {
            error!("the sync thread is gone");
        }
    }

    /// Ends the other threads, so that nothing holds the data folder any more, and says so.
    fn stop(self, last: Vec<Commit>, done: &SyncSender<Result<(), Unsaved>>) {
        self.tell_sync(SyncCommand::Stop);
        drop(self.reading);
        drop(self.loading);
        drop(self.saver);
        drop(self.housekeeper);
        for commit in last {
            self.writer.submit(commit);
        }
        let result = self.writer.shutdown().map(drop);
        for thread in self.threads {
            if thread.join().is_err() {
                error!("a thread of the core ended in a panic");
            }
        }
        // Whoever asked may have given up.
        let _ = done.try_send(result);
    }
}

fn spawn_sync(
    reader: Reader,
    inbox: Sender<Envelope>,
) -> std::io::Result<(UnboundedSender<SyncCommand>, JoinHandle<()>)> {
    let (commands, queue) = tokio::sync::mpsc::unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let thread = std::thread::Builder::new()
        .name("sync".to_owned())
        .spawn(move || {
            let tell = Box::new(move |news| drop(inbox.send(Envelope::Input(Input::Sync(news)))));
            runtime.block_on(sync::run(queue, reader, tell));
        })?;
    Ok((commands, thread))
}
