//! Passwords are written and not read.

use convene_dial::candidates;

use super::*;

/// The login that is shown to the first proxy.
fn login(place: &Place) -> Option<(String, String)> {
    let found = candidates(&place.source.read().unwrap().proxies.named, "conference.test", 443);
    let (_, login) = found.into_iter().next()?;
    login.map(|login| (login.user, login.password.reveal().to_owned()))
}

fn pair(user: &str, password: &str) -> (String, String) {
    (user.to_owned(), password.to_owned())
}

#[tokio::test]
async fn a_password_lies_in_a_file_of_its_own_and_is_shown_to_the_proxy_alone() {
    let place = Place::new(&[("convened.toml", "[proxy]\nurl = \"http://a.test:1\"")]);
    let patch = json!({ "proxy": { "user": "anna", "password": "hunter2" } });
    let changed = place.patch(patch).await.unwrap();
    assert_eq!(login(&place), Some(pair("anna", "hunter2")));
    let password = &changed.proxy["password"];
    assert!(password.secret && password.value == true && password.from.kind == SettingSourceKind::Api);
    let told = serde_json::to_string(&changed).unwrap() + &format!("{changed:?}");
    assert!(!told.contains("hunter"), "{told}");
    let files = place.files();
    let holding: Vec<&str> =
        files.iter().filter(|(_, text)| text.contains("hunter")).map(|(name, _)| name.as_str()).collect();
    assert_eq!(holding, ["proxy-password-1"]);
    #[cfg(unix)]
    for name in ["settings.toml", "proxy-password-1"] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(place.kept(name).metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }

    let before = changed.number;
    let changed = place.patch(json!({ "proxy": { "password": "hunter3" } })).await.unwrap();
    assert_eq!((login(&place), changed.number), (Some(pair("anna", "hunter3")), before + 1));
    assert!(place.files().values().all(|text| !text.contains("hunter2")), "the one before is gone");
    let place = place.restart();
    assert_eq!(login(&place), Some(pair("anna", "hunter3")));

    let back = place.patch(json!({ "proxy": { "password": null } })).await.unwrap();
    assert_eq!(back.proxy["password"].value, Value::Null);
    assert_eq!(place.files().keys().collect::<Vec<_>>(), ["settings.toml"]);
}

#[tokio::test]
async fn a_password_in_an_address_is_split_off() {
    let place = Place::new(&[("convened.toml", "")]);
    let patch = json!({ "proxy": { "url": "http://anna:hunter%32@a.test:1" } });
    let changed = place.patch(patch).await.unwrap();
    assert_eq!(login(&place), Some(pair("anna", "hunter2")));
    assert_eq!(
        (&changed.proxy["url"].value, &changed.proxy["user"].value),
        (&json!("http://a.test:1"), &json!("anna"))
    );
    let settings = &place.files()["settings.toml"];
    assert!(!settings.contains("hunter") && settings.contains("http://a.test:1"), "{settings}");
}

#[tokio::test]
async fn a_refused_password_leaves_the_one_before() {
    let place = Place::new(&[("convened.toml", "[proxy]\nurl = \"http://a.test:1\"\nuser = \"anna\"")]);
    place.patch(json!({ "proxy": { "password": "hunter2" } })).await.unwrap();
    let files = place.files();
    let refused = json!({ "proxy": { "password": "hunter3", "user": "a:b" } });
    assert!(invalid("proxy.user")(&place.patch(refused).await.unwrap_err()));
    assert_eq!((place.files(), login(&place)), (files, Some(pair("anna", "hunter2"))));
}

#[tokio::test]
async fn a_password_that_a_policy_fixes_is_not_set() {
    let place = Place::new(&[("convened.toml", ""), ("kept", "of the policy")]);
    std::fs::write(place.dir.path().join("policy.toml"), "[proxy]\npassword_file = \"kept\"").unwrap();
    let error = place.patch(json!({ "proxy": { "password": "hunter2" } })).await.unwrap_err();
    assert_eq!(error, PatchError::Fixed { setting: "proxy.password".to_owned() });
    assert!(place.files().is_empty());
}
