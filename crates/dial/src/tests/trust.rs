//! Peers that are trusted, and what is said about those that are not.

use convene_model::{Code, Fingerprint, Stage as Step};
use sha2::{Digest as _, Sha256};
#[cfg(target_os = "linux")]
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
#[cfg(target_os = "linux")]
use tokio::net::TcpStream;

use super::stage::{Identity, Stage, dialer, direct, drain};
#[cfg(target_os = "linux")]
use crate::tls::{Tls, Wire};
use crate::{Authorities, Detail, DialError, Trust};

async fn failure_with(identity: &Identity, trust: Trust) -> DialError {
    let server = Stage::echo(identity).await;
    dialer(trust).open(&direct("127.0.0.1", server.port)).await.unwrap_err()
}

#[tokio::test]
async fn a_ca_file_is_trusted_beside_the_system() {
    let identity = Identity::good();
    let server = Stage::echo(&identity).await;
    let pipe = dialer(identity.trusted()).open(&direct("127.0.0.1", server.port)).await.unwrap();
    assert_eq!(pipe.peer.fingerprint, identity.fingerprint);
    assert_eq!(pipe.peer.end_point, <[u8; 32]>::from(Sha256::digest(&identity.der)));
}

/// The authority that issued the certificate is in the file, and its root is not. Windows' library
/// takes roots alone.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn f08_an_issuing_authority_alone_is_trusted() {
    let identity = Identity::below_a_root();
    let server = Stage::echo(&identity).await;
    let pipe = dialer(identity.trusted()).open(&direct("127.0.0.1", server.port)).await.unwrap();
    assert_eq!(pipe.peer.fingerprint, identity.fingerprint);
    let error = failure_with(&identity, Identity::below_a_root().trusted()).await;
    assert_eq!(error.failure.code, Code::CertificateUntrusted, "another authority of that name");
}

/// The other end knows RFC 5746 here: one that does not is played in `tests/hostile`.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn f10_without_secure_renegotiation_all_else_is_as_ever() {
    let identity = Identity::good();
    let server = Stage::play_inside(&identity, |stream| async move {
        let (mut from, mut to) = tokio::io::split(stream);
        drop(tokio::io::copy(&mut from, &mut to).await);
        drop(to.shutdown().await);
    });
    let server = server.await;
    let open = async |trust: Trust| {
        let stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
        Tls::new(trust).unwrap().open_legacy("127.0.0.1", Wire::Tcp(stream)).await
    };
    let (stream, peer) = open(identity.trusted()).await.unwrap();
    assert_eq!(peer.fingerprint, identity.fingerprint);
    assert_eq!(peer.end_point, <[u8; 32]>::from(Sha256::digest(&identity.der)));
    let (mut from, mut to) = tokio::io::split(stream);
    let (said, mut heard) = (vec![b'x'; 500_000], Vec::new());
    let say = async {
        to.write_all(&said).await.unwrap();
        to.shutdown().await.unwrap();
    };
    let ((), count) = tokio::join!(say, from.read_to_end(&mut heard));
    assert_eq!(count.unwrap(), said.len());
    assert!(heard == said, "all comes back");

    let error = open(Trust::System { beside: Authorities::default() }).await.unwrap_err();
    assert_eq!(error.failure.code, Code::CertificateUntrusted);
    let error = open(Trust::Fingerprint(identity.fingerprint)).await.unwrap_err();
    assert_eq!(error.failure.code, Code::TlsFailed, "a server of ours knows RFC 5746");
}

#[tokio::test]
async fn the_fingerprint_alone_decides() {
    let identity = Identity::new("other.test", (2000, 2001));
    let server = Stage::echo(&identity).await;
    let pipe = dialer(Trust::Fingerprint(identity.fingerprint)).open(&direct("127.0.0.1", server.port)).await;
    assert_eq!(pipe.unwrap().peer.fingerprint, identity.fingerprint);
}

#[tokio::test]
async fn nothing_is_written_to_a_server_with_another_key() {
    let identity = Identity::good();
    let (server, mut heard) = Stage::eavesdrop(&identity).await;
    let opened =
        dialer(Trust::Fingerprint(Fingerprint([7; 32]))).open(&direct("127.0.0.1", server.port)).await;
    let error = opened.unwrap_err();
    assert_eq!((error.failure.stage, error.failure.code), (Step::Tls, Code::FingerprintMismatch));
    let Some(Detail::Certificate(seen)) = error.detail else { panic!("no certificate") };
    assert_eq!(seen.fingerprint, identity.fingerprint);
    assert_eq!(heard.recv().await, Some(Vec::new()));
}

