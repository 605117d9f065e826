//! The types for TypeScript.

use crate::openrpc::{Field, Schema, Shape};

use super::language::{Call, Declaration, Form, Kind, Language};
use super::prose::{COLUMNS_MAX, lines, pascal, quoted};

const HEAD: &str = "\
// Made from docs/openrpc.json by `cargo xtask clients`. Changes belong there.

/**
 * A word of a later version of the daemon. Lists of words and kinds only ever grow: pass over what
 * is not known here.
 */
export type Later = string & { readonly later?: never };
";

/// The whole file.
pub(super) fn file(language: &Language<'_>) -> String {
    let types: String = language.types.iter().map(declaration).collect();
    let methods: String = language.methods.iter().map(|call| call_types(call, "Result")).collect();
    let told: String = language.notifications.iter().map(|notice| declaration(&notice.params)).collect();
    let questions: String = language.questions.iter().map(|call| call_types(call, "Answer")).collect();
    let parts = [
        HEAD.to_owned(),
        constants(language),
        types,
        methods,
        told,
        questions,
        methods_table(language),
        notifications_table(language),
        questions_table(language),
        notification_names(language),
    ];
    // Every declaration begins behind an empty line.
    parts.concat()
}

/// The version and the errors.
fn constants(language: &Language<'_>) -> String {
    let mut text = format!(
        "\n/** The version of the language, as `hello` tells it. */\nexport const API_VERSION = {};\n",
        language.version
    );
    text.push_str("\n/** The numbers of the errors, by their words. */\nexport const errorCodes = {\n");
    for error in &language.errors {
        let (summary, word) = (comment(error.summary, "  "), error.word);
        text.push_str(&format!("{summary}  {word}: {},\n", error.code));
    }
    text.push_str("} as const;\n\n/** The word of an error. */\n");
    text.push_str("export type ErrorWord = keyof typeof errorCodes | Later;\n");
    text
}

/// A type, behind an empty line.
fn declaration(declared: &Declaration<'_>) -> String {
    let name = &declared.name;
    let description = comment(&declared.description, "");
    let body = match &declared.form {
        Form::Object(fields) => {
            let fields: String = fields.iter().map(|field| field_line(field)).collect();
            format!("export interface {name} {{\n{fields}}}\n")
        }
        Form::Words(words) => words_of(name, words),
        Form::Kinds(kinds) => kinds_of(name, kinds),
        Form::Empty => format!("export type {name} = Record<string, unknown>;\n"),
        Form::Alias(schema) => format!("export type {name} = {};\n", expression(schema)),
    };
    format!("\n{description}{body}")
}

fn field_line(field: &Field) -> String {
    let Field { name, required, schema } = field;
    let mark = if *required { "" } else { "?" };
    format!("{}  {name}{mark}: {};\n", comment(&schema.description, "  "), expression(schema))
}

fn words_of(name: &str, words: &[(&str, &str)]) -> String {
    let list = format!("{}Words", camel(name));
    let line = |(word, meaning): &(&str, &str)| format!("{}  {},\n", comment(meaning, "  "), quoted(word));
    let lines: String = words.iter().map(line).collect();
    format!(
        "export type {name} = (typeof {list})[number] | Later;\n\n\
         /** The words of `{name}` that this version knows. */\n\
         export const {list} = [\n{lines}] as const;\n"
    )
}

fn kinds_of(name: &str, kinds: &[Kind<'_>]) -> String {
    let member = |kind: &Kind<'_>| {
        let own = format!("{{ kind: {} }}", quoted(kind.word));
        let whole = kind.of.map_or_else(|| own.clone(), |of| format!("({own} & {of})"));
        format!("{}  | {whole}", comment(kind.description, "  "))
    };
    let members: Vec<String> = kinds.iter().map(member).collect();
    let words: String = kinds.iter().map(|kind| format!("  {},\n", quoted(kind.word))).collect();
    format!(
        "export type {name} =\n{};\n\n\
         /** The kinds of `{name}` that this version knows. */\n\
         export const {}Kinds = [\n{words}] as const;\n",
        members.join("\n"),
        camel(name)
    )
}

/// The types of the parameters of a call and of its result, where that has another name.
fn call_types(call: &Call<'_>, suffix: &str) -> String {
    let name = format!("{}{suffix}", pascal(call.name));
    let params = declaration(&call.params);
    if call.result.shape == Shape::Reference(name.clone()) {
        return params;
    }
    let mut result = Declaration::of(name, call.result);
    if result.description.is_empty() {
        let of = if suffix == "Answer" { "answer to" } else { "result of" };
        result.description = format!("The {of} `{}`.", call.name);
    }
    params + &declaration(&result)
}

fn methods_table(language: &Language<'_>) -> String {
    let row = |call: &Call<'_>| table_row(call.name, call.summary, &call_row(call, "Result", "result"));
    let rows: String = language.methods.iter().map(row).collect();
    format!("\n/** The methods of the daemon, by name. */\nexport interface Methods {{\n{rows}}}\n")
}

fn notifications_table(language: &Language<'_>) -> String {
    let told = language.notifications.iter();
    let rows: String =
        told.map(|notice| table_row(notice.name, notice.summary, &notice.params.name)).collect();
    format!(
        "\n/** The parameters of what the daemon says by itself, by name. */\n\
         export interface Notifications {{\n{rows}}}\n"
    )
}

