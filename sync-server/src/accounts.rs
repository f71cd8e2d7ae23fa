//! Users, groups, tokens and invites, as the command line looks after them. A running server looks
//! once a second whether something has changed here.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use tideline_model::id::DeviceId;
use tideline_model::{GroupId, UserId};
use tideline_wire::limits::{GROUPS_PER_USER_MAX, NAME_BYTES_MAX};
use tideline_wire::{GroupInfo, Role};
use uuid::Uuid;

use crate::clock::now_ms;
use crate::directory;
use crate::scope::{Guid, RoleName, Scope};
use crate::secret::{self, Secret};

/// Why an account command cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("there is no user {0}; `user list` shows all")]
    NoUser(String),
    #[error("there is no group {0}; `group list` shows all")]
    NoGroup(String),
    #[error("several groups are called {name}; use one of the ids {ids}")]
    AmbiguousGroup { name: String, ids: String },
    #[error("there is a user {0} already; choose another name")]
    NameTaken(String),
    #[error("a name has 1 to {NAME_BYTES_MAX} bytes and no control characters")]
    BadName,
    #[error("there is no token {0}; `token list` shows all")]
    NoToken(String),
    #[error("this invite does not exist, was used, or has expired; ask for another one")]
    BadInvite,
    #[error("{user} is not in {group}")]
    NotMember { user: String, group: String },
    #[error("a user may be in {GROUPS_PER_USER_MAX} groups, {0} is in so many")]
    TooManyGroups(String),
    #[error("{0} is the last owner of the group; name another one first")]
    LastOwner(String),
    #[error(transparent)]
    Id(#[from] tideline_model::IdError),
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEntry {
    pub id: UserId,
    pub name: String,
    pub created_at_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupEntry {
    pub id: GroupId,
    pub name: String,
    /// Name and role of each.
    pub members: Vec<(String, Role)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceEntry {
    pub id: DeviceId,
    pub user: String,
    pub name: String,
    pub created_at_ms: i64,
    pub seen_at_ms: Option<i64>,
    pub revoked_at_ms: Option<i64>,
}

pub fn raise_epoch(connection: &Connection) -> rusqlite::Result<u64> {
    connection.execute(
        "UPDATE facts SET value = value + 1 WHERE name = 'epoch'",
        [],
    )?;
    directory::epoch(connection)
}

/// Runs account changes in one transaction and lets the server know.
fn change<T>(
    connection: &mut Connection,
    carry_out: impl FnOnce(&Connection) -> Result<T, AccountError>,
) -> Result<T, AccountError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let changed = carry_out(&transaction)?;
    transaction.execute(
        "UPDATE facts SET value = value + 1 WHERE name = 'accounts_revision'",
        [],
    )?;
    transaction.commit()?;
    Ok(changed)
}

fn check_name(name: &str) -> Result<&str, AccountError> {
    let name = name.trim();
    let fits = (1..=NAME_BYTES_MAX).contains(&name.len());
    if !fits || name.chars().any(char::is_control) {
        return Err(AccountError::BadName);
    }
    Ok(name)
}

/// Makes a user and a group of the same name that is theirs.
pub fn add_user(connection: &mut Connection, name: &str) -> Result<UserEntry, AccountError> {
    change(connection, |connection| insert_user(connection, name))
}

fn insert_user(connection: &Connection, name: &str) -> Result<UserEntry, AccountError> {
    let name = check_name(name)?.to_owned();
    if find_user_named(connection, &name)?.is_some() {
        return Err(AccountError::NameTaken(name));
    }
    let (id, created_at_ms) = (UserId(Uuid::now_v7()), now_ms());
    let group = insert_group(connection, &name)?;
    connection.execute(
        "INSERT INTO users (guid, group_id, created_at, updated_at, name)
         SELECT ?1, id, ?2, ?2, ?3 FROM groups WHERE guid = ?4",
        (Guid(id.0), created_at_ms, &name, Guid(group.0)),
    )?;
    scope(connection, group)?.set_member(id, Role::Owner)?;
    Ok(UserEntry {
        id,
        name,
        created_at_ms,
    })
}

fn insert_group(connection: &Connection, name: &str) -> Result<GroupId, AccountError> {
    let id = GroupId(Uuid::now_v7());
    let row: i64 =
        connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM groups", [], |row| {
            row.get(0)
        })?;
    connection.execute(
        "INSERT INTO groups (id, guid, group_id, created_at, updated_at, name)
         VALUES (?1, ?2, ?1, ?3, ?3, ?4)",
        (row, Guid(id.0), now_ms(), check_name(name)?),
    )?;
    Ok(id)
}

fn scope(connection: &Connection, group: GroupId) -> Result<Scope<'_>, AccountError> {
    let scope = Scope::of_administrator(connection, group)?;
    scope.ok_or_else(|| AccountError::NoGroup(group.to_string()))
}

pub fn users(connection: &Connection) -> rusqlite::Result<Vec<UserEntry>> {
    let mut statement = connection
        .prepare("SELECT guid, name, created_at FROM users WHERE deleted_at IS NULL ORDER BY id")?;
    let users = statement.query_map([], read_user)?;
    users.collect()
}

