//! Documents from the disk: from their saved form and the events behind it, or from all events. And
//! back: a document whose saved form has fallen behind is saved again, from the disk as well, so that
//! whoever edits it never waits. Knows nothing of who wants them.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tideline_model::{Change, Document, DocumentId, Event, GroupId, ReplicaId, VersionVector};
use tideline_store::{Reader, Saved};
use tracing::{error, warn};

use crate::edge::now_ms;
use crate::open_document::OpenDocument;
use crate::undo::UndoHistory;

/// So much work (about one for each change) may have to be done again at the next start. Ten
/// milliseconds, about.
pub const WORK_BEHIND_MAX: usize = 10_000;

/// A document to be saved, as this replica's.
type Request = (GroupId, DocumentId, ReplicaId);

/// Saves documents on a thread of its own. Ends when all handles are gone.
#[derive(Debug, Clone)]
pub struct Saver(Sender<Request>);

impl Saver {
    pub fn spawn(reader: Reader) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (requests, queue) = channel();
        let thread = std::thread::Builder::new()
            .name("saver".to_owned())
            .spawn(move || run(&reader, &queue))?;
        Ok((Self(requests), thread))
    }

    /// Saves the document as the disk has it, soon.
    pub fn save(&self, group: GroupId, document: DocumentId, replica: ReplicaId) {
        if self.0.send((group, document, replica)).is_err() {
            error!("the saving thread is gone");
        }
    }
}

fn run(reader: &Reader, queue: &Receiver<Request>) {
    while let Ok(first) = queue.recv() {
        // What was asked for several times meanwhile is done once.
        let mut waiting = BTreeSet::from([first]);
        waiting.extend(queue.try_iter());
        for (group, document, replica) in waiting {
            if let Err(reason) = save(reader, group, document, replica) {
                warn!(%document, reason, "a document was not saved");
            }
        }
    }
}

fn save(
    reader: &Reader,
    group: GroupId,
    document: DocumentId,
    replica: ReplicaId,
) -> Result<(), String> {
    let loaded = load(reader, group, document, replica)?;
    if loaded.work == 0 {
        return Ok(());
    }
    let OpenDocument { document, undo, .. } = *loaded.open;
    let notes = undo.to_bytes(replica);
    let kept = reader.keep_saved(&document, &notes);
    kept.map_err(|error| error.to_string())
}

/// A document, and how much work its events behind the saved form were.
pub struct Loaded {
    pub open: Box<OpenDocument>,
    pub work: usize,
}

/// Reads a document, which `replica` goes on with. One that is not stored yet is empty.
pub fn load(
    reader: &Reader,
    group: GroupId,
    document: DocumentId,
    replica: ReplicaId,
) -> Result<Loaded, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let scope = reader.scope(group);
    let (built, mut undo, events) =
        if let Some((mut saved, undo, events)) = from_saved(reader, group, document, replica) {
            let applied = saved.apply_all(&events);
            applied.map_err(|error| text(&error))?;
            (saved, undo, events)
        } else {
            let events = scope.events(document).map_err(|error| text(&error))?;
            let replayed = Document::replay(document, &events).map_err(|error| text(&error))?;
            (replayed, UndoHistory::default(), events)
        };
    let work = events.iter().map(work_of).sum();
    undo.go_on(replica, &events);
    drop(events);
    let row = scope.document(document).map_err(|error| text(&error))?;
    let mut open = OpenDocument::new(built, group, now_ms());
    open.undo = undo;
    open.rows_are_stale = row
        .is_some_and(|row| row.lines_stale_ms.is_some() || row.hash != Some(open.document.hash()));
    let open = Box::new(open);
    Ok(Loaded { open, work })
}

/// Replays a document from its first event, and saves it so: what was saved before may be wrong.
pub fn rederive(
    reader: &Reader,
    group: GroupId,
    document: DocumentId,
    replica: ReplicaId,
) -> Result<Document, String> {
    let events = reader.scope(group).events(document);
    let events = events.map_err(|error| error.to_string())?;
    let derived = Document::replay(document, &events).map_err(|error| error.to_string())?;
    let mut undo = UndoHistory::default();
    undo.go_on(replica, &events);
    if let Err(error) = reader.keep_saved(&derived, &undo.to_bytes(replica)) {
        warn!(%document, %error, "a document was not saved");
    }
    Ok(derived)
}

/// The saved document, what `replica` can undo in it, and the events behind it.
fn from_saved(
    reader: &Reader,
    group: GroupId,
    document: DocumentId,
    replica: ReplicaId,
) -> Option<(Document, UndoHistory, Vec<Event>)> {
    let Saved { document, notes } = reader.saved(document)?;
    let version = document.version();
    let scope = reader.scope(group);
    // Whatever is wrong is told by the replay that follows.
    let events = scope.events_behind(document.id(), &version).ok()??;
    let undo = match UndoHistory::from_bytes(replica, &notes) {
        Some(undo) => undo,
        None => undo_until(reader, group, document.id(), replica, &version)?,
    };
    Some((document, undo, events))
}

/// The notes are those of an earlier id of this replica: its own events say what it can undo.
fn undo_until(
    reader: &Reader,
    group: GroupId,
    document: DocumentId,
    replica: ReplicaId,
    version: &VersionVector,
) -> Option<UndoHistory> {
    let mut undo = UndoHistory::default();
    let last_seq = version.get(replica);
    if last_seq > 0 {
        let scope = reader.scope(group);
        let own = scope.events_of(document, replica, 1..=last_seq).ok()?;
        undo.go_on(replica, &own);
    }
    Some(undo)
}

