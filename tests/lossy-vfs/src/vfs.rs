//! The VFS, layered over the system's.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::zeroed;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::ffi::{
    self, SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ, SQLITE_NOTFOUND, SQLITE_OK, sqlite3_file,
    sqlite3_io_methods, sqlite3_vfs,
};

use crate::content::{Content, shared};

/// Under which the VFS is registered.
pub const NAME: &str = "lossy";
const C_NAME: &CStr = c"lossy";

/// A handle: SQLite's part first, then ours, then the system's handle in the same piece of memory.
#[repr(C)]
struct Handle {
    sqlite: sqlite3_file,
    content: *const Mutex<Content>,
}

static REGISTERED: OnceLock<bool> = OnceLock::new();

/// Registers the VFS, once per process, and gives its name.
///
/// # Errors
/// When SQLite refuses.
pub fn register() -> Result<&'static str, c_int> {
    let registered = REGISTERED.get_or_init(|| {
        // SAFETY: `base` is SQLite's own and lives as long as the process; the copy is leaked, so it does too.
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
    // SAFETY: SQLite keeps its contract: `file` has `szOsFile` bytes, `name` ends with zero or is null.
    unsafe {
        (*file).pMethods = std::ptr::null();
        let code = base_open(vfs, name, file, flags, out_flags);
        if code != SQLITE_OK {
            return code;
        }
        let path = if name.is_null() { CString::default() } else { CStr::from_ptr(name).to_owned() };
        let shared = if name.is_null() { Arc::default() } else { shared(path) };
        let code = load(file, &mut shared.lock().unwrap_or_else(PoisonError::into_inner));
        if code != SQLITE_OK {
            return code;
        }
        (*file.cast::<Handle>()).content = Arc::into_raw(shared);
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
unsafe fn load(file: *mut sqlite3_file, content: &mut Content) -> c_int {
    if content.loaded {
        return SQLITE_OK;
    }
    // SAFETY: the system's handle is open.
    unsafe {
        let real = real(file);
        let mut size = 0;
        let code = methods(real).xFileSize.map_or(SQLITE_OK, |size_of| size_of(real, &mut size));
        if code != SQLITE_OK || size == 0 {
            content.loaded = true;
            return code;
        }
        content.bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        let count = c_int::try_from(size).unwrap_or(c_int::MAX);
        content.loaded = true;
        methods(real)
            .xRead
            .map_or(SQLITE_IOERR_READ, |read| read(real, content.bytes.as_mut_ptr().cast(), count, 0))
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the counted pointer is taken back once: SQLite does not use a handle behind its close.
    unsafe {
        drop(Arc::from_raw((*file.cast::<Handle>()).content));
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
        content(file).write(usize::try_from(at).unwrap_or_default(), data);
    }
    SQLITE_OK
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    // SAFETY: the handle is open.
    unsafe { content(file).truncate(usize::try_from(size).unwrap_or_default()) };
    SQLITE_OK
}

/// Carries everything to the real file, and that to the disk.
unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the system's handle is open, and the pieces live until they are written.
    unsafe {
        let mut content = content(file);
        let real = real(file);
        let (cut, pieces) = content.take_unsynced();
        if let (Some(cut), Some(truncate)) = (cut, methods(real).xTruncate) {
            let code = truncate(real, i64::try_from(cut).unwrap_or(i64::MAX));
            if code != SQLITE_OK {
                return code;
            }
        }
        for (at, piece) in pieces {
            let count = c_int::try_from(piece.len()).unwrap_or(c_int::MAX);
            let at = i64::try_from(at).unwrap_or(i64::MAX);
            let code =
                methods(real).xWrite.map_or(SQLITE_OK, |write| write(real, piece.as_ptr().cast(), count, at));
            if code != SQLITE_OK {
                return code;
            }
        }
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
    // SAFETY: passed on as it came, to the system's VFS.
    unsafe {
        let base = base(vfs);
        (*base).xDelete.map_or(ffi::SQLITE_ERROR, |delete| delete(base, name, sync))
    }
}

unsafe extern "C" fn access(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    what: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: passed on as it came, to the system's VFS.
    unsafe {
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