fn read_user(row: &rusqlite::Row<'_>) -> rusqlite::Result<UserEntry> {
    Ok(UserEntry {
        id: UserId(row.get::<_, Guid>(0)?.0),
        name: row.get(1)?,
        created_at_ms: row.get(2)?,
    })
}

fn find_user_named(connection: &Connection, name: &str) -> rusqlite::Result<Option<UserEntry>> {
    let found = connection.query_row(
        "SELECT guid, name, created_at FROM users WHERE name = ?1 AND deleted_at IS NULL",
        [name],
        read_user,
    );
    found.optional()
}

/// A user by name or id.
pub fn find_user(connection: &Connection, text: &str) -> Result<UserEntry, AccountError> {
    if let Some(user) = find_user_named(connection, text)? {
        return Ok(user);
    }
    let no_user = || AccountError::NoUser(text.to_owned());
    let id: UserId = if looks_like_id(text) {
        text.parse()?
    } else {
        return Err(no_user());
    };
    let mut users = users(connection)?.into_iter();
    users.find(|user| user.id == id).ok_or_else(no_user)
}

/// A prefix, an underscore and a UUID: then a wrong kind of id deserves to be named as such.
fn looks_like_id(text: &str) -> bool {
    let suffix = text.split_once('_').map(|(_, suffix)| suffix);
    suffix.is_some_and(|suffix| Uuid::try_parse(suffix).is_ok())
}

pub fn add_group(
    connection: &mut Connection,
    name: &str,
    owner: &str,
) -> Result<GroupEntry, AccountError> {
    change(connection, |connection| {
        let owner = find_user(connection, owner)?;
        let id = insert_group(connection, name)?;
        join_group(connection, id, &owner, Role::Owner)?;
        Ok(GroupEntry {
            id,
            name: check_name(name)?.to_owned(),
            members: vec![(owner.name, Role::Owner)],
        })
    })
}

fn join_group(
    connection: &Connection,
    group: GroupId,
    user: &UserEntry,
    role: Role,
) -> Result<(), AccountError> {
    scope(connection, group)?.set_member(user.id, role)?;
    let groups: u32 = connection.query_row(
        "SELECT count(*) FROM members JOIN users ON users.id = members.user_id
         WHERE users.guid = ?1 AND members.deleted_at IS NULL",
        [Guid(user.id.0)],
        |row| row.get(0),
    )?;
    if groups as usize > GROUPS_PER_USER_MAX {
        return Err(AccountError::TooManyGroups(user.name.clone()));
    }
    Ok(())
}

pub fn groups(connection: &Connection) -> rusqlite::Result<Vec<GroupEntry>> {
    let mut statement = connection.prepare(
        "SELECT groups.guid, groups.name, users.name, members.role FROM groups
         LEFT JOIN members ON members.group_id = groups.id AND members.deleted_at IS NULL
         LEFT JOIN users ON users.id = members.user_id AND users.deleted_at IS NULL
         WHERE groups.deleted_at IS NULL ORDER BY groups.id, members.id",
    )?;
    let mut rows = statement.query([])?;
    let mut groups: Vec<GroupEntry> = Vec::new();
    while let Some(row) = rows.next()? {
        let id = GroupId(row.get::<_, Guid>(0)?.0);
        if groups.last().map(|group| group.id) != Some(id) {
            groups.push(GroupEntry {
                id,
                name: row.get(1)?,
                members: Vec::new(),
            });
        }
        let member: Option<String> = row.get(2)?;
        if let (Some(name), Some(group)) = (member, groups.last_mut()) {
            group.members.push((name, row.get::<_, RoleName>(3)?.0));
        }
    }
    Ok(groups)
}

/// A group by name or id.
pub fn find_group(connection: &Connection, text: &str) -> Result<GroupEntry, AccountError> {
    let all = groups(connection)?;
    let mut named: Vec<GroupEntry> = all
        .iter()
        .filter(|group| group.name == text)
        .cloned()
        .collect();
    if named.is_empty() && looks_like_id(text) {
        let id: GroupId = text.parse()?;
        named = all.into_iter().filter(|group| group.id == id).collect();
    }
    match (named.len(), named.pop()) {
        (1, Some(group)) => Ok(group),
        (0, _) | (_, None) => Err(AccountError::NoGroup(text.to_owned())),
        (_, Some(last)) => {
            let ids: Vec<String> = named
                .iter()
                .chain([&last])
                .map(|group| group.id.to_string())
                .collect();
            Err(AccountError::AmbiguousGroup {
                name: text.to_owned(),
                ids: ids.join(", "),
            })
        }
    }
}

