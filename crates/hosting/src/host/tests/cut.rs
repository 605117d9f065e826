//! The log is cut so that nothing that was read is gone: only what this process has written, and
//! waits for.

use super::*;

impl World {
    /// Lets so much time pass as unread entries are waited for.
    fn give_up(&mut self) {
        let until = self.now.instant + duty::READ_WITHIN;
        self.host.handle_timeout(Now { instant: until - std::time::Duration::from_millis(1), ..self.now });
        self.settle();
        self.now.instant = until;
        assert!(self.host.poll_timeout().is_some_and(|due| due <= until), "it wants to be woken");
        self.host.handle_timeout(self.now);
        self.settle();
    }
}

#[test]
fn a_claim_that_is_cut_away_before_it_is_read_is_made_again() {
    let mut world = World::new();
    world.cut = Some(1);
    world.open(1);
    assert_eq!((world.log.len(), world.opened()), (1, 0));
    world.give_up();
    assert_eq!((world.log.len(), world.opened()), (3, 1));
}

#[test]
fn what_is_cut_away_before_it_is_read_is_decided_when_it_comes_again() {
    let mut world = World::new();
    world.open(1);
    world.cut = Some(world.log.len());
    world.say(1);
    assert_eq!((world.receipts(), world.reopened()), (0, 0));
    world.give_up();
    assert_eq!(world.reopened(), 1, "its seat asks again");
    world.open(2);
    world.say(1);
    assert_eq!((world.decided(), world.receipts()), (vec![id(1)], 1));
}

#[test]
fn a_log_that_answers_late_keeps_its_term() {
    let mut world = World::new();
    world.open(1);
    let term = world.host.publisher().term();
    world.held = Some(Vec::new());
    world.say(1);
    for _ in 0..3 {
        world.now.instant += duty::READ_WITHIN;
        world.host.handle_timeout(world.now);
        world.settle();
    }
    world.answer();
    assert_eq!((world.receipts(), world.host.publisher().term()), (1, term));
}
