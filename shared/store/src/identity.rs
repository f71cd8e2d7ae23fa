//! Who this replica is: the rows for the local group, the person who writes here, and the replica ids
//! that the folder has used. Knows nothing of documents.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tideline_model::{GroupId, ReplicaId, UserId};
use uuid::Uuid;

use crate::checksum::Checksum;
use crate::error::StoreError;
use crate::rows::{Columns, GroupHome, GroupRow, check};

/// The name of the group of documents that are only in this folder.
const LOCAL_GROUP_NAME: &str = "This computer";

/// The current replica id with its counters, as stored.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    key: i64,
    pub(crate) replica: ReplicaId,
    /// Transactions so far, over all replica ids of this folder.
    pub(crate) generation: u64,
    pub(crate) line_numbers_reserved: u64,
    pub(crate) local_group: GroupId,
    local_group_key: i64,
    user_key: i64,
    pub(crate) user: UserId,
    pub(crate) user_name: String,
}

impl Identity {
    /// Makes the rows of a new database.
    pub(crate) fn create(connection: &Connection, now_ms: i64) -> Result<Self, StoreError> {
        let local_group = GroupId(Uuid::now_v7());
        let group = GroupRow {
            id: local_group,
            name: LOCAL_GROUP_NAME.to_owned(),
            home: GroupHome::Local,
        };
        let local_group_key = save_group(connection, &group, now_ms)?;
        let user = UserId(Uuid::now_v7());
        let user_key = save_user(connection, local_group_key, user, "", now_ms)?;
        let mut identity = Self {
            key: 0,
            replica: ReplicaId(Uuid::nil()),
            generation: 0,
            line_numbers_reserved: 0,
            local_group,
            local_group_key,
            user_key,
            user,
            user_name: String::new(),
        };
        identity.add_replica(connection, now_ms)?;
        Ok(identity)
    }

    /// Whether the database has been given one.
    pub(crate) fn exists(connection: &Connection) -> Result<bool, StoreError> {
        Ok(connection.prepare("SELECT 1 FROM groups")?.exists([])?)
    }

    pub(crate) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let (local_group_key, local_group) = load_local_group(connection)?;
        let mut identity = connection
            .query_row(
                "SELECT id, guid, user_id, line_numbers_reserved, generation, checksum
                 FROM replicas WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 1",
                [],
                |row| Ok(Self::read(row, local_group_key, local_group)),
            )
            .optional()?
            .ok_or_else(|| StoreError::damaged("it names no replica"))??;
        (identity.user, identity.user_name) = load_user(connection, identity.user_key)?;
        Ok(identity)
    }

    fn read(row: &Row<'_>, local_group_key: i64, local_group: GroupId) -> Result<Self, StoreError> {
        let mut columns = Columns::of(row);
        let identity = Self {
            key: columns.next()?,
            replica: columns.guid()?,
            user_key: columns.next()?,
            line_numbers_reserved: columns.number()?,
            generation: columns.number()?,
            local_group,
            local_group_key,
            user: UserId(Uuid::nil()),
            user_name: String::new(),
        };
        check(columns.next()?, identity.checksum(), || {
            identity.replica.to_string()
        })?;
        Ok(identity)
    }

    /// Stores the counters.
    pub(crate) fn save(&self, connection: &Connection, now_ms: i64) -> Result<(), StoreError> {
        connection
            .prepare_cached(
                "UPDATE replicas SET user_id = ?2, line_numbers_reserved = ?3, generation = ?4,
                 updated_at = ?5, checksum = ?6 WHERE id = ?1",
            )?
            .execute(params![
                self.key,
                self.user_key,
                self.line_numbers_reserved.cast_signed(),
                self.generation.cast_signed(),
                now_ms,
                self.checksum(),
            ])?;
        Ok(())
    }

    /// Retires the replica id and takes a new one.
    pub(crate) fn renew(&mut self, connection: &Connection, now_ms: i64) -> Result<(), StoreError> {
        self.save(connection, now_ms)?;
        connection.execute(
            "UPDATE replicas SET deleted_at = ?1 WHERE deleted_at IS NULL",
            [now_ms],
        )?;
        self.line_numbers_reserved = 0;
        self.add_replica(connection, now_ms)
    }

    pub(crate) fn set_user(
        &mut self,
        connection: &Connection,
        user: UserId,
        name: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.user_key = save_user(connection, self.local_group_key, user, name, now_ms)?;
        self.user = user;
        name.clone_into(&mut self.user_name);
        Ok(())
    }

    pub(crate) fn local_group_key(&self) -> i64 {
        self.local_group_key
    }

    fn add_replica(&mut self, connection: &Connection, now_ms: i64) -> Result<(), StoreError> {
        self.replica = ReplicaId(Uuid::now_v7());
        connection.execute(
            "INSERT INTO replicas (guid, group_id, user_id, line_numbers_reserved, generation,
             created_at, updated_at, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)",
            params![
                self.replica.to_string(),
                self.local_group_key,
                self.user_key,
                self.line_numbers_reserved.cast_signed(),
                self.generation.cast_signed(),
                now_ms,
                self.checksum(),
            ],
        )?;
        self.key = connection.last_insert_rowid();
        Ok(())
    }

    fn checksum(&self) -> i64 {
        Checksum::of("replicas")
            .text(&self.replica.to_string())
            .number(self.user_key)
            .number(self.line_numbers_reserved.cast_signed())
            .number(self.generation.cast_signed())
            .finish()
    }
}

