//! One connection after the other: when to connect, when to ping, when to give up, how long to wait.

use crate::limits::{
    AUTHENTICATION_MS, BACKOFF_MS_MAX, BACKOFF_MS_MIN, CONNECT_MS, DEAD_MS, PING_MS,
    STABLE_CONNECTION_MS,
};

/// How far the present connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is under way; a connection is asked for at `retry_at_ms`.
    Waiting {
        retry_at_ms: u64,
    },
    Connecting {
        since_ms: u64,
    },
    /// Hello has been sent.
    Greeting {
        since_ms: u64,
    },
    Online {
        since_ms: u64,
    },
    /// The caller was asked to close the socket.
    Closing {
        reason: String,
        online_since_ms: Option<u64>,
    },
    /// As `Closing`, and then nothing until the user acts.
    Refusing,
    Refused,
}

/// What a passed time asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Due {
    Connect,
    Ping,
    GiveUp { reason: String },
}

#[derive(Debug)]
pub struct Link {
    pub phase: Phase,
    heard_ms: u64,
    sent_ms: u64,
    /// Connections that failed, or did not last, one after the other.
    failures: u32,
    /// What the server asked to wait.
    retry_after_ms: u64,
}

impl Link {
    pub fn new() -> Self {
        Self {
            phase: Phase::Waiting { retry_at_ms: 0 },
            heard_ms: 0,
            sent_ms: 0,
            failures: 0,
            retry_after_ms: 0,
        }
    }

    pub fn is_online(&self) -> bool {
        matches!(self.phase, Phase::Online { .. })
    }

    /// Whether frames of the present connection still count.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Greeting { .. } | Phase::Online { .. })
    }

    pub fn heard(&mut self, now_ms: u64) {
        self.heard_ms = now_ms;
    }

    pub fn sent(&mut self, now_ms: u64) {
        self.sent_ms = now_ms;
    }

    /// The socket is to be closed; remembers for how long it had been of use.
    pub fn closing(&mut self, reason: String) {
        let online_since_ms = match self.phase {
            Phase::Online { since_ms } => Some(since_ms),
            _ => None,
        };
        self.phase = Phase::Closing {
            reason,
            online_since_ms,
        };
    }

    pub fn wait_at_least(&mut self, retry_ms: Option<u32>) {
        self.retry_after_ms = retry_ms.map_or(0, u64::from);
    }

    /// The user asked for a new try. True when a connection is to be asked for now.
    pub fn retry(&mut self) -> bool {
        self.failures = 0;
        self.retry_after_ms = 0;
        match &self.phase {
            Phase::Waiting { .. } | Phase::Refused => true,
            Phase::Refusing => {
                self.closing("trying again".to_owned());
                false
            }
            _ => false,
        }
    }

    pub fn due(&self, now_ms: u64) -> Option<Due> {
        let expired = |since_ms: u64, limit_ms: u64| now_ms.saturating_sub(since_ms) >= limit_ms;
        let give_up = |reason: &str| {
            Some(Due::GiveUp {
                reason: reason.to_owned(),
            })
        };
        match self.phase {
            Phase::Waiting { retry_at_ms } if now_ms >= retry_at_ms => Some(Due::Connect),
            Phase::Connecting { since_ms } if expired(since_ms, CONNECT_MS) => {
                give_up("the server does not answer")
            }
            Phase::Greeting { since_ms } if expired(since_ms, AUTHENTICATION_MS) => {
                give_up("the server accepts connections but does not say hello")
            }
            Phase::Online { .. } if expired(self.heard_ms, DEAD_MS) => {
                give_up("nothing was heard from the server for a minute")
            }
            Phase::Online { .. } if expired(self.sent_ms, PING_MS) => Some(Due::Ping),
            _ => None,
        }
    }

    pub fn next_due_ms(&self) -> Option<u64> {
        match self.phase {
            Phase::Waiting { retry_at_ms } => Some(retry_at_ms),
            Phase::Connecting { since_ms } => Some(since_ms + CONNECT_MS),
            Phase::Greeting { since_ms } => Some(since_ms + AUTHENTICATION_MS),
            Phase::Online { .. } => Some((self.heard_ms + DEAD_MS).min(self.sent_ms + PING_MS)),
            Phase::Closing { .. } | Phase::Refusing | Phase::Refused => None,
        }
    }

    /// When to try again after the connection ended: twice as long each time, up to a limit, of
    /// which a random half is left out.
    pub fn back_off(&mut self, now_ms: u64, jitter: f64) -> u64 {
        let online_since_ms = match self.phase {
            Phase::Online { since_ms } => Some(since_ms),
            Phase::Closing {
                online_since_ms, ..
            } => online_since_ms,
            _ => None,
        };
        let lived_ms = online_since_ms.map_or(0, |since_ms| now_ms.saturating_sub(since_ms));
        if lived_ms >= STABLE_CONNECTION_MS {
            self.failures = 0;
        }
        let doubled = BACKOFF_MS_MIN.saturating_mul(1 << self.failures.min(16));
        let half_ms = doubled.min(BACKOFF_MS_MAX) / 2;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "at most a minute, from 0 to 1"
        )]
        let random_ms = (half_ms as f64 * jitter.clamp(0.0, 1.0)) as u64;
        self.failures = self.failures.saturating_add(1);
        now_ms + (half_ms + random_ms).max(std::mem::take(&mut self.retry_after_ms))
    }
}
