//! Every call to the disk fails once, or from then on until the disk is healed: what was reported as
//! stored is there, what was refused can be tried again, and the replica is sound.

use std::path::Path;

use super::disk::{Disk, Fault, Lasting, Trouble};
use super::{check, commit, folder};
use crate::error::OpenError;
use crate::packing::Packing;
use crate::replica::Replica;

const EVENTS: u64 = 6;
/// Calls between one that fails and the next that is tried.
const STRIDE_DEFAULT: usize = 3;

/// Opens, writes and closes. Whatever fails is tried again once the disk is healed.
fn work(folder: &Path, disk: &Disk) {
    let mut replica = Replica::open(folder)
        .or_else(|error| again(folder, disk, &error))
        .unwrap();
    let (group, id) = (replica.local_group(), replica.replica_id());
    for seq in 1..=EVENTS {
        let commit = commit(group, id, seq);
        if let Err(error) = replica.commit(&commit) {
            assert!(disk.has_failed(), "{error}");
            disk.heal();
            replica.commit(&commit).unwrap();
        }
        disk.promise(seq);
        // Not needed for what was written: may fail, and is not tried again.
        let _ = replica.index_step(2);
    }
    let packing = Packing {
        batches_min: 2,
        bytes_min: usize::MAX,
    };
    let _ = replica.pack_step(packing, 0);
    let _ = replica.shrink_step(2);
}

fn again(folder: &Path, disk: &Disk, error: &OpenError) -> Result<Replica, OpenError> {
    assert!(disk.has_failed(), "{error}");
    assert!(
        error.to_string().contains("safe") || error.to_string().contains("Nothing"),
        "{error}"
    );
    disk.heal();
    Replica::open(folder)
}

fn expect_recovery(trouble: Trouble, lasting: Lasting) {
    let calls = {
        let folder = folder();
        let (disk, _watch) = Disk::below(folder.path(), 0, 0);
        work(folder.path(), &disk);
        disk.calls()
    };
    assert!(calls > 100, "{calls}");
    let every = if std::env::var_os("TIDELINE_CYCLES").is_some() {
        1
    } else {
        STRIDE_DEFAULT
    };
    for at in (1..=calls).step_by(every) {
        let folder = folder();
        {
            let (disk, _watch) = Disk::below(folder.path(), 0, 0);
            disk.fail(Fault {
                at,
                trouble,
                lasting,
            });
            work(folder.path(), &disk);
            disk.heal();
        }
        assert_eq!(
            check(folder.path(), EVENTS),
            Ok(EVENTS),
            "{trouble:?} at call {at}"
        );
    }
}

#[test]
fn any_call_may_fail_once() {
    expect_recovery(Trouble::IoError, Lasting::Once);
}

#[test]
fn a_disk_may_fail_from_any_call_on_until_it_is_healed() {
    expect_recovery(Trouble::IoError, Lasting::UntilHealed);
}

#[test]
fn a_disk_may_be_full_from_any_call_on_until_there_is_room() {
    expect_recovery(Trouble::Full, Lasting::UntilHealed);
}
