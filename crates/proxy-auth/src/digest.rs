//! Digest (RFC 7616, and RFC 2069 for proxies that name no quality).
//!
//! Every connection begins with a challenge of its own, whose nonce is answered once. So a nonce
//! that a proxy gives beforehand (`nextnonce`, section 3.5) is not taken: where it has run out
//! meanwhile, a proxy that does not call it `stale` would seem to reject the password.

use md5::Md5;
use sha2::{Digest as _, Sha256, Sha512_256};

use crate::challenge::Challenge;
use crate::login::{Entropy, Login, hex};

/// The method whose request is authorized.
const METHOD: &str = "CONNECT";

/// The hash algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Md5,
    Sha256,
    Sha512_256,
}

/// The spelling of the user (section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Plain,
    /// The proxy reads names in UTF-8 (`charset`).
    Utf8,
    /// The proxy wants a hash (`userhash`).
    Hidden,
}

/// A challenge that can be answered, any number of times.
#[derive(Debug, Clone)]
pub(crate) struct Digest {
    hash: Hash,
    /// Whether the key is made anew with each nonce (`-sess`).
    of_session: bool,
    /// As the proxy wrote it; absent where it named none.
    algorithm: Option<String>,
    realm: Vec<u8>,
    nonce: Vec<u8>,
    opaque: Option<Vec<u8>>,
    /// Whether answers are counted (`qop=auth`).
    counts: bool,
    user: Spelling,
    count: u32,
}

impl Digest {
    /// `None` where the challenge cannot be answered: no nonce, an unknown algorithm, or `auth-int`
    /// alone.
    pub(crate) fn new(challenge: &Challenge) -> Option<Self> {
        let algorithm = challenge.word("algorithm").map(str::to_owned);
        let named = algorithm.as_deref().unwrap_or("MD5").to_ascii_lowercase();
        let (name, of_session) =
            named.strip_suffix("-sess").map_or((named.as_str(), false), |name| (name, true));
        let hash = match name {
            "md5" => Hash::Md5,
            "sha-256" => Hash::Sha256,
            "sha-512-256" => Hash::Sha512_256,
            _ => return None,
        };
        let qop = challenge.word("qop").map(str::trim).filter(|qop| !qop.is_empty());
        let counts = qop.is_some_and(|qop| qop.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")));
        if qop.is_some() && !counts {
            return None;
        }
        let says =
            |name, word: &str| challenge.word(name).is_some_and(|said| said.eq_ignore_ascii_case(word));
        Some(Self {
            hash,
            of_session,
            algorithm,
            realm: challenge.parameter("realm").unwrap_or_default().to_vec(),
            nonce: challenge.parameter("nonce")?.to_vec(),
            opaque: challenge.parameter("opaque").map(<[u8]>::to_vec),
            counts,
            user: if says("userhash", "true") {
                Spelling::Hidden
            } else if says("charset", "utf-8") {
                Spelling::Utf8
            } else {
                Spelling::Plain
            },
            count: 0,
        })
    }

    pub(crate) fn hash(&self) -> Hash {
        self.hash
    }

    /// Whether the proxy only wants its newer nonce to be used: the password was right.
    pub(crate) fn is_stale(challenge: &Challenge) -> bool {
        challenge.word("stale").is_some_and(|word| word.eq_ignore_ascii_case("true"))
    }

    /// The next answer, for this authority (`host:port`).
    pub(crate) fn authorization(&mut self, login: &Login, authority: &str, entropy: &Entropy) -> Vec<u8> {
        self.count = self.count.saturating_add(1);
        self.answer(login, [METHOD, authority], &hex(&entropy.random))
    }

    /// The answer for a request, which is its method and what it asks for (section 3.4).
    fn answer(&self, login: &Login, request: [&str; 2], cnonce: &str) -> Vec<u8> {
        let user = login.user.as_bytes();
        let mut answer = b"Digest ".to_vec();
        match self.user {
            Spelling::Hidden => {
                quote(&mut answer, "username", self.hashed(&[user, &self.realm]).as_bytes());
            }
            Spelling::Utf8 if !login.user.is_ascii() => answer.extend(extended(user).bytes()),
            Spelling::Utf8 | Spelling::Plain => quote(&mut answer, "username", user),
        }
        for (name, value) in [
            ("realm", self.realm.as_slice()),
            ("nonce", &self.nonce),
            ("uri", request[1].as_bytes()),
            ("response", self.response(login, request, cnonce).as_bytes()),
        ] {
            answer.extend(b", ");
            quote(&mut answer, name, value);
        }
        if let Some(algorithm) = &self.algorithm {
            answer.extend(format!(", algorithm={algorithm}").bytes());
        }
        if self.counts {
            answer.extend(format!(", qop=auth, nc={:08x}", self.count).bytes());
        }
        if self.counts || self.of_session {
            answer.extend(format!(", cnonce=\"{cnonce}\"").bytes());
        }
        if let Some(opaque) = &self.opaque {
            answer.extend(b", ");
            quote(&mut answer, "opaque", opaque);
        }
        if self.user == Spelling::Hidden {
            answer.extend(b", userhash=true");
        }
        answer
    }

    /// The proof that the password is known (section 3.4.1).
    fn response(&self, login: &Login, [method, uri]: [&str; 2], cnonce: &str) -> String {
        let password = login.password.reveal().as_bytes();
        let mut key = self.hashed(&[login.user.as_bytes(), &self.realm, password]);
        if self.of_session {
            key = self.hashed(&[key.as_bytes(), &self.nonce, cnonce.as_bytes()]);
        }
        let request = self.hashed(&[method.as_bytes(), uri.as_bytes()]);
        let count = format!("{:08x}", self.count);
        let counted = [count.as_bytes(), cnonce.as_bytes(), b"auth"];
        let counted = if self.counts { counted.as_slice() } else { &[] };
        self.hashed(&[&[key.as_bytes(), &self.nonce], counted, &[request.as_bytes()]].concat())
    }

    /// The hash of the parts with colons between them, as hexadecimal digits.
    fn hashed(&self, parts: &[&[u8]]) -> String {
        let whole = parts.join(&b':');
        match self.hash {
            Hash::Md5 => hex(&Md5::digest(&whole)),
            Hash::Sha256 => hex(&Sha256::digest(&whole)),
            Hash::Sha512_256 => hex(&Sha512_256::digest(&whole)),
        }
    }
}

/// A name that needs more than ASCII (RFC 7616, section 3.4; RFC 5987, section 3.2).
fn extended(user: &[u8]) -> String {
    let coded = user.iter().map(|byte| match byte {
        plain if plain.is_ascii_alphanumeric() => char::from(*plain).to_string(),
        other => format!("%{other:02X}"),
    });
    format!("username*=UTF-8''{}", coded.collect::<String>())
}

fn quote(answer: &mut Vec<u8>, name: &str, value: &[u8]) {
    answer.extend(name.bytes());
    answer.extend(b"=\"");
    // A line's end would begin another header.
    for &byte in value.iter().filter(|byte| !b"\r\n\0".contains(byte)) {
        if b"\"\\".contains(&byte) {
            answer.push(b'\\');
        }
        answer.push(byte);
    }
    answer.push(b'"');
}

#[cfg(test)]
mod tests {
    use convene_model::Secret;

