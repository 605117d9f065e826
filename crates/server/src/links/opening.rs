//! A pipe from its first frame to its attach.

use std::time::Instant;

use convene_link::{Greeted, Greeting, GreetingStep};
use convene_model::Nonce;
use convene_protocol::{Attach, RefuseCode, ServerFrame};

use super::Naming;
use crate::clock::wall;
use crate::web::Pipe;

/// Greets, and waits for the attach. `None` where the pipe ended before, or had to be.
/// `refused` is told why a pipe was sent away.
pub(super) async fn greet(
    pipe: &mut Pipe,
    nonce: Nonce,
    naming: &Naming,
    refused: impl Fn(RefuseCode),
) -> Option<(Attach, Greeted)> {
    let mut greeting = Greeting::new(nonce, Instant::now());
    loop {
        let (limit, _) = greeting.poll_timeout();
        let Ok(message) = tokio::time::timeout_at(limit.into(), pipe.next()).await else {
            let farewell = greeting.handle_timeout(Instant::now())?;
            say(pipe, &farewell).await;
            return None;
        };
        let text = message.ok().flatten()?;
        let Naming { name, end_points } = naming;
        match greeting.handle_frame(&text, name, end_points, wall().into(), Instant::now()) {
            GreetingStep::Say(frame) => say(pipe, &frame).await?,
            GreetingStep::Attach(attach) => return Some((*attach, *greeting.greeted())),
            GreetingStep::Refuse(frame) => {
                if let ServerFrame::Refused(why) = &frame {
                    refused(why.code);
                }
                say(pipe, &frame).await;
                return None;
            }
        }
    }
}

/// Sends one small frame on a pipe that has sent next to nothing: it fits into the socket's buffer.
pub(super) async fn say(pipe: &mut Pipe, frame: &ServerFrame) -> Option<()> {
    pipe.send_all([frame.to_string().into()]).await.ok()
}
