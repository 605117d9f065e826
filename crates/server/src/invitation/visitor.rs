//! The person before the browser, as far as a request tells.

use convene_wording::Language;

/// The person before the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// The language that they read.
    pub(crate) language: Language,
    pub(super) device: Device,
}

/// The machine on which the browser runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    /// A computer with Linux.
    Linux,
    /// A computer with Windows.
    Windows,
    /// One for which there is no Convene: a phone, a tablet, a Mac.
    Foreign,
    /// It does not say what it is.
    Unknown,
}

impl Visitor {
    /// By the query of the address, where a person chose a language, and by the headers
    /// `Accept-Language` and `User-Agent`.
    pub(crate) fn new(query: Option<&str>, accepted: Option<&str>, agent: Option<&str>) -> Self {
        let chosen = query.and_then(chosen);
        let language = chosen.unwrap_or_else(|| preferred(accepted.unwrap_or_default()));
        Self { language, device: Device::of(agent.unwrap_or_default()) }
    }
}

impl Device {
    /// An iPad calls itself a Macintosh, and Android names Linux.
    fn of(agent: &str) -> Self {
        let names = |words: &[&str]| words.iter().any(|word| agent.contains(word));
        if names(&["Android", "iPhone", "iPad", "iPod", "Mobile", "Macintosh"]) {
            Self::Foreign
        } else if names(&["Windows"]) {
            Self::Windows
        } else if names(&["Linux"]) {
            Self::Linux
        } else {
            Self::Unknown
        }
    }
}

fn chosen(query: &str) -> Option<Language> {
    query.split('&').find_map(|field| language(field.strip_prefix("lang=")?))
}

/// The language of ours that has the greatest weight (RFC 9110, section 12.5.4), the first among
/// equals; English where there is none.
fn preferred(accepted: &str) -> Language {
    let mut best = (0.0, Language::En);
    for range in accepted.split(',') {
        let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight.trim().strip_prefix("q=");
        let weight = weight.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0));
        if let Some(language) = language(tag.trim())
            && weight > best.0
        {
            best = (weight, language);
        }
    }
    best.1
}

/// German or English, in whichever country.
fn language(tag: &str) -> Option<Language> {
    let primary = tag.split('-').next().unwrap_or_default();
    [Language::De, Language::En].into_iter().find(|known| primary.eq_ignore_ascii_case(known.tag()))
}
