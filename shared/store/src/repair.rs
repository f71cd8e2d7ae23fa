//! Repairs a data folder: what is derived is made anew from the events; a database that cannot be
//! trusted any more is set aside, and a new one takes in whatever can be read of it. The server then
//! gives back what it has.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value};
use tideline_model::{DocumentId, GroupId, UserId};

use crate::commit::{Commit, Deletion};
use crate::error::{OpenError, StoreError};
use crate::folder::{database_path, mark_path};
use crate::replica::Replica;
use crate::rows::{GroupHome, GroupRow};
use crate::salvage::{SalvageError, Wanted, read_salvaged, salvage};
use crate::saved;
use crate::schema::{self, with_suffix};
use crate::settings;
use crate::taking_in::TakenIn;
use crate::verify::{Part, Problem};

const INDEX_LINES: usize = 1_000;

/// What was wrong, and what was done about it.
#[derive(Debug)]
pub struct Repair {
    pub problems: Vec<String>,
    pub remedy: Remedy,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Remedy {
    /// There was nothing to do.
    None,
    /// Rows or the search index were made anew from the events, which were sound.
    Derived,
    /// A new database took in what could be read.
    Anew {
        /// The damaged database, as it was.
        kept: PathBuf,
        /// Everything that could be read of it.
        salvaged: PathBuf,
        /// Batches that could not.
        unreadable: u64,
        taken: TakenIn,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Salvage(#[from] SalvageError),
    #[error("{0}. Everything that was there is still there.")]
    Store(#[from] StoreError),
    #[error("a file could not be set aside: {0}. Everything that was there is still there.")]
    File(#[from] io::Error),
}

/// Repairs the replica in `folder`.
///
/// # Errors
/// [`RepairError`]; nothing has been lost then.
pub fn repair(folder: &Path, now_ms: i64) -> Result<Repair, RepairError> {
    let problems = match Replica::open_existing(folder) {
        Ok(mut replica) => {
            let problems = replica.verify().problems;
            if problems.is_empty() {
                return Ok(Repair {
                    problems: Vec::new(),
                    remedy: Remedy::None,
                });
            }
            let told = problems.iter().map(ToString::to_string).collect();
            if derived_again(folder, &mut replica, &problems, now_ms) {
                return Ok(Repair {
                    problems: told,
                    remedy: Remedy::Derived,
                });
            }
            told
        }
        Err(OpenError::Damaged { what, .. }) => vec![what],
        Err(error) => return Err(error.into()),
    };
    let remedy = anew(folder, now_ms)?;
    Ok(Repair { problems, remedy })
}

/// Makes anew what is derived; says whether all is well then.
fn derived_again(folder: &Path, replica: &mut Replica, problems: &[Problem], now_ms: i64) -> bool {
    if !problems
        .iter()
        .all(|problem| matches!(problem.part, Part::Lines | Part::Index | Part::Saved))
    {
        return false;
    }
    let of_saved = |document| {
        let is_it =
            |problem: &Problem| problem.part == Part::Saved && problem.document == Some(document);
        problems.iter().any(is_it)
    };
    if saved::forget_unless(folder, |document| !of_saved(document)).is_err() {
        return false;
    }
    let remade = remake(replica, problems, now_ms);
    remade.is_ok() && replica.verify().problems.is_empty()
}

fn remake(replica: &mut Replica, problems: &[Problem], now_ms: i64) -> Result<(), StoreError> {
    for group in replica.groups()? {
        for row in replica.scope(group.id).documents()? {
            if problems
                .iter()
                .any(|problem| problem.document == Some(row.id))
            {
                // One that does not add up is seen by the verification that follows.
                let _ = replica.rebuild_from_events(group.id, row.id, now_ms)?;
            }
        }
    }
    replica.reindex(None)?;
    while replica.index_step(INDEX_LINES)? {}
    Ok(())
}

fn anew(folder: &Path, now_ms: i64) -> Result<Remedy, RepairError> {
    let file = database_path(folder);
    let salvaged = folder.join(format!("salvaged-{now_ms}.txt"));
    let mut target = BufWriter::new(fs::File::create_new(&salvaged)?);
    let found = salvage(folder, Wanted::All, &mut target)?;
    target.flush()?;
    target.get_ref().sync_all()?;
    let rest = Rest::read(&file);
    let kept = set_aside(folder, &file, now_ms)?;
    let mut replica = Replica::open(folder)?;
    let batches = read_salvaged(io::BufReader::new(fs::File::open(&salvaged)?))?;
    let local = replica.local_group();
    let batches = batches.into_iter().map(|mut batch| {
        if Some(batch.group) == rest.local_group {
            batch.group = local;
        }
        batch
    });
    rest.put(&mut replica)?;
    let taken = replica.take_in(batches.collect(), now_ms)?;
    rest.put_folders(&mut replica, now_ms)?;
    Ok(Remedy::Anew {
        kept,
        salvaged,
        unreadable: found.unreadable,
        taken,
    })
}

/// Gives the files of the damaged database other names.
fn set_aside(folder: &Path, file: &Path, now_ms: i64) -> Result<PathBuf, io::Error> {
    let suffix = format!(".damaged-{now_ms}");
    let kept = with_suffix(file, &suffix);
    fs::rename(file, &kept)?;
    for part in ["-wal", "-shm"] {
        match fs::rename(with_suffix(file, part), with_suffix(&kept, part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    match fs::remove_file(mark_path(folder)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(kept),
    }
}

/// What can be read besides batches.
#[derive(Default)]
struct Rest {
    local_group: Option<GroupId>,
    groups: Vec<GroupRow>,
    user: Option<(UserId, String)>,
    settings: Map<String, Value>,
    folders: Vec<(DocumentId, String, bool)>,
}

impl Rest {
    fn read(file: &Path) -> Self {
        let Ok(connection) = schema::connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
            return Self::default();
        };
        let groups: Vec<GroupRow> = rows(
            &connection,
            "SELECT guid, name, server_url FROM groups ORDER BY id",
            |row| {
                let (id, name, url): (String, String, Option<String>) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                let home = url.map_or(GroupHome::Local, |url| GroupHome::Server { url });
                Ok(id.parse().ok().map(|id| GroupRow { id, name, home }))
            },
        );
        let local = groups.iter().find(|group| group.home == GroupHome::Local);
        let users = rows(
            &connection,
            "SELECT users.guid, name FROM users JOIN replicas ON replicas.user_id = users.id
             WHERE replicas.deleted_at IS NULL ORDER BY replicas.id DESC",
            |row| {
                let guid: String = row.get(0)?;
                let name: String = row.get(1)?;
                Ok(guid.parse().ok().map(|user| (user, name)))
            },
        );
        Self {
            local_group: local.map(|group| group.id),
            user: users.into_iter().next(),
            settings: settings::load(&connection).unwrap_or_default(),
            folders: rows(
                &connection,
                "SELECT guid, folder, deleted_at IS NOT NULL FROM documents",
                |row| {
                    let guid: String = row.get(0)?;
                    let (folder, deleted) = (row.get(1)?, row.get(2)?);
                    Ok(guid
                        .parse()
                        .ok()
                        .map(|document| (document, folder, deleted)))
                },
            ),
            groups,
        }
    }

    fn put(&self, replica: &mut Replica) -> Result<(), StoreError> {
        for group in &self.groups {
            if group.home != GroupHome::Local {
                replica.add_group(group)?;
            }
        }
        if let Some((user, name)) = &self.user {
            replica.set_local_user(*user, name)?;
        }
        for (name, value) in &self.settings {
            replica.set_setting(name, value)?;
        }
        Ok(())
    }

    /// Which folder documents are in, and which are in the bin.
    fn put_folders(&self, replica: &mut Replica, now_ms: i64) -> Result<(), StoreError> {
        for group in replica.groups()? {
            for (document, folder, deleted) in &self.folders {
                if replica.scope(group.id).document(*document)?.is_none() {
                    continue;
                }
                let mut commit = Commit::new(group.id, *document, now_ms);
                commit.folder = Some(folder.clone());
                commit.deletion = deleted.then_some(Deletion::Deleted);
                if let Err(error) = replica.commit(&commit) {
                    tracing::warn!(%error, %document, "its folder is not known any more");
                }
            }
        }
        Ok(())
    }
}

/// As many rows as can be read.
fn rows<T>(
    connection: &Connection,
    sql: &str,
    read: impl Fn(&rusqlite::Row<'_>) -> Result<Option<T>, rusqlite::Error>,
) -> Vec<T> {
    let mut found = Vec::new();
    if let Ok(mut statement) = connection.prepare(sql)
        && let Ok(mut rows) = statement.query([])
    {
        while let Ok(Some(row)) = rows.next() {
            found.extend(read(row).ok().flatten());
        }
    }
    found
}
