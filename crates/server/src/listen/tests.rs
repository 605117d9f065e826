use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::ports::{SEGMENT_BYTES_MAX, lacks_ipv6, open};
use super::*;
use crate::certificate::Identity;
use crate::web::tests::secured;

const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at a port.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

fn anywhere() -> (TcpListener, SocketAddr) {
    let listener = open(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn identity() -> Identity {
    Identity::own(tempfile::tempdir().unwrap().path(), "localhost").unwrap()
}

fn entrance<S, F>(tls: watch::Receiver<Arc<ServerConfig>>, serve: S) -> Entrance<S>
where
    S: Fn(Connection) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    Entrance::new(tls, Arc::default(), Arc::default(), serve)
}

async fn is_open(address: SocketAddr) -> bool {
    TcpStream::connect(address).await.is_ok()
}

/// Waits until a port is open, or closed.
async fn until_open(address: SocketAddr, wanted: bool) {
    let waiting = async {
        while is_open(address).await != wanted {
            sleep(LOOK_AGAIN).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap();
}

/// Ports on which nothing is said until they close.
type Silent = fn(TcpListener, Closing) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

fn silent(wanted: &[SocketAddr]) -> (watch::Sender<BTreeSet<SocketAddr>>, Ports<Silent>) {
    let (sender, receiver) = watch::channel(wanted.iter().copied().collect());
    let serve: Silent = |listener, mut closing| {
        Box::pin(async move {
            closing.wanted().await;
            drop(listener);
        })
    };
    (sender, Ports::open(receiver, serve))
}

#[tokio::test]
async fn where_no_address_can_be_had_the_first_is_named() {
    let (_taken, address) = anywhere();
    let Err(error) = silent(&[address]).1.need_one() else { panic!("a port was opened twice") };
    assert!(matches!(&error, ListenError::None(first) if matches!(**first, ListenError::InUse { .. })));
    assert!(error.to_string().contains(&format!("{address} is in use")), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_is_tried_again_and_the_others_listen() {
    let (taken, missing) = anywhere();
    let (free, had) = anywhere();
    drop(free);
    let (_wanted, ports) = silent(&[missing, had]);
    let (stop, stopping) = watch::channel(false);
    let rest = async {
        until_open(had, true).await;
        drop(taken);
        until_open(missing, true).await;
        stop.send_replace(true);
        until_open(had, false).await;
    };
    tokio::join!(ports.need_one().unwrap().keep(stopping), rest);
}

#[tokio::test]
async fn what_is_wanted_may_change() {
    let (first, one) = anywhere();
    let (second, other) = anywhere();
    drop((first, second));
    let (wanted, ports) = silent(&[one]);
    let (_stop, stopping) = watch::channel(false);
    let change = async {
        until_open(one, true).await;
        wanted.send_replace(BTreeSet::from([other]));
        until_open(other, true).await;
        until_open(one, false).await;
        // The same port of every address: it is free as soon as that of one address is closed.
        let every = SocketAddr::from((Ipv4Addr::UNSPECIFIED, other.port()));
        wanted.send_replace(BTreeSet::from([every]));
        until_open(SocketAddr::from(([127, 0, 0, 2], other.port())), true).await;
    };
    tokio::select! {
        () = ports.keep(stopping) => unreachable!(),
        () = change => {}
    }
}

#[tokio::test]
async fn both_families_may_have_the_same_port() {
    let (_v4, address) = anywhere();
    let v6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, address.port()));
    match open(v6) {
        Ok(_) => {}
        Err(error) => assert!(lacks_ipv6(&error), "{error}"),
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn segments_are_small_and_sent_at_once() {
    let (listener, address) = anywhere();
    let client = TcpStream::connect(address).await.unwrap();
    listener.accept().await.unwrap();
    assert!(SockRef::from(&client).tcp_mss().unwrap() <= SEGMENT_BYTES_MAX);
}

#[tokio::test]
async fn whoever_does_not_shake_hands_is_in_nobodys_way_and_closing_waits_for_the_last_one() {
    let (listener, address) = anywhere();
    let (close, closing) = closing();
    let end = Arc::new(Notify::new());
    let serve = {
        let end = Arc::clone(&end);
        move |mut connection: Connection| {
            let end = Arc::clone(&end);
            async move {
                connection.write_all(b"hello").await.unwrap();
                end.notified().await;
                connection.shutdown().await.unwrap();
            }
        }
    };
    let accepting = entrance(watch::channel(identity().tls).1, serve).open(listener, closing);
    let clients = async {
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut nonsense = TcpStream::connect(address).await.unwrap();
        nonsense.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut client = secured(address).await;
        client.read_exact(&mut [0; 5]).await.unwrap();
        silent.shutdown().await.unwrap();
        close.close().await;
        assert!(!is_open(address).await);
        end.notify_one();
        assert_eq!(client.read(&mut [0; 5]).await.unwrap(), 0);
    };
    timeout(PATIENCE, async { tokio::join!(accepting, clients) }).await.unwrap();
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_new_connections_and_the_old_ones_stay() {
    let (listener, address) = anywhere();
    let (_close, closing) = closing();
    let (first, second) = (identity(), identity());
    let (tls, shown) = watch::channel(first.tls);
    let serve = |mut connection: Connection| async move {
        let mut byte = [0];
        while connection.read_exact(&mut byte).await.is_ok() {
            connection.write_all(&byte).await.unwrap();
        }
    };
    let echo = async |client: &mut crate::web::tests::Secured| {
        client.write_all(b"a").await.unwrap();
        client.read_exact(&mut [0]).await.unwrap();
    };
    let seen = |client: &crate::web::tests::Secured| {
        client.get_ref().peer_certificate().unwrap().unwrap().to_der().unwrap()
    };
    let clients = async {
        let mut old = secured(address).await;
        echo(&mut old).await;
        tls.send_replace(second.tls);
        let mut new = secured(address).await;
        echo(&mut new).await;
        echo(&mut old).await;
        assert_ne!(seen(&old), seen(&new));
    };
    tokio::select! {
        () = entrance(shown, serve).open(listener, closing) => unreachable!(),
        done = timeout(PATIENCE, clients) => done.unwrap(),
    }
}
