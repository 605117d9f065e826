use std::path::PathBuf;

use convene_local_api::{Setting, SettingSourceKind};
use serde_json::{Value, json};

use super::*;
use crate::config::{ConfigSource, Reading};
use crate::store::StoreOptions;

mod own;
mod passwords;

const ANNA: &str = "uid:1000";
const BERT: &str = "uid:1001";

/// A configuration, and the settings upon it.
struct Place {
    dir: tempfile::TempDir,
    source: ConfigSource,
    board: Arc<Board>,
    _wishes: mpsc::Receiver<Wish>,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        Self::open(dir)
    }

    fn open(dir: tempfile::TempDir) -> Self {
        let (path, state) = (dir.path().join("convened.toml"), dir.path().join("state"));
        // They win over those of this machine's `/etc/environment`.
        let variables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
        let environment = variables.map(|name| (name.to_owned(), String::new())).into();
        let source = ConfigSource { path, named: false, state, environment };
        let (store, _notices) = Store::open(&source.state, &StoreOptions::default()).unwrap();
        let store = Arc::new(store);
        let Reading { proxies, settings, .. } = source.read().unwrap();
        let proxies = Arc::new(Proxies::new(Arc::clone(&store), proxies));
        let (board, wishes) = Board::new(store, proxies, settings);
        Self { dir, source, board, _wishes: wishes }
    }

    /// The daemon ends, and is started again.
    fn restart(self) -> Self {
        let Self { dir, source, board, _wishes: wishes } = self;
        drop((source, board, wishes));
        Self::open(dir)
    }

    /// Does as the task that fulfils wishes, without connections.
    async fn patch_at(&self, user: &str, patch: Value, number: Option<u64>) -> Result<Settings, PatchError> {
        let (answer, _) = oneshot::channel();
        let wish = Wish { user: user.to_owned(), params: SettingsPatchParams { patch, number }, answer };
        let prepared = self.board.prepare(&self.source, &wish).await?;
        if let Some(file) = prepared.file {
            let Reading { proxies, settings, .. } = file.write().await?;
            self.board.proxies.set_machine(proxies);
            self.board.set_machine(settings);
        }
        self.board.keep_own(&wish, prepared.own).await?;
        Ok(self.board.show(user, true).await)
    }

    async fn patch(&self, patch: Value) -> Result<Settings, PatchError> {
        self.patch_at(ANNA, patch, None).await
    }

    fn kept(&self, name: &str) -> PathBuf {
        self.source.state.join(name)
    }

    /// The files that this room keeps, with their contents.
    fn files(&self) -> BTreeMap<String, String> {
        let listed = std::fs::read_dir(&self.source.state).unwrap();
        let names = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let ours = names.filter(|name| !name.starts_with("seats."));
        ours.map(|name| (name.clone(), std::fs::read_to_string(self.kept(&name)).unwrap())).collect()
    }
}

fn value(setting: &Setting) -> (Value, SettingSourceKind) {
    (setting.value.clone(), setting.from.kind)
}

fn invalid(setting: &str) -> impl Fn(&PatchError) -> bool {
    let setting = setting.to_owned();
    move |error| matches!(error, PatchError::Invalid { setting: told, .. } if *told == setting)
}

#[tokio::test]
async fn a_change_is_kept_in_effect_and_counted_and_taken_back_again() {
    let place = Place::new(&[("convened.toml", "[proxy]\nmode = \"auto\"")]);
    let before = place.board.show(ANNA, true).await;
    let changed = place.patch(json!({ "proxy": { "mode": "off" } })).await.unwrap();
    assert_eq!(changed.number, before.number + 1);
    assert_eq!(value(&changed.proxy["mode"]), ("off".into(), SettingSourceKind::Api));
    assert_eq!(changed.proxy["mode"].hidden[0].value, "auto");
    assert_eq!(place.files().keys().collect::<Vec<_>>(), ["settings.toml"]);
    let same = place.patch(json!({ "proxy": { "mode": "off" } })).await.unwrap();
    assert_eq!(same.number, changed.number, "nothing changed");
    let place = place.restart();
    let after = place.board.show(ANNA, false).await;
    assert_eq!(after.proxy, changed.proxy);
    assert!(after.number > changed.number, "a number from before a restart is not used again");
    assert!(after.command.is_some_and(|command| command.contains("convene settings set")));
    let back = place.patch(json!({ "proxy": { "mode": null } })).await.unwrap();
    assert_eq!(value(&back.proxy["mode"]), ("auto".into(), SettingSourceKind::File));
    assert_eq!(back.proxy["mode"].hidden, []);
}

