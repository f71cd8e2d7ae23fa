//! Tokens and invitation codes: random, shown once, stored only as a hash.

use std::fmt::Write;

use sha2::{Digest, Sha256};

const TOKEN_PREFIX: &str = "tdl_";
const INVITE_PREFIX: &str = "inv_";
/// 160 bits: beyond guessing, so a plain hash is enough to store.
const RANDOM_BYTES: usize = 20;

/// What the owner keeps and the server forgets.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

pub type SecretHash = [u8; 32];

impl Secret {
    pub fn new_token() -> Self {
        Self::random(TOKEN_PREFIX)
    }

    pub fn new_invite() -> Self {
        Self::random(INVITE_PREFIX)
    }

    fn random(prefix: &str) -> Self {
        let random: [u8; RANDOM_BYTES] = rand::random();
        let mut text = prefix.to_owned();
        for byte in random {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> SecretHash {
        hash(&self.0)
    }
}

/// Never in a log by accident.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

pub fn hash(text: &str) -> SecretHash {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_do_not_show_themselves() {
        let (one, other) = (Secret::new_token(), Secret::new_token());
        assert_ne!(one, other);
        assert_ne!(one.hash(), other.hash());
        assert!(!format!("{one:?}").contains(&one.reveal()[4..]));
    }
}
