//! Spans that a snapshot passed over: stretches of the log whose events the replica does not hold.

/// Stretches that one replica keeps apart. Beyond them the two oldest become one: what lies between
/// those is fetched a second time when somebody asks for it.
const SPANS_MAX: usize = 64;

/// Numbers above `after`, up to and including `through`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The last number before the span.
    pub after: u64,
    /// The last number in it.
    pub through: u64,
}

impl Span {
    /// The part that both have in common.
    fn overlap(self, other: Self) -> Option<Self> {
        let after = self.after.max(other.after);
        let through = self.through.min(other.through);
        (after < through).then_some(Self { after, through })
    }
}

/// All that a replica misses. Invariant: the spans are in order, do not touch, and are at most 64.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing(Vec<Span>);

impl Missing {
    /// From spans that were stored, in whatever order.
    pub fn from_spans(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut missing = Self::default();
        for span in spans {
            missing.add(span);
        }
        missing
    }

    /// The spans in order.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// Whether the entry with this number is missing.
    pub fn holds(&self, number: u64) -> bool {
        let next = self.0.partition_point(|span| span.through < number);
        self.0.get(next).is_some_and(|span| span.after < number)
    }

    /// The missing parts of a span, in order.
    pub fn within(&self, span: Span) -> impl DoubleEndedIterator<Item = Span> {
        self.0.iter().filter_map(move |missing| missing.overlap(span))
    }

    pub(crate) fn add(&mut self, span: Span) {
        if span.after >= span.through {
            return;
        }
        self.0.push(span);
        self.0.sort_unstable();
        self.0.dedup_by(|next, before| {
            let touch = next.after <= before.through;
            if touch {
                before.through = before.through.max(next.through);
            }
            touch
        });
        if self.0.len() > SPANS_MAX {
            let oldest = self.0.remove(0);
            if let Some(next) = self.0.first_mut() {
                next.after = oldest.after;
            }
        }
    }

    pub(crate) fn remove(&mut self, span: Span) {
        let before = std::mem::take(&mut self.0);
        let rests = before.into_iter().flat_map(|missing| {
            let front = Span { through: missing.through.min(span.after), ..missing };
            let back = Span { after: missing.after.max(span.through), ..missing };
            [front, back]
        });
        for rest in rests {
            self.add(rest);
        }
    }

    /// Forgets what lies above a number.
    pub(crate) fn cut(&mut self, through: u64) {
        self.0.iter_mut().for_each(|span| span.through = span.through.min(through));
        self.0.retain(|span| span.after < span.through);
    }
}