#[tokio::test]
async fn the_query_of_a_scripts_address_is_shown_to_administrators_alone() {
    let place = Place::new(&[("convened.toml", "[proxy]\npac_url = \"http://a.test/proxy.pac?key=1\"")]);
    for (privileged, shown) in [(true, "http://a.test/proxy.pac?key=1"), (false, "http://a.test/proxy.pac")] {
        let settings = place.board.show(ANNA, privileged).await;
        assert_eq!(value(&settings.proxy["pac_url"]), (shown.into(), SettingSourceKind::File));
    }
}

#[tokio::test]
async fn servers_are_merged_by_their_host_and_named_by_their_port() {
    let place =
        Place::new(&[("convened.toml", "[[server]]\nhost = \"a.test\"\nhttps_port = 8443\ncontact = \"x\"")]);
    let patch = json!({ "server": {
        "A.test:8443": { "contact": "y" },
        "b.test:1443": { "direct_ports": "4500-4506" },
        "c.test:443": {},
    } });
    let changed = place.patch(patch).await.unwrap();
    let names: Vec<&str> = changed.server.keys().map(String::as_str).collect();
    assert_eq!(names, ["a.test:8443", "b.test:1443", "c.test:443"]);
    assert_eq!(value(&changed.server["a.test:8443"]["contact"]), ("y".into(), SettingSourceKind::Api));
    assert_eq!(value(&changed.server["a.test:8443"]["https_port"]), (8443.into(), SettingSourceKind::File));
    assert_eq!(value(&changed.server["b.test:1443"]["https_port"]), (1443.into(), SettingSourceKind::Api));
    let error = place.patch(json!({ "server": { "a.test:443": { "contact": "z" } } })).await.unwrap_err();
    assert!(
        matches!(&error, PatchError::Invalid { reason, .. } if reason.contains("a.test:8443")),
        "{error:?}"
    );
    let back =
        json!({ "server": { "a.test:8443": { "contact": null }, "b.test:1443": null, "c.test:443": null } });
    let back = place.patch(back).await.unwrap();
    assert_eq!(back.server.len(), 1);
    assert_eq!(value(&back.server["a.test:8443"]["contact"]), ("x".into(), SettingSourceKind::File));
}

#[tokio::test]
async fn a_change_that_the_checks_refuse_changes_nothing() {
    let place = Place::new(&[("convened.toml", "[proxy]\nmode = \"auto\"")]);
    place.patch(json!({ "proxy": { "user": "anna" } })).await.unwrap();
    let (before, files) = (place.board.show(ANNA, true).await, place.files());
    for (patch, setting) in [
        (json!({ "proxy": { "mode": "always" } }), "proxy.mode"),
        (json!({ "proxy": { "mode": "manual" } }), "proxy.mode"),
        (json!({ "proxy": { "mode": "manual", "password": "secret" } }), "proxy.mode"),
        (json!({ "proxy": { "user": "a:b" } }), "proxy.user"),
        (json!({ "proxy": { "password": "two\nlines" } }), "proxy.password"),
        (json!({ "proxy": { "password": 7 } }), "proxy.password"),
        (json!({ "proxy": { "pac_url": "nowhere" } }), "proxy.pac_url"),
        (json!({ "proxy": { "wpad": "yes" } }), "proxy.wpad"),
        (json!({ "proxy": { "port": 1 } }), "proxy.port"),
        (json!({ "proxy": 7 }), "proxy"),
        (json!({ "policy": { "tls_inspection": 7 } }), "policy.tls_inspection"),
        (json!({ "server": { "a.test": {} } }), "server.a.test"),
        (json!({ "server": { "a.test:443": { "host": "b.test" } } }), "server.a.test:443.host"),
        (json!({ "server": { "a.test:443": { "https_port": 0 } } }), "server.a.test:443.https_port"),
        (json!({ "server": { "a.test:443": { "ca_file": "relative.pem" } } }), "server.a.test:443.ca_file"),
        (json!({ "own": { "tell_access": 1 } }), "own.tell_access"),
        (json!({ "own": { "proxy": { "proxy": "a.test" } } }), "own.proxy.proxy"),
        (json!({ "other": {} }), "other"),
        // All or nothing.
        (json!({ "proxy": { "mode": "off" }, "own": { "tell_access": 1 } }), "own.tell_access"),
    ] {
        let error = place.patch(patch.clone()).await.unwrap_err();
        assert!(invalid(setting)(&error), "{patch}: {error:?}");
    }
    for patch in [
        json!({ "proxy": { "url": "ftp://a.test" } }),
        json!({ "own": { "proxy": { "proxies": ["ftp://a"] } } }),
    ] {
        let error = place.patch(patch.clone()).await.unwrap_err();
        assert!(matches!(error, PatchError::Proxy { .. }), "{patch}: {error:?}");
    }
    assert!(matches!(place.patch(json!([])).await, Err(PatchError::Malformed(_))));
    assert_eq!((place.board.show(ANNA, true).await, place.files()), (before, files));
}