/// Gives a user a role in a group; `None` takes them out of it.
pub fn set_member(
    connection: &mut Connection,
    group: &str,
    user: &str,
    role: Option<Role>,
) -> Result<(GroupEntry, UserEntry), AccountError> {
    change(connection, |connection| {
        let group = find_group(connection, group)?;
        let user = find_user(connection, user)?;
        let owner = |(name, role): &&(String, Role)| *role == Role::Owner && *name != user.name;
        let was_owner = group.members.contains(&(user.name.clone(), Role::Owner));
        if was_owner
            && role != Some(Role::Owner)
            && !group.members.iter().any(|member| owner(&member))
        {
            return Err(AccountError::LastOwner(user.name));
        }
        match role {
            Some(role) => join_group(connection, group.id, &user, role)?,
            None if scope(connection, group.id)?.remove_member(user.id)? => {}
            None => {
                return Err(AccountError::NotMember {
                    user: user.name,
                    group: group.name,
                });
            }
        }
        Ok((group, user))
    })
}

/// A token for a device of a user: the only time that it can be seen.
pub fn add_token(
    connection: &mut Connection,
    user: &str,
    device: &str,
) -> Result<(DeviceEntry, Secret), AccountError> {
    change(connection, |connection| {
        let user = find_user(connection, user)?;
        insert_token(connection, user, device)
    })
}

fn insert_token(
    connection: &Connection,
    user: UserEntry,
    device: &str,
) -> Result<(DeviceEntry, Secret), AccountError> {
    let name = if device.is_empty() {
        ""
    } else {
        check_name(device)?
    };
    let (token, id, created_at_ms) = (Secret::new_token(), DeviceId(Uuid::now_v7()), now_ms());
    connection.execute(
        "INSERT INTO devices (guid, group_id, created_at, updated_at, user_id, name, token_hash)
         SELECT ?1, group_id, ?2, ?2, id, ?3, ?4 FROM users WHERE guid = ?5",
        (
            Guid(id.0),
            created_at_ms,
            name,
            token.hash(),
            Guid(user.id.0),
        ),
    )?;
    let entry = DeviceEntry {
        id,
        user: user.name,
        name: name.to_owned(),
        created_at_ms,
        seen_at_ms: None,
        revoked_at_ms: None,
    };
    Ok((entry, token))
}

pub fn tokens(connection: &Connection) -> rusqlite::Result<Vec<DeviceEntry>> {
    let mut statement = connection.prepare(
        "SELECT devices.guid, users.name, devices.name, devices.created_at, devices.seen_at,
                devices.deleted_at
         FROM devices JOIN users ON users.id = devices.user_id ORDER BY devices.id",
    )?;
    let devices = statement.query_map([], |row| {
        Ok(DeviceEntry {
            id: DeviceId(row.get::<_, Guid>(0)?.0),
            user: row.get(1)?,
            name: row.get(2)?,
            created_at_ms: row.get(3)?,
            seen_at_ms: row.get(4)?,
            revoked_at_ms: row.get(5)?,
        })
    })?;
    devices.collect()
}

/// Ends a token; connections that use it are closed within a second or two.
pub fn revoke_token(connection: &mut Connection, id: &str) -> Result<(), AccountError> {
    let device: DeviceId = id.parse()?;
    change(connection, |connection| {
        let revoked = connection.execute(
            "UPDATE devices SET deleted_at = ?2, updated_at = ?2
             WHERE guid = ?1 AND deleted_at IS NULL",
            (Guid(device.0), now_ms()),
        )?;
        if revoked == 0 {
            return Err(AccountError::NoToken(id.to_owned()));
        }
        Ok(())
    })
}

/// A code that makes one person, whoever they are, a member of a group.
pub fn add_invite(
    connection: &mut Connection,
    group: &str,
    role: Role,
    valid_ms: i64,
) -> Result<(GroupEntry, Secret, i64), AccountError> {
    change(connection, |connection| {
        let group = find_group(connection, group)?;
        let (code, expires_at_ms) = (Secret::new_invite(), now_ms().saturating_add(valid_ms));
        scope(connection, group.id)?.add_invite(&code.hash(), role, expires_at_ms)?;
        Ok((group, code, expires_at_ms))
    })
}

/// Makes a user of whoever holds the code, a member of its group, with a token.
pub fn accept_invite(
    connection: &mut Connection,
    code: &str,
    name: &str,
    device: &str,
) -> Result<(GroupInfo, DeviceEntry, Secret), AccountError> {
    let hash = secret::hash(code.trim());
    change(connection, |connection| {
        let found = connection.query_row(
            "SELECT groups.guid, groups.name, invites.role FROM invites
             JOIN groups ON groups.id = invites.group_id AND groups.deleted_at IS NULL
             WHERE invites.code_hash = ?1",
            [hash],
            |row| {
                Ok(GroupInfo {
                    id: GroupId(row.get::<_, Guid>(0)?.0),
                    name: row.get(1)?,
                    role: row.get::<_, RoleName>(2)?.0,
                })
            },
        );
        let group = found.optional()?.ok_or(AccountError::BadInvite)?;
        let user = insert_user(connection, name)?;
        if !scope(connection, group.id)?.accept_invite(&hash, user.id)? {
            return Err(AccountError::BadInvite);
        }
        join_group(connection, group.id, &user, group.role)?;
        let (entry, token) = insert_token(connection, user, device)?;
        Ok((group, entry, token))
    })
}
