//! Damaged files: noticed, left as they are, and read around by a salvage. Never taken for sound.
//!
//! `TIDELINE_FLIPS=10000` damages more often.

use std::fs;
use std::path::Path;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use tideline_model::{Event, LineId};
use tideline_store::{
    OpenError, Origin, Packing, Remedy, Replica, SalvageError, Scope, StoreError, Vocabulary,
    Wanted, read_salvaged, repair, salvage, write_salvaged,
};
use tideline_wire::SealedBatch;

use crate::support::{Desk, Outliner, database, document, try_outline};

const FLIPS_DEFAULT: u64 = 1_000;
fn first_seed() -> u64 {
    let asked = std::env::var("TIDELINE_SEED").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(0)
}
/// Of so many damaged files, one is repaired too.
const REPAIRED_EVERY: u64 = 10;
const SECTOR_BYTES: usize = 512;
const PAGE_BYTES: usize = 4096;

fn flips() -> u64 {
    let asked = std::env::var("TIDELINE_FLIPS").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(FLIPS_DEFAULT)
}

/// A folder with a few documents, closed, everything in one file.
fn closed_desk() -> Desk {
    let mut desk = Desk::new();
    for number in 1..=3 {
        let mut outliner = Outliner::new(document(number));
        for round in 0..8 {
            let texts: Vec<String> = (0..10)
                .map(|at| format!("line {at} of round {round} in {number}"))
                .collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            outliner.write(&mut desk, &texts);
        }
    }
    desk.replica.set_setting("theme", &json!("dark")).unwrap();
    while desk.replica.index_step(100).unwrap() {}
    desk.reopen()
}

/// The same with one document of three packed.
fn packed_desk() -> Desk {
    let mut desk = closed_desk();
    let packing = Packing {
        batches_min: 4,
        bytes_min: usize::MAX,
    };
    assert!(desk.replica.pack_step(packing, 1).unwrap());
    desk.reopen()
}

/// Everything that must never be read otherwise than it was stored.
#[derive(Debug, PartialEq)]
struct Truth {
    documents: Vec<(String, Vec<Event>)>,
    /// What would be sent to a server.
    outboxes: Vec<Vec<SealedBatch>>,
    settings: serde_json::Map<String, serde_json::Value>,
    user: tideline_model::UserId,
}

impl Truth {
    fn said(&self) -> impl PartialEq {
        let user = self.user;
        (self.documents.clone(), self.settings.clone(), user)
    }
}

fn truth(replica: &Replica) -> Result<Truth, StoreError> {
    let scope = replica.scope(replica.local_group());
    let (mut documents, mut outboxes) = (Vec::new(), Vec::new());
    for row in scope.documents()? {
        let events = scope.events(row.id)?;
        outboxes.push(scope.outbox(row.id)?);
        documents.push((row.title, events));
    }
    Ok(Truth {
        documents,
        outboxes,
        settings: replica.settings()?,
        user: replica.local_user().0,
    })
}

/// What is derived: outlines and search results.
fn derived(scope: &Scope<'_>) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let outlines = (1..=3).map(|number| try_outline(scope, document(number), LineId::ROOT));
    let outlines = outlines.collect::<Result<_, _>>()?;
    let hits = scope.search(&mut Vocabulary::default(), "round 3", None, 500)?;
    let mut hits: Vec<String> = hits.into_iter().map(|hit| hit.text).collect();
    hits.sort();
    Ok((outlines, hits))
}

fn damage(bytes: &mut Vec<u8>, rng: &mut StdRng) -> String {
    let at = rng.random_range(0..bytes.len());
    match rng.random_range(0..10) {
        0 => {
            let sector = at / SECTOR_BYTES * SECTOR_BYTES;
            bytes[sector..sector + SECTOR_BYTES].fill(0);
            format!("sector at {sector} torn")
        }
        1 => {
            let (to, from) = (
                at / PAGE_BYTES,
                rng.random_range(0..bytes.len() / PAGE_BYTES),
            );
            bytes.copy_within(from * PAGE_BYTES..(from + 1) * PAGE_BYTES, to * PAGE_BYTES);
            format!("page {from} written over page {to}")
        }
        2 => {
            bytes.truncate(at);
            format!("cut off at {at}")
        }
        _ => {
            let bit = rng.random_range(0..8);
            bytes[at] ^= 1 << bit;
            format!("bit {bit} of byte {at} (page {}) flipped", at / PAGE_BYTES)
        }
    }
}

