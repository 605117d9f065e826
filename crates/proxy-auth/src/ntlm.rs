//! NTLMv2 (MS-NLMP): three messages on one connection, with the integrity code and the channel
//! binding that current domains ask for. NTLMv1 and LM are not spoken.

use hmac::{Hmac, Mac as _};
use md4::Md4;
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use crate::login::{Entropy, Login};

/// The flags that are asked for (section 2.2.2.5): Unicode, the target's name, NTLM, extended
/// session security, 128 and 56 bits.
const FLAGS: u32 = 0xa008_8205;
/// Names are UTF-16; otherwise they are in the alphabet that this machine cannot know, of which
/// ASCII is a part.
const UNICODE: u32 = 1;
/// The second message holds facts about the target.
const TARGET_INFO: u32 = 0x0080_0000;
const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";
/// Where the payload of the last message begins: behind its fields, a version and the integrity
/// code.
const PAYLOAD_AT: usize = 88;
/// Where the integrity code stands.
const MIC_AT: std::ops::Range<usize> = 72..88;
/// Bytes of the names and facts that a server sends: some hundreds in practice.
const FACTS_BYTES_MAX: usize = 8 * 1024;
/// Seconds from 1601, where these times begin, to 1970.
const EPOCH_SECONDS: u64 = 11_644_473_600;

// Facts about the target (section 2.2.2.1).
const END: u16 = 0;
const FLAGS_FACT: u16 = 6;
const TIMESTAMP: u16 = 7;
const TARGET_NAME: u16 = 9;
const CHANNEL_BINDINGS: u16 = 10;
/// Says that the last message bears an integrity code.
const HAS_MIC: u32 = 2;

/// For whom the login is meant, beside what the server says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meant<'a> {
    /// The proxy's name.
    pub(crate) host: &'a str,
    /// The data that bind the login to the channel to it, where it is spoken to inside TLS.
    pub(crate) binding: Option<&'a [u8]>,
}

/// The server's question (section 2.2.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    flags: u32,
    challenge: [u8; 8],
    facts: Vec<(u16, Vec<u8>)>,
}

/// The first message: what this end can do.
pub(crate) fn negotiate() -> Vec<u8> {
    let mut message = SIGNATURE.to_vec();
    message.extend(1_u32.to_le_bytes());
    message.extend(FLAGS.to_le_bytes());
    // Neither a domain nor a workstation.
    message.extend([0; 16]);
    message
}

impl Question {
    /// Reads the second message; `None` where it is none.
    pub(crate) fn read(message: &[u8]) -> Option<Self> {
        let body = message.strip_prefix(SIGNATURE)?.strip_prefix(&2_u32.to_le_bytes())?;
        // Counted behind the signature and the kind: the target's name (8 bytes), flags, challenge,
        // 8 reserved, facts.
        let flags = u32::from_le_bytes(*body.get(8..)?.first_chunk()?);
        let challenge = *body.get(12..)?.first_chunk()?;
        // Old proxies end their head here, and what stands there is their name.
        let facts = match body.get(28..36).filter(|_| flags & TARGET_INFO != 0) {
            Some(field) => read_facts(pointed_at(message, field)?)?,
            None => Vec::new(),
        };
        Some(Self { flags, challenge, facts })
    }

    /// The last message: the proof. `first` and `second` are the messages before it.
    pub(crate) fn authenticate(
        &self,
        login: &Login,
        meant: Meant<'_>,
        entropy: &Entropy,
        [first, second]: [&[u8]; 2],
    ) -> Vec<u8> {
        let (domain, user) = login.user.split_once('\\').unwrap_or(("", &login.user));
        let key = owf(user, domain, login.password.reveal());
        let stamp = self.fact(TIMESTAMP).and_then(|stamp| stamp.first_chunk::<8>().copied());
        let seconds = entropy.unix_seconds.saturating_add(EPOCH_SECONDS);
        let time = stamp.unwrap_or_else(|| seconds.saturating_mul(10_000_000).to_le_bytes());
        let own: [u8; 8] = entropy.random.first_chunk().copied().unwrap_or_default();
        let facts = self.told(meant, stamp.is_some());
        let Proof { response, session } = prove(&key, &self.challenge, &own, &time, &facts);
        // With a time from the server the older response is left empty (section 3.1.5.1.2).
        let older = match stamp {
            Some(_) => vec![0; 24],
            None => [hmac(&key, &[&self.challenge, &own]).as_slice(), &own].concat(),
        };
        let (domain, user) = (self.coded(domain), self.coded(user));
        let mut message = assemble(self.flags & FLAGS, [&older, &response, &domain, &user]);
        if stamp.is_some() {
            let code = hmac(&session, &[first, second, &message]);
            if let Some(place) = message.get_mut(MIC_AT) {
                place.copy_from_slice(&code);
            }
        }
        message
    }

