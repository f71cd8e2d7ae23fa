//! What is packed comes out as it went in, whatever it is; what is damaged does not pass for sound.

use proptest::prelude::*;
use tideline_model::{
    Boundary, Change, EventId, Frontier, Kind, LineId, NewLine, Side, SlotId, SlotOrigin, SlotRef,
    UserId, Value,
};

use super::*;

const GROUP: GroupId = GroupId(Uuid::from_u128(1));
const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(2));

fn replica(number: u128) -> ReplicaId {
    ReplicaId(Uuid::from_u128(100 + number))
}

fn event(replica: ReplicaId, seq: u64, changes: Vec<Change>) -> Event {
    let own = EventId {
        replica,
        seq: seq.wrapping_sub(1),
    };
    Event {
        id: EventId { replica, seq },
        lamport: seq + 3,
        time_ms: 1_700_000_000_000 + seq.cast_signed() * 7,
        author: UserId(Uuid::from_u128(5)),
        parents: Frontier::new(if seq > 1 { vec![own] } else { Vec::new() }),
        changes,
    }
}

fn packed(key: i64, events: &[Event]) -> Packed {
    Packed {
        key,
        written_here: true,
        acked: key % 3 == 0,
        batch: tideline_wire::seal(GROUP, DOCUMENT, events).unwrap(),
    }
}

fn line(number: u64) -> LineId {
    LineId {
        replica: replica(0),
        number,
    }
}

fn typing(seq: u64, at: u32, insert: &str) -> Event {
    let insert = insert.to_owned();
    let edit = Change::EditText {
        strand: line(1),
        at,
        delete: 0,
        insert,
    };
    event(replica(0), seq, vec![edit])
}

fn every_change() -> Vec<Change> {
    let slot = SlotId {
        event: EventId {
            replica: replica(0),
            seq: 1,
        },
        index: 2,
    };
    let slot_ref = |origin| SlotRef {
        origin,
        side: Side::Left,
    };
    let (line, parent, text) = (line(1), line(2), || "täxt\n".to_owned());
    let list = Value::List(vec![
        Value::Text(text()),
        Value::List(Vec::new()),
        Value::Boolean(true),
    ]);
    let property = |value| Change::SetProperty {
        line,
        name: "due".into(),
        value,
    };
    vec![
        Change::CreateLines {
            lines: vec![
                NewLine {
                    id: line,
                    parent: LineId::ROOT,
                    slot: SlotRef::START,
                    kind: Kind::Text,
                    text: text(),
                },
                NewLine {
                    id: parent,
                    parent: line,
                    slot: slot_ref(SlotOrigin::Own(0)),
                    kind: Kind::Heading(2),
                    text: String::new(),
                },
            ],
        },
        Change::EditText {
            strand: line,
            at: 3,
            delete: 2,
            insert: text(),
        },
        Change::Split {
            strand: line,
            at: 2,
            line: parent,
            kind: Kind::Other("new".into()),
            parent,
            slot: slot_ref(SlotOrigin::Slot(slot)),
            ordered: true,
        },
        Change::Join {
            line,
            boundary: Boundary::Marker(parent),
        },
        Change::Join {
            line,
            boundary: Boundary::End(parent),
        },
        Change::Move {
            line,
            parent,
            slot: slot_ref(SlotOrigin::Own(1)),
        },
        Change::MoveBack { line, parent, slot },
        Change::SetKind {
            line,
            kind: Kind::Code,
        },
        property(None),
        property(Some(Value::Integer(i64::MIN))),
        property(Some(list)),
        Change::AddTag {
            line,
            tag: "a".into(),
        },
        Change::RemoveTag {
            line,
            tag: "a".into(),
        },
        Change::DeleteLines {
            lines: vec![line, parent],
        },
        Change::DeleteAgain {
            lines: vec![parent],
        },
        Change::Restore {
            line,
            deletions: vec![EventId {
                replica: replica(0),
                seq: 1,
            }],
        },
        Change::UndeleteText {
            deletion: EventId {
                replica: replica(7),
                seq: 9,
            },
        },
        Change::Keep { line },
        Change::SetTitle { title: text() },
        Change::Undoes { event: slot.event },
        Change::Begins,
        Change::Continues,
        Change::Unknown {
            kind: 99,
            bytes: vec![0, 255, 3],
        },
    ]
}

