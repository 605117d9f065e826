//! The right that each method needs, in one table.

use convene_local_api::{
    AccessCheck, Act, ConnectionRetry, ConnectionWatch, DiscoverMethod, Dismiss, DraftGet, DraftSet,
    ErrorCode, ErrorObject, Forget, Hello, History, Join, Leave, List, Method as _, Presence, ProxyOffer,
    ProxyTest, Request, SettingsGet, SettingsPatch, SettingsPatchParams, SettingsWatch, SystemStatus,
    Unwatch, Watch,
};
use serde_json::Value;

use crate::os::{Peer, as_administrator};
use crate::settings::SET;

/// The right that a method needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// None: everyone is told of what is theirs, and changes that alone.
    Everyone,
    /// Root, administrators and the group `convene`; others are told this command.
    Privileged(&'static str),
    /// Everyone may change the section `own` of the settings; the others are as
    /// [`Right::Privileged`].
    OwnSettings,
}

/// Every method, and the right that it needs. A method that does not stand here is not answered.
pub(super) const RIGHTS: &[(&str, Right)] = &[
    (DiscoverMethod::NAME, Right::Everyone),
    (Hello::NAME, Right::Everyone),
    (ConnectionWatch::NAME, Right::Everyone),
    (ConnectionRetry::NAME, Right::Everyone),
    (AccessCheck::NAME, Right::Everyone),
    (SettingsGet::NAME, Right::Everyone),
    (SettingsPatch::NAME, Right::OwnSettings),
    (SettingsWatch::NAME, Right::Everyone),
    (SystemStatus::NAME, Right::Privileged("convene status --system")),
    (ProxyOffer::NAME, Right::Everyone),
    (ProxyTest::NAME, Right::Everyone),
    (Join::NAME, Right::Everyone),
    (List::NAME, Right::Everyone),
    (Watch::NAME, Right::Everyone),
    (Unwatch::NAME, Right::Everyone),
    (Presence::NAME, Right::Everyone),
    (History::NAME, Right::Everyone),
    (Act::NAME, Right::Everyone),
    (Dismiss::NAME, Right::Everyone),
    (DraftGet::NAME, Right::Everyone),
    (DraftSet::NAME, Right::Everyone),
    (Leave::NAME, Right::Everyone),
    (Forget::NAME, Right::Everyone),
];

/// Whether this user may ask this.
///
/// # Errors
/// The answer to give: `not_privileged` with the command that works, or that there is no such
/// method.
pub(super) fn check(peer: &Peer, request: &Request) -> Result<(), ErrorObject> {
    let right = RIGHTS.iter().find(|(method, _)| *method == request.method).map(|(_, right)| *right);
    let command = match right {
        None => {
            return Err(ErrorObject::new(ErrorCode::MethodNotFound).with("method", request.method.as_str()));
        }
        Some(Right::Everyone) => None,
        Some(Right::Privileged(command)) => Some(command.to_owned()),
        Some(Right::OwnSettings) => setting(request).map(|setting| format!("{SET} {setting}")),
    };
    match command.filter(|_| !peer.privileged) {
        Some(command) => {
            Err(ErrorObject::new(ErrorCode::NotPrivileged).with("command", as_administrator(&command)))
        }
        None => Ok(()),
    }
}

/// The first setting of the machine that a patch changes, as `convene settings set` is told it:
/// its name and its value, where that needs no quotes. A password is asked for.
fn setting(request: &Request) -> Option<String> {
    // The room of the method says so where it is no patch.
    let SettingsPatchParams { patch, .. } = serde_json::from_str(request.params.get()).ok()?;
    let (section, mut value) = patch.as_object()?.iter().find(|(section, _)| *section != "own")?;
    let mut name = section.clone();
    while let Some((key, inner)) = value.as_object().and_then(|inner| inner.iter().next()) {
        name = format!("{name}.{key}");
        value = inner;
    }
    if !name.chars().all(is_plain) {
        return Some("KEY VALUE".to_owned());
    }
    Some(match value {
        Value::Null => format!("{name} --unset"),
        Value::Bool(_) | Value::Number(_) => format!("{name} {value}"),
        Value::String(_) if name == "proxy.password" => name,
        Value::String(text) if !text.is_empty() && text.chars().all(is_plain) => format!("{name} {text}"),
        Value::String(_) | Value::Array(_) | Value::Object(_) => format!("{name} VALUE"),
    })
}

/// Whether a shell passes it on as it is. A login in an address is told to nobody.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || ['.', ':', '/', '_', '-'].contains(&letter)
}

#[cfg(test)]
mod tests {
    use convene_local_api::{OPENRPC, read_request};
    use serde_json::json;

    use super::*;
    use crate::os::UserId;

    fn outcome(privileged: bool, method: &str, params: &Value) -> Result<(), ErrorObject> {
        let peer = Peer { user: UserId::named("anna"), pid: None, privileged };
        let line = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        read_request(&line).map_err(|(_, error)| error).and_then(|request| check(&peer, &request))
    }

    #[test]
    fn every_method_of_the_api_has_its_line_and_no_other_is_there() {
        let document: Value = serde_json::from_str(OPENRPC).unwrap();
        let described = document["methods"].as_array().unwrap().iter();
        let mut described: Vec<&str> = described.map(|method| method["name"].as_str().unwrap()).collect();
        let mut listed: Vec<&str> = RIGHTS.iter().map(|(method, _)| *method).collect();
        described.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, described);
    }

    #[test]
    fn a_refusal_names_the_command_that_works() {
        for (patch, command) in [
            (json!({ "proxy": { "mode": "off" } }), "proxy.mode off"),
            (json!({ "proxy": { "wpad": true }, "own": { "tell_access": true } }), "proxy.wpad true"),
            (json!({ "proxy": { "password": "secret" } }), "proxy.password"),
            (json!({ "proxy": { "url": "http://anna:secret@proxy.test" } }), "proxy.url VALUE"),
            (
                json!({ "server": { "a.test:443": { "contact": "Anna & Bert" } } }),
                "server.a.test:443.contact VALUE",
            ),
            (json!({ "server": { "a.test:443": null } }), "server.a.test:443 --unset"),
            (json!({ "proxy": { "x; rm": "off" } }), "KEY VALUE"),
            (json!({ "proxy": {} }), "proxy VALUE"),
        ] {
            let error = outcome(false, "settings.patch", &json!({ "patch": patch })).unwrap_err();
            assert_eq!(error.known(), Some(ErrorCode::NotPrivileged), "{patch}");
            let told = error.field("command").unwrap();
            assert!(told.contains(&format!("convene settings set {command}")), "{patch}: {told}");
            assert!(!told.contains("secret"), "{told}");
            assert_eq!(outcome(true, "settings.patch", &json!({ "patch": patch })), Ok(()));
        }
        for own in [json!({ "own": { "tell_access": true } }), json!({}), json!(7)] {
            assert_eq!(outcome(false, "settings.patch", &json!({ "patch": own })), Ok(()));
        }
        let unknown = outcome(true, "settings.put", &json!({})).unwrap_err();
        assert_eq!(unknown.known(), Some(ErrorCode::MethodNotFound));
    }
}
