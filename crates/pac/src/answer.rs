//! The answer of a script: `PROXY a:8080; SOCKS5 b:1080; DIRECT`.

use convene_reach::timing::PROXIES_MAX;
use convene_reach::{ProxyAddress, ProxyScheme};

/// One way that a script names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// Without a proxy.
    Direct,
    /// Through this one.
    Proxy(ProxyAddress),
}

/// Bytes of an answer that are looked at: twenty proxies with long names.
const ANSWER_BYTES_MAX: usize = 8 * 1024;

/// The ways in their order, at most as many as one round tries; what makes no sense is passed over.
pub fn candidates(answer: &str) -> Vec<Candidate> {
    let end =
        answer.char_indices().map(|(at, _)| at).find(|at| *at >= ANSWER_BYTES_MAX).unwrap_or(answer.len());
    let answer = answer.get(..end).unwrap_or_default();
    answer.split(';').filter_map(candidate).take(PROXIES_MAX).collect()
}

fn candidate(part: &str) -> Option<Candidate> {
    let mut words = part.split_whitespace();
    let (scheme, usual_port) = match words.next()?.to_ascii_uppercase().as_str() {
        "DIRECT" => return Some(Candidate::Direct),
        "PROXY" | "HTTP" => (ProxyScheme::Http, 80),
        "HTTPS" => (ProxyScheme::Https, 443),
        "SOCKS5" => (ProxyScheme::Socks5, 1_080),
        // Browsers take the unnumbered word for version 4, with names unresolved.
        "SOCKS" | "SOCKS4" => (ProxyScheme::Socks4, 1_080),
        _ => return None,
    };
    let address = words.next().filter(|_| words.next().is_none())?;
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, port.strip_prefix(':'))
        }
        None => match address.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    let port = port.map_or(Some(usual_port), |port| port.parse().ok().filter(|port| *port > 0))?;
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    let fits = !host.is_empty() && host.len() <= 253 && host.bytes().all(is_host);
    fits.then_some(Candidate::Proxy(ProxyAddress { scheme, host, port }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(answer: &str) -> Vec<String> {
        let show = |candidate| match candidate {
            Candidate::Direct => "direct".to_owned(),
            Candidate::Proxy(proxy) => proxy.to_string(),
        };
        candidates(answer).into_iter().map(show).collect()
    }

    #[test]
    fn every_way_is_read_in_its_order() {
        let answer =
            "PROXY A.test:8080; https b.test ;SOCKS5 c.test:1;socks d.test; PROXY [2001:db8::1]:3128;DIRECT";
        let expected = [
            "a.test:8080",
            "https://b.test:443",
            "socks5://c.test:1",
            "socks4://d.test:1080",
            "[2001:db8::1]:3128",
            "direct",
        ];
        assert_eq!(read(answer), expected);
    }

    #[test]
    fn what_makes_no_sense_is_passed_over() {
        for nothing in [
            "",
            ";;",
            "PROXY",
            "PROXY a b",
            "QUIC a:1",
            "PROXY a:0",
            "PROXY a:99999",
            "PROXY a\u{0}b:1",
            "PROXY [x]:1",
        ] {
            assert_eq!(read(nothing), Vec::<String>::new(), "{nothing:?}");
        }
        assert_eq!(read("nonsense; PROXY a:1"), ["a:1"]);
        assert_eq!(candidates(&"PROXY a:1;".repeat(10_000)).len(), PROXIES_MAX);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(answer in ".{0,400}") {
            prop_assert!(candidates(&answer).len() <= PROXIES_MAX);
        }
    }
}
