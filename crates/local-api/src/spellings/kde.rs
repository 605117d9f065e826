//! KDE's proxy settings, in the form of its library KConfig.

use std::collections::BTreeMap;

use super::words;
use crate::language::ProxySource;

/// The section that counts.
const SECTION: &str = "Proxy Settings";

/// KDE's settings: the files `kioslaverc`, an administrator's first and the user's last; `variable`
/// reads a variable of the session. A later file wins, but not over what an earlier one locks: a
/// key (`ProxyType[$i]`), the section (`[Proxy Settings][$i]`) or all of it (`[$i]`).
pub fn kde(files: &[String], variable: impl Fn(&str) -> Option<String>) -> ProxySource {
    let mut settings = Settings::default();
    files.iter().for_each(|file| settings.take(file));
    let value = |key: &str| settings.value(key, &variable).filter(|value| !value.is_empty());
    // Where the type says so, a value is the name of the variable that counts.
    let of_variable = |key: &str| variable(value(key)?.trim_start_matches('$'));
    // The port stands behind a space or a colon.
    let proxy = |text: String| text.trim().trim_end_matches('/').replacen(' ', ":", 1);
    let socks = |text: String| match proxy(text) {
        proxy if proxy.contains("://") => proxy.replacen("http://", "socks5://", 1),
        proxy => format!("socks5://{proxy}"),
    };
    let mut source = ProxySource { name: "kde".to_owned(), ..ProxySource::default() };
    let exceptions = match value("ProxyType").as_deref() {
        Some("1") => {
            source.proxies = [value("httpsProxy").map(proxy), value("socksProxy").map(socks)]
                .into_iter()
                .flatten()
                .collect();
            value("NoProxyFor")
        }
        Some("2") => {
            source.pac_url = value("Proxy Config Script");
            None
        }
        Some("3") => {
            source.wpad = true;
            None
        }
        Some("4") => {
            let proxies = [of_variable("httpsProxy").map(proxy), of_variable("socksProxy").map(socks)];
            let is_set = |url: &String| !url.is_empty() && url != "socks5://";
            source.proxies = proxies.into_iter().flatten().filter(is_set).collect();
            of_variable("NoProxyFor")
        }
        Some(_) | None => None,
    };
    // The exceptions of a reversed list are the hosts that do need a proxy.
    if value("ReversedException").as_deref() != Some("true") {
        source.exceptions = words(&exceptions.unwrap_or_default());
    }
    source
}

/// The section of all files together.
#[derive(Debug, Default)]
struct Settings {
    values: BTreeMap<String, Value>,
    is_locked: bool,
}

#[derive(Debug, Default)]
struct Value {
    text: String,
    is_locked: bool,
    /// Whether variables stand in it.
    expands: bool,
}

impl Settings {
    fn take(&mut self, file: &str) {
        // A section that this file locks is locked for the next.
        let (was_locked, mut is_inside) = (self.is_locked, false);
        let locked: Vec<String> =
            self.values.iter().filter(|(_, value)| value.is_locked).map(|(key, _)| key.clone()).collect();
        for line in file.trim_start_matches('\u{feff}').lines().map(str::trim) {
            if line.starts_with('[') {
                let (section, options) = with_options(line);
                // Of a line that is nothing but options all sections are meant.
                let is_own =
                    section.strip_prefix('[').and_then(|name| name.strip_suffix(']')) == Some(SECTION);
                self.is_locked |= options.contains('i') && (is_own || section.is_empty());
                is_inside = is_own;
            } else if let Some((key, text)) = line.split_once('=').filter(|_| is_inside && !was_locked) {
                let (key, options) = with_options(key.trim());
                if line.starts_with('#') || locked.iter().any(|known| known == key) {
                    continue;
                }
                if options.contains('d') {
                    self.values.remove(key);
                    continue;
                }
                let (is_locked, expands) = (options.contains('i'), options.contains('e'));
                let value = Value { text: text.trim().to_owned(), is_locked, expands };
                self.values.insert(key.to_owned(), value);
            }
        }
    }

    fn value(&self, key: &str, variable: &impl Fn(&str) -> Option<String>) -> Option<String> {
        let value = self.values.get(key)?;
        Some(if value.expands { expanded(&value.text, variable) } else { value.text.clone() })
    }
}

/// Parts `ProxyType[$ie]` or `[Proxy Settings][$i]` into the name and the letters of its options.
fn with_options(text: &str) -> (&str, &str) {
    let parted = text.rsplit_once("[$").and_then(|(name, rest)| Some((name, rest.strip_suffix(']')?)));
    let is_option = |c: char| matches!(c, 'i' | 'e' | 'd');
    parted.filter(|(_, options)| options.chars().all(is_option)).unwrap_or((text, ""))
}

