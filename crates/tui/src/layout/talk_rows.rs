//! The rows of one message, of a word of the facilitator's, and of what is not in the talk yet.

use convene_conference::{Body, Public};
use convene_model::{Timestamp, inert};

use super::row::{Paint, Row};
use crate::state::talk::{TalkLine, What};
use crate::state::{App, Conference, Direction, Pending, Standing};
use crate::text::{cut, upper_first, width, wrap, wrap_behind};

/// Columns before the text of a message: its time, and a blank.
const INDENT: usize = 6;
/// Columns before the text of a notice.
const NOTICE_INDENT: usize = 2;
/// Behind a message that the server has.
const SENT: &str = " ✓";
/// A tab, as it is shown.
const TAB: &str = "    ";

/// What lies before the first line.
pub(super) fn edge(app: &App, conference: &Conference) -> Option<Row> {
    let talking = &conference.talking;
    let key = if talking.talk.is_complete {
        "page-talk-begins"
    } else if talking.has_failed {
        "page-earlier-failed"
    } else if talking.loading.as_ref().is_some_and(|wanted| wanted.what == Direction::Older) {
        "page-earlier-loading"
    } else {
        return None;
    };
    Some(Row::new(format!("── {} ──", app.say(key)), Paint::Dim))
}

/// The day, where another one begins.
pub(super) fn day(app: &App, line: &TalkLine, before: Option<&TalkLine>) -> Option<Row> {
    if before.is_some_and(|before| app.words.is_same_day(before.at, line.at)) {
        return None;
    }
    Some(Row::new(format!("── {} ──", app.words.day(line.at, app.now)), Paint::Dim))
}

pub(super) fn of_line(app: &App, conference: &Conference, line: &TalkLine, columns: usize) -> Vec<Row> {
    match (&line.what, line.by) {
        (What::Said(text), by) => {
            let is_own = by.is_some() && by == conference.me;
            let paint = if !is_own && speaks_to_me(conference, text) { Paint::ForMe } else { Paint::Plain };
            let name = by.map_or("", |by| conference.name_of(by));
            let head = Head { time: app.words.clock(line.at), name, is_own };
            let mut rows = message(&head, text, paint, columns);
            if is_own {
                add_mark(&mut rows, columns);
            }
            rows
        }
        (What::Notice(body), _) => {
            let text = conference.public().map(|public| notice(app, public, body));
            of_notice(app, line.at, &text.unwrap_or_default(), columns)
        }
    }
}

/// Says at the end of a message that the server has it.
fn add_mark(rows: &mut Vec<Row>, columns: usize) {
    let last = rows.pop().unwrap_or_default();
    if last.width() + width(SENT) <= columns {
        rows.push(last.and(SENT, Paint::Good));
    } else {
        rows.push(last);
        rows.push(Row::new(" ".repeat(INDENT - 1), Paint::Plain).and(SENT, Paint::Good));
    }
}

pub(super) fn of_pending(app: &App, conference: &Conference, pending: &Pending, columns: usize) -> Vec<Row> {
    let text = pending.message().map_or("", |(_, text)| text);
    let name = conference.me.map_or("", |me| conference.name_of(me));
    let head = Head { time: "  ·  ".to_owned(), name, is_own: true };
    let mut rows = message(&head, text, Paint::Plain, columns);
    let (mark, key, paint) = match pending.standing {
        Standing::Waiting => ("◷", "page-waiting", Paint::Dim),
        Standing::Sent => ("✓", "page-sent", Paint::Good),
        Standing::Refused => ("✗", "page-refused", Paint::Bad),
        Standing::Lost => ("✗", "page-lost", Paint::Bad),
        Standing::Unsure => ("?", "page-unsure", Paint::Bad),
    };
    let why = match pending.standing {
        Standing::Waiting | Standing::Sent => String::new(),
        Standing::Refused => {
            let code = pending.code.as_deref().unwrap_or("other");
            format!(": {}", app.words.why_not(code, pending.opens, app.now))
        }
        Standing::Lost => format!(": {}", app.say("page-lost-why")),
        Standing::Unsure => format!(": {}", app.say("page-unsure-why")),
    };
    let standing = inert(&format!("{mark} {}{why}", app.say(key)));
    let standing = wrap(&standing, columns.saturating_sub(INDENT)).into_iter();
    rows.extend(standing.map(|row| Row::new(" ".repeat(INDENT), Paint::Plain).and(row, paint)));
    rows
}

/// Who speaks, and when.
struct Head<'a> {
    time: String,
    name: &'a str,
    is_own: bool,
}

