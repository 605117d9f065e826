//! The order of ways, their legs, and what counts as a rejection.

use convene_model::Secret;

use super::*;
use crate::challenge::challenges;

const ENTROPY: Entropy = Entropy { random: [1; 16], unix_seconds: 1_700_000_000 };
const ALL: &str =
    "Basic realm=lab, NTLM, Digest realm=lab, nonce=a, Digest realm=lab, nonce=b, algorithm=SHA-256";

fn site(allows_basic: bool) -> Site {
    let (host, authority) = ("proxy.test".to_owned(), "conference.test:443".to_owned());
    Site { host, authority, end_point: None, allows_basic, has_tickets: false }
}

fn negotiation() -> Negotiation {
    let login = Login { user: "anna".to_owned(), password: Secret::new("secret") };
    Negotiation::new(Some(login), site(true))
}

fn refuse(negotiation: &mut Negotiation, header: &str) -> Next {
    negotiation.handle_refusal(&challenges([header.as_bytes()]), &ENTROPY)
}

/// The scheme of what is sent next.
fn sends(negotiation: &Negotiation) -> String {
    let value = String::from_utf8_lossy(negotiation.authorization().unwrap_or_default()).into_owned();
    let scheme = value.split(' ').next().unwrap_or_default().to_owned();
    let algorithm = value.split("algorithm=").nth(1).and_then(|rest| rest.split(',').next());
    algorithm.map_or_else(|| scheme.clone(), |algorithm| format!("{scheme} {algorithm}"))
}

const AGAIN: Next = Next::Again { same_connection: false };
const SAME: Next = Next::Again { same_connection: true };
const REJECTED: Next = Next::Failed(Code::ProxyLoginRejected);

#[test]
fn the_strongest_way_that_is_offered_is_taken() {
    for (offered, sent) in [
        (ALL, "NTLM"),
        (
            "Basic realm=lab, Digest realm=lab, nonce=a, Digest realm=lab, nonce=b, algorithm=SHA-256",
            "Digest SHA-256",
        ),
        (
            "Digest realm=lab, nonce=a, algorithm=SHA-512-256, Digest realm=lab, nonce=b, algorithm=SHA-256",
            "Digest SHA-256",
        ),
        ("Digest realm=lab, nonce=a, Digest realm=lab, nonce=b, algorithm=SHA-512-256", "Digest SHA-512-256"),
        ("Basic realm=lab, Digest realm=lab, nonce=a", "Digest"),
        ("Basic realm=lab, Digest realm=lab, nonce=a, algorithm=SHA-512", "Basic"),
        ("Kerberos, Bearer, basic", "Basic"),
    ] {
        let mut negotiation = negotiation();
        assert_eq!(negotiation.authorization(), None, "the first request shows nothing");
        refuse(&mut negotiation, offered);
        assert_eq!(sends(&negotiation), sent, "{offered}");
    }
}

#[test]
fn a_user_with_a_colon_is_not_named_in_basic_which_would_name_another() {
    let login = || Some(Login { user: "anna:b".to_owned(), password: Secret::new("secret") });
    let refused = refuse(&mut Negotiation::new(login(), site(true)), "Basic realm=lab");
    assert_eq!(refused, Next::Failed(Code::ProxySchemeUnsupported));
    let mut negotiation = Negotiation::new(login(), site(true));
    refuse(&mut negotiation, "Basic realm=lab, Digest realm=lab, nonce=a");
    assert_eq!(sends(&negotiation), "Digest");
}

#[test]
fn a_rejected_password_is_not_offered_again_and_not_in_a_weaker_way() {
    for offered in ["Digest realm=lab, nonce=a, Basic realm=lab", "Basic realm=lab"] {
        let mut negotiation = negotiation();
        assert_eq!(refuse(&mut negotiation, offered), AGAIN);
        assert_eq!(refuse(&mut negotiation, offered), REJECTED);
    }
}

