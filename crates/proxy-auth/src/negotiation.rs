//! Which challenge is answered, leg by leg, and when to give up.

#[cfg(test)]
mod tests;

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

/// Tokens of one logon with a ticket: Kerberos takes one or two.
const TICKET_LEGS_MAX: u32 = 4;

/// Requests that one login may take: two of NTLM after one that is asked for nothing, each again on
/// a new connection, and a fresh nonce or two.
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
    /// Whether the password may be shown as it is (Basic): only to a proxy that an administrator,
    /// or the user whose password it is, named.
    pub allows_basic: bool,
    /// Whether the operating system may be asked for a ticket (Negotiate).
    pub has_tickets: bool,
}

impl Site {
    /// The data that bind a login to the channel to the proxy, so that nobody can pass the login on
    /// over another one: the application data of a channel binding (RFC 5929, section 4).
    pub fn binding(&self) -> Option<Vec<u8>> {
        let end_point = self.end_point.as_deref()?;
        Some([b"tls-server-end-point:".as_slice(), end_point].concat())
    }
}

/// The step after a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask again, with what [`Negotiation::authorization`] gives now. Where `same_connection` and
    /// the connection is closed, [`Negotiation::handle_closed`] says how to go on.
    Again {
        /// Whether the answer counts only on the connection on which the challenge came.
        same_connection: bool,
    },
    /// Have the operating system answer this token of the proxy's, or begin if there is none; then
    /// [`Negotiation::handle_ticket`].
    Ticket(Option<Vec<u8>>),
    /// Give up, for this reason: `proxy_login_needed`, `proxy_login_rejected` or
    /// `proxy_scheme_unsupported`.
    Failed(Code),
}

/// The way to log in. The tokens of Negotiate are the operating system's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Basic,
    Digest(Hash),
    Ntlm,
    Negotiate,
}

impl Way {
    /// Of the two long hashes first the one that programs agree on: the standard's own example of
    /// the other is wrong.
    const BEST_FIRST: [Self; 6] = [
        Self::Negotiate,
        Self::Ntlm,
        Self::Digest(Hash::Sha256),
        Self::Digest(Hash::Sha512_256),
        Self::Digest(Hash::Md5),
        Self::Basic,
    ];
}

/// The authorization that was sent last.
#[derive(Debug)]
enum Sent {
    Nothing,
    Basic,
    Digest(Digest),
    /// The first message of NTLM, which shows no password.
    NtlmBegun(Vec<u8>),
    NtlmProof,
    /// Negotiate (RFC 4559), so many tokens.
    Ticket(u32),
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

    /// The login, if there is one.
    pub fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// Where the login is for.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The value of `Proxy-Authorization` for the next request.
    pub fn authorization(&self) -> Option<&[u8]> {
        self.authorization.as_ref().map(|value| value.0.as_slice())
    }

