//! People and replicas that lines name, by the short keys that stand for them.

use std::collections::HashMap;

use rusqlite::Connection;
use uuid::Uuid;

use crate::error::StoreError;

/// The keys that one transaction has looked up.
#[derive(Default)]
pub(crate) struct Writers(HashMap<Uuid, i64>);

impl Writers {
    /// The key of a person or a replica, given out if it has none yet.
    pub(crate) fn key(&mut self, connection: &Connection, id: Uuid) -> Result<i64, StoreError> {
        if let Some(key) = self.0.get(&id) {
            return Ok(*key);
        }
        let guid = id.as_bytes().as_slice();
        connection
            .prepare_cached("INSERT OR IGNORE INTO writers (guid) VALUES (?1)")?
            .execute([guid])?;
        let key = connection
            .prepare_cached("SELECT id FROM writers WHERE guid = ?1")?
            .query_row([guid], |row| row.get(0))?;
        self.0.insert(id, key);
        Ok(key)
    }
}
