//! The log in an `SQLite` database.

use rusqlite::{Connection, TransactionBehavior};
use tideline_model::{DocumentId, GroupId, ReplicaId, UserId};
use tideline_wire::limits::{COUNTER_MAX, EVENTS_FRAME_BYTES_TARGET};
use tideline_wire::{Cursor, DocumentHead, RefusalCode, SealedBatch};

use super::{Log, Outcome, Page, Position, Push, Refusal};
use crate::database::DatabaseError;
use crate::directory::{self, ReplicaOwner};
use crate::scope::{DocumentRow, Scope, Tail};

/// How far a Lamport clock may be ahead of everything in its document. A replica's clock grows by
/// one an event, so an honest one stays far below; without a bound, one batch could use up the
/// clock of a document for everybody.
const LAMPORT_JUMP_MAX: u64 = 1 << 32;

/// One connection to the server's database.
pub struct SqliteLog {
    connection: Connection,
}

impl SqliteLog {
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// For what is not about batches.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl Log for SqliteLog {
    fn append(&mut self, pushes: &[Push]) -> Result<Vec<Outcome>, DatabaseError> {
        let behavior = TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        let mut outcomes = Vec::with_capacity(pushes.len());
        for push in pushes {
            outcomes.push(append_one(&transaction, push)?);
        }
        transaction.commit()?;
        Ok(outcomes)
    }

    fn position(
        &mut self,
        user: UserId,
        group: GroupId,
        document: DocumentId,
        replica: ReplicaId,
    ) -> Result<Option<Position>, DatabaseError> {
        let transaction = self.connection.transaction()?;
        let Some(scope) = Scope::of_member(&transaction, group, user)? else {
            return Ok(None);
        };
        let Some(row) = scope.document(document)? else {
            return Ok(Some(Position {
                head: Cursor::START,
                replica_seq: 0,
            }));
        };
        let owner = directory::replica_owner(&transaction, replica, user)?;
        let tail = match owner {
            Some(ReplicaOwner::Asker(replica_row)) => scope.tail(&row, replica_row)?,
            Some(ReplicaOwner::Another) | None => Tail::default(),
        };
        Ok(Some(Position {
            head: row.head,
            replica_seq: tail.last_seq,
        }))
    }

    fn page(
        &mut self,
        user: UserId,
        group: GroupId,
        document: DocumentId,
        after: Cursor,
    ) -> Result<Option<Page>, DatabaseError> {
        let transaction = self.connection.transaction()?;
        let Some(scope) = Scope::of_member(&transaction, group, user)? else {
            return Ok(None);
        };
        let Some(row) = scope.document(document)? else {
            return Ok(Some(Page {
                batches: Vec::new(),
                head: Cursor::START,
            }));
        };
        let batches = scope.page(document, &row, after, EVENTS_FRAME_BYTES_TARGET)?;
        Ok(Some(Page {
            batches,
            head: row.head,
        }))
    }

    fn documents(&mut self, user: UserId) -> Result<Vec<DocumentHead>, DatabaseError> {
        let transaction = self.connection.transaction()?;
        let mut documents = Vec::new();
        for group in directory::group_ids(&transaction, user)? {
            if let Some(scope) = Scope::of_member(&transaction, group, user)? {
                documents.extend(scope.documents()?);
            }
        }
        Ok(documents)
    }
}

fn refuse(code: RefusalCode, reason: impl Into<String>) -> Outcome {
    Outcome::Refused(Refusal {
        code,
        reason: reason.into(),
    })
}

fn not_member() -> Outcome {
    refuse(
        RefusalCode::NotMember,
        "You are not a member of this document's group on the server, or the document belongs to \
         another group there. Your changes are safe on this machine. Ask an owner of the group to \
         add you.",
    )
}

/// Checks everything about a push that the envelope shows, and writes it.
fn append_one(connection: &Connection, push: &Push) -> rusqlite::Result<Outcome> {
    let batch = &push.batch;
    let Some(scope) = Scope::of_member(connection, batch.group, push.user)? else {
        return Ok(not_member());
    };
    if !scope.role().may_write() {
        let role = scope.role().name();
        return Ok(refuse(
            RefusalCode::ReadOnly,
            format!(
                "You may read this group's documents as its {role}, but not change them. Your \
                 changes are safe on this machine, and only there. Ask an owner of the group for \
                 the role of editor."
            ),
        ));
    }
    let replica_row = match directory::claim_replica(connection, batch.replica, push.user)? {
        ReplicaOwner::Asker(row) => row,
        ReplicaOwner::Another => {
            return Ok(refuse(
                RefusalCode::ForeignReplica,
                "This copy of the documents writes under the id of another user's copy. Nothing was \
                 taken from it; your changes are safe on this machine. Start with a data folder of \
                 your own.",
            ));
        }
    };
    let existing = scope.document(batch.document)?;
    let tail = match &existing {
        Some(row) => scope.tail(row, replica_row)?,
        None => Tail::default(),
    };
    if let Some(row) = &existing
        && batch.first_seq <= tail.last_seq
    {
        return known(&scope, row, replica_row, batch);
    }
    if let Some(refusal) = check_new(existing.as_ref(), tail, batch) {
        return Ok(refusal);
    }
    let row = match existing {
        Some(row) => Some(row),
        None => scope.create_document(batch.document)?,
    };
    match row {
        Some(row) => Ok(Outcome::Stored(scope.append(&row, replica_row, batch)?)),
        None => Ok(not_member()),
    }
}

/// A batch that begins where the log already has something: the same one again, or an alarm.
fn known(
    scope: &Scope<'_>,
    row: &DocumentRow,
    replica_row: i64,
    batch: &SealedBatch,
) -> rusqlite::Result<Outcome> {
    match scope.batch(batch.document, row, replica_row, batch.first_seq)? {
        Some((cursor, stored)) if stored == *batch => Ok(Outcome::Known(cursor)),
        _ => Ok(refuse(
            RefusalCode::Conflict,
            "The server has other content for these changes: two programs write under the id of one \
             copy, or this copy was restored from a backup. Nothing was overwritten. Your changes \
             are safe on this machine.",
        )),
    }
}

/// Whether a batch may follow what the log has. `None` when it may.
fn check_new(row: Option<&DocumentRow>, tail: Tail, batch: &SealedBatch) -> Option<Outcome> {
    let expected_seq = tail.last_seq + 1;
    if batch.first_seq > expected_seq {
        let found = batch.first_seq;
        return Some(refuse(
            RefusalCode::Gap { expected_seq },
            format!("The server waits for change {expected_seq} of this copy, {found} came."),
        ));
    }
    let latest = row.map_or(0, |row| row.last_lamport);
    let clock_max = latest.saturating_add(LAMPORT_JUMP_MAX).min(COUNTER_MAX);
    if batch.last_lamport <= tail.last_lamport && tail.last_seq > 0
        || batch.last_lamport > clock_max
    {
        let found = batch.last_lamport;
        return Some(refuse(
            RefusalCode::Malformed,
            format!(
                "The clock of these changes, {found}, does not fit behind {} and {latest}. Your \
                 changes are safe on this machine; this is an error in the program, please report \
                 it.",
                tail.last_lamport
            ),
        ));
    }
    None
}
