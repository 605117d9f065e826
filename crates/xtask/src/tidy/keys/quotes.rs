//! Texts between quotation marks that may be keys of sentences, or their beginnings, in Rust and in
//! TypeScript.

use crate::tidy::sentences::key_at;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote<'a> {
    /// The source up to its first quotation mark.
    pub(super) before: &'a str,
    pub(super) text: &'a str,
    /// Nothing is put in behind it.
    pub(super) is_whole: bool,
}

impl Quote<'_> {
    /// The line on which it stands, from 1.
    pub(super) fn line(&self) -> usize {
        self.before.matches('\n').count() + 1
    }

    /// Whether something is called with it, such as `word(`.
    pub(super) fn is_said_by(&self, call: &str) -> bool {
        let called = self.before.trim_end().strip_suffix(call);
        called.is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    }
}

/// All of them, in their order.
pub(super) fn quotes(code: &str) -> impl Iterator<Item = Quote<'_>> {
    code.match_indices(['"', '\'', '`']).filter_map(move |(at, mark)| {
        let behind = &code[at + mark.len()..];
        let text = key_at(behind);
        let rest = &behind[text.len()..];
        let is_whole = rest.starts_with(mark);
        let is_key = !text.is_empty() && (is_whole || goes_on(rest, mark));
        is_key.then(|| Quote { before: &code[..at], text, is_whole })
    })
}

/// Whether a key goes on up to its closing mark, with something put in: `{word}` or `${word}`.
fn goes_on(mut rest: &str, mark: &str) -> bool {
    loop {
        let put_in = rest.strip_prefix('$').unwrap_or(rest).strip_prefix('{');
        let Some((_, behind)) = put_in.and_then(|put_in| put_in.split_once('}')) else { return false };
        rest = &behind[key_at(behind).len()..];
        if rest.starts_with(mark) {
            return true;
        }
    }
}

/// A source without the lines that are comments, which are empty instead.
pub(super) fn without_comments(text: &str) -> String {
    let is_comment = |line: &str| ["//", "/*", "* ", "<!--"].iter().any(|mark| line.starts_with(mark));
    text.lines()
        .map(|line| if is_comment(line.trim_start()) { "\n".to_owned() } else { format!("{line}\n") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> Vec<(&str, bool)> {
        quotes(code).map(|quote| (quote.text, quote.is_whole)).collect()
    }

    #[test]
    fn keys_are_found_whole_and_as_beginnings() {
        let code =
            "say(\"page-open\"); word(`page-link-${problem ?? \"none\"}`); format!(\"access-{}-{}\", a, b)";
        let expected = [("page-open", true), ("page-link-", false), ("none", true), ("access-", false)];
        assert_eq!(found(code), expected);
    }

    #[test]
    fn what_is_no_key_is_passed_over() {
        assert_eq!(
            found("\"web-{name}.sock\", \"two words\", \"\", 'a', \"step {state}\", 'open"),
            [("a", true)]
        );
    }

    #[test]
    fn it_is_known_what_a_quote_is_for() {
        let code = "a\nof_word(\"b\"); page.word(\n    \"c\"\n)";
        let told: Vec<_> = quotes(code).map(|quote| (quote.line(), quote.is_said_by("word("))).collect();
        assert_eq!(told, [(2, false), (3, true)]);
    }

    #[test]
    fn comments_are_left_out_and_lines_kept() {
        assert_eq!(without_comments("a\n  // \"b\"\n * `c`\n<!-- 'd' -->\ne * f\n"), "a\n\n\n\ne * f\n");
    }
}
