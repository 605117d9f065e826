//! How long a message takes at least that is on the disk before it is told: a file that is synced
//! for each message, then the loop.

use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rustls::{ClientConnection, ServerConfig};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{Reader, accept, configs, pin_thread, shake_hands};
use crate::delays::{self, delays, stamped};
use crate::room::{ARRIVAL_MAX, TALK, TIMED_RATE};

/// Messages that may wait for the loop: as many as come while a disk takes seconds for a sync.
const MESSAGES_MAX: usize = 1_024;
/// Bytes that are read at once.
const READ_BYTES: usize = 16 * 1024;

/// The 99th percentile of the time from a message's making to its coming, in milliseconds, at the
/// rate at which rooms are timed. The loop is on core 0; this core makes the messages and reads
/// them.
pub(crate) async fn p99_ms(sockets: usize) -> Result<f64> {
    let (server, client) = configs()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let (say, said) = sync_channel(MESSAGES_MAX);
    let teller = std::thread::spawn(move || tell(&listener, &server, sockets, &said));
    let (mut reading, base) = (JoinSet::new(), Instant::now());
    for _ in 0..sockets {
        let Reader { tls, stream } = shake_hands(std::net::TcpStream::connect(address)?, &client)?;
        stream.set_nonblocking(true)?;
        reading.spawn(read(tls, TcpStream::from_std(stream)?, base));
    }
    let sent = say_all(&say, sockets, base).await?;
    // The loop ends, and with it its sockets.
    drop(say);
    let all =
        tokio::time::timeout(ARRIVAL_MAX, reading.join_all()).await.context("not everything arrived")?;
    teller.join().map_err(|_| anyhow::anyhow!("the floor's loop failed"))??;
    let came: Vec<u64> = all.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    ensure!(came.len() == sent * sockets, "{} deliveries of {}", came.len(), sent * sockets);
    delays::p99_ms(came)
}

/// Says something again and again, and gives how often.
async fn say_all(say: &SyncSender<String>, sockets: usize, base: Instant) -> Result<usize> {
    let mut tick = tokio::time::interval(Duration::from_secs_f64(sockets as f64 / TIMED_RATE as f64));
    let start = Instant::now();
    let mut sent = 0;
    while start.elapsed() < TALK {
        tick.tick().await;
        say.try_send(stamped(base)).context("the disk is too slow")?;
        sent += 1;
    }
    Ok(sent)
}

fn tell(
    listener: &TcpListener,
    config: &Arc<ServerConfig>,
    sockets: usize,
    said: &Receiver<String>,
) -> Result<()> {
    pin_thread()?;
    let mut sockets = accept(listener, config, sockets)?;
    // Where the event log of a server of this benchmark is as well.
    let mut file = tempfile::tempfile()?;
    while let Ok(message) = said.recv() {
        file.write_all(message.as_bytes())?;
        file.sync_data()?;
        for socket in &mut sockets {
            socket.write(message.as_bytes())?;
        }
    }
    Ok(())
}

/// Reads until the other end is closed, and gives the microseconds that each message took.
async fn read(mut tls: ClientConnection, stream: TcpStream, base: Instant) -> Result<Vec<u64>> {
    let (mut buffer, mut came) = (vec![0; READ_BYTES], Vec::new());
    loop {
        stream.readable().await?;
        let count = match stream.try_read(&mut buffer) {
            Ok(0) => return Ok(came),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error.into()),
        };
        let mut rest = buffer.get(..count).unwrap_or_default();
        while !rest.is_empty() {
            if tls.read_tls(&mut rest)? == 0 {
                return Ok(came);
            }
            let plain = tls.process_new_packets()?.plaintext_bytes_to_read();
            let mut text = vec![0; plain];
            tls.reader().read_exact(&mut text)?;
            came.extend(delays(&String::from_utf8_lossy(&text), base.elapsed().as_micros()));
        }
    }
}
