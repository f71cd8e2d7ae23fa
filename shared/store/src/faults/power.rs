//! The power is cut before and after every sync, behind every promise, and between writes: whatever
//! was promised to be on disk is there, and what is there is sound.
//!
//! `TIDELINE_SEED` cuts otherwise, a large `TIDELINE_CYCLES` more often.

use std::path::Path;

use super::disk::{Cut, Disk};
use super::{DOCUMENT, check, commit, folder};
use crate::folder::database_path;
use crate::packing::Packing;
use crate::replica::Replica;

const EVENTS: u64 = 18;
/// Pages in the log that bring about a checkpoint: many of them in a short scenario.
const CHECKPOINT_PAGES: i64 = 12;
/// One of so many writes is cut too.
const STRIDE: u64 = 9;
const SEEDS_DEFAULT: u64 = 2;
const FAULTS_SHOWN: usize = 3;

fn from_environment(name: &str, otherwise: u64) -> u64 {
    let asked = std::env::var(name).ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

/// Every cut that `work` on a folder went through.
fn cuts_of(seed: u64, prepare: impl FnOnce(&Path), work: impl FnOnce(&Path, &Disk)) -> Vec<Cut> {
    let folder = folder();
    prepare(folder.path());
    let (disk, _watch) = Disk::below(folder.path(), seed, STRIDE);
    work(folder.path(), &disk);
    disk.cuts()
}

/// The faults that those cuts show.
fn faults_of(cuts: &[Cut]) -> Vec<String> {
    let faults = cuts.iter().filter_map(|cut| {
        let folder = folder();
        cut.lay_out(folder.path());
        let fault = check(folder.path(), cut.promised).err()?;
        Some(format!("{}: {fault}", cut.at))
    });
    faults.collect()
}

fn seeds() -> std::ops::Range<u64> {
    let first = from_environment("TIDELINE_SEED", 0);
    let count = from_environment("TIDELINE_CYCLES", 0) / 20;
    first..first + count.max(SEEDS_DEFAULT)
}

fn expect_no_loss(prepare: impl Fn(&Path), work: impl Fn(&Path, &Disk)) {
    for seed in seeds() {
        let cuts = cuts_of(seed, &prepare, &work);
        assert!(cuts.len() > 10, "{} cuts", cuts.len());
        let mut faults = faults_of(&cuts);
        faults.truncate(FAULTS_SHOWN);
        assert_eq!(faults, Vec::<String>::new(), "seed {seed}");
    }
}

fn set(replica: &Replica, pragma: &str, value: impl rusqlite::ToSql) {
    let set = replica
        .connection()
        .pragma_update_and_check(None, pragma, value, |_| Ok(()));
    // Some answer with their new value, some do not.
    assert!(matches!(
        set,
        Ok(()) | Err(rusqlite::Error::QueryReturnedNoRows)
    ));
}

/// Writes events, promising each.
fn write(replica: &mut Replica, disk: &Disk, events: std::ops::RangeInclusive<u64>) {
    let (group, id) = (replica.local_group(), replica.replica_id());
    for seq in events {
        replica.commit(&commit(group, id, seq)).unwrap();
        disk.promise(seq);
        if seq % 5 == 0 {
            replica.reserve_line_numbers(10).unwrap();
            replica.index_step(3).unwrap();
        }
    }
}

#[test]
fn a_first_start_may_be_cut_anywhere() {
    expect_no_loss(
        |_| {},
        |folder, disk| {
            let mut replica = Replica::open(folder).unwrap();
            write(&mut replica, disk, 1..=1);
        },
    );
}

#[test]
fn commits_and_checkpoints_may_be_cut_anywhere() {
    expect_no_loss(
        |folder| drop(Replica::open(folder).unwrap()),
        |folder, disk| {
            let mut replica = Replica::open(folder).unwrap();
            set(&replica, "wal_autocheckpoint", CHECKPOINT_PAGES);
            write(&mut replica, disk, 1..=EVENTS);
            drop(replica);
            // … and opening what was closed.
            let mut replica = Replica::open(folder).unwrap();
            write(&mut replica, disk, EVENTS + 1..=EVENTS + 2);
        },
    );
}

#[test]
fn packing_and_giving_back_pages_may_be_cut_anywhere() {
    let packing = Packing {
        batches_min: 4,
        bytes_min: usize::MAX,
    };
    expect_no_loss(
        |folder| drop(Replica::open(folder).unwrap()),
        |folder, disk| {
            let mut replica = Replica::open(folder).unwrap();
            set(&replica, "wal_autocheckpoint", CHECKPOINT_PAGES);
            for round in 0..3 {
                write(&mut replica, disk, round * 6 + 1..=round * 6 + 6);
                while replica.pack_step(packing, 0).unwrap() {}
                while replica.shrink_step(2).unwrap() {}
            }
        },
    );
}

#[test]
fn a_migration_may_be_cut_anywhere() {
    let schema_1 = include_bytes!("../../tests/store/fixtures/schema-1.sqlite");
    let seeds = seeds();
    for seed in seeds {
        let cuts = cuts_of(
            seed,
            |folder| std::fs::write(database_path(folder), schema_1).unwrap(),
            |folder, _| drop(Replica::open(folder).unwrap()),
        );
        assert!(cuts.len() > 5, "{} cuts", cuts.len());
        for cut in cuts {
            let folder = folder();
            cut.lay_out(folder.path());
            let replica = Replica::open(folder.path()).unwrap();
            assert_eq!(replica.verify().problems, [], "seed {seed}, {}", cut.at);
            let scope = replica.scope(replica.local_group());
            let events = scope.events(DOCUMENT).unwrap();
            assert_eq!(events.len(), 3, "seed {seed}, {}", cut.at);
        }
    }
}

#[test]
fn without_a_sync_of_each_commit_the_cuts_show_a_loss() {
    let cuts = cuts_of(
        0,
        |folder| drop(Replica::open(folder).unwrap()),
        |folder, disk| {
            let mut replica = Replica::open(folder).unwrap();
            set(&replica, "synchronous", "NORMAL");
            set(&replica, "wal_autocheckpoint", CHECKPOINT_PAGES);
            write(&mut replica, disk, 1..=EVENTS);
        },
    );
    let faults = faults_of(&cuts);
    let lost = |fault: &&String| fault.contains("lost") || fault.contains("promised");
    assert!(faults.iter().filter(lost).count() > 5, "{faults:?}");
}
