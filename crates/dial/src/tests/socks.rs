//! SOCKS proxies, and proxies that want TLS themselves.

use convene_model::{Code, Secret, Stage as Step};
use convene_reach::{ProxyAddress, ProxyScheme, Route};
use sha2::{Digest as _, Sha384};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::stage::{Identity, LOOPBACK, Stage, through};
use super::{WHOSE, known};
use crate::tls::Wire;
use crate::{Authorities, DialSettings, Dialer, Login, Trust};

pub(super) const NAME: &str = "conference.test";

pub(super) fn route(scheme: ProxyScheme, proxy_port: u16) -> Route {
    let proxy = Some(address(scheme, proxy_port));
    Route { proxy, ..through(proxy_port, NAME, 443) }
}

pub(super) fn address(scheme: ProxyScheme, port: u16) -> ProxyAddress {
    ProxyAddress { scheme, host: "127.0.0.1".to_owned(), port }
}

fn dialer(trust: Trust, proxy_authorities: Authorities, login: Option<(ProxyAddress, &str)>) -> Dialer {
    let of = |(proxy, password)| (proxy, Login { user: "anna".to_owned(), password: Secret::new(password) });
    let logins = login.map(of);
    Dialer::new(DialSettings {
        trust,
        proxy_authorities,
        addresses: Vec::new(),
        logins: known(logins),
        whose: WHOSE.to_owned(),
        tickets: None,
        allow_local: false,
    })
    .unwrap()
}

/// The way to log in that a SOCKS 5 proxy wants, and its answers.
#[derive(Debug, Clone, Copy)]
struct Socks {
    /// The way to log in that it chooses.
    method: u8,
    /// Its answer to the login.
    login: u8,
    /// Its reply (RFC 1928, section 6).
    reply: u8,
}

const OPEN: Socks = Socks { method: 0, login: 0, reply: 0 };

/// Plays the proxy; the name must have come unresolved. `None` where it refused.
async fn play(stream: &mut TcpStream, socks: Socks) -> Option<()> {
    let [version, methods] = read(stream).await?;
    assert_eq!(version, 5);
    let mut offered = vec![0; methods.into()];
    stream.read_exact(&mut offered).await.ok()?;
    stream.write_all(&[5, socks.method]).await.ok()?;
    if socks.method == 2 {
        let [1, user] = read(stream).await? else { panic!("no login of RFC 1929") };
        let mut user = vec![0; user.into()];
        stream.read_exact(&mut user).await.ok()?;
        let [length] = read(stream).await?;
        let mut password = vec![0; length.into()];
        stream.read_exact(&mut password).await.ok()?;
        assert_eq!(user, b"anna");
        stream.write_all(&[1, socks.login]).await.ok()?;
    }
    if socks.method == 0xff || socks.login != 0 {
        return None;
    }
    let [5, 1, 0, 3, length] = read(stream).await? else { panic!("not CONNECT to a name") };
    let mut name = vec![0; length.into()];
    stream.read_exact(&mut name).await.ok()?;
    assert_eq!((name.as_slice(), read::<2>(stream).await?), (NAME.as_bytes(), [1, 187]));
    stream.write_all(&[5, socks.reply, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
    (socks.reply == 0).then_some(())
}

pub(super) async fn read<const N: usize>(stream: &mut TcpStream) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

async fn socks_proxy(socks: Socks, server: u16) -> Stage {
    Stage::play(move |mut stream| async move {
        if play(&mut stream, socks).await.is_some() {
            pass_on(&mut stream, server).await;
        }
    })
    .await
}

pub(super) async fn pass_on(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), server: u16) {
    let mut onward = TcpStream::connect((LOOPBACK, server)).await.unwrap();
    drop(tokio::io::copy_bidirectional(stream, &mut onward).await);
}

async fn assert_echoes(dialer: &Dialer, route: &Route) {
    let mut pipe = dialer.open(route).await.unwrap();
    pipe.sender.send(["a"]).await.unwrap();
    assert_eq!(pipe.receiver.next().await, Some(Ok("a".into())));
}

#[tokio::test]
async fn a_pipe_goes_through_socks_5_with_and_without_a_login() {
    let identity = Identity::new(NAME, (2020, 2099));
    let server = Stage::echo(&identity).await;
    for (method, login) in [(0, None), (0, Some("right")), (2, Some("right"))] {
        let proxy = socks_proxy(Socks { method, ..OPEN }, server.port).await;
        let login = login.map(|password| (address(ProxyScheme::Socks5, proxy.port), password));
        let dialer = dialer(identity.trusted(), Authorities::default(), login);
        assert_echoes(&dialer, &route(ProxyScheme::Socks5, proxy.port)).await;
    }
}

#[tokio::test]
async fn a_pipe_goes_through_socks_4a() {
    let identity = Identity::new(NAME, (2020, 2099));
    let server = Stage::echo(&identity).await;
    let server_port = server.port;
    let proxy = Stage::play(move |mut stream| async move {
        // VN, CD, port, 0.0.0.x, an empty user, the name.
        assert_eq!(read(&mut stream).await, Some([4, 1, 1, 187]));
        let [0, 0, 0, _, 0] = read(&mut stream).await.unwrap() else { panic!("not 4a") };
        let mut name = Vec::new();
        while name.last() != Some(&0) {
            name.push(stream.read_u8().await.unwrap());
        }
        assert_eq!(name, [NAME.as_bytes(), &[0]].concat());
        stream.write_all(&[0, 90, 0, 0, 0, 0, 0, 0]).await.unwrap();
        pass_on(&mut stream, server_port).await;
    });
    let proxy = proxy.await;
    assert_echoes(
        &dialer(identity.trusted(), Authorities::default(), None),
        &route(ProxyScheme::Socks4, proxy.port),
    )
    .await;
}

#[tokio::test]
async fn every_refusal_of_socks_5_has_its_code() {
    let replies = [
        (1, Code::SocksFailed),
        (2, Code::SocksForbidden),
        (3, Code::SocksNetworkUnreachable),
        (4, Code::SocksHostUnreachable),
        (5, Code::SocksTargetRefused),
        (6, Code::SocksTtlExpired),
        (7, Code::SocksCommandUnsupported),
        (8, Code::SocksAddressUnsupported),
        (99, Code::ProxyBroken),
    ];
    let replies = replies.map(|(reply, code)| (Socks { reply, ..OPEN }, false, code));
    let logins = [
        (Socks { method: 0xff, ..OPEN }, false, Code::ProxyLoginNeeded),
        (Socks { method: 0xff, ..OPEN }, true, Code::ProxySchemeUnsupported),
        (Socks { method: 2, login: 1, ..OPEN }, true, Code::ProxyLoginRejected),
    ];
    for (socks, with_login, code) in replies.into_iter().chain(logins) {
        let proxy = socks_proxy(socks, 0).await;
        let login = with_login.then(|| (address(ProxyScheme::Socks5, proxy.port), "wrong"));
        let dialer = dialer(Trust::System { beside: Authorities::default() }, Authorities::default(), login);
        let error = dialer.open(&route(ProxyScheme::Socks5, proxy.port)).await.unwrap_err();
        assert_eq!((error.failure.stage, error.failure.code), (Step::Proxy, code), "{socks:?}");
    }
    let web_server = Stage::say(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let dialer = dialer(Trust::System { beside: Authorities::default() }, Authorities::default(), None);
    let error = dialer.open(&route(ProxyScheme::Socks5, web_server.port)).await.unwrap_err();
    assert_eq!(error.failure.code, Code::ProxyBroken);
}

async fn https_proxy(of_proxy: &Identity, server: u16) -> Stage {
    Stage::play_inside(of_proxy, move |mut stream| async move {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"CONNECT conference.test:443 "));
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        stream.flush().await.unwrap();
        pass_on(&mut stream, server).await;
    })
    .await
}

