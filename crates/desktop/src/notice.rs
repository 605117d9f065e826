//! Notices for somebody who does not look at a terminal.

use crate::os;

/// Shows a notice in this user's session; whether that could be done. On Linux `notify-send` shows
/// it, which takes 5 s at most. On Windows it is a window of its own, and this returns when
/// somebody has closed it. Everyone on the machine may read what it says. Cancel safe.
pub async fn notify(title: &str, text: &str) -> bool {
    os::notify(title, text).await
}

/// Lets go of the console that Windows opened for this program, so that it closes where no other
/// program uses it; whether there was one. Nothing is printed from then on. Elsewhere there is
/// none.
pub fn leave_console() -> bool {
    os::leave_console()
}
