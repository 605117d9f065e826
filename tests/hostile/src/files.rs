//! A web server on the router, with one file mostly.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use convene_model::bracketed;

use crate::network::{Network, Place};

const PORT: u16 = 80;
/// Bytes of a request that are read.
const HEAD_MAX: usize = 8 * 1024;
/// How long one client may take.
const CLIENT_MAX: Duration = Duration::from_secs(2);

/// The server, until it is dropped.
#[derive(Debug)]
pub struct FileServer {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl FileServer {
    /// Answers every request with this file.
    pub fn start(network: &Network, file: String) -> Self {
        Self::answering(network, move |_| Self::answer(&file))
    }

    /// Answers requests as this says, of whose first lines it is told.
    pub fn answering<Answer: AsRef<[u8]>>(
        network: &Network,
        answers: impl Fn(&str) -> Answer + Send + 'static,
    ) -> Self {
        let listener = network.listen(Place::Router, PORT);
        let address = SocketAddr::new(network.router(), PORT);
        let (stop, requests) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&requests));
        let thread = std::thread::spawn(move || {
            for client in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(client) = client {
                    // A client that goes away is its own business.
                    drop(serve(client, &answers, &counted));
                }
            }
        });
        let server = Self { address, stop, requests, thread: Some(thread) };
        network.await_listener(Place::Client, address);
        server
    }

    /// Sends everybody who asks for this file from one address to another, as RFC 3986, section 5
    /// lets a server write them, before it gives the file.
    pub fn behind_redirects(network: &Network, file: String) -> Self {
        Self::answering(network, move |request| {
            let to = match request.split(' ').nth(1) {
                Some("/proxy.pac") => "scripts/base.pac",
                Some("/scripts/base.pac") => "../other/./first.pac",
                Some("/other/first.pac") => "?second",
                Some("/other/first.pac?second") => "/third file.pac",
                Some("/third%20file.pac") => "last.pac#here",
                Some(_) | None => return Self::answer(&file),
            };
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        })
    }

    /// The answer that is a file.
    pub fn answer(file: &str) -> String {
        let kind = "application/x-ns-proxy-autoconfig";
        let length = file.len();
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{file}"
        )
    }

    /// The file's address.
    pub fn url(&self) -> String {
        format!("http://{}/proxy.pac", bracketed(&self.address.ip().to_string()))
    }

    /// Requests that came so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Ends it; its port is free then.
    pub fn stop(mut self, network: &Network) {
        self.stop.store(true, Ordering::SeqCst);
        drop(network.connect(Place::Client, self.address, CLIENT_MAX));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve<Answer: AsRef<[u8]>>(
    mut client: TcpStream,
    answers: &impl Fn(&str) -> Answer,
    requests: &AtomicUsize,
) -> std::io::Result<()> {
    client.set_read_timeout(Some(CLIENT_MAX))?;
    let mut head: Vec<u8> = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < HEAD_MAX {
        match client.read(&mut piece)? {
            0 => return Ok(()),
            count => head.extend(piece.get(..count).unwrap_or_default()),
        }
    }
    requests.fetch_add(1, Ordering::SeqCst);
    let head = String::from_utf8_lossy(&head);
    client.write_all(answers(head.lines().next().unwrap_or_default()).as_ref())
}
