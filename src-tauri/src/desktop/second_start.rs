//! A second start on the same data folder: the program that runs already opens a window, and the new
//! one ends. They meet at a socket in the data folder, so that each folder has a program of its own.

use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

const SOCKET: &str = "desktop.sock";
const REQUEST: &[u8] = b"window\n";
const ANSWER: &[u8] = b"opened\n";
/// Whoever does not answer by then is not the desktop application.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// Asks the program that has this folder for a window, and says whether it opened one.
pub fn has_opened_elsewhere(data: &Path) -> bool {
    ask(&data.join(SOCKET)).unwrap_or(false)
}

fn ask(socket: &Path) -> io::Result<bool> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    stream.write_all(REQUEST)?;
    let mut answer = [0; ANSWER.len()];
    stream.read_exact(&mut answer)?;
    Ok(answer == ANSWER)
}

/// Listens while it is held.
#[derive(Debug)]
pub struct Door {
    socket: PathBuf,
}

impl Door {
    /// Calls `open` for every second start; it says whether a window came of it. Only for the program
    /// that has the folder's lock: what an earlier one left behind is removed.
    ///
    /// # Errors
    /// When the system gives no socket, as for a path that is too long.
    pub fn listen(data: &Path, open: impl Fn() -> bool + Send + 'static) -> io::Result<Self> {
        let socket = data.join(SOCKET);
        match std::fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&socket)?;
        thread::Builder::new()
            .name("second start".to_owned())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    if let Err(error) = answer(stream, &open) {
                        tracing::debug!(%error, "a second start went away");
                    }
                }
            })?;
        Ok(Self { socket })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // Left behind, it only costs the next start a moment.
        let _ = std::fs::remove_file(&self.socket);
    }
}

fn answer(mut stream: UnixStream, open: &impl Fn() -> bool) -> io::Result<()> {
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    let mut request = [0; REQUEST.len()];
    stream.read_exact(&mut request)?;
    if request == REQUEST && open() {
        stream.write_all(ANSWER)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_second_start_opens_a_window_of_the_first_one() {
        let data = tempfile::tempdir().expect("a folder");
        assert!(!has_opened_elsewhere(data.path()), "nobody is there");
        let opened = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&opened);
        let door = Door::listen(data.path(), move || {
            count.fetch_add(1, Ordering::Relaxed);
            true
        });
        let door = door.expect("a socket");
        assert!(has_opened_elsewhere(data.path()));
        assert!(has_opened_elsewhere(data.path()));
        assert_eq!(opened.load(Ordering::Relaxed), 2);
        drop(door);
        assert!(!has_opened_elsewhere(data.path()));
    }

    #[test]
    fn what_a_killed_program_left_behind_is_no_obstacle() {
        let data = tempfile::tempdir().expect("a folder");
        drop(UnixListener::bind(data.path().join(SOCKET)).expect("a socket"));
        assert!(!has_opened_elsewhere(data.path()));
        let door = Door::listen(data.path(), || false).expect("a socket");
        assert!(!has_opened_elsewhere(data.path()), "no window, no promise");
        drop(door);
    }
}
