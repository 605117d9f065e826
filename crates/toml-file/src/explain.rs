//! The errors of the parser, in words that help.

/// How far a word may be from a known one, as a part of its length, to be taken for a slip of the
/// pen.
const SLIP_PART: usize = 2;

/// `there` is the file's text from the place of the error on.
pub(crate) fn explain(message: &str, there: &str) -> String {
    let first_line = || message.lines().next().unwrap_or_default().to_owned();
    unknown_key(message).or_else(|| wrong_shape(message, there)).unwrap_or_else(first_line)
}

fn unknown_key(message: &str) -> Option<String> {
    let mut quoted = message.strip_prefix("unknown field `")?.split('`').step_by(2);
    let unknown = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.filter(|key| !key.is_empty()).collect();
    let distance = |key: &&&str| strsim::damerau_levenshtein(unknown, key);
    let nearest =
        known.iter().min_by_key(distance).filter(|key| distance(key) * SLIP_PART <= unknown.len().max(2));
    Some(match nearest {
        Some(nearest) => format!("unknown key `{unknown}`; did you mean `{nearest}`?"),
        None => format!("unknown key `{unknown}`; known here: {}", known.join(", ")),
    })
}

/// A value of another kind than the one that is wanted: one table in place of several, a single
/// value in place of a list or of a table, and quotes that are missing or too many.
fn wrong_shape(message: &str, there: &str) -> Option<String> {
    let (found, wanted) = message.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let is_text = found.starts_with("string ");
    let number = ["u8", "u16", "u32", "u64", "i32", "i64", "usize", "f64"];
    if wanted.starts_with("a sequence") {
        let name = there.strip_prefix('[').and_then(|rest| rest.split(']').next()).filter(|_| found == "map");
        Some(match name {
            Some(name) => {
                format!("`[{name}]` is one of several here; write `[[{name}]]`, for each one again")
            }
            None => "a list is wanted here, in brackets, such as [\"…\"]".to_owned(),
        })
    } else if wanted == "a string" && (found.starts_with("integer ") || found.starts_with("boolean ")) {
        Some("a text is wanted here, in quotes".to_owned())
    } else if is_text && (number.contains(&wanted) || wanted == "a boolean") {
        let wanted = if wanted == "a boolean" { "true or false" } else { "a number" };
        Some(format!("{wanted} is wanted here, without quotes"))
    } else if is_text && wanted == "a TOML datetime" {
        Some("a moment is wanted here, without quotes".to_owned())
    } else if is_text && wanted == "a map" {
        Some(
            "several values with names are wanted here, in braces, such as { de = \"…\", en = \"…\" }"
                .to_owned(),
        )
    } else {
        None
    }
}

/// The message about several tables under a key that takes one. The parser takes them for the
/// values of that one in their order, and complains of those.
pub(crate) fn only_one(name: &str) -> String {
    format!("there is only one `{name}`; write `[{name}]`, and once")
}
