//! The parts that the administrators' document takes from elsewhere: the table of the settings, and
//! what a network must allow.

use anyhow::Result;
use convene_model::PortRange;
use convene_wording::Wording;

use super::{Language, Settings};
use crate::made_part;

/// The command that makes these parts.
const COMMAND: &str = "cargo xtask policies";

/// The server of the example, and where it listens for TLS as browsers expect it.
const SERVER: (&str, u16) = ("conference.example.org", 443);

/// The document with all that as it must be.
pub(super) fn put(document: &str, settings: &Settings) -> Result<String> {
    let document = made_part::replace(document, "settings", COMMAND, &table(settings))?;
    made_part::replace(&document, "request", COMMAND, &request())
}

/// As the letter of `convene check --letter` asks for it.
fn request() -> String {
    let (server, https_port) = SERVER;
    let text = |language| {
        let text = Wording::new(language).request(server, PortRange::DEFAULT, https_port);
        format!("```text\n{text}```\n")
    };
    format!("{}\n{}", text(convene_wording::Language::En), text(convene_wording::Language::De))
}

fn table(settings: &Settings) -> String {
    let mut text =
        String::from("| | allowed | default | what it does | registry | MSI |\n|---|---|---|---|---|---|\n");
    for section in &settings.sections {
        text.push_str(&format!("| **`{}`** | | | {} | | |\n", section.heading(), section.en.text));
        for setting in &section.settings {
            let code = |text: &str| format!("`{text}`");
            let cells = [
                code(&setting.key),
                setting.allowed(),
                setting.default.clone(),
                setting.says(Language::English).text.clone(),
                code(&setting.registry),
                setting.property.as_deref().map(code).unwrap_or_default(),
            ];
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::list;
    use super::*;

    #[test]
    fn what_is_made_stands_between_its_marks_and_nothing_else_changes() {
        let place = |name: &str| {
            format!("<!-- {name}: made by `cargo xtask policies` -->\nby hand\n<!-- end of {name} -->\n")
        };
        let document = format!("before\n{}between\n{}behind\n", place("settings"), place("request"));
        let put_once = put(&document, &list()).unwrap();
        assert!(put_once.starts_with("before\n") && put_once.ends_with("behind\n"), "{put_once}");
        for part in
            ["| `pac_url` |", "\nbetween\n", "TCP to conference.example.org, ports 4500-4506", "TCP zu"]
        {
            assert!(put_once.contains(part), "{part} is missing in {put_once}");
        }
        assert!(!put_once.contains("by hand"), "{put_once}");
        assert_eq!(put(&put_once, &list()).unwrap(), put_once);
        assert!(put("no place", &list()).is_err());
    }
}
