//! The language, and by which proxies the servers are reached.

use convene_local_api::{OwnSettings, ProxySource, ProxyTested, Setting, SettingSourceKind, Settings};
use convene_wording::Language;
use serde_json::Value;

use super::{Entry, Look};
use crate::state::{Act, App, FormKind};

pub(super) fn entries(app: &App) -> Vec<Entry> {
    let mut entries =
        vec![Entry::title(app.say("page-settings")), Entry::new(Look::Strong, app.say("page-language"))];
    for (language, name) in [(Language::De, "Deutsch"), (Language::En, "English")] {
        let is_it = app.words.language() == language;
        entries.push(Entry::button(format!("{} {name}", mark(is_it)), Act::Speak(language)));
    }
    let Some(settings) = &app.settings else {
        entries.push(Entry::plain(app.say("page-loading")));
        return entries;
    };
    own_proxy(app, &settings.own, &mut entries);
    test(app, &mut entries);
    machine(app, settings, &mut entries);
    entries
}

fn mark(is_it: bool) -> &'static str {
    if is_it { "◉" } else { "○" }
}

fn own_proxy(app: &App, own: &OwnSettings, entries: &mut Vec<Entry>) {
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, app.say("page-proxy")));
    let is_script = own.proxy.as_ref().is_some_and(|source| source.pac_url.is_some());
    let is_by_hand = own.proxy.is_some() && !is_script;
    let choices = [
        (own.proxy.is_none(), "page-proxy-auto", Act::ForgetProxy),
        (is_by_hand, "page-proxy-hand", Act::Fill(FormKind::Proxy)),
        (is_script, "page-proxy-script", Act::Fill(FormKind::Script)),
    ];
    if let Some(setting) = &own.proxy_fixed_by {
        let locked = app.words.with("page-locked", &[("setting", setting)]);
        entries.push(Entry::new(Look::Warn, locked));
    }
    for (is_it, key, act) in choices {
        let label = format!("{} {}", mark(is_it), app.say(key));
        entries.push(match &own.proxy_fixed_by {
            None => Entry::button(label, act),
            Some(_) => Entry::new(Look::Off, label),
        });
    }
    if let Some(source) = &own.proxy {
        entries.push(Entry::plain(format!("    {}", addresses(app, source))));
        return;
    }
    let found: Vec<&ProxySource> = own.offered.iter().filter(|source| !source.is_empty()).collect();
    if found.is_empty() {
        entries.push(Entry::hint(app.say("page-proxy-none-found")));
    }
    for source in found {
        let place = app.words.named("page-source", &source.name);
        entries.push(Entry::plain(format!("    {place}: {}", addresses(app, source))));
    }
}

fn addresses(app: &App, source: &ProxySource) -> String {
    let proxies: Vec<&str> = source.proxies.iter().map(|address| without_login(address)).collect();
    match (&source.pac_url, source.wpad) {
        _ if !proxies.is_empty() => proxies.join(", "),
        (Some(script), _) => script.clone(),
        (None, true) => app.say("page-proxy-wpad"),
        (None, false) => String::new(),
    }
}

/// An address as everybody may read it.
fn without_login(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, rest)| rest)
}

fn test(app: &App, entries: &mut Vec<Entry>) {
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, app.say("page-proxy-test")));
    entries.push(Entry::hint(app.say("page-proxy-test-hint")));
    entries.push(if app.is_testing {
        Entry::new(Look::Off, app.say("page-testing"))
    } else {
        Entry::button(app.say("page-test"), Act::TestProxies)
    });
    let Some(tested) = &app.tested else { return };
    if tested.is_empty() {
        entries.push(Entry::plain(app.say("page-proxy-none-known")));
    }
    for ProxyTested { server, proxy, ms, attempt } in tested {
        entries.push(match attempt {
            None => Entry::new(Look::Good, format!("✓ {proxy} → {server} ({})", app.words.span(*ms))),
            Some(attempt) => {
                Entry::new(Look::Bad, format!("✗ {proxy} → {server} · {}", app.words.attempt(attempt)))
            }
        });
    }
}

/// What counts for everybody on this computer, from where, and what the company fixes.
fn machine(app: &App, settings: &Settings, entries: &mut Vec<Entry>) {
    let proxy = settings.proxy.iter().map(|(key, setting)| (format!("proxy.{key}"), setting));
    let policy = settings.policy.iter().map(|(key, setting)| (format!("policy.{key}"), setting));
    let servers = settings
        .server
        .iter()
        .flat_map(|(server, all)| all.iter().map(move |(key, setting)| (format!("{server} {key}"), setting)));
    let is_set = |(_, setting): &(String, &Setting)| {
        setting.managed || setting.from.kind != SettingSourceKind::Default
    };
    let set: Vec<(String, &Setting)> = proxy.chain(policy).chain(servers).filter(is_set).collect();
    if set.is_empty() {
        return;
    }
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, app.say("page-machine-settings")));
    for (key, setting) in set {
        let from = if setting.managed {
            app.say("page-policy")
        } else {
            app.words.named("page-from", setting.from.kind.as_str())
        };
        let place = setting.from.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
        let look = if setting.managed { Look::Warn } else { Look::Plain };
        entries.push(Entry::new(look, format!("{key} = {} · {from}{place}", value(app, setting))));
    }
    if let Some(command) = settings.command.as_ref().filter(|_| !settings.privileged) {
        entries.push(Entry::hint(format!("{} {command}", app.say("page-machine-command"))));
    }
}

fn value(app: &App, setting: &Setting) -> String {
    if setting.secret {
        let is_set = setting.value == Value::Bool(true);
        return if is_set { app.say("page-secret-set") } else { "–".to_owned() };
    }
    match &setting.value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => setting.value.to_string(),
    }
}