/// The text with the values of its variables, `$NAME` or `${NAME}`; `$$` is a dollar sign.
fn expanded(text: &str, variable: &impl Fn(&str) -> Option<String>) -> String {
    let mut parts = text.split('$');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    while let Some(part) = parts.next() {
        let braced = part.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        let (name, rest) = braced.unwrap_or_else(|| part.split_at(end));
        match name {
            // Two of them, or one that stands for itself.
            "" if part.is_empty() => {
                whole.push('$');
                whole.push_str(parts.next().unwrap_or_default());
            }
            "" => {
                whole.push('$');
                whole.push_str(part);
            }
            name => {
                whole.push_str(&variable(name).unwrap_or_default());
                whole.push_str(rest);
            }
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[$Version]\nupdate_info=x\n[Proxy Settings]\nNoProxyFor=localhost, .corp.test\n\
        Proxy Config Script=http://p.test/a.pac\nProxyType=TYPE\nReversedException=false\n\
        httpsProxy=http://proxy.test 3128\nsocksProxy=http://socks.test:1080/\n[Other]\nProxyType=0\n";

    fn none(_: &str) -> Option<String> {
        None
    }

    fn read(files: &[&str]) -> ProxySource {
        let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
        kde(&files, |name| match name {
            "CORP_PROXY" => Some("http://env.test:8080".to_owned()),
            "CORP_SOCKS" => Some("socks.test:1".to_owned()),
            "CORP_NO" => Some("a.test b.test".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn the_type_says_what_counts() {
        let manual = read(&[&FILE.replace("TYPE", "1")]);
        assert_eq!(manual.proxies, ["http://proxy.test:3128", "socks5://socks.test:1080"]);
        assert_eq!(manual.exceptions, ["localhost", ".corp.test"]);
        assert_eq!(read(&[&FILE.replace("TYPE", "2")]).pac_url.as_deref(), Some("http://p.test/a.pac"));
        assert!(read(&[&FILE.replace("TYPE", "3")]).wpad);
        assert!(
            read(&[&FILE.replace("TYPE", "0")]).is_empty() && read(&[""]).is_empty() && read(&[]).is_empty()
        );
        let reversed = read(&[&FILE.replace("TYPE", "1").replace("=false", "=true")]);
        assert!(reversed.exceptions.is_empty() && !reversed.proxies.is_empty());
    }

    #[test]
    fn variables_are_those_that_it_names() {
        let file = "[Proxy Settings]\nProxyType=4\nhttpsProxy=CORP_PROXY\nsocksProxy=$CORP_SOCKS\nNoProxyFor=CORP_NO\n";
        let found = read(&[file]);
        assert_eq!(found.proxies, ["http://env.test:8080", "socks5://socks.test:1"]);
        assert_eq!(found.exceptions, ["a.test", "b.test"]);
        assert!(read(&["[Proxy Settings]\nProxyType=4\nhttpsProxy=UNSET\n"]).is_empty());
        let expanded =
            "[Proxy Settings]\nProxyType[$e]=1\nhttpsProxy[$e]=${CORP_PROXY}\nsocksProxy=$CORP_SOCKS\n";
        assert_eq!(read(&[expanded]).proxies, ["http://env.test:8080", "socks5://$CORP_SOCKS"]);
    }

    #[test]
    fn a_later_file_wins_but_not_over_what_is_locked() {
        let user = "[Proxy Settings]\nProxyType=0\nhttpsProxy=http://user.test 1\n";
        let of = |administrator: &str| read(&[administrator, user]);
        let named = "ProxyType=1\nhttpsProxy=http://corp.test 3128\n";
        assert!(of(&format!("[Proxy Settings]\n{named}")).is_empty(), "the user says that there is none");
        for section in ["[Proxy Settings][$i]\n", "\u{feff}[$i]\n[Other]\n[Proxy Settings]\n"] {
            assert_eq!(of(&format!("{section}{named}")).proxies, ["http://corp.test:3128"], "{section}");
        }
        let key = "[Proxy Settings]\n  ProxyType[$i]=1\nhttpsProxy=http://corp.test 3128\n";
        assert_eq!(of(key).proxies, ["http://user.test:1"], "only the type is locked");
        assert_eq!(read(&[&format!("[Proxy Settings]\n{named}")]).proxies, ["http://corp.test:3128"]);
        let deleted = "[Proxy Settings]\nProxyType[$d]=\n";
        assert!(read(&[&format!("[Proxy Settings]\n{named}"), deleted]).is_empty());
        assert!(of("[Proxy Settings][Sub][$i]\nProxyType=1\n").is_empty(), "another section");
    }

    #[test]
    fn dollars_stand_for_variables_or_for_themselves() {
        let read = |text| expanded(text, &|name: &str| (name == "A").then(|| "x".to_owned()));
        assert_eq!(read("$A/${A}b$A"), "x/xbx");
        assert_eq!(read("$$A$"), "$A$");
        assert_eq!(read("$B-${A"), "-${A");
        assert_eq!(expanded("plain", &none), "plain");
    }
}
