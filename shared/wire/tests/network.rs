//! Sessions against a small server over connections that break, lag and come back late: whatever
//! happens, in the end everybody has every batch exactly once. A failure names its seed;
//! `TIDELINE_SEED=n` replays it, `TIDELINE_SEEDS=n` tries more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tideline_model::{DocumentId, EventId, GroupId, ReplicaId, UserId};
use tideline_wire::{
    BatchId, ClientMessage, Cursor, Input, Output, PayloadKind, RefusalCode, Regarding,
    SealedBatch, ServerMessage, Session, SessionOptions, UserInfo, Welcome,
};
use uuid::Uuid;

const GROUP: GroupId = GroupId(Uuid::from_u128(1));
const CLIENTS: usize = 3;
const DOCUMENTS: u128 = 2;
const STEPS: usize = 600;

fn documents() -> impl Iterator<Item = DocumentId> {
    (1..=DOCUMENTS).map(|number| DocumentId(Uuid::from_u128(100 + number)))
}

#[test]
fn after_any_weather_everybody_has_every_batch_once() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seeds = match number("TIDELINE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TIDELINE_SEEDS").unwrap_or(150),
    };
    for seed in seeds {
        let weather = std::panic::catch_unwind(|| World::new(seed).run());
        assert!(weather.is_ok(), "replay with TIDELINE_SEED={seed}");
    }
}

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// What a client has on disk: survives a crash.
#[derive(Default)]
struct Disk {
    own: Vec<(SealedBatch, bool)>,
    cursors: BTreeMap<DocumentId, Cursor>,
    received: BTreeMap<(DocumentId, EventId), SealedBatch>,
}

/// What the session asked of the disk and has not been carried out yet: a crash forgets it.
enum Order {
    Store(DocumentId, Vec<SealedBatch>, Cursor),
    Acked(DocumentId, ReplicaId, u64, Cursor),
    ServerHas(DocumentId, ReplicaId, u64),
    Load(DocumentId, Option<EventId>, usize),
}

struct Client {
    replica: ReplicaId,
    session: Session,
    disk: Disk,
    orders: VecDeque<Order>,
    /// What the disk has read, on its way to the session.
    answers: VecDeque<Input>,
    connection: Option<usize>,
    dialling: bool,
}

#[derive(Default)]
struct Connection {
    client: usize,
    /// The client's end is open.
    open: bool,
    up: VecDeque<Vec<u8>>,
    down: VecDeque<Vec<u8>>,
    live: BTreeSet<DocumentId>,
}

struct World {
    dice: Dice,
    now_ms: u64,
    calm: bool,
    clients: Vec<Client>,
    connections: Vec<Connection>,
    log: BTreeMap<DocumentId, Vec<SealedBatch>>,
}

fn new_session(replica: ReplicaId) -> Session {
    Session::new(SessionOptions {
        token: "t".into(),
        device: "d".into(),
        replica,
        epoch_seen: 1,
    })
}

impl World {
    fn new(seed: u64) -> Self {
        let client = |number: usize| {
            let replica = ReplicaId(Uuid::from_u128(1_000 + number as u128));
            Client {
                replica,
                session: new_session(replica),
                disk: Disk::default(),
                orders: VecDeque::new(),
                answers: VecDeque::new(),
                connection: None,
                dialling: false,
            }
        };
        let mut world = Self {
            dice: Dice(seed),
            now_ms: 0,
            calm: false,
            clients: (0..CLIENTS).map(client).collect(),
            connections: Vec::new(),
            log: documents().map(|document| (document, Vec::new())).collect(),
        };
        for client in 0..CLIENTS {
            world.start(client);
        }
        world
    }

    fn run(mut self) {
        for _ in 0..STEPS {
            self.step();
        }
        self.calm = true;
        for _ in 0..20_000 {
            if !self.calm_step() {
                break;
            }
        }
        self.check();
    }

    fn one_in(&mut self, times: u64) -> bool {
        !self.calm && self.dice.below(times) == 0
    }

    fn step(&mut self) {
        let client = self.dice.below(CLIENTS as u64) as usize;
        match self.dice.below(100) {
            0..15 => self.write(client),
            15..70 if !self.connections.is_empty() => {
                let connection = self.dice.below(self.connections.len() as u64) as usize;
                self.carry(connection);
            }
            70..85 => self.obey(client),
            85..93 => {
                self.now_ms += 1 + self.dice.below(2_000);
                self.give(client, Input::Tick);
            }
            93..95 => self.crash(client),
            95..98 => self.cut(client),
            _ => self.dial(client),
        }
    }

