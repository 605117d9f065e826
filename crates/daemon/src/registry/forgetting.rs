//! Which seats a user may have, and how they are forgotten.

use std::collections::BTreeSet;
use std::time::Duration;

use convene_model::limits::{
    SEATS_KEPT_MAX, SEATS_MAX, SEATS_PER_CONNECTION_MAX, SEATS_PER_USER_MAX, SERVERS_MAX,
    SERVERS_PER_USER_MAX,
};
use convene_model::{JoinCode, SeatName, ShareLimit};
use convene_seat::Standing;
use tokio::sync::oneshot;

use super::{HeldSeat, JoinError, Registry};
use crate::os::UserId;
use crate::servers::Wish;
use crate::store::{ServerAddress, StoreError, StoredSeat};

/// How long a person waits for the disk to take a seat, or to let one go.
const STORE_MAX: Duration = Duration::from_secs(5);

/// Seats on all servers.
const SEATS: ShareLimit = ShareLimit { each: SEATS_PER_USER_MAX, whole: SEATS_MAX };
/// Servers with seats.
const SERVERS: ShareLimit = ShareLimit { each: SERVERS_PER_USER_MAX, whole: SERVERS_MAX };

/// Why a seat is not forgotten.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForgetError {
    /// This user has no such seat.
    #[error("there is no such seat")]
    Unknown,
    /// Its participant is there.
    #[error("the seat takes part")]
    StillJoined,
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// Once this seat is a participant's, those with the same link that were refused before are of
    /// no more use. Until then they stay, with their keys and what was read: the new try may be
    /// refused too. One in which a text waits stays for its user to look at.
    pub(crate) async fn forget_replaced(&self, by: &HeldSeat) -> Result<(), StoreError> {
        if by.view.borrow().standing != Standing::Joined {
            return Ok(());
        }
        for seat in self.refused(&by.user, &by.address, by.code) {
            self.let_go(&seat, true).await?;
        }
        Ok(())
    }

    /// Of the seats with this link that were refused before they knew their conference, the last
    /// one stays: the others are tries that another try has followed.
    pub(super) async fn forget_tries(
        &self,
        user: &UserId,
        server: &ServerAddress,
        code: JoinCode,
    ) -> Result<(), StoreError> {
        let mut tries = self.refused(user.as_str(), server, code);
        tries.retain(|seat| seat.view.borrow().conference.is_none());
        tries.pop();
        for seat in tries {
            self.let_go(&seat, true).await?;
        }
        Ok(())
    }

    /// The seats with this link that were refused for good, the earliest first.
    fn refused(&self, user: &str, server: &ServerAddress, code: JoinCode) -> Vec<HeldSeat> {
        let is_refused = |seat: &&HeldSeat| {
            let standing = seat.view.borrow().standing;
            let is_final = matches!(standing, Standing::Refused { is_final: true, .. });
            seat.user == user && seat.address == *server && seat.code == code && is_final
        };
        self.held().seats.values().filter(is_refused).cloned().collect()
    }

    /// Forgets a seat that its user names, and all that is kept of it. One that never was a
    /// participant's ends with that.
    pub(crate) async fn forget(&self, user: &UserId, name: &SeatName) -> Result<(), ForgetError> {
        let named = self.named(user, name);
        let takes_part = |seat: &HeldSeat| seat.view.borrow().standing == Standing::Joined;
        match named.iter().find(|seat| !takes_part(seat)) {
            Some(seat) => Ok(self.let_go(seat, false).await.map(drop)?),
            None if named.is_empty() => Err(ForgetError::Unknown),
            None => Err(ForgetError::StillJoined),
        }
    }

    /// The seats that a user can mean by this name, the earliest first.
    pub(crate) fn named(&self, user: &UserId, name: &SeatName) -> Vec<HeldSeat> {
        let is_meant = |seat: &HeldSeat| match name {
            SeatName::Number(number) => u64::try_from(seat.id.0) == Ok(*number),
            SeatName::Conference(conference) => seat.view.borrow().conference == Some(*conference),
            SeatName::At(conference, server) => {
                let is_there = seat.host == *server || seat.server_name() == *server;
                is_there && seat.view.borrow().conference == Some(*conference)
            }
        };
        self.seats(user).into_iter().filter(is_meant).collect()
    }

    /// Whether a user takes part in as many conferences of a server as one connection carries.
    pub(super) fn is_full(&self, user: &UserId, server: &ServerAddress) -> bool {
        let takes_part = |seat: &&HeldSeat| seat.view.borrow().takes_part();
        self.at(user, server).iter().filter(takes_part).count() >= SEATS_PER_CONNECTION_MAX
    }

    /// Makes room for one more seat among those whose participant is not there: the earliest of
    /// them that nobody misses goes.
    pub(super) async fn forget_oldest(&self, user: &UserId, server: &ServerAddress) -> Result<(), JoinError> {
        let mut idle = self.at(user, server);
        idle.retain(|seat| !seat.view.borrow().takes_part());
        let mut kept = idle.len();
        for seat in &idle {
            if kept < SEATS_KEPT_MAX {
                break;
            }
            kept -= usize::from(self.let_go(seat, true).await?);
        }
        if kept < SEATS_KEPT_MAX { Ok(()) } else { Err(JoinError::TooManySeats) }
    }

    /// Makes room for one more seat within what a user may have on all servers together: of servers
    /// on which the user takes part nowhere, seats that were left or refused for good make way.
    pub(super) async fn make_room(&self, user: &UserId, server: &ServerAddress) -> Result<(), JoinError> {
        if self.has_room(user, server) {
            return Ok(());
        }
        let seats = self.seats(user);
        let is_engaged = |seat: &HeldSeat| {
            let standing = seat.view.borrow().standing;
            !matches!(standing, Standing::Left | Standing::Removed | Standing::Refused { is_final: true, .. })
        };
        let engaged: BTreeSet<ServerAddress> =
            seats.iter().filter(|seat| is_engaged(seat)).map(|seat| seat.address.clone()).collect();
        for seat in seats.iter().filter(|seat| !engaged.contains(&seat.address)) {
            self.let_go(seat, true).await?;
            if self.has_room(user, server) {
                return Ok(());
            }
        }
        Err(JoinError::TooManySeats)
    }

    /// Whether there is room for one more seat of this user on this server.
    fn has_room(&self, user: &UserId, server: &ServerAddress) -> bool {
        let held = self.held();
        let own_seats = held.seats.values().filter(|seat| seat.user == user.as_str()).count();
        if !SEATS.allows(own_seats + 1, held.seats.len() - own_seats) {
            return false;
        }
        let own = held.servers.keys().filter(|(_, whose)| whose == user.as_str()).count();
        let is_there = held.servers.contains_key(&(server.clone(), user.as_str().to_owned()));
        is_there || SERVERS.allows(own + 1, held.servers.len() - own)
    }

    /// Removes a seat, or only one that nobody misses; says whether it is gone. A server without
    /// seats is left alone from now on.
    async fn let_go(&self, seat: &HeldSeat, only_spare: bool) -> Result<bool, StoreError> {
        if let Some(fault) = &self.store.health().borrow().fault {
            return Err(StoreError::Failing(fault.clone()));
        }
        let (answer, removed) = oneshot::channel();
        let wish = Wish::Remove { seat: seat.id, only_spare, answer };
        seat.server.wishes.send(wish).await.map_err(|_| StoreError::Closed)?;
        if !removed.await.map_err(|_| StoreError::Closed)? {
            return Ok(false);
        }
        let done = in_time(self.store.remove(seat.id)).await;
        if done.is_err()
            && let Ok(Some(StoredSeat { id, user, server, record })) = self.store.load_seat(seat.id).await
        {
            if let Err(error) = self.take_up(id, user, server, record).await {
                tracing::error!(%error, "a seat that could not be forgotten is taken up at the next start");
            }
            return done.map(|()| false);
        }
        {
            let mut held = self.held();
            held.seats.remove(&seat.id);
            let is_used = |other: &HeldSeat| other.user == seat.user && other.address == seat.address;
            if !held.seats.values().any(is_used) {
                held.servers.remove(&(seat.address.clone(), seat.user.clone()));
            }
        }
        self.changes.send_modify(|count| *count += 1);
        done.map(|()| true)
    }

    /// A user's seats on a server, the earliest first.
    fn at(&self, user: &UserId, server: &ServerAddress) -> Vec<HeldSeat> {
        self.seats(user).into_iter().filter(|seat| seat.address == *server).collect()
    }
}

/// The store's answer if it comes in time; otherwise nobody knows what the store does later.
pub(super) async fn in_time<T>(asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(STORE_MAX, asked).await.unwrap_or(Err(StoreError::Unsure))
}
