//! Which kinds of trouble a planted mistake needs to show itself.

use convene_tests_planted::Planted;

use super::{Part, Parts};

impl Parts {
    /// The parts of worlds in which a mistake is looked for: few, so that they meet often.
    pub fn for_mistake(planted: Planted) -> Self {
        use Part::{
            Backups, Crowd, Devices, Disks, Frontends, Kills, Leaving, Logs, Long, Names, Network, OpenSpace,
            OtherLog, Phases, Private, Repeats, Scenes, Terms,
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
            Planted::ReceiptsNotNamed => &[Backups, Leaving, Devices, Repeats],
            Planted::VoidSnapshotKept => &[Backups, Long],
            Planted::NotTakenUp => &[OtherLog],
            Planted::NotGoneBack => &[OtherLog, Names],
            Planted::EarlierAnswerTaken => &[Terms, Disks, Kills],
            Planted::OthersUntold => &[Crowd, Terms],
            Planted::ReplayCut => &[Long],
            Planted::SharedCut => &[Long, Logs],
            Planted::RefusalBeforeBasis => &[Crowd, Names, Terms, Logs],
            Planted::NobodyHeard | Planted::Overtaken | Planted::EarlierOpeningTaken => &[Terms],
            Planted::SharedFirst => &[Crowd, Private],
            Planted::LeaverFollows | Planted::LeaverTold => &[Crowd, Leaving],
            Planted::TermsUntold => &[Terms, Kills],
            Planted::ReceiptsAfterEnd => &[Devices],
            Planted::ReuseToldToAll | Planted::FoundUpToTerm => &[Devices, Repeats],
            Planted::NotOpenedAgain | Planted::LostWithDecider => &[Terms],
            Planted::PrivateFromStart => &[Devices, Private],
            Planted::PendingLookedUp => &[Devices, Repeats, Logs],
            Planted::FilterLost => &[Terms, Kills, Frontends],
            Planted::ReusedTermsLearned => &[Devices, Repeats, Terms],
            Planted::WishForgotten => &[Disks, Kills],
            Planted::BackOnlyWithKey => &[Devices, Leaving],
            Planted::OverUnnoticed => &[Terms],
            Planted::UnknownDropped => &[Logs],
            Planted::ToldToEveryone => &[OpenSpace, Private],
            Planted::PlannedFromAt => &[Phases, Kills],
            // Each needs things in a certain order, which chance does not bring about.
            Planted::AheadTakenForVoid
            | Planted::AnswerOfEarlierTerm
            | Planted::ClaimedUnread
            | Planted::CutUnnoticed
            | Planted::DecidedTwice
            | Planted::FewTermsNamed
            | Planted::NeverParticipant
            | Planted::ReceiptFirst
            | Planted::StoredWithoutFilter
            | Planted::TermGoesOn
            | Planted::TermNotNamed => &[Scenes],
        };
        Self::of(parts.iter().copied())
    }
}
