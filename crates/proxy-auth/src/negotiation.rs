//! Which challenge is answered, leg by leg, and when to give up.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use convene_model::Code;
use zeroize::Zeroizing;

use crate::basic;
use crate::challenge::Challenge;
use crate::digest::{Digest, Hash};
use crate::login::{Entropy, Login};
use crate::ntlm::{self, Meant, Question};

/// Requests that one login may take: two of NTLM after one that is asked for nothing, each again on a new connection, and a
/// fresh nonce or two.
const LEGS_MAX: u32 = 8;

/// Where the login is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The proxy's name.
    pub host: String,
    /// The authority of the request, as `host:port`.
    pub authority: String,
    /// The `tls-server-end-point` of the proxy's certificate, where it is spoken to inside TLS.
    pub end_point: Option<Vec<u8>>,
    /// Whether the password may be shown as it is (Basic): only to a proxy that an administrator, or the user whose password it is, named.
    pub allows_basic: bool,
}

/// What to do after a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask again, with what [`Negotiation::authorization`] gives now. Where `same_connection` and the connection is closed,
    /// [`Negotiation::handle_closed`] says how to go on.
    Again {
        /// Whether the answer counts only on the connection on which the challenge came.
        same_connection: bool,
    },
    /// Give up, for this reason: `proxy_login_needed`, `proxy_login_rejected` or `proxy_scheme_unsupported`.
    Failed(Code),
}

/// How to log in, from the strongest to the weakest. Negotiate comes with a ticket and is not computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Basic,
    DigestMd5,
    DigestSha256,
    Ntlm,
}

impl Way {
    const BEST_FIRST: [Self; 4] = [Self::Ntlm, Self::DigestSha256, Self::DigestMd5, Self::Basic];

    fn of(hash: Hash) -> Self {
        match hash {
            Hash::Md5 => Self::DigestMd5,
            Hash::Sha256 => Self::DigestSha256,
        }
    }
}

/// What was sent last.
#[derive(Debug)]
enum Sent {
    Nothing,
    Basic,
    Digest(Digest),
    /// The first message of NTLM, which shows no password.
    NtlmBegun(Vec<u8>),
    NtlmProof,
}

/// The value of a header that may hold a password in clear.
struct Authorization(Zeroizing<Vec<u8>>);

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization(…)")
    }
}

/// One login at one proxy.
#[derive(Debug)]
pub struct Negotiation {
    login: Option<Login>,
    site: Site,
    sent: Sent,
    authorization: Option<Authorization>,
    /// Ways that turned out not to be usable.
    unusable: Vec<Way>,
    legs: u32,
}

impl Negotiation {
    /// A login that begins with a request that shows nothing.
    pub fn new(login: Option<Login>, site: Site) -> Self {
        Self { login, site, sent: Sent::Nothing, authorization: None, unusable: Vec::new(), legs: 0 }
    }

    /// The value of `Proxy-Authorization` for the next request.
    pub fn authorization(&self) -> Option<&[u8]> {
        self.authorization.as_ref().map(|value| value.0.as_slice())
    }

    /// Whether what is sent next counts only on the connection on which its challenge came.
    pub fn counts_on_its_connection(&self) -> bool {
        matches!(self.sent, Sent::NtlmBegun(_) | Sent::NtlmProof)
    }

    /// The proxy refused with 407 (or 401), and these challenges.
    pub fn handle_refusal(&mut self, offered: &[Challenge], entropy: &Entropy) -> Next {
        self.legs += 1;
        if self.legs > LEGS_MAX {
            // The password may well be right: it must not count as rejected for good.
            return Next::Failed(Code::ProxySchemeUnsupported);
        }
        match std::mem::replace(&mut self.sent, Sent::Nothing) {
            Sent::Nothing => {}
            Sent::NtlmBegun(first) => {
                let second =
                    offered.iter().filter(|one| one.scheme == "ntlm").find_map(|one| one.token.as_deref());
                let second = second.and_then(|token| STANDARD.decode(token).ok());
                let question = second.as_deref().and_then(Question::read);
                if let (Some(question), Some(second), Some(login)) = (question, second, &self.login) {
                    let meant = Meant { host: &self.site.host, end_point: self.site.end_point.as_deref() };
                    let proof = question.authenticate(login, meant, entropy, [&first, &second]);
                    return self.send(Sent::NtlmProof, ntlm_value(&proof), true);
                }
                // No next message: this way is not open, and no password was shown.
                self.unusable.push(Way::Ntlm);
            }
            Sent::Digest(used) => {
                let way = Way::of(used.hash());
                let Some(challenge) = self.offers_again(offered, way) else {
                    return self.step_aside(way, offered, entropy);
                };
                let fresh = challenge.filter(|one| Digest::is_stale(one)).and_then(Digest::new);
                return match fresh {
                    Some(fresh) => self.answer_digest(fresh, entropy),
                    None => Next::Failed(Code::ProxyLoginRejected),
                };
            }
            Sent::Basic => return self.refused(Way::Basic, offered, entropy),
            Sent::NtlmProof => return self.refused(Way::Ntlm, offered, entropy),
        }
        self.choose(offered, entropy)
    }

