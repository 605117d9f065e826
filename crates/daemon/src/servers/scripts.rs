//! Finding proxies by automatic configuration (PAC): the script is fetched, evaluated in a child,
//! and its candidates are raced.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use convene_dial::{Dialer, FetchError, ProxyList, candidates, own_address_toward, search_domains};
use convene_local_api::ProxySource;
use convene_model::limits::{SCRIPTS_MAX, SCRIPTS_PER_USER_MAX};
use convene_model::{Attempt, Code, Remedy, ShareLimit, Stage, bracketed};
use convene_pac::{Candidate, Evaluator, PacError};
use convene_reach::{NetworkId, ProxyAddress};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use tokio::time::{Instant, timeout};

use crate::os;
use crate::proxies::{Proxies, Script, script_file};
use crate::shares::Shares;

/// Bytes of a script that are fetched.
const SCRIPT_BYTES_MAX: usize = 1024 * 1024;
/// And that are read of a file: one more than that, by which one that is too long is told.
const FILE_BYTES_MAX: u64 = 1024 * 1024 + 1;
/// How long a file may take, which may lie on another machine.
const FILE_MAX: Duration = Duration::from_secs(5);
/// How often a script is read again: administrators change them by the day.
const AGAIN: Duration = Duration::from_secs(30 * 60);
/// And where it could not be read or failed, time after time: right after a machine woke up its
/// network is still on its way. The last of them goes on where there is a script.
const AGAIN_SOON: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(30)];
/// How long the system may take for a script, its search included.
const SYSTEM_MAX: Duration = Duration::from_secs(15);

/// How long a name may take whose address only says where this machine stands.
const NAME_MAX: Duration = Duration::from_millis(300);
/// An address that is anywhere (RFC 5737).
const EVERYWHERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// Addresses of private networks (RFC 1918), one of each.
const PRIVATE: [Ipv4Addr; 3] =
    [Ipv4Addr::new(10, 0, 0, 0), Ipv4Addr::new(172, 16, 0, 0), Ipv4Addr::new(192, 168, 0, 0)];

/// The result of one look at a script.
#[derive(Debug)]
pub(crate) struct ScriptResult {
    /// The proxies that it names, best first; `None` where it could not be read or failed.
    pub(crate) proxies: Option<Vec<ProxyAddress>>,
    /// The failure, as a status shows it. A script that names no proxy counts as a failure where
    /// nothing else works.
    pub(crate) attempt: Option<Attempt>,
}

/// Everything that is known of a script from all looks at it.
#[derive(Debug, Default)]
pub(super) struct KnownScript {
    /// The proxies that count.
    pub(super) proxies: Vec<ProxyAddress>,
    /// The failure of the last look, if it failed.
    pub(super) attempt: Option<Attempt>,
    /// The proxies that it named when it was last read, and the network in which that was.
    read: Option<(NetworkId, Vec<ProxyAddress>)>,
    /// Looks in a row that failed in this network.
    failures: usize,
}

impl KnownScript {
    /// Takes what one look has found in this network, and says when to look again. Where the script
    /// cannot be read any more, what it said in the same network still counts: a network that comes
    /// back has its proxies before its other services.
    pub(super) fn take(&mut self, found: ScriptResult, here: NetworkId) -> Duration {
        self.attempt = found.attempt;
        if let Some(proxies) = found.proxies {
            self.proxies.clone_from(&proxies);
            (self.read, self.failures) = (Some((here, proxies)), 0);
            return AGAIN;
        }
        let read = self.read.as_ref().filter(|(network, _)| *network == here);
        self.proxies = read.map_or_else(Vec::new, |(_, proxies)| proxies.clone());
        let is_named = self.attempt.is_some();
        let later = AGAIN_SOON.last().copied().filter(|_| is_named).unwrap_or(AGAIN);
        let again = AGAIN_SOON.get(self.failures).copied().unwrap_or(later);
        self.failures = self.failures.saturating_add(1);
        again
    }

    /// It is looked at for the first time in another network, or in the same one anew.
    pub(super) fn begin(&mut self) {
        self.failures = 0;
    }
}

/// The proxies that a script names, best first; `None` where the network names no script.
type Answer = Result<Option<Vec<ProxyAddress>>, Code>;

/// The state of the search where it has given nothing.
#[derive(Debug, Default)]
pub(super) struct SearchStatus {
    /// One is under way that may yet find a way: nothing is to be called blocked before it has
    /// ended.
    pub(super) searching: bool,
    /// Why the last ones found nothing.
    pub(super) attempts: Vec<Attempt>,
}

