use proptest::prelude::*;
use tideline_model::{DocumentId, GroupId, ReplicaId, UserId};
use uuid::Uuid;

use super::*;
use crate::limits::{
    AUTHENTICATION_MS, BACKOFF_MS_MAX, BATCHES_IN_FLIGHT_MAX, BATCHES_IN_FLIGHT_PER_DOCUMENT_MAX,
    CONNECT_MS, DEAD_MS, OUTBOX_BATCHES_PER_DOCUMENT_MAX, PING_MS, PRESENCE_INTERVAL_MS,
    STABLE_CONNECTION_MS,
};
use crate::message::{BatchId, ClientMessage, Regarding, ServerMessage, Welcome};
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

#[test]
fn a_session_connects_says_hello_and_subscribes_to_what_it_follows() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.follow(document(1), 12),
        [Output::Status(Status::Connecting), Output::Connect]
    );
    let hello = sent(&bench.give(Input::Connected));
    assert!(matches!(&hello[..], [ClientMessage::Hello(hello)] if hello.token == "secret"));
    let outputs = bench.hear(&welcome(1));
    assert!(outputs.contains(&Output::Status(Status::Online)));
    assert_eq!(subscriptions(&outputs), [(document(1), 12)]);
}

#[test]
fn nothing_is_pushed_before_the_server_has_said_what_it_has() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 0);
    assert_eq!(pushes(&bench.give(Input::Durable(own(1)))), []);
    let outputs = bench.hear(&subscribed(0, 0));
    assert!(outputs.contains(&Output::ServerHas {
        document: document(1),
        replica: REPLICA,
        replica_seq: 0
    }));
    assert_eq!(loads(&outputs), [(None, OUTBOX_BATCHES_PER_DOCUMENT_MAX)]);
    assert_eq!(pushes(&bench.load(vec![own(1)])), [(1, 1)]);
}

#[test]
fn a_durable_batch_is_pushed_at_once_and_its_acknowledgement_moves_the_cursor() {
    let mut bench = Bench::online();
    assert_eq!(pushes(&bench.give(Input::Durable(own(1)))), [(1, 1)]);
    let outputs = bench.hear(&ack(1, 1));
    assert_eq!(
        outputs,
        [Output::Acked {
            document: document(1),
            replica: REPLICA,
            last_seq: 1,
            cursor: Cursor(1)
        }]
    );
}

#[test]
fn an_acknowledgement_ahead_of_missing_batches_leaves_the_cursor_where_it_is() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    let outputs = bench.hear(&ack(1, 3));
    assert!(matches!(
        outputs[..],
        [Output::Acked {
            cursor: Cursor(0),
            ..
        }]
    ));
    assert_eq!(delivered(&bench.hear(&events(1..=3))), [1, 2, 3]);
}

#[test]
fn only_so_many_batches_of_a_document_are_on_their_way() {
    let mut bench = Bench::online();
    let mut first = Vec::new();
    for seq in 1..=20 {
        first.extend(pushes(&bench.give(Input::Durable(own(seq)))));
    }
    assert_eq!(first.len(), BATCHES_IN_FLIGHT_PER_DOCUMENT_MAX);
    assert_eq!(pushes(&bench.hear(&ack(1, 1))), [(9, 9)]);
}

#[test]
fn many_documents_share_the_way_in_turn() {
    let mut bench = Bench::new();
    bench.greet(1);
    let four = |document| {
        let batches = (1..=4).map(|seq| batch_of(REPLICA, document, seq));
        let batches = batches.collect();
        Input::Outbox { document, batches }
    };
    let mut pushed = 0;
    for document in (1..=20).map(document) {
        bench.follow(document, 0);
        let asked = loads(&bench.hear(&ServerMessage::Subscribed {
            document,
            head: Cursor(0),
            replica_seq: 0,
        }));
        if !asked.is_empty() {
            pushed += pushes(&bench.give(four(document))).len();
        }
    }
    assert_eq!(pushed, BATCHES_IN_FLIGHT_MAX);
    let outputs = bench.hear(&ack(1, 1));
    assert!(
        matches!(outputs[..], [_, Output::LoadOutbox { document: next, .. }, ..] if next == document(9)),
        "{outputs:?}"
    );
    assert_eq!(pushes(&bench.give(four(document(9)))), [(33, 1)]);
}

