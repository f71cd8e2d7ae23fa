//! Bytes that are out in the world: the examples of `docs/protocol.md`. A change here is a change of
//! the format, and needs a new version.

use tideline_model::{
    Change, DocumentId, Event, EventId, Frontier, GroupId, Kind, LineId, NewLine, ReplicaId,
    SlotRef, UserId,
};
use tideline_wire::{
    BatchId, ClientMessage, Cursor, Hello, LineSum, RangeSum, Ranges, RefusalCode, Regarding, Role,
    ServerMessage, decode_batch, encode_batch, seal,
};
use uuid::Uuid;

const REPLICA: ReplicaId = ReplicaId(Uuid::from_u128(0x0101_0101_0101_0101_0101_0101_0101_0101));
const AUTHOR: UserId = UserId(Uuid::from_u128(0x0202_0202_0202_0202_0202_0202_0202_0202));
const GROUP: GroupId = GroupId(Uuid::from_u128(0x0303_0303_0303_0303_0303_0303_0303_0303));
const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(0x0404_0404_0404_0404_0404_0404_0404_0404));

/// `01*16` stands for sixteen times 01.
fn bytes(text: &str) -> Vec<u8> {
    let parts = text.split_whitespace().flat_map(|part| {
        let (byte, times) = part.split_once('*').unwrap_or((part, "1"));
        let byte = u8::from_str_radix(byte, 16).expect("a byte in hex");
        std::iter::repeat_n(byte, times.parse().expect("a number of times"))
    });
    parts.collect()
}

/// A line with the text "a" is made, then "bc" is typed behind it.
fn events() -> [Event; 2] {
    let line = LineId {
        replica: REPLICA,
        number: 7,
    };
    let id = |seq| EventId {
        replica: REPLICA,
        seq,
    };
    let create = Change::CreateLines {
        lines: vec![NewLine {
            id: line,
            parent: LineId::ROOT,
            slot: SlotRef::START,
            kind: Kind::Bullet,
            text: "a".into(),
        }],
    };
    let edit = Change::EditText {
        strand: line,
        at: 1,
        delete: 0,
        insert: "bc".into(),
    };
    let event = |seq, lamport, time_ms, parents, change| Event {
        id: id(seq),
        lamport,
        time_ms,
        author: AUTHOR,
        parents: Frontier::new(parents),
        changes: vec![change],
    };
    [
        event(1, 5, 1_000, vec![], create),
        event(2, 6, 1_300, vec![id(1)], edit),
    ]
}

const BATCH: &str = "01 01*16 01 \
                     08 d0 0f 05 02 02*16 00 01 09 01 01 07 02 00 01 09 01 61 \
                     0f d8 04 02 06 01 07 01 00 62 63";

#[test]
fn a_batch_is_written_as_documented() {
    assert_eq!(encode_batch(&events()), Ok(bytes(BATCH)));
    assert_eq!(decode_batch(&bytes(BATCH)), Ok(events().to_vec()));
}

/// Of lines 1 to 7 of a replica: the hash is 2, and they are line 7, which adds 2.
fn ranges() -> Ranges {
    let line = |number| LineId {
        replica: REPLICA,
        number,
    };
    let named = LineSum {
        line: line(7),
        hash: 2,
    };
    let range = RangeSum {
        first: line(1),
        last: line(7),
        hash: 2,
        lines: Some(vec![named]),
    };
    Ranges {
        version: 200,
        hash: 1,
        ranges: vec![range],
    }
}

const RANGES: &str = "c8 01 01 01 10 01*16 01 10 01*16 07 02 01 01 10 01*16 07 02";

