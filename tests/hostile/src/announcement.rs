//! A network that announces whom to ask about its login page (RFC 8910), and who answers there (RFC
//! 8908).

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, ipproto, sockopt};
use tokio_native_tls::native_tls::{Identity, TlsAcceptor};

use crate::authority::Authority;
use crate::network::{Network, Place};
use crate::process::must;
use crate::space::ip;

/// Where the answers are given.
const PORT: u16 = 9_995;
/// How long one who asks may take.
const CLIENT_MAX: Duration = Duration::from_secs(2);
/// A router's advertisement that makes it nobody's router: type, code, checksum (the kernel's), hop
/// limit, flags, lifetime, times (RFC 4861, section 4.2).
const ADVERTISEMENT: [u8; 16] = [134, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// Advertisements are taken from the same link only (RFC 4861, section 6.1.2).
const HOPS: u8 = 255;
/// Everybody on the link.
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

/// Answers on the router what a network says about its login page, for as long as the test's
/// process runs.
#[derive(Debug)]
pub struct PortalApi {
    address: SocketAddr,
    answer: Arc<Mutex<String>>,
}

impl PortalApi {
    /// With a certificate of the authority.
    pub fn start(network: &Network, authority: &Authority, answer: &str) -> Self {
        let directory = network.scratch().join("portal-api");
        fs::create_dir_all(&directory).expect("the lab writes to its directory");
        let address = SocketAddr::new(network.router(), PORT);
        let files = authority.issued((2020, 2099)).write(&address.ip().to_string(), &directory);
        let [certificate, key] = files.map(|file| fs::read(file).expect("the lab has written it"));
        let identity = Identity::from_pkcs8(&certificate, &key).expect("the key can be used");
        let acceptor = TlsAcceptor::new(identity).expect("TLS starts");
        let listener = network.listen(Place::Router, PORT);
        let answer = Arc::new(Mutex::new(answer.to_owned()));
        let given = Arc::clone(&answer);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let now = given.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // A client that distrusts the certificate goes away.
                drop(serve(&acceptor, client, &now));
            }
        });
        Self { address, answer }
    }

    /// From now on this is answered.
    pub fn say(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Where to ask.
    pub fn url(&self) -> String {
        format!("https://{}/api", self.address)
    }
}

fn serve(acceptor: &TlsAcceptor, client: TcpStream, answer: &str) -> std::io::Result<()> {
    client.set_read_timeout(Some(CLIENT_MAX))?;
    let mut client = acceptor.accept(client).map_err(|_| std::io::ErrorKind::InvalidData)?;
    let mut head = [0; 4096];
    let count = client.read(&mut head)?;
    let head = String::from_utf8_lossy(head.get(..count).unwrap_or_default()).to_ascii_lowercase();
    let kind = "application/captive+json";
    let status =
        if head.contains(&format!("\r\naccept: {kind}\r\n")) { "200 OK" } else { "406 Not Acceptable" };
    let length = answer.len();
    write!(
        client,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nCache-Control: private\r\nContent-Length: {length}\r\n\r\n{answer}"
    )?;
    client.flush()
}

impl Network {
    /// The router announces the address once to everybody on its link. Says whether it was able to:
    /// its own address for that comes up late.
    pub fn announce_portal(&self, url: &str) -> bool {
        let length = (url.len() + 2).div_ceil(8);
        let mut option = vec![37, u8::try_from(length).expect("the address is short")];
        option.extend(url.as_bytes());
        option.resize(length * 8, 0);
        let message: Vec<u8> = ADVERTISEMENT.into_iter().chain(option).collect();
        let to = SocketAddrV6::new(ALL_NODES, 0, 0, self.interface(Place::Router, "fw0"));
        self.within(Place::Router, || {
            let socket = rustix::net::socket(AddressFamily::INET6, SocketType::RAW, Some(ipproto::ICMPV6));
            let socket = socket.expect("root may speak ICMP");
            sockopt::set_ipv6_multicast_hops(&socket, HOPS.into()).expect("packets may go far");
            UdpSocket::from(socket).send_to(&message, to).is_ok()
        })
    }

    /// Writes what systemd-networkd would have written, had it learned of the address in the
    /// client's place.
    pub fn note_portal(&self, url: &str) {
        let links = self.networkd().join("links");
        let file = self.interface(Place::Client, "cli0").to_string();
        let text =
            format!("# This is private data. Do not parse.\nADMIN_STATE=configured\nCAPTIVE_PORTAL={url}\n");
        let new = self.networkd().join("new");
        let written = fs::write(&new, text).and_then(|()| fs::rename(new, links.join(file)));
        written.expect("the lab writes to its directory");
    }

    /// The directory that stands in for systemd-networkd's own in the client's place.
    pub(crate) fn networkd(&self) -> PathBuf {
        let directory = self.scratch().join("networkd");
        fs::create_dir_all(directory.join("links")).expect("the lab writes to its directory");
        directory
    }

    fn interface(&self, place: Place, name: &str) -> u32 {
        let printed = must(&mut ip(&["-n", &self.space(place), "-o", "link", "show", name]), "");
        let number = printed.split(':').next().and_then(|number| number.parse().ok());
        number.expect("`ip` prints the interface's number first")
    }
}
