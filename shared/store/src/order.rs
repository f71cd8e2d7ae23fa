//! Order keys: where a line stands among its siblings, as an integer with room around it.
//! A new line takes a key between its neighbours'; when there is no room, keys nearby are dealt anew.

use std::collections::HashMap;

use rusqlite::ToSql;
use tideline_model::{LineId, ReplicaId};

use crate::error::StoreError;
use crate::rows::{Columns, Place, place_checksum};
use crate::table::{Rows, Table};

/// From one key to the next, where nothing is in the way.
pub(crate) const STEP: i64 = 1 << 12;
/// How many siblings on either side are dealt new keys at first; four times as many each time that
/// does not make enough room.
const NEIGHBOURS: usize = 32;
/// The distance that dealing must leave between keys.
const ROOM_MIN: i64 = 1 << 6;

/// The children of one parent.
pub(crate) struct Siblings<'r, 'c> {
    pub(crate) rows: &'r Rows<'c>,
    pub(crate) document_key: i64,
    pub(crate) parent_key: Option<i64>,
}

/// A sibling, as far as its key is concerned.
struct Neighbour {
    key: i64,
    id: LineId,
    ord: i64,
    checksum: i64,
}

impl Siblings<'_, '_> {
    /// A key directly behind the one of `anchor` (`None`: before all), for a line that has `more`
    /// lines right behind it still to come; `except` is that line itself if it is stored already.
    /// `None` when there is no room.
    pub(crate) fn behind(
        &self,
        anchor: Option<i64>,
        more: usize,
        except: Option<i64>,
    ) -> Result<Option<i64>, StoreError> {
        let next = self.next("ord", anchor.unwrap_or(i64::MIN), except)?;
        let places = count(more) + 2;
        Ok(match (anchor, next) {
            (None, None) => Some(0),
            (Some(anchor), None) => anchor.checked_add(STEP),
            (None, Some(next)) => next.checked_sub(STEP.saturating_mul(places - 1)),
            (Some(anchor), Some(next)) => {
                let step = ((next - anchor) / places).max(1);
                (next - anchor > 1).then_some(anchor + step)
            }
        })
    }

    /// Deals new keys around `anchor`, so that there is room directly behind it. Says which lines
    /// have which keys now.
    pub(crate) fn make_room(&self, anchor: i64) -> Result<HashMap<i64, i64>, StoreError> {
        let mut reach = NEIGHBOURS;
        loop {
            let mut window = self.neighbours("ord <= :ord ORDER BY ord DESC", anchor, reach)?;
            window.reverse();
            let before = window.len();
            window.extend(self.neighbours("ord > :ord ORDER BY ord", anchor, reach)?);
            let after = window.len() - before;
            // A window that ends where the siblings end has all the room it wants on that side.
            let first_open = before < reach;
            let last_open = after < reach;
            if let Some(keys) = deal(&window, first_open, last_open) {
                return self.store(window, &keys);
            }
            reach *= 4;
        }
    }

    /// Whether the line stored under `key` is the one directly behind `anchor` already.
    pub(crate) fn is_behind(&self, anchor: Option<i64>, key: i64) -> Result<bool, StoreError> {
        let next = self.next("id", anchor.unwrap_or(i64::MIN), None)?;
        Ok(next == Some(key))
    }

    /// The last key; `None` when there are no children.
    pub(crate) fn last(&self) -> Result<Option<i64>, StoreError> {
        self.rows.one(
            Table::Lines,
            "ord",
            "document_id = :document AND parent_id IS :parent AND deleted_at IS NULL
             ORDER BY ord DESC LIMIT 1",
            &[
                (":document", &self.document_key),
                (":parent", &self.parent_key),
            ],
            |row| Ok(row.get(0)?),
        )
    }

    fn next(&self, column: &str, ord: i64, except: Option<i64>) -> Result<Option<i64>, StoreError> {
        let except = except.unwrap_or(0);
        self.rows.one(
            Table::Lines,
            column,
            "document_id = :document AND parent_id IS :parent AND deleted_at IS NULL
             AND ord > :ord AND id <> :except ORDER BY ord LIMIT 1",
            &[
                (":document", &self.document_key),
                (":parent", &self.parent_key),
                (":ord", &ord),
                (":except", &except),
            ],
            |row| Ok(row.get(0)?),
        )
    }

    fn neighbours(
        &self,
        filter: &str,
        ord: i64,
        limit: usize,
    ) -> Result<Vec<Neighbour>, StoreError> {
        let filter = format!(
            "document_id = :document AND parent_id IS :parent AND deleted_at IS NULL
             AND {filter} LIMIT :limit"
        );
        let named: [(&str, &dyn ToSql); 4] = [
            (":document", &self.document_key),
            (":parent", &self.parent_key),
            (":ord", &ord),
            (":limit", &count(limit)),
        ];
        self.rows.select(
            Table::Lines,
            "id, (SELECT guid FROM writers WHERE id = lines.writer_id), number, ord, checksum",
            &filter,
            &named,
            |row| {
                let mut columns = Columns::of(row);
                Ok(Neighbour {
                    key: columns.next()?,
                    id: LineId {
                        replica: ReplicaId(columns.uuid()?),
                        number: columns.number()?,
                    },
                    ord: columns.next()?,
                    checksum: columns.next()?,
                })
            },
        )
    }

    fn store(&self, window: Vec<Neighbour>, keys: &[i64]) -> Result<HashMap<i64, i64>, StoreError> {
        let mut dealt = HashMap::with_capacity(window.len());
        for (neighbour, &ord) in window.into_iter().zip(keys) {
            let old = self.place_checksum(&neighbour, neighbour.ord);
            let new = self.place_checksum(&neighbour, ord);
            let checksum = neighbour.checksum ^ old ^ new;
            self.rows.update(
                Table::Lines,
                "ord = :ord, checksum = :checksum",
                "id = :id",
                &[
                    (":ord", &ord),
                    (":checksum", &checksum),
                    (":id", &neighbour.key),
                ],
            )?;
            dealt.insert(neighbour.key, ord);
        }
        Ok(dealt)
    }

    fn place_checksum(&self, neighbour: &Neighbour, ord: i64) -> i64 {
        let place = Place {
            document_key: self.document_key,
            parent_key: self.parent_key,
            ord,
            deleted_at: None,
        };
        place_checksum(neighbour.id, place)
    }
}

/// New keys for the siblings in `window`; those at a closed end stay, as the bounds of the rest.
/// `None` when they would stand too close.
fn deal(window: &[Neighbour], first_open: bool, last_open: bool) -> Option<Vec<i64>> {
    let gaps = count(window.len().saturating_sub(1)).max(1);
    let (first, last) = (window.first()?.ord, window.last()?.ord);
    let (low, high) = match (first_open, last_open) {
        (false, false) => (first, last),
        (false, true) => (first, first.checked_add(gaps.checked_mul(STEP)?)?),
        (true, false) => (last.checked_sub(gaps.checked_mul(STEP)?)?, last),
        (true, true) => (0, gaps.checked_mul(STEP)?),
    };
    let step = (high.checked_sub(low)?) / gaps;
    if step < ROOM_MIN {
        return None;
    }
    let mut keys: Vec<i64> = (0..=gaps).map(|at| low + step * at).collect();
    keys.truncate(window.len());
    if !last_open && let Some(key) = keys.last_mut() {
        *key = high;
    }
    Some(keys)
}

fn count(lines: usize) -> i64 {
    i64::try_from(lines).unwrap_or(i64::MAX)
}