#[tokio::test]
async fn an_unknown_issuer_is_named_and_hears_nothing() {
    let identity = Identity::good();
    let (server, mut heard) = Stage::eavesdrop(&identity).await;
    let opened = dialer(Trust::System { beside: Authorities::default() })
        .open(&direct("127.0.0.1", server.port))
        .await;
    let error = opened.unwrap_err();
    assert_eq!((error.failure.stage, error.failure.code), (Step::Tls, Code::CertificateUntrusted));
    let Some(Detail::Certificate(seen)) = error.detail else { panic!("no certificate") };
    assert!(seen.issuer.contains("Inspection Müller"), "{}", seen.issuer);
    assert_eq!(seen.not_before.to_string(), "2020-01-01T00:00:00.000Z");
    for look in ["first", "second"] {
        assert_eq!(heard.recv().await, Some(Vec::new()), "{look}");
    }
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_told_apart() {
    let past = Identity::new("127.0.0.1", (2000, 2001));
    let error = failure_with(&past, past.trusted()).await;
    assert_eq!(error.failure.code, Code::CertificateExpired);
    let name = error.evidence().and_then(|seen| seen.name).unwrap();
    assert!(name.contains("Inspection Müller"), "who may be in the way is named: {name}");
    let future = Identity::new("127.0.0.1", (2098, 2099));
    assert_eq!(failure_with(&future, future.trusted()).await.failure.code, Code::CertificateNotYetValid);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_told_apart() {
    for name in ["other.test", "127.0.0.2"] {
        let identity = Identity::new(name, (2020, 2099));
        let error = failure_with(&identity, identity.trusted()).await;
        assert_eq!(error.failure.code, Code::CertificateWrongName, "{name}");
    }
}

#[tokio::test]
async fn an_authority_counts_only_for_whom_it_signed() {
    let identity = Identity::good();
    let error = failure_with(&identity, Identity::good().trusted()).await;
    assert_eq!(error.failure.code, Code::CertificateUntrusted);
}

/// A ServerHello of TLS 1.1 (RFC 4346, section 7.4.1.3) with TLS_RSA_WITH_AES_128_CBC_SHA.
const OLD_SERVER_HELLO: [u8; 47] = {
    let mut record = [0; 47];
    let head = [22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    let mut at = 0;
    while at < head.len() {
        record[at] = head[at];
        at += 1;
    }
    record[45] = 0x2f;
    record
};

#[tokio::test]
async fn what_is_no_tls_is_told_apart() {
    let cases: [(&'static [u8], Code); 7] = [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", Code::NotTls),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Code::NotTls),
        (b"HTTP/1.1 302 Found\r\nContent-Type: text/html\r\nLocation: http://block.test/", Code::BlockPage),
        (b"HTTP/1.0 200 OK\r\n\r\n<HTML>Blocked", Code::BlockPage),
        // An alert: handshake_failure, and protocol_version.
        (&[21, 3, 3, 0, 2, 2, 40], Code::TlsFailed),
        (&[21, 3, 1, 0, 2, 2, 70], Code::TlsVersion),
        (&OLD_SERVER_HELLO, Code::TlsVersion),
    ];
    for trust in [Trust::System { beside: Authorities::default() }, Trust::Fingerprint(Fingerprint([0; 32]))]
    {
        for (words, code) in cases {
            let server = Stage::say(words).await;
            let opened = dialer(trust.clone()).open(&direct("127.0.0.1", server.port)).await;
            let failure = opened.unwrap_err().failure;
            assert_eq!((failure.stage, failure.code), (Step::Tls, code), "{words:?}");
        }
    }
}

#[tokio::test]
async fn an_end_without_a_word_is_told_apart() {
    let closing = Stage::play(|mut stream| async move {
        drop(stream.shutdown().await);
        drain(&mut stream).await;
    });
    let closing = closing.await;
    let resetting = Stage::play(|mut stream| async move {
        use tokio::io::AsyncReadExt as _;
        // Closing with bytes unread resets the connection.
        drop(stream.read_u8().await);
    });
    let resetting = resetting.await;
    for (server, code) in [(&closing, Code::Closed), (&resetting, Code::Reset)] {
        let opened = dialer(Trust::System { beside: Authorities::default() })
            .open(&direct("127.0.0.1", server.port))
            .await;
        let failure = opened.unwrap_err().failure;
        assert_eq!((failure.stage, failure.code), (Step::Tls, code));
    }
}
