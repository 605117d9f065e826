//! Who may come in: codes that open the page once, and tokens by which it comes back.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// How long a code is good: a browser that has to be started opens its page in that time.
const CODE_LIFE: Duration = Duration::from_secs(30);
/// Codes that wait to be exchanged: a person makes one at a time. The earliest makes room.
const CODES_MAX: usize = 16;
/// Tokens: one for each page that was opened. The earliest makes room.
const TOKENS_MAX: usize = 256;

/// Random bits of a code or a token.
pub(crate) type Random = [u8; 32];

/// What is kept of a code or a token. To be compared: how long that takes tells nothing of what it
/// was made of.
type Hash = [u8; 32];

/// The codes and tokens of one bridge.
#[derive(Default)]
pub(crate) struct Admissions {
    codes: VecDeque<Code>,
    tokens: VecDeque<Hash>,
}

struct Code {
    hash: Hash,
    made: Instant,
    join: Option<String>,
}

/// What a code is exchanged for.
#[derive(Serialize)]
pub(crate) struct Admitted {
    token: String,
    /// The join link for which the page was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    join: Option<String>,
}

impl Admissions {
    /// Makes a code of these bits.
    pub(crate) fn code(&mut self, random: Random, join: Option<String>, now: Instant) -> String {
        let code = URL_SAFE_NO_PAD.encode(random);
        keep(&mut self.codes, Code { hash: hash(&code), made: now, join }, CODES_MAX);
        code
    }

    /// Exchanges a code for a token of these bits. `None` for a code that is not known, was used,
    /// or is too old.
    pub(crate) fn exchange(&mut self, code: &str, random: Random, now: Instant) -> Option<Admitted> {
        let wanted = hash(code);
        let at = self.codes.iter().position(|known| known.hash == wanted)?;
        let Code { made, join, .. } = self.codes.remove(at)?;
        if now.duration_since(made) >= CODE_LIFE {
            return None;
        }
        let token = URL_SAFE_NO_PAD.encode(random);
        keep(&mut self.tokens, hash(&token), TOKENS_MAX);
        Some(Admitted { token, join })
    }

    /// Whether this is a token.
    pub(crate) fn admits(&self, token: &str) -> bool {
        self.tokens.contains(&hash(token))
    }
}

fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

fn keep<T>(list: &mut VecDeque<T>, one: T, max: usize) {
    if list.len() >= max {
        list.pop_front();
    }
    list.push_back(one);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_gives_a_token_that_lasts() {
        let (mut admissions, now) = (Admissions::default(), Instant::now());
        let code = admissions.code([1; 32], Some("https://a.test/j/b".to_owned()), now);
        let admitted = admissions.exchange(&code, [2; 32], now).expect("known");
        assert_eq!(admitted.join.as_deref(), Some("https://a.test/j/b"));
        assert_eq!(admitted.token.len(), 43, "256 bits");
        assert!(admissions.admits(&admitted.token));
        assert!(!admissions.admits(&code) && !admissions.admits(""));
        assert!(admissions.exchange(&code, [3; 32], now).is_none(), "used");
        assert!(admissions.exchange("guessed", [3; 32], now).is_none());
        assert!(admissions.admits(&admitted.token), "whatever others try");
    }

    #[test]
    fn a_code_ends_after_its_time_and_is_gone_then() {
        let (mut admissions, now) = (Admissions::default(), Instant::now());
        let [late, in_time] = [[1; 32], [2; 32]].map(|random| admissions.code(random, None, now));
        let last = now + CODE_LIFE - Duration::from_millis(1);
        assert!(admissions.exchange(&in_time, [3; 32], last).is_some());
        assert!(admissions.exchange(&late, [3; 32], now + CODE_LIFE).is_none());
        assert!(admissions.exchange(&late, [3; 32], now).is_none(), "one try, also one that is late");
    }

    #[test]
    fn the_lists_are_bounded_and_the_earliest_makes_room() {
        let (mut admissions, now) = (Admissions::default(), Instant::now());
        let random = |number: usize| {
            let mut random = [0; 32];
            random[..8].copy_from_slice(&number.to_le_bytes());
            random
        };
        let codes: Vec<_> =
            (0..=CODES_MAX).map(|number| admissions.code(random(number), None, now)).collect();
        assert!(admissions.exchange(&codes[0], [9; 32], now).is_none());
        assert!(admissions.exchange(&codes[1], [9; 32], now).is_some());
        let tokens: Vec<_> = (0..=TOKENS_MAX)
            .map(|number| {
                let code = admissions.code(random(1_000 + number), None, now);
                admissions.exchange(&code, random(10_000 + number), now).expect("known").token
            })
            .collect();
        assert!(!admissions.admits(&tokens[0]) && admissions.admits(&tokens[1]));
    }
}
