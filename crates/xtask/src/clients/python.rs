//! The types for Python: `TypedDict`s, and a method of a class for each method of the daemon.

use crate::openrpc::{Field, Schema, Shape};

use super::language::{Call, Declaration, Form, Kind, Language, Notice};
use super::prose::{COLUMNS_MAX, lines, pascal, quoted};

const HEAD: &str = r#"# Made from docs/openrpc.json by `cargo xtask clients`. Changes belong there.

"""The types of the local API, its methods and its notifications.

Lists of words and kinds only ever grow: what is not known here is to be passed over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Callable, Literal, Optional, TypedDict, Union, overload
"#;

const CALLS: &str = r#"class Calls:
    """The methods of the daemon, by name, and what it says by itself."""

    async def call(self, method: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """Asks, and waits for the answer. What is `None` is left out."""
        raise NotImplementedError

    def _listen(self, name: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        raise NotImplementedError

"#;

const ON: &str = r#"    def on(self, name: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        """Tells each notification of this name. The function that is given ends that."""
        return self._listen(name, listener)
"#;

/// The words that no name may be (`keyword.kwlist` of Python 3.13).
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The whole file.
pub(super) fn file(language: &Language<'_>) -> String {
    // A class stands behind those that it has its fields of.
    let (kinds, others): (Vec<_>, Vec<_>) =
        language.types.iter().partition(|one| matches!(one.form, Form::Kinds(_)));
    let types: String = others.into_iter().chain(kinds).map(declaration).collect();
    let told: String = language.notifications.iter().map(|notice| declaration(&notice.params)).collect();
    let asked: String = language.questions.iter().map(|call| declaration(&call.params)).collect();
    let methods: String = language.methods.iter().map(method).collect();
    let listening: String = language.notifications.iter().map(listening).collect();
    let parts = [
        HEAD.to_owned(),
        constants(language),
        types,
        told,
        asked,
        answers(language),
        CALLS.to_owned(),
        methods,
        listening,
        ON.to_owned(),
    ];
    parts.concat()
}

/// The version and the errors.
fn constants(language: &Language<'_>) -> String {
    let mut text = format!(
        "\n# The version of the language, as `hello` tells it.\nAPI_VERSION = {}\n",
        language.version
    );
    text.push_str("\n# The numbers of the errors, by their words.\nERROR_CODES = {\n");
    for error in &language.errors {
        let (summary, word) = (comment(error.summary, "    "), quoted(error.word));
        text.push_str(&format!("{summary}    {word}: {},\n", error.code));
    }
    let words: String =
        language.errors.iter().map(|error| format!("        {},\n", quoted(error.word))).collect();
    text.push_str("}\n\n# The word of an error.\n");
    text.push_str(&format!("ErrorWord = Union[\n    Literal[\n{words}    ],\n    str,\n]\n\n\n"));
    text
}

/// A type, and two empty lines behind it.
fn declaration(declared: &Declaration<'_>) -> String {
    let Declaration { name, description, form } = declared;
    match form {
        Form::Object(fields) => object(name, description, fields),
        Form::Words(words) => {
            let word = |(word, meaning): &(&str, &str)| {
                format!("{}        {},\n", comment(meaning, "        "), quoted(word))
            };
            let words: String = words.iter().map(word).collect();
            let description = comment(description, "");
            format!("{description}{name} = Union[\n    Literal[\n{words}    ],\n    str,\n]\n\n\n")
        }
        Form::Kinds(kinds) => kinds_of(name, description, kinds),
        Form::Empty => format!("{}{name} = dict[str, Any]\n\n\n", comment(description, "")),
        Form::Alias(schema) => {
            format!("{}{name} = {}\n\n\n", comment(description, ""), expression(schema, Names::Later))
        }
    }
}

/// The fields that are always there stand in a class of their own where others are not: a
/// `TypedDict` of Python 3.9 has either.
fn object(name: &str, description: &str, fields: &[&Field]) -> String {
    let (required, optional): (Vec<&Field>, Vec<&Field>) =
        fields.iter().copied().partition(|field| field.required);
    if required.is_empty() {
        return fields_of(name, "TypedDict", &optional, false, description);
    }
    if optional.is_empty() {
        return fields_of(name, "TypedDict", &required, true, description);
    }
    let base = format!("_{name}");
    fields_of(&base, "TypedDict", &required, true, "")
        + &fields_of(name, &base, &optional, false, description)
}

fn fields_of(name: &str, base: &str, fields: &[&Field], is_total: bool, description: &str) -> String {
    if fields.iter().any(|field| KEYWORDS.contains(&field.name.as_str())) {
        return fields_by_call(name, base, fields, is_total, description);
    }
    let total = if is_total { "" } else { ", total=False" };
    let mut text = format!("class {name}({base}{total}):\n");
    if !description.is_empty() {
        text.push_str(&docstring(description, "    "));
        text.push('\n');
    }
    for field in fields {
        let form = expression(&field.schema, Names::Known);
        text.push_str(&comment(&field.schema.description, "    "));
        text.push_str(&format!("    {}: {form}\n", field.name));
    }
    text + "\n\n"
}

/// Names that a class cannot have stand in a call. One that has the fields of another class too is
/// made of both.
fn fields_by_call(name: &str, base: &str, fields: &[&Field], is_total: bool, description: &str) -> String {
    if base != "TypedDict" {
        let own = format!("{base}Optional");
        let docstring = docstring(description, "    ");
        let body = if docstring.is_empty() { "    pass\n".to_owned() } else { docstring };
        return fields_by_call(&own, "TypedDict", fields, is_total, "")
            + &format!("class {name}({base}, {own}):\n{body}\n\n");
    }
    let mut text =
        format!("{}{name} = TypedDict(\n    {},\n    {{\n", comment(description, ""), quoted(name));
    for field in fields {
        let form = expression(&field.schema, Names::Later);
        text.push_str(&comment(&field.schema.description, "        "));
        text.push_str(&format!("        {}: {form},\n", quoted(&field.name)));
    }
    text.push_str("    },\n");
    if !is_total {
        text.push_str("    total=False,\n");
    }
    text + ")\n\n\n"
}

/// A class for each kind, and the choice between them.
fn kinds_of(name: &str, description: &str, kinds: &[Kind<'_>]) -> String {
    let name_of = |kind: &Kind<'_>| format!("{}{name}", pascal(kind.word));
    let class = |kind: &Kind<'_>| {
        let (base, word) = (kind.of.unwrap_or("TypedDict"), quoted(kind.word));
        let description = docstring(kind.description, "    ");
        let gap = if description.is_empty() { "" } else { "\n" };
        format!("class {}({base}):\n{description}{gap}    kind: Literal[{word}]\n\n\n", name_of(kind))
    };
    let classes: String = kinds.iter().map(class).collect();
    let names: String = kinds.iter().map(|kind| format!("    {},\n", name_of(kind))).collect();
    format!("{classes}{}{name} = Union[\n{names}]\n\n\n", comment(description, ""))
}

/// The functions that answer questions.
fn answers(language: &Language<'_>) -> String {
    let mut text = "# Answers to the questions of the daemon's. One that raises declines.\n\
                    Answers = TypedDict(\n    \"Answers\",\n    {\n"
        .to_owned();
    for call in &language.questions {
        let (asked, answer) = (&call.params.name, expression(call.result, Names::Known));
        let function = format!("Callable[[{asked}], Awaitable[{answer}]]");
        text.push_str(&comment(call.summary, "        "));
        text.push_str(&format!("        {}: {function},\n", quoted(call.name)));
    }
    text + "    },\n    total=False,\n)\n\n\n"
}

/// A method of the class, and an empty line behind it.
fn method(call: &Call<'_>) -> String {
    let fields: &[&Field] = if let Form::Object(fields) = &call.params.form { fields } else { &[] };
    let result = expression(call.result, Names::Known);
    let mut text = format!("    async def {}(\n        self,\n", call.name.replace('.', "_"));
    if !fields.is_empty() {
        text.push_str("        *,\n");
    }
    for field in fields {
        text.push_str(&format!("        {},\n", argument(field)));
    }
    text.push_str(&format!("    ) -> {result}:\n{}", docstring(call.summary, "        ")));
    text.push_str(&format!(
        "        result: {result} = await self.call(\n            {},\n",
        quoted(call.name)
    ));
    if !fields.is_empty() {
        let pair = |field: &&Field| {
            format!("                {}: {},\n", quoted(&field.name), argument_name(&field.name))
        };
        let pairs: String = fields.iter().map(pair).collect();
        text.push_str(&format!("            {{\n{pairs}            }},\n"));
    }
    text + "        )\n        return result\n\n"
}

fn argument(field: &Field) -> String {
    let (name, form) = (argument_name(&field.name), expression(&field.schema, Names::Known));
    if field.required {
        format!("{name}: {form}")
    } else if form.starts_with("Optional[") {
        format!("{name}: {form} = None")
    } else {
        format!("{name}: Optional[{form}] = None")
    }
}

fn argument_name(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// The type of a listener to a notification.
fn listening(notice: &Notice<'_>) -> String {
    let (name, params) = (quoted(notice.name), &notice.params.name);
    format!(
        "    @overload\n    def on(\n        self,\n        name: Literal[{name}],\n        \
         listener: Callable[[{params}], object],\n    ) -> Callable[[], None]: ...\n\n"
    )
}

/// Whether the names of types are known where an expression is evaluated.
#[derive(Debug, Clone, Copy)]
enum Names {
    /// They are, or it is not evaluated.
    Known,
    /// They may be declared further down.
    Later,
}

/// A type in words of Python.
fn expression(schema: &Schema, names: Names) -> String {
    let inner = |schema: &Schema| expression(schema, names);
    let form = match &schema.shape {
        // It may be null already.
        Shape::Any => return "Any".to_owned(),
        Shape::Boolean => "bool".to_owned(),
        Shape::Integer(_) => "int".to_owned(),
        Shape::Number => "float".to_owned(),
        Shape::Text => "str".to_owned(),
        Shape::Word(word) => format!("Literal[{}]", quoted(word)),
        Shape::List(one) => format!("list[{}]", inner(one)),
        Shape::Map(one) => format!("dict[str, {}]", inner(one)),
        Shape::Object { .. } => "dict[str, Any]".to_owned(),
        Shape::Reference(name) => match names {
            Names::Known => name.clone(),
            Names::Later => quoted(name),
        },
        Shape::Choice(several) => {
            format!("Union[{}]", several.iter().map(inner).collect::<Vec<_>>().join(", "))
        }
    };
    if schema.nullable { format!("Optional[{form}]") } else { form }
}

/// A comment in front of what it speaks of.
fn comment(text: &str, indent: &str) -> String {
    let line = |line: &String| format!("{indent}# {line}").trim_end().to_owned() + "\n";
    lines(text, COLUMNS_MAX - indent.len() - 2).iter().map(line).collect()
}

/// The description of a class or a method.
fn docstring(text: &str, indent: &str) -> String {
    let text = text.replace('\\', r"\\").replace("\"\"\"", "\\\"\\\"\\\"");
    let lines = lines(&text, COLUMNS_MAX - indent.len() - 6);
    match lines.as_slice() {
        [] => String::new(),
        [line] => match line.strip_suffix('"') {
            // Four quotes in a row end a string too early.
            Some(line) => format!("{indent}\"\"\"{line}\\\"\"\"\"\n"),
            None => format!("{indent}\"\"\"{line}\"\"\"\n"),
        },
        [first, others @ ..] => {
            let line = |line: &String| format!("{indent}{line}").trim_end().to_owned() + "\n";
            let others: String = others.iter().map(line).collect();
            format!("{indent}\"\"\"{first}\n{others}{indent}\"\"\"\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::{Document, FIXTURE};

    fn expression_of(schema: &str, names: Names) -> String {
        expression(&serde_json::from_str(schema).unwrap(), names)
    }

    #[test]
    fn a_type_says_what_a_value_may_be() {
        assert_eq!(expression_of(r#"{"type":["integer","null"]}"#, Names::Known), "Optional[int]");
        let map = r##"{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Cup"}}"##;
        assert_eq!(expression_of(map, Names::Known), "dict[str, Cup]");
        assert_eq!(expression_of(map, Names::Later), "dict[str, \"Cup\"]");
        let choice = r#"{"anyOf":[{"type":"integer"},{"type":"string"}]}"#;
        assert_eq!(expression_of(choice, Names::Known), "Union[int, str]");
        assert_eq!(expression_of("true", Names::Known), "Any");
    }

    #[test]
    fn the_file_has_every_type_method_notification_and_question() {
        let document = Document::read(FIXTURE).unwrap();
        let file = file(&Language::of(&document).unwrap());
        for part in [
            "API_VERSION = 7\n",
            "    # The pot is empty; `pot` says which.\n    \"pot_empty\": -32001,\n",
            "class MugCup(Mug):\n    \"\"\"A mug.\"\"\"\n\n    kind: Literal[\"mug\"]\n",
            "# What tea is poured into.\nCup = Union[\n    MugCup,\n    UsualCup,\n]\n",
            "class _Poured(TypedDict):\n    # Whether it is full.\n    full: bool\n",
            "class Poured(_Poured, total=False):\n    \"\"\"How it went.\"\"\"\n\n    spilt: Optional[int]\n",
            "    async def tea_pour(\n        self,\n        *,\n        cup: Cup,\n        slowly: Optional[bool] = None,\n    ) -> Poured:\n",
            "        name: Literal[\"tea.cold\"],\n        listener: Callable[[TeaColdNotification], object],\n",
            "        \"tea.sugar\": Callable[[TeaSugarParams], Awaitable[dict[str, Any]]],\n",
        ] {
            assert!(file.contains(part), "{part}\nis not in\n{file}");
        }
    }

    #[test]
    fn a_field_may_have_a_name_that_python_has_taken() {
        let schema: Schema = serde_json::from_str(
            r#"{"type":"object","required":["from"],"properties":{"from":{"type":"string"},"in":{"type":"string"}}}"#,
        )
        .unwrap();
        let text = declaration(&Declaration::of("Move".to_owned(), &schema));
        assert!(
            text.starts_with(
                "_Move = TypedDict(\n    \"_Move\",\n    {\n        \"from\": str,\n    },\n)\n"
            )
        );
        assert!(text.contains("_MoveOptional = TypedDict(\n"), "{text}");
        assert!(text.contains("class Move(_Move, _MoveOptional):\n    pass\n"), "{text}");
        assert_eq!(argument_name("from"), "from_");
    }

    #[test]
    fn a_docstring_cannot_end_too_early() {
        assert_eq!(docstring("says \"a\"", ""), "\"\"\"says \"a\\\"\"\"\"\n");
        assert_eq!(docstring(r"a\b", ""), "\"\"\"a\\\\b\"\"\"\n");
    }
}
