//! What the parser says, in words that help.

/// How far a word may be from a known one, as a part of its length, to be taken for a slip of the pen.
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

/// One table in place of a list of tables, a list in place of one, or a single value in place of a list.
fn wrong_shape(message: &str, there: &str) -> Option<String> {
    let header = |brackets: [&str; 2]| {
        let name = there.strip_prefix(brackets[0])?.split(brackets[1]).next()?;
        (!name.starts_with('[') && !name.contains('\n')).then_some(name)
    };
    // A list would be taken for the table's values in their order.
    if (message.starts_with("invalid type: map, ") || message.starts_with("invalid length "))
        && let Some(name) = header(["[[", "]]"])
    {
        return Some(format!("there is only one `{name}`; write `[{name}]`, and once"));
    }
    let (found, wanted) = message.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let one = (found == "map").then(|| header(["[", "]"])).flatten();
    wanted.starts_with("a sequence").then(|| match one {
        Some(name) => format!("`[{name}]` is one of several here; write `[[{name}]]`, for each one again"),
        None => "a list is wanted here, in brackets, such as [\"…\"]".to_owned(),
    })
}
