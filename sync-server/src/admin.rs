//! Carries out account commands on the database, beside a running server or without one, and says
//! what was done: a line for people, or JSON.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::accounts::{self, AccountError, DeviceEntry, GroupEntry, UserEntry};
use crate::cli::{Command, EpochCommand, GroupCommand, InviteCommand, TokenCommand, UserCommand};
use crate::directory;
use crate::secret::Secret;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The answer to a command, in both forms.
pub struct Answer {
    pub text: String,
    pub json: Value,
}

/// Carries out `command`.
///
/// # Errors
/// [`AccountError`]; nothing was changed then.
pub fn carry_out(connection: &mut Connection, command: &Command) -> Result<Answer, AccountError> {
    match command {
        Command::User(command) => user(connection, command),
        Command::Group(command) => group(connection, command),
        Command::Token(command) => token(connection, command),
        Command::Invite(command) => invite(connection, command),
        Command::Epoch(command) => epoch(connection, command),
    }
}

fn user(connection: &mut Connection, command: &UserCommand) -> Result<Answer, AccountError> {
    match command {
        UserCommand::Add { name } => {
            let user = accounts::add_user(connection, name)?;
            let text = format!(
                "Made {} ({}) and a group of the same name.\nA token for a device: \
                 tideline-server token add {}",
                user.name,
                user.id,
                quoted(&user.name)
            );
            let json = user_json(&user);
            Ok(Answer { text, json })
        }
        UserCommand::List => {
            let users = accounts::users(connection)?;
            let lines = users
                .iter()
                .map(|user| format!("{}  {}", user.id, user.name));
            let text = list(lines, "No users yet: tideline-server user add NAME");
            let json = users.iter().map(user_json).collect();
            Ok(Answer { text, json })
        }
    }
}

fn group(connection: &mut Connection, command: &GroupCommand) -> Result<Answer, AccountError> {
    match command {
        GroupCommand::Add { name, owner } => {
            let group = accounts::add_group(connection, name, owner)?;
            let text = format!("Made the group {} ({}).", group.name, group.id);
            let json = group_json(&group);
            Ok(Answer { text, json })
        }
        GroupCommand::List => {
            let groups = accounts::groups(connection)?;
            let text = list(groups.iter().map(group_line), "No groups yet.");
            let json = groups.iter().map(group_json).collect();
            Ok(Answer { text, json })
        }
        GroupCommand::Member {
            group, user, role, ..
        } => {
            let role = role.map(Into::into);
            let (group, user) = accounts::set_member(connection, group, user, role)?;
            let text = match role {
                Some(role) => format!("{} is {} of {} now.", user.name, role.name(), group.name),
                None => format!("{} is no longer in {}.", user.name, group.name),
            };
            let json = json!({
                "group": group.id.to_string(),
                "user": user.id.to_string(),
                "role": role.map(tideline_wire::Role::name),
            });
            Ok(Answer { text, json })
        }
    }
}

fn token(connection: &mut Connection, command: &TokenCommand) -> Result<Answer, AccountError> {
    match command {
        TokenCommand::Add { user, device } => {
            let (entry, token) = accounts::add_token(connection, user, device)?;
            Ok(token_answer(&entry, &token, ""))
        }
        TokenCommand::List => {
            let devices = accounts::tokens(connection)?;
            let text = list(
                devices.iter().map(device_line),
                "No tokens yet: tideline-server token add USER",
            );
            let json = devices.iter().map(device_json).collect();
            Ok(Answer { text, json })
        }
        TokenCommand::Revoke { id } => {
            accounts::revoke_token(connection, id)?;
            let text = format!("Revoked {id}. A running server disconnects it within two seconds.");
            let json = json!({ "revoked": id });
            Ok(Answer { text, json })
        }
    }
}

fn invite(connection: &mut Connection, command: &InviteCommand) -> Result<Answer, AccountError> {
    match command {
        InviteCommand::Add { group, role, days } => {
            let valid_ms = i64::from(*days) * DAY_MS;
            let role = (*role).into();
            let (group, code, expires_at_ms) =
                accounts::add_invite(connection, group, role, valid_ms)?;
            let text = format!(
                "{}\nMakes one person {} of {}, within {days} days: \
                 tideline-server invite accept CODE NAME",
                code.reveal(),
                role.name(),
                group.name
            );
            let json = json!({
                "code": code.reveal(),
                "group": group.id.to_string(),
                "role": role.name(),
                "expires_at_ms": expires_at_ms,
            });
            Ok(Answer { text, json })
        }
        InviteCommand::Accept { code, name, device } => {
            let (group, entry, token) = accounts::accept_invite(connection, code, name, device)?;
            let joined = format!("{name} is {} of {} now.\n", group.role.name(), group.name);
            Ok(token_answer(&entry, &token, &joined))
        }
    }
}

fn epoch(connection: &mut Connection, command: &EpochCommand) -> Result<Answer, AccountError> {
    let epoch = match command {
        EpochCommand::Show => directory::epoch(connection)?,
        EpochCommand::Raise => accounts::raise_epoch(connection)?,
    };
    let text = match command {
        EpochCommand::Show => format!("Epoch {epoch}."),
        EpochCommand::Raise => {
            format!("Epoch {epoch}. It holds for connections that are made from now on.")
        }
    };
    let json = json!({ "epoch": epoch });
    Ok(Answer { text, json })
}

fn list(lines: impl Iterator<Item = String>, empty: &str) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return empty.to_owned();
    }
    lines.join("\n")
}

/// As a shell takes it back.
fn quoted(name: &str) -> String {
    if name
        .chars()
        .all(|c| c.is_alphanumeric() || "-_.@".contains(c))
    {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', "'\\''"))
}

fn user_json(user: &UserEntry) -> Value {
    json!({
        "id": user.id.to_string(),
        "name": user.name,
        "created_at_ms": user.created_at_ms,
    })
}

fn group_line(group: &GroupEntry) -> String {
    let members = group.members.iter();
    let members: Vec<String> = members
        .map(|(name, role)| format!("{name} ({})", role.name()))
        .collect();
    format!("{}  {}: {}", group.id, group.name, members.join(", "))
}

fn group_json(group: &GroupEntry) -> Value {
    let members = group.members.iter();
    let members: Vec<Value> = members
        .map(|(name, role)| json!({ "name": name, "role": role.name() }))
        .collect();
    json!({ "id": group.id.to_string(), "name": group.name, "members": members })
}

fn token_answer(device: &DeviceEntry, token: &Secret, before: &str) -> Answer {
    let text = format!(
        "{before}{}\nThe token of {} for one device ({}). It is not stored and cannot be shown again.",
        token.reveal(),
        device.user,
        device.id
    );
    let mut json = device_json(device);
    json["token"] = token.reveal().into();
    Answer { text, json }
}

fn device_line(device: &DeviceEntry) -> String {
    let name = if device.name.is_empty() {
        "(not named)"
    } else {
        &device.name
    };
    let state = match (device.revoked_at_ms, device.seen_at_ms) {
        (Some(_), _) => "revoked",
        (None, Some(_)) => "in use",
        (None, None) => "never used",
    };
    format!("{}  {}  {name}  {state}", device.id, device.user)
}

fn device_json(device: &DeviceEntry) -> Value {
    json!({
        "id": device.id.to_string(),
        "user": device.user,
        "device": device.name,
        "created_at_ms": device.created_at_ms,
        "seen_at_ms": device.seen_at_ms,
        "revoked_at_ms": device.revoked_at_ms,
    })
}
