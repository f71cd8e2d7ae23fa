//! The only way to the rows of a group: every statement here is given the group, and there is no way
//! to write one without it.
//!
//! Knows nothing of sockets, and opens no payload.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row};
use tideline_model::{DocumentId, GroupId, ReplicaId, UserId};
use tideline_wire::{Cursor, DocumentHead, KeyId, PayloadKind, Role, SealedBatch};
use uuid::Uuid;

use crate::clock::now_ms;
use crate::secret::SecretHash;

/// A UUID as 16 bytes in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guid(pub Uuid);

impl ToSql for Guid {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
    }
}

impl FromSql for Guid {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        let uuid = Uuid::from_slice(bytes).map_err(|_| FromSqlError::InvalidBlobSize {
            expected_size: 16,
            blob_size: bytes.len(),
        })?;
        Ok(Self(uuid))
    }
}

/// The row of a role, by name.
pub struct RoleName(pub Role);

impl ToSql for RoleName {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.name().to_sql()
    }
}

impl FromSql for RoleName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Role::from_name(value.as_str()?)
            .map(Self)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// One group, as somebody with a right to it sees it.
pub struct Scope<'c> {
    connection: &'c Connection,
    group: GroupId,
    group_row: i64,
    role: Role,
}

/// What the server keeps of a document.
#[derive(Debug, Clone, Copy)]
pub struct DocumentRow {
    pub id: i64,
    pub head: Cursor,
    pub last_lamport: u64,
}

/// The end of what one replica has pushed to one document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tail {
    pub last_seq: u64,
    pub last_lamport: u64,
}

impl<'c> Scope<'c> {
    /// The group as a member sees it. `None` when there is no such group, and just so when the user
    /// is not in it.
    pub fn of_member(
        connection: &'c Connection,
        group: GroupId,
        user: UserId,
    ) -> rusqlite::Result<Option<Self>> {
        let mut statement = connection.prepare_cached(
            "SELECT groups.id, members.role FROM groups
             JOIN members ON members.group_id = groups.id AND members.deleted_at IS NULL
             JOIN users ON users.id = members.user_id AND users.deleted_at IS NULL
             WHERE groups.guid = ?1 AND groups.deleted_at IS NULL AND users.guid = ?2",
        )?;
        let found = statement.query_row((Guid(group.0), Guid(user.0)), |row| {
            Ok((row.get(0)?, row.get::<_, RoleName>(1)?.0))
        });
        Ok(found.optional()?.map(|(group_row, role)| Self {
            connection,
            group,
            group_row,
            role,
        }))
    }

