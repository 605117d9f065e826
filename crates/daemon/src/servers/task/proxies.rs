//! Which proxies one server's task tries: those that are named, then those that scripts name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use convene_dial::{Dialer, Login};
use convene_model::Timestamp;
use convene_reach::{NetworkId, ProxyAddress, Route};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;

use super::Task;
use crate::logins::{Given, Logins, Want};
use crate::proxies::{Leads, Proxies, Script};
use crate::servers::scripts::{self, KnownScript, ScriptReader, ScriptResult, SearchStatus};

/// How long a script may keep it open whether a way is found: longer than slow servers need, and
/// less than after what time people are told at the latest (15 s). One that comes later counts as
/// well, when it comes.
const SEARCH_MAX: Duration = Duration::from_secs(12);

/// The leads to the server, and the searches for more.
#[derive(Debug)]
pub(super) struct ProxySearch {
    proxies: Arc<Proxies>,
    changes: watch::Receiver<u64>,
    logins: Arc<Logins>,
    given: broadcast::Receiver<Given>,
    user: String,
    reader: ScriptReader,
    leads: Leads,
    /// In which network the scripts are looked at.
    here: NetworkId,
    /// The result of each script.
    found: BTreeMap<Script, KnownScript>,
    /// The scripts that are looked at for the first time in this network.
    searched: BTreeSet<Script>,
    searches: JoinSet<(Script, Looked)>,
}

/// The state of a look at a script.
#[derive(Debug)]
enum Looked {
    Done(Box<ScriptResult>),
    /// It takes longer than [`SEARCH_MAX`]; nothing else is known.
    Slow,
}

/// Something about proxies has changed.
#[derive(Debug)]
pub(super) enum ProxyChange {
    /// Others are named.
    Named,
    /// A script was looked at.
    Script(Script, Box<ScriptResult>),
    /// A script takes long.
    Slow(Script),
    /// A proxy that wanted a login has one now.
    Unlocked(ProxyAddress),
}

impl ProxySearch {
    pub(super) fn new(
        proxies: Arc<Proxies>,
        logins: Arc<Logins>,
        user: String,
        reader: ScriptReader,
        here: NetworkId,
    ) -> Self {
        let (changes, given) = (proxies.changes(), logins.given());
        Self {
            proxies,
            changes,
            logins,
            given,
            user,
            reader,
            leads: Leads::default(),
            here,
            found: BTreeMap::new(),
            searched: BTreeSet::new(),
            searches: JoinSet::new(),
        }
    }

    /// The next change. Cancel safe.
    pub(super) async fn changed(&mut self) -> ProxyChange {
        loop {
            tokio::select! {
                Ok(()) = self.changes.changed() => return ProxyChange::Named,
                Ok(Given { user, proxy }) = self.given.recv() => {
                    if user == self.user {
                        return ProxyChange::Unlocked(proxy);
                    }
                }
                Some(found) = self.searches.join_next() => {
                    match found {
                        Ok((script, Looked::Done(found))) => {
                            return ProxyChange::Script(script, found);
                        }
                        Ok((script, Looked::Slow)) => return ProxyChange::Slow(script),
                        Err(_) => {}
                    }
                }
                else => std::future::pending::<()>().await,
            }
        }
    }

    /// Scripts are fetched for, and by, this from now on.
    pub(super) fn search_by(&mut self, dialer: Arc<Dialer>, port: u16) {
        (self.reader.dialer, self.reader.port) = (dialer, port);
    }

    /// Looks at all scripts anew, in this network. Searches that are under way are given up.
    pub(super) fn search_in(&mut self, here: NetworkId) {
        self.here = here;
        self.search();
    }

    fn search(&mut self) {
        self.searches = JoinSet::new();
        self.searched = self.leads.scripts.clone();
        self.found.values_mut().for_each(KnownScript::begin);
        for script in self.leads.scripts.clone() {
            let slow = script.clone();
            self.searches.spawn(async move {
                tokio::time::sleep(SEARCH_MAX).await;
                (slow, Looked::Slow)
            });
            self.look(script, Duration::ZERO);
        }
    }

    /// Looks at a script, after a pause.
    fn look(&mut self, script: Script, pause: Duration) {
        let reading = Box::pin(self.reader.clone().read_again(script, pause));
        self.searches.spawn(async move {
            let (script, found) = reading.await;
            (script, Looked::Done(Box::new(found)))
        });
    }

    /// Nothing waits any more for a script that is looked at for the first time here, and it is
    /// told that it has not come.
    fn give_up_waiting(&mut self, script: Script) {
        if !self.searched.remove(&script) {
            return;
        }
        // Most networks name none.
        if let Script::At(url) = &script {
            let attempt = scripts::unreachable(url, SEARCH_MAX);
            self.found.entry(script).or_default().attempt = Some(attempt);
        }
    }

    /// The state of the searches where they have given nothing.
    pub(super) fn status(&self) -> SearchStatus {
        let attempts = self.found.values().filter_map(|found| found.attempt.clone()).collect();
        SearchStatus { searching: !self.searched.is_empty(), attempts }
    }

