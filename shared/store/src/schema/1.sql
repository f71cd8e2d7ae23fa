-- Schema 1. Every table carries id (internal), guid (typed, unique, leaves the machine), group_id,
-- created_at, updated_at, deleted_at (tombstone), destroyed_at (user data overwritten), extra_json.
-- Times are Unix milliseconds by this machine's clock. `checksum` covers what the row says, because
-- SQLite does not notice a flipped bit inside a value.

CREATE TABLE groups (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL UNIQUE,
    group_id INTEGER NOT NULL REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED, -- itself
    name TEXT NOT NULL,
    server_url TEXT, -- NULL: the group is only in this folder
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    destroyed_at INTEGER,
    extra_json TEXT,
    checksum INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL UNIQUE,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    destroyed_at INTEGER,
    extra_json TEXT,
    checksum INTEGER NOT NULL
) STRICT;

-- The ids that this folder has written under; the last one is in use, the others are deleted.
CREATE TABLE replicas (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL UNIQUE,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    line_numbers_reserved INTEGER NOT NULL,
    generation INTEGER NOT NULL, -- transactions so far; compared with the mark beside the database
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    destroyed_at INTEGER,
    extra_json TEXT,
    checksum INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL UNIQUE,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL, -- JSON
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    destroyed_at INTEGER,
    extra_json TEXT,
    checksum INTEGER NOT NULL
) STRICT;

CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL UNIQUE,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    title TEXT NOT NULL,
    folder TEXT NOT NULL,
    cursor INTEGER NOT NULL, -- position in the server's log
    hash BLOB, -- of the document that the batches give
    batch_count INTEGER NOT NULL,
    batch_sum INTEGER NOT NULL, -- wrapping sum of the batches' checksums
    line_count INTEGER NOT NULL,
    lines_stale_at INTEGER, -- since when the lines lag behind the batches and must be rebuilt
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    destroyed_at INTEGER,
    extra_json TEXT,
    checksum INTEGER NOT NULL
) STRICT;

CREATE INDEX documents_of_group ON documents (group_id);

-- The truth: sealed batches of events, in the order in which they arrived, which is causal.
CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL UNIQUE,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    document_id INTEGER NOT NULL REFERENCES documents (id),
    replica BLOB NOT NULL,
    first_seq INTEGER NOT NULL,
    count INTEGER NOT NULL,
    last_lamport INTEGER NOT NULL,
    payload_kind INTEGER NOT NULL,
    key_guid BLOB,
    payload BLOB NOT NULL,
    origin INTEGER NOT NULL, -- 0: written here, 1: from the server
    acked_at INTEGER, -- when the server said that it has it
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    destroyed_at INTEGER,
    extra_json TEXT,
    checksum INTEGER NOT NULL,
    UNIQUE (document_id, replica, first_seq)
) STRICT;

CREATE INDEX batches_of_document ON batches (document_id);
CREATE INDEX batches_in_outbox ON batches (document_id) WHERE origin = 0 AND acked_at IS NULL;

CREATE TRIGGER batches_keep_what_was_sealed
BEFORE UPDATE OF
    guid, document_id, replica, first_seq, count, last_lamport, payload_kind, key_guid, payload, checksum
ON batches
WHEN NEW.destroyed_at IS NULL
    OR length(NEW.payload) > 0
    OR NEW.guid IS NOT OLD.guid
    OR NEW.document_id IS NOT OLD.document_id
    OR NEW.replica IS NOT OLD.replica
    OR NEW.first_seq IS NOT OLD.first_seq
    OR NEW.count IS NOT OLD.count
BEGIN
    SELECT RAISE (ABORT, 'batches are append-only');
END;

CREATE TRIGGER batches_stay
BEFORE DELETE ON batches
BEGIN
    SELECT RAISE (ABORT, 'batches are append-only');
END;

-- The present: the lines that the batches of a document give. Derived.
CREATE TABLE lines (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    document_id INTEGER NOT NULL REFERENCES documents (id),
    parent_id INTEGER, -- a line; NULL: topmost
    ord INTEGER NOT NULL, -- among the children of one parent; this replica's own
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    tags TEXT, -- JSON array of texts, NULL when empty
    properties TEXT, -- JSON array of [name, [value, …]], NULL when empty
    written_at INTEGER NOT NULL, -- by the author's clock
    written_by BLOB NOT NULL,
    edited_at INTEGER NOT NULL, -- by the author's clock
    edited_by BLOB NOT NULL,
    indexed_at INTEGER NOT NULL, -- the search index owes what is less than updated_at
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    destroyed_at INTEGER,
    extra_json TEXT,
    checksum INTEGER NOT NULL,
    UNIQUE (guid, document_id) -- a document is believed about its own lines only
) STRICT;

CREATE INDEX lines_in_order ON lines (document_id, parent_id, ord) WHERE deleted_at IS NULL;
CREATE INDEX lines_to_index ON lines (group_id) WHERE indexed_at < updated_at;

-- Words in one column, the parts that words end with in the other, already folded (see search.rs).
CREATE VIRTUAL TABLE line_index USING fts5 (
    words, parts, content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- A line that has the word itself comes before one that has it inside a longer one.
INSERT INTO line_index (line_index, rank) VALUES ('rank', 'bm25(4.0, 1.0)');
