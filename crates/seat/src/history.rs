//! What a snapshot passed over, fetched page by page so that the replica becomes whole.

/// Numbers above `after` up to and including `through`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The last number before the span.
    pub after: u64,
    /// The last number in it.
    pub through: u64,
}

impl Span {
    /// What is missing once a snapshot has moved the cursor from `cursor` to `through`. One that replaces the replica
    /// leaves nothing of it. What lies between two spans is fetched again: that is rarer than a list of spans is worth.
    pub(crate) fn passed_over(
        missing: Option<Self>,
        cursor: u64,
        through: u64,
        replaces: bool,
    ) -> Option<Self> {
        let after = match missing {
            _ if replaces => 0,
            Some(span) => span.after,
            None => cursor,
        };
        (through > after).then_some(Self { after, through })
    }

    /// What is left of the span behind `number`.
    pub(crate) fn after(self, number: u64) -> Option<Self> {
        let after = self.after.max(number);
        (self.through > after).then_some(Self { after, through: self.through })
    }
}
