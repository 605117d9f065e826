//! Which proxies count, and what is taken of offers.

use super::*;
use crate::store::StoreOptions;

const ANNA: &str = "uid:1000";
const SERVER: (&str, u16) = ("conference.test", 443);

fn machine(takes_others: bool) -> MachineProxies {
    let named = vec![ProxyList::new(&["machine.test:1".to_owned()], &[]).unwrap()];
    MachineProxies { named, takes_others, ..MachineProxies::default() }
}

fn source(name: &str, proxies: &[&str]) -> ProxySource {
    let proxies = proxies.iter().map(|proxy| (*proxy).to_owned()).collect();
    ProxySource { name: name.to_owned(), proxies, ..ProxySource::default() }
}

fn open(dir: &tempfile::TempDir) -> Proxies {
    let (store, _) = Store::open(&dir.path().join("state"), &StoreOptions::default()).unwrap();
    Proxies::new(Arc::new(store), machine(true))
}

fn day(day: i64) -> Timestamp {
    Timestamp::from_millis(day * 24 * 60 * 60 * 1_000)
}

fn leads(proxies: &Proxies, user: &str, now: Timestamp) -> Vec<String> {
    let leads = proxies.leads(user, SERVER, now);
    leads.proxies.into_iter().map(|(proxy, _)| proxy.to_string()).collect()
}

#[test]
fn a_script_is_shown_without_a_login_and_a_query() {
    for (url, shown) in [
        ("http://anna:secret@a.test/proxy.pac?key=secret#x", "http://a.test/proxy.pac"),
        ("https://anna:s@cret@a_b.test:8443?key=secret", "https://a_b.test:8443"),
        ("http://[2001:db8::1]:8080/a:b/proxy.pac", "http://[2001:db8::1]:8080/a:b/proxy.pac"),
        ("file:///etc/proxy.pac", "file:///etc/proxy.pac"),
        ("file://localhost/home/anna@a.test/proxy.pac", "file://localhost/home/anna@a.test/proxy.pac"),
    ] {
        assert_eq!(Script::At(url.to_owned()).shown(), shown);
    }
    assert_eq!(Script::Wpad.shown(), "wpad");
}

#[test]
fn an_address_in_which_it_is_not_clear_what_is_the_login_is_not_shown() {
    for url in [
        "http://anna:sec/ret@a.test/proxy.pac",
        "http://anna:12/34@a.test/proxy.pac",
        "http://anna:sec?ret@a.test/proxy.pac",
        "http://anna:12#34@a.test/proxy.pac",
        "http://anna:sec@ret/x@a.test/proxy.pac",
        "http://anna:secret%40a.test/proxy.pac",
        "http:///anna:secret@a.test/proxy.pac",
        "file://anna:secret@a.test/proxy.pac",
        "ftp://a.test/secret",
        "anna:secret@a.test/proxy.pac",
        "anna:secret://a.test/proxy.pac",
        "",
    ] {
        assert_eq!(Script::At(url.to_owned()).shown(), "script", "{url}");
    }
}

#[test]
fn a_files_address_is_told_from_others() {
    for (url, path) in [
        ("file:///etc/proxy.pac", Some("/etc/proxy.pac")),
        ("FILE://localhost/etc/proxy.pac", Some("/etc/proxy.pac")),
        ("file://host.test/proxy.pac", None),
        ("http:///etc/proxy.pac", None),
        ("/etc/proxy.pac", None),
    ] {
        assert_eq!(script_file(url), path.map(PathBuf::from), "{url}");
    }
}

#[tokio::test]
async fn what_a_user_offers_serves_that_user_in_its_place_and_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let proxies = open(&dir);
    let mut changes = proxies.changes();
    let sources = vec![
        source("gnome", &["desk.test:2", "machine.test:1", "nonsense://x"]),
        source("user", &["own.test:3"]),
    ];
    assert_eq!(proxies.offer(ANNA, sources.clone(), day(1)).await, Ok(true));
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    assert_eq!(proxies.offer(ANNA, sources, day(2)).await, Ok(true));
    assert!(!changes.has_changed().unwrap(), "nothing new was offered");
    let expected = ["own.test:3", "machine.test:1", "desk.test:2"];
    assert_eq!(leads(&proxies, ANNA, day(2)), expected);
    assert_eq!(leads(&proxies, "uid:1001", day(2)), ["machine.test:1"]);
    let found = proxies.leads(ANNA, SERVER, day(2)).proxies;
    let place = |(proxy, _): &(ProxyAddress, _)| proxies.place_of(ANNA, SERVER, proxy, day(2));
    let places: Vec<_> = found.iter().filter_map(place).collect();
    assert_eq!(places, ["user", "file", "gnome"], "of two places the first counts");
    drop(proxies);
    let proxies = open(&dir);
    proxies.recall(ANNA).await;
    assert_eq!(leads(&proxies, ANNA, day(32)), expected);
    assert_eq!(
        leads(&proxies, ANNA, day(33)),
        ["own.test:3", "machine.test:1"],
        "too old but what was set by hand"
    );
    assert_eq!(proxies.offer(ANNA, vec![source("user", &[])], day(33)).await, Ok(true));
    assert_eq!(leads(&proxies, ANNA, day(33)), ["machine.test:1"]);
}