    use super::*;
    use crate::challenge::challenges;

    const ENTROPY: Entropy = Entropy { random: [0x11; 16], unix_seconds: 0 };

    fn answer(header: &str, login: &Login, times: usize) -> String {
        let challenge = challenges([header.as_bytes()]).remove(0);
        let mut digest = Digest::new(&challenge).expect("it can be answered");
        let mut last = Vec::new();
        for _ in 0..times {
            last = digest.authorization(login, "conference.test:443", &ENTROPY);
        }
        String::from_utf8(last).unwrap()
    }

    fn anna() -> Login {
        Login { user: "anna".to_owned(), password: Secret::new("secret") }
    }

    fn parameter<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
        let rest = answer.split_once(&format!("{name}=\""))?.1;
        rest.split('"').next()
    }

    /// The formulas of RFC 7616, section 3.4, written out.
    #[test]
    fn responses_are_those_of_the_standard() {
        let cnonce = "11".repeat(16);
        let md5 = |text: &str| hex(&Md5::digest(text));
        let sha = |text: &str| hex(&Sha256::digest(text));
        for (header, hash) in [
            ("Digest realm=\"lab\", nonce=\"n\", qop=\"auth\"", &md5 as &dyn Fn(&str) -> String),
            ("Digest realm=\"lab\", nonce=\"n\", qop=\"auth-int, auth\", algorithm=SHA-256", &sha),
        ] {
            let (key, request) = (hash("anna:lab:secret"), hash("CONNECT:conference.test:443"));
            let wanted = hash(&format!("{key}:n:00000002:{cnonce}:auth:{request}"));
            let answer = answer(header, &anna(), 2);
            assert_eq!(parameter(&answer, "response"), Some(wanted.as_str()), "{answer}");
            assert!(answer.contains(", nc=00000002") && answer.contains(", qop=auth,"), "{answer}");
        }
        for (algorithm, hash) in [("md5-SESS", &md5 as &dyn Fn(&str) -> String), ("SHA-256-sess", &sha)] {
            let key = hash(&format!("{}:n:{cnonce}", hash("anna:lab:secret")));
            let request = hash("CONNECT:conference.test:443");
            let wanted = hash(&format!("{key}:n:00000001:{cnonce}:auth:{request}"));
            let header =
                format!("Digest realm=lab, nonce=n, qop=auth, algorithm={algorithm}, opaque=\"o\\\"p\"");
            let session = answer(&header, &anna(), 1);
            assert_eq!(parameter(&session, "response"), Some(wanted.as_str()));
            let names = session.contains(&format!("algorithm={algorithm}"));
            assert!(names && session.contains("opaque=\"o\\\"p\""), "{session}");
        }
        let old = answer("Digest realm=lab, nonce=n", &anna(), 1);
        let wanted = md5(&format!("{}:n:{}", md5("anna:lab:secret"), md5("CONNECT:conference.test:443")));
        assert_eq!(parameter(&old, "response"), Some(wanted.as_str()));
        assert!(!old.contains("qop") && !old.contains("cnonce"), "{old}");
    }

