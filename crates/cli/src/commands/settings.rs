//! `convene settings`.

mod lines;
mod names;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use convene_command_lines::convene::{self, SettingsCommand, SettingsSet};
use convene_local_api::{Empty, Settings, SettingsGet, SettingsPatch, SettingsPatchParams};
use convene_wording::Wording;
use serde_json::Value;

use self::lines::{Line, lines};
use super::Context;
use crate::output;
use crate::stop::Stop;

/// Bytes of a password that is read from standard input.
const PASSWORD_BYTES_MAX: u64 = 4 * 1024;

pub(super) async fn run(options: &convene::Settings, context: &Context) -> Result<(), Stop> {
    match &options.command {
        SettingsCommand::Get(options) => get(options.key.as_deref(), context).await,
        SettingsCommand::Set(options) => set(options, context).await,
    }
}

async fn get(key: Option<&str>, context: &Context) -> Result<(), Stop> {
    let client = context.connect().await?;
    let settings = client.call::<SettingsGet>(&Empty {}).await?;
    let shown = meant(&settings, key);
    if shown.is_empty() && key.is_some() {
        return Err(Stop::Usage(context.wording.word("setting_unknown")));
    }
    print(&shown, context)
}

async fn set(options: &SettingsSet, context: &Context) -> Result<(), Stop> {
    let SettingsSet { key, value, unset } = options;
    let usage = |word: &str| Stop::Usage(context.wording.word(word));
    let path = names::path(key).ok_or_else(|| usage("setting_unknown"))?;
    if value.as_deref().is_some_and(|value| names::is_address(key) && value.contains('@')) {
        // Everybody on this machine can read the arguments of a command.
        return Err(usage("proxy_login_apart"));
    }
    let client = context.connect().await?;
    let before = client.call::<SettingsGet>(&Empty {}).await?;
    let is_secret = meant(&before, Some(key)).iter().any(|line| line.is_secret && line.key == *key);
    let value = match value {
        _ if *unset => Value::Null,
        Some(_) if is_secret => return Err(usage("setting_secret_apart")),
        Some(text) => names::value(key, text),
        None if is_secret => match ask(&context.wording) {
            Ok(secret) if !secret.is_empty() => secret.into(),
            Ok(_) => return Err(usage("setting_value_missing")),
            Err(_) => return Err(Stop::Usage(context.wording.about("stop-input", &[]))),
        },
        None => return Err(usage("setting_value_missing")),
    };
    let params = SettingsPatchParams { patch: names::patch(&path, value), number: None };
    let after = client.call::<SettingsPatch>(&params).await?;
    let shown = meant(&after, Some(key));
    if shown.is_empty() && !context.json {
        output::line(&context.wording.word("setting_taken_back"))?;
    }
    print(&shown, context)
}

/// The settings of this name, or whose names begin so.
fn meant(settings: &Settings, key: Option<&str>) -> Vec<Line> {
    let wanted = key.map(str::to_ascii_lowercase);
    let is_meant = |line: &Line| {
        let Some(wanted) = &wanted else { return true };
        let rest = line.key.strip_prefix(wanted.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    lines(settings).into_iter().filter(is_meant).collect()
}

fn print(shown: &[Line], context: &Context) -> Result<(), Stop> {
    for line in shown {
        if context.json {
            output::json(&line.json())?;
        } else {
            for text in line.text(&context.wording) {
                output::line(&text)?;
            }
        }
    }
    Ok(())
}

/// Asks the person, or takes the line that a script hands over.
fn ask(wording: &Wording) -> io::Result<String> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("{} ", wording.word("login_password")));
    }
    let mut line = String::new();
    io::stdin().lock().take(PASSWORD_BYTES_MAX).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
