//! JSON as people read it.

use serde_json::Value;

/// Columns of a line that holds a whole value.
const COLUMNS_MAX: usize = 110;

/// Lays out a value whose first line begins behind `before` columns, at a depth of `indent`
/// columns: what fits into the line stands in it as it travels, and anything else is broken.
pub(super) fn lay(value: &Value, indent: usize, before: usize) -> String {
    let line = value.to_string();
    if before + line.chars().count() <= COLUMNS_MAX {
        return line;
    }
    let inner = indent + 2;
    let pad = " ".repeat(inner);
    let (open, close, parts): (char, char, Vec<String>) = match value {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let name = Value::from(name.as_str()).to_string();
                format!("{pad}{name}:{}", lay(value, inner, inner + name.chars().count() + 1))
            };
            ('{', '}', fields.iter().map(field).collect())
        }
        Value::Array(items) => {
            ('[', ']', items.iter().map(|item| format!("{pad}{}", lay(item, inner, inner))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return line,
    };
    format!("{open}\n{}\n{}{close}", parts.join(",\n"), " ".repeat(indent))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_that_fits_stands_in_one_line() {
        assert_eq!(lay(&json!({ "a": [1, null] }), 0, 0), r#"{"a":[1,null]}"#);
    }

    #[test]
    fn a_longer_one_is_broken_where_it_has_to_be_and_stays_the_same_value() {
        let text = "x".repeat(60);
        let value = json!({ "a": { "b": text, "c": [text, text] }, "d": [] });
        let laid = lay(&value, 0, 0);
        let lines: Vec<&str> = laid.lines().collect();
        assert_eq!((lines[0], lines[1], lines[lines.len() - 1]), ("{", "  \"a\":{", "}"));
        assert!(lines.contains(&"  \"d\":[]"), "{laid}");
        assert!(lines.iter().all(|line| line.len() <= COLUMNS_MAX), "{laid}");
        assert_eq!(serde_json::from_str::<Value>(&laid).unwrap(), value);
    }
}
