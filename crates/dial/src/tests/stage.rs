//! The players of the other side: certificates, servers, scripted boxes.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use convene_model::{Carrier, Fingerprint, Rung};
use convene_reach::{ProxyAddress, ProxyScheme, Route, Target};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{WHOSE, known};
use crate::{Authorities, DialSettings, Dialer, Trust};

/// No test waits so long that does not fail.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A server certificate and the authority that signed it.
pub(super) struct Identity {
    acceptor: TlsAcceptor,
    pub(super) ca_file: Vec<u8>,
    pub(super) fingerprint: Fingerprint,
    pub(super) der: Vec<u8>,
}

impl Identity {
    /// For this name or address, valid from the first day of one year to that of another.
    pub(super) fn new(name: &str, years: (i32, i32)) -> Self {
        Self::signed(name, years, KeyPair::generate().unwrap())
    }

    /// Likewise, signed with the key of an authority.
    pub(super) fn signed(name: &str, years: (i32, i32), of_authority: KeyPair) -> Self {
        let mut of_ca = CertificateParams::new([]).unwrap();
        of_ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        of_ca.distinguished_name.push(rcgen::DnType::CommonName, "Inspection Müller");
        let ca = CertifiedIssuer::self_signed(of_ca, of_authority).unwrap();
        let mut of_leaf = CertificateParams::new([name.to_owned()]).unwrap();
        (of_leaf.not_before, of_leaf.not_after) =
            (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 1, 1));
        Self::issued(of_leaf, &ca, ca.pem())
    }

    /// For 127.0.0.1, issued by an authority that is no root. The server sends its own certificate
    /// alone, and the authority alone is in the file.
    #[cfg(target_os = "linux")]
    pub(super) fn below_a_root() -> Self {
        let authority = |name: &str| {
            let mut params = CertificateParams::new([]).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            (params, KeyPair::generate().unwrap())
        };
        let ((of_root, root_key), (of_middle, middle_key)) = (authority("root"), authority("middle"));
        let root = CertifiedIssuer::self_signed(of_root, root_key).unwrap();
        let middle = CertifiedIssuer::signed_by(of_middle, middle_key, &root).unwrap();
        Self::issued(CertificateParams::new(["127.0.0.1".to_owned()]).unwrap(), &middle, middle.pem())
    }

    fn issued(of_leaf: CertificateParams, issuer: &rcgen::Issuer<'_, KeyPair>, ca_file: String) -> Self {
        let key = KeyPair::generate().unwrap();
        let leaf = of_leaf.signed_by(&key, issuer).unwrap();
        let fingerprint =
            Fingerprint(Sha256::digest(rcgen::PublicKeyData::subject_public_key_info(&key)).into());
        let mut config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![leaf.der().clone()],
                    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
                )
                .unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_file: ca_file.into_bytes(),
            fingerprint,
            der: leaf.der().to_vec(),
        }
    }

    /// For 127.0.0.1, valid now.
    pub(super) fn good() -> Self {
        Self::new("127.0.0.1", (2020, 2099))
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Its authority.
    pub(super) fn authorities(&self) -> Authorities {
        Authorities::read(&self.ca_file).unwrap()
    }

    /// The system's trust, with its authority beside it.
    pub(super) fn trusted(&self) -> Trust {
        Trust::System { beside: self.authorities() }
    }
}

/// Plays one part for every connection until it is dropped.
pub(super) struct Stage {
    pub(super) port: u16,
    _tasks: JoinSet<()>,
}

impl Stage {
    pub(super) async fn play<F, P>(part: P) -> Self
    where
        P: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut parts = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                parts.spawn(part(stream));
            }
        });
        Self { port, _tasks: tasks }
    }

    /// Says something at once and holds the connection until the other side closes it.
    pub(super) async fn say(words: &'static [u8]) -> Self {
        Self::play(move |mut stream| async move {
            if stream.write_all(words).await.is_ok() {
                drain(&mut stream).await;
            }
        })
        .await
    }

    /// Waits for the head of a request, answers, and closes.
    pub(super) async fn answer(words: Vec<u8>) -> Self {
        Self::play(move |mut stream| {
            let words = words.clone();
            async move {
                read_head(&mut stream).await;
                drop(stream.write_all(&words).await);
            }
        })
        .await
    }

    /// Speaks TLS and then plays the part inside it.
    pub(super) async fn play_inside<F, P>(identity: &Identity, part: P) -> Self
    where
        P: Fn(TlsStream<TcpStream>) -> F + Send + Clone + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let acceptor = identity.acceptor.clone();
        Self::play(move |stream| {
            let (acceptor, part) = (acceptor.clone(), part.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    part(stream).await;
                }
            }
        })
        .await
    }

    /// Speaks TLS and tells what it hears inside until the other side closes: one entry per
    /// connection, an empty one also where the other side does not go on with the handshake.
    pub(super) async fn eavesdrop(identity: &Identity) -> (Self, mpsc::Receiver<Vec<u8>>) {
        let acceptor = identity.acceptor.clone();
        let (sender, heard) = mpsc::channel(8);
        let stage = Self::play(move |stream| {
            let (acceptor, sender) = (acceptor.clone(), sender.clone());
            async move {
                let mut bytes = Vec::new();
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    drop(stream.read_to_end(&mut bytes).await);
                }
                drop(sender.send(bytes).await);
            }
        });
        (stage.await, heard)
    }

    /// A server of ours that sends every frame back.
    pub(super) async fn echo(identity: &Identity) -> Self {
        use futures_util::StreamExt as _;
        Self::play_inside(identity, |stream| async move {
            if let Ok(socket) = tokio_tungstenite::accept_async(stream).await {
                let (sink, stream) = socket.split();
                drop(stream.forward(sink).await);
            }
        })
        .await
    }
}

pub(super) async fn drain(stream: &mut TcpStream) {
    drop(tokio::io::copy(stream, &mut tokio::io::sink()).await);
}

/// Reads a request's head and gives it.
pub(super) async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// A dialer that may reach loopback.
pub(super) fn dialer(trust: Trust) -> Dialer {
    Dialer::new(DialSettings {
        trust,
        proxy_authorities: Authorities::default(),
        addresses: Vec::new(),
        logins: known([]),
        whose: WHOSE.to_owned(),
        tickets: None,
        allow_local: true,
    })
    .unwrap()
}

/// Straight to a port of a host.
pub(super) fn direct(host: &str, port: u16) -> Route {
    let target = Target { host: host.to_owned(), port };
    Route { rung: Rung::Direct, target, proxy: None, carrier: Carrier::Websocket }
}

/// Through a proxy on loopback.
pub(super) fn through(proxy_port: u16, host: &str, port: u16) -> Route {
    let proxy =
        Some(ProxyAddress { scheme: ProxyScheme::Http, host: "127.0.0.1".to_owned(), port: proxy_port });
    Route { rung: Rung::Proxy, proxy, ..direct(host, port) }
}
