//! Tests of a connection that meets a certificate that is not the server's, or a server that
//! refuses. The module `staying` is about a machine that moves or sleeps.

mod staying;

use std::time::Instant;

use convene_link::LinkSecret;
use convene_model::{Code, Fingerprint, Nonce, PortRange, Remedy, Stage, Timestamp};
use convene_protocol::{Attached, ClientFrame, RefuseCode, Refused, ServerFrame, ServerHello};
use convene_reach::{AttemptId, Ladder, Targets};

use super::{Connection, FarEnd, Inspection, PipeAction};

const OWN: [u8; 32] = [1; 32];
const FOREIGN: [u8; 32] = [2; 32];

#[expect(clippy::disallowed_methods, reason = "a clock has no other zero")]
fn start() -> Instant {
    Instant::now()
}

struct Play {
    connection: Connection,
    now: Instant,
}

impl Play {
    fn new(inspection: Inspection) -> Self {
        let direct_ports = PortRange::new(4500, 4500).unwrap();
        let targets =
            Targets { host: "server".to_owned(), direct_ports, https_port: 443, proxies: Vec::new() };
        let ladder = Ladder::new(targets, None, 1);
        let now = start();
        let mut connection =
            Connection::new(ladder, LinkSecret::from_random([0; 32]), "test".to_owned(), inspection);
        connection.with_ladder(now, |ladder| ladder.handle_start(now));
        Self { connection, now }
    }

    /// Waits until the ladder opens something, and lets it stand with this certificate.
    fn open(&mut self, end_point: [u8; 32]) -> AttemptId {
        loop {
            match self.connection.poll_action() {
                Some(PipeAction::Open { attempt, .. }) => {
                    let issuer = "CN=Box".to_owned();
                    let far_end = FarEnd { end_point, fingerprint: Fingerprint([3; 32]), issuer };
                    self.connection.handle_opened(attempt, Some(far_end), self.now);
                    return attempt;
                }
                Some(PipeAction::Close { .. }) => {}
                Some(PipeAction::AskPortal(question)) => {
                    self.connection.handle_portal_answer(question, None, self.now);
                }
                None => {
                    self.now = self.connection.poll_timeout().unwrap();
                    self.connection.handle_timeout(self.now);
                }
            }
        }
    }

    fn say(&mut self, attempt: AttemptId, frame: ServerFrame) {
        self.connection.handle_frame(attempt, None, &frame.to_string(), self.now);
    }

    fn greet(&mut self, attempt: AttemptId, end_points: Vec<[u8; 32]>) {
        let (nonce, now) = (Nonce([0; 16]), Timestamp::from_millis(0));
        let server = "server".to_owned();
        self.say(attempt, ServerFrame::Hello(ServerHello { version: 2, server, nonce, now, end_points }));
    }

    fn attached(&mut self, attempt: AttemptId, end_point_known: Option<bool>) {
        self.say(attempt, ServerFrame::Attached(Attached { received: 0, resumed: false, end_point_known }));
    }

    /// Whether seats were named on any pipe.
    fn attaches(&mut self) -> bool {
        let mut attaches = false;
        while let Some(sent) = self.connection.with_conversation(self.now, |all| all.poll_transmit(self.now))
        {
            attaches |= matches!(ClientFrame::parse(&sent.text), Ok(ClientFrame::Attach(_)));
        }
        attaches
    }

    fn refused(&self) -> bool {
        self.connection.ladder().attempts().iter().any(|attempt| {
            let seen = attempt.evidence.as_ref().and_then(|evidence| evidence.name.as_deref());
            let refused = (attempt.stage, attempt.code) == (Stage::Hello, Code::InspectionRefused);
            refused && seen == Some("CN=Box")
        })
    }
}

#[test]
fn the_servers_own_certificate_is_nothing_to_speak_of() {
    for inspection in [Inspection::Allow, Inspection::Notify, Inspection::Refuse] {
        let mut play = Play::new(inspection);
        let attempt = play.open(OWN);
        play.greet(attempt, vec![[9; 32], OWN]);
        assert!(play.attaches());
        play.attached(attempt, Some(true));
        assert!(play.connection.is_attached());
        assert_eq!(play.connection.inspected_by(), None);
    }
}

#[test]
fn who_inspects_is_named_unless_that_is_allowed() {
    for (inspection, named) in [(Inspection::Notify, Some("CN=Box")), (Inspection::Allow, None)] {
        for (stated, known) in [(vec![OWN], Some(false)), (vec![OWN], Some(true)), (Vec::new(), Some(false))]
        {
            let mut play = Play::new(inspection);
            let attempt = play.open(FOREIGN);
            play.greet(attempt, stated);
            play.attached(attempt, known);
            assert!(play.connection.is_attached());
            assert_eq!(play.connection.inspected_by(), named);
        }
    }
}

#[test]
fn a_refused_inspection_ends_before_a_seat_is_named_and_another_route_is_tried() {
    let mut play = Play::new(Inspection::Refuse);
    let attempt = play.open(FOREIGN);
    play.greet(attempt, vec![OWN]);
    assert!(!play.attaches());
    assert!(play.refused());
    let other = play.open(OWN);
    play.greet(other, vec![OWN]);
    play.attached(other, Some(true));
    assert!(play.connection.is_attached());
}

#[test]
fn what_the_server_disowned_is_refused_whatever_a_later_hello_says() {
    for said_later in [Vec::new(), vec![FOREIGN]] {
        let mut play = Play::new(Inspection::Refuse);
        let attempt = play.open(FOREIGN);
        play.greet(attempt, Vec::new());
        assert!(play.attaches());
        play.attached(attempt, Some(false));
        assert!(!play.connection.is_attached());
        let again = play.open(FOREIGN);
        play.greet(again, said_later);
        assert!(!play.attaches());
        assert!(play.refused());
    }
}

#[test]
fn where_no_version_is_common_it_is_told_which_side_is_to_be_updated() {
    // A server of version 1 names none.
    for (versions, side) in [
        (vec![], Remedy::UpdateServer),
        (vec![1], Remedy::UpdateServer),
        (vec![3], Remedy::UpdateProgram),
        (vec![4, 3], Remedy::UpdateProgram),
    ] {
        let mut play = Play::new(Inspection::Allow);
        let attempt = play.open(OWN);
        let refused = Refused { versions, ..Refused::of(RefuseCode::VersionUnsupported) };
        play.say(attempt, ServerFrame::Refused(refused));
        let attempts = play.connection.ladder().attempts();
        let told: Vec<_> = attempts.iter().map(|told| (told.stage, told.code, told.remedy)).collect();
        assert_eq!(told, [(Stage::Hello, Code::VersionUnsupported, side)]);
    }
}