    /// Moves everything along; false when nothing is left to be done.
    fn calm_step(&mut self) -> bool {
        let mut moved = false;
        for connection in 0..self.connections.len() {
            moved |= self.carry(connection);
        }
        for client in 0..CLIENTS {
            let disk = &self.clients[client];
            if !disk.orders.is_empty() || !disk.answers.is_empty() {
                self.obey(client);
                moved = true;
            }
            if self.clients[client].dialling {
                self.dial(client);
                moved = true;
            }
        }
        if !moved && !self.settled() {
            self.now_ms += 1_000;
            for client in 0..CLIENTS {
                self.give(client, Input::Tick);
            }
            moved = true;
        }
        moved
    }

    fn settled(&self) -> bool {
        self.clients.iter().all(|client| {
            let acknowledged = client.disk.own.iter().all(|(_, acked)| *acked);
            let caught_up = self.log.iter().all(|(document, log)| {
                client
                    .disk
                    .cursors
                    .get(document)
                    .copied()
                    .unwrap_or_default()
                    .0
                    == log.len() as u64
            });
            acknowledged && caught_up
        })
    }

    fn start(&mut self, client: usize) {
        self.clients[client].session = new_session(self.clients[client].replica);
        for document in documents() {
            let cursors = &self.clients[client].disk.cursors;
            let cursor = cursors.get(&document).copied().unwrap_or_default();
            let group = GROUP;
            self.give(
                client,
                Input::Subscribe {
                    group,
                    document,
                    cursor,
                },
            );
        }
    }

    fn write(&mut self, client: usize) {
        let which = self.dice.below(DOCUMENTS as u64) as usize;
        let document = documents().nth(which).expect("one of them");
        let replica = self.clients[client].replica;
        let own = &self.clients[client].disk.own;
        let of_document = own.iter().filter(|(batch, _)| batch.document == document);
        let first_seq = of_document
            .map(|(batch, _)| batch.last().seq)
            .max()
            .unwrap_or(0)
            + 1;
        let count = 1 + self.dice.below(3) as u32;
        let batch = SealedBatch {
            group: GROUP,
            document,
            replica,
            first_seq,
            count,
            last_lamport: first_seq,
            payload_kind: PayloadKind::PLAIN,
            key: None,
            payload: self.dice.next().to_le_bytes().to_vec(),
        };
        self.clients[client].disk.own.push((batch.clone(), false));
        self.give(client, Input::Durable(batch));
    }

    fn give(&mut self, client: usize, input: Input) {
        let outputs = self.clients[client].session.handle(self.now_ms, input);
        for output in outputs {
            let orders = &mut self.clients[client].orders;
            match output {
                Output::Connect => self.clients[client].dialling = true,
                Output::Send(frame) => {
                    if let Some(connection) = self.clients[client].connection {
                        self.connections[connection].up.push_back(frame);
                    }
                }
                Output::Disconnect { reason } => {
                    assert!(!reason.contains("no sense"), "{reason}");
                    self.clients[client].dialling = false;
                    if let Some(connection) = self.clients[client].connection.take() {
                        self.connections[connection].open = false;
                    }
                    self.lose(client);
                }
                Output::Deliver {
                    document,
                    batches,
                    cursor,
                    ..
                } => orders.push_back(Order::Store(document, batches, cursor)),
                Output::Acked {
                    document,
                    replica,
                    last_seq,
                    cursor,
                } => orders.push_back(Order::Acked(document, replica, last_seq, cursor)),
                Output::ServerHas {
                    document,
                    replica,
                    replica_seq,
                } => orders.push_back(Order::ServerHas(document, replica, replica_seq)),
                Output::LoadOutbox {
                    document,
                    after,
                    limit,
                } => orders.push_back(Order::Load(document, after, limit)),
                Output::Alarm(alarm) => panic!("{alarm}"),
                _ => {}
            }
        }
    }

