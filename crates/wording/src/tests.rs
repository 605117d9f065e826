use convene_model::{Attempt, Code, Evidence, Fingerprint, PortRange, Remedy, Stage};
use fluent_bundle::FluentResource;

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

#[test]
fn the_letter_names_server_ports_and_what_was_seen() {
    for language in [Language::De, Language::En] {
        let attempts = [blocked()];
        let facts = LetterFacts {
            server: "conference.example.org",
            ports: PortRange::DEFAULT,
            https_port: 443,
            attempts: &attempts,
        };
        let letter = Wording::new(language).letter(&facts);
        let request = Wording::new(language).request(facts.server, facts.ports, facts.https_port);
        assert!(request.contains("CONNECT") && letter.contains(&request), "{letter}");
        for fact in ["conference.example.org", "4500-4506", "443", "tcp/timed_out", "10000 ms"] {
            assert!(letter.contains(fact), "{fact} is missing in:\n{letter}");
        }
    }
}

#[test]
fn the_letter_says_which_side_is_to_be_updated_where_the_network_is_not_to_blame() {
    for (remedy, english, german) in [
        (Remedy::UpdateProgram, "Please update Convene on this machine", "aktualisieren Sie Convene"),
        (Remedy::UpdateServer, "The server has to be updated", "Aktualisieren muss den Server"),
    ] {
        let refused = Attempt { stage: Stage::Hello, code: Code::VersionUnsupported, remedy, ..blocked() };
        let attempts = [blocked(), refused];
        let server = "conference.example.org";
        let facts = LetterFacts { server, ports: PortRange::DEFAULT, https_port: 443, attempts: &attempts };
        for (language, words) in [(Language::En, english), (Language::De, german)] {
            let letter = Wording::new(language).letter(&facts);
            for fact in [words, "conference.example.org", "hello/version_unsupported", "tcp/timed_out"] {
                assert!(letter.contains(fact), "{fact} is missing in:\n{letter}");
            }
            assert!(!letter.contains("CONNECT"), "{letter}");
        }
    }
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