/// Looks for the proxies of one server.
#[derive(Debug, Clone)]
pub(crate) struct ScriptReader {
    pub(crate) evaluator: Evaluator,
    pub(crate) dialer: Arc<Dialer>,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// For whom.
    pub(crate) user: String,
    /// They know which scripts the machine's own configuration names.
    pub(crate) proxies: Arc<Proxies>,
}

/// The scripts that run.
static RUNNING: LazyLock<Arc<Shares>> =
    LazyLock::new(|| Shares::new(ShareLimit { each: SCRIPTS_PER_USER_MAX, whole: SCRIPTS_MAX }));

impl ScriptReader {
    /// Fetches and evaluates the script, after a pause.
    pub(crate) async fn read_again(self, script: Script, pause: Duration) -> (Script, ScriptResult) {
        tokio::time::sleep(pause).await;
        let began = Instant::now();
        let (url, proxies) = match (os::EVALUATE_SCRIPT, &script) {
            (Some(evaluate), script) => self.ask_system(evaluate, script).await,
            (None, Script::At(url)) => {
                let allow_local = self.proxies.is_of_machine(&script);
                (url.clone(), Box::pin(self.evaluate(url, allow_local)).await.map(Some))
            }
            (None, Script::Wpad) => Box::pin(self.find()).await,
        };
        (script, told(&url, began, proxies))
    }

    /// Has the system fetch and evaluate the script. Gives its address too, as it is shown.
    async fn ask_system(&self, evaluate: os::EvaluateScript, script: &Script) -> (String, Answer) {
        let url = match script {
            Script::At(url) => Some(url.clone()),
            Script::Wpad => None,
        };
        let shown = url.clone().unwrap_or_else(|| "http://wpad/wpad.dat".to_owned());
        let target = format!("https://{}:{}/", bracketed(&self.host), self.port);
        let share = RUNNING.wait_for(&self.user, 1).await;
        let asked = tokio::task::spawn_blocking(move || {
            let answer = evaluate(url.as_deref(), &target);
            drop(share);
            answer
        });
        let answer = timeout(SYSTEM_MAX, asked).await.ok().and_then(Result::ok);
        let proxies =
            answer.unwrap_or(Err(Code::PacUnreachable)).map(|source| source.map(|source| self.read(&source)));
        (shown, proxies)
    }

    /// The proxies of a list, as far as they are of a kind that is spoken.
    fn read(&self, source: &ProxySource) -> Vec<ProxyAddress> {
        let usable = |url: &String| ProxyList::new(std::slice::from_ref(url), &[]).ok();
        let sources: Vec<_> = source.proxies.iter().filter_map(usable).collect();
        candidates(&sources, &self.host, self.port).into_iter().map(|(proxy, _)| proxy).collect()
    }

    /// Finds the script of the first search domain that has one, and its address. All are asked at
    /// the same time, so that one that is silent takes no time from another.
    async fn find(&self) -> (String, Answer) {
        let urls: Vec<String> =
            search_domains().iter().map(|domain| format!("http://wpad.{domain}/wpad.dat")).collect();
        let mut fetches = FuturesOrdered::new();
        for url in &urls {
            fetches.push_back(self.fetch(url, false));
        }
        // The resolver may be told of its domains later than the network is there.
        let mut found: (String, Answer) = (String::new(), Ok(None));
        for url in &urls {
            match fetches.next().await {
                Some(Ok(script)) => return (url.clone(), self.run(url, &script).await.map(Some)),
                Some(Err(code)) if found.1.is_ok() => found = (url.clone(), Err(code)),
                Some(Err(_)) | None => {}
            }
        }
        found
    }

    async fn evaluate(&self, url: &str, allow_local: bool) -> Result<Vec<ProxyAddress>, Code> {
        let script = self.fetch(url, allow_local).await?;
        self.run(url, &script).await
    }

    /// A script of the machine's own configuration may lie on this machine. One that a user or the
    /// network names may not: the daemon would ask this machine's services for anybody.
    async fn fetch(&self, url: &str, allow_local: bool) -> Result<Vec<u8>, Code> {
        if let Some(path) = script_file(url) {
            return read(path).await.ok_or(Code::PacUnreachable);
        }
        self.dialer.fetch(url, SCRIPT_BYTES_MAX, allow_local).await.map_err(|error| match error {
            FetchError::Address | FetchError::Unreachable | FetchError::Status(_) => Code::PacUnreachable,
            FetchError::Cut | FetchError::Kind => Code::PacFailed,
        })
    }

