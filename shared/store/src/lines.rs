//! Writes line rows: what is displayed, where it stands, and what the search index owes for it.
//! The rows are derived; whatever goes wrong here must not keep events from the disk.

use foldhash::{HashMap, HashMapExt};
use rusqlite::Connection;
use tideline_model::{LineId, ReplicaId};

use crate::drafts::{Draft, Portions};
use crate::error::StoreError;
use crate::index::{AtOnce, NEVER};
use crate::order::{STEP, Siblings};
use crate::rows::{Columns, KIND_TEXT, LINE_BY_ID, LineContent, LineRow, Place, place_checksum};
use crate::table::{Inserter, Rows, Table};
use crate::writers::Writers;

/// Why rows could not be written.
#[derive(Debug)]
pub(crate) enum RowsError {
    /// The rows do not fit those that are there; they must be rebuilt from the events.
    Unfit {
        reason: String,
    },
    Store(StoreError),
}

impl From<StoreError> for RowsError {
    fn from(error: StoreError) -> Self {
        RowsError::Store(error)
    }
}

/// The lines of one document, in one transaction.
pub(crate) struct LineWriter<'r, 'c> {
    rows: &'r Rows<'c>,
    document_key: i64,
    now_ms: i64,
    /// Displayed lines more than before.
    pub(crate) added: i64,
    /// Lines that this transaction has placed or looked up; `None`: not stored.
    known: HashMap<LineId, Option<Known>>,
    writers: Writers,
    /// The highest line number of each replica that was stored before.
    numbers: HashMap<ReplicaId, u64>,
    /// The last key among the children of each parent; `None`: it has no children.
    last: HashMap<Option<i64>, Option<i64>>,
    inserter: Option<Inserter<'c>>,
    /// When new lines are indexed; [`NEVER`]: later.
    indexed_at: i64,
    /// The key of the line that was added last.
    fresh: Option<i64>,
}

/// In the order in which [`LineWriter::insert`] gives them.
const COLUMNS: [&str; 16] = [
    "writer_id",
    "number",
    "document_id",
    "parent_id",
    "ord",
    "kind",
    "text",
    "tags",
    "properties",
    "created_at",
    "created_by",
    "edited_at",
    "edited_by",
    "indexed_at",
    "updated_at",
    "checksum",
];

/// A stored line, as far as writing needs to know it.
#[derive(Debug, Clone, Copy)]
struct Known {
    key: i64,
    place: Place,
    checksum: i64,
    updated_at: i64,
    indexed_at: i64,
}

/// See [`LineWriter::names`].
struct Named<'a> {
    kind: Option<&'a str>,
    written_by: i64,
    edited_at: Option<i64>,
    edited_by: Option<i64>,
}

impl<'r, 'c> LineWriter<'r, 'c> {
    pub(crate) fn new(rows: &'r Rows<'c>, document_key: i64, now_ms: i64) -> Self {
        Self {
            rows,
            document_key,
            now_ms,
            added: 0,
            known: HashMap::new(),
            writers: Writers::default(),
            numbers: HashMap::new(),
            last: HashMap::new(),
            inserter: None,
            indexed_at: NEVER,
            fresh: None,
        }
    }

    /// Writes `lines`, given in display order, and takes `removed` out of the display.
    pub(crate) fn write(&mut self, lines: &[LineRow], removed: &[LineId]) -> Result<(), RowsError> {
        self.remove_all(removed)?;
        let mut followers = Followers::of(lines);
        for row in lines {
            self.place(&Draft::of(row), &mut followers)?;
        }
        Ok(())
    }

    /// As [`LineWriter::write`], with what another thread prepares of `lines`; new lines are indexed
    /// along with it. Returns the words that were not known.
    pub(crate) fn write_indexed(
        &mut self,
        lines: &[LineRow],
        removed: &[LineId],
        portions: Portions<'_>,
        index: &mut AtOnce<'_>,
    ) -> Result<Vec<String>, RowsError> {
        self.remove_all(removed)?;
        self.indexed_at = self.now_ms;
        let mut followers = Followers::of(lines);
        let mut new_words = Vec::new();
        for mut portion in portions {
            for (draft, words) in portion.drafts() {
                self.fresh = None;
                self.place(draft, &mut followers)?;
                if let Some(key) = self.fresh {
                    index.add(key, words)?;
                }
            }
            new_words.append(&mut portion.new_words);
        }
        Ok(new_words)
    }

