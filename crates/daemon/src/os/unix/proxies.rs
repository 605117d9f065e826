//! The proxies that the system itself names: here those of `/etc/environment`, which is read as the environment is.

use convene_local_api::ProxySource;

/// None beside those.
pub(crate) fn machine_proxies() -> Vec<ProxySource> {
    Vec::new()
}