    /// The address of this machine, as a script of this address is told it: as in Chromium the one
    /// towards everywhere, and where there is no way out the one towards the script's host, towards
    /// the server, or towards any private network.
    async fn own_address(&self, url: &str) -> IpAddr {
        let mut own = own_toward(EVERYWHERE.into());
        for host in host_of(url).into_iter().chain([&*self.host]) {
            if own.is_none()
                && let Ok(Some(far)) = timeout(NAME_MAX, self.dialer.address_of(host)).await
            {
                own = own_toward(far);
            }
        }
        let of_private = || PRIVATE.into_iter().find_map(|far| own_toward(far.into()));
        own.or_else(of_private).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// Runs the script that lies at this address.
    async fn run(&self, url: &str, script: &[u8]) -> Result<Vec<ProxyAddress>, Code> {
        let script = text_of(script);
        let to = (self.host.as_str(), self.port);
        let own = self.own_address(url).await.to_string();
        let _running = RUNNING.wait_for(&self.user, 1).await;
        let dialer = &*self.dialer;
        let resolve = |name: String| async move {
            let address = dialer.address_of(&name).await;
            address.map(|address| address.to_string())
        };
        let evaluated = self.evaluator.evaluate(&script, to, &own, resolve).await;
        let candidates = evaluated.map_err(|error| {
            if matches!(error, PacError::Child(_) | PacError::Unconfined) {
                tracing::error!(%error, "scripts are not run on this machine");
                return Code::PacNotRun;
            }
            tracing::warn!(%error, "the script of the automatic proxy configuration failed");
            Code::PacFailed
        })?;
        Ok(candidates.into_iter().filter_map(proxy).collect())
    }
}

/// The attempt of the script at this address, which has not come so far.
pub(super) fn unreachable(url: &str, waited: Duration) -> Attempt {
    attempt(url, Code::PacUnreachable, Remedy::CheckPac, waited)
}

fn attempt(url: &str, code: Code, remedy: Remedy, took: Duration) -> Attempt {
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let target = Script::At(url.to_owned()).shown();
    Attempt { stage: Stage::Proxy, target, code, ms, remedy, evidence: None }
}

/// The result of a look at the script at this address, that began then.
fn told(url: &str, began: Instant, proxies: Answer) -> ScriptResult {
    let attempt = |code, remedy| attempt(url, code, remedy, began.elapsed());
    match proxies {
        Ok(Some(proxies)) => {
            let direct = proxies.is_empty().then(|| attempt(Code::PacSaysDirect, Remedy::SetProxy));
            tracing::info!(proxies = proxies.len(), "the automatic proxy configuration was read");
            ScriptResult { proxies: Some(proxies), attempt: direct }
        }
        Ok(None) => ScriptResult { proxies: None, attempt: None },
        Err(code) => {
            tracing::warn!(%code, "the automatic proxy configuration cannot be read");
            ScriptResult { proxies: None, attempt: Some(attempt(code, Remedy::CheckPac)) }
        }
    }
}

fn proxy(candidate: Candidate) -> Option<ProxyAddress> {
    match candidate {
        Candidate::Direct => None,
        Candidate::Proxy(proxy) => Some(proxy),
    }
}

async fn read(path: PathBuf) -> Option<Vec<u8>> {
    let reading = tokio::task::spawn_blocking(move || {
        // Whatever else has a path may never end.
        fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        let mut script = Vec::new();
        File::open(&path).ok()?.take(FILE_BYTES_MAX).read_to_end(&mut script).ok()?;
        Some(script)
    });
    timeout(FILE_MAX, reading).await.ok()?.ok()?
}

/// The text of a script: in UTF-16 where a mark says so, as browsers read it.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    let read = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?)));
        String::from_utf16_lossy(&units.collect::<Vec<u16>>())
    };
    match bytes {
        [0xff, 0xfe, text @ ..] => Cow::Owned(read(text, u16::from_le_bytes)),
        [0xfe, 0xff, text @ ..] => Cow::Owned(read(text, u16::from_be_bytes)),
        text => String::from_utf8_lossy(text),
    }
}

/// The address of this machine that the one there sees, if this machine reaches it over a network.
fn own_toward(far: IpAddr) -> Option<IpAddr> {
    own_address_toward(far).filter(|own| !own.is_loopback() && !own.is_unspecified())
}

