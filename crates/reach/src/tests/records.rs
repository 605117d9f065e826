//! Failures as users and administrators read them.

use convene_model::{Code, Remedy, Rung, Stage};

use super::world::{ms, route};
use crate::{Failure, describe};

#[test]
fn a_record_names_the_target_and_the_proxy() {
    let failure = Failure { stage: Stage::Proxy, code: Code::ProxyForbidden };
    let attempt = describe::attempt(&route(Rung::Proxy, 443, Some("proxy")), failure, ms(12), None);
    assert_eq!((&*attempt.target, attempt.ms), ("server:443 via proxy:3128", 12));
    assert_eq!(attempt.remedy, Remedy::AllowServerInProxy);
    let mut v6 = route(Rung::Direct, 4500, None);
    v6.target.host = "2001:db8::1".into();
    assert_eq!(describe::attempt(&v6, failure, ms(0), None).target, "[2001:db8::1]:4500");
}

#[test]
fn silence_means_the_proxys_address_its_rules_or_the_firewall() {
    let remedy = |rung, proxy, stage| {
        describe::remedy(&route(rung, 443, proxy), Failure { stage, code: Code::TimedOut })
    };
    assert_eq!(remedy(Rung::Proxy, Some("proxy"), Stage::Tcp), Remedy::CheckProxy);
    assert_eq!(remedy(Rung::Proxy, Some("proxy"), Stage::Tls), Remedy::AllowServerInProxy);
    assert_eq!(remedy(Rung::Https, None, Stage::Tcp), Remedy::AllowServer);
}

#[test]
fn what_fails_before_the_proxy_is_reached_means_the_proxys_address() {
    let of_lookup = [Code::NameNotFound, Code::DnsTimedOut, Code::DnsFailed].map(|code| (Stage::Dns, code));
    let of_tcp = [Code::Refused, Code::TimedOut, Code::Unreachable, Code::Forbidden];
    for (stage, code) in of_lookup.into_iter().chain(of_tcp.map(|code| (Stage::Tcp, code))) {
        let remedy = |rung, proxy| describe::remedy(&route(rung, 443, proxy), Failure { stage, code });
        assert_eq!(remedy(Rung::Proxy, Some("proxy")), Remedy::CheckProxy, "{code}");
        assert_ne!(remedy(Rung::Https, None), Remedy::CheckProxy, "{code}");
    }
}
