//! Real sockets on loopback: servers, boxes and proxies that do what such things do.

mod logons;
mod name_filter;
mod pipes;
mod polls;
mod proxies;
mod proxy_lists;
mod rejections;
mod socks;
mod stage;
mod trust;
mod ways;

/// The user whose logins the tests show.
const WHOSE: &str = "uid:1000";

/// These logins, each for one proxy that was named.
fn known(
    logins: impl IntoIterator<Item = (convene_reach::ProxyAddress, crate::Login)>,
) -> std::sync::Arc<crate::Logins> {
    let known = crate::Logins::default();
    for (proxy, login) in logins {
        known.set(WHOSE, &proxy, Some(crate::KnownLogin { login, in_clear: true }));
    }
    known.into()
}
