//! Reading from the database without blocking anybody: a few connections, each lent to one reader at
//! a time, on threads that may wait for the disk.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::SqliteLog;
use crate::database::{self, DatabaseError, DatabaseOptions};

const READERS: usize = 4;

#[derive(Clone)]
pub struct Readers {
    shared: Arc<Shared>,
}

struct Shared {
    options: DatabaseOptions,
    permits: Semaphore,
    idle: Mutex<Vec<SqliteLog>>,
}

impl Readers {
    pub fn new(options: DatabaseOptions) -> Self {
        Self {
            shared: Arc::new(Shared {
                options,
                permits: Semaphore::new(READERS),
                idle: Mutex::new(Vec::new()),
            }),
        }
    }

    /// Runs `read` with a connection of its own.
    ///
    /// # Errors
    /// What `read` returns, or that no connection could be opened.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut SqliteLog) -> Result<T, DatabaseError> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        // The semaphore is never closed; without a permit there would merely be one reader more.
        let _permit = self.shared.permits.acquire().await.ok();
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || shared.lend(read)).await;
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }
}

impl Shared {
    fn lend<T>(
        &self,
        read: impl FnOnce(&mut SqliteLog) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let mut log = match self.take() {
            Some(log) => log,
            None => SqliteLog::new(database::open_again(&self.options)?),
        };
        let found = read(&mut log);
        // After a fault the connection is not trusted again.
        if found.is_ok() {
            self.idle().push(log);
        }
        found
    }

    fn take(&self) -> Option<SqliteLog> {
        self.idle().pop()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteLog>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
