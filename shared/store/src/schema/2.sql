-- Schema 2. Settled history moves from rows into segments: many batches of one document, by column
-- and compressed. A segment takes the place of the batches whose ids lie between `first_batch` and
-- `last_batch`, and keeps their order.

CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL UNIQUE,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    document_id INTEGER NOT NULL REFERENCES documents (id),
    first_batch INTEGER NOT NULL,
    last_batch INTEGER NOT NULL,
    batch_count INTEGER NOT NULL,
    batch_sum INTEGER NOT NULL, -- wrapping sum of the checksums of its batches
    event_count INTEGER NOT NULL,
    payload BLOB NOT NULL, -- see segment.rs
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    destroyed_at INTEGER,
    extra_json TEXT,
    checksum INTEGER NOT NULL
) STRICT;

CREATE INDEX segments_of_document ON segments (document_id, first_batch);

-- Which events a segment holds: those of one replica follow each other without a gap.
CREATE TABLE segment_runs (
    id INTEGER PRIMARY KEY,
    group_id INTEGER NOT NULL REFERENCES groups (id),
    document_id INTEGER NOT NULL REFERENCES documents (id),
    segment_id INTEGER NOT NULL REFERENCES segments (id),
    replica BLOB NOT NULL,
    first_seq INTEGER NOT NULL,
    count INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

-- Not unique: for a moment, a segment and the one that takes its place are both there.
CREATE INDEX segment_runs_of_replica ON segment_runs (document_id, replica, first_seq);
CREATE INDEX segment_runs_of_segment ON segment_runs (segment_id);

DROP TRIGGER batches_stay;

-- A batch goes when a segment holds it, and for no other reason.
CREATE TRIGGER batches_stay
BEFORE DELETE ON batches
WHEN OLD.id > coalesce (
    (
        SELECT last_batch FROM segments
        WHERE document_id = OLD.document_id AND first_batch <= OLD.id
        ORDER BY first_batch DESC LIMIT 1
    ), -1)
BEGIN
    SELECT RAISE (ABORT, 'batches are append-only');
END;

CREATE TRIGGER segments_keep_what_was_packed
BEFORE UPDATE OF
    guid, document_id, first_batch, last_batch, batch_count, batch_sum, event_count, payload, checksum
ON segments
WHEN NEW.destroyed_at IS NULL
    OR length(NEW.payload) > 0
    OR NEW.guid IS NOT OLD.guid
    OR NEW.document_id IS NOT OLD.document_id
    OR NEW.first_batch IS NOT OLD.first_batch
    OR NEW.last_batch IS NOT OLD.last_batch
    OR NEW.batch_count IS NOT OLD.batch_count
    OR NEW.event_count IS NOT OLD.event_count
BEGIN
    SELECT RAISE (ABORT, 'segments are append-only');
END;

-- A segment goes when another one, or its batches themselves, stand in its place.
CREATE TRIGGER segments_stay
BEFORE DELETE ON segments
WHEN NOT EXISTS (
        SELECT 1 FROM segments
        WHERE document_id = OLD.document_id AND id <> OLD.id
            AND first_batch <= OLD.first_batch AND last_batch >= OLD.last_batch
    )
    AND OLD.batch_count <> (
        SELECT count(*) FROM batches
        WHERE document_id = OLD.document_id AND id BETWEEN OLD.first_batch AND OLD.last_batch
    )
BEGIN
    SELECT RAISE (ABORT, 'segments are append-only');
END;