fn questions_table(language: &Language<'_>) -> String {
    let row = |call: &Call<'_>| table_row(call.name, call.summary, &call_row(call, "Answer", "answer"));
    let rows: String = language.questions.iter().map(row).collect();
    let what = "What the daemon asks a frontend that says in `hello` that it answers that, by name.";
    format!("\n{}export interface Questions {{\n{rows}}}\n", comment(what, ""))
}

fn call_row(call: &Call<'_>, suffix: &str, key: &str) -> String {
    format!("{{ params: {}; {key}: {}{suffix} }}", call.params.name, pascal(call.name))
}

fn table_row(name: &str, summary: &str, of: &str) -> String {
    format!("{}  {}: {of};\n", comment(summary, "  "), quoted(name))
}

fn notification_names(language: &Language<'_>) -> String {
    let told = language.notifications.iter();
    let names: String = told.map(|notice| format!("  {},\n", quoted(notice.name))).collect();
    let what = "The names of the notifications that this version knows.";
    format!("\n/** {what} */\nexport const notificationNames = [\n{names}] as const;\n")
}

/// A type in words of TypeScript.
fn expression(schema: &Schema) -> String {
    let form = match &schema.shape {
        // It may be null already.
        Shape::Any => return "unknown".to_owned(),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Integer(_) | Shape::Number => "number".to_owned(),
        Shape::Text => "string".to_owned(),
        Shape::Word(word) => quoted(word),
        Shape::List(one) => format!("{}[]", inner(one)),
        Shape::Map(one) => format!("Record<string, {}>", expression(one)),
        Shape::Object { .. } => "Record<string, unknown>".to_owned(),
        Shape::Reference(name) => name.clone(),
        Shape::Choice(several) => several.iter().map(expression).collect::<Vec<_>>().join(" | "),
    };
    if schema.nullable { format!("{form} | null") } else { form }
}

/// A type that something is said of.
fn inner(schema: &Schema) -> String {
    let is_several = schema.nullable || matches!(schema.shape, Shape::Choice(_));
    if is_several { format!("({})", expression(schema)) } else { expression(schema) }
}

/// A comment in front of what it speaks of.
fn comment(text: &str, indent: &str) -> String {
    let columns = COLUMNS_MAX - indent.len();
    let lines = lines(&text.replace("*/", "* /"), columns - 3);
    match lines.as_slice() {
        [] => String::new(),
        [line] if line.chars().count() + 7 <= columns => format!("{indent}/** {line} */\n"),
        lines => {
            let line = |line: &String| format!("{indent} * {line}").trim_end().to_owned() + "\n";
            let lines: String = lines.iter().map(line).collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

/// `seatState` for `SeatState`.
fn camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::{Document, FIXTURE};

    fn expression_of(schema: &str) -> String {
        expression(&serde_json::from_str(schema).unwrap())
    }

    #[test]
    fn a_type_says_what_a_value_may_be() {
        assert_eq!(expression_of(r#"{"type":["integer","null"]}"#), "number | null");
        assert_eq!(
            expression_of(r#"{"type":"array","items":{"type":["string","null"]}}"#),
            "(string | null)[]"
        );
        let map = r##"{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Cup"}}"##;
        assert_eq!(expression_of(map), "Record<string, Cup>");
        assert_eq!(expression_of(r#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#), "string | null");
        assert_eq!(expression_of("true"), "unknown");
    }

    #[test]
    fn the_file_has_every_type_method_notification_and_question() {
        let document = Document::read(FIXTURE).unwrap();
        let file = file(&Language::of(&document).unwrap());
        for part in [
            "export const API_VERSION = 7;\n",
            "  /** The pot is empty; `pot` says which. */\n  pot_empty: -32001,\n",
            "export type Cup =\n  /** A mug. */\n  | ({ kind: \"mug\" } & Mug)\n  /** The usual cup. */\n  | { kind: \"usual\" };\n",
            "/** How it went. */\nexport interface Poured {\n  /** Whether it is full. */\n  full: boolean;\n  spilt?: number | null;\n}\n",
            "export interface TeaPourParams {\n  cup: Cup;\n  slowly?: boolean;\n}\n",
            "/** The result of `tea.pour`. */\nexport type TeaPourResult = Poured;\n",
            "  /** Pours tea. */\n  \"tea.pour\": { params: TeaPourParams; result: TeaPourResult };\n",
            "  /** The tea is cold. */\n  \"tea.cold\": TeaColdNotification;\n",
            "export interface TeaSugarAnswer {\n  lumps?: number;\n}\n",
            "  \"tea.sugar\": { params: TeaSugarParams; answer: TeaSugarAnswer };\n",
        ] {
            assert!(file.contains(part), "{part}\nis not in\n{file}");
        }
    }

    #[test]
    fn a_comment_cannot_end_too_early_and_is_as_wide_as_it_may_be() {
        assert_eq!(comment("a */ b", "  "), "  /** a * / b */\n");
        let long = comment(&"word ".repeat(30), "  ");
        assert!(long.lines().all(|line| line.chars().count() <= COLUMNS_MAX), "{long}");
        assert_eq!(long.lines().count(), 4, "{long}");
    }
}
