//! The networks in which both are put.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use convene_tests_hostile::{Authority, Conduct, Families, Network, Proxy, Step};

use crate::scene::{
    ONLY_443, REFUSE, Scene, boxed, broken_script, by_script, by_wpad, dante, desktop, housed, inspected,
    opens, proxied, proxy_known, scene, scripted, squid, squid_with_login, strange,
};

/// A network, made anew for each of the two.
#[derive(Clone, Copy)]
pub(crate) struct Hostile {
    /// By its number in the project's list.
    pub(crate) name: &'static str,
    pub(crate) families: Families,
    pub(crate) build: fn(Network) -> Scene,
    /// The fact that must be known to read its row.
    pub(crate) note: &'static str,
}

/// A network's login page.
const PORTAL: &str = "HTTP/1.1 302 Found\r\nServer: Lab Portal\r\nLocation: http://login.test/welcome\r\nContent-Length: 0\r\n\r\n";
/// The answer of a web filter in the place of TLS.
const BLOCK_PAGE: &str =
    "HTTP/1.1 403 Forbidden\r\nServer: Lab Filter\r\nContent-Type: text/html\r\n\r\n<html>Blocked</html>";
/// For how long a box lets a server be silent.
const CUT: Duration = Duration::from_millis(2_500);
/// Between two bytes of a slow proxy's answer.
const DRIP: Duration = Duration::from_millis(30);

pub(crate) const fn v4(name: &'static str, build: fn(Network) -> Scene) -> Hostile {
    Hostile { name, families: Families::V4, build, note: "" }
}

pub(crate) const fn v6(name: &'static str, build: fn(Network) -> Scene) -> Hostile {
    Hostile { families: Families::V6, ..v4(name, build) }
}

const fn both(name: &'static str, build: fn(Network) -> Scene) -> Hostile {
    Hostile { families: Families::Both, ..v4(name, build) }
}

pub(crate) const fn noted(note: &'static str, network: Hostile) -> Hostile {
    Hostile { note, ..network }
}

pub(crate) const NO_LOGIN: &str = "nobody can type a login into a browser without a window";
const PLAIN_ENVIRONMENT: &str = "Chromium takes what this variable names for a plain HTTP proxy";

