//! Messages of a stranger, on either side of a connection.

use tideline_model::{DocumentId, GroupId};
use tideline_wire::{ClientMessage, Cursor, Input, Output, ServerMessage, Session, SessionOptions};
use uuid::Uuid;

use super::Meter;
use crate::merge::names;

const BYTES_EACH: usize = 200;
const BYTES_ONCE: usize = 64 * 1024;
/// Milliseconds between two messages.
const PACE_MS: u64 = 100;

/// Each message stands behind a byte that says how long it is, in steps of four bytes.
pub(super) fn check(bytes: &[u8], meter: Meter) {
    let bound = (bytes.len(), BYTES_EACH, BYTES_ONCE);
    meter.expect_bounded(bound, || {
        let mut client = Client::new();
        let mut rest = bytes;
        while let Some((&length, behind)) = rest.split_first() {
            let length = behind.len().min(usize::from(length) * 4);
            let (frame, behind) = behind.split_at(length);
            check_alone(frame);
            client.hear(Input::Frame(frame.to_vec()));
            rest = behind;
        }
        client.hear(Input::Tick);
    });
}

/// What can be read can be written, and is then read alike.
fn check_alone(frame: &[u8]) {
    if let Ok(message) = ClientMessage::from_frame(frame) {
        let written = message.to_frame().expect("what was read can be written");
        assert_eq!(ClientMessage::from_frame(&written).ok(), Some(message));
    }
    if let Ok(message) = ServerMessage::from_frame(frame) {
        let written = message.to_frame().expect("what was read can be written");
        assert_eq!(ServerMessage::from_frame(&written).ok(), Some(message));
    }
}

struct Client {
    session: Session,
    now_ms: u64,
}

impl Client {
    /// Connected, and following one document.
    fn new() -> Self {
        let options = SessionOptions {
            token: "token".to_owned(),
            device: "desk".to_owned(),
            replica: names::replica(0),
            epoch_seen: 0,
        };
        let mut client = Self {
            session: Session::new(options),
            now_ms: 0,
        };
        client.hear(Input::Tick);
        client.hear(Input::Connected);
        client.hear(Input::Subscribe {
            group: GroupId(Uuid::from_u128(1)),
            document: DocumentId(Uuid::from_u128(1)),
            cursor: Cursor(0),
        });
        client
    }

    /// Whatever it hears, what it says can be read. A connection that it gives up is made anew.
    fn hear(&mut self, input: Input) {
        self.now_ms += PACE_MS;
        for output in self.session.handle(self.now_ms, input) {
            match output {
                Output::Send(frame) => {
                    ClientMessage::from_frame(&frame).expect("a message of our own");
                }
                Output::Disconnect { reason } => {
                    let jitter = 0.5;
                    self.session
                        .handle(self.now_ms, Input::Disconnected { reason, jitter });
                    self.session.handle(self.now_ms, Input::Retry);
                    self.session.handle(self.now_ms, Input::Connected);
                }
                _ => {}
            }
        }
    }
}
