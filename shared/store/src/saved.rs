//! What documents add up to, kept beside the database so that opening one need not replay it. Derived
//! like an index: a file that is missing, damaged or of another version costs a replay, and nothing
//! else. Knows the files; what the bytes of a document say is the model's business.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tideline_model::{Document, DocumentId, Event, VersionVector};

use crate::checksum::Checksum;
use crate::error::StoreError;
use crate::history::{check_numbers_from, events_in, open_batch};
use crate::reader::Reader;
use crate::rows::{RUN_COLUMNS, Run};
use crate::scope::Scope;
use crate::table::Table;

/// The folder of the files; it may be deleted whenever nobody uses the data folder.
const FOLDER: &str = "saved";
const ENDING: &str = "saved";
const CHECKSUM_BYTES: usize = 16;
const LENGTH_BYTES: usize = 4;

fn path(folder: &Path, document: DocumentId) -> PathBuf {
    folder.join(FOLDER).join(format!("{document}.{ENDING}"))
}

/// A document as it was kept, with what its owner wrote along.
#[derive(Debug)]
pub struct Saved {
    pub document: Document,
    pub notes: Vec<u8>,
}

/// What was kept of a document; `None` when there is nothing, or it is not what was written.
pub(crate) fn read(folder: &Path, document: DocumentId) -> Option<Saved> {
    let file = path(folder, document);
    let bytes = match fs::read(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        read => read.map_err(|error| error.to_string()),
    };
    let saved = bytes.and_then(|bytes| parse(document, &bytes));
    saved
        .inspect_err(|error| {
            let file = file.display();
            tracing::warn!(error, %file, "a document is replayed: what was saved cannot be used");
        })
        .ok()
}

fn parse(document: DocumentId, bytes: &[u8]) -> Result<Saved, String> {
    let damaged = || "it is damaged".to_owned();
    let (content, sum) = bytes
        .split_last_chunk::<CHECKSUM_BYTES>()
        .ok_or_else(damaged)?;
    if checksum(document, content) != *sum {
        return Err(damaged());
    }
    let (content, len) = content
        .split_last_chunk::<LENGTH_BYTES>()
        .ok_or_else(damaged)?;
    let notes = content.len().checked_sub(u32::from_le_bytes(*len) as usize);
    let (saved, notes) = content.split_at(notes.ok_or_else(damaged)?);
    Ok(Saved {
        document: Document::from_saved(document, saved).map_err(|error| error.to_string())?,
        notes: notes.to_vec(),
    })
}

/// In the place of what was kept before, at once. Not synced: what a power cut tears is noticed.
fn write(folder: &Path, document: DocumentId, mut bytes: Vec<u8>, notes: &[u8]) -> io::Result<()> {
    let Ok(len) = u32::try_from(notes.len()) else {
        return Err(io::ErrorKind::FileTooLarge.into());
    };
    bytes.extend_from_slice(notes);
    bytes.extend_from_slice(&len.to_le_bytes());
    let checksum = checksum(document, &bytes);
    bytes.extend_from_slice(&checksum);
    let file = path(folder, document);
    crate::folder::create(&folder.join(FOLDER))?;
    let unfinished = file.with_extension("writing");
    fs::write(&unfinished, bytes)?;
    fs::rename(&unfinished, &file)
}

/// Takes away what was kept of documents for which `keeps` does not hold.
pub(crate) fn forget_unless(folder: &Path, keeps: impl Fn(DocumentId) -> bool) -> io::Result<()> {
    let entries = match fs::read_dir(folder.join(FOLDER)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let file = entry?.path();
        let name = file.file_stem().and_then(|name| name.to_str());
        let document = name.and_then(|name| name.parse().ok());
        if !document.is_some_and(&keeps) {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}

fn checksum(document: DocumentId, bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let checksum = Checksum::of(FOLDER).bytes(document.0.as_bytes());
    checksum.bytes(bytes).finish_wide().to_le_bytes()
}

impl Reader {
    /// What [`Reader::keep_saved`] wrote; `None` when there is nothing that can be used.
    pub fn saved(&self, document: DocumentId) -> Option<Saved> {
        read(self.folder(), document)
    }

    /// Keeps a document as it is, in the place of what was kept of it before. One that an event has
    /// left half told is not kept.
    ///
    /// # Errors
    /// When the disk does not take it; what was kept before is as it was then.
    pub fn keep_saved(&self, document: &Document, notes: &[u8]) -> Result<(), StoreError> {
        let Some(bytes) = document.to_saved() else {
            return Ok(());
        };
        let written = write(self.folder(), document.id(), bytes, notes);
        written.map_err(|error| StoreError::Disk {
            what: error.to_string(),
        })
    }
}

impl Scope<'_> {
    /// The events of a document that are not in `version`, each after its parents. Reads no more of
    /// the history than holds them. `None` when `version` has events that are not here: it is not one
    /// of this document as it is stored.
    ///
    /// # Errors
    /// As [`Scope::events`].
    pub fn events_behind(
        &self,
        document: DocumentId,
        version: &VersionVector,
    ) -> Result<Option<Vec<Event>>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(version.iter().next().is_none().then(Vec::new));
        };
        for last in version.iter() {
            if self.last_seq_in(&stored, last.replica)? < last.seq {
                return Ok(None);
            }
        }
        self.count_all(&stored)?;
        let mut pieces = Vec::new();
        let runs = self.rows().select(
            Table::SegmentRuns,
            RUN_COLUMNS,
            "document_id = :document",
            &[(":document", &stored.key)],
            |row| Run::read(row, document),
        )?;
        let is_behind = |run: &&Run| run.last_seq() > version.get(run.replica);
        let mut segments: Vec<i64> = runs
            .iter()
            .filter(is_behind)
            .map(|it| it.segment_key)
            .collect();
        segments.sort_unstable();
        segments.dedup();
        for key in segments {
            let segment = self.segment(&stored, key)?;
            pieces.push((segment.first_batch, events_in(&segment, self, &stored)?));
        }
        for batch in self.stored_batches(&stored, "TRUE ORDER BY batches.id", &[])? {
            let last = batch.batch.first_seq + u64::from(batch.batch.count) - 1;
            if last > version.get(batch.batch.replica) {
                pieces.push((batch.key, open_batch(&batch.batch)?));
            }
        }
        pieces.sort_by_key(|(key, _)| *key);
        let events = pieces.into_iter().flat_map(|(_, events)| events);
        let events: Vec<Event> = events.filter(|event| !version.contains(event.id)).collect();
        let numbers = events.iter().map(|event| (event.id, 1));
        check_numbers_from(document, version, numbers)?;
        Ok(Some(events))
    }
}
