//! A conference as its commands see it: which one is meant, how it stands, and what its words mean.

use convene_command_lines::convene::{Send, Words};
use convene_conference::{Public, State, reads_alike};
use convene_local_api::{
    Empty, List, ListedSeat, Mirror, Presence, PresenceParams, SeatState, Watch, WatchParams, WatchResult,
};
use convene_local_client::{CallError, Client, Notifications};
use convene_model::{Json, ParticipantId, Point, RoomId, SeatName};

use super::{Context, act};
use crate::output;
use crate::stop::Stop;

/// A conference, and the words of a command that follow its name.
pub(super) struct Scene<'a> {
    pub(super) context: &'a Context,
    pub(super) conference: SeatName,
    /// The words behind the conference.
    pub(super) words: Vec<&'a str>,
    pub(super) state: State,
    pub(super) me: Option<ParticipantId>,
    /// Everyone who is connected, where that is known.
    pub(super) online: Option<Vec<ParticipantId>>,
    /// Milliseconds by which the server's clock is ahead of this machine's.
    pub(super) clock_offset_ms: i64,
    /// How far the state is.
    seen: Option<Point>,
    send: &'a Send,
}

/// The conference that a person means, and the other words. It comes first, and may be left out
/// where there is one: a first word is a conference only if it names a server too, or is listed; by
/// its title where there are several.
pub(super) async fn place<'a>(
    client: &Client,
    words: &'a [String],
    context: &Context,
) -> Result<(SeatName, Vec<&'a str>), Stop> {
    let seats = client.call::<List>(&Empty {}).await?.conferences;
    let named = words.first().and_then(|word| called(word, &seats));
    let rest = words.iter().skip(usize::from(named.is_some())).map(String::as_str).collect();
    let conference = match named {
        Some(named) => named,
        None => only(&seats).map_err(|word| Stop::Usage(context.wording.word(word)))?,
    };
    Ok((conference, rest))
}

/// The conference that a first word names.
fn called(word: &str, seats: &[ListedSeat]) -> Option<SeatName> {
    let name = word.parse::<SeatName>().ok();
    let listed =
        name.filter(|name| matches!(name, SeatName::At(..)) || seats.iter().any(|seat| is(seat, name)));
    listed.or_else(|| titled(word, seats, takes_part).filter(|_| only(seats).is_err()))
}

/// The only seat of these that counts and whose conference has this title, or one that reads like
/// it.
fn titled(word: &str, seats: &[ListedSeat], counts: fn(&ListedSeat) -> bool) -> Option<SeatName> {
    let alike = |seat: &&ListedSeat| !seat.title.is_empty() && reads_alike(&seat.title, word);
    let mut titled = seats.iter().filter(|seat| counts(seat)).filter(alike);
    match (titled.next(), titled.next()) {
        (Some(seat), None) => Some(seat.seat.clone()),
        _ => None,
    }
}

/// The conference that is named, or the only one.
pub(super) async fn named(name: Option<&str>, client: &Client, context: &Context) -> Result<SeatName, Stop> {
    match name {
        Some(name) => one_of_all(name, client, context).await,
        None => Ok(place(client, &[], context).await?.0),
    }
}

/// The conference of this name or title, whether it takes part or not. A name is not looked up.
pub(super) async fn one_of_all(word: &str, client: &Client, context: &Context) -> Result<SeatName, Stop> {
    if let Ok(name) = word.parse() {
        return Ok(name);
    }
    let seats = client.call::<List>(&Empty {}).await?.conferences;
    titled(word, &seats, |_| true).ok_or_else(|| unknown(word, context))
}

/// No conference is called so.
fn unknown(word: &str, context: &Context) -> Stop {
    Stop::Usage(format!("{}: {}", context.wording.word("conference_unknown"), output::inert(word)))
}

/// Whether this name is one of the seat's.
pub(super) fn is(seat: &ListedSeat, name: &SeatName) -> bool {
    match name {
        SeatName::Conference(conference) | SeatName::At(conference, _) => {
            seat.conference == Some(*conference)
        }
        SeatName::Number(_) => seat.seat == *name,
    }
}

/// Whether a seat takes part, or may come to.
pub(super) fn takes_part(seat: &ListedSeat) -> bool {
    matches!(seat.state, SeatState::Joined | SeatState::Joining | SeatState::NotHereNow)
}

