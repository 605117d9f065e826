//! The demo at a terminal: two participants talk, then you speak as one of them.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use super::frontend::{Frontend, Tail};
use super::interrupt::{pause, stopped, wait_for};
use super::once::id;
use super::stage::{NAMES, Stage};

/// The talk of the two before it is your turn: who speaks, and the text.
const TALK: &[(usize, &str)] = &[
    (0, "Hello! I came in through a daemon of my own."),
    (1, "So did I. The server numbers what we say, and both of us see it in that order."),
    (0, "And it is on disk before either of us sees it."),
];

/// How long what was said may take to be shown.
const SHOW_LIMIT: Duration = Duration::from_secs(30);

/// Shows the talk and leaves the user in it until Ctrl-C or the end of standard input.
pub(super) fn play(stage: &Stage) -> Result<()> {
    let frontends = [stage.frontend(0), stage.frontend(1)];
    let mut names = BTreeMap::new();
    for (frontend, name) in frontends.iter().zip(NAMES) {
        let (participant, took) = frontend.join(&stage.join_link, name)?;
        println!("{name} has joined after {} ms", took.as_millis());
        names.insert(participant, name.to_owned());
    }
    let [_, me] = &frontends;
    let mut screen = Screen { tail: me.tail(&stage.place.output("green.jsonl")?)?, names, shown: 0, last: 0 };
    println!("Everyone with this link can join: {}\n", stage.join_link);
    for (number, (who, text)) in TALK.iter().enumerate() {
        if let Some(frontend) = frontends.get(*who) {
            screen.say(frontend, text, number)?;
        }
    }
    println!(
        "\nYou are {}. Type a line and Enter to say it; Ctrl-C stops and removes everything.\n",
        NAMES[1]
    );
    converse(me, &mut screen)
}

fn converse(me: &Frontend, screen: &mut Screen) -> Result<()> {
    let lines = typed_lines();
    for number in TALK.len().. {
        let line = loop {
            match lines.try_recv() {
                Ok(line) => break line,
                Err(TryRecvError::Disconnected) => return Ok(()),
                Err(TryRecvError::Empty) if stopped() => return Ok(()),
                Err(TryRecvError::Empty) => {
                    screen.show()?;
                    pause();
                }
            }
        };
        if !line.trim().is_empty() {
            screen.say(me, line.trim(), number)?;
        }
    }
    Ok(())
}

/// Standard input, read beside us because a read cannot be interrupted; the thread ends with the
/// program.
fn typed_lines() -> Receiver<String> {
    let (lines, typed) = sync_channel(1);
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    typed
}

/// The screen of the participant's frontend.
#[derive(Debug)]
struct Screen {
    tail: Tail,
    names: BTreeMap<String, String>,
    shown: usize,
    last: u64,
}

impl Screen {
    /// Prints what has come since.
    fn show(&mut self) -> Result<()> {
        for event in self.tail.events(self.shown)? {
            self.shown += 1;
            self.last = event.get("seq").and_then(Value::as_u64).unwrap_or(self.last);
            let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
            if !text("participant").is_empty() && !text("name").is_empty() {
                self.names.insert(text("participant").to_owned(), text("name").to_owned());
            }
            let who = self.names.get(text("by")).map_or("the server", String::as_str);
            let shown = match text("text") {
                "" => format!("{:>5}  {who}: {}", self.last, text("kind")),
                said => format!("{:>5}  [{}] {who}: {said}", self.last, text("room")),
            };
            println!("{}", shown.chars().filter(|c| !c.is_control()).collect::<String>());
        }
        Ok(())
    }

    /// Says it and shows everything up to it.
    fn say(&mut self, frontend: &Frontend, text: &str, number: usize) -> Result<()> {
        let said = frontend.say(text, &id("live", number)?)?;
        let Some(seq) = said.seq else {
            println!("       (kept; it will be sent when the server can be reached)");
            return Ok(());
        };
        wait_for("what was said", SHOW_LIMIT, || {
            self.show()?;
            Ok((self.last >= seq).then_some(()))
        })
    }
}
