//! The floor: a bare loop that TLS-encrypts 250 bytes and writes them to each socket.

mod latency;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::time::{ClockId, clock_gettime};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, crypto};

pub(crate) use self::latency::p99_ms;
use crate::process::pin_this;

/// Bytes of one message.
const MESSAGE_BYTES: usize = 250;
/// Sockets that are written to.
const SOCKETS: usize = 200;
/// Messages that each socket gets.
const MESSAGES: usize = 2_000;
/// Messages of one batch.
const BATCH: usize = 8;

/// CPU seconds per million deliveries; how long they take is [`p99_ms`].
#[derive(Debug)]
pub(crate) struct Floor {
    pub(crate) single: f64,
    pub(crate) batched: f64,
}

/// The end that is written to.
struct Socket {
    tls: ServerConnection,
    stream: TcpStream,
}

impl Socket {
    fn write(&mut self, message: &[u8]) -> Result<()> {
        self.tls.writer().write_all(message)?;
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.stream)?;
        }
        Ok(())
    }
}

/// The end that reads.
struct Reader {
    tls: ClientConnection,
    stream: TcpStream,
}

/// Measures both on core 0, while this core reads.
pub(crate) fn measure() -> Result<Floor> {
    let (server, client) = configs()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let writer = std::thread::spawn(move || write_all(&listener, &server));
    let mut readers = Vec::new();
    for _ in 0..SOCKETS {
        readers.push(shake_hands(TcpStream::connect(address)?, &client)?);
    }
    let drains: Vec<_> = readers
        .into_iter()
        .map(|Reader { stream, .. }| {
            std::thread::Builder::new().stack_size(64 * 1024).spawn(move || drain(stream))
        })
        .collect();
    let floor = writer.join().map_err(|_| anyhow::anyhow!("the floor's loop failed"))??;
    for drain in drains {
        drop(drain?.join());
    }
    Ok(floor)
}

/// Reads what comes and throws it away: the load's side of TLS is not what is measured.
fn drain(mut stream: TcpStream) {
    let mut buffer = vec![0; 16 * 1024];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

fn shake_hands(mut stream: TcpStream, config: &Arc<ClientConfig>) -> Result<Reader> {
    let mut tls = ClientConnection::new(Arc::clone(config), "localhost".try_into()?)?;
    while tls.is_handshaking() {
        tls.complete_io(&mut stream)?;
    }
    Ok(Reader { tls, stream })
}

fn accept(listener: &TcpListener, config: &Arc<ServerConfig>, count: usize) -> Result<Vec<Socket>> {
    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        let (mut stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        let mut tls = ServerConnection::new(Arc::clone(config))?;
        while tls.is_handshaking() {
            tls.complete_io(&mut stream)?;
        }
        sockets.push(Socket { tls, stream });
    }
    Ok(sockets)
}

fn write_all(listener: &TcpListener, config: &Arc<ServerConfig>) -> Result<Floor> {
    pin_thread()?;
    let mut sockets = accept(listener, config, SOCKETS)?;
    let single = rounds(&mut sockets, MESSAGES, 1)?;
    let batched = rounds(&mut sockets, MESSAGES / BATCH, BATCH)?;
    Ok(Floor { single, batched })
}

fn rounds(sockets: &mut [Socket], rounds: usize, batch: usize) -> Result<f64> {
    let message = vec![b'x'; MESSAGE_BYTES * batch];
    let before = thread_time();
    for _ in 0..rounds {
        for socket in sockets.iter_mut() {
            socket.write(&message)?;
        }
    }
    let spent = thread_time().checked_sub(before).context("time runs forward")?;
    let deliveries = (rounds * batch * sockets.len()) as f64;
    Ok(spent.as_secs_f64() * 1e6 / deliveries)
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// The loop's thread to core 0, where the server will be.
fn pin_thread() -> Result<()> {
    pin_this(0)
}

fn configs() -> Result<(Arc<ServerConfig>, Arc<ClientConfig>)> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = || Arc::new(crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let client = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok((Arc::new(server), Arc::new(client)))
}