/// The only seat that takes part; the only one at all, where none does: what it has can be read.
fn only(seats: &[ListedSeat]) -> Result<SeatName, &'static str> {
    let mut there = seats.iter().filter(|seat| takes_part(seat));
    match (there.next(), there.next()) {
        (Some(seat), None) => Ok(seat.seat.clone()),
        (None, _) => match seats {
            [seat] => Ok(seat.seat.clone()),
            _ => Err("no_conference"),
        },
        (Some(_), Some(_)) => Err("conference_missing"),
    }
}

impl<'a> Scene<'a> {
    /// Looks at the conference that is meant.
    pub(super) async fn look(words: &'a Words, context: &'a Context) -> Result<Self, Stop> {
        let (client, mut notifications) = context.listen().await?;
        let (conference, rest) = place(&client, &words.words, context).await?;
        let looking = state(&client, &mut notifications, &conference);
        let (watch, state) = context.waits(looking).await?;
        let presence = PresenceParams { conference: conference.clone() };
        let online = client.call::<Presence>(&presence).await?.online;
        Ok(Self {
            context,
            conference,
            words: rest,
            state,
            me: watch.participant,
            online,
            clock_offset_ms: watch.clock_offset_ms.unwrap_or_default(),
            seen: watch.term.map(|term| Point { number: watch.after, term }),
            send: &words.send,
        })
    }

    pub(super) fn public(&self) -> &Public {
        self.state.public()
    }

    /// Wants something, as the author sees the conference now.
    pub(super) async fn want(&self, body: &serde_json::Value) -> Result<(), Stop> {
        let body = Json::of(body).map_err(|error| Stop::Usage(error.to_string()))?;
        act::send(&self.conference, body, self.seen, self.send, self.context).await
    }

    /// The words are not those of the command.
    pub(super) fn misused(&self) -> Stop {
        self.usage("words_missing")
    }

    fn usage(&self, word: &str) -> Stop {
        Stop::Usage(self.context.wording.word(word))
    }

    /// The participant with this id or name, or with the only name that reads like it.
    pub(super) fn person(&self, word: &str) -> Result<ParticipantId, Stop> {
        let everyone = self.public().participants();
        let by_id = word.parse().ok().filter(|id| everyone.get(*id).is_some());
        let named = |alike: &dyn Fn(&str) -> bool| {
            everyone.iter().find(|(_, one)| alike(&one.name)).map(|(id, _)| id)
        };
        by_id
            .or_else(|| named(&|name| name == word))
            .or_else(|| named(&|name| reads_alike(name, word)))
            .ok_or_else(|| self.usage("person_unknown"))
    }

    /// The room or table with this id or name.
    pub(super) fn room(&self, word: &str) -> Result<RoomId, Stop> {
        room_called(word, &self.state, self.me, self.context)
    }

    /// The name of a participant.
    pub(super) fn name(&self, id: ParticipantId) -> String {
        self.public().participants().get(id).map_or_else(|| id.to_string(), |one| one.name.to_string())
    }

    /// The name of a room or table in the person's language.
    pub(super) fn room_name(&self, id: &RoomId) -> String {
        room_name(self.public(), id, self.context)
    }
}

/// The room or table with this id or name, as a participant may know it.
pub(super) fn room_called(
    word: &str,
    state: &State,
    me: Option<ParticipantId>,
    context: &Context,
) -> Result<RoomId, Stop> {
    let public = state.public();
    let tables = public.tables().iter().map(|(id, _)| id);
    let invitations = me.and_then(|me| state.own(me));
    let invitations = invitations.into_iter().flat_map(|own| own.invitations().keys());
    let fixed = RoomId::FIXED;
    let ids: Vec<&RoomId> = fixed
        .iter()
        .chain(public.rooms().iter().map(|(id, _)| id))
        .chain(tables)
        .chain(invitations)
        .collect();
    let any_name = |id: &RoomId| {
        let names = public.rooms().get(id).into_iter().flat_map(|room| room.names.values());
        names.cloned().chain([room_name(public, id, context)]).any(|name| reads_alike(&name, word))
    };
    let found = ids.iter().find(|id| id.as_str() == word).or_else(|| ids.iter().find(|id| any_name(id)));
    found.map(|id| (*id).clone()).ok_or_else(|| Stop::Usage(context.wording.word("room_not_found")))
}

/// The name of a room or table in the person's language.
pub(super) fn room_name(public: &Public, id: &RoomId, context: &Context) -> String {
    let names = public.rooms().get(id).map(|room| &room.names);
    context.wording.room(id, names, &public.settings().languages)
}