    fn dial(&mut self, client: usize) {
        if !std::mem::take(&mut self.clients[client].dialling) {
            return;
        }
        if self.one_in(3) {
            return self.lose(client);
        }
        self.connections.push(Connection {
            client,
            open: true,
            ..Connection::default()
        });
        self.clients[client].connection = Some(self.connections.len() - 1);
        self.give(client, Input::Connected);
    }

    fn cut(&mut self, client: usize) {
        let Some(connection) = self.clients[client].connection.take() else {
            return;
        };
        self.connections[connection].open = false;
        self.lose(client);
    }

    fn lose(&mut self, client: usize) {
        let jitter = f64::from(self.dice.below(1_000) as u32) / 1_000.0;
        let reason = "cut".into();
        self.give(client, Input::Disconnected { reason, jitter });
    }

    fn crash(&mut self, client: usize) {
        if let Some(connection) = self.clients[client].connection.take() {
            self.connections[connection].open = false;
        }
        self.clients[client].orders.clear();
        self.clients[client].answers.clear();
        self.clients[client].dialling = false;
        self.start(client);
    }

    /// One order to the disk of a client, or one answer from it.
    fn obey(&mut self, client: usize) {
        let answers_first = self.calm || self.one_in(2);
        if answers_first && let Some(answer) = self.clients[client].answers.pop_front() {
            return self.give(client, answer);
        }
        let Some(order) = self.clients[client].orders.pop_front() else {
            return;
        };
        let disk = &mut self.clients[client].disk;
        let mark = |disk: &mut Disk, document, replica, acked: &dyn Fn(u64) -> Option<bool>| {
            for (batch, is_acked) in &mut disk.own {
                if batch.document == document && batch.replica == replica {
                    *is_acked = acked(batch.last().seq).unwrap_or(*is_acked);
                }
            }
        };
        match order {
            Order::Store(document, batches, cursor) => {
                for batch in batches {
                    disk.received.insert((document, batch.first()), batch);
                }
                disk.cursors.insert(document, cursor);
            }
            Order::Acked(document, replica, last_seq, cursor) => {
                mark(disk, document, replica, &|seq| {
                    (seq <= last_seq).then_some(true)
                });
                disk.cursors.insert(document, cursor);
            }
            Order::ServerHas(document, replica, server_seq) => {
                mark(disk, document, replica, &|seq| Some(seq <= server_seq));
            }
            Order::Load(document, after, limit) => {
                let own = disk.own.iter();
                let unacked = own.filter(|(batch, acked)| batch.document == document && !acked);
                let behind = unacked.filter(|(batch, _)| after.is_none_or(|id| batch.last() > id));
                let batches = behind.take(limit).map(|(batch, _)| batch.clone()).collect();
                let answer = Input::Outbox { document, batches };
                self.clients[client].answers.push_back(answer);
            }
        }
    }

    /// Moves one frame of a connection, in one direction. False when there was none.
    fn carry(&mut self, connection: usize) -> bool {
        let up = self.dice.below(2) == 0;
        let link = &mut self.connections[connection];
        if !link.open {
            // The client is gone, but what it had sent may still arrive, or never.
            link.down.clear();
            if self.one_in(2) {
                self.connections[connection].up.clear();
            }
        }
        let link = &mut self.connections[connection];
        let frame = if up || link.down.is_empty() {
            link.up.pop_front().map(|frame| (true, frame))
        } else {
            link.down.pop_front().map(|frame| (false, frame))
        };
        match frame {
            Some((true, frame)) => self.serve(connection, &frame),
            Some((false, frame)) => {
                let client = self.connections[connection].client;
                self.give(client, Input::Frame(frame));
            }
            None => return false,
        }
        true
    }

    fn reply(&mut self, connection: usize, message: &ServerMessage) {
        let frame = message.to_frame().expect("within its bounds");
        self.connections[connection].down.push_back(frame);
    }

    fn serve(&mut self, connection: usize, frame: &[u8]) {
        match ClientMessage::from_frame(frame).expect("what a session sent") {
            ClientMessage::Hello(_) => {
                let welcome = Welcome {
                    protocol: 1,
                    epoch: 1,
                    connection: connection as u64,
                    user: UserInfo {
                        id: UserId(Uuid::from_u128(5)),
                        name: "u".into(),
                    },
                    groups: vec![],
                    documents: vec![],
                };
                self.reply(connection, &ServerMessage::Welcome(welcome));
            }
            ClientMessage::Subscribe {
                document,
                cursor,
                replica,
                ..
            } => self.subscribe(connection, document, cursor, replica),
            ClientMessage::Push { batch_id, batch } => self.append(connection, batch_id, &batch),
            ClientMessage::Ping => self.reply(connection, &ServerMessage::Pong),
            _ => {}
        }
    }