#[tokio::test]
async fn a_pipe_goes_through_a_proxy_that_wants_tls_whoever_decides_about_the_server() {
    let (of_server, of_proxy) = (Identity::new(NAME, (2020, 2099)), Identity::good());
    let server = Stage::echo(&of_server).await;
    let proxy = https_proxy(&of_proxy, server.port).await;
    for trust in [of_server.trusted(), Trust::Fingerprint(of_server.fingerprint)] {
        let dialer = dialer(trust, of_proxy.authorities(), None);
        assert_echoes(&dialer, &route(ProxyScheme::Https, proxy.port)).await;
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_proxys_certificate_is_told_of_the_proxy() {
    let of_server = Identity::new(NAME, (2020, 2099));
    let others = Identity::good();
    for (of_proxy, trusted, code) in [
        (Identity::good(), Some(others), Code::CertificateUntrusted),
        (Identity::new("127.0.0.1", (2019, 2020)), None, Code::CertificateExpired),
        (Identity::new("other.test", (2020, 2099)), None, Code::CertificateWrongName),
    ] {
        let authorities = trusted.as_ref().unwrap_or(&of_proxy).authorities();
        let proxy = https_proxy(&of_proxy, 0).await;
        let dialer = dialer(of_server.trusted(), authorities, None);
        let error = dialer.open(&route(ProxyScheme::Https, proxy.port)).await.unwrap_err();
        assert_eq!((error.failure.stage, error.failure.code), (Step::Proxy, code));
        assert!(error.detail.is_some(), "the certificate is shown");
    }
    let plain = Stage::say(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let dialer = dialer(of_server.trusted(), Authorities::default(), None);
    let error = dialer.open(&route(ProxyScheme::Https, plain.port)).await.unwrap_err();
    assert_eq!((error.failure.stage, error.failure.code), (Step::Proxy, Code::NotTls));
}

/// With SHA-384 it has 48 bytes; a part of it is another name of another channel.
#[tokio::test]
async fn what_a_login_is_bound_to_is_the_whole_hash_of_the_certificate() {
    // Wine does not tell by what a certificate is signed, and a login is bound to nothing there.
    if std::path::Path::new(r"Z:\etc\passwd").exists() {
        return;
    }
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let of_proxy = Identity::signed("127.0.0.1", (2020, 2099), key);
    let proxy = Stage::play_inside(&of_proxy, |mut stream| async move {
        drop(stream.read_u8().await);
    });
    let proxy = proxy.await;
    let dialer = dialer(Trust::System { beside: Authorities::default() }, of_proxy.authorities(), None);
    let wire = dialer.dial_plainly(("127.0.0.1", proxy.port), true, true).await.unwrap();
    let Wire::Secured(secured) = wire else { panic!("no TLS") };
    assert_eq!(secured.end_point(), Some(Sha384::digest(&of_proxy.der).to_vec()));
}
