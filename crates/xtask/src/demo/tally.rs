//! Comparing what was sent with what each frontend received.

use std::collections::BTreeMap;

use serde_json::Value;

/// The result, over all frontends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Messages that some daemon answered for: accepted or queued.
    pub(super) sent: usize,
    /// Those of them that every frontend received.
    pub(super) received: usize,
    /// Those that some frontend did not receive.
    pub(super) lost: usize,
    /// Lines beyond the first with the same text or the same number, in any frontend.
    pub(super) doubled: usize,
    /// Whether all frontends received the messages in one order, with rising numbers.
    pub(super) one_order: bool,
}

impl Tally {
    /// Counts raw lines: nothing is folded or sorted before.
    pub(super) fn of(sent: &[String], frontends: &[Vec<Value>]) -> Self {
        let mut tally = Self { sent: sent.len(), one_order: true, ..Self::default() };
        let mut missing: BTreeMap<&str, bool> = sent.iter().map(|text| (text.as_str(), false)).collect();
        let mut orders = Vec::new();
        for events in frontends {
            let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
            let mut numbers: BTreeMap<u64, usize> = BTreeMap::new();
            let mut order = Vec::new();
            for event in events {
                let text =
                    event.get("text").and_then(Value::as_str).filter(|text| missing.contains_key(text));
                let number = event.get("seq").and_then(Value::as_u64).unwrap_or(0);
                let seen_text =
                    text.is_some_and(|text| *texts.entry(text).and_modify(|n| *n += 1).or_insert(1) > 1);
                let seen_number = *numbers.entry(number).and_modify(|n| *n += 1).or_insert(1) > 1;
                tally.doubled += usize::from(seen_text || seen_number);
                order.extend(text.map(|text| (number, text)));
            }
            for (text, missing) in &mut missing {
                *missing |= !texts.contains_key(text);
            }
            tally.one_order &= order.is_sorted();
            orders.push(order);
        }
        tally.lost = missing.values().filter(|missing| **missing).count();
        tally.received = tally.sent - tally.lost;
        tally.one_order &= orders.windows(2).all(|pair| pair.first() == pair.last());
        tally
    }

    /// Whether the promise held.
    pub(super) fn is_clean(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.one_order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(of: &[(u64, &str)]) -> Vec<Value> {
        let joined = json!({"seq": 1, "kind": "joined"});
        std::iter::once(joined)
            .chain(of.iter().map(|(seq, text)| json!({"seq": seq, "text": text})))
            .collect()
    }

    fn tally(one: &[(u64, &str)], other: &[(u64, &str)]) -> Tally {
        Tally::of(&["a".to_owned(), "b".to_owned()], &[lines(one), lines(other)])
    }

    #[test]
    fn the_same_in_both_is_clean() {
        let clean = tally(&[(2, "a"), (3, "b")], &[(2, "a"), (3, "b")]);
        assert_eq!(clean, Tally { sent: 2, received: 2, lost: 0, doubled: 0, one_order: true });
        assert!(clean.is_clean());
    }

    #[test]
    fn what_one_frontend_lacks_is_lost() {
        assert_eq!(tally(&[(2, "a"), (3, "b")], &[(3, "b")]).lost, 1);
    }

    #[test]
    fn a_repeated_text_or_number_is_doubled() {
        assert_eq!(tally(&[(2, "a"), (3, "b"), (4, "a")], &[(2, "a"), (3, "b")]).doubled, 1);
        assert_eq!(tally(&[(2, "a"), (2, "a"), (3, "b")], &[(2, "a"), (3, "b")]).doubled, 1);
        assert_eq!(tally(&[(2, "a"), (2, "b")], &[(2, "a"), (3, "b")]).doubled, 1);
    }

    #[test]
    fn another_order_is_told() {
        assert!(!tally(&[(2, "a"), (3, "b")], &[(3, "b"), (2, "a")]).is_clean());
        assert!(!tally(&[(2, "a"), (3, "b")], &[(2, "b"), (3, "a")]).is_clean());
    }
}