    fn subscribe(
        &mut self,
        connection: usize,
        document: DocumentId,
        cursor: Cursor,
        replica: ReplicaId,
    ) {
        let log = self.log[&document].clone();
        let head = Cursor(log.len() as u64);
        let replica_seq = last_seq(&log, replica);
        self.reply(
            connection,
            &ServerMessage::Subscribed {
                document,
                head,
                replica_seq,
            },
        );
        let mut numbered = (1..)
            .map(Cursor)
            .zip(log)
            .skip(cursor.0 as usize)
            .peekable();
        while numbered.peek().is_some() {
            let page = 1 + self.dice.below(5) as usize;
            let batches = numbered.by_ref().take(page).collect();
            self.reply(
                connection,
                &ServerMessage::Events {
                    document,
                    batches,
                    head,
                },
            );
        }
        self.connections[connection].live.insert(document);
    }

    fn append(&mut self, connection: usize, batch_id: BatchId, batch: &SealedBatch) {
        let document = batch.document;
        let disk_full = self.one_in(12);
        let log = self.log.get_mut(&document).expect("a known document");
        let known = log
            .iter()
            .position(|stored| stored.first() == batch.first());
        let expected_seq = last_seq(log, batch.replica) + 1;
        let refusal = match known {
            Some(at) => {
                assert_eq!(&log[at], batch);
                let cursor = Cursor(at as u64 + 1);
                return self.reply(
                    connection,
                    &ServerMessage::Ack {
                        batch_id,
                        document,
                        cursor,
                    },
                );
            }
            None if disk_full => Some((RefusalCode::Storage, Some(500))),
            None if batch.first_seq > expected_seq => {
                Some((RefusalCode::Gap { expected_seq }, None))
            }
            None => None,
        };
        if let Some((code, retry_ms)) = refusal {
            let regarding = Regarding::Batch(batch_id);
            let reason = String::new();
            return self.reply(
                connection,
                &ServerMessage::Refused {
                    regarding,
                    code,
                    reason,
                    retry_ms,
                },
            );
        }
        assert_eq!(batch.first_seq, expected_seq);
        log.push(batch.clone());
        let cursor = Cursor(log.len() as u64);
        self.fan_out(connection, batch_id, cursor, batch);
    }

    fn fan_out(&mut self, from: usize, batch_id: BatchId, cursor: Cursor, batch: &SealedBatch) {
        let document = batch.document;
        let ack = ServerMessage::Ack {
            batch_id,
            document,
            cursor,
        };
        self.reply(from, &ack);
        for connection in 0..self.connections.len() {
            if connection == from || !self.connections[connection].live.contains(&document) {
                continue;
            }
            let message = if self.one_in(8) {
                self.connections[connection].live.remove(&document);
                ServerMessage::CatchUp { document, cursor }
            } else {
                ServerMessage::Events {
                    document,
                    batches: vec![(cursor, batch.clone())],
                    head: cursor,
                }
            };
            self.reply(connection, &message);
        }
    }

    fn check(&self) {
        for (number, client) in self.clients.iter().enumerate() {
            for (batch, acked) in &client.disk.own {
                assert!(
                    acked,
                    "client {number}: {:?} is not acknowledged",
                    batch.first()
                );
                let log = &self.log[&batch.document];
                let copies = log.iter().filter(|stored| *stored == batch).count();
                assert_eq!(copies, 1, "client {number}: {:?}", batch.first());
            }
            for batch in self.log.values().flatten() {
                let own = batch.replica == client.replica;
                let key = (batch.document, batch.first());
                let has = client.disk.received.get(&key) == Some(batch);
                assert!(own || has, "client {number} lacks {:?}", batch.first());
            }
        }
    }
}

fn last_seq(log: &[SealedBatch], replica: ReplicaId) -> u64 {
    let own = log.iter().filter(|batch| batch.replica == replica);
    own.map(|batch| batch.last().seq).max().unwrap_or(0)
}
