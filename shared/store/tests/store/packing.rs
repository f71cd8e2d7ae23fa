//! Packed history: read as before, only what is settled, and unpacked when it must be sent again.

use tideline_model::EventId;
use tideline_store::{
    CommitError, GroupHome, GroupRow, Origin, Packing, SalvageError, Wanted, read_salvaged, salvage,
};

use crate::support::{Desk, NOW_MS, Outliner, batch, document, group, replica, texts};

const SOON: Packing = Packing {
    batches_min: 4,
    bytes_min: usize::MAX,
};

/// Writes `count` events in batches of their own.
fn write(desk: &mut Desk, count: u64) {
    let first = desk.texts(document(1)).len() as u64 + 1;
    for seq in first..first + count {
        desk.write(document(1), &format!("event {seq}")).unwrap();
    }
}

fn pack(desk: &mut Desk) -> u32 {
    let mut steps = 0;
    while desk.replica.pack_step(SOON, NOW_MS + 9).unwrap() {
        steps += 1;
    }
    steps
}

/// Rows of batches and segments.
fn rows(desk: &Desk) -> (i64, i64) {
    let raw = rusqlite::Connection::open(crate::support::database(&desk.path())).unwrap();
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        raw.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    (count("batches"), count("segments"))
}

#[test]
fn packed_history_reads_as_before_and_the_outbox_of_a_server_is_spared() {
    let mut desk = Desk::new();
    write(&mut desk, 20);
    let (id, local) = (desk.replica.replica_id(), desk.local());
    let before = desk.scope().batches(document(1)).unwrap();
    let events = desk.scope().events(document(1)).unwrap();
    assert_eq!(pack(&mut desk), 1);
    assert_eq!(rows(&desk), (1, 1), "the last batch stays a row");
    let mut desk = desk.reopen();
    assert_eq!(desk.scope().batches(document(1)).unwrap(), before);
    assert_eq!(desk.scope().events(document(1)).unwrap(), events);
    assert_eq!(desk.scope().last_seq(document(1), id).unwrap(), 20);
    let some = desk.scope().events_of(document(1), id, 5..=7).unwrap();
    assert_eq!(some, events[4..7]);
    let one = desk.scope().event(
        document(1),
        EventId {
            replica: id,
            seq: 20,
        },
    );
    assert_eq!(one.unwrap().as_ref(), events.last());
    let none = desk.scope().event(
        document(1),
        EventId {
            replica: id,
            seq: 21,
        },
    );
    assert_eq!(none.unwrap(), None);
    assert_eq!(desk.replica.verify().problems, []);

    // A batch that comes again is known, and so is one that says something else.
    let mut again = desk.commit(document(1));
    again.batches = vec![(Origin::Local, before[3].clone())];
    desk.replica.commit(&again).unwrap();
    again.batches = vec![(Origin::Local, batch(local, document(1), id, 4, &["other"]))];
    let error = desk.replica.commit(&again).unwrap_err();
    assert!(matches!(error, CommitError::Conflict { .. }), "{error}");
    write(&mut desk, 1);
    assert_eq!(desk.texts(document(1)).len(), 21);
}

#[test]
fn segments_grow_together() {
    let mut desk = Desk::new();
    for _ in 0..30 {
        write(&mut desk, 5);
        pack(&mut desk);
    }
    let (batches, segments) = rows(&desk);
    assert!(batches <= 5 && segments <= 6, "{batches} and {segments}");
    let expected: Vec<String> = (1..=150).map(|seq| format!("event {seq}")).collect();
    assert_eq!(desk.texts(document(1)), expected);
    assert_eq!(desk.replica.verify().problems, []);
}

#[test]
fn only_what_the_server_has_is_packed_and_what_it_lost_is_unpacked() {
    let mut desk = Desk::new();
    let shared = GroupRow {
        id: group(2),
        name: "Shared".into(),
        home: GroupHome::Server {
            url: "wss://example.org".into(),
        },
    };
    desk.replica.add_group(&shared).unwrap();
    let id = desk.replica.replica_id();
    let local = desk.local();
    write(&mut desk, 12);
    assert_eq!(pack(&mut desk), 1);
    let adopted = desk
        .replica
        .adopt_local_documents(local, group(2), &[], NOW_MS);
    assert_eq!(adopted.unwrap(), [document(1)]);
    assert_eq!(rows(&desk), (12, 0), "all of it must be sent");
    assert_eq!(pack(&mut desk), 0);
    let outbox = |desk: &Desk| -> Vec<u64> {
        let outbox = desk.replica.scope(group(2)).outbox(document(1)).unwrap();
        outbox.iter().map(|batch| batch.first_seq).collect()
    };
    assert_eq!(outbox(&desk), (1..=12).collect::<Vec<_>>());

    let mut commit = tideline_store::Commit::new(group(2), document(1), NOW_MS);
    commit.acked = vec![(id, 8)];
    desk.replica.commit(&commit).unwrap();
    assert_eq!(pack(&mut desk), 1);
    assert_eq!(rows(&desk), (4, 1));
    assert_eq!(outbox(&desk), [9, 10, 11, 12]);

    commit.acked = Vec::new();
    commit.server_has = vec![(id, 5)];
    desk.replica.commit(&commit).unwrap();
    assert_eq!(outbox(&desk), (6..=12).collect::<Vec<_>>());
    commit.server_has = vec![(id, 12)];
    desk.replica.commit(&commit).unwrap();
    assert_eq!(pack(&mut desk), 1);
    desk.replica
        .forget_acknowledgements(group(2), NOW_MS)
        .unwrap();
    assert_eq!(outbox(&desk), (1..=12).collect::<Vec<_>>());
    let events = desk.replica.scope(group(2)).events(document(1)).unwrap();
    assert_eq!(texts(&events).len(), 12);
    assert_eq!(desk.replica.verify().problems, []);
}

