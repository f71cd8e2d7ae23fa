//! The mark beside the database: how far this folder's database had come, and which file on which
//! machine that was. Restoring a backup, or copying the folder, leaves the two in disagreement; then
//! the replica must not go on under its id, or it would use sequence numbers and line numbers a second
//! time for something else.
//!
//! What it cannot see: a whole disk that was put back together with the mark. The server notices that.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::str::FromStr;
use std::time::UNIX_EPOCH;

use tideline_model::ReplicaId;
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: &str = "tideline-mark 1";
/// Where a machine says who it is; the text is hashed, never stored.
const MACHINE_ID_PATHS: [&str; 2] = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

/// Why a replica took a new id when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The mark is missing or unreadable.
    MarkLost,
    /// The folder is a copy, or was put back from a backup.
    Copied,
    /// The folder was last used on another machine.
    OtherMachine,
    /// The database lacks this many of the transactions that were once durable in this folder.
    Outdated { missing: u64 },
}

impl fmt::Display for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Renewal::MarkLost => f.write_str(
                "It could not be told whether this data folder is a restored backup. It goes on as \
                 a new replica; nothing in it is lost.",
            ),
            Renewal::Copied => f.write_str(
                "This data folder is a copy or a restored backup. It goes on as a new replica, so \
                 that the original can be used too; nothing in it is lost.",
            ),
            Renewal::OtherMachine => f.write_str(
                "This data folder comes from another machine. It goes on as a new replica, so that \
                 the original can be used too; nothing in it is lost.",
            ),
            Renewal::Outdated { missing } => write!(
                f,
                "The database in this data folder is older than when it was last used: the last \
                 {missing} saved steps are not in it. It goes on as a new replica. What had been \
                 sent to a sync server comes back from there; if the database was not restored from \
                 a backup, check the disk."
            ),
        }
    }
}

/// The mark, open for as long as the replica is.
#[derive(Debug)]
pub(crate) struct Mark {
    file: File,
    machine: u64,
    place: u64,
}

/// What a mark says. Its text form is one line of fixed length, so that overwriting it in place is
/// all or nothing on any disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Content {
    generation: u64,
    replica: ReplicaId,
    machine: u64,
    place: u64,
}

impl Mark {
    /// Opens the mark, creating an empty one.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let place = place_of(&file)?;
        Ok(Self {
            file,
            machine: machine(),
            place,
        })
    }

    /// Compares the mark with what the database says, and names the highest generation of both.
    pub(crate) fn compare(
        &mut self,
        replica: ReplicaId,
        generation: u64,
    ) -> io::Result<(Option<Renewal>, u64)> {
        let Some(content) = self.read()? else {
            return Ok((Some(Renewal::MarkLost), generation));
        };
        let renewal = if content.machine != self.machine {
            Some(Renewal::OtherMachine)
        } else if content.generation > generation {
            let missing = content.generation - generation;
            Some(Renewal::Outdated { missing })
        } else if content.place != self.place || content.replica != replica {
            Some(Renewal::Copied)
        } else {
            None
        };
        Ok((renewal, generation.max(content.generation)))
    }

    /// Notes that everything up to `generation` is durable.
    ///
    /// Not synced: after a power cut the mark may be older than the database, which is harmless.
    pub(crate) fn advance(&mut self, replica: ReplicaId, generation: u64) -> io::Result<()> {
        let content = Content {
            generation,
            replica,
            machine: self.machine,
            place: self.place,
        };
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(content.to_string().as_bytes())
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    fn read(&mut self) -> io::Result<Option<Content>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        Read::by_ref(&mut self.file)
            .take(1024)
            .read_to_end(&mut bytes)?;
        let text = String::from_utf8(bytes).ok();
        Ok(text.and_then(|text| text.parse().ok()))
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!(
            "{MAGIC} generation {:020} {} machine {:016x} place {:016x}",
            self.generation, self.replica, self.machine, self.place
        );
        writeln!(f, "{line} check {:016x}", xxh3_64(line.as_bytes()))
    }
}

impl FromStr for Content {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [_, _, _, generation, replica, _, machine, _, place, _, _] = fields[..] else {
            return Err(());
        };
        let content = Content {
            generation: generation.parse().map_err(|_| ())?,
            replica: replica.parse().map_err(|_| ())?,
            machine: u64::from_str_radix(machine, 16).map_err(|_| ())?,
            place: u64::from_str_radix(place, 16).map_err(|_| ())?,
        };
        // Writing it again covers the words, the order, the widths and the check at once.
        if content.to_string() == text {
            Ok(content)
        } else {
            Err(())
        }
    }
}

/// A number that stays while the file is the same one, and that no copy of it has: its time of birth,
/// and its inode. On Linux nobody can set the former, and FAT deals the latter anew at every mount.
fn place_of(file: &File) -> io::Result<u64> {
    let metadata = file.metadata()?;
    let born = metadata.created().ok();
    let since = born.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let inode = match since {
        Some(_) if cfg!(target_os = "linux") => 0,
        _ => inode(&metadata),
    };
    let since = since.map_or(0, |since| since.as_nanos());
    Ok(xxh3_64(
        &[since.to_le_bytes(), u128::from(inode).to_le_bytes()].concat(),
    ))
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_metadata: &std::fs::Metadata) -> u64 {
    0
}

/// This machine; 0 where it does not say, so that only the place decides.
fn machine() -> u64 {
    MACHINE_ID_PATHS
        .iter()
        .find_map(|path| std::fs::read(path).ok())
        .map_or(0, |id| xxh3_64(id.trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_mark_survives_its_text_form_and_no_flipped_bit() {
        let content = Content {
            generation: 41,
            replica: ReplicaId(Uuid::from_u128(7)),
            machine: 1,
            place: u64::MAX,
        };
        let text = content.to_string();
        assert_eq!(text.parse(), Ok(content));
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let flipped = String::from_utf8(bytes).ok();
                assert_eq!(flipped.and_then(|text| text.parse::<Content>().ok()), None);
            }
        }
    }

    #[test]
    fn a_mark_that_was_copied_or_is_ahead_asks_for_a_new_id() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (folder.path().join("here"), folder.path().join("there"));
        let replica = ReplicaId(Uuid::from_u128(7));
        let mut mark = Mark::open(&here).unwrap();
        assert_eq!(
            mark.compare(replica, 3).unwrap(),
            (Some(Renewal::MarkLost), 3)
        );
        mark.advance(replica, 5).unwrap();
        assert_eq!(mark.compare(replica, 5).unwrap(), (None, 5));
        assert_eq!(mark.compare(replica, 9).unwrap(), (None, 9));
        let outdated = Some(Renewal::Outdated { missing: 3 });
        assert_eq!(mark.compare(replica, 2).unwrap(), (outdated, 5));
        let other = ReplicaId(Uuid::from_u128(8));
        assert_eq!(mark.compare(other, 5).unwrap(), (Some(Renewal::Copied), 5));

        std::fs::copy(&here, &there).unwrap();
        let mut copy = Mark::open(&there).unwrap();
        assert_eq!(
            copy.compare(replica, 5).unwrap(),
            (Some(Renewal::Copied), 5)
        );
        mark.machine ^= 1;
        assert_eq!(
            mark.compare(replica, 5).unwrap(),
            (Some(Renewal::OtherMachine), 5)
        );
    }
}
