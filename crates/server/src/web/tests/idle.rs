//! The memory that a pipe costs while nobody says anything.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use tokio::runtime;
use tokio::sync::Barrier;

use super::*;

/// Pipes that are measured.
const PIPES: usize = 200;
/// Bytes that an idle pipe may hold, with its TLS and its task.
const IDLE_BYTES_MAX: isize = 16 * 1024;

/// Counts what each thread holds.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
}

fn count(change: isize) {
    HELD.set(HELD.get() + change);
}

fn size(layout: Layout) -> isize {
    isize::try_from(layout.size()).unwrap_or(isize::MAX)
}

#[expect(unsafe_code, reason = "an allocator is; this one passes everything on to the system's")]
// SAFETY: all calls go to `System` as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(size(layout));
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-size(layout));
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The server's half has a thread of its own, so that the clients' memory is not counted.
#[test]
fn an_idle_pipe_holds_little_memory_even_after_a_burst() {
    let (addresses, address) = std::sync::mpsc::channel();
    let done = Arc::new(Barrier::new(2));
    let ended = Arc::clone(&done);
    let server = std::thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let (address, _tasks) = serving(burst_and_rest).await;
            addresses.send(address).unwrap();
            tokio::task::yield_now().await;
            let before = HELD.get();
            ended.wait().await;
            (HELD.get() - before) / isize::try_from(PIPES).unwrap()
        })
    });
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let address = address.recv().unwrap();
    let clients = runtime.block_on(async {
        let mut clients = Vec::new();
        for _ in 0..PIPES {
            let mut client = connected(address).await;
            client.send(Message::text("y".repeat(20_000))).await.unwrap();
            for _ in 0..2 {
                client.next().await.unwrap().unwrap();
            }
            clients.push(client);
        }
        timeout(PATIENCE, done.wait()).await.unwrap();
        clients
    });
    let each = server.join().unwrap();
    drop(clients);
    println!("{each} bytes for each idle pipe");
    assert!(each <= IDLE_BYTES_MAX, "{each} bytes");
}

async fn burst_and_rest(mut pipe: Pipe) {
    let heard = pipe.next().await.unwrap().unwrap();
    assert_eq!(heard.len(), 20_000);
    drop(heard);
    pipe.send_all(vec![Utf8Bytes::from("x".repeat(20_000)); 2]).await.unwrap();
    drop(pipe.next().await);
}
