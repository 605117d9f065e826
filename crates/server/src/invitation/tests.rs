use convene_wording::Language;

use super::visitor::Device;
use super::*;

const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const WINDOWS: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";
const CODE: JoinCode = JoinCode([7; 16]);

fn site(install: &str) -> Site {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text =
        format!("name = \"conference.example.org\"\nlisten = [\"0.0.0.0:8443\"]\n[install]\n{install}");
    std::fs::write(file.path(), text).unwrap();
    Site::of(&Config::load(&crate::config::ConfigPath::Named(file.path().to_owned())).unwrap())
}

fn about() -> Invited {
    Invited {
        title: "Our next year".to_owned(),
        theme: "What do we want to begin?\nAnd what to end?".to_owned(),
        hosts: "The staff council".to_owned(),
        start: Some("2026-12-01T09:00:00+01:00".parse().unwrap()),
        is_over: false,
    }
}

fn visitor(language: &str, agent: &str) -> Visitor {
    Visitor::new(None, Some(language), Some(agent))
}

fn shown(invited: &Invited, install: &str, visitor: Visitor) -> String {
    invitation(invited, CODE, &site(install), visitor)
}

#[track_caller]
fn assert_holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part:?} is missing in {page}");
    }
}

#[test]
fn an_invitation_says_what_when_and_by_whom_in_the_visitors_language() {
    let german = shown(&about(), "", visitor("de", LINUX));
    let english = shown(&about(), "", visitor("en", LINUX));
    for page in [&german, &english] {
        assert_holds(
            page,
            &[
                "<h1><bdi>Our next year</bdi></h1>",
                "<bdi>What do we want to begin?</bdi><br>\n<bdi>And what to end?</bdi>",
                "<dd><bdi>The staff council</bdi></dd>",
                "<time datetime=\"2026-12-01T08:00:00.000Z\">",
                "<code id=\"command\">convene join</code>",
            ],
        );
        assert_eq!(page.matches("<h1").count(), 1);
        assert_eq!([page.matches("<main>").count(), page.matches("<header>").count()], [1, 1]);
    }
    assert_holds(
        &german,
        &[
            "<html lang=\"de\">",
            "<title>Einladung: Our next year</title>",
            "1. Dezember 2026, 08:00 Uhr (UTC)",
            "<a id=\"language\" href=\"?lang=en\" hreflang=\"en\" lang=\"en\">English</a>",
            "In Convene öffnen",
            "<code>convene check</code>",
        ],
    );
    assert_holds(
        &english,
        &[
            "<html lang=\"en\">",
            "1 December 2026, 08:00 (UTC)",
            "<a id=\"language\" href=\"?lang=de\" hreflang=\"de\" lang=\"de\">Deutsch</a>",
            "Open in Convene",
        ],
    );
}

#[test]
fn no_text_of_others_is_markup_or_turns_the_page_around() {
    let evil = "</h1><script>alert(1)</script>\" onload='a' & \u{202e}\u{2066}abc\u{1b}[31m";
    let invited = Invited { title: evil.into(), theme: evil.into(), hosts: evil.into(), ..about() };
    for visitor in [visitor("de", LINUX), visitor("en", "")] {
        let page = shown(&invited, "", visitor);
        let inert =
            "&lt;/h1&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;a&#39; &amp;   abc [31m";
        assert_eq!(page.matches(&format!("<bdi>{inert}</bdi>")).count(), 3, "{page}");
        assert_eq!(page.matches(inert).count(), 4, "in the title of the window, too");
        assert_eq!(page.matches("<script").count(), 1);
        assert!(page.contains("<script src=\"/invitation.js\" defer></script>"));
        assert!(!page.contains(['\u{202e}', '\u{2066}', '\u{1b}']), "{page}");
    }
}

