//! The proxy settings of this user's session: a service that starts at boot does not see them, so
//! frontends read them.

use std::ffi::OsString;

use convene_local_api::{ProxySource, spellings};

use crate::os;

/// Reads the settings of this user's desktop and of this program's environment; `environment` reads
/// a variable. Takes at most 2 s. Places that do not exist here are left out. Cancel safe.
pub async fn session_proxies(environment: impl Fn(&str) -> Option<OsString>) -> Vec<ProxySource> {
    let text = |name: &str| environment(name)?.into_string().ok();
    let mut sources = os::desktop_proxies(&environment).await;
    sources.extend(spellings::environment(text));
    sources
}

/// Notices when this user's desktop has other settings.
#[derive(Debug)]
pub struct SessionWatch(os::DesktopWatch);

impl SessionWatch {
    /// Begins to watch; `environment` reads a variable. Where the system cannot watch, nothing is
    /// ever noticed.
    pub fn new(environment: impl Fn(&str) -> Option<OsString>) -> Self {
        Self(os::DesktopWatch::new(&environment))
    }

    /// Returns when something may have changed and was left alone for a moment. Cancel safe, but
    /// then a change may be told twice.
    pub async fn changed(&mut self) {
        self.0.changed().await;
    }
}