/// Where syncing costs nothing, if there is such a place.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

#[test]
fn a_damaged_file_is_repaired_from_what_is_sound_in_it() {
    let desk = packed_desk();
    let expected = truth(&desk.replica).unwrap();
    let folder = desk.folder;
    drop(desk.replica);
    let sound = fs::read(database(folder.path())).unwrap();
    for seed in first_seed()..first_seed() + flips() / REPAIRED_EVERY {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut bytes = sound.clone();
        let what = format!("seed {seed}: {}", damage(&mut bytes, &mut rng));
        let folder = in_memory();
        fs::write(database(folder.path()), &bytes).unwrap();
        let repaired = match repair(folder.path(), 1) {
            Ok(repaired) => repaired,
            // Not even the names of tables can be read any more.
            Err(error) => {
                let kept = fs::read(database(folder.path())).unwrap();
                assert!(kept == bytes, "{what}: refused ({error}), but changed");
                continue;
            }
        };
        let replica = Replica::open(folder.path()).unwrap();
        let problems = replica.verify().problems;
        assert_eq!(problems, [], "{what}: {repaired:?}");
        let after = truth(&replica).unwrap();
        let lost_nothing = match &repaired.remedy {
            Remedy::Anew {
                unreadable, taken, ..
            } => *unreadable == 0 && taken.refused.is_empty(),
            _ => true,
        };
        for (_, events) in &after.documents {
            let from = |(_, whole): &(String, Vec<Event>)| whole.starts_with(events);
            assert!(expected.documents.iter().any(from), "{what}: {repaired:?}");
        }
        if lost_nothing {
            let count = |truth: &Truth| -> usize {
                truth.documents.iter().map(|(_, events)| events.len()).sum()
            };
            assert_eq!(count(&after), count(&expected), "{what}: {repaired:?}");
        }
    }
}

#[test]
fn a_damaged_file_is_never_taken_for_a_sound_one() {
    let desk = packed_desk();
    let expected = truth(&desk.replica).unwrap();
    let expected_rows = derived(&desk.scope()).unwrap();
    let folder = desk.folder;
    drop(desk.replica);
    let sound = fs::read(database(folder.path())).unwrap();
    let mut unnoticed = 0;
    for seed in first_seed()..first_seed() + flips() {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut bytes = sound.clone();
        let what = format!("seed {seed}: {}", damage(&mut bytes, &mut rng));
        let folder = in_memory();
        fs::write(database(folder.path()), &bytes).unwrap();
        let replica = match Replica::open(folder.path()) {
            Ok(replica) => replica,
            Err(error) => {
                let after = fs::read(database(folder.path())).unwrap();
                assert!(after == bytes, "{what}: refused ({error}), but changed");
                assert!(error.to_string().contains("Nothing"), "{what}: {error}");
                continue;
            }
        };
        let read = truth(&replica);
        // Of what waits to be sent, a damaged index may hide something; nothing else is ever sent.
        let same_truth = read.as_ref().map_or(true, |read| {
            let sent = read.outboxes.iter().zip(&expected.outboxes);
            read.said() == expected.said()
                && sent
                    .clone()
                    .all(|(sent, due)| sent.iter().all(|batch| due.contains(batch)))
        });
        assert!(same_truth, "{what}: {read:?}");
        let same_outbox = read.as_ref().is_ok_and(|read| *read == expected);
        let problems = replica.verify().problems;
        let rows = derived(&replica.scope(replica.local_group()));
        assert!(same_outbox || !problems.is_empty(), "{what}: not verified");
        let same_rows = rows.is_ok_and(|rows| rows == expected_rows);
        assert!(same_rows || !problems.is_empty(), "{what}: rows differ");
        unnoticed += u32::from(problems.is_empty());
    }
    // Bits in unused parts of pages mean nothing.
    assert!(u64::from(unnoticed) < flips());
}

