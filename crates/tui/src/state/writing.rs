//! Texts that are being written. The daemon keeps them; what it has not confirmed is known here.

use convene_local_api::{DRAFT_MAX, Draft};
use convene_model::Timestamp;

/// The longest that what is typed stands here alone, in milliseconds.
const PAUSE_MS: i64 = 400;
/// The same of what a frontend remembers without anybody typing, which changes all the time.
const REMEMBERED_PAUSE_MS: i64 = 5_000;
/// How long a daemon that did not take it is left alone, in milliseconds.
const FAILED_PAUSE_MS: i64 = 5_000;

/// A text that is being written.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Writing {
    text: String,
    /// The last one that the daemon confirmed.
    kept: String,
    /// Its revision.
    revision: u64,
    /// Whether a text was sent to be kept, and the answer is awaited.
    is_sent: bool,
    /// The text that another frontend set meanwhile: until one is chosen, both are kept.
    other: Option<String>,
    /// Whether one of two texts was chosen, which the daemon does not know yet.
    is_chosen: bool,
    /// When it is to be sent.
    due: Option<Timestamp>,
}

impl std::fmt::Debug for Writing {
    /// What is written is nobody else's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writing(…)")
    }
}

impl Writing {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text of another frontend, where one of two has to be chosen.
    pub(crate) fn other(&self) -> Option<&str> {
        self.other.as_deref()
    }

