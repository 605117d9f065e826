//! The places of the server's state and configuration: `--state-dir` and `--config`, and the
//! defaults where these options are left out.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use convene_command_lines::convene_server::StateDirOption;

use crate::config::ConfigPath;

/// The state directory of root and of users without a home: the packages' service keeps everything
/// there.
const SYSTEM_STATE_DIR: &str = "/var/lib/convene-server";

/// The configuration of the same users, at the place where the packages put it.
const SYSTEM_CONFIG: &str = "/etc/convene/convene-server.toml";

pub(super) fn config(named: Option<&Path>) -> ConfigPath {
    let usual = || ConfigPath::Usual(config_of(nix::unistd::geteuid().is_root(), environment));
    named.map_or_else(usual, |named| ConfigPath::Named(named.to_owned()))
}

pub(super) fn state_dir(option: &StateDirOption) -> PathBuf {
    option.state_dir.clone().unwrap_or_else(|| state_of(nix::unistd::geteuid().is_root(), environment))
}

pub(super) fn environment(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn state_of(is_root: bool, environment: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    own(is_root, environment, "XDG_STATE_HOME", ".local/state")
        .map_or_else(|| SYSTEM_STATE_DIR.into(), |state| state.join("convene-server"))
}

fn config_of(is_root: bool, environment: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    own(is_root, environment, "XDG_CONFIG_HOME", ".config")
        .map_or_else(|| SYSTEM_CONFIG.into(), |config| config.join("convene/convene-server.toml"))
}

/// A user's own directory, by the XDG Base Directory Specification: a path that is not absolute is
/// to be ignored. A service's user has `/` for a home, and so none.
fn own(
    is_root: bool,
    environment: impl Fn(&str) -> Option<OsString>,
    variable: &str,
    in_home: &str,
) -> Option<PathBuf> {
    let directory = |name| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(directory("HOME").filter(|home| home.parent().is_some())?.join(in_home));
    directory(variable).or_else(home).filter(|_| !is_root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_has_the_system_s_places_and_others_their_own() {
        let both = |name: &str| match name {
            "XDG_STATE_HOME" => Some("/s".into()),
            "HOME" => Some("/h".into()),
            _ => None,
        };
        let relative = |name: &str| if name == "HOME" { Some("/h".into()) } else { Some("s".into()) };
        let service = |name: &str| (name == "HOME").then(|| "/".into());
        assert_eq!(state_of(true, both), Path::new("/var/lib/convene-server"));
        assert_eq!(state_of(false, both), Path::new("/s/convene-server"));
        assert_eq!(state_of(false, relative), Path::new("/h/.local/state/convene-server"));
        assert_eq!(state_of(false, |_| None), Path::new("/var/lib/convene-server"));
        assert_eq!(state_of(false, service), Path::new("/var/lib/convene-server"));
        assert_eq!(config_of(true, both), Path::new("/etc/convene/convene-server.toml"));
        assert_eq!(config_of(false, both), Path::new("/h/.config/convene/convene-server.toml"));
        assert_eq!(config_of(false, service), Path::new("/etc/convene/convene-server.toml"));
    }
}
