//! Rooms without sockets: what each guest's queue holds after each step.

use tideline_model::{ReplicaId, UserId};
use tideline_wire::{BatchId, PayloadKind};
use uuid::Uuid;

use super::*;
use crate::log::Push;
use crate::outgoing::{Next, QUEUED_OFFERS_MAX};

const GROUP: GroupId = GroupId(Uuid::from_u128(1));
const KEY: RoomKey = RoomKey {
    group: GROUP,
    document: DocumentId(Uuid::from_u128(2)),
};

/// Rooms with guests 1 to 3.
struct House {
    rooms: Rooms,
    queues: Vec<Arc<Outgoing>>,
}

impl House {
    fn new() -> Self {
        let mut house = Self {
            rooms: Rooms::default(),
            queues: Vec::new(),
        };
        for connection in 1..=3 {
            let outgoing = Arc::new(Outgoing::default());
            house.queues.push(Arc::clone(&outgoing));
            house.rooms.enter(Guest {
                connection,
                protocol: PROTOCOL_WITH_RANGES,
                user: UserInfo {
                    id: UserId(Uuid::from_u128(u128::from(connection))),
                    name: format!("guest {connection}"),
                },
                groups: HashSet::from([GROUP]),
                outgoing,
            });
        }
        house
    }

    fn sit(&mut self, connection: u64, cursor: u64) {
        let subscription = self.rooms.join(connection, KEY);
        let live = self
            .rooms
            .go_live(connection, KEY, subscription, Cursor(cursor));
        assert_eq!(live, Live::Yes);
    }

    fn commit(&mut self, connection: u64, cursor: u64) {
        let batch = SealedBatch {
            group: GROUP,
            document: KEY.document,
            replica: ReplicaId(Uuid::from_u128(9)),
            first_seq: cursor,
            count: 1,
            last_lamport: cursor,
            payload_kind: PayloadKind::PLAIN,
            key: None,
            payload: Vec::new(),
        };
        self.rooms.committed(vec![Committed {
            push: Push {
                connection,
                batch_id: BatchId(cursor),
                user: UserId(Uuid::nil()),
                batch,
                permits: Vec::new(),
            },
            outcome: Outcome::Stored(Cursor(cursor)),
            retry_ms: None,
        }]);
    }

    fn heard(&self, connection: u64) -> Vec<ServerMessage> {
        let queue = &self.queues[usize::try_from(connection).unwrap() - 1];
        let frames = std::iter::from_fn(|| match queue.next_now() {
            Some(Next::Frame(frame)) => Some(ServerMessage::from_frame(&frame).unwrap()),
            Some(other) => panic!("{other:?}"),
            None => None,
        });
        frames.collect()
    }

    /// `ack 3`, `events 3`, `catch up 3`.
    fn notes(&self, connection: u64) -> Vec<String> {
        let heard = self.heard(connection).into_iter();
        heard
            .map(|message| match message {
                ServerMessage::Ack { cursor, .. } => format!("ack {}", cursor.0),
                ServerMessage::Events { batches, .. } => format!("events {}", batches[0].0.0),
                ServerMessage::CatchUp { cursor, .. } => format!("catch up {}", cursor.0),
                ServerMessage::Documents { documents } => format!("new {}", documents.len()),
                ServerMessage::Presence { from, bytes, .. } => {
                    format!("{}: {}", from.connection, bytes.len())
                }
                other => panic!("{other:?}"),
            })
            .collect()
    }
}

#[test]
fn who_pushed_hears_an_answer_and_the_others_the_batch() {
    let mut house = House::new();
    house.sit(1, 4);
    house.sit(2, 4);
    house.commit(1, 5);
    assert_eq!(house.notes(1), ["ack 5"]);
    assert_eq!(house.notes(2), ["events 5"]);
    assert_eq!(house.notes(3), [""; 0]);
}

#[test]
fn a_batch_that_came_while_the_log_was_read_is_not_missed() {
    let mut house = House::new();
    let subscription = house.rooms.join(2, KEY);
    house.commit(1, 5);
    let too_early = house.rooms.go_live(2, KEY, subscription, Cursor(4));
    assert_eq!(too_early, Live::Behind);
    assert_eq!(
        house.rooms.go_live(2, KEY, subscription, Cursor(5)),
        Live::Yes
    );
    house.commit(1, 6);
    assert_eq!(house.notes(2), ["events 6"]);
}

#[test]
fn a_batch_that_was_read_from_the_log_before_it_came_here_is_not_told_twice() {
    let mut house = House::new();
    house.sit(2, 5);
    house.commit(1, 5);
    house.commit(1, 6);
    assert_eq!(house.notes(2), ["events 6"]);
}

#[test]
fn an_earlier_subscription_cannot_go_live_any_more() {
    let mut house = House::new();
    let earlier = house.rooms.join(2, KEY);
    let later = house.rooms.join(2, KEY);
    assert_eq!(house.rooms.go_live(2, KEY, earlier, Cursor(0)), Live::Gone);
    assert_eq!(house.rooms.go_live(2, KEY, later, Cursor(0)), Live::Yes);
}

#[test]
fn a_slow_reader_hears_catch_up_once_and_then_nothing() {
    let mut house = House::new();
    house.sit(2, 1);
    let last = 2 + QUEUED_OFFERS_MAX as u64 + 10;
    for cursor in 2..=last {
        house.commit(1, cursor);
    }
    let notes = house.notes(2);
    assert_eq!(notes.len(), QUEUED_OFFERS_MAX + 1);
    let told = format!("catch up {}", 1 + QUEUED_OFFERS_MAX);
    assert_eq!(notes.last(), Some(&told));
}

#[test]
fn the_first_batch_announces_the_document_to_its_group() {
    let mut house = House::new();
    house.rooms.set_groups(3, HashSet::new());
    house.commit(1, 1);
    assert_eq!(house.notes(2), ["new 1"]);
    assert_eq!(house.notes(3), [""; 0]);
}

#[test]
fn who_leaves_a_group_leaves_its_rooms() {
    let mut house = House::new();
    house.sit(1, 4);
    house.sit(2, 4);
    house.rooms.presence(2, KEY, vec![1]);
    house.rooms.set_groups(2, HashSet::new());
    house.commit(1, 5);
    assert_eq!(house.notes(1), ["ack 5", "2: 0"]);
    assert_eq!(house.notes(2), [""; 0]);
}

#[test]
fn who_has_no_seat_shows_no_caret() {
    let mut house = House::new();
    house.sit(1, 4);
    house.rooms.presence(3, KEY, vec![1]);
    assert_eq!(house.notes(1), [""; 0]);
}
