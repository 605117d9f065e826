//! Settings that are changed while the daemon runs: what is in effect, what lies on the disk, and
//! what is told of it.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;

use convene_tests_system::{Place, Program, search, until};
use serde_json::{Value, json};

use crate::hand::Hand;

async fn started(place: &Place) -> Program {
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    daemon
}

/// A frontend of a daemon that has taken up its seats.
async fn attached(place: &Place) -> Hand {
    let mut hand = Hand::attach(place, "one");
    until("the start", || hand.call("settings.get", &json!({})).is_object().then_some(())).await;
    hand
}

fn patch(hand: &mut Hand, patch: &Value) -> Value {
    hand.call("settings.patch", &json!({ "patch": patch }))
}

/// Whether proxies count that users offer: they do not where the mode is off.
fn takes_offers(hand: &mut Hand) -> bool {
    hand.call("proxy.offer", &json!({ "sources": [] }))["used"] == true
}

#[tokio::test]
async fn a_setting_is_in_effect_without_a_restart_and_survives_one() {
    let place = Place::new();
    let mut daemon = started(&place).await;
    let mut hand = attached(&place).await;
    assert!(takes_offers(&mut hand));
    let changed = patch(&mut hand, &json!({ "proxy": { "mode": "off" } }));
    assert_eq!(changed["proxy"]["mode"]["value"], "off", "{changed}");
    assert_eq!(changed["proxy"]["mode"]["from"]["kind"], "api");
    assert!(!takes_offers(&mut hand), "it is in effect when it is answered");
    let file = place.path("one/settings.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("mode = \"off\""), "{text}");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    daemon.restart();
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let mut hand = attached(&place).await;
    assert!(!takes_offers(&mut hand));
    let back = patch(&mut hand, &json!({ "proxy": { "mode": null } }));
    assert_eq!(back["proxy"]["mode"]["from"]["kind"], "default");
    assert!(takes_offers(&mut hand));
}

#[tokio::test]
async fn drop_ins_are_hidden_and_policies_win() {
    let place = Place::new();
    place.write("convened.toml", "[[server]]\nhost = \"localhost\"\ncontact = \"file\"\n");
    std::fs::create_dir(place.path("convened.d")).unwrap();
    place.write("convened.d/10.toml", "[[server]]\nhost = \"localhost\"\ncontact = \"drop-in\"\n");
    let _daemon = started(&place).await;
    let mut hand = attached(&place).await;
    let changed = patch(&mut hand, &json!({ "server": { "localhost:443": { "contact": "api" } } }));
    let contact = &changed["server"]["localhost:443"]["contact"];
    assert_eq!(contact["value"], "api", "{changed}");
    let hidden: Vec<_> = contact["hidden"].as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!(hidden, ["drop-in", "file"]);
    let place_of = contact["hidden"][0]["from"]["place"].as_str().unwrap();
    assert!(place_of.ends_with("convened.d/10.toml:3:1"), "{place_of}");

    place.write("policy.toml", "[proxy]\nmode = \"auto\"\n");
    let mode = |hand: &mut Hand| hand.call("settings.get", &json!({}))["proxy"]["mode"].clone();
    until("the policy", || (mode(&mut hand)["managed"] == true).then_some(())).await;
    let refused = hand.refused("settings.patch", &json!({ "patch": { "proxy": { "mode": "off" } } }));
    assert_eq!((&refused["code"], &refused["setting"]), (&"fixed_by_policy".into(), &"proxy.mode".into()));
    assert!(takes_offers(&mut hand));
}

#[tokio::test]
async fn a_change_that_cannot_be_made_leaves_all_as_it_was() {
    let place = Place::new();
    let _daemon = started(&place).await;
    let mut hand = attached(&place).await;
    let before = hand.call("settings.get", &json!({}));
    for (patch, code, setting) in [
        (json!({ "proxy": { "mode": "always" } }), "setting_invalid", "proxy.mode"),
        (json!({ "proxy": { "mode": "manual" } }), "setting_invalid", "proxy.mode"),
        (json!({ "proxy": { "url": "ftp://a.test" } }), "proxy_malformed", "proxy.url"),
        (
            json!({ "server": { "localhost:443": { "https_port": 0 } } }),
            "setting_invalid",
            "server.localhost:443.https_port",
        ),
    ] {
        let refused = hand.refused("settings.patch", &json!({ "patch": patch }));
        assert_eq!((refused["code"].as_str(), refused["setting"].as_str()), (Some(code), Some(setting)));
        assert!(refused["reason"].is_string(), "{refused}");
    }
    let outdated = json!({ "patch": { "proxy": { "mode": "off" } }, "number": 1 });
    assert_eq!(hand.refused("settings.patch", &outdated)["code"], "settings_changed");
    assert!(!place.path("one/settings.toml").exists());
    assert_eq!(hand.call("settings.get", &json!({})), before);
}

