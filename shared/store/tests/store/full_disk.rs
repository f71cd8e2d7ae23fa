//! A disk that is really full: a small file system in memory, where the system lets us mount one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;

use tempfile::TempDir;
use tideline_store::{Commit, CommitReport, OpenError, Origin, Replica, Writer};

use crate::support::{NOW_MS, batch, document};

const DISK: &str = "size=2m";
const BALLAST_BYTES: usize = 1024 * 1024;

struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// `None` where this user may not mount; the writer's own tests limit the file's size instead.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", DISK, "tideline-test"])
            .arg(folder.path())
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self { folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes up all room there is.
    fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        let mut bytes = BALLAST_BYTES;
        let mut content = fs::read(&ballast).unwrap_or_default();
        while bytes > 0 {
            content.resize(content.len() + bytes, 0);
            if fs::write(&ballast, &content).is_err() {
                content.truncate(content.len() - bytes);
                bytes /= 2;
            }
        }
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).output();
    }
}

#[test]
fn on_a_full_disk_nothing_is_lost_and_all_is_stored_when_room_returns() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let folder = disk.path().join("data");
    let replica = Replica::open(&folder).unwrap();
    let (id, group) = (replica.replica_id(), replica.local_group());
    let (sender, reports) = channel();
    let writer = Writer::spawn(replica, move |report| sender.send(report).unwrap());
    let ballast = disk.fill();
    let mut submitted = Vec::new();
    let reason = loop {
        let seq = submitted.len() as u64 + 1;
        let mut commit = Commit::new(group, document(1), NOW_MS);
        let text = format!("{seq} {}", "x".repeat(30_000));
        commit.batches = vec![(Origin::Local, batch(group, document(1), id, seq, &[&text]))];
        submitted.push(writer.submit(commit));
        if let CommitReport::Failed { reason, retry, .. } = reports.recv().unwrap() {
            assert!(retry);
            break reason;
        }
    };
    assert!(
        reason.contains("full") || reason.contains("error"),
        "{reason}"
    );

    fs::remove_file(ballast).unwrap();
    writer.retry();
    let settled = reports.iter().find_map(|report| match report {
        CommitReport::Durable { ticket } => Some(ticket),
        CommitReport::Failed { .. } => None,
    });
    assert_eq!(settled, submitted.last().copied());
    let replica = writer.shutdown().unwrap();
    let events = replica.scope(group).events(document(1)).unwrap();
    assert_eq!(events.len(), submitted.len());
    assert_eq!(replica.verify().problems, []);
}

#[test]
fn a_full_disk_without_a_replica_is_named() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    disk.fill();
    let error = Replica::open(&disk.path().join("data")).unwrap_err();
    assert!(matches!(error, OpenError::DiskFull { .. }), "{error}");
    fs::remove_file(disk.path().join("ballast")).unwrap();
    Replica::open(&disk.path().join("data")).unwrap();
}
