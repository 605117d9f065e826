//! The table of the settings in the administrators' document.

use anyhow::{Context, Result};

use super::{Language, Settings};

const BEGIN: &str = "<!-- this table is made by `cargo xtask policies` -->\n";
const END: &str = "<!-- end of the table -->\n";

/// The document with the table as it must be.
pub(super) fn put(document: &str, settings: &Settings) -> Result<String> {
    let parts = document.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, behind) = parts.context("the document has no place for the table of the settings")?;
    Ok(format!("{before}{BEGIN}{}{END}{behind}", table(settings)))
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
    fn the_table_stands_between_its_marks_and_nothing_else_changes() {
        let document = format!("before\n{BEGIN}by hand\n{END}behind\n");
        let put_once = put(&document, &list()).unwrap();
        assert!(put_once.starts_with("before\n") && put_once.ends_with("behind\n"), "{put_once}");
        assert!(put_once.contains("| `pac_url` |") && !put_once.contains("by hand"), "{put_once}");
        assert_eq!(put(&put_once, &list()).unwrap(), put_once);
        assert!(put("no place", &list()).is_err());
    }
}
