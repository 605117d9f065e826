use std::net::{IpAddr, Ipv4Addr};

use convene_model::PortRange;
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;

use super::*;
use crate::certificate::Identity;
use crate::web::tests::secured;

const PATIENCE: Duration = Duration::from_secs(20);

fn at(port: u16) -> Vec<Listen> {
    vec![Listen { address: IpAddr::V4(Ipv4Addr::LOCALHOST), ports: PortRange::new(port, port).unwrap() }]
}

fn anywhere() -> (TcpListener, SocketAddr) {
    let listener = open(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn tls() -> Arc<ServerConfig> {
    Identity::own(tempfile::tempdir().unwrap().path(), "localhost").unwrap().tls
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let (_taken, address) = anywhere();
    let Err(error) = bind(&at(address.port())) else { panic!("a port was opened twice") };
    assert!(matches!(error, ListenError::InUse { address: named } if named == address));
    assert!(error.to_string().contains(&address.to_string()));
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
async fn whoever_does_not_shake_hands_is_in_nobodys_way_and_stopping_waits_for_the_last_one() {
    let (listener, address) = anywhere();
    let (stop, stopping) = watch::channel(false);
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
    let accepting = accept(vec![listener], tls(), stopping, serve);
    let clients = async {
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut nonsense = TcpStream::connect(address).await.unwrap();
        nonsense.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut client = secured(address).await;
        client.read_exact(&mut [0; 5]).await.unwrap();
        silent.shutdown().await.unwrap();
        stop.send_replace(true);
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        end.notify_one();
        assert_eq!(client.read(&mut [0; 5]).await.unwrap(), 0);
    };
    timeout(PATIENCE, async { tokio::join!(accepting, clients) }).await.unwrap();
}
