//! Where the server keeps everything: `--state-dir`, and what holds where it is left out.

use std::ffi::OsString;
use std::path::PathBuf;

use convene_command_lines::convene_server::StateDirOption;

/// For root and for who has no home: where the packages' service keeps everything.
const SYSTEM_STATE_DIR: &str = "/var/lib/convene-server";

pub(super) fn state_dir(option: &StateDirOption) -> PathBuf {
    option.state_dir.clone().unwrap_or_else(|| default_of(nix::unistd::geteuid().is_root(), environment))
}

fn environment(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The XDG Base Directory Specification: a path that is not absolute is to be ignored.
fn default_of(is_root: bool, environment: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let absolute = |name| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = || absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
    match state() {
        Some(state) if !is_root => state.join("convene-server"),
        _ => PathBuf::from(SYSTEM_STATE_DIR),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn root_keeps_the_system_s_state_and_others_their_own() {
        let both = |name: &str| match name {
            "XDG_STATE_HOME" => Some("/s".into()),
            "HOME" => Some("/h".into()),
            _ => None,
        };
        let relative = |name: &str| if name == "HOME" { Some("/h".into()) } else { Some("s".into()) };
        assert_eq!(default_of(true, both), Path::new("/var/lib/convene-server"));
        assert_eq!(default_of(false, both), Path::new("/s/convene-server"));
        assert_eq!(default_of(false, relative), Path::new("/h/.local/state/convene-server"));
        assert_eq!(default_of(false, |_| None), Path::new("/var/lib/convene-server"));
    }
}
