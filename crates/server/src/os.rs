//! Calls to the operating system's own libraries, and to its service manager.

pub(crate) mod systemd;

/// Gives memory that is free back to the system. The C library keeps what was freed between pieces
/// that live on, and a thousand joins leave tens of megabytes of such holes. Takes some
/// milliseconds where there are many.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library has no other way")]
pub(crate) fn return_memory() {
    // SAFETY: `malloc_trim` takes a number and may be called at any time, from any thread.
    let returned = unsafe { libc::malloc_trim(0) } != 0;
    tracing::debug!(returned, "asked for free memory to be returned");
}

/// Other systems' allocators give memory back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn return_memory() {
    tracing::debug!("the allocator returns free memory by itself");
}
