//! The lab is proven before it judges anything: plain connections through every kind of network
//! that the tests use.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::{Arrivals, Families, Login, Network, Path, Place, Proxy, SERVER_NAME, in_network};

const SOON: Duration = Duration::from_secs(5);
/// Long enough for any answer of a neighbour namespace, too short for a repeated SYN.
const SILENCE: Duration = Duration::from_millis(400);

fn address(network: &Network, port: u16) -> SocketAddr {
    SocketAddr::new(network.servers()[0], port)
}

/// Bytes go from end to end, both ways.
fn assert_talks(listener: &TcpListener, mut client: TcpStream) {
    let (mut server, _) = listener.accept().unwrap();
    client.write_all(b"ping").unwrap();
    let mut heard = [0; 4];
    server.read_exact(&mut heard).unwrap();
    server.write_all(b"pong").unwrap();
    client.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"pong");
}

#[test]
fn an_open_network_lets_both_families_through() {
    in_network(Families::Both, |network| {
        let listener = network.listen(Place::Server, 4_500);
        for server in network.servers() {
            let stream = network.connect(Place::Client, SocketAddr::new(server, 4_500), SOON).unwrap();
            assert_talks(&listener, stream);
        }
    });
}

#[test]
fn a_network_of_one_family_has_no_other() {
    in_network(Families::V6, |network| {
        assert!(network.servers()[0].is_ipv6() && network.servers().len() == 1);
        let listener = network.listen(Place::Server, 4_500);
        assert_talks(&listener, network.connect(Place::Client, address(&network, 4_500), SOON).unwrap());
        let v4 = SocketAddr::from(([10, 77, 0, 130], 4_500));
        let error = network.connect(Place::Client, v4, SOON).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NetworkUnreachable);
    });
}

#[test]
fn nothing_leads_out_of_the_lab() {
    in_network(Families::V4, |network| {
        let outside = SocketAddr::from(([192, 0, 2, 1], 443));
        assert!(network.connect(Place::Client, outside, SILENCE).is_err());
        assert!(network.connect(Place::Router, outside, SILENCE).is_err());
    });
}

#[test]
fn the_name_server_knows_one_name() {
    in_network(Families::Both, |network| {
        let ask = |name| {
            let mut command = network.command(Place::Client, "/usr/bin/getent");
            String::from_utf8(command.args(["ahosts", name]).output().unwrap().stdout).unwrap()
        };
        let answer = ask(SERVER_NAME);
        for server in network.servers() {
            assert!(answer.contains(&server.to_string()), "{answer}");
        }
        assert_eq!(ask("elsewhere.test"), "");
    });
}

#[test]
fn rules_are_replaced_while_connections_stand() {
    in_network(Families::V4, |network| {
        let _listeners = [4_500, 443].map(|port| network.listen(Place::Server, port));
        let knock =
            |port| network.connect(Place::Client, address(&network, port), SILENCE).map_err(|e| e.kind());
        let mut standing = knock(4_500).unwrap();

        network.filter("tcp dport 4500-4506 drop");
        assert_eq!(knock(4_500).unwrap_err(), ErrorKind::TimedOut);
        assert!(knock(443).is_ok());

        network.filter("tcp dport 4500-4506 reject with tcp reset\ntcp dport 443 drop");
        assert_eq!(knock(4_500).unwrap_err(), ErrorKind::ConnectionRefused);
        assert_eq!(knock(443).unwrap_err(), ErrorKind::TimedOut);
        standing.set_read_timeout(Some(SOON)).unwrap();
        standing.write_all(b"anyone?").unwrap();
        assert_eq!(standing.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);

        network.filter("");
        assert!(knock(4_500).is_ok() && knock(443).is_ok());
    });
}

