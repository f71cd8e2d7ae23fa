//! Puts files below one folder: never outside of it, never half written, never over a file that
//! somebody else put there.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use tempfile::Builder;

/// What to do where a file is already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    Keep,
    Replace,
}

/// The system takes away what the user's settings forbid.
const FILE_MODE: u32 = 0o666;

#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    existing: Existing,
}

#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("a file is already there")]
    Exists,
    #[error("it would not be inside of the folder that was named")]
    Outside,
    #[error("{} is a link, and what is behind it may be outside of the folder", .0.display())]
    BehindLink(PathBuf),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Folder {
    /// # Errors
    /// When the folder cannot be made, or is none.
    pub fn open(root: &Path, existing: Existing) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let root = root.canonicalize()?;
        Ok(Self { root, existing })
    }

    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Writes `text` to `place`, a path from this folder, and makes the folders on the way.
    ///
    /// # Errors
    /// [`WriteError`]; nothing has changed then but for empty folders.
    pub fn write(&self, place: &Path, text: &str) -> Result<(), WriteError> {
        let is_plain = |part| matches!(part, Component::Normal(_));
        if place.file_name().is_none() || !place.components().all(is_plain) {
            return Err(WriteError::Outside);
        }
        let folder = self.make(place.parent().unwrap_or(Path::new("")))?;
        self.put(&folder, &self.root.join(place), text)
    }

    /// Makes the folders one by one, so that no link among them is followed.
    fn make(&self, place: &Path) -> Result<PathBuf, WriteError> {
        let mut folder = self.root.clone();
        for name in place {
            folder.push(name);
            match fs::symlink_metadata(&folder) {
                Ok(metadata) if metadata.is_symlink() => {
                    return Err(WriteError::BehindLink(folder));
                }
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Err(io::Error::from(ErrorKind::NotADirectory).into()),
                Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir(&folder)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(folder)
    }

    fn put(&self, folder: &Path, path: &Path, text: &str) -> Result<(), WriteError> {
        let mut file = Builder::new()
            .prefix(".tideline-export-")
            .permissions(Permissions::from_mode(FILE_MODE))
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        match self.existing {
            Existing::Replace => file.persist(path).map_err(|failed| failed.error)?,
            Existing::Keep => file
                .persist_noclobber(path)
                .map_err(|failed| taken(failed.error))?,
        };
        Ok(())
    }
}

fn taken(error: io::Error) -> WriteError {
    match error.kind() {
        ErrorKind::AlreadyExists => WriteError::Exists,
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    fn target(existing: Existing) -> (TempDir, Folder) {
        let around = TempDir::new().expect("a folder");
        let folder = Folder::open(&around.path().join("out"), existing).expect("a folder in it");
        (around, folder)
    }

    fn write(folder: &Folder, place: &str) -> Result<(), WriteError> {
        folder.write(Path::new(place), "new")
    }

    fn entries(path: &Path) -> usize {
        fs::read_dir(path).expect("a folder").count()
    }

    #[test]
    fn folders_are_made_on_the_way() {
        let (_around, folder) = target(Existing::Keep);
        write(&folder, "a/b/c.md").expect("written");
        let text = fs::read_to_string(folder.path().join("a/b/c.md")).expect("the file");
        assert_eq!(text, "new");
    }

    #[test]
    fn a_file_that_is_there_stays_unless_it_may_be_replaced() {
        for (existing, expected) in [(Existing::Keep, "old"), (Existing::Replace, "new")] {
            let (_around, folder) = target(existing);
            let path = folder.path().join("plan.md");
            fs::write(&path, "old").expect("a file");
            let refused = matches!(write(&folder, "plan.md"), Err(WriteError::Exists));
            assert_eq!(refused, existing == Existing::Keep);
            assert_eq!(fs::read_to_string(&path).expect("the file"), expected);
            assert_eq!(entries(folder.path()), 1, "nothing is left behind");
        }
    }

    #[test]
    fn nothing_is_written_outside_of_the_folder() {
        let (around, folder) = target(Existing::Replace);
        for place in [
            "../escape.md",
            "/tmp/escape.md",
            "a/../../escape.md",
            "..",
            "",
        ] {
            let written = write(&folder, place);
            assert!(
                matches!(written, Err(WriteError::Outside)),
                "{place}: {written:?}"
            );
        }
        symlink(around.path(), folder.path().join("link")).expect("a link");
        let written = write(&folder, "link/escape.md");
        assert!(
            matches!(written, Err(WriteError::BehindLink(_))),
            "{written:?}"
        );
        assert_eq!(entries(around.path()), 1, "only the folder itself");
    }

    #[test]
    fn a_link_in_place_of_a_file_is_replaced_and_not_followed() {
        let (around, folder) = target(Existing::Replace);
        let outside = around.path().join("outside.md");
        fs::write(&outside, "old").expect("a file");
        symlink(&outside, folder.path().join("plan.md")).expect("a link");
        write(&folder, "plan.md").expect("written");
        assert_eq!(fs::read_to_string(&outside).expect("the file"), "old");
    }
}
