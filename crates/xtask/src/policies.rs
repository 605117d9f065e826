//! The daemon's settings as one list, and what is made of it: policy templates for Windows, the
//! example of a policy on Linux, the table in the administrators' document, which takes what a
//! network must allow from the letter of `convene check`.

mod document;
mod linux;
mod windows;

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::tree::Source;
use crate::workspace;

/// The list.
pub(crate) const LIST: &str = "packaging/policies/settings.toml";
/// Where what is made for packages lies; the list lies there too.
const FOLDER: &str = "packaging/policies";
/// The document that holds the table.
const DOCUMENT: &str = "docs/ADMIN.md";

/// All settings, in the order in which they are shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    #[serde(rename = "section")]
    pub(crate) sections: Vec<Section>,
}

/// A section of the configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    pub(crate) key: String,
    /// Whether a file may hold several: `[[server]]`.
    #[serde(default)]
    pub(crate) repeated: bool,
    #[serde(rename = "setting")]
    pub(crate) settings: Vec<Setting>,
    en: Text,
    de: Text,
}

/// One setting.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    pub(crate) key: String,
    kind: Kind,
    #[serde(default)]
    required: bool,
    values: Option<String>,
    default: String,
    /// The value's name in the registry.
    pub(crate) registry: String,
    /// The property of the MSI that sets it.
    pub(crate) property: Option<String>,
    example: String,
    en: Text,
    de: Text,
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Text,
    List,
    Number,
    Switch,
    Choice,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    value: String,
    en: String,
    de: String,
}

/// A name and an explanation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    name: String,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    English,
    German,
}

impl Section {
    /// As it stands in a file.
    fn heading(&self) -> String {
        if self.repeated { format!("[[{}]]", self.key) } else { format!("[{}]", self.key) }
    }

    fn says(&self, language: Language) -> &Text {
        match language {
            Language::English => &self.en,
            Language::German => &self.de,
        }
    }
}

impl Setting {
    fn says(&self, language: Language) -> &Text {
        match language {
            Language::English => &self.en,
            Language::German => &self.de,
        }
    }

    /// The allowed values, for a person.
    fn allowed(&self) -> String {
        match self.kind {
            Kind::Switch => "true or false".to_owned(),
            Kind::Choice => {
                let values: Vec<&str> = self.choices.iter().map(|choice| choice.value.as_str()).collect();
                values.join(", ")
            }
            Kind::Text | Kind::List | Kind::Number => self.values.clone().unwrap_or_default(),
        }
    }
}

impl Choice {
    fn says(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::German => &self.de,
        }
    }
}

/// Reads the list's text.
pub(crate) fn parse(list: &str) -> Result<Settings> {
    toml::from_str(list).with_context(|| LIST.to_owned())
}

/// Whatever is made of the list and does not stand in the tree as it should.
pub(crate) fn stale(sources: &[Source]) -> Result<Vec<Source>> {
    let text = |path: &str| sources.iter().find(|source| source.path == path).map(|source| &source.text);
    let settings = parse(text(LIST).with_context(|| format!("{LIST} is missing"))?)?;
    let document = text(DOCUMENT).with_context(|| format!("{DOCUMENT} is missing"))?;
    let file = |name: &str, text: String| Source { path: format!("{FOLDER}/{name}"), text };
    let made = [
        file("Convene.admx", windows::template(&settings)),
        file("en-US/Convene.adml", windows::texts(&settings, Language::English)),
        file("de-DE/Convene.adml", windows::texts(&settings, Language::German)),
        file("policy.toml", linux::example(&settings)),
        Source { path: DOCUMENT.to_owned(), text: document::put(document, &settings)? },
    ];
    Ok(made.into_iter().filter(|made| text(&made.path) != Some(&made.text)).collect())
}

/// `cargo xtask policies`: makes anew whatever comes from the list.
pub(crate) fn write() -> Result<()> {
    let root = workspace::root();
    for made in stale(&crate::tree::read(&root)?)? {
        let path = root.join(&made.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, &made.text)?;
        println!("{}: made from {LIST}", made.path);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list of the tree.
    pub(super) fn list() -> Settings {
        parse(&fs::read_to_string(workspace::root().join(LIST)).unwrap()).unwrap()
    }

    #[test]
    fn what_was_changed_by_hand_is_stale_until_it_is_made_anew() {
        let mut sources = crate::tree::read(&workspace::root()).unwrap();
        let example =
            sources.iter_mut().find(|source| source.path.ends_with("policies/policy.toml")).unwrap();
        example.text.push_str("# by hand\n");
        sources.retain(|source| !source.path.ends_with("Convene.admx"));
        let stale = stale(&sources).unwrap();
        let paths: Vec<&str> = stale.iter().map(|made| made.path.as_str()).collect();
        assert_eq!(paths, ["packaging/policies/Convene.admx", "packaging/policies/policy.toml"]);
    }

    #[test]
    fn each_setting_has_a_value_of_its_own_in_the_registry_and_of_the_msi() {
        let list = list();
        let settings: Vec<&Setting> = list.sections.iter().flat_map(|section| &section.settings).collect();
        let is_once =
            |names: Vec<&str>| names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len();
        assert!(is_once(settings.iter().map(|setting| setting.registry.as_str()).collect()));
        assert!(is_once(settings.iter().filter_map(|setting| setting.property.as_deref()).collect()));
        for setting in settings {
            assert_eq!(setting.kind == Kind::Choice, !setting.choices.is_empty(), "{}", setting.key);
            assert!(!setting.allowed().is_empty(), "{}", setting.key);
        }
    }
}