    /// A password was shown in this way and did not open: it is rejected where the proxy asks for it in the same way again.
    fn refused(&mut self, way: Way, offered: &[Challenge], entropy: &Entropy) -> Next {
        match self.offers_again(offered, way) {
            Some(_) => Next::Failed(Code::ProxyLoginRejected),
            None => self.step_aside(way, offered, entropy),
        }
    }

    /// Whether the proxy asks again for what it was shown; one that names no way at all does (tinyproxy's 401).
    fn offers_again<'a>(&self, offered: &'a [Challenge], way: Way) -> Option<Option<&'a Challenge>> {
        let again = self.offers(offered, way);
        (again.is_some() || offered.is_empty()).then_some(again)
    }

    /// The proxy leaves out the challenge that would be next: that way is not open, and the next one follows.
    fn step_aside(&mut self, way: Way, offered: &[Challenge], entropy: &Entropy) -> Next {
        self.unusable.push(way);
        self.choose(offered, entropy)
    }

    /// The connection on which the next answer counts was closed: begins that way on a new one, once, or takes another.
    pub fn handle_closed(&mut self) -> Next {
        self.legs += 1;
        match std::mem::replace(&mut self.sent, Sent::Nothing) {
            // It was closed behind the first refusal: the first message goes out on the new connection.
            Sent::NtlmBegun(first) if self.legs <= LEGS_MAX => {
                let value = ntlm_value(&first);
                self.send(Sent::NtlmBegun(first), value, false)
            }
            // Closed between the second message and the proof: it can never work here.
            Sent::NtlmProof if self.legs <= LEGS_MAX => {
                self.unusable.push(Way::Ntlm);
                self.authorization = None;
                Next::Again { same_connection: false }
            }
            Sent::Nothing | Sent::Basic | Sent::Digest(_) | Sent::NtlmBegun(_) | Sent::NtlmProof => {
                Next::Failed(Code::ProxySchemeUnsupported)
            }
        }
    }

    /// Takes the strongest way that is offered and usable.
    fn choose(&mut self, offered: &[Challenge], entropy: &Entropy) -> Next {
        let open = |way: Way| !self.unusable.contains(&way);
        let found = Way::BEST_FIRST
            .into_iter()
            .filter(|way| open(*way))
            .find(|way| self.offers(offered, *way).is_some());
        let known = found.and_then(|way| self.offers(offered, way).map(|challenge| (way, challenge)));
        let Some((way, challenge)) = known else {
            // A proxy that names no way wants a login all the same.
            let nameless = offered.is_empty() && self.login.is_none();
            return Next::Failed(if nameless {
                Code::ProxyLoginNeeded
            } else {
                Code::ProxySchemeUnsupported
            });
        };
        let Some(login) = &self.login else { return Next::Failed(Code::ProxyLoginNeeded) };
        match way {
            Way::Basic => {
                let value = basic::authorization(login);
                self.send(Sent::Basic, value, false)
            }
            Way::DigestMd5 | Way::DigestSha256 => match Digest::new(challenge) {
                Some(digest) => self.answer_digest(digest, entropy),
                None => Next::Failed(Code::ProxySchemeUnsupported),
            },
            Way::Ntlm => {
                let first = ntlm::negotiate();
                let value = ntlm_value(&first);
                self.send(Sent::NtlmBegun(first), value, true)
            }
        }
    }

    fn offers<'a>(&self, offered: &'a [Challenge], way: Way) -> Option<&'a Challenge> {
        let digest = |challenge: &&Challenge, hash| {
            challenge.scheme == "digest" && Digest::new(challenge).is_some_and(|digest| digest.hash() == hash)
        };
        offered.iter().find(|challenge| match way {
            Way::Basic => challenge.scheme == "basic" && self.site.allows_basic,
            Way::DigestMd5 => digest(challenge, Hash::Md5),
            Way::DigestSha256 => digest(challenge, Hash::Sha256),
            Way::Ntlm => challenge.scheme == "ntlm",
        })
    }

    fn answer_digest(&mut self, mut digest: Digest, entropy: &Entropy) -> Next {
        let Some(login) = &self.login else { return Next::Failed(Code::ProxyLoginNeeded) };
        let value = digest.authorization(login, &self.site.authority, entropy);
        self.send(Sent::Digest(digest), value, false)
    }

    fn send(&mut self, sent: Sent, value: Vec<u8>, same_connection: bool) -> Next {
        self.sent = sent;
        self.authorization = Some(Authorization(Zeroizing::new(value)));
        Next::Again { same_connection }
    }
}

fn ntlm_value(message: &[u8]) -> Vec<u8> {
    format!("NTLM {}", STANDARD.encode(message)).into_bytes()
}

#[cfg(test)]
mod tests {
    use convene_model::Secret;

    use super::*;
    use crate::challenge::challenges;

    const ENTROPY: Entropy = Entropy { random: [1; 16], unix_seconds: 1_700_000_000 };
    const ALL: &str =
        "Basic realm=lab, NTLM, Digest realm=lab, nonce=a, Digest realm=lab, nonce=b, algorithm=SHA-256";

    fn site(allows_basic: bool) -> Site {
        let (host, authority) = ("proxy.test".to_owned(), "conference.test:443".to_owned());
        Site { host, authority, end_point: None, allows_basic }
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
        if value.contains("algorithm=SHA-256") { format!("{scheme} SHA-256") } else { scheme }
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
        // A proxy that takes no nonce says nothing of the password, which must not count as rejected for good.
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
}
