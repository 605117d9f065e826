//! Giving memory back to the system.

use windows_sys::Win32::System::Threading::{GetCurrentProcess, SetProcessWorkingSetSize};

/// Takes out of the working set what starting and joining needed; what is needed again comes back
/// by itself.
#[expect(unsafe_code, reason = "a call of the system")]
pub(crate) fn return_memory() {
    // SAFETY: the pseudo handle of this process is always valid, and both sizes at their largest
    // are the documented way to ask for the working set to be emptied.
    let returned = unsafe { SetProcessWorkingSetSize(GetCurrentProcess(), usize::MAX, usize::MAX) } != 0;
    tracing::debug!(returned, "asked for free memory to be returned");
}
