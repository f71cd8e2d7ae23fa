//! The tables of the server. What each column is for is written in `docs/storage.md` for the replica
//! and holds here too: integers join, guids leave the machine, every row belongs to a group, deleting
//! is a mark, destroying comes later and leaves the metadata.
//!
//! Times are Unix milliseconds. Guids are the 16 bytes of a UUID.

/// Kept in `PRAGMA user_version`.
pub const SCHEMA_VERSION: i64 = 1;

/// The columns that every table has.
macro_rules! table {
    ($name:literal, $columns:literal) => {
        concat!(
            "CREATE TABLE ",
            $name,
            " (id INTEGER PRIMARY KEY, guid BLOB NOT NULL UNIQUE, \
             group_id INTEGER NOT NULL REFERENCES groups (id), \
             created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, \
             deleted_at INTEGER, destroyed_at INTEGER, extra_json TEXT, ",
            $columns,
            ") STRICT;"
        )
    };
}

/// Makes an empty database one of [`SCHEMA_VERSION`].
pub const CREATE: &[&str] = &[
    // A group belongs to itself.
    table!("groups", "name TEXT NOT NULL"),
    // A user's group is the personal one.
    table!("users", "name TEXT NOT NULL"),
    "CREATE UNIQUE INDEX users_by_name ON users (name) WHERE deleted_at IS NULL;",
    table!(
        "members",
        "user_id INTEGER NOT NULL REFERENCES users (id), role TEXT NOT NULL"
    ),
    "CREATE UNIQUE INDEX members_by_user ON members (user_id, group_id) WHERE deleted_at IS NULL;",
    // A device is a machine with a token; revoking marks it deleted. Its group is its user's.
    table!(
        "devices",
        "user_id INTEGER NOT NULL REFERENCES users (id), name TEXT NOT NULL, \
         token_hash BLOB NOT NULL UNIQUE, seen_at INTEGER"
    ),
    table!(
        "invites",
        "role TEXT NOT NULL, code_hash BLOB NOT NULL UNIQUE, expires_at INTEGER NOT NULL, \
         accepted_at INTEGER, accepted_by INTEGER REFERENCES users (id)"
    ),
    // Whose replica it is, from the first batch it pushed. Its group is its user's.
    table!("replicas", "user_id INTEGER NOT NULL REFERENCES users (id)"),
    table!(
        "documents",
        "head INTEGER NOT NULL, last_lamport INTEGER NOT NULL"
    ),
    "CREATE INDEX documents_by_group ON documents (group_id, id);",
    table!(
        "batches",
        "document_id INTEGER NOT NULL REFERENCES documents (id), cursor INTEGER NOT NULL, \
         replica_id INTEGER NOT NULL REFERENCES replicas (id), first_seq INTEGER NOT NULL, \
         count INTEGER NOT NULL, last_lamport INTEGER NOT NULL, payload_kind INTEGER NOT NULL, \
         key_guid BLOB, payload BLOB NOT NULL"
    ),
    "CREATE UNIQUE INDEX batches_by_cursor ON batches (document_id, cursor);",
    "CREATE UNIQUE INDEX batches_by_replica ON batches (document_id, replica_id, first_seq);",
    // Facts about this server as a whole: nobody's data, so no group.
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;",
    "INSERT INTO facts VALUES ('epoch', 1), ('accounts_revision', 1);",
];
