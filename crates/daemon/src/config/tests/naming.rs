//! Which proxies the configuration and the environment name together.

use std::collections::BTreeMap;

use convene_dial::candidates;
use convene_model::Secret;

use super::super::{Config, Mode, Proxy};

fn named(proxy: Proxy, variables: &[(&str, &str)]) -> Vec<String> {
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = Config { proxy, ..Config::default() };
    let password = config.proxy.user.as_ref().map(|_| Secret::new("pw"));
    let environment: BTreeMap<String, String> = environment.collect();
    let proxies = config.proxies(password.as_ref(), None, &environment, Vec::new()).unwrap();
    let found = candidates(&proxies.named, "conference.example.org", 443);
    let shown = found.into_iter().map(|(address, login)| match login {
        Some(login) => format!("{}:{}@{address}", login.user, login.password.reveal()),
        None => address.to_string(),
    });
    shown.collect()
}

fn proxy(mode: Mode, url: &str) -> Proxy {
    Proxy { mode: Some(mode), url: Some(url.to_owned()), ..Proxy::default() }
}

#[test]
fn the_mode_decides_who_is_asked() {
    let variables = [("https_proxy", "http://env.test:3128")];
    let url = "http://own.test:8080";
    assert_eq!(named(proxy(Mode::Auto, url), &variables), ["own.test:8080", "env.test:3128"]);
    assert_eq!(named(proxy(Mode::Manual, url), &variables), ["own.test:8080"]);
    assert_eq!(named(proxy(Mode::Off, url), &variables), [""; 0]);
    assert_eq!(named(proxy(Mode::Auto, "env.test:3128"), &variables), ["env.test:3128"]);
    assert_eq!(named(Proxy::default(), &[("https_proxy", "ftp://a:1")]), [""; 0]);
}

#[test]
fn no_proxy_rules_over_the_environment_only() {
    let variables = [("https_proxy", "env.test:3128"), ("NO_PROXY", "example.org")];
    assert_eq!(named(proxy(Mode::Auto, "own.test:1"), &variables), ["own.test:1"]);
    let variables =
        [("https_proxy", "env.test:3128"), ("NO_PROXY", "example.org"), ("no_proxy", "other.test")];
    assert_eq!(named(Proxy::default(), &variables), ["env.test:3128"]);
}

#[test]
fn a_login_without_a_proxy_is_meant_for_the_environments() {
    let variables = [("https_proxy", "http://env.test:2")];
    let login = |proxy| Proxy { user: Some("bob".to_owned()), ..proxy };
    assert_eq!(named(login(Proxy::default()), &variables), ["bob:pw@env.test:2"]);
    let auto = login(proxy(Mode::Auto, "own.test:1"));
    assert_eq!(named(auto, &variables), ["bob:pw@own.test:1", "env.test:2"]);
}

#[test]
fn a_variable_that_is_not_used_is_told_with_its_name_and_without_its_value() {
    let told = |proxy: Proxy, url: &str| {
        let environment = BTreeMap::from([("https_proxy".to_owned(), url.to_owned())]);
        let config = Config { proxy, ..Config::default() };
        config.unused_variable(&environment).map(|problem| problem.to_string())
    };
    let told_of = |url| told(Proxy::default(), url);
    assert_eq!(told_of("http://anna:50%off@env.test:1"), None, "it is used");
    assert_eq!(told_of(""), None);
    let problem = told_of("http://anna:secret@env.test:0").unwrap();
    assert!(problem.starts_with("environment: https_proxy: the proxy's port"), "{problem}");
    assert!(!problem.contains("secret"), "{problem}");
    assert_eq!(told(proxy(Mode::Manual, "own.test:1"), "ftp://env.test"), None, "none counts");
}
