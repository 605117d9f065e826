//! Settings as they are printed, one after the other.

use std::collections::BTreeMap;

use convene_local_api::{OwnSettings, ProxySource, Setting, SettingSource, Settings};
use convene_wording::Wording;
use serde::Serialize;
use serde_json::{Value, json};

/// A setting with its name.
pub(super) struct Line {
    pub(super) key: String,
    pub(super) is_secret: bool,
    shown: Shown,
}

enum Shown {
    Machine(Setting),
    /// Of the user: as JSON, and the text that people read in its place.
    Own(Value, Option<String>),
}

/// All settings by their names, each section by itself.
pub(super) fn lines(settings: &Settings) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(section("policy", &settings.policy));
    lines.extend(section("proxy", &settings.proxy));
    for (name, server) in &settings.server {
        lines.extend(section(&format!("server.{name}"), server));
    }
    let OwnSettings { proxy, offered, tell_access, .. } = &settings.own;
    lines.push(own("own.proxy", proxy, proxy.as_ref().map(places)));
    lines.extend(offered.iter().map(|source| {
        let key = format!("own.offered.{}", source.name);
        own(&key, source, Some(places(source)).filter(|text| !text.is_empty()))
    }));
    lines.push(own("own.tell_access", tell_access, tell_access.map(|told| told.to_string())));
    lines
}

fn section(name: &str, settings: &BTreeMap<String, Setting>) -> Vec<Line> {
    let line = |(key, setting): (&String, &Setting)| Line {
        key: format!("{name}.{key}"),
        is_secret: setting.secret,
        shown: Shown::Machine(setting.clone()),
    };
    settings.iter().map(line).collect()
}

fn own(key: &str, value: &impl Serialize, text: Option<String>) -> Line {
    let value = serde_json::to_value(value).unwrap_or_default();
    Line { key: key.to_owned(), is_secret: false, shown: Shown::Own(value, text) }
}

/// The proxies of a place, in a line.
fn places(source: &ProxySource) -> String {
    let wpad = source.wpad.then_some("WPAD");
    let all = source.proxies.iter().chain(&source.pac_url).map(String::as_str).chain(wpad);
    all.collect::<Vec<_>>().join(", ")
}

impl Line {
    /// For programs: what the API says, and the key.
    pub(super) fn json(&self) -> Value {
        let mut shown = match &self.shown {
            Shown::Machine(setting) => serde_json::to_value(setting).unwrap_or_default(),
            Shown::Own(value, _) => json!({ "value": value }),
        };
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("key".to_owned(), self.key.as_str().into());
        }
        shown
    }

    /// For people: the setting, and below it what it hides.
    pub(super) fn text(&self, wording: &Wording) -> Vec<String> {
        let key = ("key", self.key.as_str());
        let setting = match &self.shown {
            Shown::Own(_, text) => {
                let text = text.clone().unwrap_or_else(|| wording.about("setting-none", &[]));
                return vec![wording.about("setting-own", &[key, ("value", text.as_str())])];
            }
            Shown::Machine(setting) => setting,
        };
        let told = |value: &Value| told(value, setting.secret, wording);
        let (value, from) = (told(&setting.value), place(&setting.from, wording));
        let fields = [key, ("value", value.as_str()), ("from", from.as_str())];
        let hidden = setting.hidden.iter().map(|hidden| {
            let (value, from) = (told(&hidden.value), place(&hidden.from, wording));
            let fields = [("value", value.as_str()), ("from", from.as_str())];
            format!("  {}", wording.about("setting-hidden", &fields))
        });
        std::iter::once(wording.about("setting-line", &fields)).chain(hidden).collect()
    }
}

fn told(value: &Value, secret: bool, wording: &Wording) -> String {
    match value {
        Value::Null => wording.about("setting-none", &[]),
        _ if secret => wording.about("setting-secret", &[]),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            values.iter().map(|value| told(value, secret, wording)).collect::<Vec<_>>().join(", ")
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

fn place(from: &SettingSource, wording: &Wording) -> String {
    let kind = wording.about(&format!("setting-from-{}", from.kind.as_str()), &[]);
    match &from.place {
        Some(place) => wording.about("setting-place", &[("kind", kind.as_str()), ("place", place.as_str())]),
        None => kind,
    }
}