#[test]
fn a_long_outbox_is_read_from_disk_in_stretches() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 0);
    let full = OUTBOX_BATCHES_PER_DOCUMENT_MAX as u64;
    bench.hear(&subscribed(0, 0));
    bench.load((1..=full).map(own).collect());
    let asked: Vec<_> = (1..=full / 2)
        .flat_map(|seq| loads(&bench.hear(&ack(seq, seq))))
        .collect();
    assert_eq!(asked, [(Some(full), OUTBOX_BATCHES_PER_DOCUMENT_MAX / 2)]);
}

#[test]
fn a_batch_that_becomes_durable_while_the_disk_is_read_is_not_forgotten() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 0);
    bench.hear(&subscribed(0, 0));
    assert_eq!(pushes(&bench.give(Input::Durable(own(2)))), []);
    let outputs = bench.load(vec![own(1)]);
    assert_eq!(pushes(&outputs), [(1, 1)]);
    assert_eq!(loads(&outputs).len(), 1, "it must ask again");
    assert_eq!(pushes(&bench.load(vec![own(2)])), [(2, 2)]);
}

#[test]
fn the_answer_to_a_question_of_an_earlier_connection_is_ignored() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 0);
    bench.hear(&subscribed(0, 0));
    bench.drop_connection(0.0);
    bench.now_ms += BACKOFF_MS_MAX;
    bench.greet(1);
    bench.hear(&subscribed(0, 0));
    let outputs = bench.load(vec![own(1)]);
    assert_eq!(pushes(&outputs), []);
    assert_eq!(loads(&outputs), [(None, OUTBOX_BATCHES_PER_DOCUMENT_MAX)]);
    assert_eq!(pushes(&bench.load(vec![own(1)])), [(1, 1)]);
}

#[test]
fn what_was_not_acknowledged_is_sent_again_after_a_reconnect() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    bench.give(Input::Durable(own(2)));
    bench.hear(&ack(1, 1));
    bench.drop_connection(0.5);
    bench.now_ms += BACKOFF_MS_MAX;
    let outputs = bench.greet(1);
    assert_eq!(subscriptions(&outputs), [(document(1), 1)]);
    bench.hear(&subscribed(1, 1));
    assert_eq!(pushes(&bench.load(vec![own(2)])), [(3, 2)]);
}

#[test]
fn a_refused_token_is_final_until_the_user_acts() {
    let mut bench = Bench::new();
    bench.give(Input::Tick);
    bench.give(Input::Connected);
    let outputs = bench.hear(&refused(Regarding::Connection, RefusalCode::BadToken, None));
    assert!(matches!(
        &outputs[..],
        [
            Output::Status(Status::Refused {
                code: RefusalCode::BadToken,
                ..
            }),
            Output::Disconnect { .. }
        ]
    ));
    bench.drop_connection(0.0);
    assert_eq!(bench.session.next_wake_ms(), None);
    assert_eq!(bench.later(1_000_000), []);
    assert!(bench.give(Input::Retry).contains(&Output::Connect));
}

#[test]
fn waiting_doubles_up_to_a_minute_and_starts_anew_after_a_lasting_connection() {
    let mut bench = Bench::new();
    let mut waits = Vec::new();
    bench.give(Input::Tick);
    for _ in 0..10 {
        let retry_at_ms = retry_at(&bench.drop_connection(1.0)).unwrap();
        waits.push(retry_at_ms - bench.now_ms);
        bench.now_ms = retry_at_ms;
        bench.give(Input::Tick);
    }
    assert_eq!(waits[..4], [500, 1_000, 2_000, 4_000]);
    assert_eq!(waits[9], BACKOFF_MS_MAX);
    bench.give(Input::Connected);
    bench.hear(&welcome(1));
    bench.now_ms += STABLE_CONNECTION_MS;
    let retry_at_ms = retry_at(&bench.drop_connection(0.0)).unwrap();
    assert_eq!(retry_at_ms - bench.now_ms, 250);
}

#[test]
fn a_server_that_is_busy_says_how_long_to_wait() {
    let mut bench = Bench::new();
    bench.give(Input::Tick);
    bench.give(Input::Connected);
    let busy = refused(Regarding::Connection, RefusalCode::Busy, Some(30_000));
    assert!(gives_up(&bench.hear(&busy)));
    let retry_at_ms = retry_at(&bench.drop_connection(0.0)).unwrap();
    assert_eq!(retry_at_ms - bench.now_ms, 30_000);
}

