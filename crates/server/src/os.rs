//! What is asked of the operating system's own libraries.

/// Lets memory that a burst took go back to the system. The C library keeps freed pieces of middle size in holes between what
/// lives long, and a thousand joins leave a hundred megabytes of them; as mappings of their own they go at once. They are few
/// and short-lived, so what the mapping costs does not show.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library's allocator has no other switch")]
pub(crate) fn return_memory() {
    // SAFETY: `mallopt` takes two numbers and may be called at any time; it is called before any other thread runs.
    let set = unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM_BYTES) != 0
            && libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES) != 0
    };
    if !set {
        tracing::debug!("the allocator keeps its ways");
    }
}

/// Other systems' allocators give memory back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn return_memory() {
    tracing::debug!("the allocator needs nothing here");
}

/// Pieces from this size on are mapped by themselves: larger than what lives as long as a participant.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_FROM_BYTES: libc::c_int = 16 * 1024;
/// Bytes that are kept at the heap's end.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT_BYTES: libc::c_int = 64 * 1024;
