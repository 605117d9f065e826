//! The settings of the machine and of the user, and where each value comes from.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Empty, Notification, ProxySource, method};

/// All settings, as they are in effect.
///
/// What a conference is about has the name `Settings` in the OpenRPC document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SettingsInEffect")]
pub struct Settings {
    /// Rises by one with each change of what this user sees, and is another one after a restart of
    /// the daemon. `settings.patch` may name it.
    pub number: u64,
    /// `[proxy]`, by key, such as `mode`. Every key stands here, also where nothing sets it.
    pub proxy: BTreeMap<String, Setting>,
    /// `[policy]`, by key, such as `tls_inspection`.
    pub policy: BTreeMap<String, Setting>,
    /// `[[server]]`: by `HOST:PORT`, where `PORT` is the HTTPS port, and then by key, such as
    /// `contact`.
    pub server: BTreeMap<String, BTreeMap<String, Setting>>,
    /// What counts for this user's seats alone, and anyone may set.
    pub own: OwnSettings,
    /// Whether this user may change what counts for the whole machine.
    pub privileged: bool,
    /// The command that works where this user may not; left out where they may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// One setting of the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// The value in effect; `null` where nothing sets one and there is no default. Of a secret it
    /// says only whether there is one, as `true`.
    pub value: Value,
    /// The place that sets it.
    pub from: SettingSource,
    /// Whether a policy fixes it: nothing else can change it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub managed: bool,
    /// Whether the value is a secret, such as a password, which is written and never read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Values that other places name and that do not count, the next one in rank first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<HiddenSetting>,
}

/// A value that another one hides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HiddenSetting {
    /// The value; `true` for a secret.
    pub value: Value,
    /// The place that names it.
    pub from: SettingSource,
}

/// The place that a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingSource {
    /// Which kind of place.
    pub kind: SettingSourceKind,
    /// File and line, the value in the registry, or the system's word for the place, such as
    /// `environment`. Left out for what has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// The kinds of places, each of which hides those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingSourceKind {
    /// Nothing sets it.
    Default,
    /// The environment, or what the system says of proxies.
    System,
    /// The configuration file.
    File,
    /// A drop-in beside it.
    DropIn,
    /// The installer's registry key.
    Installer,
    /// `settings.patch`.
    Api,
    /// A policy.
    Policy,
}

impl SettingSourceKind {
    /// The word by which it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::System => "system",
            Self::File => "file",
            Self::DropIn => "drop_in",
            Self::Installer => "installer",
            Self::Api => "api",
            Self::Policy => "policy",
        }
    }
}

/// The settings that a user has for their own seats.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnSettings {
    /// The proxies that the user set by hand; left out where they set none. Passwords are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxySource>,
    /// What the user's sessions say of proxies. Passwords are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<ProxySource>,
    /// Whether the organizers of the user's conferences are told how the access check went: green,
    /// yellow or red, and the version. Left out until the user has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tell_access: Option<bool>,
    /// The policy that keeps users from setting proxies, by its setting, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy_fixed_by: Option<String>,
}

/// What to change.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsPatchParams {
    /// A JSON merge patch (RFC 7396) of values, such as `{"proxy":{"mode":"off"}}` or
    /// `{"server":{"conference.example.org:443":{"contact":null}}}`: `null` takes back what the API
    /// set. Sections: `proxy`, `policy`, `server`, and `own` with `proxy` (a [`ProxySource`]
    /// without a name) and `tell_access`. A proxy's password goes as `proxy.password`.
    pub patch: Value,
    /// The `number` of the settings that the change is made for. Where others were in effect
    /// meanwhile, nothing is changed (`settings_changed`). Left out, the change is made anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
}

impl std::fmt::Debug for SettingsPatchParams {
    /// A patch may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SettingsPatchParams").field("number", &self.number).finish_non_exhaustive()
    }
}

/// The settings are others now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsChanged {
    /// As they are.
    pub settings: Settings,
}

impl Notification for SettingsChanged {
    const NAME: &'static str = "settings.changed";
}

/// Bytes that a patch may have, as it travels.
pub const SETTINGS_PATCH_MAX: usize = 256 * 1024;

method!(
    /// Reads the settings.
    SettingsGet, "settings.get", "Gives every setting with the place that it comes from, and what that hides.", Empty => Settings,
    [StorageFailed]
);
method!(
    /// Changes settings.
    SettingsPatch, "settings.patch", "Changes settings, all or none, and answers when they are in effect. What counts for the machine is for administrators; others get not_privileged.", SettingsPatchParams => Settings,
    [
        NotPrivileged, FixedByPolicy, SettingInvalid, SettingsChanged, ProxyMalformed,
        ConfigurationInvalid, StorageFailed, Unsure
    ]
);
method!(
    /// Watches the settings.
    SettingsWatch, "settings.watch", "Gives the settings, then every change as `settings.changed`.", Empty => Settings,
    [StorageFailed]
);