#[test]
fn a_stale_nonce_is_no_rejection_but_not_for_ever() {
    let mut negotiation = negotiation();
    refuse(&mut negotiation, "Digest realm=lab, nonce=a");
    assert_eq!(refuse(&mut negotiation, "Digest realm=lab, nonce=b, stale=TRUE"), AGAIN);
    assert!(String::from_utf8_lossy(negotiation.authorization().unwrap()).contains("nonce=\"b\""));
    let last =
        (0..LEGS_MAX).map(|_| refuse(&mut negotiation, "Digest realm=lab, nonce=b, stale=true")).last();
    // A proxy that takes no nonce says nothing of the password, which must not count as rejected
    // for good.
    assert_eq!(last, Some(Next::Failed(Code::ProxySchemeUnsupported)));
}

#[test]
fn an_answer_that_leaves_out_the_next_challenge_rejects_the_way_and_not_the_password() {
    let mut negotiation = negotiation();
    refuse(&mut negotiation, "NTLM, Digest realm=lab, nonce=a, Basic realm=lab");
    refuse(&mut negotiation, &second());
    assert_eq!(refuse(&mut negotiation, "Digest realm=lab, nonce=a, Basic realm=lab"), AGAIN);
    assert_eq!(sends(&negotiation), "Digest");
    assert_eq!(refuse(&mut negotiation, "Basic realm=lab"), AGAIN);
    assert_eq!(sends(&negotiation), "Basic");
    assert_eq!(refuse(&mut negotiation, "Bearer"), Next::Failed(Code::ProxySchemeUnsupported));
    // Tinyproxy's word for a wrong password names no way.
    let mut negotiation = self::negotiation();
    refuse(&mut negotiation, "Basic realm=lab");
    assert_eq!(negotiation.handle_refusal(&[], &ENTROPY), REJECTED);
}

#[test]
fn a_connection_that_always_closes_rejects_no_password() {
    let mut negotiation = negotiation();
    refuse(&mut negotiation, "NTLM");
    let last = (0..LEGS_MAX).map(|_| negotiation.handle_closed()).last();
    assert_eq!(last, Some(Next::Failed(Code::ProxySchemeUnsupported)));
}

#[test]
fn a_ticket_goes_first_and_without_one_the_password_follows() {
    let login = || Some(Login { user: "anna".to_owned(), password: Secret::new("secret") });
    let with_tickets = |login| Negotiation::new(login, Site { has_tickets: true, ..site(true) });
    let offered = challenges(["Negotiate, Basic realm=x"]);
    let mut negotiation = with_tickets(login());
    assert_eq!(negotiation.handle_refusal(&offered, &ENTROPY), Next::Ticket(None));
    assert_eq!(negotiation.handle_ticket(Some(b"ticket"), &offered, &ENTROPY), AGAIN);
    assert_eq!(negotiation.authorization(), Some(&b"Negotiate dGlja2V0"[..]));
    assert_eq!(refuse(&mut negotiation, "Negotiate AAAA"), Next::Ticket(Some(vec![0; 3])));
    assert_eq!(negotiation.handle_ticket(Some(b"x"), &offered, &ENTROPY), SAME);
    assert_eq!(refuse(&mut negotiation, "Negotiate, Basic realm=x"), AGAIN);
    assert_eq!(sends(&negotiation), "Basic");
    // No ticket on this machine.
    let mut negotiation = with_tickets(login());
    negotiation.handle_refusal(&offered, &ENTROPY);
    assert_eq!(negotiation.handle_ticket(None, &offered, &ENTROPY), AGAIN);
    assert_eq!(sends(&negotiation), "Basic");
    // A connection that was closed before the first token came takes another on a new one, and none
    // between two tokens.
    let mut negotiation = with_tickets(login());
    negotiation.handle_refusal(&offered, &ENTROPY);
    negotiation.handle_ticket(Some(b"ticket"), &offered, &ENTROPY);
    assert_eq!(negotiation.handle_closed(), Next::Ticket(None));
    assert_eq!(negotiation.handle_ticket(Some(b"another"), &offered, &ENTROPY), AGAIN);
    refuse(&mut negotiation, "Negotiate AAAA");
    assert_eq!(negotiation.handle_ticket(Some(b"x"), &offered, &ENTROPY), SAME);
    assert_eq!(negotiation.handle_closed(), AGAIN);
    assert_eq!(negotiation.authorization(), None);
    assert_eq!(refuse(&mut negotiation, "Negotiate, Basic realm=x"), AGAIN);
    assert_eq!(sends(&negotiation), "Basic");
    // A proxy that never has enough of tokens.
    let mut negotiation = with_tickets(None);
    let mut next = refuse(&mut negotiation, "Negotiate");
    while let Next::Ticket(_) = next {
        negotiation.handle_ticket(Some(b"x"), &offered, &ENTROPY);
        next = refuse(&mut negotiation, "Negotiate AAAA");
    }
    assert_eq!(next, Next::Failed(Code::ProxySchemeUnsupported));
}