    /// Whether what is sent next shows the password, or proves it: the proxy may reject it.
    pub fn shows_password(&self) -> bool {
        matches!(self.sent, Sent::Basic | Sent::Digest(_) | Sent::NtlmProof)
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
                    let binding = self.site.binding();
                    let meant = Meant { host: &self.site.host, binding: binding.as_deref() };
                    let proof = question.authenticate(login, meant, entropy, [&first, &second]);
                    return self.send(Sent::NtlmProof, ntlm_value(&proof), true);
                }
                // No next message: this way is not open, and no password was shown.
                self.unusable.push(Way::Ntlm);
            }
            Sent::Digest(used) => {
                let way = Way::Digest(used.hash());
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
            Sent::Ticket(tokens) => {
                let token = offered
                    .iter()
                    .filter(|one| one.scheme == "negotiate")
                    .find_map(|one| one.token.as_deref());
                let token = token.and_then(|token| STANDARD.decode(token).ok());
                if token.is_some() && tokens < TICKET_LEGS_MAX {
                    self.sent = Sent::Ticket(tokens);
                    return Next::Ticket(token);
                }
                // The ticket does not open. That says nothing of a password.
                self.unusable.push(Way::Negotiate);
            }
        }
        self.choose(offered, entropy)
    }

    /// The operating system's token; without one (no ticket, no library) the next way follows.
    pub fn handle_ticket(&mut self, token: Option<&[u8]>, offered: &[Challenge], entropy: &Entropy) -> Next {
        match (token, &self.sent) {
            (Some(token), Sent::Ticket(tokens)) => {
                let value = format!("Negotiate {}", STANDARD.encode(token)).into_bytes();
                // The first token begins anew on any connection; the others belong to theirs.
                let (sent, same_connection) = (Sent::Ticket(tokens + 1), *tokens > 0);
                self.send(sent, value, same_connection)
            }
            _ => {
                self.sent = Sent::Nothing;
                self.step_aside(Way::Negotiate, offered, entropy)
            }
        }
    }

    /// A password was shown in this way and did not open: it is rejected where the proxy asks for
    /// it in the same way again.
    fn refused(&mut self, way: Way, offered: &[Challenge], entropy: &Entropy) -> Next {
        match self.offers_again(offered, way) {
            Some(_) => Next::Failed(Code::ProxyLoginRejected),
            None => self.step_aside(way, offered, entropy),
        }
    }

    /// Whether the proxy asks again for what it was shown; one that names no way at all does
    /// (tinyproxy's 401).
    fn offers_again<'a>(&self, offered: &'a [Challenge], way: Way) -> Option<Option<&'a Challenge>> {
        let again = self.offers(offered, way);
        (again.is_some() || offered.is_empty()).then_some(again)
    }

    /// The proxy leaves out the challenge that would be next: that way is not open, and the next
    /// one follows.
    fn step_aside(&mut self, way: Way, offered: &[Challenge], entropy: &Entropy) -> Next {
        self.unusable.push(way);
        self.choose(offered, entropy)
    }

    /// The connection on which the next answer counts was closed, or what was sent last met one
    /// that was: sends the same on a new one, begins that way there, or takes another.
    pub fn handle_closed(&mut self) -> Next {
        self.legs += 1;
        if self.legs > LEGS_MAX {
            return Next::Failed(Code::ProxySchemeUnsupported);
        }
        match std::mem::replace(&mut self.sent, Sent::Nothing) {
            Sent::Nothing => Next::Failed(Code::ProxySchemeUnsupported),
            sent @ (Sent::Basic | Sent::Digest(_)) => {
                self.sent = sent;
                Next::Again { same_connection: false }
            }
            // It was closed behind the first refusal: the first message goes out on the new
            // connection.
            Sent::NtlmBegun(first) => {
                let value = ntlm_value(&first);
                self.send(Sent::NtlmBegun(first), value, false)
            }
            // Closed between the second message and the proof: it can never work here.
            Sent::NtlmProof => self.ask_afresh(Way::Ntlm),
            // Likewise the first token, made anew: if it was read, it is taken for a replay the
            // second time.
            Sent::Ticket(0 | 1) => {
                self.sent = Sent::Ticket(0);
                Next::Ticket(None)
            }
            Sent::Ticket(_) => self.ask_afresh(Way::Negotiate),
        }
    }

    /// This way can never work here; what else there is, a request that shows nothing tells.
    fn ask_afresh(&mut self, without: Way) -> Next {
        self.unusable.push(without);
        self.authorization = None;
        Next::Again { same_connection: false }
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
        if way == Way::Negotiate {
            self.sent = Sent::Ticket(0);
            return Next::Ticket(None);
        }
        let Some(login) = &self.login else { return Next::Failed(Code::ProxyLoginNeeded) };
        match way {
            Way::Negotiate => Next::Failed(Code::ProxySchemeUnsupported),
            Way::Basic => {
                let value = basic::authorization(login);
                self.send(Sent::Basic, value, false)
            }
            Way::Digest(_) => match Digest::new(challenge) {
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
        // Basic would name another user (RFC 7617, section 2).
        let in_clear =
            self.site.allows_basic && self.login.as_ref().is_none_or(|login| !login.user.contains(':'));
        offered.iter().find(|challenge| match way {
            Way::Basic => challenge.scheme == "basic" && in_clear,
            Way::Digest(hash) => {
                let digest = Digest::new(challenge);
                challenge.scheme == "digest" && digest.is_some_and(|digest| digest.hash() == hash)
            }
            Way::Ntlm => challenge.scheme == "ntlm",
            Way::Negotiate => challenge.scheme == "negotiate" && self.site.has_tickets,
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
