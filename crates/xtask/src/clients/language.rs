//! The document as declarations, which any language can write.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};

use crate::openrpc::{Document, Field, Method, Schema, Shape};

use super::prose::pascal;

/// The local API.
#[derive(Debug)]
pub(super) struct Language<'a> {
    /// Its version.
    pub(super) version: u32,
    pub(super) errors: Vec<ErrorWord<'a>>,
    /// The types that the document names, by name.
    pub(super) types: Vec<Declaration<'a>>,
    pub(super) methods: Vec<Call<'a>>,
    pub(super) notifications: Vec<Notice<'a>>,
    pub(super) questions: Vec<Call<'a>>,
}

/// A reason for which a request fails.
#[derive(Debug)]
pub(super) struct ErrorWord<'a> {
    pub(super) word: &'a str,
    pub(super) code: i64,
    pub(super) summary: &'a str,
}

/// A type that has a name.
#[derive(Debug, PartialEq)]
pub(super) struct Declaration<'a> {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) form: Form<'a>,
}

/// The form of a type.
#[derive(Debug, PartialEq)]
pub(super) enum Form<'a> {
    /// Its fields, at least one.
    Object(Vec<&'a Field>),
    /// One of some words, each with its description. Later versions have more.
    Words(Vec<(&'a str, &'a str)>),
    /// Objects that differ in `kind`. Later versions have more.
    Kinds(Vec<Kind<'a>>),
    /// An object without fields: later versions may have some.
    Empty,
    /// Another type.
    Alias(&'a Schema),
}

/// An object with a `kind`.
#[derive(Debug, PartialEq)]
pub(super) struct Kind<'a> {
    pub(super) word: &'a str,
    pub(super) description: &'a str,
    /// The type whose fields it has too.
    pub(super) of: Option<&'a str>,
}

/// A method, or a question.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) summary: &'a str,
    pub(super) params: Declaration<'a>,
    pub(super) result: &'a Schema,
}

/// A notification.
#[derive(Debug)]
pub(super) struct Notice<'a> {
    pub(super) name: &'a str,
    pub(super) summary: &'a str,
    pub(super) params: Declaration<'a>,
}

impl<'a> Language<'a> {
    /// Reads it out of the document.
    ///
    /// # Errors
    /// When two types would have one name, or a method has no result.
    pub(super) fn of(document: &'a Document) -> Result<Self> {
        let version =
            document.info.version.parse::<u32>().context("the version of the language is a number")?;
        let errors = document.components.errors.iter().map(|(word, error)| ErrorWord {
            word,
            code: error.code,
            summary: &error.data.summary,
        });
        let types = document.components.schemas.iter();
        let types = types.map(|(name, schema)| Declaration::of(name.clone(), schema));
        let calls = |methods: &'a [Method]| methods.iter().map(Call::of).collect::<Result<Vec<_>>>();
        let language = Self {
            version,
            errors: errors.collect(),
            types: types.collect(),
            methods: calls(&document.methods)?,
            notifications: document.notifications.iter().map(Notice::of).collect(),
            questions: calls(&document.questions)?,
        };
        language.check_names()?;
        Ok(language)
    }

    fn check_names(&self) -> Result<()> {
        let calls = self.methods.iter().chain(&self.questions).map(|call| &call.params);
        let told = self.notifications.iter().map(|notice| &notice.params);
        let mut names = BTreeSet::new();
        for Declaration { name, .. } in self.types.iter().chain(calls).chain(told) {
            if !names.insert(name) {
                bail!("two types of the document have the name {name}");
            }
        }
        Ok(())
    }
}

impl<'a> Declaration<'a> {
    pub(super) fn of(name: String, schema: &'a Schema) -> Self {
        Self { name, description: schema.description.clone(), form: form(schema) }
    }

    fn params(name: String, description: String, fields: &'a [Field]) -> Self {
        let fields: Vec<&Field> = fields.iter().collect();
        let form = if fields.is_empty() { Form::Empty } else { Form::Object(fields) };
        Self { name, description, form }
    }
}

impl<'a> Call<'a> {
    fn of(method: &'a Method) -> Result<Self> {
        let result = method.result.as_ref().with_context(|| format!("{} has no result", method.name))?;
        let name = format!("{}Params", pascal(&method.name));
        let description = format!("The parameters of `{}`.", method.name);
        let params = Declaration::params(name, description, &method.params);
        Ok(Self { name: &method.name, summary: &method.summary, params, result: &result.schema })
    }
}

impl<'a> Notice<'a> {
    fn of(method: &'a Method) -> Self {
        let name = format!("{}Notification", pascal(&method.name));
        let params = Declaration::params(name, method.summary.clone(), &method.params);
        Self { name: &method.name, summary: &method.summary, params }
    }
}

fn form(schema: &Schema) -> Form<'_> {
    if let Shape::Choice(several) = &schema.shape {
        let kinds = || kinds(several).map(Form::Kinds);
        return words(several).map(Form::Words).or_else(kinds).unwrap_or(Form::Alias(schema));
    }
    if let Shape::Object { of: None, fields } = &schema.shape {
        return if fields.is_empty() { Form::Empty } else { Form::Object(fields.iter().collect()) };
    }
    Form::Alias(schema)
}

fn words(several: &[Schema]) -> Option<Vec<(&str, &str)>> {
    several.iter().map(|one| Some((word(one)?, one.description.as_str()))).collect()
}

fn word(schema: &Schema) -> Option<&str> {
    if let Shape::Word(word) = &schema.shape { Some(word) } else { None }
}

fn kinds(several: &[Schema]) -> Option<Vec<Kind<'_>>> {
    several.iter().map(kind).collect()
}

/// An object that has a `kind` and nothing else of its own.
fn kind(schema: &Schema) -> Option<Kind<'_>> {
    let Shape::Object { of, fields } = &schema.shape else { return None };
    let [Field { name, required: true, schema: own }] = fields.as_slice() else { return None };
    let word = word(own).filter(|_| name == "kind")?;
    Some(Kind { word, description: &schema.description, of: of.as_deref() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::FIXTURE;

    #[test]
    fn types_are_told_apart_by_their_form() {
        let document = Document::read(FIXTURE).unwrap();
        let language = Language::of(&document).unwrap();
        assert_eq!(language.version, 7);
        let names: Vec<&str> = language.types.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Cup", "Mug", "Poured"]);
        let Form::Kinds(kinds) = &language.types[0].form else { panic!("no kinds") };
        let told: Vec<(&str, Option<&str>)> = kinds.iter().map(|kind| (kind.word, kind.of)).collect();
        assert_eq!(told, [("mug", Some("Mug")), ("usual", None)]);
        assert!(matches!(&language.types[1].form, Form::Object(fields) if fields.len() == 1));
        assert_eq!(language.methods[0].params.name, "TeaPourParams");
        assert_eq!(language.questions[0].params.form, Form::Empty);
        assert_eq!(language.notifications[0].params.name, "TeaColdNotification");
    }

    #[test]
    fn words_are_told_with_what_they_mean() {
        let choice = r#"{"oneOf":[{"const":"a","description":"One."},{"const":"b"}]}"#;
        let schema: Schema = serde_json::from_str(choice).unwrap();
        assert_eq!(form(&schema), Form::Words(vec![("a", "One."), ("b", "")]));
    }

    #[test]
    fn a_name_that_is_given_twice_is_an_error() {
        let document = Document::read(&FIXTURE.replace("\"Mug\": {", "\"TeaPourParams\": {")).unwrap();
        assert!(Language::of(&document).is_err());
    }
}