#[test]
fn silence_is_broken_by_a_ping_and_taken_for_death_after_a_minute() {
    let mut bench = Bench::online();
    assert_eq!(sent(&bench.later(PING_MS)), [ClientMessage::Ping]);
    bench.hear(&ServerMessage::Pong);
    assert!(!gives_up(&bench.later(DEAD_MS - 1)));
    assert!(gives_up(&bench.later(1)));
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let mut bench = Bench::new();
    bench.give(Input::Tick);
    assert!(gives_up(&bench.later(CONNECT_MS)));
    bench.drop_connection(0.0);
    bench.now_ms += BACKOFF_MS_MAX;
    bench.give(Input::Tick);
    bench.give(Input::Connected);
    assert!(gives_up(&bench.later(AUTHENTICATION_MS)));
}

#[test]
fn batches_are_delivered_once_and_in_order() {
    let mut bench = Bench::online();
    assert_eq!(delivered(&bench.hear(&events(1..=2))), [1, 2]);
    assert_eq!(delivered(&bench.hear(&events(1..=4))), [3, 4]);
    let outputs = bench.hear(&events(6..=6));
    assert!(gives_up(&outputs), "a gap is the server's fault");
    assert_eq!(delivered(&outputs), []);
}

#[test]
fn a_batch_of_another_document_is_not_let_in() {
    let mut bench = Bench::online();
    let outputs = bench.hear(&ServerMessage::Events {
        document: document(1),
        batches: vec![(Cursor(1), batch_of(OTHER, document(2), 1))],
        head: Cursor(1),
    });
    assert!(gives_up(&outputs));
    assert_eq!(delivered(&outputs), []);
}

#[test]
fn who_was_too_slow_asks_again_and_ignores_what_was_under_way() {
    let mut bench = Bench::online();
    bench.hear(&events(1..=2));
    let outputs = bench.hear(&ServerMessage::CatchUp {
        document: document(1),
        cursor: Cursor(2),
    });
    assert_eq!(subscriptions(&outputs), [(document(1), 2)]);
    assert_eq!(bench.hear(&events(7..=7)), []);
    bench.hear(&subscribed(7, 0));
    assert_eq!(delivered(&bench.hear(&events(3..=7))), [3, 4, 5, 6, 7]);
}

#[test]
fn a_full_disk_on_the_server_holds_the_document_and_keeps_the_order() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    bench.give(Input::Durable(own(2)));
    let full = |id| {
        refused(
            Regarding::Batch(BatchId(id)),
            RefusalCode::Storage,
            Some(5_000),
        )
    };
    let outputs = bench.hear(&full(1));
    let retry_at_ms = Some(bench.now_ms + 5_000);
    assert!(
        matches!(&outputs[..], [Output::Blocked { retry_at_ms: at, .. }] if *at == retry_at_ms)
    );
    let gap = RefusalCode::Gap { expected_seq: 1 };
    assert_eq!(
        bench.hear(&refused(Regarding::Batch(BatchId(2)), gap, None)),
        []
    );
    assert_eq!(bench.session.next_wake_ms(), retry_at_ms);
    assert_eq!(pushes(&bench.later(4_999)), []);
    assert_eq!(pushes(&bench.later(1)), [(3, 1), (4, 2)]);
}

#[test]
fn a_server_that_lacks_something_is_given_it_from_disk_but_is_not_argued_with() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(5)));
    let gap = |id| {
        let code = RefusalCode::Gap { expected_seq: 3 };
        refused(Regarding::Batch(BatchId(id)), code, None)
    };
    let outputs = bench.hear(&gap(1));
    assert!(matches!(
        outputs[0],
        Output::ServerHas { replica_seq: 2, .. }
    ));
    assert_eq!(loads(&outputs), [(None, OUTBOX_BATCHES_PER_DOCUMENT_MAX)]);
    assert_eq!(pushes(&bench.load(vec![own(5)])), [(2, 5)]);
    let outputs = bench.hear(&gap(2));
    assert!(matches!(
        outputs[..],
        [Output::Blocked {
            retry_at_ms: None,
            ..
        }]
    ));
    assert_eq!(pushes(&bench.give(Input::Durable(own(6)))), []);
}

