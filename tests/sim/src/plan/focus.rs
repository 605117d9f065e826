//! Which kinds of trouble a planted mistake needs to show itself.

use convene_tests_planted::Planted;

use super::{Part, Parts};

impl Parts {
    /// The parts of worlds in which a mistake is looked for: few, so that they meet often.
    pub fn for_mistake(planted: Planted) -> Self {
        use Part::{
            Backups, Crowd, Devices, Disks, Frontends, Kills, Leaving, Logs, Long, Names, Network, OtherLog,
            Private, Repeats, Terms,
        };
        let parts: &[Part] = match planted {
            Planted::ForeignCountResumed => &[Kills, Network],
            Planted::SameEpochTaken => &[Network],
            Planted::KeyNotKept => &[OtherLog],
            Planted::SeenWhenSent => &[Kills, Network],
            Planted::TermOfWatchIgnored => &[Backups, Frontends],
            Planted::OverlapTaken => &[Kills],
            Planted::GapTaken => &[],
            Planted::SentBeforeStored | Planted::NotReread => &[Disks],
            Planted::ToldBeforeStored => &[],
            Planted::VoidPartKept => &[Backups],
            Planted::FewTermsNamed => &[Backups, Terms, Kills],
            Planted::ReceiptsNotNamed => &[Backups, Leaving, Devices, Repeats],
            Planted::VoidSnapshotKept => &[Backups, Long],
            Planted::NotTakenUp => &[OtherLog],
            Planted::NotGoneBack => &[OtherLog, Names],
            Planted::EarlierAnswerTaken => &[Terms, Disks, Kills],
            Planted::NeverParticipant => &[Names, Backups],
            Planted::OthersUntold => &[Crowd, Terms],
            Planted::ReplayCut => &[Long],
            Planted::SharedCut => &[Long, Logs],
            Planted::RefusalBeforeBasis | Planted::AnswerOfEarlierTerm => &[Crowd, Names, Terms, Logs],
            Planted::ReceiptFirst => &[Long, Kills, Network],
            Planted::NobodyHeard | Planted::Overtaken | Planted::EarlierOpeningTaken => &[Terms],
            Planted::SharedFirst => &[Crowd, Private],
            Planted::LeaverFollows | Planted::LeaverTold => &[Crowd, Leaving],
            Planted::TermsUntold => &[Terms, Kills],
            Planted::ReceiptsAfterEnd => &[Devices],
            Planted::ReuseToldToAll | Planted::FoundUpToTerm => &[Devices, Repeats],
            Planted::NotOpenedAgain | Planted::LostWithDecider => &[Terms],
            Planted::PrivateFromStart => &[Devices, Private],
            Planted::TermNotNamed => &[Terms, Logs],
            Planted::PendingLookedUp | Planted::DecidedTwice => &[Devices, Repeats, Logs],
            Planted::FilterLost => &[Terms, Kills, Frontends],
            Planted::ReusedTermsLearned => &[Devices, Repeats, Terms],
            Planted::WishForgotten => &[Disks, Kills],
            Planted::BackOnlyWithKey => &[Devices, Leaving],
            Planted::OverUnnoticed => &[Terms],
            Planted::UnknownDropped => &[Logs],
            Planted::ClaimedUnread
            | Planted::StoredWithoutFilter
            | Planted::TermGoesOn
            | Planted::AheadTakenForVoid => &[],
        };
        Self::of(parts.iter().copied())
    }
}