/// The host in a script's address: none in that of a file.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
    let host = match address.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => address.split(':').next()?,
    };
    Some(host).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: NetworkId = NetworkId(1);
    const HOME: NetworkId = NetworkId(2);

    fn names(hosts: &[&str]) -> ScriptResult {
        let proxy = |host: &&str| {
            let scheme = convene_reach::ProxyScheme::Http;
            ProxyAddress { scheme, host: (*host).to_owned(), port: 3_128 }
        };
        ScriptResult { proxies: Some(hosts.iter().map(proxy).collect()), attempt: None }
    }

    fn failed() -> ScriptResult {
        let attempt = Attempt {
            stage: Stage::Proxy,
            target: "http://a.test/proxy.pac".to_owned(),
            code: Code::PacUnreachable,
            ms: 1,
            remedy: Remedy::CheckPac,
            evidence: None,
        };
        ScriptResult { proxies: None, attempt: Some(attempt) }
    }

    fn hosts(known: &KnownScript) -> Vec<&str> {
        known.proxies.iter().map(|proxy| &*proxy.host).collect()
    }

    #[test]
    fn what_a_script_said_counts_in_its_network_while_it_cannot_be_read() {
        let mut known = KnownScript::default();
        known.take(names(&["a", "b"]), OFFICE);
        known.take(failed(), OFFICE);
        assert_eq!(hosts(&known), ["a", "b"]);
        assert!(known.attempt.is_some(), "the failure is told");
        known.take(failed(), HOME);
        assert_eq!(hosts(&known), [""; 0], "it says nothing of another network");
        known.take(failed(), OFFICE);
        assert_eq!(hosts(&known), ["a", "b"], "and counts again on the way back");
        known.take(names(&[]), OFFICE);
        known.take(failed(), OFFICE);
        assert_eq!(hosts(&known), [""; 0], "the last word counts");
    }

    #[test]
    fn a_script_that_cannot_be_read_is_looked_at_again_soon_and_less_and_less_often() {
        let mut known = KnownScript::default();
        let mut pauses = |count| -> Vec<u64> {
            known.begin();
            (0..count).map(|_| known.take(failed(), OFFICE).as_secs()).collect()
        };
        assert_eq!(pauses(6), [2, 5, 10, 30, 30, 30]);
        assert_eq!(pauses(2), [2, 5], "a change of network begins anew");
        known.begin();
        let unnamed = || ScriptResult { proxies: None, attempt: None };
        let pauses: Vec<_> = (0..6).map(|_| known.take(unnamed(), OFFICE).as_secs()).collect();
        assert_eq!(pauses, [2, 5, 10, 30, 1_800, 1_800], "most networks name no script");
        assert_eq!(known.take(names(&["a"]), OFFICE), AGAIN);
        assert_eq!(known.take(failed(), OFFICE).as_secs(), 2);
    }

    #[tokio::test]
    async fn only_what_ends_is_read_and_not_beyond_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("proxy.pac");
        fs::write(&path, vec![b' '; 2 * SCRIPT_BYTES_MAX]).unwrap();
        let read_of = |path: &str| read(PathBuf::from(path));
        assert_eq!(read(path).await.map(|script| script.len()), Some(SCRIPT_BYTES_MAX + 1));
        assert_eq!(read(dir.path().to_owned()).await, None);
        assert_eq!(read_of("/nonexistent/proxy.pac").await, None);
        #[cfg(unix)]
        assert_eq!(read_of("/dev/zero").await, None);
    }

    #[test]
    fn a_script_in_utf_16_is_read_where_a_mark_says_so() {
        assert_eq!(text_of(b"\xff\xfef\0(\0)\0"), "f()");
        assert_eq!(text_of(b"\xfe\xff\0f\0(\0)"), "f()");
        assert_eq!(text_of(b"\xef\xbb\xbff()"), "\u{feff}f()");
        assert_eq!(text_of(b"f\xe9"), "f\u{fffd}");
        assert_eq!(text_of(b"\xff\xfef"), "");
    }

    #[test]
    fn the_host_of_a_script_is_read_from_its_address() {
        for (url, host) in [
            ("http://pac.test/proxy.pac", Some("pac.test")),
            ("http://anna:x@pac.test:8080?a@b", Some("pac.test")),
            ("https://[2001:db8::1]:8443/x", Some("2001:db8::1")),
            ("file:///etc/proxy.pac", None),
            ("nonsense", None),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }

    #[test]
    fn an_address_that_only_this_machine_has_is_not_told_to_scripts() {
        assert_eq!(own_toward(Ipv4Addr::LOCALHOST.into()), None);
    }

    #[test]
    fn an_address_is_told_without_its_login_and_query() {
        for (url, target) in [
            ("http://anna:geheim@a.test/proxy.pac?key=secret#x", "http://a.test/proxy.pac"),
            ("http://anna:ge/heim@a.test/proxy.pac", "script"),
        ] {
            let told = told(url, Instant::now(), Err(Code::PacUnreachable));
            assert_eq!(told.attempt.map(|attempt| attempt.target).as_deref(), Some(target));
        }
    }
}
