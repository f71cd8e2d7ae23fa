//! The bytes of a file as text with `\n` line ends, or why they are not text.
//! Knows nothing of Markdown.

/// Why a file could not be imported. Nothing was taken from it then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error(
        "{path} is not a text file: byte {at} is zero. Nothing was imported from this file, and the \
         file was not changed. If it holds a note, save it as UTF-8 text and import it again"
    )]
    Binary { path: String, at: usize },
    #[error(
        "{path} is not UTF-8 text: byte {at} (0x{byte:02x}) cannot stand there. Nothing was imported \
         from this file, and the file was not changed. Save it as UTF-8 and import it again"
    )]
    NotUtf8 { path: String, at: usize, byte: u8 },
    #[error(
        "{path} is UTF-16 text, and Tideline reads UTF-8. Nothing was imported from this file, and \
         the file was not changed. Save it as UTF-8 and import it again"
    )]
    Utf16 { path: String },
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text of a file: without a byte order mark, every line end (`\r\n`, `\r`) as `\n`.
pub(crate) fn decode(path: &str, bytes: &[u8]) -> Result<String, ImportError> {
    let path = || path.to_owned();
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(ImportError::Utf16 { path: path() });
    }
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(ImportError::Binary { path: path(), at });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        ImportError::NotUtf8 {
            path: path(),
            at,
            byte: bytes[at],
        }
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    Ok(if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    })
}

/// The bytes that [`decode`] reads back as `text`.
pub(crate) fn encode(text: String) -> String {
    if text.starts_with(BYTE_ORDER_MARK) {
        format!("{BYTE_ORDER_MARK}{text}")
    } else {
        text
    }
}
