//! Whatever the other end says: no panic, no rest, no more memory than the limits allow.

use std::time::Duration;

use convene_model::{Nonce, Timestamp};
use convene_protocol::ClientFrame;
use proptest::prelude::*;

use super::{attach, zero};
use crate::{Acceptor, Greeting, GreetingStep, Initiator, LinkSecret, PipeId};

const PIPE: PipeId = PipeId(1);

/// A frame of either side with numbers that no honest end would say, cut anywhere, or no frame at
/// all.
fn text() -> impl Strategy<Value = String> {
    let number = || prop_oneof![0..4_u64, Just(u64::MAX - 1), Just(u64::MAX), any::<u64>()];
    let frame = prop_oneof![
        (number(), any::<bool>()).prop_map(|(n, again)| format!(r#"{{"_ack":{{"received":{n},"again":{again}}}}}"#)),
        number().prop_map(|n| format!(r#"{{"_ping":{{"id":{n}}}}}"#)),
        (number(), number()).prop_map(|(id, n)| format!(r#"{{"_pong":{{"id":{id},"received":{n}}}}}"#)),
        (number(), any::<bool>())
            .prop_map(|(n, resumed)| format!(r#"{{"attached":{{"received":{n},"resumed":{resumed}}}}}"#)),
        (number(), number()).prop_map(|(epoch, n)| ClientFrame::Attach(attach(epoch, n, 0)).to_string()),
        Just(r#"{"hello":{"versions":[2],"program":""}}"#.to_owned()),
        any::<u32>().prop_map(|version| format!(
            r#"{{"hello":{{"version":{version},"server":"","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z"}}}}"#
        )),
        number().prop_map(|n| format!(r#"{{"history":{{"index":0,"after":{n},"through":{n},"list":[]}}}}"#)),
        number().prop_map(|n| format!(r#"{{"refused":{{"code":"busy","retry_after_ms":{n}}}}}"#)),
        number().prop_map(|n| format!(r#"{{"_bye":{{"code":"later","retry_after_ms":{n}}}}}"#)),
        "[a-zü]{0,90}".prop_map(|kind| format!(r#"{{"{kind}":[]}}"#)),
        Just(r#"{"_unknown":{"kind":"x"}}"#.to_owned()),
    ];
    prop_oneof![
        8 => frame.clone(),
        1 => (frame, any::<prop::sample::Index>()).prop_map(|(text, at)| text.chars().take(at.index(200)).collect()),
        1 => any::<String>(),
    ]
}

/// The texts that come, each with its number and with the milliseconds after which it comes.
fn heard() -> impl Strategy<Value = Vec<(String, Option<u64>, u64)>> {
    prop::collection::vec((text(), prop::option::of(any::<u64>()), 0..40_000_u64), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_daemon_bears_whatever_a_server_says(heard in heard()) {
        let mut now = zero();
        let mut daemon = Initiator::new(LinkSecret::from_random([0; 32]), String::new());
        let mut pipe = PIPE;
        daemon.handle_pipe_open(pipe);
        for (text, number, ms) in heard {
            daemon.handle_frame(pipe, number, &text, now);
            now += Duration::from_millis(ms);
            daemon.handle_timeout(now);
            daemon.attach(pipe, Vec::new(), None, now);
            let told = std::iter::from_fn(|| daemon.poll_event()).count();
            let said = std::iter::from_fn(|| daemon.poll_transmit(now)).count();
            prop_assert!(told <= 3 && said <= 5, "told {told}, said {said}");
            prop_assert!(daemon.poll_timeout().is_none_or(|(due, _)| due > now));
            if !daemon.is_attached() {
                pipe = PipeId(pipe.0 + 1);
                daemon.handle_pipe_open(pipe);
            }
        }
    }

    #[test]
    fn a_server_bears_whatever_a_daemon_says(heard in heard()) {
        let mut now = zero();
        let mut link: Option<Acceptor<()>> = None;
        let mut greeting = Greeting::new(Nonce([0; 16]), now);
        let mut pipe = PIPE;
        for (text, number, ms) in heard {
            let step = greeting.handle_frame(&text, "", &[], Timestamp::from_millis(0), now);
            if let GreetingStep::Attach(attach) = step {
                pipe = PipeId(pipe.0 + 1);
                match &mut link {
                    Some(link) => _ = link.handle_attach(&attach, greeting.greeted(), pipe, None, now),
                    link => *link = Some(Acceptor::new(&attach, greeting.greeted(), pipe, None, now)),
                }
            }
            now += Duration::from_millis(ms);
            let Some(link) = &mut link else { continue };
            prop_assert!(link.send((), 1).is_ok());
            let is_dead = link.handle_frame(pipe, number, &text, now).is_err() || link.handle_timeout(now).is_err();
            if is_dead {
                link.handle_pipe_closed(pipe, now);
            }
            let said = std::iter::from_fn(|| link.poll_transmit(now)).count();
            prop_assert!(said <= 70, "said {said}");
            prop_assert!(link.poll_timeout().0 > now || link.is_forgotten(now));
        }
    }
}