    /// A name in the alphabet that the server chose.
    fn coded(&self, name: &str) -> Vec<u8> {
        if self.flags & UNICODE != 0 {
            return utf16(name);
        }
        name.chars().map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect()
    }

    fn fact(&self, kind: u16) -> Option<&[u8]> {
        self.facts.iter().find(|(known, _)| *known == kind).map(|(_, value)| value.as_slice())
    }

    /// The server's facts, with what this end adds (section 3.1.5.1.2).
    fn told(&self, meant: Meant<'_>, with_code: bool) -> Vec<u8> {
        let mut facts: Vec<(u16, Vec<u8>)> = self.facts.clone();
        if with_code {
            let flags = self.fact(FLAGS_FACT).and_then(|flags| flags.first_chunk().copied());
            let flags = u32::from_le_bytes(flags.unwrap_or_default()) | HAS_MIC;
            facts.retain(|(kind, _)| ![FLAGS_FACT, CHANNEL_BINDINGS, TARGET_NAME].contains(kind));
            facts.push((FLAGS_FACT, flags.to_le_bytes().to_vec()));
            facts.push((CHANNEL_BINDINGS, bindings(meant.binding).to_vec()));
            facts.push((TARGET_NAME, utf16(&format!("HTTP/{}", meant.host))));
        }
        let mut bytes = Vec::new();
        for (kind, value) in facts {
            bytes.extend(kind.to_le_bytes());
            bytes.extend(u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
            bytes.extend(value);
        }
        bytes.extend([0; 4]);
        bytes
    }
}

/// The bytes that a field of a message points at; the field holds length, room and offset.
fn pointed_at<'a>(message: &'a [u8], field: &[u8]) -> Option<&'a [u8]> {
    let length = u16::from_le_bytes(*field.first_chunk()?);
    let offset = usize::try_from(u32::from_le_bytes(*field.get(4..)?.first_chunk()?)).ok()?;
    message.get(offset..offset.checked_add(length.into())?)
}

fn read_facts(mut bytes: &[u8]) -> Option<Vec<(u16, Vec<u8>)>> {
    let mut facts = Vec::new();
    if bytes.len() > FACTS_BYTES_MAX {
        return None;
    }
    while !bytes.is_empty() {
        let kind = u16::from_le_bytes(*bytes.first_chunk()?);
        let length = usize::from(u16::from_le_bytes(*bytes.get(2..)?.first_chunk()?));
        if kind == END {
            break;
        }
        facts.push((kind, bytes.get(4..4 + length)?.to_vec()));
        bytes = bytes.get(4 + length..)?;
    }
    Some(facts)
}

/// `NTOWFv2` (section 3.3.2).
fn owf(user: &str, domain: &str, password: &str) -> [u8; 16] {
    let key = Zeroizing::new(<[u8; 16]>::from(Md4::digest(&*Zeroizing::new(utf16(password)))));
    let user: String = user.chars().map(capital).collect();
    hmac(&*key, &[&utf16(&user), &utf16(domain)])
}

/// Windows makes one capital of one letter: ß stays ß.
fn capital(c: char) -> char {
    let mut capitals = c.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        (Some(_) | None, _) => c,
    }
}

struct Proof {
    response: Vec<u8>,
    session: [u8; 16],
}

