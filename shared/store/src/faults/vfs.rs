//! SQLite's default file system with a [`Disk`] in between, for files of folders that are watched.
//! All others pass through. The one place with unsafe code; it decides nothing.

#![expect(unsafe_code, reason = "SQLite's file system is a table of C functions")]

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rusqlite::ffi::{self, SQLITE_OK, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};

use super::disk::Disk;

const NAME: &CStr = c"watched";

/// Folders that are watched, and the open files in them by the address of SQLite's structure.
#[derive(Default)]
struct Watched {
    folders: HashMap<PathBuf, Arc<Disk>>,
    files: HashMap<usize, OpenFile>,
}

struct OpenFile {
    disk: Arc<Disk>,
    name: String,
    /// The functions of the file system below.
    below: &'static sqlite3_io_methods,
    /// What SQLite calls; lives as long as the file is open.
    _above: Box<sqlite3_io_methods>,
}

static WATCHED: LazyLock<Mutex<Watched>> = LazyLock::new(Mutex::default);
/// The file system below; found once.
static BELOW: LazyLock<usize> = LazyLock::new(|| {
    // SAFETY: asks for the default file system, which SQLite never takes away.
    let below = unsafe { ffi::sqlite3_vfs_find(std::ptr::null()) };
    assert!(!below.is_null());
    register(below);
    below as usize
});

fn watched() -> MutexGuard<'static, Watched> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder is watched until this is dropped.
pub(super) struct Watch(PathBuf);

pub(super) fn watch(folder: &Path, disk: &Arc<Disk>) -> Watch {
    LazyLock::force(&BELOW);
    let folder = folder.canonicalize().unwrap();
    watched().folders.insert(folder.clone(), Arc::clone(disk));
    Watch(folder)
}

impl Drop for Watch {
    fn drop(&mut self) {
        watched().folders.remove(&self.0);
    }
}

/// Makes a copy of the file system below the default one, with our ways to open and delete.
fn register(below: *mut sqlite3_vfs) {
    // SAFETY: `below` is valid, and SQLite's structures of functions may be copied.
    let copy = sqlite3_vfs {
        pNext: std::ptr::null_mut(),
        zName: NAME.as_ptr(),
        xOpen: Some(open),
        xDelete: Some(delete),
        ..unsafe { *below }
    };
    let registered = Box::leak(Box::new(copy));
    // SAFETY: the structure is never freed.
    let code = unsafe { ffi::sqlite3_vfs_register(registered, 1) };
    assert_eq!(code, SQLITE_OK);
}

fn below() -> *mut sqlite3_vfs {
    *BELOW as *mut sqlite3_vfs
}

/// The disk and the name of a file, if its folder is watched.
fn place(path: *const c_char) -> Option<(Arc<Disk>, PathBuf, String)> {
    if path.is_null() {
        return None; // a temporary file without a name
    }
    // SAFETY: SQLite's paths end with a zero byte.
    let path = PathBuf::from(unsafe { CStr::from_ptr(path) }.to_str().ok()?);
    let disk = Arc::clone(watched().folders.get(path.parent()?)?);
    let name = path.file_name()?.to_str()?.to_owned();
    Some((disk, path, name))
}

unsafe extern "C" fn open(
    _vfs: *mut sqlite3_vfs,
    path: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let place = place(path);
    if let Some((disk, _, name)) = &place
        && let Err(code) = disk.on_open(name)
    {
        // SAFETY: SQLite gives room for a file; without functions it is not closed.
        unsafe { (*file).pMethods = std::ptr::null() };
        return code;
    }
    // SAFETY: the arguments are SQLite's own, handed on to the file system they are meant for.
    let code = unsafe {
        let open = (*below()).xOpen.unwrap();
        open(below(), path, file, flags, flags_out)
    };
    if let (SQLITE_OK, Some((disk, path, name))) = (code, place) {
        disk.opened(&name, || std::fs::read(&path).unwrap_or_default());
        // SAFETY: the file has just been opened; its functions live as long as the program.
        let below: &'static sqlite3_io_methods = unsafe { &*(*file).pMethods };
        let above = Box::new(sqlite3_io_methods {
            xClose: Some(close),
            xRead: Some(read),
            xWrite: Some(write),
            xTruncate: Some(truncate),
            xSync: Some(sync),
            xFetch: None,
            xUnfetch: None,
            iVersion: below.iVersion.min(2), // without mapped reads, which would pass us by
            ..*below
        });
        // SAFETY: `above` is kept until the file is closed.
        unsafe { (*file).pMethods = &raw const *above };
        let open = OpenFile {
            disk,
            name,
            below,
            _above: above,
        };
        watched().files.insert(file as usize, open);
    }
    code
}

unsafe extern "C" fn delete(_vfs: *mut sqlite3_vfs, path: *const c_char, sync: c_int) -> c_int {
    if let Some((disk, _, name)) = place(path)
        && let Err(code) = disk.on_delete(&name, sync != 0)
    {
        return code;
    }
    // SAFETY: as in `open`.
    unsafe { (*below()).xDelete.unwrap()(below(), path, sync) }
}

/// What is needed to carry out a call on an open file.
fn of(file: *mut sqlite3_file) -> (Arc<Disk>, String, &'static sqlite3_io_methods) {
    let watched = watched();
    let open = &watched.files[&(file as usize)];
    (Arc::clone(&open.disk), open.name.clone(), open.below)
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let open = watched().files.remove(&(file as usize)).unwrap();
    // SAFETY: the file was opened by the file system below, which is given its functions back.
    unsafe {
        (*file).pMethods = &raw const *open.below;
        open.below.xClose.unwrap()(file)
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    count: c_int,
    at: i64,
) -> c_int {
    let (disk, name, below) = of(file);
    match disk.on_read(&name) {
        // SAFETY: handed on as it came.
        Ok(()) => unsafe { below.xRead.unwrap()(file, into, count, at) },
        Err(code) => code,
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    count: c_int,
    at: i64,
) -> c_int {
    let (disk, name, below) = of(file);
    // SAFETY: SQLite gives `count` bytes at `from`.
    let content = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), bytes(count.into())) };
    match disk.on_write(&name, bytes(at), content) {
        // SAFETY: handed on as it came.
        Ok(()) => unsafe { below.xWrite.unwrap()(file, from, count, at) },
        Err(code) => code,
    }
}

/// SQLite's sizes and places, which are never negative.
fn bytes(count: i64) -> usize {
    usize::try_from(count).unwrap()
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    let (disk, name, below) = of(file);
    match disk.on_truncate(&name, bytes(size)) {
        // SAFETY: handed on as it came.
        Ok(()) => unsafe { below.xTruncate.unwrap()(file, size) },
        Err(code) => code,
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    let (disk, name, _) = of(file);
    // The file below need not be synced: what a power cut leaves is the disk's to say.
    disk.on_sync(&name).err().unwrap_or(SQLITE_OK)
}
