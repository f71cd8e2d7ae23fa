//! The database file: creating it, recognizing it, and bringing an older one up to date.
//! Knows nothing of what the tables mean.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::{OpenError, StoreError};

/// "Tidl", in the header of the file.
const APPLICATION_ID: i64 = 0x5469_646C;
/// The steps that make up the schema, each in one transaction; `user_version` counts those done.
/// A step that has been released is never changed.
pub(crate) const STEPS: [&str; 3] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
];
/// How `auto_vacuum` names that unused pages are given back when asked for.
pub(crate) const INCREMENTAL: i64 = 2;
/// Pages that a connection keeps in memory: 16 MiB.
const CACHE_KIB: i64 = 16 * 1024;
/// Pages in the write-ahead log that bring about a checkpoint: what many commits change is written to
/// the database once.
const WAL_PAGES: i64 = 8_000;
/// A write-ahead log that grew larger than this is cut back when it has been checkpointed.
const WAL_BYTES_MAX: i64 = 64 * 1024 * 1024;

/// Opens a connection and sets it up; nothing has been read yet.
pub(crate) fn connect(file: &Path, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // A database that turns out to be damaged is left as it is, its log included.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Opens the database for writing, creating it or bringing it to the newest schema; says whether it
/// is new.
pub(crate) fn open(file: &Path) -> Result<(Connection, bool), OpenError> {
    let store_error = |error: rusqlite::Error| OpenError::from_store(file, error.into());
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(file, flags).map_err(store_error)?;
    let found = version(&connection, file)?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if found > known {
        let file = file.to_owned();
        return Err(OpenError::NewerSchema { file, found, known });
    }
    if found == 0 {
        // Takes effect only before there is a table.
        connection
            .pragma_update(None, "auto_vacuum", INCREMENTAL)
            .map_err(store_error)?;
    }
    set_up_writing(&connection).map_err(|error| OpenError::from_store(file, error))?;
    if found == 0 {
        for (number, step) in (1..).zip(STEPS) {
            run_step(&mut connection, number, step).map_err(store_error)?;
        }
    } else if found < known {
        connection = migrate(connection, file, found, &STEPS)?;
        give_back_pages(&connection);
    }
    check_schema(&connection, &STEPS)
        .and_then(|()| check_small_tables(&connection))
        .map_err(|error| OpenError::from_store(file, error))?;
    Ok((connection, found == 0))
}

/// Databases of the first schema keep the pages that they no longer use; this one is made anew once.
/// Not needed for anything else, so it may fail.
fn give_back_pages(connection: &Connection) {
    let set = connection.pragma_update(None, "auto_vacuum", INCREMENTAL);
    if let Err(error) = set.and_then(|()| connection.execute_batch("VACUUM")) {
        tracing::warn!(%error, "the file keeps pages that it does not use");
    }
}

/// From here on a clean shutdown leaves one file.
pub(crate) fn trust(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

fn set_up_writing(connection: &Connection) -> Result<(), StoreError> {
    // For the one change to a log that is written ahead: the old journal must not come back after a
    // power cut and undo it.
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::Disk {
            what: "its file system cannot hold a write-ahead log; use a local disk".into(),
        });
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    // macOS: without these, fsync does not reach the platter. Elsewhere they mean nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", WAL_PAGES, |_| Ok(()))?;
    let limit = WAL_BYTES_MAX;
    Ok(connection.pragma_update_and_check(None, "journal_size_limit", limit, |_| Ok(()))?)
}

/// The number of schema steps that the file has seen; 0 for a new one.
fn version(connection: &Connection, file: &Path) -> Result<i64, OpenError> {
    let read = || -> Result<(i64, i64, i64), rusqlite::Error> {
        let application = connection.pragma_query_value(None, "application_id", |r| r.get(0))?;
        let version = connection.pragma_query_value(None, "user_version", |r| r.get(0))?;
        let objects =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
        Ok((application, version, objects))
    };
    match read().map_err(|error| OpenError::from_store(file, error.into()))? {
        (0, 0, 0) => Ok(0),
        (APPLICATION_ID, version, _) if version > 0 => Ok(version),
        (APPLICATION_ID, version, _) => Err(OpenError::Damaged {
            file: file.to_owned(),
            what: format!("its header says schema {version}"),
        }),
        _ => Err(OpenError::NotOurs {
            file: file.to_owned(),
        }),
    }
}

fn run_step(connection: &mut Connection, number: i64, sql: &str) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()
}

/// Runs the steps behind `from`. The old file is kept beside the new one until that has been checked.
fn migrate(
    mut connection: Connection,
    file: &Path,
    from: i64,
    steps: &[&str],
) -> Result<Connection, OpenError> {
    let kept = keep_copy(&connection, file, from)?;
    let failed = |step: i64, reason: String| OpenError::Migration {
        file: file.to_owned(),
        step,
        reason,
        kept: kept.clone(),
    };
    let missing = (1..).zip(steps).skip_while(|(number, _)| *number <= from);
    for (number, step) in missing {
        let result = run_step(&mut connection, number, step);
        let result = result.map_err(|error| error.to_string());
        let checked = result.and_then(|()| integrity(&connection).map_err(|e| e.to_string()));
        if let Err(reason) = checked {
            drop(connection);
            put_back(file, &kept).map_err(|error| OpenError::from_io(file, &error))?;
            return Err(failed(number, reason));
        }
    }
    fs::remove_file(&kept).map_err(|error| OpenError::from_io(file, &error))?;
    Ok(connection)
}

