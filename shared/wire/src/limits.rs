//! Every limit and timeout of the protocol, in one place. Client and server read the same ones.

/// A websocket message, header not counted. Larger ones end the connection.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;
/// One event, encoded alone. Who makes an event splits what is larger into several.
pub const EVENT_BYTES_MAX: usize = 128 * 1024;
/// The payload of a batch; with its envelope it fits one frame.
pub const PAYLOAD_BYTES_MAX: usize = 192 * 1024;
/// How full an `Events` frame is made before the next one is started.
pub const EVENTS_FRAME_BYTES_TARGET: usize = 192 * 1024;
/// What the envelope of a batch adds to its payload in a message, at most.
pub const ENVELOPE_BYTES_MAX: usize = 128;

/// Sequence numbers, Lamport clocks, line numbers and cursors stay below this, so that `SQLite` and
/// `JavaScript` can hold them too.
pub const COUNTER_MAX: u64 = 1 << 53;
/// Lists in lists, in a property's value.
pub const VALUE_DEPTH_MAX: usize = 16;

pub const TOKEN_BYTES_MAX: usize = 128;
/// Names of people, groups and devices.
pub const NAME_BYTES_MAX: usize = 128;
pub const REASON_BYTES_MAX: usize = 1024;
pub const PRESENCE_BYTES_MAX: usize = 1024;
pub const GROUPS_PER_USER_MAX: usize = 256;
/// Documents named in one message; the rest follow in further ones.
pub const DOCUMENTS_PER_FRAME_MAX: usize = 4096;
/// Ranges of lines in one message that compares documents, and lines that it names in one of them.
pub const RANGES_PER_FRAME_MAX: usize = 64;
pub const LINES_PER_RANGE_MAX: usize = 16;
/// Such messages that are answered while a document stays at one version.
pub const COMPARISON_ANSWERS_MAX: u32 = 64;
pub const SUBSCRIPTIONS_PER_CONNECTION_MAX: usize = 16 * 1024;

/// Batches sent and not yet answered, in all and for one document.
pub const BATCHES_IN_FLIGHT_MAX: usize = 32;
pub const BATCHES_IN_FLIGHT_PER_DOCUMENT_MAX: usize = 8;
pub const BYTES_IN_FLIGHT_MAX: usize = 1024 * 1024;
/// Batches of one document that a session holds in memory; the others wait on disk.
pub const OUTBOX_BATCHES_PER_DOCUMENT_MAX: usize = 16;

/// From the open socket to the end of the websocket handshake.
pub const HANDSHAKE_MS: u64 = 5_000;
/// From there to an accepted `Hello`, or, for a client, to the answer.
pub const AUTHENTICATION_MS: u64 = 10_000;
/// How long a client waits for a socket.
pub const CONNECT_MS: u64 = 15_000;
/// A client that has sent nothing for so long sends a ping.
pub const PING_MS: u64 = 20_000;
/// Who has heard nothing for so long takes the other side for dead.
pub const DEAD_MS: u64 = 60_000;
/// Shortest time between two presence messages of a client for one document.
pub const PRESENCE_INTERVAL_MS: u64 = 50;
pub const BACKOFF_MS_MIN: u64 = 500;
pub const BACKOFF_MS_MAX: u64 = 60_000;
/// A connection that lived so long after its handshake starts the back-off anew.
pub const STABLE_CONNECTION_MS: u64 = 10_000;