    /// Writes all lines of a document that has none stored.
    pub(crate) fn write_all(&mut self, lines: &[LineRow]) -> Result<(), RowsError> {
        let mut next: HashMap<LineId, i64> = HashMap::new();
        for row in lines {
            let parent_key = self.parent_key(row)?;
            let ord = next.entry(row.line.parent).or_insert(-STEP);
            *ord += STEP;
            let place = self.place_at(parent_key, *ord);
            if self.find(row.line.id)?.is_some() {
                let reason = format!("{} stands in two places", row.line.id);
                return Err(RowsError::Unfit { reason });
            }
            self.insert(&Draft::of(row), place)?;
        }
        Ok(())
    }

    fn remove_all(&mut self, lines: &[LineId]) -> Result<(), RowsError> {
        lines.iter().try_for_each(|line| self.remove(*line))
    }

    fn remove(&mut self, line: LineId) -> Result<(), RowsError> {
        let Some(known) = self.find(line)? else {
            return Ok(()); // came and went between two commits
        };
        if known.place.deleted_at.is_some() {
            return Ok(());
        }
        let place = Place {
            deleted_at: Some(self.now_ms),
            ..known.place
        };
        let old = place_checksum(line, known.place);
        let checksum = known.checksum ^ old ^ place_checksum(line, place);
        let updated_at = self.later_than(known);
        self.rows.update(
            Table::Lines,
            "deleted_at = :deleted, updated_at = :updated, checksum = :checksum",
            "id = :id",
            &[
                (":deleted", &place.deleted_at),
                (":updated", &updated_at),
                (":checksum", &checksum),
                (":id", &known.key),
            ],
        )?;
        self.added -= 1;
        self.last.remove(&known.place.parent_key);
        let known = Known {
            place,
            checksum,
            updated_at,
            ..known
        };
        self.known.insert(line, Some(known));
        Ok(())
    }

    fn place(&mut self, draft: &Draft<'_>, followers: &mut Followers<'_>) -> Result<(), RowsError> {
        let row = draft.row;
        let parent_key = self.parent_key(row)?;
        let known = self.find(row.line.id)?;
        if let Some(known) = known {
            if self.stands_right(row, parent_key, known)? {
                let place = self.place_at(parent_key, known.place.ord);
                return self.update(draft, known, place);
            }
            self.last.remove(&known.place.parent_key);
        }
        let except = known.map(|known| known.key);
        let ord = self.free_ord(row, parent_key, followers, except)?;
        let place = self.place_at(parent_key, ord);
        self.note_child(place);
        if known.is_none() {
            return self.insert(draft, place);
        }
        // Looked up again: making room may have moved it.
        match self.find(row.line.id)? {
            Some(known) => self.update(draft, known, place),
            None => self.insert(draft, place),
        }
    }

    /// Whether only what the line says has changed.
    fn stands_right(
        &mut self,
        row: &LineRow,
        parent_key: Option<i64>,
        known: Known,
    ) -> Result<bool, RowsError> {
        if known.place.parent_key != parent_key || known.place.deleted_at.is_some() {
            return Ok(false);
        }
        let anchor = self.anchor_ord(row, parent_key)?;
        Ok(self.siblings(parent_key).is_behind(anchor, known.key)?)
    }

    fn last_child(&mut self, parent_key: Option<i64>) -> Result<Option<i64>, StoreError> {
        if let Some(last) = self.last.get(&parent_key) {
            return Ok(*last);
        }
        let last = self.siblings(parent_key).last()?;
        self.last.insert(parent_key, last);
        Ok(last)
    }

    fn note_child(&mut self, place: Place) {
        if let Some(last) = self.last.get_mut(&place.parent_key) {
            *last = (*last).max(Some(place.ord));
        }
    }

    fn siblings(&self, parent_key: Option<i64>) -> Siblings<'r, 'c> {
        Siblings {
            rows: self.rows,
            document_key: self.document_key,
            parent_key,
        }
    }

    fn place_at(&self, parent_key: Option<i64>, ord: i64) -> Place {
        Place {
            document_key: self.document_key,
            parent_key,
            ord,
            deleted_at: None,
        }
    }

    fn parent_key(&mut self, row: &LineRow) -> Result<Option<i64>, RowsError> {
        if row.line.parent == LineId::ROOT {
            return Ok(None);
        }
        match self.find(row.line.parent)? {
            Some(parent) => Ok(Some(parent.key)),
            None => Err(RowsError::Unfit {
                reason: format!("{} is below {}, unknown", row.line.id, row.line.parent),
            }),
        }
    }

