//! Giving memory back to the system.

/// Gives back what is free. The C library keeps what was freed between pieces that live on: two megabytes after the first
/// join, which a daemon that then waits for hours does not need. Takes less than a millisecond.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library has no other way")]
pub(crate) fn return_memory() {
    // SAFETY: `malloc_trim` takes a number and may be called at any time, from any thread.
    let returned = unsafe { libc::malloc_trim(0) } != 0;
    tracing::debug!(returned, "asked for free memory to be returned");
}

/// Other allocators give memory back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn return_memory() {
    tracing::debug!("the allocator returns free memory by itself");
}
