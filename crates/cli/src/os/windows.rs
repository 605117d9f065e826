//! A service that `sc` starts, and a language that no variable names.

/// The word for what to do where no daemon answers.
pub(crate) const NO_DAEMON: &str = "no_daemon_windows";

/// The language in which Windows shows this user its own programs, such as `de-DE`.
pub(crate) fn locale() -> Option<String> {
    sys_locale::get_locale()
}