#[test]
fn nothing_on_a_page_needs_more_than_files_of_its_own_server() {
    let page = shown(&about(), "linux = \"https://a\"", visitor("en", LINUX));
    for forbidden in [" style=", "<style", " onclick", " onload", "javascript:", "<img", "<form"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(!SCRIPT.contains("eval") && !SCRIPT.contains("innerHTML") && !SCRIPT.contains("fetch"));
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
}

#[test]
fn the_link_of_a_page_is_what_a_server_knows_of_it_and_says_so() {
    let page = shown(&about(), "", visitor("en", LINUX));
    let link = format!("value=\"https://conference.example.org:8443/j/{CODE}\"");
    assert_holds(&page, &[&link, "<p data-unscripted>Without JavaScript this page does not know the part"]);
    assert!(!page.contains("convene:"), "the script makes the link that opens Convene");
    assert!(SCRIPT.contains("open.href = `convene:${link}`"));
    for id in ["open-link", "whole-link", "language", "status"] {
        assert!(SCRIPT.contains(&format!("element(\"{id}\")")), "{id}");
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

#[test]
fn the_programs_of_ones_own_system_come_first_and_without_any_one_is_told_whom_to_ask() {
    let both = "linux = \"https://a.example/?a&b\"\nwindows = \"https://b.example/c.msi\"";
    let place = |page: &str, part: &str| page.find(part).unwrap_or_else(|| panic!("{part} in {page}"));
    let page = shown(&about(), both, visitor("en", WINDOWS));
    assert!(place(&page, "https://b.example/c.msi") < place(&page, "https://a.example/?a&amp;b"));
    let page = shown(&about(), both, visitor("en", LINUX));
    assert!(place(&page, "https://a.example") < place(&page, "https://b.example"));
    assert!(!page.contains("Ask your IT department"));
    let page = shown(&about(), "windows = \"https://b.example\"", visitor("en", LINUX));
    assert!(place(&page, "Ask your IT department") < place(&page, "https://b.example"));
    assert_holds(&shown(&about(), "", visitor("de", "")), &["Fragen Sie Ihre IT-Abteilung"]);
}

#[test]
fn who_cannot_take_part_on_this_device_is_told_where() {
    for (agent, device) in [
        (LINUX, Device::Linux),
        (WINDOWS, Device::Windows),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", Device::Foreign),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Safari/537.36", Device::Foreign),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Mobile/15E148",
            Device::Foreign,
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15", Device::Foreign),
        ("curl/8.5", Device::Unknown),
        ("", Device::Unknown),
    ] {
        let visitor = visitor("en", agent);
        assert_eq!(visitor.device, device, "{agent}");
        let page = shown(&about(), "", visitor);
        let is_foreign = device == Device::Foreign;
        assert_eq!(page.contains("Convene runs on computers with Linux or Windows"), is_foreign, "{agent}");
        assert_eq!(page.contains("Open in Convene"), !is_foreign, "{agent}");
        assert!(page.contains("Join link"), "it can be sent to another device: {agent}");
    }
}

#[test]
fn a_conference_that_is_over_invites_nobody() {
    let page = shown(&Invited { is_over: true, ..about() }, "", visitor("en", LINUX));
    assert!(page.contains("This conference is over") && !page.contains("Open in Convene"), "{page}");
    let open = Invited { start: None, theme: String::new(), hosts: String::new(), ..about() };
    let page = shown(&open, "", visitor("en", LINUX));
    assert!(page.contains("open already") && !page.contains("<time") && !page.contains("Invited by"));
    let page = shown(&Invited { is_over: true, ..open }, "", visitor("en", LINUX));
    assert!(!page.contains("open already") && !page.contains("<dl>"), "{page}");
}

#[test]
fn a_language_is_chosen_or_the_one_that_is_preferred() {
    for (accepted, language) in [
        ("de", Language::De),
        ("DE-at", Language::De),
        ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", Language::De),
        ("fr-FR, en;q=0.5, de;q=0.7", Language::De),
        ("en-GB,de;q=0.9", Language::En),
        ("de;q=0, fr", Language::En),
        ("de;q=x", Language::En),
        ("den", Language::En),
        ("*", Language::En),
        ("", Language::En),
    ] {
        assert_eq!(visitor(accepted, "").language, language, "{accepted}");
        for (query, chosen) in [("lang=de", Language::De), ("a=b&lang=en", Language::En)] {
            assert_eq!(Visitor::new(Some(query), Some(accepted), None).language, chosen, "{query}");
        }
        assert_eq!(Visitor::new(Some("lang=fr"), Some(accepted), None).language, language);
    }
}

#[test]
fn pages_without_a_conference_say_what_to_do() {
    assert_holds(
        &unknown(Language::De),
        &["<h1>Dieser Link führt zu keiner Konferenz</h1>", "<html lang=\"de\">"],
    );
    assert_holds(&unknown(Language::En), &["<title>This link leads to no conference</title>"]);
    assert_holds(&nothing(Language::En), &["<h1>This is a conference server</h1>", "join link"]);
}
