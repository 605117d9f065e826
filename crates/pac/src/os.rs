//! The rights that a child gives up, by system.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod hypot;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{give_up_rights, own_program, stack_room};
#[cfg(windows)]
pub(crate) use self::windows::{give_up_rights, own_program, stack_room};