fn message(head: &Head<'_>, text: &str, paint: Paint, columns: usize) -> Vec<Row> {
    let most = columns.saturating_sub(INDENT);
    let name = cut(&inert(head.name), most / 2);
    let name_paint = if head.is_own { Paint::OwnName } else { Paint::Name };
    let text = shown(text);
    let rows = wrap_behind(&text, width(&name) + 2, most).into_iter().enumerate();
    let row = |(at, row): (usize, String)| {
        let start = if at == 0 {
            Row::new(format!("{} ", head.time), Paint::Dim)
                .and(name.as_str(), name_paint)
                .and(": ", Paint::Dim)
        } else {
            Row::new(" ".repeat(INDENT), Paint::Plain)
        };
        let paint = if row.starts_with("> ") { Paint::Dim } else { paint };
        start.and(row, paint)
    };
    rows.map(row).collect()
}

/// A text of others, as a terminal may have it.
fn shown(text: &str) -> String {
    text.split('\n').map(|line| inert(&line.replace('\t', TAB))).collect::<Vec<_>>().join("\n")
}

fn speaks_to_me(conference: &Conference, text: &str) -> bool {
    let name = conference.me.map_or("", |me| conference.name_of(me));
    !name.is_empty() && text.contains(&format!("@{name}"))
}

/// It begins in the first column, where no message has anything but its time.
fn of_notice(app: &App, at: Timestamp, text: &str, columns: usize) -> Vec<Row> {
    let head = format!("{} {}", app.say("page-facilitator"), app.words.clock(at));
    let most = columns.saturating_sub(NOTICE_INDENT);
    let rows = wrap(&format!("{head}  {}", inert(text)), most).into_iter();
    rows.map(|row| Row::new("▌ ", Paint::Notice).and(row, Paint::Notice)).collect()
}

/// The sentence about what happened to everybody. Phases and questions are those that the
/// conference has now.
#[expect(clippy::wildcard_enum_match_arm, reason = "only some kinds are lines of the talk")]
fn notice(app: &App, public: &Public, body: &Body) -> String {
    let words = &app.words;
    let phase = |number: u32| {
        public.schedule().phases().get(&number).map_or_else(|| number.to_string(), |phase| words.phase(phase))
    };
    let until = |key: &str, number: u32, ends: Timestamp| {
        words.with(key, &[("phase", &phase(number)), ("time", &words.clock(ends))])
    };
    let sentence = match body {
        Body::Began(_) => words.say("page-notice-began"),
        Body::PhaseBegan(began) => until("page-notice-phase-began", began.phase, began.ends),
        Body::PhaseEnded(ended) => words.with("page-notice-phase-ended", &[("phase", &phase(ended.phase))]),
        Body::PhaseMoved(moved) => until("page-notice-phase-moved", moved.phase, moved.ends),
        Body::RoomAdded(added) => {
            words.with("page-notice-room-added", &[("room", &words.told_room(&added.room, &added.names))])
        }
        Body::RoomClosed(_) => words.say("page-notice-room-closed"),
        Body::BallotOpened(opened) => {
            words.with("page-notice-ballot-opened", &[("question", &opened.question)])
        }
        Body::BallotClosed(closed) => {
            let question = public.ballots().get(closed.ballot).map_or("", |ballot| ballot.question.as_str());
            words.with("page-notice-ballot-closed", &[("question", question)])
        }
        Body::Ended => words.say("page-notice-ended"),
        _ => String::new(),
    };
    upper_first(&sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(name: &str, text: &str, columns: usize) -> Vec<String> {
        let head = Head { time: "10:01".to_owned(), name, is_own: false };
        message(&head, text, Paint::Plain, columns).iter().map(Row::text).collect()
    }

    #[test]
    fn a_message_hangs_behind_its_time() {
        assert_eq!(
            rows("Bernd", "Guten Morgen zusammen", 26),
            ["10:01 Bernd: Guten Morgen", "      zusammen"]
        );
        assert_eq!(rows("Bernd", "a\nb", 26), ["10:01 Bernd: a", "      b"]);
        assert_eq!(rows("Bernd", "▌ Moderation 10:00", 40), ["10:01 Bernd: ▌ Moderation 10:00"]);
    }

    #[test]
    fn nothing_that_others_write_is_wider_or_moves_the_terminal() {
        let name = "世界".repeat(20);
        for text in [
            "a\u{1b}[2J\u{7}b",
            "שלום עולם",
            "👩‍👧👩‍👧👩‍👧👩‍👧👩‍👧👩‍👧👩‍👧",
            "e\u{301}\u{301}\u{301}\u{301}x",
            "\ttab\u{202e}back",
        ] {
            for columns in [20, 33, 57] {
                for row in rows(&name, text, columns) {
                    assert!(width(&row) <= columns, "{row:?}");
                    assert!(!row.contains(|c: char| c.is_control() || c == '\u{202e}'), "{row:?}");
                }
            }
        }
    }
}