#[test]
fn a_long_path_is_late_and_a_narrow_one_loses_what_is_too_long() {
    in_network(Families::V4, |network| {
        let delay = Duration::from_millis(150);
        let _long = network.lengthen(Path { delay, opening_delay: delay, bytes_max: 1_280, ..Path::SHORT });
        let listener = network.listen(Place::Server, 4_500);
        let began = Instant::now();
        let mut client = network.connect(Place::Client, address(&network, 4_500), SOON).unwrap();
        assert!(began.elapsed() >= delay * 2 && began.elapsed() < delay * 4, "{:?}", began.elapsed());
        let (mut server, _) = listener.accept().unwrap();
        server.write_all(&[b'x'; 1_228]).unwrap();
        client.read_exact(&mut [0; 1_228]).unwrap();
        server.write_all(&[b'x'; 1_229]).unwrap();
        client.set_read_timeout(Some(delay * 2 + SILENCE)).unwrap();
        assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn a_lossy_path_loses_its_share() {
    in_network(Families::V4, |network| {
        let _long = network.lengthen(Path { lost_percent: 30, ..Path::SHORT });
        let to = address(&network, 4_500);
        let [near, far] = [Place::Client, Place::Server].map(|place| {
            let socket = network.within(place, || std::net::UdpSocket::bind(("0.0.0.0", 4_500)));
            socket.unwrap()
        });
        far.set_read_timeout(Some(SILENCE)).unwrap();
        for _ in 0..200 {
            near.send_to(b"?", to).unwrap();
        }
        let came = std::iter::from_fn(|| far.recv(&mut [0]).ok()).count();
        assert!((110..170).contains(&came), "{came} of 200");
    });
}

#[test]
fn gates_judge_what_is_said_first() {
    in_network(Families::V4, |network| {
        let listener = network.listen(Place::Server, 4_500);
        let hears = |first: &[u8]| {
            let mut client = network.connect(Place::Client, address(&network, 4_500), SOON).unwrap();
            let (mut server, _) = listener.accept().unwrap();
            server.set_read_timeout(Some(SILENCE)).unwrap();
            client.write_all(first).unwrap();
            server.read(&mut [0]).is_ok()
        };
        // A record of 300 bytes, and one of 1,700.
        let (short, long) = (b"\x16\x03\x01\x01\x2c\x01", b"\x16\x03\x01\x06\xa4\x01");
        network.filter(Network::TLS_OR_HTTP_ALONE);
        assert!(hears(short) && hears(b"GET / HTTP/1.1\r\n"));
        assert!(!hears(b"{\"hello\":1}"));
        network.filter(Network::CLIENT_HELLO_OF_ONE_PACKET);
        assert!(hears(short) && !hears(long));
    });
}

#[test]
fn a_swallowed_port_accepts_and_says_nothing() {
    in_network(Families::V4, |network| {
        let listener = network.listen(Place::Server, 443);
        listener.set_nonblocking(true).unwrap();
        let _swallower = network.swallow("tcp dport 443");
        let mut client = network.connect(Place::Client, address(&network, 443), SOON).unwrap();
        client.write_all(b"hello?").unwrap();
        client.set_read_timeout(Some(SILENCE)).unwrap();
        assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn arrivals_are_seen_in_order_with_their_time() {
    in_network(Families::Both, |network| {
        network.deafen_server("meta nfproto ipv6 tcp dport 4500");
        let _listener = network.listen(Place::Server, 4_500);
        let arrivals = Arrivals::watch(&network);
        let [v4, v6] = [0, 1].map(|at| SocketAddr::new(network.servers()[at], 4_500));
        let began = Instant::now();
        assert_eq!(network.connect(Place::Client, v6, SILENCE).unwrap_err().kind(), ErrorKind::TimedOut);
        network.connect(Place::Client, v4, SOON).unwrap();
        let passed = began.elapsed();
        let seen = crate::patiently(SOON, || Some(arrivals.seen()).filter(|seen| seen.len() == 2)).unwrap();
        assert_eq!(seen.iter().map(|arrival| arrival.to).collect::<Vec<_>>(), [v6, v4]);
        let apart = seen[1].at - seen[0].at;
        // The router's clock is not this one: it may be set, and runs at its own pace.
        assert!(apart >= SILENCE * 9 / 10 && apart <= passed * 11 / 10, "{apart:?} of {passed:?}");
    });
}

#[test]
fn proxies_let_through_what_they_are_for() {
    in_network(Families::V4, |network| {
        let listener = network.listen(Place::Server, 443);
        network.filter("drop");
        for proxy in [Proxy::squid(&network, &[443], None), Proxy::tinyproxy(&network, &[443], None)] {
            let ask =
                |port| network.tunnel(proxy.address(), &format!("{SERVER_NAME}:{port}"), None, SOON).unwrap();
            let (status, tunnel) = ask(443);
            assert_eq!(status, 200);
            assert_talks(&listener, tunnel);
            assert_eq!(ask(4_500).0, 403);
            let logged = crate::patiently(SOON, || proxy.log().contains(SERVER_NAME).then_some(()));
            assert!(logged.is_some(), "{}", proxy.log());
        }
    });
}

#[test]
fn proxies_want_their_login() {
    in_network(Families::V4, |network| {
        let listener = network.listen(Place::Server, 443);
        network.filter("drop");
        let squid = Proxy::squid(&network, &[], Some(Login::AWKWARD));
        let tinyproxy = Proxy::tinyproxy(&network, &[], Some(Login::PLAIN));
        let target = format!("{SERVER_NAME}:443");
        // anna:se:cr@et and anna:secret; tinyproxy answers 401 to a wrong login.
        let [awkward, plain] = ["YW5uYTpzZTpjckBldA==", "YW5uYTpzZWNyZXQ="];
        for (proxy, login, status) in [
            (&squid, None, 407),
            (&squid, Some(plain), 407),
            (&squid, Some(awkward), 200),
            (&tinyproxy, None, 407),
            (&tinyproxy, Some(awkward), 401),
            (&tinyproxy, Some(plain), 200),
        ] {
            let (answered, tunnel) = network.tunnel(proxy.address(), &target, login, SOON).unwrap();
            assert_eq!(answered, status);
            if status == 200 {
                assert_talks(&listener, tunnel);
            }
        }
    });
}

#[test]
fn a_proxy_reaches_a_server_that_has_only_v6() {
    in_network(Families::V6, |network| {
        let listener = network.listen(Place::Server, 443);
        network.filter("drop");
        let proxy = Proxy::squid(&network, &[443], None);
        let (status, tunnel) =
            network.tunnel(proxy.address(), &format!("{SERVER_NAME}:443"), None, SOON).unwrap();
        assert_eq!(status, 200);
        assert_talks(&listener, tunnel);
    });
}

#[test]
fn a_network_takes_everything_with_it() {
    let mut left = None;
    in_network(Families::V4, |network| {
        let proxy = Proxy::squid(&network, &[], None);
        left = Some((network.scratch().to_owned(), proxy.address()));
    });
    let Some((scratch, _)) = left else { return };
    assert!(!scratch.exists());
    let name = scratch.file_name().unwrap().to_str().unwrap().to_owned();
    for directory in ["/run/netns", "/etc/netns"] {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let ours =
            entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&format!("{name}-")));
        assert_eq!(ours.count(), 0, "{directory}");
    }
}
