//! The built interface, held inside of the program: the same files for the desktop window and for
//! the browser. Knows no transport.

use std::borrow::Cow;

use rust_embed::RustEmbed;

pub const INDEX: &str = "index.html";

#[derive(RustEmbed)]
#[folder = "../ui/dist"]
struct Embedded;

/// One file of the interface.
#[derive(Debug)]
pub struct File {
    pub bytes: Cow<'static, [u8]>,
    pub media_type: String,
}

/// The file at `path`, without a leading slash; the empty path is the page itself.
pub fn file(path: &str) -> Option<File> {
    let path = if path.is_empty() { INDEX } else { path };
    let embedded = Embedded::get(path)?;
    Some(File {
        media_type: embedded.metadata.mimetype().to_owned(),
        bytes: embedded.data,
    })
}

/// Paths of all files.
#[cfg(feature = "desktop")]
pub fn paths() -> impl Iterator<Item = Cow<'static, str>> {
    Embedded::iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_path_is_the_page() {
        let page = file("").expect("the page is embedded");
        assert_eq!(page.media_type, "text/html");
        assert_eq!(page.bytes, file(INDEX).expect("by name").bytes);
        assert!(file("../Cargo.toml").is_none());
    }
}
