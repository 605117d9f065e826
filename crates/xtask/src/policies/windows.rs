//! Administrative templates for Windows (ADMX and ADML): what gpedit shows and writes into the
//! registry.
//!
//! A section that may stand several times is one policy with a field for each setting; any other
//! setting is a policy of its own. Numbers are text fields: a number field cannot be left empty,
//! and so would always set its default.

use super::{Choice, Kind, Language, Section, Setting, Settings};

/// Where policies stand in the registry, below `HKEY_LOCAL_MACHINE`.
const KEY: &str = r"Software\Policies\Convene";
const SCHEMA: &str = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions";
const CATEGORY: &str = "Convene";
const SUPPORTED: &str = "Supported";

/// The template, for all languages.
pub(super) fn template(settings: &Settings) -> String {
    let policies: String = settings.sections.iter().map(policies).collect();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<policyDefinitions xmlns="{SCHEMA}" revision="1.0" schemaVersion="1.0">
  <policyNamespaces>
    <target prefix="convene" namespace="Convene.Policies"/>
  </policyNamespaces>
  <resources minRequiredRevision="1.0"/>
  <supportedOn>
    <definitions>
      <definition name="{SUPPORTED}" displayName="$(string.{SUPPORTED})"/>
    </definitions>
  </supportedOn>
  <categories>
    <category name="{CATEGORY}" displayName="$(string.{CATEGORY})" explainText="$(string.{CATEGORY}_text)"/>
  </categories>
  <policies>
{policies}  </policies>
</policyDefinitions>
"#
    )
}

fn policies(section: &Section) -> String {
    if section.repeated {
        let element = |setting: &Setting| element(setting, setting.required);
        let elements: String = section.settings.iter().map(element).collect();
        return policy(&name_of(section), "", &elements);
    }
    section.settings.iter().map(of_setting).collect()
}

fn of_setting(setting: &Setting) -> String {
    let name = &setting.registry;
    if setting.kind == Kind::Switch {
        let states = "      <enabledValue><decimal value=\"1\"/></enabledValue>\n      \
                      <disabledValue><decimal value=\"0\"/></disabledValue>\n";
        return policy(name, &format!(" valueName=\"{name}\""), states);
    }
    policy(name, "", &element(setting, true))
}

fn policy(name: &str, value_name: &str, content: &str) -> String {
    let is_presented = value_name.is_empty();
    let presentation =
        if is_presented { format!(" presentation=\"$(presentation.{name})\"") } else { String::new() };
    let content = if is_presented {
        format!("      <elements>\n{content}      </elements>\n")
    } else {
        content.to_owned()
    };
    format!(
        r#"    <policy name="{name}" class="Machine" displayName="$(string.{name})" explainText="$(string.{name}_text)"{presentation} key="{KEY}"{value_name}>
      <parentCategory ref="{CATEGORY}"/>
      <supportedOn ref="{SUPPORTED}"/>
{content}    </policy>
"#
    )
}

fn element(setting: &Setting, required: bool) -> String {
    let name = &setting.registry;
    if setting.kind == Kind::Choice {
        let item = |choice: &Choice| {
            let value = escape(&choice.value);
            format!(
                "          <item displayName=\"$(string.{name}_{value})\"><value><string>{value}</string></value></item>\n"
            )
        };
        let items: String = setting.choices.iter().map(item).collect();
        return format!(
            "        <enum id=\"{name}\" valueName=\"{name}\" required=\"true\">\n{items}        </enum>\n"
        );
    }
    let required = if required { " required=\"true\"" } else { "" };
    format!("        <text id=\"{name}\" valueName=\"{name}\"{required}/>\n")
}

/// The texts in one language.
pub(super) fn texts(settings: &Settings, language: Language) -> String {
    let mut strings = Vec::new();
    let mut add = |id: &str, text: &str| {
        strings.push(format!("      <string id=\"{}\">{}</string>\n", escape(id), escape(text)));
    };
    let (about, supported) = match language {
        Language::English => {
            ("Settings of the service convened. They win over its configuration.", "Convene 0.1 and later")
        }
        Language::German => {
            ("Einstellungen des Dienstes convened. Sie gelten vor seiner Konfiguration.", "Convene ab 0.1")
        }
    };
    add(CATEGORY, "Convene");
    add(&format!("{CATEGORY}_text"), about);
    add(SUPPORTED, supported);
    let mut presentations = String::new();
    for section in &settings.sections {
        if section.repeated {
            let name = name_of(section);
            add(&name, &section.says(language).name);
            add(&format!("{name}_text"), &explained(section, language));
            let fields: String = section.settings.iter().map(|setting| field(setting, language)).collect();
            presentations.push_str(&presentation(&name, &fields));
        }
        for setting in section.settings.iter().filter(|_| !section.repeated) {
            let (name, says) = (&setting.registry, setting.says(language));
            add(name, &says.name);
            add(&format!("{name}_text"), &says.text);
            if setting.kind != Kind::Switch {
                presentations.push_str(&presentation(name, &field(setting, language)));
            }
        }
        for setting in &section.settings {
            for choice in &setting.choices {
                add(&format!("{}_{}", setting.registry, choice.value), choice.says(language));
            }
        }
    }
    let strings = strings.concat();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<policyDefinitionResources xmlns="{SCHEMA}" revision="1.0" schemaVersion="1.0">
  <displayName>Convene</displayName>
  <description>{}</description>
  <resources>
    <stringTable>
{strings}    </stringTable>
    <presentationTable>
{presentations}    </presentationTable>
  </resources>
</policyDefinitionResources>
"#,
        escape(about)
    )
}

