//! Addresses outside of the documents: the system has programs for them. Opens nothing else: an
//! address may come from somebody else's document.

use thiserror::Error;

#[derive(Debug, Error)]
pub enum LinkError {
    #[error("only addresses of the web and of mail are opened, and “{0}” is none")]
    NotAllowed(String),
    #[error("the system opens no program for “{address}” ({reason})")]
    NoProgram { address: String, reason: String },
}

/// Hands an address to the system. On the main thread only.
///
/// # Errors
/// [`LinkError`]; nothing was opened then.
pub fn open(address: &str) -> Result<(), LinkError> {
    if !is_allowed(address) {
        return Err(LinkError::NotAllowed(address.to_owned()));
    }
    gtk::show_uri_on_window(None::<&gtk::Window>, address, 0).map_err(|error| {
        LinkError::NoProgram {
            address: address.to_owned(),
            reason: error.to_string(),
        }
    })
}

fn is_allowed(address: &str) -> bool {
    let scheme = address.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        ["http", "https", "mailto"]
            .iter()
            .any(|allowed| scheme.eq_ignore_ascii_case(allowed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_web_and_of_mail_are_opened_and_nothing_else() {
        for good in [
            "https://example.org/a?b#c",
            "HTTP://example.org",
            "mailto:ana@example.org",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "example.org",
            "",
        ] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }
}
