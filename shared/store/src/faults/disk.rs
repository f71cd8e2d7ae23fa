//! A disk that remembers what was synced, so that it can say what a power cut would leave, and that
//! fails when it is told to. Knows nothing of databases.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rusqlite::ffi;

use super::vfs::{Watch, watch};

const SECTOR_BYTES: usize = 512;

/// What a call fails with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    IoError,
    Full,
}

/// How long a disk stays in trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasting {
    Once,
    /// Until [`Disk::heal`].
    UntilHealed,
}

/// A disk fails at the `at`-th call from now, counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    pub(super) at: u64,
    pub(super) trouble: Trouble,
    pub(super) lasting: Lasting,
}

/// What a power cut left.
pub(super) struct Cut {
    /// Which cut it was, for messages.
    pub(super) at: String,
    /// What had been promised to be on disk.
    pub(super) promised: u64,
    files: BTreeMap<String, Vec<u8>>,
}

impl Cut {
    /// Puts the files into `folder`.
    pub(super) fn lay_out(&self, folder: &Path) {
        for (name, bytes) in &self.files {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

/// The disk below one folder.
pub(super) struct Disk {
    folder: PathBuf,
    state: Mutex<State>,
}

struct State {
    files: BTreeMap<String, Kept>,
    calls: u64,
    fault: Option<Fault>,
    failed: bool,
    promised: u64,
    /// Every so many changes of a file the power is cut; 0: never.
    stride: u64,
    changes: u64,
    lots: StdRng,
    cuts: Vec<Cut>,
}

/// A file as it would be found, and what may or may not have been done to it.
#[derive(Default)]
struct Kept {
    synced: Vec<u8>,
    pending: Vec<Pending>,
    /// Its name is on disk too.
    named: bool,
    /// Taken away, but its folder has not been synced.
    deleted: bool,
}

enum Pending {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Disk {
    /// Watches `folder` until the second is dropped. `stride`: as in [`State`].
    pub(super) fn below(folder: &Path, seed: u64, stride: u64) -> (Arc<Self>, Watch) {
        let state = State {
            files: BTreeMap::new(),
            calls: 0,
            fault: None,
            failed: false,
            promised: 0,
            stride,
            changes: 0,
            lots: StdRng::seed_from_u64(seed),
            cuts: Vec::new(),
        };
        let disk = Arc::new(Self {
            folder: folder.to_owned(),
            state: Mutex::new(state),
        });
        let watch = watch(folder, &disk);
        (disk, watch)
    }

    /// From now on a cut must leave `count` of whatever the caller counts.
    pub(super) fn promise(&self, count: u64) {
        let mut state = self.state();
        state.promised = count;
        if state.stride > 0 {
            state.cut(&self.folder, &format!("behind promise {count}"));
        }
    }

    pub(super) fn cuts(&self) -> Vec<Cut> {
        std::mem::take(&mut self.state().cuts)
    }

    pub(super) fn calls(&self) -> u64 {
        self.state().calls
    }

    pub(super) fn fail(&self, fault: Fault) {
        let mut state = self.state();
        let at = state.calls + fault.at;
        state.fault = Some(Fault { at, ..fault });
    }

    pub(super) fn heal(&self) {
        self.state().fault = None;
    }

    /// Whether a call has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.state().failed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn on_open(&self, _name: &str) -> Result<(), i32> {
        self.state().call(ffi::SQLITE_CANTOPEN, Room::NotAsked)
    }

    /// `read`: what is in the file.
    pub(super) fn opened(&self, name: &str, read: impl FnOnce() -> Vec<u8>) {
        let mut state = self.state();
        let known = state.files.get(name).is_some_and(|kept| !kept.deleted);
        if !known {
            let synced = read();
            let named = !synced.is_empty();
            let kept = Kept {
                synced,
                named,
                ..Kept::default()
            };
            state.files.insert(name.to_owned(), kept);
        }
    }

    pub(super) fn on_read(&self, _name: &str) -> Result<(), i32> {
        self.state().call(ffi::SQLITE_IOERR_READ, Room::NotAsked)
    }

    pub(super) fn on_write(&self, name: &str, at: usize, bytes: &[u8]) -> Result<(), i32> {
        let mut state = self.state();
        state.call(ffi::SQLITE_IOERR_WRITE, Room::Asked)?;
        state.change(&self.folder, &format!("before a write to {name} at {at}"));
        let write = Pending::Write(at, bytes.to_vec());
        state.file(name).pending.push(write);
        Ok(())
    }

    pub(super) fn on_truncate(&self, name: &str, size: usize) -> Result<(), i32> {
        let mut state = self.state();
        state.call(ffi::SQLITE_IOERR_TRUNCATE, Room::NotAsked)?;
        state.change(&self.folder, &format!("before {name} is cut to {size}"));
        state.file(name).pending.push(Pending::Truncate(size));
        Ok(())
    }

    /// Every sync is cut before and after.
    pub(super) fn on_sync(&self, name: &str) -> Result<(), i32> {
        let mut state = self.state();
        state.call(ffi::SQLITE_IOERR_FSYNC, Room::NotAsked)?;
        if state.stride > 0 {
            state.cut(&self.folder, &format!("before a sync of {name}"));
        }
        state.file(name).sync();
        if state.stride > 0 {
            state.cut(&self.folder, &format!("behind a sync of {name}"));
        }
        Ok(())
    }

    pub(super) fn on_delete(&self, name: &str, sync: bool) -> Result<(), i32> {
        let mut state = self.state();
        state.call(ffi::SQLITE_IOERR_DELETE, Room::NotAsked)?;
        state.change(&self.folder, &format!("before {name} is deleted"));
        state.file(name).deleted = true;
        if sync {
            state.files.retain(|_, kept| !kept.deleted);
        }
        Ok(())
    }
}

/// Whether a call asks for room on the disk, and so can fail for the lack of it.
#[derive(PartialEq, Eq)]
enum Room {
    Asked,
    NotAsked,
}

impl State {
    fn file(&mut self, name: &str) -> &mut Kept {
        self.files.entry(name.to_owned()).or_default()
    }

    /// Counts a call, which fails with `code` if one is due.
    fn call(&mut self, code: i32, room: Room) -> Result<(), i32> {
        self.calls += 1;
        let Some(fault) = self.fault.filter(|fault| self.calls >= fault.at) else {
            return Ok(());
        };
        let code = match (fault.trouble, room) {
            (Trouble::IoError, _) => code,
            (Trouble::Full, Room::Asked) => ffi::SQLITE_FULL,
            (Trouble::Full, Room::NotAsked) => return Ok(()),
        };
        if fault.lasting == Lasting::Once {
            self.fault = None;
        }
        self.failed = true;
        Err(code)
    }

    fn change(&mut self, folder: &Path, what: &str) {
        self.changes += 1;
        if self.stride > 0 && self.changes.is_multiple_of(self.stride) {
            self.cut(folder, what);
        }
    }

    /// Notes what a power cut would leave now: what was synced, and anything of the rest.
    fn cut(&mut self, folder: &Path, what: &str) {
        let mut files = other_files(folder, &self.files);
        for (name, kept) in &self.files {
            let there = match (kept.named, kept.deleted) {
                (true, false) => true,
                (true, true) | (false, false) => self.lots.random(),
                (false, true) => false,
            };
            if there {
                files.insert(name.clone(), kept.after_a_cut(&mut self.lots));
            }
        }
        self.cuts.push(Cut {
            at: format!("cut {}, {what}", self.cuts.len()),
            promised: self.promised,
            files,
        });
    }
}

impl Kept {
    fn sync(&mut self) {
        for pending in self.pending.drain(..) {
            match pending {
                Pending::Write(at, bytes) => overwrite(&mut self.synced, at, &bytes),
                Pending::Truncate(size) => self.synced.truncate(size),
            }
        }
        self.named = true;
    }

    fn after_a_cut(&self, lots: &mut StdRng) -> Vec<u8> {
        let mut content = self.synced.clone();
        for pending in &self.pending {
            match pending {
                Pending::Write(at, bytes) => tear(&mut content, *at, bytes, lots),
                Pending::Truncate(size) if lots.random() => content.truncate(*size),
                Pending::Truncate(_) => {}
            }
        }
        content
    }
}

fn overwrite(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if content.len() < at + bytes.len() {
        content.resize(at + bytes.len(), 0);
    }
    content[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Each sector of an unsynced write is there, or not, or in part.
fn tear(content: &mut Vec<u8>, at: usize, bytes: &[u8], lots: &mut StdRng) {
    let mut done = 0;
    while done < bytes.len() {
        let sector = SECTOR_BYTES - (at + done) % SECTOR_BYTES;
        let size = sector.min(bytes.len() - done);
        let part = &bytes[done..done + size];
        match lots.random_range(0..10) {
            0..5 => overwrite(content, at + done, part),
            5 => overwrite(content, at + done, &part[..lots.random_range(0..=size)]),
            _ => {}
        }
        done += size;
    }
}

/// Files that SQLite does not write are found as they are; its shared memory and our lock are gone.
fn other_files(folder: &Path, known: &BTreeMap<String, Kept>) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let skipped = known.contains_key(&name) || name.ends_with("-shm");
            let bytes = fs::read(entry.path()).ok()?;
            (!skipped).then_some((name, bytes))
        })
        .collect()
}
