//! Gets batches out of a data folder that cannot be opened any more, and into a file that another
//! replica can take in. Reads around damaged pages; changes nothing.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use tideline_model::{DocumentId, GroupId};
use tideline_wire::SealedBatch;

use crate::error::{OpenError, StoreError};
use crate::folder::{database_path, take_lock};
use crate::history::batches_in;
use crate::rows::{BATCH_COLUMNS, SEGMENT_COLUMNS, StoredBatch, StoredSegment};
use crate::schema;

/// The first line of a salvage file.
const HEADER: &str = "tideline-salvage 1";
/// After so many unreadable rows in a row there is nothing more to come.
const UNREADABLE_ROWS_MAX: u64 = 20_000;

/// Which batches to get out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Those that the server has not acknowledged: they may be nowhere else.
    Unsent,
    All,
}

/// What was got out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Salvaged {
    pub batches: u64,
    pub events: u64,
    /// Rows that could not be read, or were not what was stored.
    pub unreadable: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum SalvageError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(
        "not even the first page of the database can be read: {0}. Nothing has been changed. Open a \
         backup with --data, or a new folder, and connect to the sync server, which gives back what \
         it has; keep the damaged folder for a specialist."
    )]
    Database(#[from] StoreError),
    #[error("the file cannot be written or read: {0}")]
    File(#[from] io::Error),
    #[error("this is not a file of salvaged changes")]
    NotASalvage,
    #[error("line {line} of the file is damaged: {reason}")]
    Malformed { line: usize, reason: String },
}

/// Writes the batches of the database in `folder` to `target`, in the order in which they came.
///
/// # Errors
/// [`SalvageError`] when the folder is in use or nothing of the database can be read. What is damaged
/// within is counted and passed over.
pub fn salvage(
    folder: &Path,
    wanted: Wanted,
    target: &mut impl Write,
) -> Result<Salvaged, SalvageError> {
    let _lock = take_lock(folder)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = schema::connect(&database_path(folder), flags).map_err(StoreError::from)?;
    let names = Names::read(&connection)?;
    let mut salvaged = Salvaged::default();
    writeln!(target, "{HEADER}")?;
    let mut segments = segment_keys(&connection).into_iter().peekable();
    let (mut next, mut failed) = (1, 0);
    while failed < UNREADABLE_ROWS_MAX {
        match read_batch(&connection, &names, wanted, next) {
            Ok(Some((key, batch))) => {
                while let Some((segment, _)) = segments.next_if(|(_, first)| *first < key) {
                    salvaged.add_segment(&connection, &names, wanted, segment, target)?;
                }
                if let Some(batch) = batch {
                    salvaged.add(&batch, target)?;
                }
                (next, failed) = (key + 1, 0);
            }
            Ok(None) => break,
            Err(_) => (next, failed) = (next + 1, failed + 1),
        }
        salvaged.unreadable += u64::from(failed > 0);
    }
    for (segment, _) in segments {
        salvaged.add_segment(&connection, &names, wanted, segment, target)?;
    }
    if failed == UNREADABLE_ROWS_MAX {
        salvaged.unreadable -= failed - 1; // how many of those ever existed cannot be told
    }
    target.flush()?;
    Ok(salvaged)
}

impl Salvaged {
    fn add(&mut self, batch: &SealedBatch, target: &mut impl Write) -> Result<(), SalvageError> {
        self.batches += 1;
        self.events += u64::from(batch.count);
        write_batch(target, batch)
    }

    fn add_segment(
        &mut self,
        connection: &Connection,
        names: &Names,
        wanted: Wanted,
        key: i64,
        target: &mut impl Write,
    ) -> Result<(), SalvageError> {
        let Ok(batches) = read_segment(connection, names, wanted, key) else {
            self.unreadable += 1;
            return Ok(());
        };
        batches.iter().try_for_each(|batch| self.add(batch, target))
    }
}

/// The segments that can be found, with the place of their first batch, in that order.
fn segment_keys(connection: &Connection) -> Vec<(i64, i64)> {
    let mut keys = Vec::new();
    let sql = "SELECT id, first_batch FROM segments WHERE destroyed_at IS NULL";
    // A database of the first schema has none.
    let Ok(mut statement) = connection.prepare(sql) else {
        return keys;
    };
    let Ok(mut rows) = statement.query([]) else {
        return keys;
    };
    while let Ok(Some(row)) = rows.next() {
        keys.extend(row.get(0).and_then(|key| Ok((key, row.get(1)?))));
    }
    keys.sort_by_key(|(_, first)| *first);
    keys
}

fn read_segment(
    connection: &Connection,
    names: &Names,
    wanted: Wanted,
    key: i64,
) -> Result<Vec<SealedBatch>, StoreError> {
    let sql =
        format!("SELECT {SEGMENT_COLUMNS}, document_id, group_id FROM segments WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([key])?;
    let unknown = || StoreError::damaged("the document of a segment");
    let row = rows.next()?.ok_or_else(unknown)?;
    let document = names.documents.get(&row.get("document_id")?);
    let group = names.groups.get(&row.get("group_id")?);
    let (document, group) = document.zip(group).ok_or_else(unknown)?;
    let segment = StoredSegment::read(row, *document)?;
    let mut packed = batches_in(&segment, *group, *document)?;
    packed.retain(|packed| wanted == Wanted::All || (packed.written_here && !packed.acked));
    Ok(packed.into_iter().map(|packed| packed.batch).collect())
}

/// Writes batches that could not be stored to `target`, in the form that [`read_salvaged`] reads.
///
/// # Errors
/// When `target` cannot be written.
pub fn write_salvaged<'a>(
    batches: impl IntoIterator<Item = &'a SealedBatch>,
    target: &mut impl Write,
) -> Result<(), SalvageError> {
    writeln!(target, "{HEADER}")?;
    for batch in batches {
        write_batch(target, batch)?;
    }
    Ok(target.flush()?)
}

/// Reads what [`salvage`] or [`write_salvaged`] wrote. To be committed as [`crate::Origin::Salvaged`],
/// after what the server has.
///
/// # Errors
/// [`SalvageError`] at the first line that is damaged.
pub fn read_salvaged(source: impl BufRead) -> Result<Vec<SealedBatch>, SalvageError> {
    let mut lines = source.lines();
    match lines.next().transpose()? {
        Some(header) if header == HEADER => {}
        _ => return Err(SalvageError::NotASalvage),
    }
    let mut batches = Vec::new();
    for (number, line) in (2..).zip(lines) {
        let malformed = |error: &dyn std::error::Error| SalvageError::Malformed {
            line: number,
            reason: error.to_string(),
        };
        let batch: SealedBatch = serde_json::from_str(&line?).map_err(|error| malformed(&error))?;
        batch.check_envelope().map_err(|error| malformed(&error))?;
        batches.push(batch);
    }
    Ok(batches)
}

fn write_batch(target: &mut impl Write, batch: &SealedBatch) -> Result<(), SalvageError> {
    serde_json::to_writer(&mut *target, batch).map_err(io::Error::from)?;
    Ok(writeln!(target)?)
}

/// The batch with the lowest key from `from` on; `None` inside when it is not wanted.
fn read_batch(
    connection: &Connection,
    names: &Names,
    wanted: Wanted,
    from: i64,
) -> Result<Option<(i64, Option<SealedBatch>)>, StoreError> {
    let sql = format!(
        "SELECT {BATCH_COLUMNS}, document_id, group_id, origin = 0 AND acked_at IS NULL, destroyed_at
         FROM batches WHERE id >= ?1 ORDER BY id LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([from])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let key = row.get("id")?;
    let unsent: bool = row.get(11)?;
    let destroyed: Option<i64> = row.get("destroyed_at")?;
    if destroyed.is_some() || (wanted == Wanted::Unsent && !unsent) {
        return Ok(Some((key, None)));
    }
    let unknown = || StoreError::damaged("the document of a batch");
    let document = names.documents.get(&row.get("document_id")?);
    let group = names.groups.get(&row.get("group_id")?);
    let (document, group) = document.zip(group).ok_or_else(unknown)?;
    let stored = StoredBatch::read(row, *group, *document)?;
    Ok(Some((key, Some(stored.batch))))
}

/// What documents and groups are called; from the tables, or from their indexes where those are
/// damaged.
struct Names {
    documents: HashMap<i64, DocumentId>,
    groups: HashMap<i64, GroupId>,
}

impl Names {
    fn read(connection: &Connection) -> Result<Self, StoreError> {
        // Whether there is anything to read at all.
        connection
            .query_row("SELECT 1 FROM batches LIMIT 1", [], |_| Ok(()))
            .optional()?;
        Ok(Self {
            documents: names(connection, "documents"),
            groups: names(connection, "groups"),
        })
    }
}

fn names<T: std::str::FromStr>(connection: &Connection, table: &str) -> HashMap<i64, T> {
    let mut names = HashMap::new();
    for source in [
        "NOT INDEXED",
        &format!("INDEXED BY sqlite_autoindex_{table}_1"),
    ] {
        let sql = format!("SELECT id, guid FROM {table} {source}");
        let Ok(mut statement) = connection.prepare(&sql) else {
            continue;
        };
        let Ok(mut rows) = statement.query([]) else {
            continue;
        };
        while let Ok(Some(row)) = rows.next() {
            let found: Result<(i64, String), _> = row.get(0).and_then(|id| Ok((id, row.get(1)?)));
            if let Ok((key, guid)) = found
                && let Ok(guid) = guid.parse()
            {
                names.entry(key).or_insert(guid);
            }
        }
    }
    names
}