/// The response and the key of the session (section 3.3.2).
fn prove(key: &[u8; 16], server: &[u8; 8], own: &[u8; 8], time: &[u8; 8], facts: &[u8]) -> Proof {
    let mut blob = vec![1, 1, 0, 0, 0, 0, 0, 0];
    for part in [time.as_slice(), own, &[0; 4], facts, &[0; 4]] {
        blob.extend(part);
    }
    let proof = hmac(key, &[server, &blob]);
    Proof { response: [proof.as_slice(), &blob].concat(), session: hmac(key, &[&proof]) }
}

/// MD5 of the channel's binding as GSS-API writes it (RFC 2744, section 3.11); zeros without a
/// channel.
fn bindings(binding: Option<&[u8]>) -> [u8; 16] {
    let Some(data) = binding else { return [0; 16] };
    let mut structure = vec![0; 16];
    structure.extend(u32::try_from(data.len()).unwrap_or(0).to_le_bytes());
    structure.extend(data);
    Md5::digest(structure).into()
}

/// The last message without its integrity code: the responses, domain, user, no workstation, no
/// session key.
fn assemble(flags: u32, parts: [&[u8]; 4]) -> Vec<u8> {
    let mut message = SIGNATURE.to_vec();
    message.extend(3_u32.to_le_bytes());
    let mut offset = PAYLOAD_AT;
    let mut payload: Vec<u8> = Vec::new();
    for part in parts.into_iter().chain([&[][..], &[]]) {
        let length = u16::try_from(part.len()).unwrap_or(0);
        message.extend(length.to_le_bytes());
        message.extend(length.to_le_bytes());
        message.extend(u32::try_from(offset).unwrap_or(0).to_le_bytes());
        offset += part.len();
        payload.extend(part);
    }
    message.extend(flags.to_le_bytes());
    // No version, and the place of the integrity code.
    message.resize(PAYLOAD_AT, 0);
    message.extend(payload);
    message
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    // A key of any length is taken (RFC 2104, section 2).
    let Ok(mut mac) = <Hmac<Md5> as hmac::Mac>::new_from_slice(key) else { return [0; 16] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use convene_model::Secret;
    use proptest::prelude::*;

    use super::*;
    use crate::login::hex;

    /// MS-NLMP, section 4.2.4: NTLMv2 with the common values of section 4.2.1.
    #[test]
    fn the_documents_example_comes_out() {
        let key = owf("User", "Domain", "Password");
        assert_eq!(hex(&key), "0c868a403bfd7a93a3001ef22ef02e3f");
        let facts =
            [&[2, 0, 12, 0][..], &utf16("Domain"), &[1, 0, 12, 0], &utf16("Server"), &[0; 4]].concat();
        let server = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
        let proof = prove(&key, &server, &[0xaa; 8], &[0; 8], &facts);
        assert_eq!(hex(&proof.response[..16]), "68cd0ab851e51c96aabc927bebef6a1c");
        assert_eq!(hex(&proof.session), "8de40ccadbc14a82f15cb0ad0de95ca3");
        let older = hmac(&key, &[&server, &[0xaa; 8]]);
        assert_eq!(hex(&older), "86c35097ac9cec102554764a57cccc19");
    }

    fn question(facts: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in facts {
            body.extend(kind.to_le_bytes());
            body.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
            body.extend(*value);
        }
        body.extend([0; 4]);
        let mut message = SIGNATURE.to_vec();
        message.extend(2_u32.to_le_bytes());
        message.extend([0, 0, 0, 0, 48, 0, 0, 0]);
        message.extend(0xe289_8215_u32.to_le_bytes());
        message.extend([7; 8]);
        message.extend([0; 8]);
        let length = u16::try_from(body.len()).unwrap().to_le_bytes();
        message.extend([length, length].concat());
        message.extend(48_u32.to_le_bytes());
        message.extend(body);
        message
    }

    fn answer(second: &[u8], binding: Option<&[u8]>) -> Vec<u8> {
        let login = Login { user: "LAB\\anna".to_owned(), password: Secret::new("secret") };
        let entropy = Entropy { random: [3; 16], unix_seconds: 1_700_000_000 };
        let meant = Meant { host: "proxy.test", binding };
        Question::read(second).unwrap().authenticate(&login, meant, &entropy, [&negotiate(), second])
    }

    fn field(message: &[u8], number: usize) -> &[u8] {
        pointed_at(message, &message[12 + 8 * number..]).unwrap()
    }

    #[test]
    fn the_last_message_names_the_user_and_bears_its_code_where_the_server_told_the_time() {
        let second = question(&[(2, &utf16("LAB")), (TIMESTAMP, &[9; 8])]);
        let message = answer(&second, None);
        assert_eq!(
            (field(&message, 2), field(&message, 3)),
            (utf16("LAB").as_slice(), utf16("anna").as_slice())
        );
        assert_eq!(field(&message, 0), [0; 24]);
        let response = field(&message, 1);
        assert_eq!(&response[24..32], &[9; 8], "the server's time");
        let told = read_facts(&response[44..]).unwrap();
        let fact = |kind| told.iter().find(|(known, _)| *known == kind).map(|(_, value)| value.clone());
        assert_eq!(fact(FLAGS_FACT), Some(vec![2, 0, 0, 0]));
        assert_eq!(fact(CHANNEL_BINDINGS), Some(vec![0; 16]));
        assert_eq!(fact(TARGET_NAME), Some(utf16("HTTP/proxy.test")));
        // The code is over all three messages, its own place empty.
        let mut empty = message.clone();
        empty[MIC_AT].fill(0);
        let key = owf("anna", "LAB", "secret");
        let session = hmac(&key, &[&response[..16]]);
        assert_eq!(message[MIC_AT], hmac(&session, &[&negotiate(), &second, &empty]));
    }

    #[test]
    fn inside_tls_the_channel_is_bound() {
        let second = question(&[(TIMESTAMP, &[9; 8])]);
        let told = |binding| read_facts(&field(&answer(&second, binding), 1)[44..]).unwrap();
        let binding = told(Some(&[5; 32])).into_iter().find(|(kind, _)| *kind == CHANNEL_BINDINGS).unwrap().1;
        assert_eq!(binding, bindings(Some(&[5; 32])));
        assert_ne!(binding, [0; 16]);
    }

    #[test]
    fn without_the_servers_time_the_older_form_is_kept() {
        let message = answer(&question(&[(2, &utf16("LAB"))]), None);
        assert_eq!(message[MIC_AT], [0; 16]);
        assert_eq!(field(&message, 0)[16..], [3; 8]);
        let time = u64::from_le_bytes(field(&message, 1)[24..32].try_into().unwrap());
        assert_eq!(time / 10_000_000 - EPOCH_SECONDS, 1_700_000_000);
    }

    /// squid's `ntlm_fake_auth` and others of its age: a head of 40 bytes, the name behind it, no
    /// Unicode.
    #[test]
    fn a_message_of_the_old_form_is_answered_in_its_alphabet() {
        let mut second = SIGNATURE.to_vec();
        second.extend([2, 0, 0, 0, 9, 0, 9, 0, 40, 0, 0, 0]);
        second.extend(0x0000_8202_u32.to_le_bytes());
        second.extend([7; 8]);
        second.extend([0; 8]);
        second.extend(b"WORKGROUP");
        let message = answer(&second, None);
        assert_eq!((field(&message, 2), field(&message, 3)), (&b"LAB"[..], &b"anna"[..]));
    }

    #[test]
    fn capitals_are_those_of_windows() {
        assert_eq!("müßig".chars().map(capital).collect::<String>(), "MÜßIG");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            for message in [tail.clone(), [&SIGNATURE[..], &[2, 0, 0, 0], &tail].concat()] {
                if Question::read(&message).is_some() {
                    prop_assert!(answer(&message, None).len() < 64 * 1024);
                }
            }
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0..120_usize, byte in any::<u8>(), cut in 0..200_usize) {
            let mut message = question(&[(2, &utf16("LAB")), (TIMESTAMP, &[9; 8])]);
            let end = message.len();
            message[at.min(end - 1)] = byte;
            message.truncate(cut);
            drop(Question::read(&message));
        }
    }
}
