//! A person at a frontend who is asked for logins at proxies.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::PATIENCE;

/// A person who answers the daemon's questions, until dropped.
#[derive(Debug)]
pub struct Person {
    stream: UnixStream,
    asked: Arc<Mutex<Vec<Value>>>,
    thread: Option<JoinHandle<()>>,
}

impl Person {
    /// Attaches to the daemon and answers its questions with these logins, one after the other,
    /// then with none. The daemon knows of it when this returns.
    pub fn attach(socket: &Path, logins: &[(&str, &str)]) -> Self {
        let mut stream = UnixStream::connect(socket).expect("the daemon serves");
        let hello = json!({ "client": "person", "answers": ["proxy.password"] });
        let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "hello", "params": hello });
        writeln!(stream, "{hello}").expect("the daemon reads");
        let lines = BufReader::new(stream.try_clone().expect("a socket can be opened twice"));
        let mut answers = stream.try_clone().expect("a socket can be opened twice");
        let asked = Arc::<Mutex<Vec<Value>>>::default();
        let heard = Arc::clone(&asked);
        let logins = logins.iter().map(|(user, password)| json!({ "user": user, "password": password }));
        let mut logins = logins.collect::<Vec<_>>().into_iter();
        let (greeted, greeting) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let said: Value = serde_json::from_str(&line).unwrap_or_default();
                if said["method"] != "proxy.password" {
                    // Nobody waits for more than the answer to the greeting.
                    greeted.send(()).ok();
                    continue;
                }
                heard.lock().unwrap_or_else(PoisonError::into_inner).push(said["params"].clone());
                let answer = match logins.next() {
                    Some(login) => json!({ "jsonrpc": "2.0", "id": said["id"], "result": login }),
                    None => {
                        json!({ "jsonrpc": "2.0", "id": said["id"], "error": { "code": -32016, "message": "declined" } })
                    }
                };
                // A daemon that is gone wants no answer.
                drop(writeln!(answers, "{answer}"));
            }
        });
        greeting.recv_timeout(PATIENCE).expect("the daemon answers");
        Self { stream, asked, thread: Some(thread) }
    }

    /// The questions so far.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        drop(self.stream.shutdown(std::net::Shutdown::Both));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