/// The state of a conference, and where it was told. A large one comes in parts.
pub(super) async fn state(
    client: &Client,
    notifications: &mut Notifications,
    conference: &SeatName,
) -> Result<(WatchResult, State), Stop> {
    let params = WatchParams { conference: conference.clone(), after: None, state: false };
    let watch = client.call::<Watch>(&params).await?;
    let mut mirror = Mirror::new(watch.clone()).map_err(|_| CallError::Malformed)?;
    while !mirror.is_whole() {
        mirror.handle(notifications.next().await?).map_err(|_| CallError::Malformed)?;
    }
    let state = mirror.state().cloned().ok_or(CallError::Malformed)?;
    Ok((watch, state))
}

/// The socket of a fake daemon is a file, which a pipe of Windows is not.
#[cfg(all(test, unix))]
mod tests {
    use convene_local_api::ListResult;
    use convene_local_client::{FakeDaemon, Introduction};
    use convene_model::ConferenceId;
    use convene_wording::Language;

    use super::*;

    fn seat(number: u64, conference: u64, state: SeatState) -> ListedSeat {
        ListedSeat {
            seat: SeatName::Number(number),
            conference: Some(ConferenceId::from_random(conference)),
            server: "conference.test".to_owned(),
            fingerprint: None,
            name: "Anna".to_owned(),
            title: String::new(),
            participant: None,
            state,
            code: None,
            other_log: None,
            remedy: None,
            waiting: 0,
            cursor: 0,
            now: None,
            storage: None,
        }
    }

    /// The conference that these words mean, and the words behind it.
    #[expect(clippy::unwrap_used, reason = "an outcome of the test, beside one of the command")]
    async fn meant(seats: &[ListedSeat], words: &[&str]) -> Result<(String, Vec<String>), String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d.sock");
        let listed = ListResult { conferences: seats.to_vec() };
        let daemon = FakeDaemon::bind(&path).unwrap().answers::<List>(&listed);
        let introduction = Introduction::new(vec![path], "test");
        let context = Context::new(true, Vec::new(), Language::En);
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let asking = async {
            let (client, _) = introduction.connect().await.unwrap();
            let placed = place(&client, &words, &context).await;
            let placed = placed.map_err(|stop| stop.message(&context.wording).unwrap_or_default())?;
            Ok((placed.0.to_string(), placed.1.into_iter().map(str::to_owned).collect()))
        };
        tokio::select! {
            meant = asking => meant,
            ended = daemon.serve() => unreachable!("{ended:?}"),
        }
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn a_first_word_is_a_conference_where_it_is_listed_or_names_a_server() {
        let seats = [seat(1, 1, SeatState::Joined), seat(2, 2, SeatState::Joined)];
        let [one, other] = [1, 3].map(|number| ConferenceId::from_random(number).to_string());
        assert_eq!(
            meant(&seats, &[&one, "add", "Garden"]).await,
            Ok((one.clone(), owned(&["add", "Garden"])))
        );
        assert_eq!(meant(&seats, &["s2", "skip"]).await, Ok(("s2".to_owned(), owned(&["skip"]))));
        let at = format!("{other}@conference.test");
        assert_eq!(meant(&seats, &[&at]).await, Ok((at.clone(), Vec::new())));
        assert!(meant(&seats, &[&other, "x"]).await.unwrap_err().contains("several conferences"));
    }

    #[tokio::test]
    async fn a_first_word_is_a_title_where_there_are_several_conferences() {
        let called = |number, title: &str| ListedSeat {
            title: title.to_owned(),
            ..seat(number, number, SeatState::Joined)
        };
        let seats = [called(1, "Our next year"), called(2, "Our canteen"), called(3, "Our canteen")];
        let meant_by = async |word: &str| meant(&seats, &[word, "x"]).await;
        assert_eq!(meant_by("our next YEAR").await, Ok(("s1".to_owned(), owned(&["x"]))));
        assert!(meant_by("Our canteen").await.unwrap_err().contains("several conferences"), "two have it");
        let alone = meant(&seats[..1], &["Our next year"]).await;
        assert_eq!(alone, Ok(("s1".to_owned(), owned(&["Our next year"]))), "it may be what is said");
    }

    #[tokio::test]
    async fn a_conference_may_be_left_out_where_there_is_one() {
        let seats =
            [seat(1, 1, SeatState::Left), seat(2, 2, SeatState::Joined), seat(3, 3, SeatState::Refused)];
        assert_eq!(meant(&seats, &["plenary"]).await, Ok(("s2".to_owned(), owned(&["plenary"]))));
        let only = meant(&seats[..1], &[]).await;
        assert_eq!(only, Ok(("s1".to_owned(), Vec::new())), "what was told can be read");
        let [left, _, refused] = seats;
        assert!(meant(&[left, refused], &[]).await.unwrap_err().contains("no conference"));
    }
}
