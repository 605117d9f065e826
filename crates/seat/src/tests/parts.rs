//! Spans and terms by themselves.

use proptest::prelude::*;

use super::*;

#[test]
fn beyond_sixty_four_spans_the_oldest_become_one() {
    let spans = (0..66).map(|n| Span { after: 10 * n, through: 10 * n + 5 });
    let missing = Missing::from_spans(spans);
    assert_eq!(missing.spans().len(), 64);
    assert_eq!(missing.spans()[0], Span { after: 0, through: 25 });
    assert!(missing.holds(8) && !missing.holds(28));
}

proptest! {
    #[test]
    fn missing_is_a_set_of_numbers(steps in proptest::collection::vec((0..3u8, 0..40u64, 0..12u64), 0..40)) {
        let mut missing = Missing::default();
        let mut set = std::collections::BTreeSet::new();
        for (kind, after, length) in steps {
            let span = Span { after, through: after + length };
            match kind {
                0 => {
                    missing.add(span);
                    set.extend(after + 1..=span.through);
                }
                1 => {
                    missing.remove(span);
                    set.retain(|number| !(after + 1..=span.through).contains(number));
                }
                _ => {
                    missing.cut(after + 20);
                    set.retain(|number| *number <= after + 20);
                }
            }
            for number in 0..60 {
                prop_assert_eq!(missing.holds(number), set.contains(&number));
            }
            let spans = missing.spans();
            prop_assert!(spans.iter().all(|span| span.after < span.through));
            prop_assert!(spans.windows(2).all(|pair| pair[0].through < pair[1].after));
        }
    }
}