#[tokio::test]
async fn exceptions_count_where_they_stand_and_scripts_are_added() {
    let dir = tempfile::tempdir().unwrap();
    let proxies = open(&dir);
    let exceptions = vec![".test".to_owned()];
    let gnome = ProxySource { exceptions, wpad: true, ..source("gnome", &["desk.test:2"]) };
    let pac_url = Some("http://a.test/proxy.pac".to_owned());
    let kde = ProxySource { pac_url, ..source("kde", &[]) };
    let files = ["file:///home/anna/proxy.pac", "/home/anna/proxy.pac"].map(|file| {
        let pac_url = Some(file.to_owned());
        ProxySource { pac_url, ..source(file, &[]) }
    });
    proxies.offer(ANNA, [vec![gnome, kde], files.into()].concat(), day(1)).await.unwrap();
    let found = proxies.leads(ANNA, SERVER, day(1));
    assert_eq!(leads(&proxies, ANNA, day(1)), ["machine.test:1"]);
    let scripts = [Script::At("http://a.test/proxy.pac".to_owned()), Script::Wpad];
    assert_eq!(found.scripts, BTreeSet::from(scripts));
}

#[tokio::test]
async fn where_the_configuration_alone_decides_an_offer_is_kept_and_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let proxies = open(&dir);
    proxies.set_machine(machine(false));
    assert_eq!(proxies.offer(ANNA, vec![source("user", &["own.test:3"])], day(1)).await, Ok(false));
    assert!(!leads(&proxies, ANNA, day(1)).contains(&"own.test:3".to_owned()));
    proxies.set_machine(machine(true));
    assert!(leads(&proxies, ANNA, day(1)).contains(&"own.test:3".to_owned()));
}

#[tokio::test]
async fn where_a_policy_names_the_proxy_what_a_user_sets_is_refused_and_what_was_set_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let proxies = open(&dir);
    let own = || vec![source("user", &["own.test:3"])];
    let desk = || vec![source("gnome", &["desk.test:2"])];
    assert_eq!(proxies.offer(ANNA, own(), day(1)).await, Ok(true));
    proxies.set_machine(MachineProxies { fixed: Some("[proxy] url"), ..machine(true) });
    assert_eq!(proxies.offer(ANNA, own(), day(1)).await, Err(OfferError::Fixed("[proxy] url")));
    assert_eq!(proxies.offer(ANNA, desk(), day(1)).await, Ok(true), "the mode is still auto");
    assert_eq!(leads(&proxies, ANNA, day(1)), ["machine.test:1", "desk.test:2"]);
    assert_eq!(
        proxies.offer(ANNA, vec![source("user", &[])], day(1)).await,
        Ok(true),
        "to forget is allowed"
    );
    proxies.set_machine(machine(true));
    assert_eq!(leads(&proxies, ANNA, day(1)), ["machine.test:1", "desk.test:2"]);
}

#[tokio::test]
async fn offers_beyond_every_limit_and_addresses_that_are_none_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let proxies = open(&dir);
    let long = "x".repeat(TEXT_MAX + 1);
    let many = |count: usize| vec![source("gnome", &[]); count];
    for sources in
        [many(SOURCES_MAX + 1), vec![source("gnome", &["a:1"; PROXIES_MAX + 1])], vec![source(&long, &[])]]
    {
        assert_eq!(proxies.offer(ANNA, sources, day(1)).await, Err(OfferError::TooLarge));
    }
    let exceptions = vec!["x".repeat(2_000); 40];
    let l5_large = ProxySource { exceptions, ..source("gnome", &[]) };
    assert_eq!(proxies.offer(ANNA, vec![l5_large], day(1)).await, Err(OfferError::TooLarge));
    let pac_url = Some("file:///etc/proxy.pac".to_owned());
    for own in [source("user", &["ftp://a"]), ProxySource { pac_url, ..source("user", &[]) }] {
        let error = proxies.offer(ANNA, vec![own], day(1)).await.unwrap_err();
        assert!(matches!(error, OfferError::Address(_)));
    }
    // However many names are made up, so many are kept.
    for name in 0..3 * SOURCES_MAX {
        proxies.offer(ANNA, vec![source(&format!("n{name}"), &[])], day(1)).await.unwrap();
    }
    assert_eq!(proxies.offered(ANNA, day(1)).len(), SOURCES_MAX);
}
