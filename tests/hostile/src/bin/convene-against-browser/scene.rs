//! Networks with a running server, as each is put together.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use convene_tests_hostile::{
    Authority, Conduct, Desktop, FileServer, House, Issued, Known, Login, Network, Proxy, Script, Scripted,
    Step, World,
};

/// A network with a running server, and what the machine in it knows.
pub(crate) struct Scene {
    pub(crate) known: Known,
    /// When a part was asked for something that is slow, where the time begins then.
    pub(crate) first_asked: Arc<OnceLock<Instant>>,
    /// The parts that are at work on the way; they end before the network does.
    _at_work: Vec<Box<dyn Any>>,
    pub(crate) world: World,
}

/// Only conference ports and 443 are open anyway, and each of them says no.
pub(crate) const REFUSE: &str = "meta l4proto tcp reject with tcp reset\ndrop";
/// 443 is open, and the conference ports say no.
pub(crate) const ONLY_443: &str = "tcp dport 4500-4506 reject with tcp reset";
impl Scene {
    /// Something more is at work.
    pub(crate) fn with<Part: 'static>(mut self, begin: impl FnOnce(&World) -> Part) -> Self {
        let part = begin(&self.world);
        self._at_work.push(Box::new(part));
        self
    }

    /// How long somebody had waited already at this moment.
    pub(crate) fn waited_before(&self, moment: Instant) -> Duration {
        self.first_asked.get().map_or(Duration::ZERO, |asked| moment.saturating_duration_since(*asked))
    }

    /// Something more has happened.
    pub(crate) fn after(self, happen: impl FnOnce(&World)) -> Self {
        happen(&self.world);
        self
    }
}

/// A world behind these rules, whose server is trusted.
pub(crate) fn scene(network: Network, rules: &str) -> Scene {
    let authority = Authority::new("House Authority");
    housed(network, rules, authority.issued((2020, 2099)), &authority)
}

/// The same, with this certificate, where this authority is trusted.
pub(crate) fn housed(network: Network, rules: &str, certificate: Issued<'_>, trusted: &Authority) -> Scene {
    network.filter(rules);
    let known = Known { authorities: vec![trusted.certificate()], ..Known::default() };
    let house = House { certificate: Some(certificate), check_page: network.families().has_v4() };
    let world = World::open_in(network, &house);
    Scene { known, first_asked: Arc::default(), _at_work: Vec::new(), world }
}

/// Only 443 is open, and a box stands there.
pub(crate) fn boxed(network: Network, conduct: Conduct) -> Scene {
    scene(network, ONLY_443).with(|world| world.terminate("tcp dport 443", conduct))
}

pub(crate) fn inspected(network: Network, is_trusted: bool) -> Scene {
    let inspector = Authority::new("Lab Inspector");
    let mut scene = scene(network, ONLY_443).with(|world| world.inspect("tcp dport 443", &inspector));
    scene.known.authorities.extend(is_trusted.then(|| inspector.certificate()));
    scene
}

pub(crate) fn squid(network: &Network) -> Proxy {
    Proxy::squid(network, &[443], None)
}

pub(crate) fn dante(network: &Network) -> Proxy {
    Proxy::dante(network, false, None)
}

pub(crate) fn squid_with_login(network: &Network) -> Proxy {
    Proxy::squid(network, &[443], Some(Login::AWKWARD))
}

/// The environment names this proxy.
pub(crate) fn proxied(network: Network, rules: &str, make: impl FnOnce(&Network) -> Proxy) -> Scene {
    proxy_known(network, rules, make, |known, url| known.environment = vec![("https_proxy", url)])
}

/// There is a proxy, and this is how it is known.
pub(crate) fn proxy_known(
    network: Network,
    rules: &str,
    make: impl FnOnce(&Network) -> Proxy,
    tell: impl FnOnce(&mut Known, String),
) -> Scene {
    let mut scene = scene(network, rules);
    let proxy = make(scene.world.network());
    tell(&mut scene.known, proxy.url());
    scene.with(|_| proxy)
}

/// A desktop's settings name squid.
pub(crate) fn desktop(network: Network, name: &'static str) -> Scene {
    let mut scene = scene(network, REFUSE);
    let proxy = squid(scene.world.network());
    let desktop = Desktop::new(scene.world.network(), "anna");
    let (host, port) = (proxy.address().ip(), proxy.address().port());
    if name == "KDE" {
        desktop.set_kde(&format!("[Proxy Settings]\nProxyType=1\nhttpsProxy=http://{host} {port}\n"));
    } else {
        let https = format!("[system/proxy/https]\nhost='{host}'\nport={port}\n");
        desktop.set_gnome(&format!("[system/proxy]\nmode='manual'\nignore-hosts=['localhost']\n{https}"));
    }
    scene.known.desktop = Some((name, desktop));
    scene.with(|_| proxy)
}

/// The configuration names a script, whose body is made of the address of squid.
pub(crate) fn by_script(network: Network, body: impl FnOnce(SocketAddr) -> String) -> Scene {
    scripted(network, squid, |proxy, _| body(proxy), |known, url| known.pac_url = Some(url))
}

/// The desktop is set to find a script by WPAD, and one that names squid stands on the router.
pub(crate) fn by_wpad(network: Network) -> Scene {
    let body = |proxy: SocketAddr, _: SocketAddr| format!("return 'PROXY {proxy}'");
    scripted(network, squid, body, |known, _| {
        if let Some((_, desktop)) = &known.desktop {
            desktop.set_gnome("[system/proxy]\nmode='auto'\n");
        }
    })
}

/// A script stands on the router; its body is made of the proxy's address and one at which nobody
/// listens. There is a desktop, too.
pub(crate) fn scripted(
    network: Network,
    make: impl FnOnce(&Network) -> Proxy,
    body: impl FnOnce(SocketAddr, SocketAddr) -> String,
    tell: impl FnOnce(&mut Known, String),
) -> Scene {
    let mut scene = scene(network, REFUSE);
    let network = scene.world.network();
    let proxy = make(network);
    let body = body(proxy.address(), SocketAddr::new(network.router(), 3_999));
    let files = FileServer::start(network, script(&body));
    scene.known.desktop = Some(("GNOME", Desktop::new(network, "anna")));
    tell(&mut scene.known, files.url());
    scene.with(|_| proxy).with(|_| files)
}

pub(crate) fn broken_script(network: Network, body: &str) -> Scene {
    let mut scene = scene(network, "");
    let files = FileServer::start(scene.world.network(), script(body));
    scene.known.pac_url = Some(files.url());
    scene.with(|_| files)
}

pub(crate) fn script(body: &str) -> String {
    format!("function FindProxyForURL(url, host) {{ {body} }}\n")
}

/// The environment names a proxy that does what the script says.
pub(crate) fn strange(network: Network, script: Script) -> Scene {
    let mut scene = scene(network, REFUSE);
    let proxy = Scripted::start(&scene.world, script);
    scene.known.environment = vec![("https_proxy", format!("http://{}", proxy.address()))];
    scene.with(|_| proxy)
}

pub(crate) fn opens(answer: impl Into<String>) -> Vec<Step> {
    vec![Step::says(answer), Step::Passes]
}
