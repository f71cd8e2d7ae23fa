//! The secret in the printed link. Made anew at every start and never written down.

use std::fmt;

use serde::Serialize;
use subtle::ConstantTimeEq;

/// 128 random bits as 32 hexadecimal digits.
#[derive(Clone, Serialize)]
pub struct Token(String);

impl Token {
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    /// Takes the same time wherever the first wrong digit is.
    pub fn matches(&self, offered: &str) -> bool {
        self.0.as_bytes().ct_eq(offered.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_matches_itself_and_nothing_else() {
        let token = Token::random();
        assert!(token.matches(token.text()));
        for wrong in ["", "0", &token.text()[1..], Token::random().text()] {
            assert!(!token.matches(wrong), "{wrong}");
        }
        assert!(!format!("{token:?}").contains(token.text()));
    }
}
