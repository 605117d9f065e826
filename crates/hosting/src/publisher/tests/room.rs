//! Snapshots of many conferences on one link, by way of its desk.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use convene_model::limits::{CONNECTION_QUEUE_BYTES_MAX, PARTICIPANTS_MAX};
use convene_model::{ConferenceId, JoinCode, LinkId, Nonce, SeatKey};
use convene_protocol::proof::{Context, Signature, resume_message};
use convene_protocol::{Join, Resume, ServerFrame};
use ed25519_dalek::{Signer as _, SigningKey};

use super::world::{LOG, World};
use super::writing::{Log, id, key_of, person};
use crate::desk::{Desk, DeskOutput};
use crate::messages::LinkNumber;
use crate::publisher::{Output, Publisher};

const LINK: LinkNumber = LinkNumber(1);
/// Their snapshots together are longer than what may wait on a link.
const CONFERENCES: u32 = 12;

fn context() -> Context {
    Context { nonce: Nonce([1; 16]), link: LinkId([2; 16]), epoch: 1, end_point: None }
}

fn secret() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// As many people as a conference takes, with the longest names, which nothing makes shorter. The
/// first of them is the one with the seats.
fn crowd() -> Log {
    let mut log = Log::begun();
    let mut random = 1_u64;
    for number in 0..u32::try_from(PARTICIPANTS_MAX).unwrap() {
        let letters = std::iter::repeat_with(|| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // A Chinese character.
            char::from_u32(0x4e00 + u32::try_from((random >> 33) % 20_000).unwrap()).unwrap()
        });
        let name: String = letters.take(60).collect();
        let key = if number == 0 { SeatKey(secret().verifying_key().to_bytes()) } else { key_of(number) };
        log.join(key, person(number + 1), &name);
    }
    log
}

fn resume(index: u32) -> Resume {
    let mut resume = Resume {
        index,
        count: 1,
        key: SeatKey(secret().verifying_key().to_bytes()),
        conference: Some(ConferenceId::from_random(index.into())),
        replica: None,
        snapshot: false,
        join: Join { code: JoinCode([1; 16]), name: "Anna".parse().unwrap(), id: id(1) },
        was_participant: true,
        signature: Signature([0; 64]),
    };
    resume.signature = Signature(secret().sign(&resume_message(&context(), &resume)).to_bytes());
    resume
}

/// A link with a seat in each conference.
struct Link {
    desk: Desk<usize>,
    publishers: Vec<Publisher<LinkNumber>>,
    waiting: VecDeque<Arc<str>>,
    bytes: usize,
    most: usize,
}

impl Link {
    /// Does all that can be done before the link takes something.
    fn run(&mut self, now: std::time::Instant) {
        loop {
            self.desk.handle_room(self.bytes);
            if let Some(output) = self.desk.poll_output() {
                self.desk_wants(output, now);
            } else if !self.hear() {
                return;
            }
        }
    }

    fn desk_wants(&mut self, output: DeskOutput<usize>, now: std::time::Instant) {
        match output {
            DeskOutput::Frame(text) => {
                self.bytes += text.len();
                self.most = self.most.max(self.bytes);
                self.waiting.push_back(text);
            }
            DeskOutput::Find { index, count, .. } => {
                self.desk.handle_found(index, count, Ok(usize::try_from(index).unwrap()));
            }
            DeskOutput::Wish { conference, wish } => {
                self.publishers[conference].handle_wish(LINK, LINK, wish, now);
            }
            DeskOutput::Commands { .. } | DeskOutput::Cut(_) => panic!("{output:?}"),
        }
    }

    /// Brings the desk one thing that a publisher tells; says whether there was one.
    fn hear(&mut self) -> bool {
        let Self { publishers, desk, .. } = self;
        for (at, publisher) in publishers.iter_mut().enumerate() {
            if let Some(output) = publisher.poll_output() {
                let Output::Tell { told, .. } = output else { panic!("{output:?}") };
                desk.handle_told(&at, told);
                return true;
            }
        }
        false
    }
}

#[test]
fn snapshots_of_many_conferences_never_fill_a_link() {
    let World { publisher, now, .. } = World::new(crowd());
    let stored = publisher.stored();
    let publishers = (0..CONFERENCES)
        .map(|number| Publisher::from_stored(ConferenceId::from_random(number.into()), LOG, stored.clone()));
    let mut link = Link {
        desk: Desk::new(LINK, context()),
        publishers: publishers.collect(),
        waiting: VecDeque::new(),
        bytes: 0,
        most: 0,
    };
    link.desk.handle_attach((0..CONFERENCES).map(resume).collect());
    let (mut total, mut parts, mut owns) = (0, BTreeMap::new(), Vec::new());
    link.run(now);
    while let Some(text) = link.waiting.pop_front() {
        (link.bytes, total) = (link.bytes - text.len(), total + text.len());
        let frame = ServerFrame::parse(&text).unwrap();
        if let ServerFrame::Snapshot(part) = &frame {
            *parts.entry(part.conference).or_insert(part.parts) -= 1;
        } else if let ServerFrame::Own(own) = &frame {
            owns.push(own.index);
        }
        link.run(now);
    }
    println!("{total} bytes went out, and never more than {} waited", link.most);
    assert!(total > CONNECTION_QUEUE_BYTES_MAX, "all together would not have fitted");
    assert!(link.most < CONNECTION_QUEUE_BYTES_MAX / 2);
    owns.sort_unstable();
    assert_eq!(owns, (0..CONFERENCES).collect::<Vec<u32>>());
    assert!(parts.len() == owns.len() && parts.values().all(|due| *due == 0));
}
