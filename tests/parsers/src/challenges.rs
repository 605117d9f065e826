//! The challenges of proxies that want a login.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use convene_model::Secret;
use convene_proxy_auth::{Entropy, Login, Negotiation, Next, Site, challenges};

const ENTROPY: Entropy = Entropy { random: [7; 16], unix_seconds: 1_700_000_000 };
/// Refusals after which a login has ended, whatever the proxy says.
const REFUSALS_MAX: usize = 12;

/// Refusals, one a line: a login ends, and no answer holds the end of a header's line.
pub(crate) fn challenge(bytes: &[u8]) {
    let mut negotiation = negotiation();
    let refusals: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    for (refusal, count) in refusals.iter().cycle().zip(1..) {
        assert!(count <= REFUSALS_MAX, "a login without end");
        match negotiation.handle_refusal(&challenges([refusal]), &ENTROPY) {
            Next::Failed(_) => return,
            Next::Again { .. } => assert_one_line(&negotiation),
            Next::Ticket(token) => {
                negotiation.handle_ticket(token.as_deref(), &challenges([refusal]), &ENTROPY);
            }
        }
    }
}

/// The second message of NTLM.
pub(crate) fn ntlm(bytes: &[u8]) {
    let mut negotiation = negotiation();
    for header in ["NTLM".to_owned(), format!("NTLM {}", STANDARD.encode(bytes))] {
        if matches!(negotiation.handle_refusal(&challenges([header]), &ENTROPY), Next::Again { .. }) {
            assert_one_line(&negotiation);
        }
    }
}

fn negotiation() -> Negotiation {
    let login = Login { user: "LAB\\anna".to_owned(), password: Secret::new("secret") };
    let site = Site {
        host: "proxy.test".to_owned(),
        authority: "conference.test:443".to_owned(),
        end_point: None,
        allows_basic: true,
        has_tickets: true,
    };
    Negotiation::new(Some(login), site)
}

fn assert_one_line(negotiation: &Negotiation) {
    let value = negotiation.authorization().unwrap_or_default();
    assert!(!value.iter().any(|byte| b"\r\n\0".contains(byte)), "an answer breaks out of its header");
}
