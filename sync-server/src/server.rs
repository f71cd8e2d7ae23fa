//! The server as a whole: opens the log, listens, gives every connection a task, and ends in order.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tideline_wire::RefusalCode;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};
use tracing::{error, info, warn};

use crate::accounts;
use crate::connection::{self, Shared, Timeouts};
use crate::database::{self, DatabaseOptions, OpenError};
use crate::directory;
use crate::hub::Hub;
use crate::log::{Appender, Readers, SqliteLog};

const LOCK_NAME: &str = "server.lock";
/// How often changes that the command line makes are looked for.
const ACCOUNTS_POLL: Duration = Duration::from_secs(1);
/// How long connections are given to end when the server does.
const SHUTDOWN: Duration = Duration::from_secs(5);
const SHUTDOWN_RETRY_MS: u32 = 1_000;
/// How long to wait after the system refused a socket (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How a server is to run.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    pub database: DatabaseOptions,
    pub listen: SocketAddr,
    /// Web pages from these origins may connect.
    pub allowed_origins: Vec<String>,
    pub connections_max: usize,
    pub timeouts: Timeouts,
}

impl ServerOptions {
    pub const CONNECTIONS_MAX: usize = 16 * 1024;

    /// On any free port of this machine.
    pub fn local(folder: impl Into<PathBuf>) -> Self {
        Self {
            database: DatabaseOptions::in_folder(folder),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            allowed_origins: Vec::new(),
            connections_max: Self::CONNECTIONS_MAX,
            timeouts: Timeouts::default(),
        }
    }
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(
        "another tideline-server runs on the data folder {}. Nothing was changed. Use that one, end \
         it first, or choose another folder with --data", folder.display()
    )]
    Running { folder: PathBuf },
    #[error(
        "{listen} can be reached from other machines, but nobody has a token yet, so nobody could \
         use the server. Nothing was started. Make a user and a token first \
         (`tideline-server user add NAME`, `tideline-server token add NAME`, with the same --data), \
         or listen on \
         127.0.0.1 only"
    )]
    NoTokens { listen: SocketAddr },
    #[error(
        "cannot listen on {listen}: {source}. The data is untouched. Choose another address with \
         --listen, or end the program that uses this one"
    )]
    Listen {
        listen: SocketAddr,
        source: std::io::Error,
    },
    #[error("the accounts cannot be read: {0}")]
    Accounts(#[from] rusqlite::Error),
    #[error("a user could not be made: {0}")]
    FirstUser(#[from] accounts::AccountError),
    #[error("the system gives no thread: {0}")]
    Thread(std::io::Error),
    #[error("the data folder cannot be locked: {0}")]
    Lock(std::io::Error),
}

/// A server that runs until [`Server::stop`].
pub struct Server {
    address: SocketAddr,
    /// Whether this start made the first user.
    made_first_user: bool,
    stop: oneshot::Sender<()>,
    listening: JoinHandle<()>,
    // Held for as long as the server runs.
    _lock: File,
}

/// The user that a server without any makes at its first start.
pub const FIRST_USER: &str = "me";

impl Server {
    /// Opens the data folder and listens.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(options: ServerOptions) -> Result<Self, StartError> {
        let mut connection = database::open_or_create(&options.database)?;
        let lock = lock(&options.database)?;
        let loopback = options.listen.ip().is_loopback();
        if !loopback && !directory::has_tokens(&connection)? {
            let listen = options.listen;
            return Err(StartError::NoTokens { listen });
        }
        let made_first_user = loopback && !directory::has_users(&connection)?;
        if made_first_user {
            accounts::add_user(&mut connection, FIRST_USER)?;
        }
        let revision = directory::accounts_revision(&connection)?;
        let listen = options.listen;
        let bound = TcpListener::bind(listen).await;
        let listener = bound.map_err(|source| StartError::Listen { listen, source })?;
        let local = listener.local_addr();
        let address = local.map_err(|source| StartError::Listen { listen, source })?;
        let running = Running::start(options, SqliteLog::new(connection), revision)?;
        let (stop, stopped) = oneshot::channel();
        let listening = tokio::spawn(running.run(listener, stopped));
        Ok(Self {
            address,
            made_first_user,
            stop,
            listening,
            _lock: lock,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn made_first_user(&self) -> bool {
        self.made_first_user
    }

    /// Says goodbye to everybody, writes what was pushed, and ends.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        if self.listening.await.is_err() {
            error!("the server ended in a panic");
        }
    }
}

fn lock(options: &DatabaseOptions) -> Result<File, StartError> {
    let path = options.folder.join(LOCK_NAME);
    let file = File::create(path).map_err(StartError::Lock)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::Running {
            folder: options.folder.clone(),
        }),
        Err(TryLockError::Error(fault)) => Err(StartError::Lock(fault)),
    }
}

/// What runs while the server does.
struct Running {
    shared: Arc<Shared>,
    appender: Appender,
    revision: watch::Sender<i64>,
    permits: Arc<Semaphore>,
    connections_max: usize,
}

impl Running {
    fn start(options: ServerOptions, log: SqliteLog, revision: i64) -> Result<Self, StartError> {
        let hub = Hub::start();
        let told = hub.clone();
        let started = Appender::start(log, move |committed| told.committed(committed));
        let (appender, handle) = started.map_err(StartError::Thread)?;
        let (revision, accounts) = watch::channel(revision);
        let shared = Arc::new(Shared {
            timeouts: options.timeouts,
            readers: Readers::new(options.database),
            appender: handle,
            hub,
            accounts,
            allowed_origins: options.allowed_origins,
        });
        Ok(Self {
            shared,
            appender,
            revision,
            permits: Arc::new(Semaphore::new(options.connections_max)),
            connections_max: options.connections_max,
        })
    }

    async fn run(self, listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
        let mut poll = interval(ACCOUNTS_POLL);
        let mut next_id = 1;
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                _ = poll.tick() => self.look_for_changes().await,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        self.welcome(next_id, stream);
                        next_id += 1;
                    }
                    Err(fault) => {
                        warn!(%fault, "a connection could not be accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        drop(listener);
        self.end().await;
    }

    fn welcome(&self, id: u64, stream: TcpStream) {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            warn!(
                max = self.connections_max,
                "too many connections: one was closed"
            );
            return;
        };
        // Keystrokes are small and must not wait for company.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            connection::serve(id, stream, shared).await;
            drop(permit);
        });
    }

    /// The command line works on the same database in a process of its own.
    async fn look_for_changes(&self) {
        let read = self
            .shared
            .readers
            .read(|log| Ok(directory::accounts_revision(log.connection())?));
        match read.await {
            Ok(found) => {
                self.revision.send_if_modified(|known| {
                    let changed = *known != found;
                    *known = found;
                    changed
                });
            }
            Err(fault) => error!(%fault, "accounts could not be looked at"),
        }
    }

    async fn end(self) {
        info!("going down");
        let reason = "The server is going down for a moment. Your changes are safe on this machine \
                      and are sent when it is back.";
        let hub = &self.shared.hub;
        hub.dismiss(RefusalCode::Shutdown, reason, SHUTDOWN_RETRY_MS)
            .await;
        let everybody = u32::try_from(self.connections_max).unwrap_or(u32::MAX);
        let left = timeout(SHUTDOWN, self.permits.acquire_many(everybody)).await;
        if left.is_err() {
            warn!("some connections did not end in time");
        }
        let Self {
            shared, appender, ..
        } = self;
        drop(shared);
        if left.is_ok() {
            let _ = tokio::task::spawn_blocking(move || appender.join()).await;
        }
    }
}
