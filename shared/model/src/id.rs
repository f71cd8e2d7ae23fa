//! Typed ids: every id says in its text form what it names, so that the wrong one gives a clear
//! error. Random parts are passed in; nothing here reads a clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;
use uuid::fmt::Simple;

/// Why a text is not the id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("expected {expected} id, got {got} id: {text}")]
    WrongKind {
        expected: &'static str,
        got: &'static str,
        text: String,
    },
    #[error("expected {expected} id, got \"{text}\"")]
    Malformed {
        expected: &'static str,
        text: String,
    },
}

/// Each prefix with the word a person reads in an error.
const KINDS: [(&str, &str); 6] = [
    ("line", "a line"),
    ("doc", "a document"),
    ("group", "a group"),
    ("user", "a user"),
    ("replica", "a replica"),
    ("device", "a device"),
];

fn strip<'a>(text: &'a str, prefix: &str, expected: &'static str) -> Result<&'a str, IdError> {
    let (found, rest) = text.split_once('_').unwrap_or(("", text));
    if found == prefix {
        return Ok(rest);
    }
    let text = text.to_owned();
    match KINDS.iter().find(|(kind, _)| *kind == found) {
        Some((_, got)) => Err(IdError::WrongKind {
            expected,
            got,
            text,
        }),
        None => Err(IdError::Malformed { expected, text }),
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let rest = strip(text, $prefix, $expected)?;
                Uuid::try_parse(rest)
                    .map(Self)
                    .map_err(|_| IdError::Malformed { expected: $expected, text: text.to_owned() })
            }
        }

        id_serde!($name, Uuid);

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

/// Text with its prefix where people read it, plain numbers in binary forms.
macro_rules! id_serde {
    ($name:ident, $binary:ty) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    <$binary>::from(*self).serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = String::deserialize(deserializer)?;
                    text.parse().map_err(de::Error::custom)
                } else {
                    <$binary>::deserialize(deserializer).map(Self::from)
                }
            }
        }
    };
}

uuid_id!(
    /// A document: an ordered tree of lines.
    DocumentId, "doc", "a document"
);
uuid_id!(
    /// A group of people who share documents; every stored row belongs to one.
    GroupId, "group", "a group"
);
uuid_id!(
    /// A person.
    UserId, "user", "a user"
);
uuid_id!(
    /// One writing copy of the documents, on one device. Never two writers under one id.
    ReplicaId, "replica", "a replica"
);
uuid_id!(
    /// A machine that holds a token for the sync server.
    DeviceId, "device", "a device"
);

const LINE_PREFIX: &str = "line_";
/// The longest text of an id of a line, in bytes: its number has at most 20 digits.
const LINE_TEXT_MAX: usize = LINE_PREFIX.len() + Simple::LENGTH + 1 + 20;

/// A line. `number` is counted by the replica that created it, so ids are given out without
/// asking anybody (an interface draws before it asks), and no two replicas can make the same one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId {
    pub replica: ReplicaId,
    pub number: u64,
}

impl LineId {
    /// The root of every document: parent of the topmost lines, never displayed itself.
    pub const ROOT: LineId = LineId {
        replica: ReplicaId(Uuid::nil()),
        number: 0,
    };

    /// No id is greater. From [`LineId::ROOT`] to here are all lines.
    pub const LAST: LineId = LineId {
        replica: ReplicaId(Uuid::max()),
        number: u64::MAX,
    };

    /// The next greater id.
    pub(crate) fn next(self) -> LineId {
        match self.number.checked_add(1) {
            Some(number) => LineId { number, ..self },
            None => LineId {
                replica: ReplicaId(Uuid::from_u128(self.replica.0.as_u128().saturating_add(1))),
                number: 0,
            },
        }
    }
}

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In one piece: a screen has hundreds of them. From its end, so that the number has room.
        let mut text = [0; LINE_TEXT_MAX];
        let mut at = text.len();
        let mut number = self.number;
        loop {
            at -= 1;
            text[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        at -= 1;
        text[at] = b'_';
        at -= Simple::LENGTH;
        self.replica.0.simple().encode_lower(&mut text[at..]);
        at -= LINE_PREFIX.len();
        text[at..at + LINE_PREFIX.len()].copy_from_slice(LINE_PREFIX.as_bytes());
        f.write_str(str::from_utf8(&text[at..]).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for LineId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let malformed = || IdError::Malformed {
            expected: "a line",
            text: text.to_owned(),
        };
        let rest = strip(text, "line", "a line")?;
        let (replica, number) = rest.split_once('_').ok_or_else(malformed)?;
        let replica = Uuid::try_parse(replica).map_err(|_| malformed())?;
        let number = number.parse().map_err(|_| malformed())?;
        Ok(LineId {
            replica: ReplicaId(replica),
            number,
        })
    }
}

impl From<(Uuid, u64)> for LineId {
    fn from((replica, number): (Uuid, u64)) -> Self {
        LineId {
            replica: ReplicaId(replica),
            number,
        }
    }
}

impl From<LineId> for (Uuid, u64) {
    fn from(id: LineId) -> Self {
        (id.replica.0, id.number)
    }
}

id_serde!(LineId, (Uuid, u64));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_named_in_the_error() {
        let user = UserId(Uuid::from_u128(7)).to_string();
        let error = user.parse::<DocumentId>().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("expected a document id, got a user id"),
            "{error}"
        );
    }

    #[test]
    fn a_line_id_survives_its_text_form() {
        let id = LineId {
            replica: ReplicaId(Uuid::from_u128(9)),
            number: 42,
        };
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string(), format!("line_{:032x}_42", 9));
        assert_eq!(LineId::LAST.to_string().parse(), Ok(LineId::LAST));
        assert!("line_9".parse::<LineId>().is_err());
    }
}
