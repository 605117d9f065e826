//! Which proxies are found.

use std::collections::BTreeMap;

use convene_model::Secret;

use crate::{ProxyConfig, ProxyMode, ProxySettings, ProxyUrlError};

fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn config(mode: ProxyMode, url: &str) -> ProxyConfig {
    ProxyConfig { mode, url: (!url.is_empty()).then(|| url.to_owned()), user: None, password: None }
}

/// The candidates as `user:password@host:port`.
fn found(config: &ProxyConfig, variables: &[(&str, &str)]) -> Vec<String> {
    let settings = ProxySettings::new(config, &environment(variables)).unwrap();
    let candidates = settings.candidates("conference.example.org", 443);
    let show = |(address, login): (_, Option<crate::Login>)| {
        let login = login.map(|login| format!("{}:{}@", login.user, login.password.reveal()));
        format!("{}{address}", login.unwrap_or_default())
    };
    candidates.into_iter().map(show).collect()
}

#[test]
fn the_mode_decides_who_is_asked() {
    let variables = [("https_proxy", "http://env.test:3128")];
    let url = "http://own.test:8080";
    assert_eq!(found(&config(ProxyMode::Auto, url), &variables), ["own.test:8080", "env.test:3128"]);
    assert_eq!(found(&config(ProxyMode::Manual, url), &variables), ["own.test:8080"]);
    assert_eq!(found(&config(ProxyMode::Off, url), &variables), Vec::<String>::new());
    assert_eq!(found(&config(ProxyMode::Auto, "env.test:3128"), &variables), ["env.test:3128"]);
}

#[test]
fn the_first_variable_that_is_set_decides() {
    let auto = ProxyConfig::default();
    let all = [("ALL_PROXY", "a:1"), ("all_proxy", "b:2"), ("HTTPS_PROXY", "c:3"), ("https_proxy", "d:4")];
    assert_eq!(found(&auto, &all), ["d:4"]);
    assert_eq!(found(&auto, &all[..3]), ["c:3"]);
    assert_eq!(found(&auto, &all[..2]), ["b:2"]);
    assert_eq!(found(&auto, &all[..1]), ["a:1"]);
    assert_eq!(found(&auto, &[("https_proxy", " "), ("ALL_PROXY", "a:1")]), ["a:1"]);
    assert_eq!(found(&auto, &[("http_proxy", "a:1")]), Vec::<String>::new());
    assert_eq!(found(&auto, &[("all_proxy", "socks5://a:1")]), ["socks5://a:1"]);
    assert_eq!(found(&auto, &[("https_proxy", "ftp://a:1")]), Vec::<String>::new());
}

#[test]
fn no_proxy_rules_over_the_environment_only() {
    let variables = [("https_proxy", "env.test:3128"), ("NO_PROXY", "example.org")];
    assert_eq!(found(&config(ProxyMode::Auto, "own.test:1"), &variables), ["own.test:1"]);
    let variables =
        [("https_proxy", "env.test:3128"), ("NO_PROXY", "example.org"), ("no_proxy", "other.test")];
    assert_eq!(found(&ProxyConfig::default(), &variables), ["env.test:3128"]);
}

#[test]
fn urls_are_read_in_every_form() {
    let table = [
        ("proxy.test", "proxy.test:80"),
        ("HTTP://Proxy.Test:3128/", "proxy.test:3128"),
        ("http://anna@proxy.test:1", "anna:@proxy.test:1"),
        ("http://anna:a%40b%3A%C3%A9@proxy.test:1", "anna:a@b:é@proxy.test:1"),
        ("http://anna:a@b@proxy.test:1", "anna:a@b@proxy.test:1"),
        ("http://[2001:db8::1]:3128", "[2001:db8::1]:3128"),
        ("http://[2001:db8::1]", "[2001:db8::1]:80"),
        ("http://192.0.2.1:3128?x", "192.0.2.1:3128"),
        ("https://proxy.test", "https://proxy.test:443"),
        ("socks5://anna:x@proxy.test", "anna:x@socks5://proxy.test:1080"),
        ("socks5h://proxy.test:9", "socks5://proxy.test:9"),
        ("SOCKS://proxy.test", "socks5://proxy.test:1080"),
        ("socks4a://proxy.test", "socks4://proxy.test:1080"),
    ];
    for (url, expected) in table {
        assert_eq!(found(&config(ProxyMode::Manual, url), &[]), [expected], "{url}");
    }
    let damaged = [
        ("ftp://proxy.test:443", ProxyUrlError::Scheme),
        ("://proxy.test", ProxyUrlError::Scheme),
        ("http://", ProxyUrlError::Host),
        ("http://a b:1", ProxyUrlError::Host),
        ("http://a\r\nb:1", ProxyUrlError::Host),
        ("http://[::1", ProxyUrlError::Host),
        ("http://proxy.test:0", ProxyUrlError::Port),
        ("http://proxy.test:65536", ProxyUrlError::Port),
        ("http://a%4@proxy.test:1", ProxyUrlError::Login),
        ("http://a%3Ab@proxy.test:1", ProxyUrlError::Login),
    ];
    for (url, error) in damaged {
        let settings = ProxySettings::new(&config(ProxyMode::Manual, url), &BTreeMap::new());
        assert_eq!(settings.unwrap_err(), error, "{url}");
    }
}

#[test]
fn the_configured_login_wins() {
    let login = |mut config: ProxyConfig| {
        (config.user, config.password) = (Some("bob".to_owned()), Some(Secret::new("pw")));
        config
    };
    let manual = login(config(ProxyMode::Manual, "http://anna:x@own.test:1"));
    assert_eq!(found(&manual, &[]), ["bob:pw@own.test:1"]);
    let variables = [("https_proxy", "http://env.test:2")];
    assert_eq!(found(&login(ProxyConfig::default()), &variables), ["bob:pw@env.test:2"]);
    let auto = login(config(ProxyMode::Auto, "own.test:1"));
    assert_eq!(found(&auto, &variables), ["bob:pw@own.test:1", "env.test:2"]);
}
