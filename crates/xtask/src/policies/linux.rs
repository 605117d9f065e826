//! The policy of a machine with Linux, with every setting as a comment.

use super::{Language, Settings};

/// Characters of one line.
const WIDTH: usize = 100;

const HEAD: &str = "\
# What the administrator fixes on this machine. It is read as policy.toml beside the configuration (/etc/convene), wins over it,
# over its drop-ins and over what users set, and is the same language. Take the # away before what is to be fixed.
# Every setting is explained in ADMIN.md.
";

/// The example.
pub(super) fn example(settings: &Settings) -> String {
    let mut text = HEAD.to_owned();
    for section in &settings.sections {
        text.push('\n');
        text.push_str(&comment(&section.says(Language::English).text));
        text.push_str(&format!("#{}\n", section.heading()));
        for setting in &section.settings {
            let says = setting.says(Language::English);
            text.push_str(&comment(&format!("{} Allowed: {}.", says.text, setting.allowed())));
            text.push_str(&format!("#{} = {}\n", setting.key, setting.example));
        }
    }
    text
}

/// Whole words in lines behind `# `.
fn comment(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().filter(|line| line.chars().count() + word.chars().count() < WIDTH);
        match line {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(format!(" {word}")),
        }
    }
    lines.iter().map(|line| format!("#{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::list;
    use super::*;

    #[test]
    fn without_its_comment_signs_it_is_a_configuration() {
        let example = example(&list());
        assert!(example.lines().all(|line| line.is_empty() || line.starts_with('#')), "{example}");
        let settings: String = example
            .lines()
            .filter_map(|line| line.strip_prefix('#').filter(|line| !line.starts_with(' ')))
            .map(|line| format!("{line}\n"))
            .collect();
        let read: toml::Table = toml::from_str(&settings).unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), ["policy", "proxy", "server"]);
        assert_eq!(read["proxy"]["wpad"].as_bool(), Some(false));
        assert_eq!(read["server"][0]["https_port"].as_integer(), Some(443));
    }
}
