//! The proxies that the system itself names: here those of `/etc/environment`, which is read as the
//! environment is.

use convene_local_api::ProxySource;

use crate::os::EvaluateScript;

/// None beside those.
pub(crate) fn machine_proxies() -> Vec<ProxySource> {
    Vec::new()
}

/// It evaluates no scripts: `convene_pac` does.
pub(crate) const EVALUATE_SCRIPT: Option<EvaluateScript> = None;
