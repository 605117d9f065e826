//! The settings that each user makes for their own seats.

use convene_local_api::{OwnSettings, ProxySource};
use serde_json::Value;

use super::PatchError;
use crate::config::{merge_patch, without_password};
use crate::proxies::{OWN, OfferError, script_address, usable_proxies};

/// The setting by which frontends name a user's own proxies.
const PROXY: &str = "own.proxy";
/// The keys of a source of proxies, beside its name.
const KEYS: [&str; 4] = ["proxies", "exceptions", "pac_url", "wpad"];

/// A change of them.
#[derive(Default)]
pub(super) struct OwnPatch {
    /// A merge patch: null, or an object.
    proxy: Option<Value>,
    pub(super) tell_access: Option<TellAccess>,
}

/// Whether organizers are told how the access check went; `None` where the user takes the word
/// back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TellAccess(pub(super) Option<bool>);

impl OwnPatch {
    pub(super) fn read(patch: &Value) -> Result<Self, PatchError> {
        if patch.is_null() {
            return Ok(Self { proxy: Some(Value::Null), tell_access: Some(TellAccess(None)) });
        }
        let mut read = Self::default();
        let patch =
            patch.as_object().ok_or_else(|| PatchError::invalid("own", "must be an object, or null"))?;
        for (key, value) in patch {
            match key.as_str() {
                "proxy" if value.is_null() || value.is_object() => read.proxy = Some(value.clone()),
                "proxy" => return Err(PatchError::invalid(PROXY, "must be an object, or null")),
                "tell_access" if value.is_null() || value.is_boolean() => {
                    read.tell_access = Some(TellAccess(value.as_bool()));
                }
                "tell_access" => {
                    return Err(PatchError::invalid("own.tell_access", "must be true, false or null"));
                }
                _ => {
                    let reason = "there is no such setting; there are: proxy, tell_access";
                    return Err(PatchError::invalid(&format!("own.{key}"), reason));
                }
            }
        }
        Ok(read)
    }

    /// The proxies that the user is to have, who has those of `now`; `None` where they stay.
    pub(super) fn source(&self, now: Option<ProxySource>) -> Result<Option<ProxySource>, PatchError> {
        let Some(patch) = &self.proxy else { return Ok(None) };
        let named = ProxySource { name: OWN.to_owned(), ..ProxySource::default() };
        let Some(patch) = patch.as_object() else { return Ok(Some(named)) };
        // Frontends were shown its name, too.
        let is_known = |key: &str| KEYS.contains(&key) || key == "name";
        if let Some(unknown) = patch.keys().find(|key| !is_known(key)) {
            let reason = format!("there is no such setting; there are: {}", KEYS.join(", "));
            return Err(PatchError::Invalid { setting: format!("{PROXY}.{unknown}"), reason });
        }
        let known = now.as_ref().and_then(|now| now.pac_url.clone());
        let before = serde_json::to_value(now.unwrap_or(named)).unwrap_or_default();
        let mut source = before.as_object().cloned().unwrap_or_default();
        merge_patch(&mut source, patch);
        source.insert("name".to_owned(), OWN.into());
        // Frontends give back the script's address as they were shown it.
        let is_as_shown = |known: &String| {
            source.get("pac_url").and_then(Value::as_str) == Some(script_address(known).as_str())
        };
        if let Some(known) = known.filter(is_as_shown) {
            source.insert("pac_url".to_owned(), known.into());
        }
        // The decoder's own words may hold the value, and so a password.
        let reason = "proxies and exceptions are lists of texts, pac_url is a text, wpad true or false";
        let source = serde_json::from_value(Value::Object(source));
        source.map(Some).map_err(|_| PatchError::invalid(PROXY, reason))
    }
}

/// Why a user's proxies are not taken.
pub(super) fn refusal(error: OfferError) -> PatchError {
    let (setting, reason) = (PROXY.to_owned(), error.to_string());
    match error {
        OfferError::Fixed(setting) => PatchError::Fixed { setting: dotted(setting) },
        OfferError::TooLarge => PatchError::Invalid { setting, reason },
        OfferError::Address(_) => PatchError::Proxy { setting, reason },
    }
}

/// As they are shown to their user. Addresses that cannot be used, and passwords, are left out.
pub(super) fn shown(
    offered: Vec<ProxySource>,
    tell_access: Option<bool>,
    fixed: Option<&str>,
) -> OwnSettings {
    let shown = offered.into_iter().map(|source| ProxySource {
        proxies: usable_proxies(&source).iter().map(|url| without_password(url)).collect(),
        pac_url: source.pac_url.as_deref().map(script_address),
        ..source
    });
    let (own, offered): (Vec<_>, Vec<_>) = shown.partition(|source| source.name == OWN);
    OwnSettings {
        proxy: own.into_iter().find(|source| !source.is_empty()),
        offered,
        tell_access,
        proxy_fixed_by: fixed.map(dotted),
    }
}

/// `proxy.url`, where people write `[proxy] url`.
fn dotted(setting: &str) -> String {
    setting.replace('[', "").replace("] ", ".")
}
