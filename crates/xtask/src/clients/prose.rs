//! Sentences of the document as comments.

/// Columns of a line of a comment.
pub(super) const COLUMNS_MAX: usize = 100;

/// The lines of a text, each at most so wide where no word is wider. An empty line stands between
/// two paragraphs.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if line.is_empty() {
                line.push_str(word);
            } else if line.chars().count() + 1 + word.chars().count() <= width {
                line.push(' ');
                line.push_str(word);
            } else {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            }
        }
        if !line.is_empty() {
            lines.push(line);
            lines.push(String::new());
        }
    }
    // There is no paragraph behind the last one.
    lines.pop();
    lines
}

/// A text between quotes, as JSON, TypeScript and Python have it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `ConferenceWatch` for `conference.watch`.
pub(super) fn pascal(name: &str) -> String {
    name.split(['.', '_']).map(capital).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_they_may_be_and_paragraphs_stay_apart() {
        let text = "one two three\n\nfour a-very-long-word";
        assert_eq!(lines(text, 9), ["one two", "three", "", "four", "a-very-long-word"]);
        assert_eq!(lines("one two", 7), ["one two"]);
        assert_eq!(lines("", 9), [] as [&str; 0]);
    }

    #[test]
    fn names_of_methods_become_names_of_types() {
        assert_eq!(pascal("conference.passed_over"), "ConferencePassedOver");
        assert_eq!(pascal("hello"), "Hello");
        assert_eq!(quoted("a\"b"), "\"a\\\"b\"");
    }
}