    /// The answer of the standard's examples, which ask for something else than a proxy's.
    fn example(header: &str, login: &Login, uri: &str, cnonce: &str) -> String {
        let mut digest = Digest::new(&challenges([header.as_bytes()]).remove(0)).expect("it can be answered");
        digest.count = 1;
        String::from_utf8(digest.answer(login, ["GET", uri], cnonce)).unwrap()
    }

    /// RFC 7616, section 3.9.1.
    #[test]
    fn the_standards_examples_come_out() {
        let mufasa = Login { user: "Mufasa".to_owned(), password: Secret::new("Circle of Life") };
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let header = format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            let answer = example(&header, &mufasa, "/dir/index.html", cnonce);
            let wanted = format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
                 uri=\"/dir/index.html\", response=\"{response}\", algorithm={algorithm}, qop=auth, nc=00000001, cnonce=\"{cnonce}\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            assert_eq!(answer, wanted);
        }
    }

    /// RFC 7616, section 3.9.2, with the hashes of its erratum 4897: those that it prints are of
    /// another function.
    #[test]
    fn the_standards_example_with_a_hidden_name_comes_out() {
        let jason = Login { user: "Jäsøn Doe".to_owned(), password: Secret::new("Secret, or not?") };
        let header = |more: &str| {
            format!(
                "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
                 nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", \
                 charset=UTF-8{more}"
            )
        };
        let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
        let hidden = example(&header(", userhash=true"), &jason, "/doe.json", cnonce);
        let name = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b";
        assert_eq!(parameter(&hidden, "username"), Some(name));
        assert!(hidden.ends_with(", userhash=true"), "{hidden}");
        let named = example(&header(""), &jason, "/doe.json", cnonce);
        assert!(named.starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, "), "{named}");
        for answer in [hidden, named] {
            let response = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";
            assert_eq!(parameter(&answer, "response"), Some(response));
        }
    }

    #[test]
    fn a_user_can_be_hidden_and_nothing_breaks_out_of_a_value() {
        let hidden = answer("Digest realm=lab, nonce=n, qop=auth, userhash=true, charset=utf-8", &anna(), 1);
        assert_eq!(parameter(&hidden, "username"), Some(hex(&Md5::digest("anna:lab")).as_str()));
        assert!(hidden.ends_with("userhash=true") && !hidden.contains("anna"), "{hidden}");
        let evil = Login { user: "an\"na\r\nX: y".to_owned(), ..anna() };
        let answer = answer("Digest realm=lab, nonce=n", &evil, 1);
        assert!(answer.contains("username=\"an\\\"naX: y\"") && !answer.contains('\n'), "{answer}");
    }

    #[test]
    fn a_name_beyond_ascii_is_written_as_the_proxy_reads_it() {
        let user = Login { user: "Jäsøn Doe".to_owned(), ..anna() };
        let coded = answer("Digest realm=lab, nonce=n, qop=auth, charset=utf-8", &user, 1);
        assert!(coded.starts_with("Digest username*=UTF-8''J%C3%A4s"), "{coded}");
        let plain = answer("Digest realm=lab, nonce=n, qop=auth", &user, 1);
        assert!(plain.starts_with("Digest username=\"Jäsøn Doe\", "), "{plain}");
    }

    #[test]
    fn what_cannot_be_answered_is_known_beforehand() {
        for header in [
            "Digest realm=lab",
            "Digest realm=lab, nonce=n, algorithm=SHA-512",
            "Digest realm=lab, nonce=n, qop=auth-int",
        ] {
            assert!(Digest::new(&challenges([header.as_bytes()]).remove(0)).is_none(), "{header}");
        }
        let lenient = "digest REALM=lab, NONCE=n, QOP=\"\", algorithm=\"MD5\"";
        assert!(Digest::new(&challenges([lenient.as_bytes()]).remove(0)).is_some());
    }
}
