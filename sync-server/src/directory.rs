//! Who is who: what has to be known before a group is known. Whose token, which groups, whose replica.
//!
//! Names no document and no batch: those are reached through [`crate::scope::Scope`] alone.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use tideline_model::id::DeviceId;
use tideline_model::{GroupId, ReplicaId, UserId};
use tideline_wire::{GroupInfo, Role, UserInfo};

use crate::clock::now_ms;
use crate::scope::{Guid, RoleName};
use crate::secret;

/// Somebody at one device, as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    pub device: DeviceId,
    pub user: UserInfo,
    pub groups: Vec<GroupInfo>,
}

impl Access {
    pub fn role_in(&self, group: GroupId) -> Option<Role> {
        let found = self.groups.iter().find(|found| found.id == group)?;
        Some(found.role)
    }
}

/// Whose a replica is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicaOwner {
    /// The row of the user's own replica.
    Asker(i64),
    Another,
}

/// Rises whenever anything changes here.
pub fn accounts_revision(connection: &Connection) -> rusqlite::Result<i64> {
    fact(connection, "accounts_revision")
}

pub fn epoch(connection: &Connection) -> rusqlite::Result<u64> {
    fact(connection, "epoch").map(i64::cast_unsigned)
}

fn fact(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached("SELECT value FROM facts WHERE name = ?1")?;
    statement.query_row([name], |row| row.get(0))
}

/// Whose token this is, if it is anybody's.
pub fn device_of_token(connection: &Connection, token: &str) -> rusqlite::Result<Option<DeviceId>> {
    let mut statement = connection
        .prepare_cached("SELECT guid FROM devices WHERE token_hash = ?1 AND deleted_at IS NULL")?;
    let found = statement.query_row([secret::hash(token)], |row| row.get::<_, Guid>(0));
    Ok(found.optional()?.map(|guid| DeviceId(guid.0)))
}

/// What the owner of a device may do now; `None` once its token was revoked.
pub fn access(connection: &Connection, device: DeviceId) -> rusqlite::Result<Option<Access>> {
    let mut statement = connection.prepare_cached(
        "SELECT users.id, users.guid, users.name FROM devices
         JOIN users ON users.id = devices.user_id AND users.deleted_at IS NULL
         WHERE devices.guid = ?1 AND devices.deleted_at IS NULL",
    )?;
    let found = statement.query_row([Guid(device.0)], |row| {
        let user = UserInfo {
            id: UserId(row.get::<_, Guid>(1)?.0),
            name: row.get(2)?,
        };
        Ok((row.get::<_, i64>(0)?, user))
    });
    let Some((user_row, user)) = found.optional()? else {
        return Ok(None);
    };
    let groups = groups_of(connection, user_row)?;
    Ok(Some(Access {
        device,
        user,
        groups,
    }))
}

/// The personal group first: it is the oldest.
fn groups_of(connection: &Connection, user_row: i64) -> rusqlite::Result<Vec<GroupInfo>> {
    let mut statement = connection.prepare_cached(
        "SELECT groups.guid, groups.name, members.role FROM members
         JOIN groups ON groups.id = members.group_id AND groups.deleted_at IS NULL
         WHERE members.user_id = ?1 AND members.deleted_at IS NULL
         ORDER BY groups.id = (SELECT group_id FROM users WHERE id = ?1) DESC, groups.id",
    )?;
    let groups = statement.query_map([user_row], |row| {
        Ok(GroupInfo {
            id: GroupId(row.get::<_, Guid>(0)?.0),
            name: row.get(1)?,
            role: row.get::<_, RoleName>(2)?.0,
        })
    })?;
    groups.collect()
}

/// The groups that a user is in.
pub fn group_ids(connection: &Connection, user: UserId) -> rusqlite::Result<Vec<GroupId>> {
    let mut statement = connection.prepare_cached(
        "SELECT groups.guid FROM members
         JOIN groups ON groups.id = members.group_id AND groups.deleted_at IS NULL
         JOIN users ON users.id = members.user_id
         WHERE users.guid = ?1 AND members.deleted_at IS NULL ORDER BY groups.id",
    )?;
    let groups =
        statement.query_map([Guid(user.0)], |row| Ok(GroupId(row.get::<_, Guid>(0)?.0)))?;
    groups.collect()
}

/// Notes that devices were here, and what their users call those that nobody had named.
pub fn note_seen(
    connection: &mut Connection,
    devices: &[(DeviceId, String)],
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (device, name) in devices {
        let mut statement = transaction.prepare_cached(
            "UPDATE devices SET seen_at = ?2, updated_at = ?2,
                 name = CASE WHEN name = '' THEN ?3 ELSE name END
             WHERE guid = ?1",
        )?;
        statement.execute((Guid(device.0), now_ms(), name))?;
    }
    transaction.commit()
}

/// Whose a replica is; it becomes the asker's when it was nobody's.
pub fn claim_replica(
    connection: &Connection,
    replica: ReplicaId,
    user: UserId,
) -> rusqlite::Result<ReplicaOwner> {
    if let Some(owner) = replica_owner(connection, replica, user)? {
        return Ok(owner);
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO replicas (guid, group_id, created_at, updated_at, user_id)
         SELECT ?1, group_id, ?2, ?2, id FROM users WHERE guid = ?3",
    )?;
    let row = statement.insert((Guid(replica.0), now_ms(), Guid(user.0)))?;
    Ok(ReplicaOwner::Asker(row))
}

/// `None` for a replica that has not pushed anything.
pub fn replica_owner(
    connection: &Connection,
    replica: ReplicaId,
    user: UserId,
) -> rusqlite::Result<Option<ReplicaOwner>> {
    let mut statement = connection.prepare_cached(
        "SELECT replicas.id, users.guid = ?2 FROM replicas
         JOIN users ON users.id = replicas.user_id WHERE replicas.guid = ?1",
    )?;
    let found = statement.query_row((Guid(replica.0), Guid(user.0)), |row| {
        let own: bool = row.get(1)?;
        Ok(if own {
            ReplicaOwner::Asker(row.get(0)?)
        } else {
            ReplicaOwner::Another
        })
    });
    found.optional()
}

pub fn has_users(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |row| row.get(0))
}

/// Whether anybody could get in.
pub fn has_tokens(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM devices WHERE deleted_at IS NULL)";
    connection.query_row(sql, [], |row| row.get(0))
}
