//! A long or a bad path between the router and the server: late, lossy, narrow. The kernel's own
//! means for that (netem) are not everywhere, so two TUN devices take the place of the wire, and
//! what goes into one comes out of the other when it is due.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;

use crate::network::{Network, Place};
use crate::process::must;
use crate::space::ip;

/// Bytes of a packet at most: the devices' own limit.
const PACKET_MAX: usize = 1_500;
/// Packets under way in one direction at most; what comes on top is lost, as in a real queue.
const UNDER_WAY_MAX: usize = 4_096;

/// The fate of the packets of a path, in each direction.
#[derive(Debug, Clone, Copy)]
pub struct Path {
    /// The time for which each is under way.
    pub delay: Duration,
    /// The time for which those are under way that open a TCP connection.
    pub opening_delay: Duration,
    /// The number of packets in a hundred that vanish.
    pub lost_percent: u8,
    /// Longer ones vanish without a word.
    pub bytes_max: usize,
}

/// A path, until it is dropped; then nothing passes any more.
#[derive(Debug)]
pub struct LongPath {
    threads: Vec<JoinHandle<()>>,
    /// Closing it ends the threads.
    stop: Option<UnixStream>,
}

impl Path {
    /// As short as a wire.
    pub const SHORT: Self =
        Self { delay: Duration::ZERO, opening_delay: Duration::ZERO, lost_percent: 0, bytes_max: PACKET_MAX };
}

impl Network {
    /// Replaces the wire between the router and the server, before the server's programs start.
    pub fn lengthen(&self, path: Path) -> LongPath {
        must(&mut ip(&["-n", &self.space(Place::Router), "link", "del", "fw1"]), "");
        let [near, far] = [(Place::Router, "fw1"), (Place::Server, "srv0")].map(|(place, name)| {
            let device = self.within(place, || open(name)).expect("root may make a TUN device");
            must(&mut ip(&["-n", &self.space(place), "-batch", "-"]), &self.addressing_of(name));
            device
        });
        let (stop, stopped) = UnixStream::pair().expect("the lab has sockets");
        let ends = [(near.try_clone(), far.try_clone()), (Ok(far), Ok(near))];
        let threads = ends.into_iter().enumerate().map(|(seed, (from, to))| {
            let [from, to] = [from, to].map(|end| end.expect("a device can be opened twice"));
            let stopped = stopped.try_clone().expect("a socket can be opened twice");
            std::thread::spawn(move || carry(from, to, path, &stopped, seed))
        });
        LongPath { threads: threads.collect(), stop: Some(stop) }
    }
}

impl Drop for LongPath {
    fn drop(&mut self) {
        drop(self.stop.take());
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

/// A new TUN device of that name, in this thread's namespace.
fn open(name: &str) -> io::Result<File> {
    let nonblocking = libc::O_NONBLOCK;
    let device = OpenOptions::new().read(true).write(true).custom_flags(nonblocking).open("/dev/net/tun")?;
    attach(&device, name)?;
    Ok(device)
}

#[expect(unsafe_code, reason = "the kernel has no other way")]
fn attach(device: &File, name: &str) -> io::Result<()> {
    // SAFETY: numbers and unions of numbers, all of which may be zero.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = libc::c_char::try_from(from).map_err(io::Error::other)?;
    }
    let flags = libc::c_short::try_from(libc::IFF_TUN | libc::IFF_NO_PI).map_err(io::Error::other)?;
    request.ifr_ifru.ifru_flags = flags;
    // SAFETY: the file is open, and this request reads and writes one `ifreq`.
    let done = unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF, &raw mut request) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Carries packets until `stopped` is closed at its other end.
fn carry(mut from: File, mut to: File, path: Path, stopped: &UnixStream, seed: usize) {
    let mut under_way: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut dice = Dice::new(seed);
    loop {
        let now = Instant::now();
        while under_way.front().is_some_and(|(due, _)| *due <= now) {
            if let Some((_, packet)) = under_way.pop_front() {
                // A device that is full loses it.
                drop(to.write(&packet));
            }
        }
        let wait = under_way.front().map(|(due, _)| due.saturating_duration_since(now));
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        let mut ready = [PollFd::new(&from, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        if poll(&mut ready, wait.as_ref()).is_err() || !ready[1].revents().is_empty() {
            return;
        }
        if ready[0].revents().is_empty() {
            continue;
        }
        let mut packet = vec![0; PACKET_MAX];
        match from.read(&mut packet) {
            Ok(length) if length <= path.bytes_max && dice.falls(path.lost_percent) => {}
            Ok(length) if length <= path.bytes_max && under_way.len() < UNDER_WAY_MAX => {
                packet.truncate(length);
                let delay = if opens(&packet) { path.opening_delay } else { path.delay };
                let due = Instant::now() + delay;
                let place = under_way.partition_point(|(other, _)| *other <= due);
                under_way.insert(place, (due, packet));
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // The device is gone, and with it the network.
            Err(_) => return,
        }
    }
}

/// Whether the packet is a TCP segment over IPv4 with SYN and without ACK (RFC 791, RFC 9293).
fn opens(packet: &[u8]) -> bool {
    let byte = |at: usize| packet.get(at).copied().unwrap_or_default();
    let header = usize::from(byte(0) & 0x0f) * 4;
    byte(0) >> 4 == 4 && byte(9) == 6 && byte(header + 13) & 0x12 == 0x02
}

/// Numbers without a pattern, and the same ones in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn new(seed: usize) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ u64::try_from(seed).unwrap_or_default())
    }

    fn falls(&mut self, percent: u8) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % 100 < percent.into()
    }
}
