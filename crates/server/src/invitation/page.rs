//! The pages as HTML. Every text is escaped where it is put in, also those of ours.

use std::sync::LazyLock;

use convene_model::{JoinCode, Timestamp, inert};
use convene_wording::{Language, Wording};

use super::visitor::{Device, Visitor};
use super::{Invited, SCRIPT_PATH, STYLE_PATH, Site};
use crate::config::Install;

/// The command with which people join. It asks for the link: nothing secret belongs into an
/// argument list.
const COMMAND: &str = "convene join";

/// The page of a join link, whose code opens this conference.
pub(crate) fn invitation(invited: &Invited, code: JoinCode, site: &Site, visitor: Visitor) -> String {
    let words = Words::of(visitor.language);
    let link = site.link(code);
    let rest = if invited.is_over {
        words.notice("invitation-over")
    } else if visitor.device == Device::Foreign {
        words.notice("invitation-machines") + &words.link(&link)
    } else {
        let install = words.install(&site.install, visitor.device);
        [words.open(), install, words.link(&link), words.terminal(), words.check()].concat()
    };
    let window = words.wording.about("invitation-window", &[("title", &invited.title)]);
    words.document(&window, &(words.about(invited) + &rest))
}

/// The page of a link whose code opens nothing.
pub(crate) fn unknown(language: Language) -> String {
    Words::of(language).short("invitation-unknown", "invitation-unknown_how")
}

/// The page of an address without a code.
pub(crate) fn nothing(language: Language) -> String {
    Words::of(language).short("invitation-none", "invitation-none_how")
}

/// The sentences of one language, and pages of them.
struct Words {
    language: Language,
    wording: Wording,
}

/// Read once: to read the sentences takes longer than to make a page of them, and strangers ask for
/// pages.
static WORDS: LazyLock<[Words; 2]> = LazyLock::new(|| {
    [Language::De, Language::En].map(|language| Words { language, wording: Wording::new(language) })
});