#[test]
fn a_torn_log_loses_no_more_than_it_tore_and_says_so() {
    let mut desk = closed_desk();
    desk.write(document(9), "one").unwrap();
    let folder = tempfile::tempdir().unwrap();
    crate::opening::copy_folder(&desk.path(), folder.path());
    let before = fs::metadata(folder.path().join("replica.sqlite-wal"))
        .unwrap()
        .len();
    desk.write(document(9), "two").unwrap();
    let (original, source) = (desk.replica.replica_id(), desk.path());
    crate::opening::copy_folder(&source, folder.path());
    let log = folder.path().join("replica.sqlite-wal");
    let mut bytes = fs::read(&log).unwrap();
    bytes[before as usize + 200] ^= 1;
    fs::write(&log, bytes).unwrap();

    let replica = Replica::open(folder.path()).unwrap();
    assert!(replica.renewal().is_some());
    assert_ne!(replica.replica_id(), original);
    let scope = replica.scope(replica.local_group());
    assert_eq!(
        crate::support::texts(&scope.events(document(9)).unwrap()),
        ["one"]
    );
    assert_eq!(replica.verify().problems, []);
}

#[test]
fn what_was_unsent_is_got_out_and_taken_in_elsewhere() {
    let mut desk = closed_desk();
    let mut commit = desk.commit(document(1));
    commit.acked = vec![(desk.replica.replica_id(), 5)];
    desk.replica.commit(&commit).unwrap();
    let (local, expected) = (desk.local(), desk.scope().batches(document(2)).unwrap());
    let busy = salvage(&desk.path(), Wanted::All, &mut Vec::new()).unwrap_err();
    assert!(
        matches!(busy, SalvageError::Open(OpenError::InUse { .. })),
        "{busy}"
    );
    let folder = desk.folder;
    drop(desk.replica);

    let mut file = Vec::new();
    let unsent = salvage(folder.path(), Wanted::Unsent, &mut file).unwrap();
    assert_eq!(
        (unsent.batches, unsent.events, unsent.unreadable),
        (19, 19, 0)
    );
    let all = salvage(folder.path(), Wanted::All, &mut Vec::new()).unwrap();
    assert_eq!(all.batches, 24);
    let batches = read_salvaged(file.as_slice()).unwrap();
    let second: Vec<_> = batches
        .iter()
        .filter(|b| b.document == document(2))
        .cloned()
        .collect();
    assert_eq!(second, expected);
    assert!(batches.iter().all(|batch| batch.group == local));
    let mut again = Vec::new();
    write_salvaged(&batches, &mut again).unwrap();
    assert_eq!(again, file);

    let mut other = Desk::new();
    let mut commit = other.commit(document(2));
    commit.batches = second
        .into_iter()
        .map(|batch| (Origin::Salvaged, batch))
        .collect();
    other.replica.commit(&commit).unwrap();
    assert_eq!(other.scope().outbox(document(2)).unwrap().len(), 8);
}

#[test]
fn a_file_that_is_no_salvage_is_refused() {
    let error = read_salvaged("# Notes\n".as_bytes()).unwrap_err();
    assert!(matches!(error, SalvageError::NotASalvage), "{error}");
    let mut file = Vec::new();
    write_salvaged([], &mut file).unwrap();
    file.extend_from_slice(b"{\"group\":3}\n");
    let error = read_salvaged(file.as_slice()).unwrap_err();
    assert!(
        matches!(error, SalvageError::Malformed { line: 2, .. }),
        "{error}"
    );
}

#[test]
fn a_salvage_reads_around_damaged_pages() {
    let desk = closed_desk();
    let folder = desk.folder;
    drop(desk.replica);
    let pages = pages_of(folder.path(), "batches");
    assert!(pages.len() > 2, "{pages:?}");
    let mut bytes = fs::read(database(folder.path())).unwrap();
    let at = (pages[pages.len() / 2] as usize - 1) * PAGE_BYTES;
    bytes[at..at + PAGE_BYTES].fill(0xff);
    fs::write(database(folder.path()), &bytes).unwrap();

    let mut file = Vec::new();
    let salvaged = salvage(folder.path(), Wanted::All, &mut file).unwrap();
    assert!(salvaged.unreadable > 0, "{salvaged:?}");
    assert!((1..24).contains(&salvaged.batches), "{salvaged:?}");
    assert_eq!(
        read_salvaged(file.as_slice()).unwrap().len() as u64,
        salvaged.batches
    );
    assert!(
        fs::read(database(folder.path())).unwrap() == bytes,
        "a salvage changes nothing"
    );
}

/// Numbers of the leaf pages of a table.
fn pages_of(folder: &Path, table: &str) -> Vec<u32> {
    let raw = rusqlite::Connection::open(database(folder)).unwrap();
    let sql = "SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path";
    let mut statement = raw.prepare(sql).unwrap();
    let pages = statement.query_map([table], |row| row.get(0)).unwrap();
    pages.collect::<Result<_, _>>().unwrap()
}
