//! Opening a data folder: who may, what is made, and what is refused with which words.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::json;
use tideline_model::UserId;
use tideline_store::{OpenError, Renewal, Replica};
use uuid::Uuid;

use crate::support::{Desk, NOW_MS, database, document};

#[test]
fn a_new_folder_becomes_a_replica_that_keeps_its_ids() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("notes/tideline");
    let replica = Replica::open(&folder).unwrap();
    assert_eq!(replica.renewal(), None);
    let before = (
        replica.replica_id(),
        replica.local_group(),
        replica.local_user(),
    );
    drop(replica);
    let replica = Replica::open(&folder).unwrap();
    assert_eq!(replica.renewal(), None);
    let after = (
        replica.replica_id(),
        replica.local_group(),
        replica.local_user(),
    );
    assert_eq!(before, after);
}

#[test]
fn the_person_settings_and_line_numbers_survive() {
    let mut desk = Desk::new();
    let user = UserId(Uuid::from_u128(5));
    desk.replica.set_local_user(user, "Ada").unwrap();
    desk.replica.set_setting("theme", &json!("dark")).unwrap();
    desk.replica
        .set_setting("server", &json!({"url": "ws://x"}))
        .unwrap();
    desk.replica.set_setting("theme", &json!("light")).unwrap();
    desk.replica.set_setting("server", &json!(null)).unwrap();
    assert_eq!(desk.replica.reserve_line_numbers(100).unwrap(), 1);
    assert_eq!(desk.replica.reserve_line_numbers(1).unwrap(), 101);
    let desk = desk.reopen();
    assert_eq!(desk.replica.local_user(), (user, "Ada".to_owned()));
    assert_eq!(
        json!(desk.replica.settings().unwrap()),
        json!({"theme": "light"})
    );
    assert_eq!(desk.replica.next_line_number(), 102);
}

#[test]
fn a_folder_that_must_exist_is_not_created() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("nothing");
    let error = Replica::open_existing(&folder).unwrap_err();
    assert!(matches!(error, OpenError::Missing { .. }), "{error}");
    assert!(!folder.exists());
}