fn keep_copy(connection: &Connection, file: &Path, version: i64) -> Result<PathBuf, OpenError> {
    let kept = with_suffix(file, &format!(".schema-{version}"));
    let unfinished = with_suffix(file, ".copying");
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(|error| OpenError::from_store(file, error.into()))?;
    let copy = || -> std::io::Result<()> {
        fs::copy(file, &unfinished)?;
        File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, &kept)
    };
    copy().map_err(|error| OpenError::from_io(file, &error))?;
    Ok(kept)
}

fn put_back(file: &Path, kept: &Path) -> std::io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        match fs::remove_file(with_suffix(file, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // Through a third name, so that the kept copy stays and the file is always whole.
    let unfinished = with_suffix(file, ".copying");
    fs::copy(kept, &unfinished)?;
    File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, file)
}

pub(crate) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// SQLite's own check of every page and index. Reads the whole file.
pub(crate) fn integrity(connection: &Connection) -> Result<(), StoreError> {
    integrity_of(connection, "20")
}

/// The same for the tables that say what there is. They are small, and a row that is missing from
/// them would not be missed by anything else; batches are counted by their document.
fn check_small_tables(connection: &Connection) -> Result<(), StoreError> {
    for table in ["groups", "users", "replicas", "settings", "documents"] {
        integrity_of(connection, table)?;
        let sql = format!("PRAGMA foreign_key_check({table})");
        if connection.prepare(&sql)?.exists([])? {
            return Err(StoreError::damaged(format!(
                "{table} refer to rows that are gone"
            )));
        }
    }
    Ok(())
}

fn integrity_of(connection: &Connection, argument: &str) -> Result<(), StoreError> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({argument})"))?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
    if lines == ["ok"] {
        Ok(())
    } else {
        Err(StoreError::damaged(lines.join("; ")))
    }
}

/// The tables, indexes and triggers must be exactly those that the steps make: a flipped bit in their
/// definition would change what statements mean.
fn check_schema(connection: &Connection, steps: &[&str]) -> Result<(), StoreError> {
    let expected = Connection::open_in_memory()?;
    for step in steps {
        expected.execute_batch(step)?;
    }
    if definitions(connection)? == definitions(&expected)? {
        Ok(())
    } else {
        Err(StoreError::damaged(
            "the definitions of its tables are not those of its schema",
        ))
    }
}

fn definitions(connection: &Connection) -> Result<Vec<(String, String, String)>, rusqlite::Error> {
    // `sqlite_stat` tables come and go with ANALYZE.
    let mut statement = connection.prepare(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema
         WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP_4: &str = "ALTER TABLE settings ADD COLUMN note TEXT";

    /// The steps there are, and one more.
    fn with(step: &'static str) -> Vec<&'static str> {
        STEPS.into_iter().chain([step]).collect()
    }

    fn database(folder: &Path) -> (PathBuf, Connection) {
        let file = folder.join("replica.sqlite");
        let (connection, new) = open(&file).unwrap();
        assert!(new);
        connection
            .execute_batch(
                "INSERT INTO groups VALUES (1, 'group_1', 1, 'a', NULL, 0, 0, NULL, NULL, NULL, 0)",
            )
            .unwrap();
        (file, connection)
    }

    #[test]
    fn a_step_is_run_and_the_kept_copy_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (file, connection) = database(folder.path());
        let connection = migrate(connection, &file, 3, &with(STEP_4)).unwrap();
        check_schema(&connection, &with(STEP_4)).unwrap();
        assert_eq!(version(&connection, &file).unwrap(), 4);
        assert!(!with_suffix(&file, ".schema-3").exists());
    }

    #[test]
    fn a_step_that_fails_leaves_the_old_database() {
        let folder = tempfile::tempdir().unwrap();
        let (file, connection) = database(folder.path());
        let broken = "CREATE TABLE more (id INTEGER); INSERT INTO nothing VALUES (1)";
        let error = migrate(connection, &file, 3, &with(broken)).unwrap_err();
        assert!(
            matches!(error, OpenError::Migration { step: 4, .. }),
            "{error}"
        );
        assert!(with_suffix(&file, ".schema-3").exists());
        let (connection, new) = open(&file).unwrap();
        assert!(!new);
        let count: i64 = connection
            .query_row("SELECT count(*) FROM groups", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn a_step_that_breaks_the_database_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let (file, connection) = database(folder.path());
        let breaking = "CREATE TABLE more (id INTEGER CHECK (id > 0));
             PRAGMA ignore_check_constraints = ON; INSERT INTO more VALUES (0);
             PRAGMA ignore_check_constraints = OFF";
        let error = migrate(connection, &file, 3, &with(breaking)).unwrap_err();
        assert!(
            error.to_string().contains("CHECK constraint failed"),
            "{error}"
        );
        let (connection, _) = open(&file).unwrap();
        assert_eq!(version(&connection, &file).unwrap(), 3);
        integrity(&connection).unwrap();
    }
}
