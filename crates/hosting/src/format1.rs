//! Entries of a log of format 1, written as those of today.
//!
//! In format 1 an entry has at most one event, the audience `organizers` means those who are
//! organizers when it is read, and a receipt names its seat by its key alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use convene_conference::{Audience, Codes, Event, Outcome, People, Refusal, Role, State};
use convene_model::{CommandId, JoinCode, Json, ParticipantId, SeatKey, Timestamp};
use serde::Deserialize;

use crate::entry::{BodyHash, Entry, EntryError, EntryEvent, FIRST_LEVEL, StoredKey, StoredReceipt};

/// Rewrites the log of one conference, entry by entry and in order.
#[derive(Debug, Default)]
pub struct Rewriter {
    state: State,
    codes: Codes,
    seats: BTreeMap<SeatKey, ParticipantId>,
}

/// An entry as it is written today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The entry.
    pub text: Arc<str>,
    /// By which its receipt is found.
    pub receipt: Option<(ParticipantId, CommandId)>,
}

#[derive(Deserialize)]
struct OldEntry {
    at: Timestamp,
    #[serde(default)]
    audience: Option<String>,
    #[serde(default)]
    event: Option<Json>,
    #[serde(default)]
    receipt: Option<OldReceipt>,
    #[serde(default)]
    seat: Option<OldSeat>,
    #[serde(default)]
    opened: Option<OldOpening>,
}

#[derive(Deserialize)]
struct OldReceipt {
    seat: SeatKey,
    id: CommandId,
    hash: BodyHash,
    #[serde(default)]
    refused: Option<OldRefusal>,
}

#[derive(Deserialize)]
struct OldRefusal {
    code: Refusal,
}

#[derive(Deserialize)]
struct OldSeat {
    key: SeatKey,
    participant: ParticipantId,
}

#[derive(Deserialize)]
struct OldOpening {
    codes: BTreeMap<JoinCode, Role>,
}

impl Rewriter {
    /// The next entry. One that was rewritten already, before a process was killed half-way, must
    /// not be given again.
    ///
    /// # Errors
    /// When it is not an entry of format 1, or rests on entries that are missing.
    pub fn next(&mut self, text: &str) -> Result<Rewritten, EntryError> {
        let old: OldEntry = serde_json::from_str(text).map_err(|_| EntryError)?;
        if let Some(seat) = &old.seat {
            self.seats.insert(seat.key, seat.participant);
        }
        if let Some(opened) = &old.opened {
            self.codes.extend(&opened.codes);
        }
        let audience = self.audience(old.audience.as_deref())?;
        if let Some(event) = &old.event {
            self.state.evolve(&serde_json::from_str::<Event>(event.get()).map_err(|_| EntryError)?);
        }
        let receipt = old.receipt.map(|receipt| self.receipt(&receipt)).transpose()?;
        let entry = Entry {
            level: FIRST_LEVEL,
            at: old.at,
            events: old
                .event
                .into_iter()
                .map(|text| EntryEvent { audience: audience.clone(), text })
                .collect(),
            receipt,
            term: None,
            key: old.seat.map(|OldSeat { key, participant }| StoredKey { key, participant, replaces: false }),
            codes: old.opened.map_or_else(Codes::new, |opened| opened.codes),
        };
        let receipt = entry.receipt.as_ref().map(|receipt| (receipt.participant, receipt.id));
        Ok(Rewritten { text: entry.text(), receipt })
    }

    /// The codes that open the conference.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// As the conference stands after the entries so far.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The audience of an event: the participants whom format 1 would have allowed to read it at
    /// that moment.
    fn audience(&self, word: Option<&str>) -> Result<Audience, EntryError> {
        let people = match word {
            None | Some("everyone") => return Ok(Audience::Everyone),
            Some("organizers") => self.state.public().participants().organizers().collect(),
            Some(one) => [one.parse::<ParticipantId>().map_err(|_| EntryError)?].into(),
        };
        People::new(people).map(Audience::Only).ok_or(EntryError)
    }

