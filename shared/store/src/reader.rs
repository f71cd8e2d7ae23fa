//! A connection that only reads, for threads other than the writer's.

use rusqlite::Connection;
use tideline_model::GroupId;

use crate::error::StoreError;
use crate::scope::Scope;

/// Sees every commit that was durable when a read begins. One per thread.
pub struct Reader {
    connection: Connection,
}

impl Reader {
    pub fn scope(&self, group: GroupId) -> Scope<'_> {
        Scope::new(&self.connection, group)
    }

    /// Another one, for another thread.
    pub fn another(&self) -> Result<Reader, StoreError> {
        unimplemented!()
    }
}