#[test]
fn every_kind_of_change_comes_out_as_it_went_in() {
    let all = event(replica(0), 2, every_change());
    let batches = vec![packed(4, &[typing(1, 0, "a")]), packed(9, &[all])];
    let payload = pack(&batches).unwrap();
    assert_eq!(unpack(&payload, GROUP, DOCUMENT).unwrap(), batches);
    let expected: Vec<Event> = batches
        .iter()
        .flat_map(|packed| tideline_wire::open(&packed.batch).unwrap())
        .collect();
    assert_eq!(events(&payload, GROUP, DOCUMENT).unwrap(), expected);
}

#[test]
fn a_batch_that_this_version_cannot_read_is_kept_as_it_is() {
    let mut encrypted = packed(1, &[typing(1, 0, "a")]);
    encrypted.batch.payload_kind = PayloadKind(7);
    encrypted.batch.key = Some(tideline_wire::KeyId(Uuid::from_u128(77)));
    let batches = vec![encrypted, packed(2, &[typing(2, 1, "b")])];
    let payload = pack(&batches).unwrap();
    assert_eq!(unpack(&payload, GROUP, DOCUMENT).unwrap(), batches);
    assert!(events(&payload, GROUP, DOCUMENT).is_err());
}

#[test]
fn typing_takes_a_fraction_of_the_room() {
    let batches: Vec<Packed> = (1_u64..=1000)
        .map(|seq| packed(seq.cast_signed(), &[typing(seq, seq as u32 - 1, "x")]))
        .collect();
    let before: usize = batches
        .iter()
        .map(|packed| packed.batch.payload.len())
        .sum();
    let payload = pack(&batches).unwrap();
    assert!(
        payload.len() * 50 < before,
        "{} of {before} bytes",
        payload.len()
    );
}

#[test]
fn no_flipped_bit_makes_a_segment_panic() {
    let all = event(replica(0), 2, every_change());
    let payload = pack(&[packed(4, &[typing(1, 0, "a")]), packed(9, &[all])]).unwrap();
    for at in 0..payload.len() {
        for bit in 0..8 {
            let mut bytes = payload.clone();
            bytes[at] ^= 1 << bit;
            // Which of them say something else, the checksum of the row tells.
            let _ = unpack(&bytes, GROUP, DOCUMENT);
        }
        assert!(
            unpack(&payload[..at], GROUP, DOCUMENT).is_err(),
            "cut at {at}"
        );
    }
}

proptest! {
    #[test]
    fn edits_by_several_people_come_out_as_they_went_in(
        edits in prop::collection::vec((0_u128..3, 0_u64..4, any::<u32>(), 0_u32..9, ".{0,5}", any::<bool>()), 1..60)
    ) {
        let mut seqs = [0_u64; 3];
        let mut batches = Vec::new();
        for (key, (writer, strand, at, delete, insert, merges)) in (1_i64..).zip(edits) {
            seqs[writer as usize] += 1;
            let edit = Change::EditText { strand: line(strand + 1), at, delete, insert };
            let mut event = event(replica(writer), seqs[writer as usize], vec![edit]);
            if merges {
                let heads = (0..3).filter(|&of| seqs[of] > u64::from(of == writer as usize)).map(|of| EventId {
                    replica: replica(of as u128),
                    seq: seqs[of] - u64::from(of == writer as usize),
                });
                event.parents = Frontier::new(heads.collect());
            }
            batches.push(packed(key * 3, &[event]));
        }
        let payload = pack(&batches).unwrap();
        prop_assert_eq!(unpack(&payload, GROUP, DOCUMENT).unwrap(), batches);
    }
}