#[test]
fn other_bytes_under_the_same_sequence_raise_an_alarm_and_stop_the_document() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    let conflict = refused(Regarding::Batch(BatchId(1)), RefusalCode::Conflict, None);
    let outputs = bench.hear(&conflict);
    assert!(matches!(
        outputs[..],
        [
            Output::Alarm(Alarm::Conflict { .. }),
            Output::Blocked {
                retry_at_ms: None,
                ..
            }
        ]
    ));
    assert_eq!(pushes(&bench.later(1_000)), []);
    assert_eq!(
        delivered(&bench.hear(&events(1..=1))),
        [1],
        "reading goes on"
    );
}

#[test]
fn an_outdated_server_is_not_written_to() {
    let mut bench = Bench::with_epoch(3);
    bench.follow(document(1), 5);
    let outputs = bench.greet(2);
    assert!(outputs.contains(&Output::Alarm(Alarm::StaleServer { epoch: 2, seen: 3 })));
    assert!(gives_up(&outputs));
    assert_eq!(subscriptions(&outputs), []);
}

#[test]
fn a_new_epoch_reads_everything_again() {
    let mut bench = Bench::with_epoch(3);
    bench.follow(document(1), 5);
    let outputs = bench.greet(4);
    assert!(outputs.contains(&Output::EpochChanged { epoch: 4 }));
    assert_eq!(subscriptions(&outputs), [(document(1), 0)]);
}

#[test]
fn a_server_that_lost_batches_is_read_from_its_start() {
    let mut bench = Bench::new();
    bench.greet(1);
    bench.follow(document(1), 5);
    let outputs = bench.hear(&subscribed(2, 0));
    assert!(matches!(
        outputs[0],
        Output::Alarm(Alarm::ServerLostBatches {
            received: Cursor(5),
            head: Cursor(2),
            ..
        })
    ));
    assert_eq!(subscriptions(&outputs), [(document(1), 0)]);
}

#[test]
fn presence_is_sent_not_more_often_than_people_can_see_and_the_latest_counts() {
    let mut bench = Bench::online();
    let presence = |outputs: &[Output]| -> Vec<Vec<u8>> {
        let messages = sent(outputs).into_iter();
        let bytes = messages.filter_map(|message| match message {
            ClientMessage::Presence { bytes, .. } => Some(bytes),
            _ => None,
        });
        bytes.collect()
    };
    let at = |bench: &mut Bench, byte| {
        bench.give(Input::Presence {
            document: document(1),
            bytes: vec![byte],
        })
    };
    assert_eq!(presence(&at(&mut bench, 1)), [[1]]);
    assert!(presence(&at(&mut bench, 2)).is_empty());
    assert!(presence(&at(&mut bench, 3)).is_empty());
    let wake_ms = bench.session.next_wake_ms();
    assert_eq!(wake_ms, Some(bench.now_ms + PRESENCE_INTERVAL_MS));
    assert_eq!(presence(&bench.later(PRESENCE_INTERVAL_MS)), [[3]]);
    assert!(presence(&bench.later(PRESENCE_INTERVAL_MS)).is_empty());
}

#[test]
fn a_document_that_is_no_longer_followed_is_left_alone() {
    let mut bench = Bench::online();
    bench.give(Input::Durable(own(1)));
    let document = document(1);
    let outputs = bench.give(Input::Unsubscribe { document });
    assert!(matches!(
        sent(&outputs)[..],
        [ClientMessage::Unsubscribe { .. }]
    ));
    assert_eq!(bench.hear(&events(1..=1)), []);
    assert_eq!(bench.hear(&ack(1, 2)), []);
}

proptest! {
    #[test]
    fn noise_from_the_server_ends_the_connection_at_worst(frames in proptest::collection::vec(
        proptest::collection::vec(any::<u8>(), 0..60), 1..20)
    ) {
        let mut bench = Bench::online();
        for frame in frames {
            bench.give(Input::Frame(frame));
        }
        bench.drop_connection(0.0);
        let waiting = matches!(bench.session.next_wake_ms(), Some(at) if at > bench.now_ms);
        prop_assert!(waiting || bench.session.next_wake_ms().is_none());
    }
}