impl Words {
    fn of(language: Language) -> &'static Self {
        let [german, english] = &*WORDS;
        match language {
            Language::De => german,
            Language::En => english,
        }
    }

    /// A sentence of ours.
    fn told(&self, key: &str) -> String {
        self.wording.about(key, &[])
    }

    /// A sentence of ours, as HTML.
    fn say(&self, key: &str) -> String {
        prose(&self.told(key))
    }

    /// A page that says one thing.
    fn short(&self, title: &str, how: &str) -> String {
        let main = format!("<h1>{}</h1>\n<p>{}</p>\n", self.say(title), self.say(how));
        self.document(&self.told(title), &main)
    }

    fn document(&self, window: &str, main: &str) -> String {
        let other = match self.language {
            Language::De => Language::En,
            Language::En => Language::De,
        };
        let (tag, other) = (self.language.tag(), other.tag());
        let (window, languages) = (escaped(window), escaped(&self.told("invitation-languages")));
        let label = self.say("invitation-other_language");
        format!(
            r#"<!doctype html>
<html lang="{tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{window}</title>
<link rel="stylesheet" href="{STYLE_PATH}">
<script src="{SCRIPT_PATH}" defer></script>
</head>
<body>
<header>
<p>Convene</p>
<nav aria-label="{languages}"><a id="language" href="?lang={other}" hreflang="{other}" lang="{other}">{label}</a></nav>
</header>
<main>
{main}<p id="status" role="status"></p>
</main>
</body>
</html>
"#
        )
    }

    /// What the conference is, and when, and who invites.
    fn about(&self, invited: &Invited) -> String {
        let (kind, title) = (self.say("invitation-kind"), isolated(&invited.title));
        let theme: Vec<String> = invited.theme.lines().map(isolated).collect();
        let theme = match theme.join("<br>\n") {
            theme if theme.is_empty() => theme,
            theme => format!("<p class=\"theme\">{theme}</p>\n"),
        };
        let begins = match invited.start {
            Some(start) => self.fact("invitation-begins", &self.moment(start)),
            None if invited.is_over => String::new(),
            None => self.fact("invitation-begins", &self.say("invitation-begun")),
        };
        let by = match invited.hosts.as_str() {
            "" => String::new(),
            hosts => self.fact("invitation-by", &isolated(hosts)),
        };
        let facts = match begins + &by {
            facts if facts.is_empty() => facts,
            facts => format!("<dl>\n{facts}</dl>\n"),
        };
        format!("<p class=\"kind\">{kind}</p>\n<h1>{title}</h1>\n{theme}{facts}")
    }

    fn fact(&self, key: &str, what: &str) -> String {
        format!("<div><dt>{}</dt><dd>{what}</dd></div>\n", self.say(key))
    }

    /// In UTC, which the script replaces by the visitor's own time.
    fn moment(&self, start: Timestamp) -> String {
        let written = start.to_string();
        let (date, time) = written.split_once('T').unwrap_or((written.as_str(), ""));
        let mut parts = date.split('-').map(|part| part.trim_start_matches('0'));
        let [year, month, day] = [(); 3].map(|()| parts.next().unwrap_or_default());
        let time = time.get(..5).unwrap_or_default();
        let fields = [("day", day), ("count", month), ("year", year), ("time", time)];
        let told = escaped(&self.wording.about("invitation-moment", &fields));
        format!("<time datetime=\"{written}\">{told}</time>")
    }

    fn notice(&self, key: &str) -> String {
        format!("<p class=\"notice\">{}</p>\n", self.say(key))
    }

    fn section(&self, id: &str, key: &str, inner: &str) -> String {
        let title = self.say(key);
        format!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n{inner}</section>\n")
    }

    /// Only the script can make the address that opens Convene.
    fn open(&self) -> String {
        let (open, how, without) = (
            self.say("invitation-open"),
            self.say("invitation-open_how"),
            self.say("invitation-open_unscripted"),
        );
        let inner = format!(
            "<div data-scripted hidden>\n<p><a class=\"button\" id=\"open-link\">{open}</a></p>\n<p>{how}</p>\n</div>\n\
             <p data-unscripted>{without}</p>\n"
        );
        self.section("take_part", "invitation-take_part", &inner)
    }

    fn install(&self, install: &Install, device: Device) -> String {
        let linux = self.offer(install.linux.as_deref(), "invitation-install_linux");
        let windows = self.offer(install.windows.as_deref(), "invitation-install_windows");
        let (own, other) = match device {
            Device::Windows => (windows, linux),
            Device::Linux | Device::Foreign | Device::Unknown => (linux, windows),
        };
        let lacks_own = own.is_empty() && (device != Device::Unknown || other.is_empty());
        let ask = if lacks_own {
            format!("<p>{}</p>\n", self.say("invitation-install_ask"))
        } else {
            String::new()
        };
        self.section("install", "invitation-install", &[own, ask, other].concat())
    }

    /// The way to a program, where the configuration names one.
    fn offer(&self, address: Option<&str>, key: &str) -> String {
        address.map_or_else(String::new, |address| {
            format!("<p><a href=\"{}\" rel=\"noreferrer\">{}</a></p>\n", escaped(address), self.say(key))
        })
    }

    fn link(&self, link: &str) -> String {
        let (link, copy) = (escaped(link), self.copy("whole-link", "invitation-copy_link"));
        let (without, care) = (self.say("invitation-link_unscripted"), self.say("invitation-link_care"));
        let inner = format!(
            "<p class=\"copied\"><input id=\"whole-link\" type=\"text\" readonly spellcheck=\"false\" aria-labelledby=\"link\" \
             value=\"{link}\">{copy}</p>\n<p data-unscripted>{without}</p>\n<p>{care}</p>\n"
        );
        self.section("link", "invitation-link", &inner)
    }

    fn terminal(&self) -> String {
        let (copy, how) =
            (self.copy("command", "invitation-copy_command"), self.say("invitation-terminal_how"));
        let inner =
            format!("<p class=\"copied\"><code id=\"command\">{COMMAND}</code>{copy}</p>\n<p>{how}</p>\n");
        self.section("terminal", "invitation-terminal", &inner)
    }

    fn check(&self) -> String {
        self.section("check", "invitation-check", &format!("<p>{}</p>\n", self.say("invitation-check_how")))
    }

    /// A button that copies what the element with this id holds.
    fn copy(&self, id: &str, key: &str) -> String {
        let (copied, copy) = (escaped(&self.told("invitation-copied")), self.say(key));
        format!(
            "\n<button type=\"button\" data-scripted hidden data-copies=\"{id}\" data-copied=\"{copied}\">{copy}</button>"
        )
    }
}

/// A text from elsewhere, which turns no other text around.
fn isolated(foreign: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(foreign))
}

/// A sentence of ours: what somebody types stands between two `.
fn prose(sentence: &str) -> String {
    let parts = sentence.split('`').zip([false, true].into_iter().cycle());
    let parts = parts.map(|(part, is_typed)| {
        let part = escaped(part);
        if is_typed { format!("<code>{part}</code>") } else { part }
    });
    parts.collect()
}

/// A text that is inert in HTML, within elements and within quoted attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in inert(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
