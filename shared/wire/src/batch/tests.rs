//! Batches as they are, damaged, and made by hand to do harm.

use proptest::collection::vec;
use proptest::prelude::*;
use tideline_model::{
    Boundary, Change, Event, EventId, Frontier, Kind, LineId, NewLine, ReplicaId, Side, SlotId,
    SlotOrigin, SlotRef, TodoState, UserId, Value,
};
use uuid::Uuid;

use super::bytes::put_number;
use super::*;
use crate::limits::{COUNTER_MAX, EVENT_BYTES_MAX, PAYLOAD_BYTES_MAX, VALUE_DEPTH_MAX};

fn uuid() -> impl Strategy<Value = Uuid> {
    prop_oneof![
        4 => (1u128..5).prop_map(Uuid::from_u128),
        1 => (1u128..).prop_map(Uuid::from_u128),
    ]
}

fn counter(min: u64) -> impl Strategy<Value = u64> {
    prop_oneof![8 => min..200, 1 => min..=COUNTER_MAX]
}

fn event_id() -> impl Strategy<Value = EventId> {
    (uuid(), counter(1)).prop_map(|(replica, seq)| EventId {
        replica: ReplicaId(replica),
        seq,
    })
}

fn line() -> impl Strategy<Value = LineId> {
    prop_oneof![
        1 => Just(LineId::ROOT),
        2 => (uuid(), 0u64..4).prop_map(LineId::from),
        1 => (uuid(), counter(0)).prop_map(LineId::from),
    ]
}

fn slot() -> impl Strategy<Value = SlotId> {
    (event_id(), any::<u32>()).prop_map(|(event, index)| SlotId { event, index })
}

fn slot_ref() -> impl Strategy<Value = SlotRef> {
    let side = prop_oneof![Just(Side::Left), Just(Side::Right)];
    let origin = prop_oneof![
        Just(SlotOrigin::Start),
        any::<u32>().prop_map(SlotOrigin::Own),
        slot().prop_map(SlotOrigin::Slot),
    ];
    (origin, side).prop_map(|(origin, side)| SlotRef { origin, side })
}

fn line_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Text),
        (1u8..=3).prop_map(Kind::Heading),
        prop_oneof![
            Just(TodoState::Open),
            Just(TodoState::Started),
            Just(TodoState::Waiting),
            Just(TodoState::Done),
            Just(TodoState::Cancelled),
        ]
        .prop_map(Kind::Todo),
        Just(Kind::Bullet),
        Just(Kind::Numbered),
        Just(Kind::Quote),
        Just(Kind::Code),
        Just(Kind::Comment),
        Just(Kind::Divider),
        Just(Kind::Table),
        ".{0,8}".prop_map(Kind::Other),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        ".{0,12}".prop_map(Value::Text),
        any::<i64>().prop_map(Value::Integer),
        any::<bool>().prop_map(Value::Boolean),
    ]
    .prop_recursive(VALUE_DEPTH_MAX as u32, 24, 4, |inner| {
        vec(inner, 0..4).prop_map(Value::List)
    })
}

