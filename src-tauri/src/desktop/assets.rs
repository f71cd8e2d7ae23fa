//! Hands the embedded interface to the window.

use std::borrow::Cow;

use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::{Assets, Runtime};

use crate::interface;

#[derive(Debug)]
pub struct Interface;

impl<R: Runtime> Assets<R> for Interface {
    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        let file = interface::file(key.as_ref().trim_start_matches('/'))?;
        Some(file.bytes)
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(interface::paths().filter_map(|path| {
            let bytes = interface::file(&path)?.bytes;
            Some((path, bytes))
        }))
    }

    /// The interface has no scripts inside of its page.
    fn csp_hashes(&self, _page: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}
