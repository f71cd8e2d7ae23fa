//! Reads one file for an import, with a bound on its size.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Far above what people write in one file, far below what fills a memory.
const FILE_SIZE_MAX_BYTES: u64 = 256 * 1024 * 1024;

/// # Errors
/// When the file cannot be opened or read, or is larger than 256 MiB.
pub fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(FILE_SIZE_MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_SIZE_MAX_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}
