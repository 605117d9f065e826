//! Participants, who have the code of a conference.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use convene_model::{JoinLink, Json};
use convene_protocol::ServerFrame;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use crate::line::{Line, Person};
use crate::way::Way;

/// People who come at the same time.
const COMING: usize = 16;
/// Commands of one seat that wait for their receipt.
const WAITING: usize = 1_000;
/// Commands of one frame, and of one with long texts.
const TOGETHER: usize = 50;
const LONG_TOGETHER: usize = 8;
/// Seats that send what is refused, and seats that write long messages.
const REFUSED: usize = 10;
const WRITERS: usize = 100;
/// Characters of the longest message.
const LONG: usize = 4_000;
/// Links that read nothing, what each has said before, and the pages that each asks for.
const DEAF: usize = 1_000;
const DEAF_MESSAGES: usize = 8;
const PAGES: usize = 60;
/// How long they are deaf, before others come in their places.
const DEAF_FOR: Duration = Duration::from_secs(6);

pub(super) fn run(kind: &str, links: &[JoinLink]) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let link = links.first().context("a link")?;
    let ways: Vec<Way> = links.iter().map(Way::to).collect::<Result<_>>()?;
    match kind {
        "p1" => runtime.block_on(fill(&ways, link)),
        "p2" => runtime.block_on(many(REFUSED, &ways, link, || json!({ "kind": "nonsense" }), TOGETHER)),
        "p3" => runtime.block_on(deaf(&ways, link)),
        "p4" => runtime.block_on(many(WRITERS, &ways, link, long, LONG_TOGETHER)),
        _ => bail!("no attack is called {kind}"),
    }
}

fn long() -> Value {
    json!({ "kind": "say", "text": "x".repeat(LONG) })
}

/// Takes one place after the other.
async fn fill(ways: &[Way], link: &JoinLink) -> Result<()> {
    let (mut coming, mut next) = (JoinSet::new(), ways.iter().cycle());
    loop {
        while coming.len() < COMING {
            let (way, person) = (next.next().context("a way")?.clone(), Person::random(link)?);
            coming.spawn(async move {
                let mut line = Line::open(&way, person).await?;
                line.opened().await?;
                line.close().await
            });
        }
        // One that is refused is followed by the next.
        drop(coming.join_next().await);
    }
}

/// So many seats, at least one of each address, send such commands, as fast as they are taken.
async fn many(
    seats: usize,
    ways: &[Way],
    link: &JoinLink,
    body: fn() -> Value,
    together: usize,
) -> Result<()> {
    let mut sending = JoinSet::new();
    for way in ways.iter().cycle().take(seats.max(ways.len())) {
        let (way, person) = (way.clone(), Person::random(link)?);
        sending.spawn(async move {
            // One that is cut comes again.
            for _ in 0..usize::MAX {
                drop(send(&way, person.clone(), body, together).await);
            }
        });
    }
    while sending.join_next().await.is_some() {}
    bail!("nobody sends")
}

async fn send(way: &Way, person: Person, body: fn() -> Value, together: usize) -> Result<()> {
    let mut line = Line::open(way, person).await?;
    line.opened().await?;
    let body = Json::of(&body())?;
    let mut waiting = 0_usize;
    loop {
        // A link that is full takes more when something was acknowledged.
        while waiting + together <= WAITING && line.command(vec![body.clone(); together]).is_ok() {
            waiting += together;
        }
        if let ServerFrame::Receipts(receipts) = next(&mut line).await? {
            waiting = waiting.saturating_sub(receipts.list.len());
        }
    }
}

/// Links that ask for the past, and read nothing of it.
async fn deaf(ways: &[Way], link: &JoinLink) -> Result<()> {
    loop {
        let mut lines = Vec::new();
        for way in ways.iter().cycle().take(DEAF) {
            // One that is refused is followed by the next.
            lines.extend(deaf_line(way, link).await.ok());
        }
        sleep(DEAF_FOR).await;
        drop(lines);
    }
}

async fn deaf_line(way: &Way, link: &JoinLink) -> Result<Line> {
    let mut line = Line::open(way, Person::random(link)?).await?;
    line.opened().await?;
    line.command(vec![Json::of(&long())?; DEAF_MESSAGES])?;
    for _ in 0..PAGES {
        line.ask_history(0, u64::MAX)?;
    }
    line.flush().await?;
    Ok(line)
}

/// The next frame. What is due meanwhile is done.
async fn next(line: &mut Line) -> Result<ServerFrame> {
    loop {
        if let Some(frame) = line.poll_frame()? {
            return Ok(frame);
        }
        line.flush().await?;
        let due = line.due();
        tokio::select! {
            came = line.receive() => came?,
            () = sleep_until(due) => line.handle_timeout(),
        }
    }
}