#[test]
fn a_file_in_place_of_the_folder_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "mine").unwrap();
    let error = Replica::open(&file).unwrap_err();
    assert!(matches!(error, OpenError::NotAFolder { .. }), "{error}");
    let error = Replica::open(&file.join("below")).unwrap_err();
    assert!(matches!(error, OpenError::NotAFolder { .. }), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn a_database_of_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = database(folder.path());
    let other = Connection::open(&file).unwrap();
    other.execute_batch("CREATE TABLE cats (name)").unwrap();
    drop(other);
    let before = fs::read(&file).unwrap();
    let error = Replica::open(folder.path()).unwrap_err();
    assert!(matches!(error, OpenError::NotOurs { .. }), "{error}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_text_file_in_place_of_the_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = "no database at all ".repeat(1000);
    fs::write(database(folder.path()), &text).unwrap();
    let error = Replica::open(folder.path()).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert_eq!(fs::read_to_string(database(folder.path())).unwrap(), text);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let desk = Desk::new();
    let folder = desk.folder;
    drop(desk.replica);
    let file = database(folder.path());
    let newer = Connection::open(&file).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let before = fs::read(&file).unwrap();
    let error = Replica::open(folder.path()).unwrap_err();
    assert!(
        matches!(error, OpenError::NewerSchema { found: 99, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("newer version of Tideline"),
        "{error}"
    );
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_database_that_went_away_is_not_replaced_by_an_empty_one() {
    let desk = Desk::new();
    let folder = desk.folder;
    drop(desk.replica);
    fs::remove_file(database(folder.path())).unwrap();
    let error = Replica::open(folder.path()).unwrap_err();
    assert!(
        matches!(error, OpenError::DatabaseMissing { .. }),
        "{error}"
    );
    assert!(!database(folder.path()).exists());
}

#[test]
fn a_first_start_that_was_cut_short_is_taken_up() {
    let desk = Desk::new();
    let folder = desk.folder;
    drop(desk.replica);
    let raw = Connection::open(database(folder.path())).unwrap();
    raw.pragma_update(None, "foreign_keys", false).unwrap();
    raw.execute_batch("DELETE FROM replicas; DELETE FROM users; DELETE FROM groups")
        .unwrap();
    drop(raw);
    fs::remove_file(folder.path().join("replica.mark")).unwrap();
    let replica = Replica::open(folder.path()).unwrap();
    assert_eq!(replica.renewal(), None);
    assert_eq!(replica.verify().problems, []);
}

#[test]
fn a_folder_in_place_of_the_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(database(folder.path())).unwrap();
    let error = Replica::open(folder.path()).unwrap_err();
    assert!(matches!(error, OpenError::Disk { .. }), "{error}");
}

/// Runs the test `name` of this binary in another process, with `folder` to work in.
pub fn run_child(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--nocapture"])
        .env("TIDELINE_CHILD_FOLDER", folder);
    command
}

/// The folder that the parent process names; `None` in an ordinary run.
pub fn child_folder() -> Option<PathBuf> {
    std::env::var_os("TIDELINE_CHILD_FOLDER").map(Into::into)
}

#[test]
fn child_that_opens_a_folder() {
    if let Some(folder) = child_folder() {
        let error = Replica::open(&folder).unwrap_err();
        fs::write(folder.join("child-saw"), error.to_string()).unwrap();
    }
}

#[test]
fn a_second_process_is_told_who_has_the_folder() {
    let desk = Desk::new();
    let child = run_child("opening::child_that_opens_a_folder", &desk.path());
    let output = { child }.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let saw = fs::read_to_string(desk.path().join("child-saw")).unwrap();
    let expected = format!(
        "in use by another Tideline (process {})",
        std::process::id()
    );
    assert!(saw.contains(&expected), "{saw}");
}

#[test]
fn a_folder_is_free_again_when_replica_and_readers_are_gone() {
    let desk = Desk::new();
    let reader = desk.replica.reader().unwrap();
    let folder = desk.folder;
    drop(desk.replica);
    let error = Replica::open(folder.path()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    drop(reader);
    Replica::open(folder.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_refused_with_what_to_do() {
    let desk = Desk::new();
    let folder = desk.folder;
    drop(desk.replica);
    let Some(frozen) = Frozen::new(folder.path()) else {
        return; // nothing on this machine can be made read-only for this user
    };
    let error = Replica::open(frozen.0.path()).unwrap_err();
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error}");
    assert!(error.to_string().contains("right to write"), "{error}");
}

/// A copy of a folder that cannot be written: by its permissions, or mounted so for the superuser,
/// whom permissions do not stop.
#[cfg(unix)]
struct Frozen(tempfile::TempDir, bool);

#[cfg(unix)]
impl Frozen {
    fn new(source: &Path) -> Option<Self> {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(source, copy.path());
        let mut frozen = Self(copy, false);
        frozen.set_mode(0o555);
        if fs::write(frozen.0.path().join("probe"), "").is_err() {
            return Some(frozen);
        }
        let path = frozen.0.path();
        let mounted = Command::new("mount")
            .args(["--bind", "-o", "ro"])
            .args([path, path])
            .output();
        frozen.1 = mounted.is_ok_and(|output| output.status.success());
        frozen.1.then_some(frozen)
    }

    fn set_mode(&self, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        let _ = fs::set_permissions(self.0.path(), fs::Permissions::from_mode(mode));
    }
}

#[cfg(unix)]
impl Drop for Frozen {
    fn drop(&mut self) {
        if self.1 {
            let _ = Command::new("umount").arg(self.0.path()).output();
        }
        self.set_mode(0o755);
    }
}

pub fn copy_folder(source: &Path, target: &Path) {
    fs::create_dir_all(target).unwrap();
    for entry in fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), target.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_copied_folder_goes_on_as_another_replica_with_the_same_documents() {
    let mut desk = Desk::new();
    desk.write(document(1), "one").unwrap();
    desk.replica.reserve_line_numbers(50).unwrap();
    let original = desk.replica.replica_id();
    let folder = desk.folder;
    drop(desk.replica);
    let copy = tempfile::tempdir().unwrap();
    copy_folder(folder.path(), copy.path());

    let mut copy = Desk {
        replica: Replica::open(copy.path()).unwrap(),
        folder: copy,
    };
    assert_eq!(copy.replica.renewal(), Some(Renewal::Copied));
    assert_ne!(copy.replica.replica_id(), original);
    assert_eq!(copy.replica.next_line_number(), 1);
    assert_eq!(copy.texts(document(1)), ["one"]);
    copy.write(document(1), "two").unwrap();
    let outbox = copy.scope().outbox(document(1)).unwrap();
    assert_eq!(
        outbox.len(),
        2,
        "what was unsent in the original is so in the copy"
    );

    let copy = copy.reopen();
    assert_eq!(copy.replica.renewal(), None);
    let original_again = Replica::open(folder.path()).unwrap();
    assert_eq!(original_again.renewal(), None);
    assert_eq!(original_again.replica_id(), original);
}

#[test]
fn a_database_put_back_from_a_backup_gets_a_new_replica_id_before_anything_is_written() {
    let mut desk = Desk::new();
    desk.write(document(1), "one").unwrap();
    let desk = desk.reopen(); // everything is in one file now
    let backup = fs::read(database(&desk.path())).unwrap();
    let mut desk = desk.reopen();
    desk.write(document(1), "two").unwrap();
    desk.write(document(1), "three").unwrap();
    let original = desk.replica.replica_id();
    let folder = desk.folder;
    drop(desk.replica);
    fs::write(database(folder.path()), backup).unwrap();

    let replica = Replica::open(folder.path()).unwrap();
    assert_eq!(replica.renewal(), Some(Renewal::Outdated { missing: 2 }));
    assert!(
        replica
            .renewal()
            .unwrap()
            .to_string()
            .contains("last 2 saved steps")
    );
    assert_ne!(replica.replica_id(), original);
    let desk = Desk { replica, folder };
    assert_eq!(desk.texts(document(1)), ["one"]);
    assert_eq!(desk.reopen().replica.renewal(), None);
}

#[test]
fn without_its_mark_a_database_goes_on_as_another_replica() {
    let desk = Desk::new();
    let original = desk.replica.replica_id();
    let folder = desk.folder;
    drop(desk.replica);
    fs::remove_file(folder.path().join("replica.mark")).unwrap();
    let replica = Replica::open(folder.path()).unwrap();
    assert_eq!(replica.renewal(), Some(Renewal::MarkLost));
    assert_ne!(replica.replica_id(), original);
}

#[test]
fn a_moved_folder_is_the_same_replica() {
    let parent = tempfile::tempdir().unwrap();
    let (here, there) = (parent.path().join("here"), parent.path().join("there"));
    let id = Replica::open(&here).unwrap().replica_id();
    fs::rename(&here, &there).unwrap();
    let replica = Replica::open(&there).unwrap();
    assert_eq!((replica.renewal(), replica.replica_id()), (None, id));
}

#[test]
fn on_the_servers_word_a_replica_takes_a_new_id_and_keeps_it() {
    let mut desk = Desk::new();
    desk.replica.reserve_line_numbers(9).unwrap();
    let original = desk.replica.replica_id();
    let renewed = desk.replica.renew(NOW_MS).unwrap();
    assert_ne!(renewed, original);
    assert_eq!(desk.replica.next_line_number(), 1);
    let desk = desk.reopen();
    assert_eq!(
        (desk.replica.renewal(), desk.replica.replica_id()),
        (None, renewed)
    );
}
