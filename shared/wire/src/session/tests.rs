//! The session against a server that the test plays.

mod connecting;
mod pushing;
mod reading;

use tideline_model::{DocumentId, GroupId, ReplicaId, UserId};
use uuid::Uuid;

use super::*;
use crate::limits::{
    AUTHENTICATION_MS, BACKOFF_MS_MAX, BATCHES_IN_FLIGHT_MAX, BATCHES_IN_FLIGHT_PER_DOCUMENT_MAX,
    CONNECT_MS, DEAD_MS, OUTBOX_BATCHES_PER_DOCUMENT_MAX, PING_MS, PRESENCE_INTERVAL_MS,
    STABLE_CONNECTION_MS,
};
use crate::message::{BatchId, ClientMessage, Regarding, Role, ServerMessage, Welcome};
use crate::sealed::PayloadKind;

const GROUP: GroupId = GroupId(Uuid::from_u128(1));
const REPLICA: ReplicaId = ReplicaId(Uuid::from_u128(2));
const OTHER: ReplicaId = ReplicaId(Uuid::from_u128(3));
const USER: UserId = UserId(Uuid::from_u128(4));

fn document(number: u128) -> DocumentId {
    DocumentId(Uuid::from_u128(100 + number))
}

fn batch_of(replica: ReplicaId, document: DocumentId, first_seq: u64) -> SealedBatch {
    SealedBatch {
        group: GROUP,
        document,
        replica,
        first_seq,
        count: 1,
        last_lamport: first_seq,
        payload_kind: PayloadKind::PLAIN,
        key: None,
        payload: vec![7; 10],
    }
}

fn own(seq: u64) -> SealedBatch {
    batch_of(REPLICA, document(1), seq)
}

/// A session with its clock, seen from outside.
struct Bench {
    session: Session,
    now_ms: u64,
}

impl Bench {
    fn new() -> Self {
        Self::with_epoch(1)
    }

    fn with_epoch(epoch_seen: u64) -> Self {
        let options = SessionOptions {
            token: "secret".into(),
            device: "desk".into(),
            replica: REPLICA,
            epoch_seen,
        };
        Self {
            session: Session::new(options),
            now_ms: 1_000,
        }
    }

    fn give(&mut self, input: Input) -> Vec<Output> {
        self.session.handle(self.now_ms, input)
    }

    fn hear(&mut self, message: &ServerMessage) -> Vec<Output> {
        self.give(Input::Frame(message.to_frame().unwrap()))
    }

    fn later(&mut self, ms: u64) -> Vec<Output> {
        self.now_ms += ms;
        self.give(Input::Tick)
    }

    fn drop_connection(&mut self, jitter: f64) -> Vec<Output> {
        let reason = "gone".into();
        self.give(Input::Disconnected { reason, jitter })
    }

    fn greet(&mut self, epoch: u64) -> Vec<Output> {
        self.give(Input::Tick);
        self.give(Input::Connected);
        self.hear(&welcome(epoch))
    }

    fn follow(&mut self, document: DocumentId, cursor: u64) -> Vec<Output> {
        self.give(Input::Subscribe {
            group: GROUP,
            document,
            cursor: Cursor(cursor),
        })
    }

    /// Online, following document 1 from its start, with an empty outbox.
    fn online() -> Self {
        let mut bench = Self::new();
        bench.greet(1);
        bench.follow(document(1), 0);
        bench.hear(&subscribed(0, 0));
        bench.load(vec![]);
        bench
    }

    fn load(&mut self, batches: Vec<SealedBatch>) -> Vec<Output> {
        let document = document(1);
        self.give(Input::Outbox { document, batches })
    }
}

fn welcome(epoch: u64) -> ServerMessage {
    ServerMessage::Welcome(Welcome {
        protocol: 1,
        epoch,
        connection: 9,
        user: UserInfo {
            id: USER,
            name: "me".into(),
        },
        groups: vec![],
        documents: vec![],
    })
}

fn subscribed(head: u64, replica_seq: u64) -> ServerMessage {
    ServerMessage::Subscribed {
        document: document(1),
        head: Cursor(head),
        replica_seq,
    }
}

fn events(cursors: std::ops::RangeInclusive<u64>) -> ServerMessage {
    let head = Cursor(*cursors.end());
    let batches = cursors
        .map(|cursor| (Cursor(cursor), batch_of(OTHER, document(1), cursor)))
        .collect();
    ServerMessage::Events {
        document: document(1),
        batches,
        head,
    }
}

fn ack(batch_id: u64, cursor: u64) -> ServerMessage {
    ServerMessage::Ack {
        batch_id: BatchId(batch_id),
        document: document(1),
        cursor: Cursor(cursor),
    }
}

fn refused(regarding: Regarding, code: RefusalCode, retry_ms: Option<u32>) -> ServerMessage {
    ServerMessage::Refused {
        regarding,
        code,
        reason: "because".into(),
        retry_ms,
    }
}

fn sent(outputs: &[Output]) -> Vec<ClientMessage> {
    let frames = outputs.iter().filter_map(|output| match output {
        Output::Send(frame) => Some(ClientMessage::from_frame(frame).unwrap()),
        _ => None,
    });
    frames.collect()
}

/// (id of the sending, first sequence) of every push.
fn pushes(outputs: &[Output]) -> Vec<(u64, u64)> {
    let pushes = sent(outputs)
        .into_iter()
        .filter_map(|message| match message {
            ClientMessage::Push { batch_id, batch } => Some((batch_id.0, batch.first_seq)),
            _ => None,
        });
    pushes.collect()
}

fn subscriptions(outputs: &[Output]) -> Vec<(DocumentId, u64)> {
    let asked = sent(outputs)
        .into_iter()
        .filter_map(|message| match message {
            ClientMessage::Subscribe {
                document, cursor, ..
            } => Some((document, cursor.0)),
            _ => None,
        });
    asked.collect()
}

fn delivered(outputs: &[Output]) -> Vec<u64> {
    let batches = outputs.iter().filter_map(|output| match output {
        Output::Deliver { batches, .. } => Some(batches.iter().map(|batch| batch.first_seq)),
        _ => None,
    });
    batches.flatten().collect()
}

fn loads(outputs: &[Output]) -> Vec<(Option<u64>, usize)> {
    let loads = outputs.iter().filter_map(|output| match output {
        Output::LoadOutbox { after, limit, .. } => Some((after.map(|id| id.seq), *limit)),
        _ => None,
    });
    loads.collect()
}

fn retry_at(outputs: &[Output]) -> Option<u64> {
    outputs.iter().find_map(|output| match output {
        Output::Status(Status::Waiting { retry_at_ms, .. }) => Some(*retry_at_ms),
        _ => None,
    })
}

fn gives_up(outputs: &[Output]) -> bool {
    let mut outputs = outputs.iter();
    outputs.any(|output| matches!(output, Output::Disconnect { .. }))
}