fn work_of(event: &Event) -> usize {
    let changes = event.changes.iter();
    let work = changes.map(|change| match change {
        Change::CreateLines { lines } => lines.len(),
        _ => 1,
    });
    work.sum::<usize>().max(1)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tideline_model::{DraftLine, Intent, Kind, LineId, Placement, UserId};
    use tideline_store::Replica;
    use uuid::Uuid;

    use super::*;
    use crate::open_document::Stamp;

    const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));

    /// A data folder with one document.
    struct Desk {
        folder: tempfile::TempDir,
        replica: Replica,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let replica = Replica::open(folder.path()).expect("a replica");
            let mut desk = Self { folder, replica };
            desk.edit(|replica| Intent::CreateLines {
                placement: Placement {
                    parent: LineId::ROOT,
                    after: None,
                },
                lines: vec![DraftLine {
                    id: LineId { replica, number: 1 },
                    depth: 0,
                    kind: Kind::Text,
                    text: "one".to_owned(),
                    properties: Vec::new(),
                    tags: Vec::new(),
                }],
            });
            desk
        }

        fn load(&self) -> Loaded {
            let reader = self.replica.reader().expect("a reader");
            let (group, replica) = (self.replica.local_group(), self.replica.replica_id());
            load(&reader, group, DOCUMENT, replica).expect("a sound document")
        }

        fn save(&self) {
            let reader = self.replica.reader().expect("a reader");
            let (group, replica) = (self.replica.local_group(), self.replica.replica_id());
            save(&reader, group, DOCUMENT, replica).expect("room on the disk");
        }

        fn edit(&mut self, intent: impl Fn(ReplicaId) -> Intent) {
            let mut open = self.load().open;
            let replica = self.replica.replica_id();
            let stamp = Stamp {
                replica,
                author: UserId(replica.0),
                now_ms: 5,
            };
            open.edit(&intent(replica), stamp)
                .expect("an intent that fits");
            let commit = open.take_last_commit(replica, 5).expect("something new");
            self.replica.commit(&commit).expect("room on the disk");
        }

        fn set_title(&mut self, title: &str) {
            self.edit(|_| Intent::SetTitle {
                title: title.to_owned(),
            });
        }

        fn saved_file(&self) -> std::path::PathBuf {
            let mut files = fs::read_dir(self.folder.path().join("saved")).expect("a folder");
            files.next().expect("a file").expect("its name").path()
        }
    }

    #[test]
    fn only_what_came_behind_the_saved_form_is_done_again() {
        let mut desk = Desk::new();
        desk.set_title("first");
        assert_eq!(desk.load().work, 2);
        desk.save();
        let loaded = desk.load();
        assert_eq!((loaded.work, loaded.open.document.title()), (0, "first"));
        desk.set_title("second");
        let mut loaded = desk.load();
        assert_eq!((loaded.work, loaded.open.document.title()), (1, "second"));
        assert!(!loaded.open.rows_are_stale);
        assert!(
            loaded
                .open
                .undo
                .next(crate::undo::Direction::Undo)
                .is_some()
        );
        desk.save();
        loaded = desk.load();
        assert_eq!((loaded.work, loaded.open.document.title()), (0, "second"));
        assert!(
            loaded
                .open
                .undo
                .next(crate::undo::Direction::Undo)
                .is_some()
        );
    }

    #[test]
    fn a_saved_form_that_is_damaged_or_cut_is_not_used() {
        let mut desk = Desk::new();
        desk.set_title("first");
        desk.save();
        let file = desk.saved_file();
        let sound = fs::read(&file).expect("the file");
        let hash = desk.load().open.document.hash();
        for at in (0..sound.len()).step_by(7) {
            let mut flipped = sound.clone();
            flipped[at] ^= 4;
            for bytes in [&flipped, &sound[..at]] {
                fs::write(&file, bytes).expect("room on the disk");
                let loaded = desk.load();
                assert_eq!(
                    (loaded.work, loaded.open.document.hash()),
                    (2, hash),
                    "at {at}"
                );
            }
        }
    }

    #[test]
    fn a_saved_form_that_knows_more_than_the_database_is_not_used() {
        let mut desk = Desk::new();
        let other = Desk::new();
        desk.set_title("first");
        desk.save();
        fs::create_dir(other.folder.path().join("saved")).expect("a folder");
        let name = desk.saved_file();
        let name = name.file_name().expect("a name");
        let copy = other.folder.path().join("saved").join(name);
        fs::copy(desk.saved_file(), copy).expect("a copy");
        let loaded = other.load();
        assert_eq!((loaded.work, loaded.open.document.title()), (1, ""));
    }

    #[test]
    fn verification_finds_a_saved_form_that_is_not_what_the_events_give() {
        let mut desk = Desk::new();
        desk.set_title("first");
        desk.save();
        assert_eq!(desk.replica.verify().problems, []);
        let reader = desk.replica.reader().expect("a reader");
        let mut wrong = *desk.load().open;
        let (replica, author) = (desk.replica.replica_id(), UserId(Uuid::from_u128(5)));
        let title = Intent::SetTitle {
            title: "wrong".to_owned(),
        };
        let stamp = Stamp {
            replica,
            author,
            now_ms: 6,
        };
        wrong.edit(&title, stamp).expect("an intent that fits");
        reader
            .keep_saved(&wrong.document, b"")
            .expect("room on the disk");
        desk.set_title("second");
        let problems = desk.replica.verify().problems;
        let parts: Vec<_> = problems.iter().map(|problem| problem.part).collect();
        assert_eq!(parts, [tideline_store::Part::Saved]);
        let folder = desk.folder;
        drop((desk.replica, reader));
        let repaired = tideline_store::repair(folder.path(), 9).expect("a repair");
        assert_eq!(repaired.remedy, tideline_store::Remedy::Derived);
    }
}