#[test]
fn nothing_that_is_printed_shows_the_password() {
    let mut negotiation = negotiation();
    refuse(&mut negotiation, "Basic realm=lab");
    let value = STANDARD.encode("anna:secret");
    assert!(negotiation.authorization().unwrap().ends_with(value.as_bytes()));
    let printed = format!("{negotiation:?}");
    assert!(!printed.contains("secret") && !printed.contains("[66, 97"), "{printed}");
}

/// A second message with the server's time.
fn second() -> String {
    let mut message = b"NTLMSSP\0".to_vec();
    message.extend(2_u32.to_le_bytes());
    message.extend([0, 0, 0, 0, 48, 0, 0, 0]);
    message.extend([5, 0x82, 8, 0xa0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
    message.extend([16, 0, 16, 0, 48, 0, 0, 0, 7, 0, 8, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0]);
    format!("NTLM {}", STANDARD.encode(message))
}

#[test]
fn ntlm_goes_three_legs_on_one_connection() {
    let mut negotiation = negotiation();
    assert_eq!(refuse(&mut negotiation, ALL), SAME);
    assert_eq!(refuse(&mut negotiation, &second()), SAME);
    assert!(negotiation.authorization().unwrap().len() > 200, "the proof");
    assert_eq!(refuse(&mut negotiation, ALL), REJECTED);
}

#[test]
fn a_connection_that_closes_behind_the_first_refusal_begins_ntlm_anew() {
    let mut negotiation = negotiation();
    assert_eq!(refuse(&mut negotiation, "NTLM"), SAME);
    let first = negotiation.authorization().map(<[u8]>::to_vec);
    assert_eq!(negotiation.handle_closed(), AGAIN);
    assert_eq!(negotiation.authorization().map(<[u8]>::to_vec), first);
    assert_eq!(refuse(&mut negotiation, &second()), SAME);
}

#[test]
fn a_way_without_a_next_message_is_not_usable_and_the_next_follows() {
    let mut negotiation = negotiation();
    refuse(&mut negotiation, ALL);
    assert_eq!(refuse(&mut negotiation, ALL), AGAIN);
    assert_eq!(sends(&negotiation), "Digest SHA-256");
    // And one whose connection closes before the proof can be given.
    let mut negotiation = self::negotiation();
    refuse(&mut negotiation, ALL);
    refuse(&mut negotiation, &second());
    assert_eq!(negotiation.handle_closed(), AGAIN);
    assert_eq!(negotiation.authorization(), None);
    refuse(&mut negotiation, ALL);
    assert_eq!(sends(&negotiation), "Digest SHA-256");
}

#[test]
fn what_cannot_be_done_is_told_apart() {
    let needed = Next::Failed(Code::ProxyLoginNeeded);
    let unsupported = Next::Failed(Code::ProxySchemeUnsupported);
    let of = |login: Option<Login>, basic| Negotiation::new(login, site(basic));
    let login = || Some(Login { user: "anna".to_owned(), password: Secret::new("x") });
    assert_eq!(refuse(&mut of(None, true), ALL), needed);
    assert_eq!(refuse(&mut of(None, true), "Basic realm=x"), needed);
    assert_eq!(refuse(&mut of(None, true), ""), needed);
    assert_eq!(refuse(&mut of(None, true), "Kerberos"), unsupported);
    assert_eq!(refuse(&mut of(login(), true), "Kerberos, Bearer"), unsupported);
    // A proxy that a script named is not shown the password.
    assert_eq!(refuse(&mut of(login(), false), "Basic realm=x"), unsupported);
}
