//! Where each operating system wants the log of a service.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::Sink;
#[cfg(windows)]
pub(crate) use self::windows::Sink;
#[cfg(windows)]
pub use self::windows::report_error;