#[test]
fn a_parcel_that_no_longer_fits_is_left() {
    let mut desk = Desk::new();
    let shared = GroupRow {
        id: group(2),
        name: "Shared".into(),
        home: GroupHome::Server {
            url: "wss://example.org".into(),
        },
    };
    desk.replica.add_group(&shared).unwrap();
    write(&mut desk, 12);
    let parcel = desk
        .replica
        .reader()
        .unwrap()
        .next_parcel(SOON, NOW_MS)
        .unwrap()
        .unwrap();
    let local = desk.local();
    desk.replica
        .adopt_local_documents(local, group(2), &[], NOW_MS)
        .unwrap();
    assert!(!desk.replica.put(&parcel).unwrap());
    assert_eq!(rows(&desk), (12, 0));

    let mut desk = Desk::new();
    write(&mut desk, 12);
    let parcel = desk
        .replica
        .reader()
        .unwrap()
        .next_parcel(SOON, NOW_MS)
        .unwrap()
        .unwrap();
    assert!(desk.replica.put(&parcel).unwrap());
    assert!(!desk.replica.put(&parcel).unwrap(), "it is there already");
    assert_eq!(desk.texts(document(1)).len(), 12);
}

#[test]
fn several_people_and_several_documents_are_packed_apart() {
    let mut desk = Desk::new();
    let local = desk.local();
    for number in [1, 2] {
        for seq in 1..=6 {
            for person in 5..8 {
                let mut commit = desk.commit(document(number));
                let sealed = batch(local, document(number), replica(person), seq, &["x"]);
                commit.batches = vec![(Origin::Remote, sealed)];
                desk.replica.commit(&commit).unwrap();
            }
        }
    }
    let before = desk.scope().batches(document(2)).unwrap();
    assert_eq!(pack(&mut desk), 2);
    assert_eq!(desk.scope().batches(document(2)).unwrap(), before);
    for person in 5..8 {
        let last = desk.scope().last_seq(document(1), replica(person)).unwrap();
        assert_eq!(last, 6);
        let some = desk
            .scope()
            .events_of(document(1), replica(person), 2..=9)
            .unwrap();
        assert_eq!(some.len(), 5);
    }
    assert_eq!(desk.replica.verify().problems, []);
}

#[test]
fn packed_history_is_salvaged_in_order() -> Result<(), SalvageError> {
    let mut desk = Desk::new();
    Outliner::new(document(2)).write(&mut desk, &["a line"]);
    write(&mut desk, 9);
    let expected = desk.scope().batches(document(1)).unwrap();
    assert_eq!(pack(&mut desk), 1);
    write(&mut desk, 1);
    let last = desk.scope().batches(document(1)).unwrap().pop().unwrap();
    let folder = desk.folder;
    drop(desk.replica);
    let mut file = Vec::new();
    let found = salvage(folder.path(), Wanted::Unsent, &mut file)?;
    assert_eq!((found.batches, found.unreadable), (11, 0));
    let batches = read_salvaged(file.as_slice())?.into_iter();
    let first: Vec<_> = batches
        .filter(|batch| batch.document == document(1))
        .collect();
    assert_eq!(first[..9], expected);
    assert_eq!(first[9], last);
    Ok(())
}

#[test]
fn unused_pages_are_given_back() {
    let mut desk = Desk::new();
    let long = "Quite a long text. ".repeat(400);
    for seq in 1..=200 {
        desk.write(document(1), &format!("{seq} {long}")).unwrap();
    }
    let bytes = |desk: Desk| {
        let desk = desk.reopen();
        let length = std::fs::metadata(crate::support::database(&desk.path()))
            .unwrap()
            .len();
        (desk, length)
    };
    let (mut desk, before) = bytes(desk);
    pack(&mut desk);
    while desk.replica.shrink_step(50).unwrap() {}
    let (desk, after) = bytes(desk.reopen());
    assert!(after * 4 < before, "{before} to {after}");
    assert_eq!(desk.replica.verify().problems, []);
}
