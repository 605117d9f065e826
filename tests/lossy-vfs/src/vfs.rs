//! The VFS, layered over the system's.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::zeroed;
use std::ops::Range;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::ffi::{
    self, SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ, SQLITE_NOTFOUND, SQLITE_OK, sqlite3_file,
    sqlite3_io_methods, sqlite3_vfs,
};

use crate::content::{self, Content, shared};
use crate::disk::Disk;
use crate::names;

/// Under which the VFS is registered.
pub const NAME: &str = "lossy";
const C_NAME: &CStr = c"lossy";

/// A handle: SQLite's part first, then ours, then the system's handle in the same piece of memory.
#[repr(C)]
struct Handle {
    sqlite: sqlite3_file,
    content: *const Mutex<Content>,
    /// Set until the first sync where that syncs the directory too: the system's VFS does so for
    /// logs and journals that it may have made.
    new: Option<Box<CString>>,
}

static DISK: OnceLock<Disk> = OnceLock::new();
static REGISTERED: OnceLock<bool> = OnceLock::new();

/// Registers the VFS on such a disk, once per process, and gives its name. A disk is a seed and
/// liberties, such as `7,keep,tear,reorder,forget`: see the crate's page.
///
/// # Errors
/// When the disk is not understood, and when SQLite refuses.
pub fn register(disk: &str) -> Result<&'static str, c_int> {
    let disk = disk.parse().map_err(|()| ffi::SQLITE_MISUSE)?;
    DISK.get_or_init(|| disk);
    let registered = REGISTERED.get_or_init(|| {
        // SAFETY: `base` is SQLite's own and lives as long as the process; the copy is leaked, so
        // it does too.
        unsafe {
            let base = ffi::sqlite3_vfs_find(std::ptr::null());
            if base.is_null() {
                return false;
            }
            let mut layered: sqlite3_vfs = *base;
            layered.szOsFile = (*base).szOsFile + c_int::try_from(size_of::<Handle>()).unwrap_or(c_int::MAX);
            layered.zName = C_NAME.as_ptr();
            layered.pNext = null_mut();
            layered.pAppData = base.cast::<c_void>();
            layered.xOpen = Some(open);
            layered.xDelete = Some(delete);
            layered.xAccess = Some(access);
            layered.xFullPathname = Some(full_path);
            ffi::sqlite3_vfs_register(Box::leak(Box::new(layered)), 0) == SQLITE_OK
        }
    });
    if *registered { Ok(NAME) } else { Err(ffi::SQLITE_ERROR) }
}

/// The system's VFS below ours.
unsafe fn base(vfs: *mut sqlite3_vfs) -> *mut sqlite3_vfs {
    // SAFETY: `register` put it there.
    unsafe { (*vfs).pAppData.cast() }
}

/// The system's handle behind ours.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: SQLite allocated `szOsFile` bytes, which end with the system's handle.
    unsafe { file.cast::<u8>().add(size_of::<Handle>()).cast() }
}

unsafe fn methods(file: *mut sqlite3_file) -> &'static sqlite3_io_methods {
    // SAFETY: an open handle has methods that live as long as the process.
    unsafe { &*(*file).pMethods }
}

unsafe fn content<'a>(file: *mut sqlite3_file) -> MutexGuard<'a, Content> {
    // SAFETY: `open` put a counted pointer there, which `close` takes back.
    unsafe { (*(*file.cast::<Handle>()).content).lock().unwrap_or_else(PoisonError::into_inner) }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite keeps its contract: `file` has `szOsFile` bytes, `name` ends with zero or is
    // null.
    unsafe {
        (*file).pMethods = std::ptr::null();
        let path = if name.is_null() { CString::default() } else { CStr::from_ptr(name).to_owned() };
        let may_make = flags & ffi::SQLITE_OPEN_CREATE != 0;
        if !may_make && names::is_deleted(&path) {
            return ffi::SQLITE_CANTOPEN;
        }
        let code = base_open(vfs, name, file, flags, out_flags);
        if code != SQLITE_OK {
            return code;
        }
        let shared = if name.is_null() { Arc::default() } else { shared(path.clone()) };
        let mut content = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if names::make(&path) {
            content.renew();
        }
        let code = load(file, &path, &mut content);
        drop(content);
        if code != SQLITE_OK {
            return code;
        }
        let is_log = flags & (ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_WAL) != 0;
        let handle = file.cast::<Handle>();
        (&raw mut (*handle).new).write((may_make && is_log).then(|| Box::new(path)));
        (*handle).content = Arc::into_raw(shared);
        (*file).pMethods = io_methods();
        SQLITE_OK
    }
}

