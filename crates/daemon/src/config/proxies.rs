//! The proxies that `[proxy]`, the environment and the system name.

use std::collections::{BTreeMap, BTreeSet};

use convene_dial::{ProxyList, ProxyUrlError};
use convene_local_api::{ProxySource, spellings};
use convene_model::Secret;

use super::{Config, Mode, Problem, Proxy};
use crate::proxies::{MachineProxies, Script};

impl Config {
    /// Which proxies lead where, with those that the system names. `fixed` is the setting by which
    /// a policy forbids users to name others.
    ///
    /// A variable that names no proxy of a kind that is spoken is passed over, which
    /// [`Config::unused_variable`] tells: it may be meant for other programs.
    pub(super) fn proxies(
        &self,
        password: Option<&Secret>,
        fixed: Option<&'static str>,
        environment: &BTreeMap<String, String>,
        of_system: Vec<ProxySource>,
    ) -> Result<MachineProxies, ProxyUrlError> {
        let Proxy { mode, url, user, .. } = &self.proxy;
        let mode = mode.unwrap_or_default();
        let with_login = |list: ProxyList| list.with_login(user.as_deref(), password);
        let configured = url.as_slice().iter().filter(|_| mode != Mode::Off).cloned();
        let configured = with_login(ProxyList::new(&configured.collect::<Vec<_>>(), &[])?)?;
        let environment = spellings::environment(|name| environment.get(name).cloned())
            .filter(|_| mode == Mode::Auto)
            .unwrap_or_default();
        let of_environment =
            ProxyList::new(&environment.proxies, &environment.exceptions).unwrap_or_default();
        // Without a proxy of its own the configured login is meant for the environment's.
        let of_environment = if url.is_none() { with_login(of_environment)? } else { of_environment };
        Ok(MachineProxies {
            named: vec![configured, of_environment],
            scripts: self.scripts(mode, &environment),
            takes_others: mode == Mode::Auto,
            of_system,
            fixed,
        })
    }

    /// The mistake of the variable that would count and is not used.
    pub(super) fn unused_variable(&self, environment: &BTreeMap<String, String>) -> Option<Problem> {
        let (name, url) = spellings::proxy_variable(|name| environment.get(name).cloned())
            .filter(|_| self.proxy.mode.unwrap_or_default() == Mode::Auto)?;
        let error = ProxyList::new(&[url], &[]).err()?;
        let what = format!("{error}; the variable is not used");
        Some(Problem { place: "environment".to_owned(), key: name.to_owned(), setting: Vec::new(), what })
    }

    /// The scripts that name proxies: those of the configuration, and else the environment's.
    fn scripts(&self, mode: Mode, environment: &ProxySource) -> BTreeSet<Script> {
        let script = |url: &Option<String>, wpad| {
            // A script that is named is the one that is meant.
            url.clone().map(Script::At).or(if wpad { Some(Script::Wpad) } else { None })
        };
        let configured = script(&self.proxy.pac_url, self.proxy.wpad == Some(true));
        let named = configured.or_else(|| script(&environment.pac_url, environment.wpad));
        named.filter(|_| mode == Mode::Auto).into_iter().collect()
    }
}