    /// The proxy wants a login that is not known, or rejected the one that is.
    pub(super) fn want_login(&self, proxy: ProxyAddress) {
        let server = self.reader.host.clone();
        self.logins.want(Want { user: self.user.clone(), proxy, server });
    }

    /// The route is open, and so is its proxy.
    pub(super) fn note_open(&self, route: &Route) {
        if let Some(proxy) = &route.proxy {
            self.logins.note_open(&self.user, proxy);
        }
    }

    /// Chooses what each proxy is shown. To one that only a script names, only what its user typed
    /// for it is shown in clear.
    async fn choose_logins(&self) {
        for proxy in self.all() {
            let named = self.leads.proxies.iter().find(|(known, _)| *known == proxy);
            let login = named.and_then(|(_, login)| login.clone());
            self.logins.choose(&self.user, &proxy, login, named.is_some()).await;
        }
    }

    /// Asks anew what is named, and gives what was named before.
    fn read(&mut self) -> Leads {
        let ScriptReader { host, port, .. } = &self.reader;
        let leads = self.proxies.leads(&self.user, (host, *port), Timestamp::from(SystemTime::now()));
        std::mem::replace(&mut self.leads, leads)
    }

    fn take(&mut self, script: Script, found: ScriptResult) {
        self.searched.remove(&script);
        let again = self.found.entry(script.clone()).or_default().take(found, self.here);
        self.look(script, again);
    }

    /// All that lead there, best first, each once.
    fn all(&self) -> Vec<ProxyAddress> {
        let named = self.leads.proxies.iter().map(|(proxy, _)| proxy);
        let mut all: Vec<ProxyAddress> = Vec::new();
        for proxy in named.chain(self.found.values().flat_map(|found| &found.proxies)) {
            if !all.contains(proxy) {
                all.push(proxy.clone());
            }
        }
        all
    }
}

impl Task {
    /// Takes what is named, and looks at the scripts.
    pub(super) async fn look_for_proxies(&mut self) {
        self.proxies.read();
        self.proxies.found.clear();
        self.proxies.search();
        self.race_proxies().await;
    }

    pub(super) async fn take_proxy_change(&mut self, change: ProxyChange) {
        match change {
            ProxyChange::Named => self.others_named().await,
            ProxyChange::Script(script, found) => {
                self.proxies.take(script, *found);
                self.race_proxies().await;
            }
            ProxyChange::Slow(script) => self.proxies.give_up_waiting(script),
            ProxyChange::Unlocked(proxy) => self.unlock(&proxy),
        }
    }

    /// Handles a change of the proxies that are named. The result of a script counts as long as the
    /// script is named; new scripts are looked at.
    async fn others_named(&mut self) {
        let before = self.proxies.read();
        let after = &self.proxies.leads;
        let unlocked = unlocked(&before, after);
        if before.scripts != after.scripts {
            self.proxies.found.retain(|script, _| after.scripts.contains(script));
            self.proxies.search();
        }
        if before != self.proxies.leads {
            self.race_proxies().await;
        }
        for proxy in unlocked {
            self.unlock(&proxy);
        }
    }

    fn unlock(&mut self, proxy: &ProxyAddress) {
        let now = Instant::now();
        self.connection.with_ladder(now, |ladder| ladder.handle_unlocked(proxy, now));
    }

    async fn race_proxies(&mut self) {
        self.proxies.choose_logins().await;
        self.targets.proxies = self.proxies.all();
        let (targets, now) = (self.targets.clone(), Instant::now());
        self.connection.with_ladder(now, |ladder| ladder.handle_targets(targets, now));
    }
}

/// The proxies that were named before, and are named with another login now.
fn unlocked(before: &Leads, after: &Leads) -> Vec<ProxyAddress> {
    let is_unlocked = |(proxy, login): &&(ProxyAddress, Option<Login>)| {
        let named = before.proxies.iter().find(|(named, _)| named == proxy);
        login.is_some() && named.is_some_and(|(_, before)| before != login)
    };
    after.proxies.iter().filter(is_unlocked).map(|(proxy, _)| proxy.clone()).collect()
}

#[cfg(test)]
mod tests {
    use convene_model::Secret;
    use convene_reach::ProxyScheme;

    use super::*;

    fn leads(named: &[(&str, Option<&str>)]) -> Leads {
        let proxies = named.iter().map(|(host, password)| {
            let proxy = ProxyAddress { scheme: ProxyScheme::Http, host: (*host).to_owned(), port: 3_128 };
            let login = |password: &str| Login { user: "anna".to_owned(), password: Secret::new(password) };
            (proxy, password.map(login))
        });
        Leads { proxies: proxies.collect(), scripts: BTreeSet::new() }
    }

    #[test]
    fn a_proxy_whose_login_becomes_another_is_unlocked_and_one_that_is_new_or_lost_its_login_is_not() {
        let before = leads(&[("same", Some("a")), ("other", Some("a")), ("got", None), ("lost", Some("a"))]);
        let after = leads(&[
            ("new", Some("a")),
            ("same", Some("a")),
            ("other", Some("b")),
            ("got", Some("a")),
            ("lost", None),
        ]);
        let hosts: Vec<_> = unlocked(&before, &after).into_iter().map(|proxy| proxy.host).collect();
        assert_eq!(hosts, ["other", "got"]);
    }
}
