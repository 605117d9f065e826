//! One after the other for each user, and users beside each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The turn of one user. Those who wait for it have it in the order in which they came.
pub(crate) type Turn = Arc<tokio::sync::Mutex<()>>;

/// The turns of all users. A user for whom nobody has one costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<BTreeMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// The turn of this user.
    pub(crate) fn of(&self, user: &str) -> Turn {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(user).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Turn::default();
        turns.insert(user.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_one_turn_and_others_have_others() {
        let turns = Turns::default();
        let anna = turns.of("anna");
        let _held = anna.try_lock().unwrap();
        assert!(turns.of("anna").try_lock().is_err());
        assert!(turns.of("bert").try_lock().is_ok());
        assert_eq!(turns.0.lock().unwrap().len(), 2);
        drop(turns.of("clara"));
        assert_eq!(turns.0.lock().unwrap().len(), 2, "nobody has the others");
    }
}