unsafe fn base_open(
    vfs: *mut sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: the system's VFS is called with its own handle.
    unsafe {
        let base = base(vfs);
        (*base).xOpen.map_or(ffi::SQLITE_ERROR, |open| open(base, name, real(file), flags, out_flags))
    }
}

/// Reads the real file, once.
unsafe fn load(file: *mut sqlite3_file, path: &CStr, content: &mut Content) -> c_int {
    if content.loaded {
        return SQLITE_OK;
    }
    // SAFETY: the system's handle is open, and there is room for as many bytes as it has.
    unsafe {
        let real = real(file);
        let mut size = 0;
        let mut code = methods(real).xFileSize.map_or(SQLITE_OK, |size_of| size_of(real, &mut size));
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        if code == SQLITE_OK && size > 0 {
            let count = c_int::try_from(size).unwrap_or(c_int::MAX);
            code = methods(real)
                .xRead
                .map_or(SQLITE_IOERR_READ, |read| read(real, bytes.as_mut_ptr().cast(), count, 0));
        }
        let name = path.to_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let luck = DISK.get().map(|disk| disk.luck(name, &bytes));
        content.load(bytes, luck);
        code
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the counted pointer is taken back once: SQLite does not use a handle behind its
    // close.
    unsafe {
        drop(Arc::from_raw((*file.cast::<Handle>()).content));
        drop((*file.cast::<Handle>()).new.take());
        let real = real(file);
        methods(real).xClose.map_or(SQLITE_OK, |close| close(real))
    }
}

unsafe extern "C" fn read(file: *mut sqlite3_file, into: *mut c_void, count: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives room for `count` bytes.
    unsafe {
        let wanted =
            std::slice::from_raw_parts_mut(into.cast::<u8>(), usize::try_from(count).unwrap_or_default());
        let content = content(file);
        let start = usize::try_from(at).unwrap_or(usize::MAX).min(content.bytes.len());
        let here = &content.bytes[start..(start + wanted.len()).min(content.bytes.len())];
        wanted[..here.len()].copy_from_slice(here);
        wanted[here.len()..].fill(0);
        if here.len() == wanted.len() { SQLITE_OK } else { SQLITE_IOERR_SHORT_READ }
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, count: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives `count` bytes.
    unsafe {
        let data = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(count).unwrap_or_default());
        let mut content = content(file);
        let surviving = content.write(usize::try_from(at).unwrap_or_default(), data);
        carry(file, &content, None, surviving)
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    // SAFETY: the handle is open.
    unsafe {
        let size = usize::try_from(size).unwrap_or_default();
        let mut content = content(file);
        let survives = content.truncate(size);
        carry(file, &content, survives.then_some(size), Vec::new())
    }
}

/// Carries a cut and pieces to the real file.
unsafe fn carry(
    file: *mut sqlite3_file,
    content: &Content,
    cut: Option<usize>,
    pieces: Vec<Range<usize>>,
) -> c_int {
    // SAFETY: the system's handle is open, and the pieces live until they are written.
    unsafe {
        let real = real(file);
        if let (Some(cut), Some(truncate)) = (cut, methods(real).xTruncate) {
            let code = truncate(real, i64::try_from(cut).unwrap_or(i64::MAX));
            if code != SQLITE_OK {
                return code;
            }
        }
        for piece in pieces {
            let at = i64::try_from(piece.start).unwrap_or(i64::MAX);
            let bytes = &content.bytes[piece];
            let count = c_int::try_from(bytes.len()).unwrap_or(c_int::MAX);
            let code =
                methods(real).xWrite.map_or(SQLITE_OK, |write| write(real, bytes.as_ptr().cast(), count, at));
            if code != SQLITE_OK {
                return code;
            }
        }
        SQLITE_OK
    }
}

/// Carries everything to the real file, and that to the disk.
unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the handles are open.
    unsafe {
        let mut content = content(file);
        let (cut, pieces) = content.take_unsynced();
        let code = carry(file, &content, cut, pieces);
        if code != SQLITE_OK {
            return code;
        }
        if let Some(path) = (*file.cast::<Handle>()).new.take() {
            names::sync_directory(&path);
        }
        let real = real(file);
        methods(real).xSync.map_or(SQLITE_OK, |sync| sync(real, flags))
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: SQLite gives room for the size.
    unsafe { *size = i64::try_from(content(file).bytes.len()).unwrap_or(i64::MAX) };
    SQLITE_OK
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, what: c_int, value: *mut c_void) -> c_int {
    // These would touch the real file behind the layer's back.
    if [ffi::SQLITE_FCNTL_SIZE_HINT, ffi::SQLITE_FCNTL_CHUNK_SIZE, ffi::SQLITE_FCNTL_MMAP_SIZE]
        .contains(&what)
    {
        return SQLITE_NOTFOUND;
    }
    // SAFETY: passed on as it came.
    unsafe {
        let real = real(file);
        methods(real).xFileControl.map_or(SQLITE_NOTFOUND, |control| control(real, what, value))
    }
}

/// Passes calls on to the system's handle.
macro_rules! pass_on {
    ($($name:ident => $method:ident ( $($argument:ident : $type:ty),* ) -> $result:ty, $missing:expr;)*) => {
        $(unsafe extern "C" fn $name(file: *mut sqlite3_file, $($argument: $type),*) -> $result {
            // SAFETY: the system's handle is open, and everything is passed on as it came.
            unsafe {
                let real = real(file);
                methods(real).$method.map_or($missing, |call| call(real, $($argument),*))
            }
        })*
    };
}

pass_on! {
    lock => xLock(level: c_int) -> c_int, SQLITE_OK;
    unlock => xUnlock(level: c_int) -> c_int, SQLITE_OK;
    check_lock => xCheckReservedLock(out: *mut c_int) -> c_int, SQLITE_OK;
    sector_size => xSectorSize() -> c_int, 4_096;
    characteristics => xDeviceCharacteristics() -> c_int, 0;
    shm_map => xShmMap(region: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int, SQLITE_NOTFOUND;
    shm_lock => xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int, SQLITE_NOTFOUND;
    shm_barrier => xShmBarrier() -> (), ();
    shm_unmap => xShmUnmap(delete: c_int) -> c_int, SQLITE_OK;
}

fn io_methods() -> *const sqlite3_io_methods {
    static METHODS: OnceLock<sqlite3_io_methods> = OnceLock::new();
    METHODS.get_or_init(|| {
        // SAFETY: all fields are numbers and optional functions, for which zero is a value.
        let mut methods: sqlite3_io_methods = unsafe { zeroed() };
        // Version 2: with shared memory, without mapping the file itself.
        methods.iVersion = 2;
        methods.xClose = Some(close);
        methods.xRead = Some(read);
        methods.xWrite = Some(write);
        methods.xTruncate = Some(truncate);
        methods.xSync = Some(sync);
        methods.xFileSize = Some(file_size);
        methods.xLock = Some(lock);
        methods.xUnlock = Some(unlock);
        methods.xCheckReservedLock = Some(check_lock);
        methods.xFileControl = Some(file_control);
        methods.xSectorSize = Some(sector_size);
        methods.xDeviceCharacteristics = Some(characteristics);
        methods.xShmMap = Some(shm_map);
        methods.xShmLock = Some(shm_lock);
        methods.xShmBarrier = Some(shm_barrier);
        methods.xShmUnmap = Some(shm_unmap);
        methods
    })
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite gives a name that ends with zero; the system's VFS gets what came.
    unsafe {
        let path = CStr::from_ptr(name).to_owned();
        if names::is_deleted(&path) {
            return ffi::SQLITE_IOERR_DELETE_NOENT;
        }
        content::forget(&path);
        if sync == 0 && DISK.get().is_some_and(Disk::forgets) && is_there(vfs, name) {
            names::delete(path);
            return SQLITE_OK;
        }
        let base = base(vfs);
        let code = (*base).xDelete.map_or(ffi::SQLITE_ERROR, |delete| delete(base, name, sync));
        if code == SQLITE_OK && sync != 0 {
            names::sync_directory(&path);
        }
        code
    }
}

unsafe fn is_there(vfs: *mut sqlite3_vfs, name: *const c_char) -> bool {
    let mut out = 0;
    // SAFETY: passed on to the system's VFS, with room for the answer.
    unsafe { access(vfs, name, ffi::SQLITE_ACCESS_EXISTS, &raw mut out) == SQLITE_OK && out != 0 }
}

unsafe extern "C" fn access(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    what: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: passed on as it came, to the system's VFS; there is room for the answer.
    unsafe {
        if names::is_deleted(&CStr::from_ptr(name).to_owned()) {
            *out = 0;
            return SQLITE_OK;
        }
        let base = base(vfs);
        (*base).xAccess.map_or(ffi::SQLITE_ERROR, |access| access(base, name, what, out))
    }
}

unsafe extern "C" fn full_path(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    count: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: passed on as it came, to the system's VFS.
    unsafe {
        let base = base(vfs);
        (*base).xFullPathname.map_or(ffi::SQLITE_ERROR, |full| full(base, name, count, out))
    }
}