    /// A key directly behind the line before.
    fn free_ord(
        &mut self,
        row: &LineRow,
        parent_key: Option<i64>,
        followers: &mut Followers<'_>,
        except: Option<i64>,
    ) -> Result<i64, RowsError> {
        let siblings = self.siblings(parent_key);
        let anchor = self.anchor_ord(row, parent_key)?;
        let at_the_end = self.last_child(parent_key)? == anchor;
        if at_the_end && let Some(ord) = anchor.map_or(Some(0), |anchor| anchor.checked_add(STEP)) {
            return Ok(ord); // as in an import
        }
        let more = followers.behind(row.line.id);
        if let Some(ord) = siblings.behind(anchor, more, except)? {
            return Ok(ord);
        }
        siblings.make_room(anchor.unwrap_or(i64::MIN))?;
        self.known.clear();
        self.numbers.clear();
        self.last.clear();
        let anchor = self.anchor_ord(row, parent_key)?;
        let ord = siblings.behind(anchor, more, except)?;
        ord.ok_or_else(|| RowsError::Unfit {
            reason: format!("there is no room behind {anchor:?}"),
        })
    }

    fn anchor_ord(
        &mut self,
        row: &LineRow,
        parent_key: Option<i64>,
    ) -> Result<Option<i64>, RowsError> {
        let Some(after) = row.after else {
            return Ok(None);
        };
        match self.find(after)? {
            Some(Known { place, .. })
                if place.parent_key == parent_key && place.deleted_at.is_none() =>
            {
                Ok(Some(place.ord))
            }
            _ => Err(RowsError::Unfit {
                reason: format!("{} is behind {after}, which is not beside it", row.line.id),
            }),
        }
    }

    fn insert(&mut self, draft: &Draft<'_>, place: Place) -> Result<(), RowsError> {
        let (line, content) = (draft.row.line.id, &draft.content);
        let checksum = draft.checksum ^ place_checksum(line, place);
        let named = self.names(content)?;
        let writer = self.writers.key(self.rows.connection(), line.replica.0)?;
        let inserter = match &mut self.inserter {
            Some(inserter) => inserter,
            none => none.insert(self.rows.inserter(Table::Lines, &COLUMNS)?),
        };
        let key = inserter.insert(&[
            &writer,
            &line.number.cast_signed(),
            &place.document_key,
            &place.parent_key,
            &place.ord,
            &named.kind,
            &content.text,
            &content.tags,
            &content.properties,
            &content.written_at,
            &named.written_by,
            &named.edited_at,
            &named.edited_by,
            &self.indexed_at,
            &self.now_ms,
            &checksum,
        ])?;
        self.fresh = Some(key);
        self.added += 1;
        self.last.insert(Some(key), None);
        let known = Known {
            key,
            place,
            checksum,
            updated_at: self.now_ms,
            indexed_at: self.indexed_at,
        };
        self.known.insert(line, Some(known));
        Ok(())
    }

    fn update(&mut self, draft: &Draft<'_>, known: Known, place: Place) -> Result<(), RowsError> {
        let (line, content) = (draft.row.line.id, &draft.content);
        let checksum = draft.checksum ^ place_checksum(line, place);
        let was_displayed = known.place.deleted_at.is_none();
        let says_the_same = known.checksum ^ place_checksum(line, known.place) == draft.checksum;
        let updated_at = if was_displayed && says_the_same {
            known.updated_at // it only moved: nothing to index
        } else {
            self.later_than(known)
        };
        let named = self.names(content)?;
        self.rows.update(
            Table::Lines,
            "parent_id = :parent, ord = :ord, kind = :kind, text = :text, tags = :tags,
             properties = :properties, created_at = :created_at, created_by = :created_by,
             edited_at = :edited_at, edited_by = :edited_by, deleted_at = NULL,
             destroyed_at = NULL, updated_at = :updated, checksum = :checksum",
            "id = :id",
            &[
                (":parent", &place.parent_key),
                (":ord", &place.ord),
                (":kind", &named.kind),
                (":text", &content.text),
                (":tags", &content.tags),
                (":properties", &content.properties),
                (":created_at", &content.written_at),
                (":created_by", &named.written_by),
                (":edited_at", &named.edited_at),
                (":edited_by", &named.edited_by),
                (":updated", &updated_at),
                (":checksum", &checksum),
                (":id", &known.key),
            ],
        )?;
        self.added += i64::from(!was_displayed);
        let known = Known {
            place,
            checksum,
            updated_at,
            ..known
        };
        self.known.insert(line, Some(known));
        Ok(())
    }

