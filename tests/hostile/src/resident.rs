//! The parts that the lab itself plays in a place of a network.

use std::fs::File;
use std::net::TcpListener as StdListener;
use std::os::fd::AsFd as _;
use std::thread::JoinHandle;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::network::{Network, Place};

/// A part that is played for every connection of a listener, until it is dropped.
#[derive(Debug)]
pub(crate) struct Resident {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Network {
    /// Plays the part for every connection of this listener, on a thread of its own in that place:
    /// what it opens belongs there too.
    pub(crate) fn play<F, P>(&self, place: Place, listener: StdListener, part: P) -> Resident
    where
        P: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let space: File = self.open_space(place);
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            move_into_link_name_space(space.as_fd(), Some(LinkNameSpaceType::Network))
                .expect("root may enter a namespace");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("the lab has threads");
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, part) => {}
                    _ = stopped => {}
                }
            });
        });
        Resident { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Resident {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The mistakes of a connection's task show in the test.
            drop(thread.join());
        }
    }
}

async fn serve<F, P>(listener: StdListener, part: P)
where
    P: Fn(TcpStream) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    listener.set_nonblocking(true).expect("a listener can be asked without waiting");
    let listener = TcpListener::from_std(listener).expect("the runtime takes the listener");
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(part(stream));
        // Those that have ended are let go.
        while connections.try_join_next().is_some() {}
    }
}