fn new_line() -> impl Strategy<Value = NewLine> {
    (line(), line(), slot_ref(), line_kind(), ".{0,20}").prop_map(
        |(id, parent, slot, kind, text)| NewLine {
            id,
            parent,
            slot,
            kind,
            text,
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    let boundary = prop_oneof![
        line().prop_map(Boundary::Marker),
        line().prop_map(Boundary::End)
    ];
    prop_oneof![
        vec(new_line(), 0..4).prop_map(|lines| Change::CreateLines { lines }),
        (line(), any::<u32>(), any::<u32>(), ".{0,20}").prop_map(|(strand, at, delete, insert)| {
            Change::EditText {
                strand,
                at,
                delete,
                insert,
            }
        }),
        (
            line(),
            any::<u32>(),
            line(),
            line_kind(),
            line(),
            slot_ref(),
            any::<bool>()
        )
            .prop_map(
                |(strand, at, line, kind, parent, slot, ordered)| Change::Split {
                    strand,
                    at,
                    line,
                    kind,
                    parent,
                    slot,
                    ordered
                }
            ),
        (line(), boundary).prop_map(|(line, boundary)| Change::Join { line, boundary }),
        (line(), line(), slot_ref()).prop_map(|(line, parent, slot)| Change::Move {
            line,
            parent,
            slot
        }),
        (line(), line(), slot()).prop_map(|(line, parent, slot)| Change::MoveBack {
            line,
            parent,
            slot
        }),
        (line(), line_kind()).prop_map(|(line, kind)| Change::SetKind { line, kind }),
        (line(), ".{0,8}", proptest::option::of(value()))
            .prop_map(|(line, name, value)| { Change::SetProperty { line, name, value } }),
        (line(), ".{0,8}").prop_map(|(line, tag)| Change::AddTag { line, tag }),
        (line(), ".{0,8}").prop_map(|(line, tag)| Change::RemoveTag { line, tag }),
        vec(line(), 0..6).prop_map(|lines| Change::DeleteLines { lines }),
        vec(line(), 0..6).prop_map(|lines| Change::DeleteAgain { lines }),
        (line(), vec(event_id(), 0..3))
            .prop_map(|(line, deletions)| Change::Restore { line, deletions }),
        event_id().prop_map(|deletion| Change::UndeleteText { deletion }),
        event_id().prop_map(|event| Change::Undoes { event }),
        Just(Change::Begins),
        Just(Change::Continues),
        line().prop_map(|line| Change::Keep { line }),
        ".{0,20}".prop_map(|title| Change::SetTitle { title }),
        (20u32.., vec(any::<u8>(), 0..20))
            .prop_map(|(kind, bytes)| Change::Unknown { kind, bytes }),
    ]
}

prop_compose! {
    /// Everything of an event that does not depend on the one before it.
    fn draft()(
        lamport_step in prop_oneof![3 => Just(1u64), 1 => 1u64..1_000_000],
        time_ms in prop_oneof![3 => 0i64..10_000, 1 => any::<i64>()],
        author in uuid(),
        own_parent in any::<bool>(),
        parents in vec(event_id(), 0..3),
        changes in vec(change(), 0..4),
    ) -> Event {
        Event {
            id: EventId { replica: ReplicaId(Uuid::nil()), seq: u64::from(own_parent) },
            lamport: lamport_step,
            time_ms,
            author: UserId(author),
            parents: Frontier::new(parents),
            changes,
        }
    }
}

/// Consecutive events of one replica.
fn events() -> impl Strategy<Value = Vec<Event>> {
    (uuid(), 1u64..1_000, vec(draft(), 1..6)).prop_map(|(replica, first, drafts)| {
        let replica = ReplicaId(replica);
        let mut lamport = 0;
        drafts
            .into_iter()
            .zip(first..)
            .map(|(draft, seq)| {
                lamport += draft.lamport;
                let own = EventId {
                    replica,
                    seq: seq - 1,
                };
                let others = draft.parents.heads().iter().copied();
                let parents = if draft.id.seq == 1 && own.seq > 0 {
                    Frontier::new(vec![own])
                } else {
                    Frontier::new(others.filter(|id| id.replica != replica))
                };
                Event {
                    id: EventId { replica, seq },
                    lamport,
                    parents,
                    ..draft
                }
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_was_written_is_read_again(events in events()) {
        let bytes = encode_batch(&events).unwrap();
        prop_assert_eq!(decode_batch(&bytes).unwrap(), events);
    }

    #[test]
    fn reading_and_writing_again_gives_the_same_bytes(events in events()) {
        let bytes = encode_batch(&events).unwrap();
        let again = encode_batch(&decode_batch(&bytes).unwrap()).unwrap();
        prop_assert_eq!(again, bytes);
    }

    #[test]
    fn a_batch_that_was_cut_off_is_refused_or_shorter(events in events(), cut in any::<prop::sample::Index>()) {
        let bytes = encode_batch(&events).unwrap();
        let cut = cut.index(bytes.len());
        if let Ok(read) = decode_batch(&bytes[..cut]) {
            prop_assert_eq!(&read[..], &events[..read.len()]);
        }
    }

    /// What survives damage is written again without complaint: decoding admits nothing that
    /// encoding refuses.
    #[test]
    fn damaged_bytes_never_panic_and_never_give_impossible_events(
        events in events(),
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = encode_batch(&events).unwrap();
        for (index, mask) in flips {
            let at = index.index(bytes.len());
            bytes[at] ^= mask;
        }
        if let Ok(read) = decode_batch(&bytes) {
            let again = encode_batch(&read).unwrap();
            prop_assert_eq!(decode_batch(&again).unwrap(), read);
        }
    }

    #[test]
    fn noise_never_panics(mut bytes in vec(any::<u8>(), 0..400), versioned in any::<bool>()) {
        if versioned && !bytes.is_empty() {
            bytes[0] = FORMAT_VERSION;
        }
        if let Ok(read) = decode_batch(&bytes) {
            prop_assert!(encode_batch(&read).is_ok());
        }
    }
}

const REPLICA: ReplicaId = ReplicaId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));
const AUTHOR: UserId = UserId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002));

fn event(seq: u64, changes: Vec<Change>) -> Event {
    let own = EventId {
        replica: REPLICA,
        seq: seq - 1,
    };
    Event {
        id: EventId {
            replica: REPLICA,
            seq,
        },
        lamport: 40_000 + seq,
        time_ms: 1_790_000_000_000 + seq.cast_signed() * 1_700,
        author: AUTHOR,
        parents: Frontier::new(if seq > 1 { vec![own] } else { Vec::new() }),
        changes,
    }
}

fn typed(seq: u64, at: u32, text: &str) -> Event {
    let strand = LineId {
        replica: REPLICA,
        number: 51_234,
    };
    let insert = text.to_owned();
    let edit = Change::EditText {
        strand,
        at,
        delete: 0,
        insert,
    };
    event(seq, vec![edit])
}

#[test]
#[expect(clippy::print_stdout, reason = "the figure is worth seeing")]
fn a_coalesced_keystroke_event_takes_at_most_24_bytes_beyond_its_text() {
    let text = "a few words ";
    let before = typed(9_001, 4_000, text);
    let one = encode_batch(std::slice::from_ref(&before)).unwrap().len();
    let two = encode_batch(&[before, typed(9_002, 4_012, text)])
        .unwrap()
        .len();
    let beyond = two - one - text.len();
    println!(
        "a keystroke event in a batch: {beyond} bytes beyond its text; alone in one: {}",
        one - text.len()
    );
    assert!(beyond <= 24, "{beyond} bytes");
    assert_eq!(beyond, 9);
}

#[test]
fn a_kind_of_a_newer_version_is_kept_byte_for_byte() {
    let newer = Change::Unknown {
        kind: 4_000_000_000,
        bytes: vec![0, 255, 7],
    };
    let events = [event(
        1,
        vec![newer, Change::SetTitle { title: "t".into() }],
    )];
    let bytes = encode_batch(&events).unwrap();
    let read = decode_batch(&bytes).unwrap();
    assert_eq!(read, events);
    assert_eq!(encode_batch(&read).unwrap(), bytes);
}

#[test]
fn a_known_kind_cannot_be_smuggled_in_as_an_unknown_one() {
    let disguised = Change::Unknown {
        kind: kind::KEEP,
        bytes: Vec::new(),
    };
    assert!(matches!(
        encode_batch(&[event(1, vec![disguised])]),
        Err(EncodeError::KnownKind {
            kind: kind::KEEP,
            ..
        })
    ));
}

#[test]
fn only_consecutive_events_of_one_replica_in_clock_order_make_a_batch() {
    let (first, mut second) = (typed(1, 0, "a"), typed(2, 1, "b"));
    assert_eq!(encode_batch(&[]), Err(EncodeError::Empty));
    assert!(matches!(
        encode_batch(&[first.clone(), typed(3, 1, "c")]),
        Err(EncodeError::NotConsecutive { .. })
    ));
    second.lamport = first.lamport;
    assert!(matches!(
        encode_batch(&[first, second]),
        Err(EncodeError::ClockRunsBack { .. })
    ));
}

#[test]
fn an_event_that_is_too_large_is_refused_with_its_size() {
    let text = "x".repeat(EVENT_BYTES_MAX);
    match encode_batch(&[typed(1, 0, &text)]) {
        Err(EncodeError::EventTooLarge { bytes, max, .. }) => assert!(bytes > max),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_is_nested_so_deep_and_no_deeper() {
    let nested = |depth| {
        let value = (0..depth).fold(Value::Integer(1), |value, _| Value::List(vec![value]));
        event(
            1,
            vec![Change::SetProperty {
                line: LineId::ROOT,
                name: "n".into(),
                value: Some(value),
            }],
        )
    };
    let deepest = [nested(VALUE_DEPTH_MAX)];
    assert_eq!(
        decode_batch(&encode_batch(&deepest).unwrap()).unwrap(),
        deepest
    );
    assert!(matches!(
        encode_batch(&[nested(VALUE_DEPTH_MAX + 1)]),
        Err(EncodeError::TooDeep { .. })
    ));
}

/// A batch of one event with one change, written by hand.
fn crafted(kind: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![FORMAT_VERSION];
    bytes.extend_from_slice(REPLICA.0.as_bytes());
    bytes.extend_from_slice(&[1, flag::ONE_CHANGE, 0, 1, 0, 0]);
    put_number(&mut bytes, u64::from(kind));
    put_number(&mut bytes, body.len() as u64);
    bytes.extend_from_slice(body);
    bytes
}

#[test]
fn announced_counts_beyond_the_input_are_refused_before_anything_is_allocated() {
    let mut body = Vec::new();
    put_number(&mut body, 1 << 40);
    for kind in [kind::CREATE_LINES, kind::DELETE_LINES] {
        assert!(matches!(
            decode_batch(&crafted(kind, &body)),
            Err(DecodeError::Truncated { missing, .. }) if missing >= 1 << 40
        ));
    }
}

#[test]
fn bytes_behind_a_known_change_are_refused() {
    let keep_root = [2, 0];
    assert!(decode_batch(&crafted(kind::KEEP, &keep_root)).is_ok());
    assert!(matches!(
        decode_batch(&crafted(kind::KEEP, &[2, 0, 9])),
        Err(DecodeError::LeftOver { left: 1, .. })
    ));
}

#[test]
fn a_reference_to_something_never_named_is_refused() {
    for body in [&[0][..], &[9, 0]] {
        assert!(matches!(
            decode_batch(&crafted(kind::KEEP, body)),
            Err(DecodeError::UnknownReference { .. })
        ));
    }
}

#[test]
fn a_value_nested_by_hand_deeper_than_allowed_is_refused() {
    let mut body = vec![2, 0, 0];
    for _ in 0..=VALUE_DEPTH_MAX {
        body.extend_from_slice(&[value::LIST, 1]);
    }
    body.push(value::TRUE);
    assert!(matches!(
        decode_batch(&crafted(kind::SET_PROPERTY, &body)),
        Err(DecodeError::TooDeep { .. })
    ));
}

#[test]
fn numbers_have_one_form() {
    let mut bytes = crafted(kind::KEEP, &[2, 0]);
    let sequence = 17;
    bytes.splice(sequence..=sequence, [0x81, 0x00]);
    assert_eq!(
        decode_batch(&bytes),
        Err(DecodeError::BadNumber { at: sequence })
    );
}

#[test]
fn an_event_that_names_a_later_one_of_its_replica_as_parent_is_refused() {
    let mut bytes = vec![FORMAT_VERSION];
    bytes.extend_from_slice(REPLICA.0.as_bytes());
    bytes.extend_from_slice(&[5, 0, 0, 1, 0, 1, 0, 5, 0]);
    assert!(matches!(
        decode_batch(&bytes),
        Err(DecodeError::ImpossibleParent { .. })
    ));
}

#[test]
fn a_newer_format_is_named_as_such() {
    assert_eq!(
        decode_batch(&[FORMAT_VERSION + 1]),
        Err(DecodeError::NewerFormat {
            found: FORMAT_VERSION + 1,
            known: FORMAT_VERSION
        })
    );
    let oversized = vec![FORMAT_VERSION; PAYLOAD_BYTES_MAX + 1];
    assert!(matches!(
        decode_batch(&oversized),
        Err(DecodeError::TooLarge { .. })
    ));
}

/// The most memory that a byte of input can become: the size of each thing over its fewest bytes.
#[test]
fn memory_stays_a_small_multiple_of_the_input() {
    let per_byte = [
        (size_of::<Event>() + size_of::<EventId>()) / 3,
        size_of::<Change>() / 2,
        size_of::<NewLine>() / 5,
        size_of::<LineId>(),
        size_of::<Value>(),
    ];
    assert!(per_byte.iter().all(|&bytes| bytes <= 80), "{per_byte:?}");
}
