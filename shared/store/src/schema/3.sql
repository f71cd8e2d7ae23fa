-- Schema 3. Lines and the search index in less room. A line's guid is the replica that made it and
-- the number that it gave, and people and replicas are named by a short key. The index holds each
-- word of a line once, without its place; parts of words are looked for in the words themselves.

-- People and replicas that lines name.
CREATE TABLE writers (
    id INTEGER PRIMARY KEY,
    guid BLOB NOT NULL UNIQUE
) STRICT;

INSERT OR IGNORE INTO writers (guid) SELECT unhex(substr(guid, 6, 32)) FROM lines;
INSERT OR IGNORE INTO writers (guid) SELECT written_by FROM lines;
INSERT OR IGNORE INTO writers (guid) SELECT edited_by FROM lines;

CREATE TABLE compact_lines (
    id INTEGER PRIMARY KEY,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    document_id INTEGER NOT NULL REFERENCES documents (id),
    parent_id INTEGER, -- a line; NULL: topmost
    ord INTEGER NOT NULL, -- among the children of one parent; this replica's own
    writer_id INTEGER NOT NULL, -- the replica that made it; with the number, its guid
    number INTEGER NOT NULL,
    kind TEXT, -- NULL: text
    text TEXT NOT NULL,
    tags TEXT, -- JSON array of texts, NULL when empty
    properties TEXT, -- JSON array of [name, [value, …]], NULL when empty
    created_at INTEGER NOT NULL, -- by the author's clock
    created_by INTEGER NOT NULL, -- a writer
    edited_at INTEGER, -- by the author's clock; NULL: as created
    edited_by INTEGER, -- a writer; NULL: as created
    indexed_at INTEGER NOT NULL, -- the search index owes what is less than updated_at
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    destroyed_at INTEGER,
    extra_json TEXT,
    checksum INTEGER NOT NULL
) STRICT;

INSERT INTO compact_lines
SELECT
    id, group_id, document_id, parent_id, ord,
    (SELECT id FROM writers WHERE guid = unhex(substr(lines.guid, 6, 32))),
    CAST(substr(guid, 39) AS INTEGER),
    nullif(kind, 'text'), text, tags, properties,
    written_at, (SELECT id FROM writers WHERE guid = written_by),
    nullif(edited_at, written_at),
    (SELECT id FROM writers WHERE guid = nullif(edited_by, written_by)),
    updated_at - 1, updated_at, deleted_at, destroyed_at, extra_json, checksum
FROM lines;

DROP TABLE lines;
ALTER TABLE compact_lines RENAME TO lines;

-- A document is believed about its own lines only.
CREATE UNIQUE INDEX lines_by_guid ON lines (document_id, writer_id, number);
CREATE INDEX lines_in_order ON lines (document_id, parent_id, ord) WHERE deleted_at IS NULL;
CREATE INDEX lines_to_index ON lines (group_id) WHERE indexed_at < updated_at;

DROP TABLE line_index;

-- The words of each line, already folded (see query.rs).
CREATE VIRTUAL TABLE line_index USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii', detail = none
);
INSERT INTO line_index (line_index, rank) VALUES ('usermerge', 2);

-- Every word that the index has held, under a key that no other word gets again.
CREATE TABLE words (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    word TEXT NOT NULL UNIQUE
) STRICT;
