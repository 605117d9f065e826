//! The demo without a terminal: talk, SIGKILLs in the middle of it, and a line of JSON.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::json;

use super::frontend::{Frontend, Tail};
use super::interrupt::wait_for;
use super::stage::{NAMES, Stage};
use super::tally::Tally;

/// How long half of the messages may take. A message takes a few hundredths of a second.
const TALK_LIMIT: Duration = Duration::from_secs(600);
/// How long the last words may take to come to everyone after all was said.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(60);

/// Sends `messages` from two participants, kills the server and a daemon meanwhile, compares,
/// prints.
///
/// # Errors
/// When anything was lost, doubled or came in another order, and when anything failed to start.
pub(super) fn play(mut stage: Stage, messages: usize) -> Result<()> {
    let frontends = [stage.frontend(0), stage.frontend(1)];
    let mut join_time = Duration::ZERO;
    for (frontend, name) in frontends.iter().zip(NAMES) {
        let (_, took) = frontend.join(&stage.join_link, name)?;
        println!("{name} has joined after {} ms", took.as_millis());
        join_time = join_time.max(took);
    }
    let [first, second] = &frontends;
    let mut tails =
        [first.tail(&stage.place.output("blue.jsonl")?)?, second.tail(&stage.place.output("green.jsonl")?)?];
    let sent = talk(&mut stage, &frontends, messages)?;
    last_words(&frontends, &mut tails)?;

    let received = [tails[0].events(0)?, tails[1].events(0)?];
    let tally = Tally::of(&sent, &received);
    let route = frontends[0].route()?;
    drop(tails);
    drop(stage);
    if !tally.one_order {
        eprintln!("the frontends received the messages in different orders");
    }
    let Tally { sent, received, lost, doubled, .. } = tally;
    let join_ms = u64::try_from(join_time.as_millis())?;
    println!(
        "{{\"sent\":{sent},\"received\":{received},\"lost\":{lost},\"doubled\":{doubled},\"join_ms\":{join_ms},\"route\":{route}}}"
    );
    if !tally.is_clean() {
        bail!("the demo failed: see the line above");
    }
    Ok(())
}

/// Both talk at once; the server is killed after two fifths of all messages, the first daemon after
/// three.
fn talk(stage: &mut Stage, frontends: &[Frontend; 2], messages: usize) -> Result<Vec<String>> {
    let done = AtomicUsize::new(0);
    let halves = [messages.div_ceil(2), messages / 2];
    let logs = [stage.place.output("blue-sent.jsonl")?, stage.place.output("green-sent.jsonl")?];
    thread::scope(|scope| {
        let mut speakers = Vec::new();
        for (((frontend, name), count), log) in frontends.iter().zip(NAMES).zip(halves).zip(&logs) {
            let done = &done;
            speakers.push(scope.spawn(move || speak(frontend, name, count, log, done)));
        }
        let reached = |what: &str, count: usize| {
            wait_for(what, TALK_LIMIT, || {
                let ended = speakers.iter().all(thread::ScopedJoinHandle::is_finished);
                Ok((ended || done.load(Ordering::SeqCst) >= count).then_some(()))
            })
        };
        let kills = (|| {
            reached("the first messages", messages * 2 / 5)?;
            println!("SIGKILL to the server after {} messages", done.load(Ordering::SeqCst));
            stage.restart_server()?;
            reached("more messages", messages * 3 / 5)?;
            println!("SIGKILL to {}'s daemon after {} messages", NAMES[0], done.load(Ordering::SeqCst));
            stage.restart_daemon(0)
        })();
        let mut sent = Vec::new();
        let mut outcome = kills;
        for speaker in speakers {
            match speaker.join().map_err(|_| anyhow!("a speaker panicked")).flatten() {
                Ok(texts) => sent.extend(texts),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome.map(|()| sent)
    })
}

/// Says `count` different things, each until a daemon has it, and logs what was said.
fn speak(
    frontend: &Frontend,
    name: &str,
    count: usize,
    log: &Path,
    done: &AtomicUsize,
) -> Result<Vec<String>> {
    let mut log = File::options().append(true).open(log)?;
    let mut sent = Vec::new();
    for number in 1..=count {
        let (text, id) = (format!("{name} {number} of {count}"), id(name, number)?);
        let said = frontend.say(&text, &id).with_context(|| text.clone())?;
        writeln!(log, "{}", json!({"id": id, "text": text, "state": said.state, "seq": said.seq}))?;
        sent.push(text);
        done.fetch_add(1, Ordering::SeqCst);
    }
    Ok(sent)
}

/// Each participant's last words are decided after all that they said before: once both frontends
/// have both, nothing more can come of what was sent.
fn last_words(frontends: &[Frontend; 2], tails: &mut [Tail; 2]) -> Result<()> {
    let mut awaited = Vec::new();
    for (frontend, name) in frontends.iter().zip(NAMES) {
        let text = format!("{name} has said all");
        frontend.say(&text, &id(name, 0)?)?;
        awaited.push(text);
    }
    for tail in tails {
        let mut seen = 0;
        wait_for("the last words", ARRIVAL_LIMIT, || {
            let events = tail.events(seen)?;
            seen += events.len();
            awaited.retain(|text| !events.iter().any(|event| event["text"] == text.as_str()));
            Ok(awaited.is_empty().then_some(()))
        })?;
        awaited = NAMES.iter().map(|name| format!("{name} has said all")).collect();
    }
    Ok(())
}

/// An id that no other message has: any UUID will do.
pub(super) fn id(name: &str, number: usize) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    let speaker = name.bytes().fold(0, |sum: u16, byte| sum.wrapping_mul(31).wrapping_add(u16::from(byte)));
    let time = u64::try_from(now & 0xffff_ffff_ffff)?;
    let process = std::process::id() & 0xfff;
    Ok(format!("{number:08x}-{speaker:04x}-4{process:03x}-8000-{time:012x}"))
}
