//! When the server's plain page is asked for, and what follows from its answers.

use std::time::{Duration, Instant};

use convene_model::{Code, Evidence, PortRange, Remedy, Stage};

use super::world::zero;
use crate::timing::{CHECK_EVERY, PORTAL_EVERY};
use crate::{Action, AttemptId, Failure, Ladder, PortalQuestion, PortalWatch, Targets};

struct Scene {
    ladder: Ladder,
    watch: PortalWatch,
    now: Instant,
    open: Option<PortalQuestion>,
}

impl Scene {
    fn new() -> Self {
        let direct_ports = PortRange::new(4500, 4500).unwrap();
        let targets =
            Targets { host: "server".to_owned(), direct_ports, https_port: 443, proxies: Vec::new() };
        let mut ladder = Ladder::new(targets, None, 1);
        let now = zero();
        ladder.handle_start(now);
        let watch = PortalWatch::new(&ladder);
        Self { ladder, watch, now, open: None }
    }

    /// The next attempt that the ladder opens, waiting for its timetable.
    fn attempt(&mut self) -> AttemptId {
        loop {
            match self.ladder.poll_action() {
                Some(Action::Open { attempt, .. }) => return attempt,
                Some(Action::Adopt { .. } | Action::Abandon { .. }) => {}
                None => {
                    self.now = self.ladder.poll_timeout().unwrap().0;
                    self.ladder.handle_timeout(self.now);
                }
            }
        }
    }

    fn fail(&mut self, stage: Stage, code: Code) {
        let attempt = self.attempt();
        self.ladder.handle_failed(attempt, Failure { stage, code }, self.now);
    }

    fn question(&mut self) -> Option<PortalQuestion> {
        self.watch.observe(&self.ladder);
        let question = self.watch.poll_question(self.now);
        self.open = question.or(self.open);
        question
    }

    fn asks(&mut self) -> bool {
        self.question().is_some()
    }

    /// Answers the question that was asked last.
    fn answer(&mut self, portal: Option<Evidence>) -> bool {
        self.watch.handle_answer(self.open.unwrap(), portal, self.now)
    }
}

fn portal() -> Evidence {
    Evidence { page: Some("http://login.test/".to_owned()), ..Evidence::default() }
}

#[test]
fn a_refused_port_alone_raises_no_question_and_touched_tls_does() {
    let mut scene = Scene::new();
    assert!(!scene.asks());
    scene.fail(Stage::Tcp, Code::Refused);
    assert!(!scene.asks());
    scene.fail(Stage::Tls, Code::Reset);
    assert!(scene.asks());
    assert!(!scene.asks(), "one question at a time");
}

#[test]
fn an_announcement_raises_the_question_until_there_is_a_connection() {
    let mut scene = Scene::new();
    assert!(!scene.asks());
    scene.watch.handle_network(true);
    assert!(scene.asks());
    assert!(!scene.answer(None));
    let attempt = scene.attempt();
    scene.ladder.handle_hello(attempt, scene.now);
    scene.now += CHECK_EVERY;
    assert!(!scene.asks());
}

#[test]
fn a_round_that_failed_raises_the_question_and_no_network_does_not() {
    for (code, asks) in [(Code::Refused, true), (Code::Unreachable, false)] {
        let mut scene = Scene::new();
        scene.fail(Stage::Tcp, code);
        scene.fail(Stage::Tcp, code);
        assert_eq!(scene.asks(), asks, "{code}");
    }
}

#[test]
fn a_login_page_is_told_and_watched_until_it_has_gone() {
    let mut scene = Scene::new();
    scene.fail(Stage::Tls, Code::Reset);
    assert!(scene.asks());
    assert!(!scene.answer(Some(portal())));
    let told = scene.watch.attempt().unwrap();
    assert_eq!((told.code, told.remedy), (Code::CaptivePortal, Remedy::LogInToNetwork));
    assert_eq!(told.target, "server:80");
    assert!(PORTAL_EVERY < Duration::from_secs(5), "joined within 5 s of the login");
    for _ in 0..100 {
        assert!(!scene.asks());
        scene.now = scene.watch.poll_timeout().unwrap();
        assert!(scene.asks());
        assert!(!scene.answer(Some(portal())));
    }
    scene.now += PORTAL_EVERY;
    assert!(scene.asks());
    assert!(scene.answer(None), "everything is tried at once");
    assert_eq!(scene.watch.attempt(), None);
}

#[test]
fn without_a_login_page_questions_are_rare() {
    let mut scene = Scene::new();
    scene.fail(Stage::Tls, Code::Reset);
    assert!(scene.asks());
    assert!(!scene.answer(None));
    assert!(!scene.asks());
    assert_eq!(scene.watch.poll_timeout(), Some(scene.now + CHECK_EVERY));
    scene.watch.handle_network(false);
    assert!(scene.asks());
}

#[test]
fn a_connection_ends_the_watch() {
    let mut scene = Scene::new();
    scene.fail(Stage::Tls, Code::Reset);
    assert!(scene.asks());
    let attempt = scene.attempt();
    scene.ladder.handle_hello(attempt, scene.now);
    assert!(!scene.asks());
    assert!(!scene.answer(Some(portal())));
    assert_eq!((scene.watch.attempt(), scene.watch.poll_timeout()), (None, None));
}

#[test]
fn in_another_network_the_page_of_the_one_before_is_not_told_and_its_late_answer_does_not_count() {
    let mut scene = Scene::new();
    scene.fail(Stage::Tls, Code::Reset);
    assert!(scene.asks());
    scene.answer(Some(portal()));
    scene.now += PORTAL_EVERY;
    let of_hotel = scene.question().unwrap();
    scene.watch.handle_network(false);
    scene.ladder.handle_network_changed(scene.now);
    assert_eq!(scene.watch.attempt(), None);
    let here = scene.question().expect("it may be the same network: that is asked at once");
    assert!(!scene.watch.handle_answer(of_hotel, Some(portal()), scene.now));
    assert_eq!(scene.watch.attempt(), None, "that was the hotel's");
    assert!(!scene.watch.handle_answer(here, None, scene.now));
    assert!(!scene.asks());
    assert!(scene.watch.poll_timeout().is_none(), "nothing raises the question here");
}
