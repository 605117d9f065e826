use std::sync::LazyLock;

use convene_model::{Attempt, Code, Evidence, Fingerprint, PortRange, Remedy, Stage};
use fluent_bundle::FluentResource;
use jiff::tz::{TimeZone, offset};

use crate::{Language, LetterFacts, Wording};

#[test]
fn the_sentences_of_both_languages_can_be_read() {
    for language in [Language::De, Language::En] {
        assert!(FluentResource::try_new(language.texts().to_owned()).is_ok(), "{language:?}");
    }
}

fn blocked() -> Attempt {
    Attempt {
        stage: Stage::Tcp,
        target: "conference.example.org:443\u{1b}[31m".to_owned(),
        code: Code::TimedOut,
        ms: 10_000,
        remedy: Remedy::AllowServer,
        evidence: Some(Evidence {
            name: Some("Box\u{1b}[2J".to_owned()),
            fingerprint: Some(Fingerprint([0; 32])),
            page: Some("http://login.test/\u{1b}".to_owned()),
            ..Evidence::default()
        }),
    }
}

#[test]
fn an_attempt_says_what_failed_and_what_to_do_and_is_inert() {
    for language in [Language::De, Language::En] {
        let text = Wording::new(language).attempt(&blocked());
        assert!(text.contains("conference.example.org:443 [31m"), "{text}");
        assert!(text.contains("Box [2J"), "the box is named: {text}");
        assert!(text.contains(&Fingerprint([0; 32]).to_string()), "its key is shown: {text}");
        assert!(text.contains("http://login.test/ "), "its page is shown: {text}");
        let inspected = Wording::new(language).inspected("CN=Box\u{1b}");
        assert!(inspected.contains("CN=Box "), "{inspected}");
        assert!(
            text.contains("timed_out") && !text.contains('\u{1b}') && !text.contains('\u{2068}'),
            "{text}"
        );
    }
}

#[test]
fn only_a_connection_that_nobody_answers_may_be_held_by_a_firewall_that_asks() {
    for (language, hint) in [(Language::En, "answer Yes"), (Language::De, "antworten Sie mit Ja")] {
        let told = |attempt| Wording::new(language).attempt(&attempt);
        assert!(told(blocked()).contains(hint), "{}", told(blocked()));
        assert!(!told(Attempt { code: Code::Refused, ..blocked() }).contains(hint));
        assert!(!told(Attempt { stage: Stage::Tls, ..blocked() }).contains(hint));
        assert!(!told(Attempt { remedy: Remedy::CheckProxy, ..blocked() }).contains(hint));
    }
}

static CENTRAL_EUROPE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::fixed(offset(1)));

fn facts(attempts: &[Attempt]) -> LetterFacts<'_> {
    LetterFacts {
        server: "conference.example.org",
        ports: PortRange::DEFAULT,
        https_port: 443,
        attempts,
        at: "2026-12-01T08:00:11Z",
        zone: &CENTRAL_EUROPE,
        machine: "office-7",
        version: "0.1.0",
        contact: Some("it@example.org"),
    }
}

#[test]
fn the_letter_can_be_sent_as_it_is() {
    for (language, words) in [
        (
            Language::En,
            ["To: it@", "Subject: Access to", "Dear administrators", "nothing answered", "Kind regards"],
        ),
        (Language::De, ["An: it@", "Betreff: Zugang", "Sehr geehrte", "10000 ms", "Mit freundlichen"]),
    ] {
        let at = |port: u16| Attempt { target: format!("conference.example.org:{port}"), ..blocked() };
        let attempts = [at(4500), at(4501), at(443)];
        let facts = facts(&attempts);
        let letter = Wording::new(language).letter(&facts).unwrap();
        let request = Wording::new(language).request(facts.server, facts.ports, facts.https_port);
        assert!(request.contains("CONNECT") && letter.contains(&request), "{letter}");
        let all = [
            "4500-4506",
            "2026-12-01 09:00:",
            "office-7",
            "Convene 0.1.0",
            "org:443, 4500-4501:",
            "10000 ms",
        ];
        for fact in words.into_iter().chain(all) {
            assert!(letter.contains(fact), "{fact} is missing in:\n{letter}");
        }
        assert!(!letter.contains("timed_out") && !letter.contains('\u{1b}'), "{letter}");
        assert_eq!(letter.matches("10000 ms").count(), 1, "one line for all ports: {letter}");
    }
}

#[test]
fn a_letter_asks_for_what_an_administrator_can_change_and_is_written_to_nobody_else() {
    for (code, remedy, words) in [
        (Code::VersionUnsupported, Remedy::UpdateProgram, Some("Please update Convene on this machine")),
        (Code::CertificateUntrusted, Remedy::AddInspectionCertificate, Some("the inspecting certificate")),
        (Code::VersionUnsupported, Remedy::UpdateServer, None),
        (Code::FingerprintMismatch, Remedy::AskForNewLink, None),
        (Code::Refused, Remedy::AskOperator, None),
        (Code::CaptivePortal, Remedy::LogInToNetwork, None),
    ] {
        let attempts = [blocked(), Attempt { stage: Stage::Tls, code, remedy, ..blocked() }];
        let letter = Wording::new(Language::En).letter(&facts(&attempts));
        assert_eq!(letter.is_some(), words.is_some(), "{code} {remedy}: {letter:?}");
        if let (Some(letter), Some(words)) = (letter, words) {
            assert!(letter.contains(words) && !letter.contains("CONNECT"), "{letter}");
        }
    }
    assert_eq!(Wording::new(Language::En).letter(&facts(&[])), None);
}

#[test]
fn a_word_of_a_later_version_stays_as_it_is() {
    assert_eq!(Wording::new(Language::De).word("quite_new"), "quite_new");
}

#[test]
fn what_turns_the_direction_of_text_is_taken_out() {
    assert_eq!(Wording::new(Language::En).word("a\u{202e}b\u{2066}c\u{1b}d"), "a b c d");
}

#[test]
fn a_moment_names_its_month() {
    let moment = |language, month: &str| {
        let fields = [("day", "1"), ("count", month), ("year", "2026"), ("time", "08:00")];
        Wording::new(language).about("invitation-moment", &fields)
    };
    assert_eq!(moment(Language::De, "3"), "1. März 2026, 08:00 Uhr (UTC)");
    assert_eq!(moment(Language::De, "12"), "1. Dezember 2026, 08:00 Uhr (UTC)");
    assert_eq!(moment(Language::En, "1"), "1 January 2026, 08:00 (UTC)");
    assert_eq!(moment(Language::En, "10"), "1 October 2026, 08:00 (UTC)");
}

#[test]
fn german_locales_are_german() {
    for german in ["de", "de_AT.UTF-8", "de-CH", "DE_de@euro"] {
        assert_eq!(Language::from_locale(german), Language::De, "{german}");
    }
    for other in ["C", "", "en_US.UTF-8", "den_CA"] {
        assert_eq!(Language::from_locale(other), Language::En, "{other}");
    }
}