#[tokio::test]
async fn what_a_policy_fixes_cannot_be_set_and_what_is_hidden_by_it_can_be_taken_back() {
    let place = Place::new(&[("convened.toml", "")]);
    place.patch(json!({ "proxy": { "mode": "off" } })).await.unwrap();
    std::fs::write(place.dir.path().join("policy.toml"), "[proxy]\nmode = \"auto\"").unwrap();
    let error = place.patch(json!({ "proxy": { "mode": "manual" } })).await.unwrap_err();
    assert_eq!(error, PatchError::Fixed { setting: "proxy.mode".to_owned() });
    let user = place.patch(json!({ "proxy": { "user": "anna" } })).await.unwrap();
    assert!(user.proxy["mode"].managed && user.proxy["mode"].value == "auto", "{user:?}");
    let back = place.patch(json!({ "proxy": { "mode": null } })).await.unwrap();
    assert_eq!(back.proxy["mode"].hidden, []);
}

#[tokio::test]
async fn a_configuration_that_was_wrong_before_is_told_apart_and_can_be_mended() {
    let place = Place::new(&[("convened.toml", "[proxy]\nmode = \"auto\"")]);
    std::fs::write(&place.source.path, "[proxy]\nmode = \"manual\"").unwrap();
    let error = place.patch(json!({ "proxy": { "user": "anna" } })).await.unwrap_err();
    assert!(
        matches!(&error, PatchError::Unusable { reason } if reason.contains("convened.toml:2")),
        "{error:?}"
    );
    assert!(place.files().is_empty());
    let mended = place.patch(json!({ "proxy": { "url": "http://a.test:1" } })).await.unwrap();
    assert_eq!(value(&mended.proxy["mode"]), ("manual".into(), SettingSourceKind::File));
}

#[tokio::test]
async fn a_change_that_is_made_for_other_settings_is_refused() {
    let place = Place::new(&[("convened.toml", "")]);
    let seen = place.board.show(ANNA, true).await.number;
    let off = || json!({ "proxy": { "mode": "off" } });
    assert!(place.patch_at(ANNA, off(), Some(seen)).await.is_ok());
    assert_eq!(place.patch_at(ANNA, json!({ "proxy": null }), Some(seen)).await, Err(PatchError::Outdated));
    let seen = place.board.show(ANNA, true).await.number;
    place.patch_at(BERT, json!({ "own": { "tell_access": true } }), None).await.unwrap();
    assert!(place.patch_at(ANNA, json!({ "proxy": null }), Some(seen)).await.is_ok(), "that is Bert's alone");
}

#[tokio::test]
async fn changes_are_told_also_those_that_others_make() {
    let place = Place::new(&[("convened.toml", "")]);
    let mut changes = place.board.changes();
    place.patch(json!({ "proxy": { "mode": "off" } })).await.unwrap();
    assert!(changes.next().await);
    let sources =
        vec![convene_local_api::ProxySource { name: "gnome".to_owned(), wpad: true, ..Default::default() }];
    let before = place.board.look(ANNA, true);
    place.board.proxies.offer(ANNA, sources, Timestamp::from(SystemTime::now())).await.unwrap();
    assert!(changes.next().await);
    let after = place.board.look(ANNA, true);
    assert_eq!((after.number, after.own.offered.len()), (before.number + 1, 1));
    std::fs::write(&place.source.path, "[proxy]\nuser = \"anna\"").unwrap();
    place.board.set_machine(place.source.read().unwrap().settings);
    assert!(changes.next().await);
    assert_eq!(place.board.look(ANNA, true).number, after.number + 1);
}