/// All of them.
pub(crate) const NETWORKS: &[Hostile] = &[
    v4("r01 all open", |network| scene(network, "")),
    v6("r02 all open, IPv6 alone", |network| scene(network, "")),
    both("r03 IPv6 published and dead", |network| {
        scene(network, "").after(|world| world.network().deafen_server("meta nfproto ipv6 meta l4proto tcp"))
    }),
    both("r04 IPv4 published and dead", |network| {
        scene(network, "").after(|world| world.network().deafen_server("meta nfproto ipv4 meta l4proto tcp"))
    }),
    v4("r06 4500 reset", |network| scene(network, "tcp dport 4500 reject with tcp reset")),
    v4("r07 only 4506 open", |network| scene(network, "tcp dport { 443, 4500-4505 } drop")),
    v4("r08 conference ports dropped", |network| scene(network, "tcp dport 4500-4506 drop")),
    v4("r09 conference ports reset", |network| scene(network, ONLY_443)),
    v4("r11 conference ports accepted by a silent box", |network| {
        scene(network, "").with(|world| world.network().swallow("tcp dport 4500-4506"))
    }),
    v4("r13 a page in place of TLS on 4500", |network| {
        scene(network, "tcp dport 4501-4506 reject with tcp reset")
            .after(|world| world.network().answer_everybody("tcp dport 4500", BLOCK_PAGE))
    }),
    v4("r13 a page inside of TLS", |network| boxed(network, Conduct::ShowsPage)),
    v4("r15 what is said on other ports is dropped", |network| {
        scene(network, "tcp dport 4500-4506 tcp flags & (psh | ack) == psh | ack drop")
    }),
    v4("r22 the first name server is dead", |network| {
        scene(network, "").after(|world| world.network().ask_nobody_first())
    }),
    v4("r25 only the proxy resolves the name", |network| {
        proxied(network, "drop", squid).after(|world| world.network().hide_names())
    }),
    v4("r28 upgrade stripped", |network| boxed(network, Conduct::StripsUpgrade)),
    v4("r29 WebSocket frames swallowed", |network| boxed(network, Conduct::SwallowsFrames)),
    v4("r31 upgrade forbidden", |network| boxed(network, Conduct::ForbidsUpgrade)),
    v4("r32 a box without ALPN, TLS 1.2", |network| boxed(network, Conduct::Passes)),
    v4("r34 a box that speaks TLS 1.1", |network| {
        scene(network, ONLY_443).with(|world| world.speak_old_tls("tcp dport 443"))
    }),
    v4("r41 what is silent is cut", |network| boxed(network, Conduct::Cuts(CUT))),
    v4("r43 TLS inspected, trusted", |network| inspected(network, true)),
    v4("r44 TLS inspected, not trusted", |network| inspected(network, false)),
    v4("r47 certificate expired", |network| {
        let authority = Authority::new("House Authority");
        housed(network, ONLY_443, authority.issued((2020, 2021)), &authority)
    }),
    v4("r50 squid, environment, direct dropped", |network| proxied(network, "drop", squid)),
    v4("r50 squid, environment, direct reset", |network| proxied(network, REFUSE, squid)),
    v6("r50 squid, environment, IPv6 alone", |network| proxied(network, REFUSE, squid)),
    v4("r50 tinyproxy, environment", |network| {
        proxied(network, "drop", |network| Proxy::tinyproxy(network, &[443], None))
    }),
    v4("r50 squid, /etc/environment", |network| {
        proxy_known(network, "drop", squid, |known, url| {
            known.system_environment = vec![("https_proxy", url)];
        })
    }),
    v4("r50 squid, GNOME", |network| desktop(network, "GNOME")),
    v4("r50 squid, KDE", |network| desktop(network, "KDE")),
    v4("r11 all ports accepted by a silent box, squid", |network| {
        proxied(network, "", squid)
            .with(|world| world.network().swallow("iifname fw0 tcp dport { 443, 4500-4506 }"))
    }),
    v4("r51 a script names squid, configuration", |network| {
        by_script(network, |proxy| format!("return 'PROXY {proxy}'"))
    }),
    v4("r51 a script names squid, GNOME", |network| {
        scripted(
            network,
            squid,
            |proxy, _| format!("return 'PROXY {proxy}'"),
            |known, url| {
                if let Some((_, desktop)) = &known.desktop {
                    desktop.set_gnome(&format!("[system/proxy]\nmode='auto'\nautoconfig-url='{url}'\n"));
                }
            },
        )
    }),
    v4("r51 a script names squid, WPAD by GNOME", |network| {
        by_wpad(network).after(|world| world.network().offer_script())
    }),
    v4("r53 a script names a dead proxy first", |network| {
        let body =
            |proxy: SocketAddr, dead: SocketAddr| format!("return 'PROXY {dead}; PROXY {proxy}; DIRECT'");
        scripted(network, squid, body, |known, url| known.pac_url = Some(url))
    }),
    v4("r53 a script throws, direct is open", |network| broken_script(network, "throw 'x'")),
    v4("r53 a script loops, direct is open", |network| broken_script(network, "while (true) {}")),
    v4("r54 a script says DIRECT, direct is blocked", |network| {
        by_script(network, |_| "return 'DIRECT'".to_owned())
    }),
    v4("r55 apache for 443 alone", |network| {
        proxied(network, REFUSE, |network| Proxy::apache(network, None))
    }),
    v4("r55 privoxy for 443 alone", |network| proxied(network, REFUSE, Proxy::privoxy)),
    noted(
        NO_LOGIN,
        v4("r57 squid with Basic, login in the URL", |network| {
            proxy_known(network, "drop", squid_with_login, |known, url| {
                let url = url.replace("http://", "http://anna:se%3Acr%40et@");
                known.environment = vec![("https_proxy", url)];
            })
        }),
    ),
    v4("r69 a proxy that wants TLS, named by a script", |network| {
        let ca = network.scratch().join("proxy-ca.pem");
        let make = |network: &Network| Proxy::apache(network, Some(&ca));
        let mut scene = scripted(
            network,
            make,
            |proxy, _| format!("return 'HTTPS {proxy}'"),
            |known, url| known.pac_url = Some(url),
        );
        scene.known.authorities.push(fs::read_to_string(&ca).expect("the lab has written it"));
        scene
    }),
    noted(
        PLAIN_ENVIRONMENT,
        v4("r69 a proxy that wants TLS, environment", |network| {
            let ca = network.scratch().join("proxy-ca.pem");
            let mut scene = proxied(network, REFUSE, |network| Proxy::apache(network, Some(&ca)));
            scene.known.authorities.push(fs::read_to_string(&ca).expect("the lab has written it"));
            scene
        }),
    ),
    v4("r72 a proxy that forbids CONNECT", |network| {
        proxied(network, REFUSE, |network| Proxy::squid(network, &[80], None))
    }),
    v4("r74 NO_PROXY names the server", |network| {
        let mut scene = scene(network, "");
        let nobody = format!("http://{}:3128", scene.world.network().router());
        scene.known.environment = vec![("https_proxy", nobody), ("no_proxy", ".test".to_owned())];
        scene
    }),
    v4("r75 dante, SOCKS 5, named by a script", |network| {
        let body = |proxy: SocketAddr, _: SocketAddr| format!("return 'SOCKS5 {proxy}'");
        scripted(network, dante, body, |known, url| known.pac_url = Some(url))
    }),
    noted(
        PLAIN_ENVIRONMENT,
        v4("r75 dante, SOCKS 5, environment", |network| {
            proxy_known(network, REFUSE, dante, |known, url| {
                known.environment = vec![("all_proxy", url.replace("http://", "socks5://"))];
            })
        }),
    ),
    v4("r78 a login page", |network| {
        scene(network, REFUSE).after(|world| world.network().answer_everybody("tcp dport 80", PORTAL))
    }),
    v4("a proxy answers byte by byte", |network| {
        strange(network, |_| {
            vec![Step::Drips(b"HTTP/1.1 200 Connection established\r\n\r\n".into(), DRIP), Step::Passes]
        })
    }),
    v4("a proxy answers in HTTP/1.0", |network| strange(network, |_| opens("HTTP/1.0 200 OK\r\n\r\n"))),
    v4("a proxy ends lines with LF", |network| strange(network, |_| opens("HTTP/1.1 200 OK\nVia: x\n\n"))),
    v4("a proxy says a length with its 200", |network| {
        strange(network, |_| opens("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"))
    }),
    v4("a proxy says 100 before its 200", |network| {
        strange(network, |_| opens("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"))
    }),
    v4("a proxy answers with 204", |network| strange(network, |_| opens("HTTP/1.1 204 No Content\r\n\r\n"))),
    v4("a proxy answers after 6 s", |network| {
        strange(network, |_| {
            let mut steps = opens("HTTP/1.1 200 OK\r\n\r\n");
            steps.insert(0, Step::Waits(Duration::from_secs(6)));
            steps
        })
    }),
    v4("r95 all blocked", |network| scene(network, "drop")),
];
