//! Levels: the measure of how much a program must know to fold an event.

use crate::event::Body;

/// The highest level that this code can fold. Each new kind of event, and each rule that folds a
/// known kind in another way, raises it by one.
pub const LEVEL: u32 = 4;

/// The lowest level that can fold an event. An entry names the highest of its events, or 1 where it
/// has none. Of an unknown event all that is known is that its level lies above [`LEVEL`].
pub fn level_of(body: &Body) -> u32 {
    match body {
        // A program that knows no removal takes it for a leaving.
        Body::Left(left) if left.removed => 4,
        Body::Opened(_) | Body::Joined(_) | Body::Left(_) | Body::Said(_) | Body::Ended => 1,
        Body::Renamed(_)
        | Body::RoleChanged(_)
        | Body::CodesTold(_)
        | Body::Went(_)
        | Body::RoomAdded(_)
        | Body::RoomClosed(_)
        | Body::AskedToTable(_)
        | Body::TableDeclined(_)
        | Body::SatDown(_)
        | Body::StoodUp(_)
        | Body::Scheduled(_)
        | Body::Began(_)
        | Body::PhaseBegan(_)
        | Body::PhaseEnded(_)
        | Body::PhaseMoved(_)
        | Body::BallotOpened(_)
        | Body::Voted(_)
        | Body::Turnout(_)
        | Body::BallotClosed(_) => 2,
        Body::AccessTold(_) | Body::AccessesTold(_) => 3,
        Body::CodesReplaced(_)
        | Body::LinkTold(_)
        | Body::DoorsLocked
        | Body::DoorsOpened
        | Body::Filled(_) => 4,
        Body::Unknown => LEVEL + 1,
    }
}
