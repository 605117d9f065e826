//! `NO_PROXY`: which targets need no proxy.

use std::net::IpAddr;

use super::split_port;

/// Rules of one list; a longer one is nobody's hand's work, and each is looked at for each target.
const RULES_MAX: usize = 1_024;

/// The rules of one `NO_PROXY`, which commas or white space part. There is no standard; this is
/// what curl and Go agree on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NoProxy {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    host: Host,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    /// `*`
    Any,
    /// `<local>`, as Windows spells names without a dot.
    Dotless,
    /// `example.org`, `.example.org` or `*.example.org`: that name and all names under it.
    Name(String),
    /// `10.*`, `a*.example.org`: names and addresses that read so, each `*` standing for anything.
    Pattern(String),
    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`: these addresses.
    Net(IpAddr, u32),
}

impl NoProxy {
    /// Rules that make no sense are passed over.
    pub(super) fn parse(text: &str) -> Self {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        Self { rules: words.filter_map(Rule::parse).take(RULES_MAX).collect() }
    }

    /// Whether the target, whose host stands without brackets, needs no proxy.
    pub(super) fn matches(&self, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address = host.parse::<IpAddr>().ok().map(|address| address.to_canonical());
        let shown = address.map_or_else(|| host.clone(), |address| address.to_string());
        self.rules.iter().any(|rule| {
            rule.port.is_none_or(|only| only == port)
                && match &rule.host {
                    Host::Any => true,
                    Host::Dotless => address.is_none() && !host.contains('.'),
                    Host::Name(name) => {
                        address.is_none()
                            && host
                                .strip_suffix(name.as_str())
                                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                    }
                    Host::Pattern(pattern) => fits(pattern, &shown),
                    Host::Net(net, bits) => address.is_some_and(|address| contains(*net, *bits, address)),
                }
        })
    }
}

impl Rule {
    fn parse(word: &str) -> Option<Self> {
        // Windows and GNOME take a scheme before the host. A rule for another scheme than ours says
        // nothing of us.
        let word = match word.split_once("://") {
            Some((scheme, rest)) => {
                Some(rest.trim_end_matches('/')).filter(|_| scheme.eq_ignore_ascii_case("https"))?
            }
            None => word,
        };
        if let Some((net, bits)) = word.split_once('/') {
            let net: IpAddr = net.trim_matches(['[', ']']).parse().ok()?;
            let bits = bits.parse().ok().filter(|bits| *bits <= if net.is_ipv4() { 32 } else { 128 })?;
            return Some(Self { host: Host::Net(net, bits), port: None });
        }
        let (host, port) = split_port(word)?;
        let port = port.map(str::parse).transpose().ok()?;
        if host == "*" {
            return Some(Self { host: Host::Any, port });
        }
        if host == "<local>" {
            return Some(Self { host: Host::Dotless, port });
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            let address = address.to_canonical();
            let bits = if address.is_ipv4() { 32 } else { 128 };
            return Some(Self { host: Host::Net(address, bits), port });
        }
        let host = host.to_ascii_lowercase();
        let name =
            host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(&host).trim_matches('.');
        // Dots and asterisks alone name nothing.
        let names = name.contains(char::is_alphanumeric);
        let host = if name.contains('*') {
            Host::Pattern(host.trim_matches('.').to_owned())
        } else {
            Host::Name(name.to_owned())
        };
        names.then_some(Self { host, port })
    }
}

/// Whether the text reads as the pattern, in which each `*` stands for anything. Takes one pass:
/// the first place that fits is the best.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

fn contains(net: IpAddr, bits: u32, address: IpAddr) -> bool {
    match (net, address) {
        (IpAddr::V4(net), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            net.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(net), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            net.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_rules_holds() {
        let table = [
            ("", "example.org", 443, false),
            ("*", "example.org", 443, true),
            ("example.org", "example.org", 443, true),
            ("example.org", "EXAMPLE.org.", 443, true),
            ("example.org", "a.b.example.org", 443, true),
            ("example.org", "notexample.org", 443, false),
            (".example.org", "example.org", 443, true),
            (".example.org", "a.example.org", 443, true),
            ("*.example.org", "a.example.org", 443, true),
            ("org", "example.org", 443, true),
            ("*example.org", "notexample.org", 443, true),
            ("a*.example.org", "abc.example.org", 443, true),
            ("a*.example.org", "bc.example.org", 443, false),
            ("a*.example.org:80", "abc.example.org", 443, false),
            ("a*b*b.org", "abb.org", 443, true),
            ("a*b*b.org", "ab.org", 443, false),
            ("*.a*.example.org", "x.ab.example.org", 443, true),
            ("10.*", "10.1.2.3", 443, true),
            ("10.*", "110.1.2.3", 443, false),
            ("192.168.*.1", "::ffff:192.168.5.1", 443, true),
            ("2001:db8:*", "2001:DB8::1", 443, true),
            ("https://example.org/", "a.example.org", 443, true),
            ("https://10.*:443", "10.1.2.3", 443, true),
            ("http://example.org", "example.org", 443, false),
            ("example.org:4500", "example.org", 4500, true),
            ("example.org:4500", "example.org", 443, false),
            ("example.org:x", "example.org", 443, false),
            ("*:443", "example.org", 4500, false),
            ("<local>", "server", 443, true),
            ("<local>", "example.org", 443, false),
            ("<local>", "2001:db8::1", 443, false),
            ("a.test, b.test\tc.test", "c.test", 1, true),
            ("192.0.2.7", "192.0.2.7", 443, true),
            ("192.0.2.7:443", "192.0.2.7", 4500, false),
            ("2.7", "192.0.2.7", 443, false),
            ("192.0.2.0/24", "192.0.2.200", 443, true),
            ("192.0.2.0/24", "192.0.3.1", 443, false),
            ("192.0.2.0/24", "::ffff:192.0.2.9", 443, true),
            ("0.0.0.0/0", "198.51.100.1", 443, true),
            ("0.0.0.0/0", "2001:db8::1", 443, false),
            ("192.0.2.0/33", "192.0.2.1", 443, false),
            ("192.0.2.0/24", "name.test", 443, false),
            ("2001:db8::/32", "2001:db8::1", 443, true),
            ("[2001:db8::1]", "2001:db8::1", 443, true),
            ("[2001:db8::1]:443", "2001:db8::1", 4500, false),
            ("2001:db8::1", "2001:db8::1", 443, true),
            ("[", "example.org", 443, false),
            ("., *., .*, **, *.*", "example.org", 443, false),
        ];
        for (rules, host, port, expected) in table {
            assert_eq!(NoProxy::parse(rules).matches(host, port), expected, "{rules} {host}:{port}");
        }
    }
}
