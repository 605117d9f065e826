//! The mistakes, by the machine in which each is planted.

/// Declares the mistakes, with a list of all.
macro_rules! mistakes {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Planted {
            $($(#[$doc])* $name,)*
        }

        impl Planted {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

mistakes! {
    // The link.
    /// An attach of the same epoch takes a link over. A daemon here uses its epoch again.
    SameEpochTaken,
    /// The server resumes a link by a count of frames that belongs to another link.
    ForeignCountResumed,

    // The seat.
    /// It takes events again that lie below its cursor, which a server repeats here.
    OverlapTaken,
    /// It takes events that begin above its cursor, because a server here has lost some.
    GapTaken,
    /// It gives a command to the link before the command is stored.
    SentBeforeStored,
    /// It tells frontends what is not stored.
    ToldBeforeStored,
    /// It keeps events and receipts of the part that a restored backup made void.
    VoidPartKept,
    /// It names only its last two terms.
    FewTermsNamed,
    /// It does not name the highest number of its receipts.
    ReceiptsNotNamed,
    /// It keeps to the cursor where a snapshot lies in the void part.
    VoidSnapshotKept,
    /// It goes on from memory after a write that may be stored or not.
    NotReread,
    /// It joins another log with an empty replica although one of that log was put aside.
    NotTakenUp,
    /// It is refused for good where another log refuses it.
    NotGoneBack,
    /// It takes an answer to an earlier wish to be opened.
    EarlierAnswerTaken,
    /// It gives itself another key where it turns to another log.
    KeyNotKept,
    /// It says of a command where the seat stands when it is sent, not what its author saw.
    SeenWhenSent,
    /// It goes on with a frontend that comes back by its number alone.
    TermOfWatchIgnored,
    /// It says that it never was a participant's.
    NeverParticipant,

    /// It learns terms with a receipt that it does not keep.
    ReusedTermsLearned,

    // The uplink.
    /// It forgets that a seat came with the attach under way, where that seat is closed.
    WishForgotten,

    // The desk and the publisher.
    /// Of several seats that follow on a link, nobody is told where one is behind.
    OthersUntold,
    /// A publisher takes for void what a seat holds beyond that which it has read itself.
    AheadTakenForVoid,
    /// A replay loses what does not fit into its first frame.
    ReplayCut,
    /// A frame for all who follow loses what does not fit.
    SharedCut,
    /// An answer without an entry is told before the entry on which it rests is durable.
    RefusalBeforeBasis,
    /// A receipt is told before the events up to its number.
    ReceiptFirst,
    /// Commands of earlier openings are taken, by the desk and by the host.
    EarlierOpeningTaken,
    /// The host decides commands although earlier ones of the same seat were dropped.
    Overtaken,
    /// An answer survives the beginning of another term.
    AnswerOfEarlierTerm,
    /// A frame for all goes before the frames for some of the same batch.
    SharedFirst,
    /// A seat that left is not told that it does not follow any more.
    LeaverFollows,
    /// A frame does not tell the terms that begin in it, but for the last.
    TermsUntold,
    /// Who has a key that was ended is told every receipt of the participant.
    ReceiptsAfterEnd,
    /// `id_reused` goes to every device of the participant.
    ReuseToldToAll,
    /// Seats are not opened again when a term begins.
    NotOpenedAgain,
    /// Who left, or whose key was ended, is told what happens afterwards.
    LeaverTold,
    /// A device whose key was ended is told nothing more when its participant is back.
    BackOnlyWithKey,
    /// A key that replaced others reads private things from before.
    PrivateFromStart,

    // The decider and the host.
    /// A decider takes commands that were meant for another term, and so does the host.
    TermNotNamed,
    /// A repeat of a command that is not durable yet is looked up.
    PendingLookedUp,
    /// A command that was decided while the index was asked about it is decided again.
    DecidedTwice,
    /// The index is asked only up to the beginning of the term.
    FoundUpToTerm,
    /// A decider begins without the ids of the commands in the log.
    FilterLost,
    /// A batch of unknown outcome is decided anew.
    UnknownDropped,
    /// The desks do not notice that what runs a conference has died.
    LostWithDecider,
    /// A server claims a conference that it cannot fold.
    ClaimedUnread,
    /// A claim that was over before its entry was read is taken for one that holds.
    OverUnnoticed,
    /// A snapshot for the log holds no ids of commands.
    StoredWithoutFilter,
    /// Where the log was cut, the same term goes on.
    TermGoesOn,
    /// A term is kept although the log was cut before its entries were read.
    CutUnnoticed,
    /// What was meant for a decider before there was one is not asked again.
    NobodyHeard,
    /// An event for a few is written for everyone.
    ToldToEveryone,
    /// A phase begins, and ends, by when its beginning is written and not by the plan.
    PlannedFromAt,
}