#[test]
fn client_messages_are_written_as_documented() {
    let (group, document) = (GROUP, DOCUMENT);
    let hello = ClientMessage::Hello(Hello {
        protocol_min: 1,
        protocol_max: 1,
        token: "t".into(),
        device: "d".into(),
        epoch_seen: 0,
    });
    let batch = seal(group, document, &events()).expect("two consecutive events");
    let payload = batch.payload.clone();
    let batch_id = BatchId(9);
    let push = ClientMessage::Push { batch_id, batch };
    let ids = "10 03*16 10 04*16";
    let envelope = format!(
        "10 03*16 10 04*16 10 01*16 01 02 06 01 00 {:02x}",
        payload.len()
    );
    for (message, text) in [
        (hello, "00 01 01 01 74 01 64 00".to_owned()),
        (
            ClientMessage::Subscribe {
                group,
                document,
                cursor: Cursor(300),
                replica: REPLICA,
            },
            format!("01 {ids} ac 02 10 01*16"),
        ),
        (
            ClientMessage::Unsubscribe { group, document },
            format!("02 {ids}"),
        ),
        (push, format!("03 09 {envelope} {BATCH}")),
        (
            ClientMessage::Presence {
                group,
                document,
                bytes: vec![8, 9],
            },
            format!("04 {ids} 02 08 09"),
        ),
        (
            ClientMessage::Digest {
                group,
                document,
                version: 200,
                hash: 1,
            },
            format!("05 {ids} c8 01 01"),
        ),
        (ClientMessage::Ping, "06".to_owned()),
        (
            ClientMessage::Ranges {
                group,
                document,
                ranges: ranges(),
            },
            format!("07 {ids} {RANGES}"),
        ),
    ] {
        assert_eq!(message.to_frame(), Ok(bytes(&text)), "{message:?}");
        assert_eq!(ClientMessage::from_frame(&bytes(&text)), Ok(message));
    }
}

#[test]
fn server_messages_are_written_as_documented() {
    let document = DOCUMENT;
    let cursor = Cursor(2);
    let refused = ServerMessage::Refused {
        regarding: Regarding::Batch(BatchId(9)),
        code: RefusalCode::Gap { expected_seq: 4 },
        reason: "r".into(),
        retry_ms: Some(5),
    };
    for (message, text) in [
        (refused, "01 01 09 07 04 01 72 01 05"),
        (
            ServerMessage::Ack {
                batch_id: BatchId(9),
                document,
                cursor,
            },
            "02 09 10 04*16 02",
        ),
        (
            ServerMessage::Subscribed {
                document,
                head: cursor,
                replica_seq: 1,
            },
            "03 10 04*16 02 01",
        ),
        (
            ServerMessage::Events {
                document,
                batches: vec![],
                head: cursor,
            },
            "04 10 04*16 00 02",
        ),
        (
            ServerMessage::CatchUp { document, cursor },
            "05 10 04*16 02",
        ),
        (ServerMessage::Documents { documents: vec![] }, "06 00"),
        (ServerMessage::Groups { groups: vec![] }, "07 00"),
        (ServerMessage::Pong, "0a"),
        (
            ServerMessage::Ranges {
                document,
                ranges: ranges(),
            },
            &format!("0b 10 04*16 {RANGES}"),
        ),
    ] {
        assert_eq!(message.to_frame(), Ok(bytes(text)), "{message:?}");
        assert_eq!(ServerMessage::from_frame(&bytes(text)), Ok(message));
    }
}

#[test]
fn refusals_and_roles_keep_their_numbers() {
    let codes = [
        RefusalCode::BadToken,
        RefusalCode::Version,
        RefusalCode::Malformed,
        RefusalCode::StaleServer { epoch: 3 },
        RefusalCode::Busy,
        RefusalCode::NotMember,
        RefusalCode::ReadOnly,
        RefusalCode::Gap { expected_seq: 1 },
        RefusalCode::Conflict,
        RefusalCode::ForeignReplica,
        RefusalCode::Storage,
        RefusalCode::Damaged,
        RefusalCode::Shutdown,
    ];
    let numbers = codes.map(|code| {
        let refused = ServerMessage::Refused {
            regarding: Regarding::Connection,
            code,
            reason: String::new(),
            retry_ms: None,
        };
        refused.to_frame().expect("a short message")[2]
    });
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let names = Role::ALL.map(Role::name);
    assert_eq!(names, ["owner", "editor", "commenter", "reader"]);
}
