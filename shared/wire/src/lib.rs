//! What replicas and servers say to each other: the codec for events, the messages, and the sync
//! session of a client as a state machine.
//!
//! Knows nothing of sockets, files, threads or clocks: bytes and times are passed in and out.

pub mod batch;
pub mod comparison;
pub mod limits;
pub mod message;
pub mod sealed;
pub mod session;

pub use batch::{DecodeError, EncodeError, decode_batch, encode_batch, encoded_event_bytes};
pub use comparison::{Comparison, Finding, LineSum, RangeSum, Ranges};
pub use message::{
    BatchId, ClientMessage, Cursor, DocumentHead, FrameError, GroupInfo, Hello, PresenceOrigin,
    RefusalCode, Regarding, Role, ServerMessage, UserInfo, Welcome,
};
pub use sealed::{KeyId, OpenError, PayloadKind, SealedBatch, open, seal, seal_all};
pub use session::{Alarm, Input, Output, Session, SessionOptions, Status};
