//! Settings of a daemon that says what a test wants.

#![cfg(unix)]

use std::collections::BTreeMap;

use clap::Parser as _;
use convene_command_lines::convene::CommandLine;
use convene_local_api::{HiddenSetting, Method as _, OwnSettings, Setting, SettingSource, SettingSourceKind};
use convene_local_client::FakeDaemon;
use convene_wording::Language;
use serde_json::json;
use tokio::task::JoinSet;

use super::*;

fn settings() -> Settings {
    let setting = |value: Value, kind, secret| Setting {
        value,
        from: SettingSource { kind, place: Some("/etc/convene/convened.toml:2:1".to_owned()) },
        managed: false,
        secret,
        hidden: Vec::new(),
    };
    let mut mode = setting("off".into(), SettingSourceKind::Api, false);
    let from = SettingSource { kind: SettingSourceKind::Default, place: None };
    mode.hidden.push(HiddenSetting { value: "auto".into(), from });
    let password = setting(true.into(), SettingSourceKind::File, true);
    let contact = setting("help@a.test".into(), SettingSourceKind::File, false);
    Settings {
        number: 7,
        proxy: BTreeMap::from([("mode".to_owned(), mode), ("password".to_owned(), password)]),
        policy: BTreeMap::new(),
        server: BTreeMap::from([(
            "a.test:443".to_owned(),
            BTreeMap::from([("contact".to_owned(), contact)]),
        )]),
        own: OwnSettings::default(),
        privileged: true,
        command: None,
    }
}

/// How a command ends, and what the daemon was asked to change.
async fn ended(words: &[&str]) -> (Result<(), Stop>, Vec<Value>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("convened.sock");
    let fake = FakeDaemon::bind(&path).unwrap();
    let fake = fake.answers::<SettingsGet>(&settings()).answers::<SettingsPatch>(&settings());
    let heard = fake.heard();
    let mut serving = JoinSet::new();
    serving.spawn(fake.serve());
    let line = CommandLine::parse_from(["convene", "settings"].into_iter().chain(words.iter().copied()));
    let context = Context::new(true, vec![path], Language::En);
    let ended = super::super::run(line.command.as_ref(), &context).await;
    let heard = heard.lock().unwrap().clone();
    let patches = heard.into_iter().filter(|(method, _)| method == SettingsPatch::NAME);
    (ended, patches.map(|(_, params)| params["patch"].clone()).collect())
}

#[tokio::test]
async fn a_setting_is_changed_by_a_patch_of_it_alone() {
    for (words, patch) in [
        (["set", "proxy.mode", "off"], json!({ "proxy": { "mode": "off" } })),
        (["set", "proxy.mode", "--unset"], json!({ "proxy": { "mode": null } })),
        (["set", "server.a.test:443", "--unset"], json!({ "server": { "a.test:443": null } })),
        (["set", "own.tell_access", "true"], json!({ "own": { "tell_access": true } })),
    ] {
        let (stop, patches) = ended(&words).await;
        assert!(stop.is_ok(), "{words:?}: {stop:?}");
        assert_eq!(patches, [patch]);
    }
}

#[tokio::test]
async fn a_secret_in_the_arguments_is_not_sent_and_what_makes_no_sense_is_a_matter_of_usage() {
    for words in [
        &["set", "proxy.password", "hunter2"][..],
        &["set", "proxy.url", "http://anna:hunter2@a.test"],
        &["set", "proxy.mode"],
        &["set", "nothing.mode", "off"],
        &["get", "proxy.mod"],
    ] {
        let (stop, patches) = ended(words).await;
        assert_eq!((stop.unwrap_err().code(), patches), (crate::stop::USAGE, Vec::new()), "{words:?}");
    }
    for words in [&["get"][..], &["get", "proxy"], &["get", "server.A.test:443"]] {
        assert!(ended(words).await.0.is_ok(), "{words:?}");
    }
}

#[test]
fn people_see_the_value_its_place_and_what_it_hides_and_no_secret() {
    let wording = Wording::new(Language::En);
    let text =
        |key| meant(&settings(), Some(key)).iter().flat_map(|line| line.text(&wording)).collect::<Vec<_>>();
    let mode = text("proxy.mode");
    assert_eq!(mode.len(), 2, "{mode:?}");
    assert!(mode[0].starts_with("proxy.mode = off") && mode[0].contains("convened.toml:2:1"), "{mode:?}");
    assert!(mode[1].starts_with("  ") && mode[1].contains("auto"), "{mode:?}");
    assert!(!text("proxy.password")[0].contains("true"), "{:?}", text("proxy.password"));
    assert_eq!(text("proxy").len(), 3);
    assert!(text("own")[0].starts_with("own.proxy = "), "{:?}", text("own"));
}
