//! Reading the proxies that a place names.

use convene_model::Secret;

use crate::{ProxyList, ProxyUrlError, candidates};

fn list(url: &str) -> Result<ProxyList, ProxyUrlError> {
    ProxyList::new(&[url.to_owned()], &[])
}

/// The candidates as `user:password@host:port`.
fn found(list: &ProxyList) -> Vec<String> {
    let show = |(address, login): (_, Option<crate::Login>)| {
        let login = login.map(|login| format!("{}:{}@", login.user, login.password.reveal()));
        format!("{}{address}", login.unwrap_or_default())
    };
    candidates(std::slice::from_ref(list), "conference.example.org", 443).into_iter().map(show).collect()
}

#[test]
fn urls_are_read_in_every_form() {
    let table = [
        ("proxy.test", "proxy.test:80"),
        ("HTTP://Proxy.Test:3128/", "proxy.test:3128"),
        ("http://anna@proxy.test:1", "anna:@proxy.test:1"),
        ("http://anna:a%40b%3A%C3%A9@proxy.test:1", "anna:a@b:é@proxy.test:1"),
        ("http://anna:a@b@proxy.test:1", "anna:a@b@proxy.test:1"),
        ("http://anna:50%off@proxy.test:1", "anna:50%off@proxy.test:1"),
        ("http://anna:100%@proxy.test:1", "anna:100%@proxy.test:1"),
        ("http://a%4:%%41%zz@proxy.test:1", "a%4:%A%zz@proxy.test:1"),
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
        assert_eq!(found(&list(url).unwrap()), [expected], "{url}");
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
        ("http://a%E9@proxy.test:1", ProxyUrlError::Login),
        ("http://a%3Ab@proxy.test:1", ProxyUrlError::Login),
    ];
    for (url, error) in damaged {
        assert_eq!(list(url).unwrap_err(), error, "{url}");
    }
}

#[test]
fn a_login_that_is_given_wins_over_that_of_the_address() {
    let with = |url, user, password: Option<&str>| {
        list(url).unwrap().with_login(user, password.map(Secret::new).as_ref()).map(|list| found(&list))
    };
    let known = "http://anna:x@own.test:1";
    assert_eq!(with(known, Some("bob"), Some("pw")).unwrap(), ["bob:pw@own.test:1"]);
    assert_eq!(with(known, None, Some("pw")).unwrap(), ["anna:pw@own.test:1"]);
    assert_eq!(with(known, Some("bob"), None).unwrap(), ["bob:x@own.test:1"]);
    assert_eq!(with("own.test:1", Some("bob"), None).unwrap(), ["bob:@own.test:1"]);
    assert_eq!(with("own.test:1", None, Some("pw")).unwrap(), ["own.test:1"]);
    assert_eq!(with("own.test:1", Some("a:b"), None), Err(ProxyUrlError::Login));
}