#[tokio::test]
async fn a_password_is_read_nowhere_again() {
    let place = Place::new().with("CONVENE_LOG", "trace");
    let daemon = started(&place).await;
    let mut hand = attached(&place).await;
    let mut watcher = attached(&place).await;
    watcher.call("settings.watch", &json!({}));
    let url = "http://anna:canary-1@127.0.0.1:9";
    let told = [
        patch(&mut hand, &json!({ "proxy": { "url": url } })),
        patch(&mut hand, &json!({ "proxy": { "password": "canary-2" } })),
        patch(&mut hand, &json!({ "own": { "proxy": { "proxies": ["http://anna:canary-3@127.0.0.1:9"] } } })),
        hand.refused(
            "settings.patch",
            &json!({ "patch": { "proxy": { "password": "canary-4", "mode": "x" } } }),
        ),
        hand.call("settings.get", &json!({})),
        watcher.hear("settings.changed", |told| told["settings"]["own"]["proxy"].is_object()),
    ];
    assert_eq!(told[1]["proxy"]["password"]["value"], true, "{}", told[1]);
    assert_eq!(told[1]["proxy"]["user"]["value"], "anna");
    for told in told.iter().map(Value::to_string).chain(watcher.said.iter().map(Value::to_string)) {
        assert!(!told.contains("canary"), "{told}");
    }
    let by_hand = place.convene("one", &["settings", "get"]);
    assert_eq!(by_hand.status.code(), Some(0), "{by_hand:?}");
    assert!(!String::from_utf8_lossy(&by_hand.stdout).contains("canary"), "{by_hand:?}");
    let passwords = [1, 2].map(|turn| place.path(&format!("one/proxy-password-{turn}")));
    let kept: Vec<_> = passwords.into_iter().filter(|path| path.exists()).collect();
    assert_eq!(search(&kept, "canary-[0-9]"), ["canary-2".to_owned()].into());
    assert_eq!(kept.len(), 1, "the one before is gone");
    let others = [place.path("one.log"), place.path("one/settings.toml")];
    assert_eq!(search(&others, "canary-[0-9]"), BTreeSet::new(), "{}", daemon.logged());
}

#[tokio::test]
async fn a_watch_tells_what_others_change_whether_in_a_file_or_for_themselves() {
    let place = Place::new();
    let _daemon = started(&place).await;
    let (mut hand, mut watcher) = (attached(&place).await, attached(&place).await);
    let seen = watcher.call("settings.watch", &json!({}))["number"].as_u64().unwrap();
    let mut next = |count: u64| {
        watcher.hear("settings.changed", |told| told["settings"]["number"] == seen + count)["settings"].take()
    };
    let off = json!({ "patch": { "proxy": { "mode": "off" } }, "number": seen });
    assert_eq!(hand.call("settings.patch", &off)["number"], seen + 1);
    assert_eq!(next(1)["proxy"]["mode"]["value"], "off");
    assert_eq!(hand.refused("settings.patch", &off)["code"], "settings_changed");
    place.write("convened.toml", "[[server]]\nhost = \"localhost\"\ncontact = \"help\"\n");
    assert_eq!(next(2)["server"]["localhost:443"]["contact"]["value"], "help");
    let gnome = json!({ "sources": [{ "name": "gnome", "proxies": ["http://desk.test:1"] }] });
    hand.call("proxy.offer", &gnome);
    assert_eq!(next(3)["own"]["offered"][0]["name"], "gnome");
    patch(&mut hand, &json!({ "own": { "tell_access": true } }));
    assert_eq!(next(4)["own"]["tell_access"], true);
}

#[tokio::test]
async fn users_change_what_is_theirs_and_are_told_the_command_for_the_rest() {
    let place = Place::new();
    let _daemon = started(&place).await;
    let set = |arguments: &[&str]| place.convene("one", &[&["settings"][..], arguments].concat());
    attached(&place).await;
    let output = set(&["set", "proxy.mode", "off", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["key"], &line["value"]), (&"proxy.mode".into(), &"off".into()));
    assert_eq!(set(&["set", "proxy.mode", "always"]).status.code(), Some(2));
    assert_eq!(set(&["set", "proxy.password", "secret"]).status.code(), Some(2));
    assert_eq!(set(&["get", "proxy.mod"]).status.code(), Some(2));
    assert_eq!(set(&["set", "proxy.mode", "--unset"]).status.code(), Some(0));
    if let Some(mut nobody) = Hand::of_nobody(&place, "one") {
        let off = json!({ "patch": { "proxy": { "mode": "off" } } });
        let refused = nobody.refused("settings.patch", &off);
        assert_eq!(refused["code"], "not_privileged");
        assert_eq!(refused["command"], "sudo convene settings set proxy.mode off");
        let own = patch(&mut nobody, &json!({ "own": { "tell_access": true } }));
        assert_eq!(own["own"]["tell_access"], true, "{own}");
        assert_eq!(own["privileged"], false);
    }
}