    fn last_number(&mut self, replica: ReplicaId) -> Result<u64, StoreError> {
        if let Some(number) = self.numbers.get(&replica) {
            return Ok(*number);
        }
        let guid = replica.0.as_bytes().as_slice();
        let last: Option<Option<i64>> = self.rows.one(
            Table::Lines,
            "max(number)",
            "document_id = :document
             AND writer_id = (SELECT id FROM writers WHERE guid = :replica)",
            &[(":document", &self.document_key), (":replica", &guid)],
            |row| Ok(row.get(0)?),
        )?;
        let last = last.flatten().unwrap_or(0).cast_unsigned();
        self.numbers.insert(replica, last);
        Ok(last)
    }

    /// What a line says, as its columns name it: what goes without saying is left out.
    fn names<'a>(&mut self, content: &'a LineContent<'_>) -> Result<Named<'a>, StoreError> {
        let connection = self.rows.connection();
        let edited_by = content.edited_by.0;
        let by_another = content.edited_by != content.written_by;
        let edited_by = by_another.then(|| self.writers.key(connection, edited_by));
        Ok(Named {
            kind: (content.kind != KIND_TEXT).then_some(&*content.kind),
            written_by: self.writers.key(connection, content.written_by.0)?,
            edited_at: (content.edited_at != content.written_at).then_some(content.edited_at),
            edited_by: edited_by.transpose()?,
        })
    }

    /// Now, or a moment behind what the line has seen if the clock was set back: what changes must
    /// always be owed to the index.
    fn later_than(&self, known: Known) -> i64 {
        self.now_ms
            .max(known.updated_at.saturating_add(1))
            .max(known.indexed_at.saturating_add(1))
    }

    fn find(&mut self, line: LineId) -> Result<Option<Known>, StoreError> {
        if let Some(known) = self.known.get(&line) {
            return Ok(*known);
        }
        if line.number > self.last_number(line.replica)? {
            return Ok(None); // only new lines have such numbers
        }
        let replica = line.replica.0.as_bytes().as_slice();
        let found = self.rows.one(
            Table::Lines,
            "id, parent_id, ord, deleted_at, checksum, updated_at, indexed_at",
            LINE_BY_ID,
            &[
                (":replica", &replica),
                (":number", &line.number.cast_signed()),
                (":document", &self.document_key),
            ],
            |row| {
                let mut columns = Columns::of(row);
                Ok(Known {
                    key: columns.next()?,
                    place: Place {
                        document_key: self.document_key,
                        parent_key: columns.next()?,
                        ord: columns.next()?,
                        deleted_at: columns.next()?,
                    },
                    checksum: columns.next()?,
                    updated_at: columns.next()?,
                    indexed_at: columns.next()?,
                })
            },
        )?;
        if let Some(known) = found {
            self.known.insert(line, Some(known));
        }
        Ok(found)
    }
}

/// For each of some lines, how many of them stand one right behind the other behind it.
struct Followers<'a> {
    lines: &'a [LineRow],
    /// Counted when somebody asks.
    counts: Option<HashMap<LineId, usize>>,
}

impl<'a> Followers<'a> {
    fn of(lines: &'a [LineRow]) -> Self {
        Self {
            lines,
            counts: None,
        }
    }

    fn behind(&mut self, line: LineId) -> usize {
        let counts = self.counts.get_or_insert_with(|| count(self.lines));
        counts.get(&line).copied().unwrap_or(0)
    }
}

fn count(lines: &[LineRow]) -> HashMap<LineId, usize> {
    let mut counts: HashMap<LineId, usize> = HashMap::with_capacity(lines.len());
    for row in lines.iter().rev() {
        let behind_this = counts.get(&row.line.id).copied().unwrap_or(0);
        if let Some(after) = row.after {
            counts.insert(after, behind_this + 1);
        }
    }
    counts
}

/// Takes all lines of a document out of the table and out of the search index.
pub(crate) fn clear(
    connection: &Connection,
    rows: &Rows<'_>,
    document_key: i64,
) -> Result<(), StoreError> {
    let named: [(&str, &dyn rusqlite::ToSql); 1] = [(":document", &document_key)];
    let keys: Vec<i64> = rows.select(
        Table::Lines,
        "id",
        "document_id = :document",
        &named,
        |row| Ok(row.get(0)?),
    )?;
    let mut statement = connection.prepare_cached("DELETE FROM line_index WHERE rowid = ?1")?;
    for key in keys {
        statement.execute([key])?;
    }
    rows.delete(Table::Lines, "document_id = :document", &named)?;
    Ok(())
}