fn load_local_group(connection: &Connection) -> Result<(i64, GroupId), StoreError> {
    load_groups_with_keys(connection)?
        .into_iter()
        .find(|(_, group)| group.home == GroupHome::Local)
        .map(|(key, group)| (key, group.id))
        .ok_or_else(|| StoreError::damaged("it has no group of its own"))
}

/// All groups, oldest first.
pub(crate) fn load_groups(connection: &Connection) -> Result<Vec<GroupRow>, StoreError> {
    let groups = load_groups_with_keys(connection)?;
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

fn load_groups_with_keys(connection: &Connection) -> Result<Vec<(i64, GroupRow)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT id, guid, name, server_url, checksum FROM groups ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        let key = columns.next()?;
        let group = GroupRow {
            id: columns.guid()?,
            name: columns.next()?,
            home: match columns.next()? {
                Some(url) => GroupHome::Server { url },
                None => GroupHome::Local,
            },
        };
        check(columns.next()?, group_checksum(&group), || {
            group.id.to_string()
        })?;
        groups.push((key, group));
    }
    Ok(groups)
}

/// Adds the group, or changes its name and home; returns its key.
pub(crate) fn save_group(
    connection: &Connection,
    group: &GroupRow,
    now_ms: i64,
) -> Result<i64, StoreError> {
    let url = match &group.home {
        GroupHome::Local => None,
        GroupHome::Server { url } => Some(url),
    };
    // A group belongs to itself; the reference is checked when the transaction ends.
    let key = connection.query_row(
        "INSERT INTO groups (guid, group_id, name, server_url, created_at, updated_at, checksum)
         VALUES (?1, 0, ?2, ?3, ?4, ?4, ?5)
         ON CONFLICT (guid) DO UPDATE SET name = excluded.name, server_url = excluded.server_url,
         updated_at = excluded.updated_at, checksum = excluded.checksum
         RETURNING id",
        params![
            group.id.to_string(),
            group.name,
            url,
            now_ms,
            group_checksum(group)
        ],
        |row| row.get(0),
    )?;
    connection.execute("UPDATE groups SET group_id = id WHERE id = ?1", [key])?;
    Ok(key)
}

fn group_checksum(group: &GroupRow) -> i64 {
    let url = match &group.home {
        GroupHome::Local => None,
        GroupHome::Server { url } => Some(url.as_str()),
    };
    Checksum::of("groups")
        .text(&group.id.to_string())
        .text(&group.name)
        .maybe_text(url)
        .finish()
}

fn load_user(connection: &Connection, key: i64) -> Result<(UserId, String), StoreError> {
    connection
        .query_row(
            "SELECT guid, name, checksum FROM users WHERE id = ?1",
            [key],
            |row| {
                let read = || {
                    let mut columns = Columns::of(row);
                    let (user, name) = (columns.guid()?, columns.next::<String>()?);
                    check(columns.next()?, user_checksum(user, &name), || {
                        user.to_string()
                    })?;
                    Ok((user, name))
                };
                Ok(read())
            },
        )
        .optional()?
        .ok_or_else(|| StoreError::damaged("it names no user"))?
}

fn save_user(
    connection: &Connection,
    local_group_key: i64,
    user: UserId,
    name: &str,
    now_ms: i64,
) -> Result<i64, StoreError> {
    Ok(connection.query_row(
        "INSERT INTO users (guid, group_id, name, created_at, updated_at, checksum)
         VALUES (?1, ?2, ?3, ?4, ?4, ?5)
         ON CONFLICT (guid) DO UPDATE SET name = excluded.name,
         updated_at = excluded.updated_at, checksum = excluded.checksum
         RETURNING id",
        params![
            user.to_string(),
            local_group_key,
            name,
            now_ms,
            user_checksum(user, name)
        ],
        |row| row.get(0),
    )?)
}

fn user_checksum(user: UserId, name: &str) -> i64 {
    Checksum::of("users")
        .text(&user.to_string())
        .text(name)
        .finish()
}
