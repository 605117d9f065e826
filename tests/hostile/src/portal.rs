//! A network's login page on the router: it answers plain HTTP in everybody's place and lets
//! nothing else through.

use std::io::{Read as _, Write as _};
use std::thread;
use std::time::Duration;

use crate::network::{Network, Place};

/// Where the page answers.
const PORT: u16 = 9_996;
/// How long a request may take to come.
const REQUEST_MAX: Duration = Duration::from_secs(5);

impl Network {
    /// From now on every connection to the rule's ports (such as `tcp dport 80`) gets this answer,
    /// whatever it says first, for as long as the test's process runs.
    pub fn answer_everybody(&self, rule: &str, answer: &'static str) {
        let listener = self.listen(Place::Router, PORT);
        self.redirect(&format!("iifname fw0 {rule}"), PORT);
        // Its sockets belong to the router for good; it ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    let mut stream = stream;
                    let mut request = [0; 4096];
                    let asked =
                        stream.set_read_timeout(Some(REQUEST_MAX)).and_then(|()| stream.read(&mut request));
                    if asked.is_ok() {
                        // A client that has gone needs no answer.
                        drop(stream.write_all(answer.as_bytes()));
                    }
                });
            }
        });
    }

    /// The page comes back, after [`Network::pass_everybody`].
    pub fn answer_everybody_again(&self, rule: &str) {
        self.redirect(&format!("iifname fw0 {rule}"), PORT);
    }

    /// From now on nothing is redirected.
    pub fn pass_everybody(&self) {
        self.replace("lab_redirect", "");
    }
}