    /// When it is to be sent.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.due.filter(|_| !self.is_sent)
    }

    pub(crate) fn write(&mut self, text: &str, now: Timestamp) {
        text.clone_into(&mut self.text);
        self.keep_soon(now, PAUSE_MS);
    }

    /// The same, of what is remembered.
    pub(crate) fn remember(&mut self, text: String, now: Timestamp) {
        self.text = text;
        self.keep_soon(now, REMEMBERED_PAUSE_MS);
    }

    /// One of two texts is chosen: it is sent with the revision that saw both.
    pub(crate) fn choose(&mut self, text: &str, now: Timestamp) {
        (self.other, self.is_chosen) = (None, true);
        self.write(text, now);
    }

    /// It is to be sent at once.
    pub(crate) fn keep_now(&mut self, now: Timestamp) {
        if !self.is_kept() {
            self.due = Some(now);
        }
    }

    fn keep_soon(&mut self, now: Timestamp, pause: i64) {
        if self.due.is_none() && !self.is_kept() {
            self.due = Some(Timestamp::from_millis(now.as_millis().saturating_add(pause)));
        }
    }

    /// Whether the daemon has the text as it stands here.
    pub(crate) fn is_kept(&self) -> bool {
        self.text == self.kept && !self.is_chosen
    }

    /// What is to be sent to the daemon: the text and the revision that its author saw. Nothing,
    /// while an answer or a choice is awaited, or all is kept.
    pub(crate) fn send(&mut self) -> Option<(String, u64)> {
        self.due = None;
        if self.is_sent || self.other.is_some() || self.is_kept() || self.text.len() > DRAFT_MAX {
            return None;
        }
        self.is_sent = true;
        Some((self.text.clone(), self.revision))
    }

    /// The daemon's answer to what was sent; none, where it did not take it.
    pub(crate) fn answered(&mut self, draft: Option<&Draft>, now: Timestamp) {
        self.is_sent = false;
        let Some(draft) = draft else { return self.keep_soon(now, FAILED_PAUSE_MS) };
        self.is_chosen = false;
        self.kept.clone_from(&draft.text);
        (self.revision, self.other) = (draft.revision, self.other_of(draft));
        self.keep_soon(now, PAUSE_MS);
    }

    /// Of the two texts of a draft, the one that is not in the field here.
    fn other_of(&self, draft: &Draft) -> Option<String> {
        let other = draft.other.as_ref()?;
        Some(if *other == self.text { draft.text.clone() } else { other.clone() })
    }

    /// The daemon was away: nothing that was sent is known to have come.
    pub(crate) fn unsend(&mut self, now: Timestamp) {
        self.is_sent = false;
        self.keep_soon(now, 0);
    }

    /// Another frontend set the draft, or it was read anew; says whether the text is another one.
    pub(crate) fn changed(&mut self, draft: &Draft) -> bool {
        if draft.revision < self.revision {
            return false;
        }
        let was_kept = self.is_kept();
        self.kept.clone_from(&draft.text);
        self.revision = draft.revision;
        if draft.other.is_some() {
            // Where nothing is typed, one of the two stands in the field.
            let is_news = self.text.is_empty() && !draft.text.is_empty();
            if is_news {
                self.text.clone_from(&draft.text);
            }
            self.other = self.other_of(draft);
            return is_news;
        }
        self.other = None;
        if was_kept {
            let is_news = self.text != draft.text;
            self.text.clone_from(&draft.text);
            return is_news;
        }
        // Somebody types here while another frontend did, too.
        if !draft.text.is_empty() && draft.text != self.text {
            self.other = Some(draft.text.clone());
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn draft(revision: u64, text: &str, other: Option<&str>) -> Draft {
        Draft {
            key: "room:plenary".to_owned(),
            revision,
            text: text.to_owned(),
            other: other.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_typed_is_sent_soon_although_somebody_types_on() {
        let mut writing = Writing::default();
        writing.write("a", at(1_000));
        writing.write("ab", at(1_300));
        assert_eq!(writing.due(), Some(at(1_400)));
        assert_eq!(writing.send(), Some(("ab".to_owned(), 0)));
        writing.write("abc", at(1_500));
        assert_eq!(writing.due(), None, "the answer is awaited");
        writing.answered(Some(&draft(1, "ab", None)), at(1_600));
        assert_eq!(writing.due(), Some(at(1_900)), "as long as it has waited already");
        assert_eq!(writing.send(), Some(("abc".to_owned(), 1)));
        writing.answered(Some(&draft(2, "abc", None)), at(2_000));
        assert!(writing.is_kept() && writing.due().is_none() && writing.send().is_none());
    }

    #[test]
    fn two_texts_are_both_kept_until_one_is_chosen() {
        let mut writing = Writing::default();
        writing.write("mine", at(0));
        assert!(!writing.changed(&draft(3, "theirs", None)));
        assert_eq!((writing.text(), writing.other()), ("mine", Some("theirs")));
        assert_eq!(writing.send(), None);
        writing.choose("theirs", at(10));
        assert_eq!(writing.send(), Some(("theirs".to_owned(), 3)), "although the daemon has that text");
        writing.answered(Some(&draft(4, "theirs", None)), at(20));
        assert!(writing.is_kept() && writing.other().is_none());
    }

    #[test]
    fn of_two_texts_the_one_in_the_field_is_not_the_other_one() {
        let mut here = Writing::default();
        here.write("here", at(0));
        here.send();
        here.answered(Some(&draft(2, "here", Some("there"))), at(10));
        assert_eq!((here.text(), here.other()), ("here", Some("there")));
        let mut there = Writing::default();
        there.write("there", at(0));
        there.send();
        there.answered(Some(&draft(1, "there", None)), at(10));
        assert!(!there.changed(&draft(2, "here", Some("there"))));
        assert_eq!((there.text(), there.other()), ("there", Some("here")));
    }

    #[test]
    fn a_field_that_nobody_types_in_follows_the_other_frontend() {
        let mut writing = Writing::default();
        assert!(writing.changed(&draft(1, "from the page", None)));
        assert_eq!((writing.text(), writing.other()), ("from the page", None));
        assert!(!writing.changed(&draft(0, "late", None)), "an earlier one is none");
    }

    #[test]
    fn what_a_daemon_did_not_take_is_tried_again() {
        let mut writing = Writing::default();
        writing.write("a", at(0));
        writing.send();
        writing.answered(None, at(100));
        assert_eq!(writing.due(), Some(at(100 + FAILED_PAUSE_MS)));
        writing.send();
        writing.unsend(at(200));
        assert_eq!(writing.due(), Some(at(200)));
    }
}