    /// The group as the administrator of the server sees it.
    pub fn of_administrator(
        connection: &'c Connection,
        group: GroupId,
    ) -> rusqlite::Result<Option<Self>> {
        let found = connection.query_row(
            "SELECT id FROM groups WHERE guid = ?1 AND deleted_at IS NULL",
            [Guid(group.0)],
            |row| row.get(0),
        );
        Ok(found.optional()?.map(|group_row| Self {
            connection,
            group,
            group_row,
            role: Role::Owner,
        }))
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// A statement whose first parameter is the group; the others follow.
    fn prepare(&self, sql: &'static str) -> rusqlite::Result<CachedStatement<'c>> {
        assert!(
            sql.contains("group_id = ?1") || sql.starts_with("INSERT"),
            "a statement without its group: {sql}"
        );
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.raw_bind_parameter(1, self.group_row)?;
        Ok(statement)
    }

    fn bound(
        &self,
        sql: &'static str,
        parameters: &[&dyn ToSql],
    ) -> rusqlite::Result<CachedStatement<'c>> {
        let mut statement = self.prepare(sql)?;
        for (index, parameter) in (2..).zip(parameters) {
            statement.raw_bind_parameter(index, parameter)?;
        }
        Ok(statement)
    }

    fn first<T>(
        &self,
        sql: &'static str,
        parameters: &[&dyn ToSql],
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        let mut statement = self.bound(sql, parameters)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(read).transpose()
    }

    fn all<T>(
        &self,
        sql: &'static str,
        parameters: &[&dyn ToSql],
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut statement = self.bound(sql, parameters)?;
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// Returns how many rows were written.
    fn write(&self, sql: &'static str, parameters: &[&dyn ToSql]) -> rusqlite::Result<usize> {
        self.bound(sql, parameters)?.raw_execute()
    }

    pub fn document(&self, document: DocumentId) -> rusqlite::Result<Option<DocumentRow>> {
        self.first(
            "SELECT id, head, last_lamport FROM documents
             WHERE group_id = ?1 AND guid = ?2 AND deleted_at IS NULL",
            &[&Guid(document.0)],
            |row| {
                Ok(DocumentRow {
                    id: row.get(0)?,
                    head: Cursor(unsigned(row, 1)?),
                    last_lamport: unsigned(row, 2)?,
                })
            },
        )
    }

    /// `None` when the id is taken: by another group, or by a document that was deleted.
    pub fn create_document(&self, document: DocumentId) -> rusqlite::Result<Option<DocumentRow>> {
        let created = self.write(
            "INSERT INTO documents (group_id, guid, created_at, updated_at, head, last_lamport)
             VALUES (?1, ?2, ?3, ?3, 0, 0) ON CONFLICT (guid) DO NOTHING",
            &[&Guid(document.0), &now_ms()],
        )?;
        if created == 0 {
            return Ok(None);
        }
        self.document(document)
    }

    /// All documents with at least one batch, in the order in which they came to be.
    pub fn documents(&self) -> rusqlite::Result<Vec<DocumentHead>> {
        self.all(
            "SELECT guid, head FROM documents WHERE group_id = ?1 AND deleted_at IS NULL
             ORDER BY id",
            &[],
            |row| {
                Ok(DocumentHead {
                    group: self.group,
                    document: DocumentId(row.get::<_, Guid>(0)?.0),
                    head: Cursor(unsigned(row, 1)?),
                })
            },
        )
    }

    pub fn tail(&self, document: &DocumentRow, replica_row: i64) -> rusqlite::Result<Tail> {
        let tail = self.first(
            "SELECT first_seq + count - 1, last_lamport FROM batches
             WHERE group_id = ?1 AND document_id = ?2 AND replica_id = ?3
             ORDER BY first_seq DESC LIMIT 1",
            &[&document.id, &replica_row],
            |row| {
                Ok(Tail {
                    last_seq: unsigned(row, 0)?,
                    last_lamport: unsigned(row, 1)?,
                })
            },
        )?;
        Ok(tail.unwrap_or_default())
    }

    /// The batch of a replica that starts with `first_seq`.
    pub fn batch(
        &self,
        document: DocumentId,
        row: &DocumentRow,
        replica_row: i64,
        first_seq: u64,
    ) -> rusqlite::Result<Option<(Cursor, SealedBatch)>> {
        self.first(
            "SELECT batches.cursor, replicas.guid, batches.first_seq, batches.count,
                    batches.last_lamport, batches.payload_kind, batches.key_guid, batches.payload
             FROM batches JOIN replicas ON replicas.id = batches.replica_id
             WHERE batches.group_id = ?1 AND batches.document_id = ?2 AND batches.replica_id = ?3
               AND batches.first_seq = ?4",
            &[&row.id, &replica_row, &signed(first_seq)],
            |row| self.read_batch(document, row),
        )
    }

    /// Appends behind the head of the document. Returns the batch's cursor.
    pub fn append(
        &self,
        document: &DocumentRow,
        replica_row: i64,
        batch: &SealedBatch,
    ) -> rusqlite::Result<Cursor> {
        let cursor = document.head.next();
        let last_lamport = batch.last_lamport.max(document.last_lamport);
        let moved = self.write(
            "UPDATE documents SET head = ?2, last_lamport = ?3, updated_at = ?4
             WHERE group_id = ?1 AND id = ?5 AND head = ?2 - 1",
            &[
                &signed(cursor.0),
                &signed(last_lamport),
                &now_ms(),
                &document.id,
            ],
        )?;
        assert_eq!(moved, 1, "the writer has the database to itself");
        self.write(
            "INSERT INTO batches (group_id, guid, created_at, updated_at, document_id, cursor,
                 replica_id, first_seq, count, last_lamport, payload_kind, key_guid, payload)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            &[
                &Guid(Uuid::now_v7()),
                &now_ms(),
                &document.id,
                &signed(cursor.0),
                &replica_row,
                &signed(batch.first_seq),
                &batch.count,
                &signed(batch.last_lamport),
                &batch.payload_kind.0,
                &batch.key.map(|key| Guid(key.0)),
                &batch.payload,
            ],
        )?;
        Ok(cursor)
    }

    /// Batches behind `after`, in order, until their payloads take `bytes_max`; at least one if
    /// there is one.
    pub fn page(
        &self,
        document: DocumentId,
        row: &DocumentRow,
        after: Cursor,
        bytes_max: usize,
    ) -> rusqlite::Result<Vec<(Cursor, SealedBatch)>> {
        let mut statement = self.bound(
            "SELECT batches.cursor, replicas.guid, batches.first_seq, batches.count,
                    batches.last_lamport, batches.payload_kind, batches.key_guid, batches.payload
             FROM batches JOIN replicas ON replicas.id = batches.replica_id
             WHERE batches.group_id = ?1 AND batches.document_id = ?2 AND batches.cursor > ?3
             ORDER BY batches.cursor",
            &[&row.id, &signed(after.0)],
        )?;
        let mut rows = statement.raw_query();
        let (mut page, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let (cursor, batch) = self.read_batch(document, row)?;
            bytes += batch.payload.len() + tideline_wire::limits::ENVELOPE_BYTES_MAX;
            if bytes > bytes_max && !page.is_empty() {
                break;
            }
            page.push((cursor, batch));
        }
        Ok(page)
    }

    fn read_batch(
        &self,
        document: DocumentId,
        row: &Row<'_>,
    ) -> rusqlite::Result<(Cursor, SealedBatch)> {
        let batch = SealedBatch {
            group: self.group,
            document,
            replica: ReplicaId(row.get::<_, Guid>(1)?.0),
            first_seq: unsigned(row, 2)?,
            count: row.get(3)?,
            last_lamport: unsigned(row, 4)?,
            payload_kind: PayloadKind(row.get(5)?),
            key: row.get::<_, Option<Guid>>(6)?.map(|guid| KeyId(guid.0)),
            payload: row.get(7)?,
        };
        Ok((Cursor(unsigned(row, 0)?), batch))
    }

    /// Gives a user a role, or another one.
    pub fn set_member(&self, user: UserId, role: Role) -> rusqlite::Result<()> {
        let changed = self.write(
            "UPDATE members SET role = ?3, updated_at = ?4
             WHERE group_id = ?1 AND deleted_at IS NULL
               AND user_id = (SELECT id FROM users WHERE guid = ?2)",
            &[&Guid(user.0), &RoleName(role), &now_ms()],
        )?;
        if changed == 0 {
            self.write(
                "INSERT INTO members (group_id, guid, created_at, updated_at, user_id, role)
                 SELECT ?1, ?2, ?3, ?3, id, ?4 FROM users WHERE guid = ?5",
                &[
                    &Guid(Uuid::now_v7()),
                    &now_ms(),
                    &RoleName(role),
                    &Guid(user.0),
                ],
            )?;
        }
        Ok(())
    }

    /// False when the user was no member.
    pub fn remove_member(&self, user: UserId) -> rusqlite::Result<bool> {
        let removed = self.write(
            "UPDATE members SET deleted_at = ?3, updated_at = ?3
             WHERE group_id = ?1 AND deleted_at IS NULL
               AND user_id = (SELECT id FROM users WHERE guid = ?2)",
            &[&Guid(user.0), &now_ms()],
        )?;
        Ok(removed > 0)
    }

    pub fn add_invite(
        &self,
        code: &SecretHash,
        role: Role,
        expires_at_ms: i64,
    ) -> rusqlite::Result<()> {
        self.write(
            "INSERT INTO invites
                 (group_id, guid, created_at, updated_at, role, code_hash, expires_at)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)",
            &[
                &Guid(Uuid::now_v7()),
                &now_ms(),
                &RoleName(role),
                code,
                &expires_at_ms,
            ],
        )?;
        Ok(())
    }

    /// Uses an invite up. False when it was used or has expired.
    pub fn accept_invite(&self, code: &SecretHash, user: UserId) -> rusqlite::Result<bool> {
        let accepted = self.write(
            "UPDATE invites SET accepted_at = ?3, updated_at = ?3,
                 accepted_by = (SELECT id FROM users WHERE guid = ?4)
             WHERE group_id = ?1 AND code_hash = ?2 AND accepted_at IS NULL
               AND deleted_at IS NULL AND expires_at > ?3",
            &[code, &now_ms(), &Guid(user.0)],
        )?;
        Ok(accepted > 0)
    }
}

/// Counters stay far below the sign bit.
pub fn signed(counter: u64) -> i64 {
    counter.cast_signed()
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.cast_unsigned())
}