fn presentation(name: &str, fields: &str) -> String {
    format!("      <presentation id=\"{name}\">\n{fields}      </presentation>\n")
}

fn field(setting: &Setting, language: Language) -> String {
    let (id, label) = (&setting.registry, escape(&setting.says(language).name));
    if setting.kind == Kind::Choice {
        let default = setting.choices.iter().position(|choice| choice.value == setting.default);
        let default = default.unwrap_or_default();
        return format!(
            "        <dropdownList refId=\"{id}\" noSort=\"true\" defaultItem=\"{default}\">{label}</dropdownList>\n"
        );
    }
    format!("        <textBox refId=\"{id}\"><label>{label}</label></textBox>\n")
}

/// The explanation of a section and of each of its fields.
fn explained(section: &Section, language: Language) -> String {
    let mut text = section.says(language).text.clone();
    for setting in &section.settings {
        let says = setting.says(language);
        text.push_str(&format!("\n\n{}: {}", says.name, says.text));
    }
    text
}

/// The policy of a whole section.
fn name_of(section: &Section) -> String {
    let mut letters = section.key.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use roxmltree::{Document, Node};

    use super::super::tests::list;
    use super::*;

    fn attributes<'a>(document: &'a Document<'_>, tag: &str, name: &str) -> BTreeSet<&'a str> {
        let is_it = |node: &Node<'_, '_>| node.has_tag_name(tag);
        document.descendants().filter(is_it).filter_map(|node| node.attribute(name)).collect()
    }

    /// The names to which the template refers as `$(kind.ID)`.
    fn wanted<'a>(document: &'a Document<'_>, kind: &str) -> BTreeSet<&'a str> {
        let start = format!("$({kind}.");
        let values = document.descendants().flat_map(|node| node.attributes()).map(|found| found.value());
        values.filter_map(|value| value.strip_prefix(&start)?.strip_suffix(')')).collect()
    }

    #[test]
    fn every_text_and_field_that_the_template_wants_is_there_in_both_languages_and_no_other() {
        let template = template(&list());
        let template = Document::parse(&template).unwrap();
        let elements: BTreeSet<&str> =
            ["text", "enum"].iter().flat_map(|tag| attributes(&template, tag, "id")).collect();
        for language in [Language::English, Language::German] {
            let texts = texts(&list(), language);
            let texts = Document::parse(&texts).unwrap();
            assert_eq!(wanted(&template, "string"), attributes(&texts, "string", "id"));
            assert_eq!(wanted(&template, "presentation"), attributes(&texts, "presentation", "id"));
            let fields: BTreeSet<&str> =
                ["textBox", "dropdownList"].iter().flat_map(|tag| attributes(&texts, tag, "refId")).collect();
            assert_eq!(fields, elements);
        }
    }

    #[test]
    fn every_setting_is_written_where_the_daemon_reads_it() {
        let (template, list) = (template(&list()), list());
        let template = Document::parse(&template).unwrap();
        let written: BTreeSet<&str> = ["text", "enum", "policy"]
            .iter()
            .flat_map(|tag| attributes(&template, tag, "valueName"))
            .collect();
        let listed: BTreeSet<&str> = list
            .sections
            .iter()
            .flat_map(|section| &section.settings)
            .map(|setting| setting.registry.as_str())
            .collect();
        assert_eq!(written, listed);
        assert_eq!(attributes(&template, "policy", "key"), BTreeSet::from([KEY]));
        assert_eq!(attributes(&template, "policy", "class"), BTreeSet::from(["Machine"]));
    }

    /// The order of the schema PolicyDefinitionFiles.xsd, which gpedit insists on.
    #[test]
    fn the_parts_of_a_policy_stand_in_the_order_of_the_schema() {
        let template = template(&list());
        let template = Document::parse(&template).unwrap();
        let order = ["parentCategory", "supportedOn", "enabledValue", "disabledValue", "elements"];
        for policy in template.descendants().filter(|node| node.has_tag_name("policy")) {
            let tags = policy.children().filter(Node::is_element).map(|part| part.tag_name().name());
            let places: Vec<usize> =
                tags.map(|tag| order.iter().position(|known| *known == tag).unwrap()).collect();
            assert!(places.is_sorted() && places.len() >= 3, "{:?}", policy.attribute("name"));
        }
        let top = template.root_element().children().filter(Node::is_element);
        let top: Vec<&str> = top.map(|part| part.tag_name().name()).collect();
        assert_eq!(top, ["policyNamespaces", "resources", "supportedOn", "categories", "policies"]);
    }
}