    fn receipt(&self, old: &OldReceipt) -> Result<StoredReceipt, EntryError> {
        let participant = *self.seats.get(&old.seat).ok_or(EntryError)?;
        let refused = old.refused.as_ref().map(|refused| Outcome::Refused { code: refused.code });
        let outcome = refused.unwrap_or(Outcome::Accepted);
        Ok(StoredReceipt { participant, key: old.seat, id: old.id, hash: old.hash, outcome })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = r#""at":"2026-11-28T16:20:11.942Z""#;

    #[test]
    fn a_log_of_format_1_is_rewritten_entry_by_entry() {
        let key = "A".repeat(43);
        let id = "00000000-0000-0000-0000-000000000007";
        let opened =
            r#"{"seq":1,"at":"2026-11-28T16:20:11.942Z","body":{"kind":"opened","settings":{"title":"T"}}}"#;
        let joined = r#"{"seq":2,"at":"2026-11-28T16:20:11.942Z","by":"p1","body":{"kind":"joined","participant":"p1","name":"Anna","right":"organizer"}}"#;
        let said = r#"{"seq":3,"at":"2026-11-28T16:20:11.942Z","by":"p1","body":{"kind":"said","room":"organizers","text":"hi"}}"#;
        let old = [
            format!(
                r#"{{{AT},"event":{opened},"opened":{{"codes":{{"AAAAAAAAAAAAAAAAAAAAAA":"organizer"}}}}}}"#
            ),
            format!(
                r#"{{{AT},"event":{joined},"seat":{{"key":"{key}","participant":"p1","right":"organizer"}}}}"#
            ),
            format!(
                r#"{{{AT},"audience":"organizers","event":{said},"receipt":{{"seat":"{key}","number":1,"id":"{id}","hash":9,"accepted":{{"seq":3}}}}}}"#
            ),
            format!(
                r#"{{{AT},"receipt":{{"seat":"{key}","number":2,"id":"{id}","hash":9,"refused":{{"code":"text_empty"}}}}}}"#
            ),
        ];
        let new = [
            format!(
                r#"{{"level":1,{AT},"events":[{{"event":{opened}}}],"codes":{{"AAAAAAAAAAAAAAAAAAAAAA":"organizer"}}}}"#
            ),
            format!(
                r#"{{"level":1,{AT},"events":[{{"event":{joined}}}],"key":{{"key":"{key}","participant":"p1"}}}}"#
            ),
            format!(
                r#"{{"level":1,{AT},"events":[{{"audience":[1],"event":{said}}}],"receipt":{{"participant":"p1","key":"{key}","id":"{id}","hash":9,"outcome":"accepted"}}}}"#
            ),
            format!(
                r#"{{"level":1,{AT},"receipt":{{"participant":"p1","key":"{key}","id":"{id}","hash":9,"outcome":"refused","code":"text_empty"}}}}"#
            ),
        ];
        let mut rewriter = Rewriter::default();
        for (old, new) in old.iter().zip(new) {
            let Rewritten { text, receipt } = rewriter.next(old).unwrap();
            assert_eq!(*text, *new);
            let entry = Entry::parse(&text).unwrap();
            assert_eq!(entry.text(), text);
            assert_eq!(receipt.is_some(), entry.receipt.is_some());
        }
        assert_eq!(rewriter.state().public().participants().len(), 1);
    }

    #[test]
    fn an_entry_that_rests_on_a_missing_one_is_an_error() {
        let key = "A".repeat(43);
        let id = "00000000-0000-0000-0000-000000000007";
        let orphan = format!(
            r#"{{{AT},"receipt":{{"seat":"{key}","number":2,"id":"{id}","hash":9,"accepted":{{"seq":2}}}}}}"#
        );
        for text in [orphan.as_str(), "{}", r#"{"at":"2026-11-28T16:20:11.942Z","event":{"seq":2}}"#] {
            assert_eq!(Rewriter::default().next(text), Err(EntryError), "{text}");
        }
    }
}
