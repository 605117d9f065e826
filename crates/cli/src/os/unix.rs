//! The environment says everything.

/// The word for what to do where no daemon answers.
pub(crate) const NO_DAEMON: &str = "no_daemon";

/// The language that the system is set to beside the environment's variables: none.
pub(crate) fn locale() -> Option<String> {
    None
}
