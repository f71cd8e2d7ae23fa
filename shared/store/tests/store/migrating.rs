//! Databases of every schema that was ever released are opened with everything in them.
//!
//! Before a schema changes, its last state is stored:
//! `TIDELINE_FIXTURE=schema-2.sqlite cargo nextest run -p tideline-store stores_a_fixture`.

use std::fs;

use serde_json::json;
use tideline_model::{LineId, UserId};
use tideline_store::{Deletion, GroupHome, GroupRow, Packing, Replica, Vocabulary};
use uuid::Uuid;

use crate::support::{Desk, NOW_MS, Outliner, database, document, group};

const FIXTURES: [&[u8]; 3] = [
    include_bytes!("fixtures/schema-1.sqlite"),
    include_bytes!("fixtures/schema-2.sqlite"),
    include_bytes!("fixtures/schema-3.sqlite"),
];

fn fill(desk: &mut Desk) {
    let user = UserId(Uuid::from_u128(77));
    desk.replica.set_local_user(user, "Ada").unwrap();
    desk.replica.set_setting("theme", &json!("dark")).unwrap();
    desk.replica.reserve_line_numbers(1000).unwrap();
    let shared = GroupRow {
        id: group(2),
        name: "Shared".into(),
        home: GroupHome::Server {
            url: "wss://example.org".into(),
        },
    };
    desk.replica.add_group(&shared).unwrap();
    let mut first = Outliner::new(document(1));
    first.write(desk, &["alpha", "beta 日本語"]);
    let intent = tideline_model::Intent::SetTitle {
        title: "First".into(),
    };
    first.carry_out(desk, &intent);
    let mut commit = desk.commit(document(1));
    commit.folder = Some("a/b".into());
    commit.cursor = Some(3);
    commit.acked = vec![(desk.replica.replica_id(), 1)];
    desk.replica.commit(&commit).unwrap();
    Outliner::new(document(2)).write(desk, &["gone"]);
    let mut commit = desk.commit(document(2));
    commit.deletion = Some(Deletion::Deleted);
    desk.replica.commit(&commit).unwrap();
    while desk.replica.index_step(100).unwrap() {}
    let packing = Packing {
        batches_min: 1,
        bytes_min: usize::MAX,
    };
    assert!(desk.replica.pack_step(packing, NOW_MS).unwrap());
    first.write(desk, &["not indexed yet"]);
}

#[test]
fn stores_a_fixture_when_asked() {
    if let Some(path) = std::env::var_os("TIDELINE_FIXTURE") {
        let mut desk = Desk::new();
        fill(&mut desk);
        let folder = desk.folder;
        drop(desk.replica);
        fs::copy(database(folder.path()), path).unwrap();
    }
}

#[test]
fn every_released_schema_opens_with_everything_in_it() {
    for fixture in FIXTURES {
        let folder = tempfile::tempdir().unwrap();
        fs::write(database(folder.path()), fixture).unwrap();
        let replica = Replica::open(folder.path()).unwrap();
        let mut desk = Desk { replica, folder };
        assert_eq!(
            desk.replica.local_user(),
            (UserId(Uuid::from_u128(77)), "Ada".into())
        );
        assert_eq!(
            json!(desk.replica.settings().unwrap()),
            json!({"theme": "dark"})
        );
        let names: Vec<String> = desk
            .replica
            .groups()
            .unwrap()
            .into_iter()
            .map(|group| group.name)
            .collect();
        assert_eq!(names, ["This computer", "Shared"]);
        let rows = desk.scope().documents().unwrap();
        let shown: Vec<(&str, &str, u64, Option<i64>)> = rows
            .iter()
            .map(|row| {
                (
                    row.title.as_str(),
                    row.folder.as_str(),
                    row.cursor,
                    row.deleted_ms,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [("First", "a/b", 3, None), ("", "", 0, Some(NOW_MS))]
        );
        assert_eq!(desk.scope().events(document(1)).unwrap().len(), 3);
        assert_eq!(desk.scope().outbox(document(1)).unwrap().len(), 2);
        let lines = desk
            .scope()
            .lines(document(1), LineId::ROOT, None, 9)
            .unwrap();
        let texts: Vec<&str> = lines.iter().map(|found| found.line.text.as_str()).collect();
        assert_eq!(texts, ["alpha", "beta 日本語", "not indexed yet"]);
        for query in ["lph", "本語", "not"] {
            assert_eq!(
                desk.scope()
                    .search(&mut Vocabulary::default(), query, None, 9)
                    .unwrap()
                    .len(),
                1,
                "{query}"
            );
        }
        assert_eq!(desk.replica.verify().problems, []);
        desk.write(document(3), "and it goes on").unwrap();
        assert_eq!(desk.reopen().replica.verify().problems, []);
    }
}
