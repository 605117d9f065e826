//! Proxy settings as desktops and systems spell them. Values that make no sense are passed over.

mod kde;

use convene_model::bracketed;

pub use self::kde::kde;
use crate::language::ProxySource;

/// GNOME's settings, as `gsettings list-recursively org.gnome.system.proxy` prints them.
pub fn gnome(printed: &str) -> ProxySource {
    let value = |schema: &str, key: &str| -> Option<&str> {
        printed.lines().find_map(|line| {
            let mut words = line.splitn(3, ' ');
            (words.next()? == schema && words.next()? == key).then(|| words.next())?
        })
    };
    let text = |schema: &str, key: &str| value(schema, key).map(unquoted).unwrap_or_default();
    let proxy = |kind: &str, scheme: &str| {
        let schema = format!("org.gnome.system.proxy.{kind}");
        let (host, port) = (text(&schema, "host"), text(&schema, "port"));
        (!host.is_empty() && port != "0").then(|| format!("{scheme}://{}:{port}", bracketed(&host)))
    };
    let root = "org.gnome.system.proxy";
    let mut source = ProxySource { name: "gnome".to_owned(), ..ProxySource::default() };
    match text(root, "mode").as_str() {
        "manual" => {
            source.proxies =
                [proxy("https", "http"), proxy("socks", "socks5")].into_iter().flatten().collect();
            source.exceptions = value(root, "ignore-hosts").map(list).unwrap_or_default();
        }
        "auto" => {
            source.pac_url = Some(text(root, "autoconfig-url")).filter(|url| !url.is_empty());
            source.wpad = source.pac_url.is_none();
        }
        _ => {}
    }
    source
}

/// Windows' settings: a list such as `proxy:8080` or `http=a:80;https=b:8080;socks=c:1080`, and
/// hosts without, parted by semicolons or spaces, `<local>` for names without a dot. Proxies keep
/// their order, SOCKS last.
pub fn windows(name: &str, list: &str, bypass: &str, pac_url: Option<String>, wpad: bool) -> ProxySource {
    let parts = |text: &str| -> Vec<String> {
        text.split([';', ' ']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (mut proxies, mut socks) = (Vec::new(), Vec::new());
    for part in parts(list) {
        match part.split_once('=') {
            None | Some(("https", _)) => proxies.push(part.trim_start_matches("https=").to_owned()),
            Some(("socks", proxy)) => {
                socks.push(format!("socks4a://{}", proxy.trim_start_matches("socks://")));
            }
            Some(_) => {}
        }
    }
    proxies.append(&mut socks);
    ProxySource { name: name.to_owned(), proxies, exceptions: parts(bypass), pac_url, wpad }
}

/// The variables that programs of a terminal and Chromium look at; `None` where none is set.
/// `auto_proxy` holds a script's address, or nothing where WPAD is to find one.
pub fn environment(read: impl Fn(&str) -> Option<String>) -> Option<ProxySource> {
    let (proxy, script) = (proxy_variable(&read), read("auto_proxy"));
    if proxy.is_none() && script.is_none() {
        return None;
    }
    let exceptions = first(&["no_proxy", "NO_PROXY"], read).map(|(_, list)| words(&list)).unwrap_or_default();
    let script = script.map(|url| url.trim().to_owned());
    Some(ProxySource {
        name: "environment".to_owned(),
        proxies: proxy.map(|(_, proxy)| proxy.trim().to_owned()).into_iter().collect(),
        exceptions,
        wpad: script.as_deref() == Some(""),
        pac_url: script.filter(|url| !url.is_empty()),
    })
}

/// The variable that names the proxy, and its value. Chromium's `SOCKS_SERVER` is the last one, of
/// version 5 where `SOCKS_VERSION` does not say 4.
pub fn proxy_variable(read: impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"], &read).or_else(|| {
        let (name, server) = first(&["SOCKS_SERVER"], &read)?;
        let is_old = read("SOCKS_VERSION").is_some_and(|version| version.trim() == "4");
        let scheme = if is_old { "socks4" } else { "socks5" };
        let has_scheme = server.contains("://");
        Some((name, if has_scheme { server } else { format!("{scheme}://{}", server.trim()) }))
    })
}

fn first(names: &[&'static str], read: impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    let mut known = names.iter().filter_map(|name| Some((*name, read(name)?)));
    known.find(|(_, value)| !value.trim().is_empty())
}

fn words(list: &str) -> Vec<String> {
    let parts = list.split(|c: char| c == ',' || c.is_whitespace());
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A text or a number as GLib prints values (GVariant's text form): `'text'`, `"it's"`, `8080`,
/// `uint32 8080`.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    match value.chars().next() {
        Some(quote @ ('\'' | '"')) => {
            let inner =
                value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).unwrap_or_default();
            let mut escaped = false;
            let keep = |c: &char| {
                escaped = *c == '\\' && !escaped;
                !escaped
            };
            inner.chars().filter(keep).collect()
        }
        Some(_) | None => value.rsplit(' ').next().unwrap_or_default().to_owned(),
    }
}

