//! Networks of the kinds that users of comparable software met in the field, by the numbers in the
//! list of them.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use convene_tests_hostile::{Authority, Desktop, FileServer, Issued, Known, Network, Proxy, Step};

use crate::networks::{Hostile, NO_LOGIN, noted, v4, v6};
use crate::scene::{
    ONLY_443, REFUSE, Scene, by_script, by_wpad, dante, housed, opens, proxy_known, scene, script, scripted,
    squid, strange,
};

/// How long a slow server of scripts thinks.
const THINKS: Duration = Duration::from_secs(6);

const FROM_REQUEST: &str = "each from its first request for the script on; Chromium's is before the click";

/// All of them.
pub(crate) const FIELD: &[Hostile] = &[
    v4("f01 a script asks for 20 names", |network| asking(network, 19)),
    v4("f01 a script asks for 60 names", |network| asking(network, 59)),
    v4("f02 a script of 900 questions", |network| questioning(network, 900)),
    v4("f02 a script of 4,000 questions", |network| questioning(network, 4_000)),
    v4("f02 a script in today's language", |network| {
        by_script(network, |proxy| {
            format!(
                "const inside = {{ [host]: ['PROXY {proxy}'] }};\n\
                 let found; for (const [name, [first]] of Object.entries(inside)) {{ found ??= first; }}\n\
                 class Way {{ #to; constructor(to) {{ this.#to = to; }} get to() {{ return this.#to?.trim(); }} }}\n\
                 return `${{new Way(found).to}}` || 'DIRECT';"
            )
        })
    }),
    v4("f02 a script that uses all functions", |network| {
        by_script(network, |proxy| {
            format!(
                "var all = dnsDomainLevels(host) === 1 && isPlainHostName('x') && dnsDomainIs(host, '.test')\n\
                 && localHostOrDomainIs(host, 'conference.test') && shExpMatch(url, 'https:*')\n\
                 && weekdayRange('SUN', 'SAT') && dateRange('JAN', 'DEC') && timeRange(0, 23)\n\
                 && isInNet(dnsResolve(host), '10.0.0.0', '255.0.0.0')\n\
                 && isInNetEx(dnsResolveEx(host), '10.0.0.0/8') && isResolvableEx(host)\n\
                 && myIpAddressEx().split(';').length > 0 && sortIpAddressList('10.2.3.9;2001:4898::1') !== false;\n\
                 alert('all: ' + all); return all ? 'PROXY {proxy}' : 'PROXY 127.0.0.1:9';"
            )
        })
    }),
    v4("f02 a script that looks at the address", |network| {
        by_script(network, |proxy| {
            format!("return url === 'https://' + host + '/' ? 'PROXY {proxy}' : 'PROXY 127.0.0.1:9';")
        })
    }),
    v4("f02 a script that writes its answer oddly", |network| {
        by_script(network, |proxy| format!("return ' ;; proxy\t{proxy} ; ; FOO bar:1; direct ';"))
    }),
    v4("f02 a script names SOCKS without a number", |network| {
        let body = |proxy: SocketAddr, _: SocketAddr| format!("return 'SOCKS {proxy}'");
        scripted(network, dante, body, |known, url| known.pac_url = Some(url))
    }),
    v6("f02 a script names an address of IPv6", |network| {
        by_script(network, |proxy| format!("return 'PROXY {proxy}'"))
    }),
    v4("f03 a script behind redirects", |network| serving(network, FileServer::behind_redirects)),
    v4("f03 a script that comes in pieces", |network| {
        serving(network, |network, file| {
            FileServer::answering(network, move |_| {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
                format!("{head}{:x}\r\n{file}\r\n0\r\n\r\n", file.len())
            })
        })
    }),
    v4("f03 a script without a length or kind", |network| {
        serving(network, |network, file| {
            FileServer::answering(network, move |_| format!("HTTP/1.0 200 OK\r\n\r\n{file}"))
        })
    }),
    noted(
        FROM_REQUEST,
        v4("f04 a script's server thinks for 6 s", |network| {
            let first_asked: Arc<OnceLock<Instant>> = Arc::default();
            let asked = Arc::clone(&first_asked);
            let mut scene = serving(network, |network, file| {
                let (end, ended) = mpsc::channel::<()>();
                FileServer::answering(network, move |_| {
                    // It takes one after the other: who asks meanwhile has waited already. Nobody
                    // ends it, since `end` lives as long as this.
                    if asked.set(Instant::now()).is_ok() {
                        let (_, _) = (&end, ended.recv_timeout(THINKS));
                    }
                    FileServer::answer(&file)
                })
            });
            scene.first_asked = first_asked;
            scene
        }),
    ),
    v4("f05 a proxy that wants to know who asks", |network| {
        strange(network, |asked| {
            if asked.head.to_ascii_lowercase().contains("\r\nuser-agent: ") {
                return opens("HTTP/1.1 200 OK\r\n\r\n");
            }
            opens("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        })
    }),
    v4("f08 only the issuing authority is trusted", |network| {
        let issuer = Authority::new("House Authority").vouch_for("House Issuer", 2099);
        let certificate = Issued { with_issuer: true, ..issuer.issued((2020, 2099)) };
        housed(network, ONLY_443, certificate, &issuer)
    }),
    v4("f09 the issuing authority is left out", |network| {
        let address = format!("http://{}/issuer.cer", network.router());
        left_out(network, &[&address], |_, issuer, _| issuer.certificate_der())
    }),
    v4("f09 it is left out, and in a bundle", |network| {
        let address = format!("http://{}/issuer.p7c", network.router());
        left_out(network, &[&address], |root, issuer, scratch| issuer.bundle(root, scratch))
    }),
    v4("f09 it is left out, and the second has it", |network| {
        let nobody = format!("http://{}:3900/issuer.cer", network.router());
        let address = format!("http://{}/issuer.cer", network.router());
        left_out(network, &["ldap:///", &nobody, &address], |_, issuer, _| issuer.certificate_der())
    }),
    v4("f09 it is left out, and nobody has it", |network| {
        let root = Authority::new("House Authority");
        let issuer = root.vouch_for("House Issuer", 2099);
        housed(network, ONLY_443, issuer.issued((2020, 2099)), &root)
    }),
    v4("f10 TLS 1.2 without secure renegotiation", |network| {
        scene(network, ONLY_443).with(|world| world.speak_legacy_tls("tcp dport 443"))
    }),
    v4("f11 a certificate that is not for servers", |network| {
        let authority = Authority::new("House Authority");
        let certificate = Issued { for_clients: true, ..authority.issued((2020, 2099)) };
        housed(network, ONLY_443, certificate, &authority)
    }),
    v4("f11 an issuing authority that has expired", |network| {
        let root = Authority::new("House Authority");
        let issuer = root.vouch_for("House Issuer", 2021);
        let certificate = Issued { with_issuer: true, ..issuer.issued((2020, 2099)) };
        housed(network, ONLY_443, certificate, &root)
    }),
    v4("f12 a script asks for the own address", |network| {
        let router = network.router();
        by_script(network, |proxy| {
            let inside = format!("isInNet(myIpAddress(), '{router}', '255.255.255.128')");
            format!("return {inside} ? 'PROXY {proxy}' : 'DIRECT'")
        })
        .after(|world| world.network().lose_way_out())
    }),
    v4("f14 KDE's settings are an administrator's", |network| administrated(network, "")),
    v4("f14 those, and others of the user's", |network| {
        administrated(network, "[Proxy Settings]\nProxyType=0\n")
    }),
    v4("f14 KDE names a script", |network| {
        scripted(
            network,
            squid,
            |proxy, _| format!("return 'PROXY {proxy}'"),
            |known, url| {
                set_kde(known, &format!("[Proxy Settings]\nProxyType=2\nProxy Config Script={url}\n"));
            },
        )
    }),
    v4("f14 KDE looks for a script", |network| {
        scripted(
            network,
            squid,
            |proxy, _| format!("return 'PROXY {proxy}'"),
            |known, _| set_kde(known, "[Proxy Settings]\nProxyType=3\n"),
        )
        .after(|world| world.network().offer_script())
    }),
    v4("f14 KDE names SOCKS", |network| {
        let mut scene = scene(network, REFUSE);
        let proxy = dante(scene.world.network());
        let (host, port) = (proxy.address().ip(), proxy.address().port());
        scene.known.desktop = Some(("KDE", Desktop::new(scene.world.network(), "anna")));
        let settings = format!("[Proxy Settings]\nProxyType=1\nsocksProxy=socks://{host} {port}\n");
        set_kde(&mut scene.known, &settings);
        scene.with(|_| proxy)
    }),
    v4("f14 GNOME names SOCKS", |network| {
        set_gnome(network, dante, |host, port| format!("[system/proxy/socks]\nhost='{host}'\nport={port}\n"))
    }),
    v4("f16 the thirteenth of a script's proxies", |network| {
        let router = network.router();
        by_script(network, |proxy| {
            let dead: String = (3_900..3_912).map(|port| format!("PROXY {router}:{port}; ")).collect();
            format!("return '{dead}PROXY {proxy}'")
        })
    }),
    v4("f16 the twelfth of the server's addresses", |mut network| {
        let rules = network.add_dead_addresses(11);
        scene(network, &rules)
    }),
    v4("f16 the forty-first of them", |mut network| {
        let rules = network.add_dead_addresses(40);
        scene(network, &rules)
    }),
    v4("f17 a proxy's head of 200 kB", |network| {
        strange(network, |_| opens(format!("HTTP/1.1 200 OK\r\nX-Policy: {}\r\n\r\n", "y".repeat(200_000))))
    }),
    v4("f17 a proxy's head of 1,500 lines", |network| {
        strange(network, |_| opens(format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Policy: yes\r\n".repeat(1_500))))
    }),
    v4("f17 a proxy says 200 behind two blanks", |network| {
        strange(network, |_| opens("HTTP/1.1  200\r\n\r\n"))
    }),
    v4("f17 a proxy speaks HTTP/1.2", |network| strange(network, |_| opens("HTTP/1.2 200 OK\r\n\r\n"))),
    v4("f17 a proxy speaks HTTP/2.0 in lines", |network| {
        strange(network, |_| opens("HTTP/2.0 200 OK\r\n\r\n"))
    }),
    v4("f17 a proxy writes small letters", |network| strange(network, |_| opens("http/1.1 200 ok\r\n\r\n"))),
    v4("f17 a proxy begins with an empty line", |network| {
        strange(network, |_| opens("\r\nHTTP/1.1 200 OK\r\n\r\n"))
    }),
    v4("f17 a proxy says no version", |network| strange(network, |_| opens("HTTP 200 OK\r\n\r\n"))),
    v4("f17 a proxy folds a line of its head", |network| {
        strange(network, |_| opens("HTTP/1.1 200 OK\r\nX-Policy: a,\r\n b\r\n\r\n"))
    }),
    v4("f17 a proxy's head has a line of nothing", |network| {
        strange(network, |_| opens("HTTP/1.1 200 OK\r\nno colon\r\n: nothing\r\nX-Blank : x\r\n\r\n"))
    }),
    v4("f17 a proxy's head is not in UTF-8", |network| {
        strange(network, |_| {
            let head = b"HTTP/1.1 200 Verbindung f\xfcr Sie\r\nX-B\xfcro: \xe9\r\n\r\n";
            vec![Step::Says(head.as_slice().into()), Step::Passes]
        })
    }),
    v4("f17 a proxy says its 200 is chunked", |network| {
        strange(network, |_| opens("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
    }),
    v4("f17 a proxy says it closes, and passes", |network| {
        strange(network, |_| opens("HTTP/1.0 200 OK\r\nConnection: close\r\nProxy-Connection: close\r\n\r\n"))
    }),
    v4("f17 a proxy answers with 201", |network| strange(network, |_| opens("HTTP/1.1 201 Created\r\n\r\n"))),
    v4("f17 a proxy says 200 with another number", |network| {
        strange(network, |_| opens("HTTP/1.1 0200 OK\r\n\r\n"))
    }),
    noted(
        NO_LOGIN,
        v4("f18 a password with a bare percent sign", |network| {
            let mut scene = strange(network, |asked| {
                // anna:50%off
                if asked.head.contains("\r\nProxy-Authorization: Basic YW5uYTo1MCVvZmY=\r\n") {
                    return opens("HTTP/1.1 200 OK\r\n\r\n");
                }
                let challenge = "Proxy-Authenticate: Basic realm=\"lab\"\r\nContent-Length: 0\r\n\r\n";
                vec![Step::says(format!("HTTP/1.1 407 Login\r\n{challenge}"))]
            });
            for (_, url) in &mut scene.known.environment {
                *url = url.replace("http://", "http://anna:50%off@");
            }
            scene
        }),
    ),
    v4("f18 the environment names no scheme", |network| {
        proxy_known(network, REFUSE, squid, |known, url| {
            known.environment = vec![("https_proxy", url.replace("http://", ""))];
        })
    }),
    v4("f18 the environment names SOCKS alone", |network| {
        proxy_known(network, REFUSE, dante, |known, url| {
            known.environment = vec![("SOCKS_SERVER", url.replace("http://", ""))];
        })
    }),
    v4("f18 the environment names a script", |network| {
        scripted(
            network,
            squid,
            |proxy, _| format!("return 'PROXY {proxy}'"),
            |known, url| {
                known.desktop = None;
                known.environment = vec![("auto_proxy", url)];
            },
        )
    }),
    v4("f20 the second search domain has a script", |network| {
        network.offer_script_in("corp.test lab.test", "lab.test");
        by_wpad(network)
    }),
];

/// A script asks for so many names that do not exist before it asks for the server's.
fn asking(network: Network, names: u32) -> Scene {
    by_script(network, |proxy| {
        let gone = format!("for (var i = 0; i < {names}; i++) isResolvable('x' + i + '.test');");
        format!("{gone} return isResolvable(host) ? 'PROXY {proxy}' : 'PROXY 127.0.0.1:9'")
    })
}

/// A script compares the name with so many others before it answers.
fn questioning(network: Network, questions: u32) -> Scene {
    by_script(network, |proxy| {
        let question = |number| {
            format!("if (shExpMatch(host, '*.intern{number}.corp.test')) {{ return 'DIRECT'; }} else ")
        };
        let chain: String = (0..questions).map(question).collect();
        format!("{chain}{{ return 'PROXY {proxy}'; }}")
    })
}

/// The user of KDE has these settings.
fn set_kde(known: &mut Known, settings: &str) {
    if let Some((name, desktop)) = &mut known.desktop {
        *name = "KDE";
        desktop.set_kde(settings);
    }
}

/// The user of GNOME has these settings, made of the host and the port of a proxy.
fn set_gnome(
    network: Network,
    make: impl FnOnce(&Network) -> Proxy,
    settings: impl FnOnce(IpAddr, u16) -> String,
) -> Scene {
    let mut scene = scene(network, REFUSE);
    let proxy = make(scene.world.network());
    let desktop = Desktop::new(scene.world.network(), "anna");
    let settings = settings(proxy.address().ip(), proxy.address().port());
    desktop.set_gnome(&format!("[system/proxy]\nmode='manual'\n{settings}"));
    scene.known.desktop = Some(("GNOME", desktop));
    scene.with(|_| proxy)
}

/// An administrator has locked KDE's settings, which name a variable of another name. The user has
/// these.
fn administrated(network: Network, of_user: &str) -> Scene {
    let mut scene = scene(network, REFUSE);
    let proxy = squid(scene.world.network());
    let desktop = Desktop::new(scene.world.network(), "anna");
    desktop.set_kde(of_user);
    let folder = scene.world.network().scratch().join("xdg");
    fs::create_dir_all(&folder).expect("the lab writes to its directory");
    let settings = "[Proxy Settings][$i]\nProxyType=4\nhttpsProxy=CORP_PROXY\n";
    fs::write(folder.join("kioslaverc"), settings).expect("the lab writes to its directory");
    scene.known.session_environment =
        vec![("XDG_CONFIG_DIRS", folder.display().to_string()), ("CORP_PROXY", proxy.url())];
    scene.known.desktop = Some(("KDE", desktop));
    scene.with(|_| proxy)
}

/// The configuration names a script that this server gives out; it names squid.
fn serving(network: Network, serve: impl FnOnce(&Network, String) -> FileServer) -> Scene {
    let mut scene = scene(network, REFUSE);
    let proxy: Proxy = squid(scene.world.network());
    let files = serve(scene.world.network(), script(&format!("return 'PROXY {}'", proxy.address())));
    scene.known.pac_url = Some(files.url());
    scene.with(|_| proxy).with(|_| files)
}

/// The server leaves out the authority that issued its certificate. It says that it lies at these
/// addresses, and where the router answers, there is this file.
fn left_out(
    network: Network,
    addresses: &[&str],
    file: impl FnOnce(&Authority, &Authority, &Path) -> Vec<u8>,
) -> Scene {
    let root = Authority::new("House Authority");
    let issuer = root.vouch_for("House Issuer", 2099);
    let certificate = Issued { issuer_at: addresses, ..issuer.issued((2020, 2099)) };
    let file = file(&root, &issuer, network.scratch());
    housed(network, ONLY_443, certificate, &root).with(|world| {
        FileServer::answering(world.network(), move |_| {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", file.len());
            [head.as_bytes(), &file].concat()
        })
    })
}
