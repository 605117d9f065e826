//! What the shell is to do, and what is told when entries have become durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use convene_conference::{Audience, Body, Receipt, Right};
use convene_model::ParticipantId;
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use convene_protocol::{EventsHead, Receipts, ServerFrame, To, events_text};

use super::Host;
use super::audience::{Place, Standing};
use super::deciding::Wish;

/// What the shell is to do.
#[derive(Debug)]
pub enum Output<L> {
    /// Send a frame on one link.
    Frame {
        /// To whom.
        link: L,
        /// The frame.
        text: String,
        /// Call [`Host::handle_ready`] with this index once the link has room for more.
        ready: Option<u32>,
    },
    /// Send one frame on each link that [`Host::recipients`] gives for this right.
    Class {
        /// For whom.
        right: Right,
        /// The frame.
        text: String,
    },
    /// Read a page of the log and give it to [`Host::handle_read`].
    Read(Read<L>),
}

/// A page of the log that is wanted: about [`BATCH_EVENTS_MAX`] entries.
#[derive(Debug)]
pub struct Read<L> {
    /// Entries above this number.
    pub after: u64,
    /// For whom; passed back unread.
    pub wanted: ReadFor<L>,
}

/// Who wants a page of the log.
#[derive(Debug)]
pub struct ReadFor<L> {
    pub(super) link: L,
    pub(super) place: Place,
    /// The end of the span of history that was asked for; a seat that is brought up has none.
    pub(super) history: Option<u64>,
}

/// An event that has just become durable.
pub(super) struct Fresh {
    pub(super) seq: u64,
    pub(super) audience: Audience,
    pub(super) text: Arc<str>,
}

impl<L> ReadFor<L> {
    /// The link that waits for it.
    pub fn link(&self) -> &L {
        &self.link
    }
}

impl<L: Clone> Host<L> {
    /// Tells what became durable: first the events, then to each who waits what became of the wish.
    pub(super) fn tell(&mut self, fresh: &[Fresh]) {
        for one in fresh {
            if let Audience::Person(participant) = one.audience {
                self.tell_person(participant);
            }
        }
        for right in [Right::Participant, Right::Organizer] {
            self.tell_class(right, fresh);
        }
        let due = self.waiting.take_until(self.durable);
        let mut receipts: BTreeMap<Place, (L, Vec<Receipt>)> = BTreeMap::new();
        for (link, place, wish) in due {
            match wish {
                Wish::Receipt(receipt) => {
                    receipts.entry(place).or_insert_with(|| (link, Vec::new())).1.push(receipt);
                }
                Wish::Open(wanted) => self.open(link, place, &wanted),
                Wish::Refusal(code) => self.refuse(link, place, code),
            }
        }
        for (place, (link, list)) in receipts {
            self.send(link, &ServerFrame::Receipts(Receipts { index: place.index, list }));
        }
    }

    /// Someone came or left: what they are told begins or ends here.
    pub(super) fn handle_attendance(&mut self, number: u64, body: &Body) {
        match body {
            // They are told so by themselves: whom everyone's frame goes to is looked up later.
            Body::Left { participant } => {
                self.left.insert(*participant, number);
                self.tell_person(*participant);
            }
            Body::Joined { participant, .. } => {
                self.left.remove(participant);
                for place in self.audiences.of(*participant) {
                    let standing = self.audiences.get(place).map(|listener| listener.standing);
                    if let Some(Standing::Gone(told)) = standing {
                        self.audiences.set_standing(place, Standing::Behind(told));
                        self.bring_up(place);
                    }
                }
            }
            Body::Opened { .. } | Body::Said { .. } | Body::Ended | Body::Unknown => {}
        }
    }

    /// Gives one frame to each link.
    pub(super) fn send(&mut self, link: L, frame: &ServerFrame) {
        self.outputs.push_back(Output::Frame { link, text: frame.to_string(), ready: None });
    }

    /// One frame per class, in which whoever was told by themselves finds nothing new.
    fn tell_class(&mut self, right: Right, fresh: &[Fresh]) {
        let sees = |one: &&Fresh| match one.audience {
            Audience::Everyone => true,
            Audience::Organizers => right == Right::Organizer,
            Audience::Person(_) => false,
        };
        let visible: Vec<&Fresh> = fresh.iter().filter(sees).collect();
        if visible.is_empty() {
            return;
        }
        for place in self.audiences.following_alone(right) {
            self.tell_alone(place);
        }
        let mut rest = visible.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(batch_len(rest.iter().map(|one| one.text.len())));
            let through = if later.is_empty() { self.durable } else { now.last().map_or(0, |one| one.seq) };
            let after = self.told.insert(right, through).unwrap_or(0);
            let head = EventsHead {
                conference: self.conference,
                log: self.log,
                to: To::Right(right),
                after,
                through,
            };
            let text = events_text(&head, now.iter().map(|one| &one.text));
            self.outputs.push_back(Output::Class { right, text });
            rest = later;
        }
    }

    fn tell_person(&mut self, participant: ParticipantId) {
        for place in self.audiences.of(participant) {
            self.tell_alone(place);
        }
    }

    /// Brings one seat up by itself, if it follows.
    fn tell_alone(&mut self, place: Place) {
        let Some(listener) = self.audiences.get(place) else { return };
        if listener.standing == Standing::Following {
            let told = self.told.get(&listener.right).copied().unwrap_or(0);
            self.audiences.set_standing(place, Standing::Behind(told));
            self.bring_up(place);
        }
    }
}

/// How many of these fit into one frame; at least one.
pub(super) fn batch_len(sizes: impl Iterator<Item = usize>) -> usize {
    let mut bytes = 0;
    let fits = sizes.take(BATCH_EVENTS_MAX).take_while(|size| {
        let first = bytes == 0;
        bytes += size;
        first || bytes <= BATCH_BYTES_MAX
    });
    fits.count().max(1)
}