/// A list of texts in the same form: `['a', 'b']`, or `@as []`.
fn list(value: &str) -> Vec<String> {
    let inner = value.trim().trim_start_matches("@as").trim().trim_start_matches('[').trim_end_matches(']');
    inner.split(',').map(unquoted).filter(|item| !item.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GNOME: &str = "org.gnome.system.proxy autoconfig-url 'http://proxy.test/it\\'s.pac'\n\
        org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1']\n\
        org.gnome.system.proxy mode 'MODE'\n\
        org.gnome.system.proxy use-same-proxy true\n\
        org.gnome.system.proxy.http host 'other.test'\norg.gnome.system.proxy.http port 8080\n\
        org.gnome.system.proxy.https host 'proxy.test'\norg.gnome.system.proxy.https port 3128\n\
        org.gnome.system.proxy.socks host '2001:db8::1'\norg.gnome.system.proxy.socks port 1080\n";

    #[test]
    fn gnome_says_by_its_mode_what_counts() {
        let manual = gnome(&GNOME.replace("MODE", "manual"));
        assert_eq!(manual.proxies, ["http://proxy.test:3128", "socks5://[2001:db8::1]:1080"]);
        assert_eq!(manual.exceptions, ["localhost", "127.0.0.0/8", "::1"]);
        assert!(manual.pac_url.is_none() && !manual.wpad);
        let auto = gnome(&GNOME.replace("MODE", "auto"));
        assert_eq!(auto.pac_url.as_deref(), Some("http://proxy.test/it's.pac"));
        assert!(auto.proxies.is_empty() && !auto.wpad);
        let wpad = gnome("org.gnome.system.proxy mode 'auto'\norg.gnome.system.proxy autoconfig-url ''\n");
        assert!(wpad.wpad && wpad.pac_url.is_none());
        assert!(gnome(&GNOME.replace("MODE", "none")).is_empty() && gnome("").is_empty());
        let unset = "org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy ignore-hosts @as []\n\
                     org.gnome.system.proxy.https host ''\norg.gnome.system.proxy.https port 0\n";
        assert!(gnome(unset).is_empty());
    }

    #[test]
    fn windows_lists_are_split_by_their_schemes() {
        let found = |list, bypass| {
            let source = windows("windows", list, bypass, None, false);
            (source.proxies, source.exceptions)
        };
        assert_eq!(found("proxy.test:8080", "").0, ["proxy.test:8080"]);
        let several = found("socks=s.test:1080;a.test:1; https=b.test:2;c.test:3", "").0;
        assert_eq!(several, ["a.test:1", "b.test:2", "c.test:3", "socks4a://s.test:1080"]);
        let both = "http=a.test:80;https=b.test:8080;ftp=c.test:21;socks=d.test:1080";
        let (proxies, exceptions) = found(both, "*.corp.test;10.0.0.0/8 <local>");
        assert_eq!(proxies, ["b.test:8080", "socks4a://d.test:1080"]);
        assert_eq!(exceptions, ["*.corp.test", "10.0.0.0/8", "<local>"]);
        assert!(found("", "").0.is_empty());
    }

    #[test]
    fn the_environment_counts_where_it_names_a_proxy_for_https() {
        let read = |set: &'static [(&str, &str)]| {
            environment(|name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let found = read(&[("ALL_PROXY", "socks5://a:1"), ("no_proxy", "a.test, b.test")]).unwrap();
        assert_eq!(
            (found.proxies, found.exceptions),
            (vec!["socks5://a:1".to_owned()], vec!["a.test".to_owned(), "b.test".to_owned()])
        );
        assert!(read(&[("http_proxy", "a:1"), ("https_proxy", " ")]).is_none());
        let all: &[_] =
            &[("ALL_PROXY", "a:1"), ("all_proxy", "b:2"), ("HTTPS_PROXY", "c:3"), ("https_proxy", "d:4")];
        for (set, first) in [(all, "d:4"), (&all[..3], "c:3"), (&all[..2], "b:2"), (&all[..1], "a:1")] {
            assert_eq!(read(set).unwrap().proxies, [first]);
        }
        let socks = |version| {
            environment(|name| match name {
                "SOCKS_SERVER" => Some("proxy.test:1080".to_owned()),
                "SOCKS_VERSION" => Some(String::from(version)),
                _ => None,
            })
        };
        assert_eq!(socks("4").unwrap().proxies, ["socks4://proxy.test:1080"]);
        assert_eq!(socks("").unwrap().proxies, ["socks5://proxy.test:1080"]);
        assert_eq!(read(&[("SOCKS_SERVER", "a:1"), ("ALL_PROXY", "b:2")]).unwrap().proxies, ["b:2"]);
    }

    #[test]
    fn the_environment_may_name_a_script_or_have_one_found() {
        let read = |url: &str| {
            environment(|name| (name == "auto_proxy").then(|| url.to_owned())).expect("it is set")
        };
        let named = read("http://proxy.test/a.pac ");
        assert_eq!((named.pac_url.as_deref(), named.wpad), (Some("http://proxy.test/a.pac"), false));
        let found = read("");
        assert!(found.wpad && found.pac_url.is_none() && found.proxies.is_empty());
    }
}
