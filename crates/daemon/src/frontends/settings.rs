//! Shows the settings, takes changes of them, and tells what changed.

use convene_local_api::{
    ErrorCode, ErrorObject, Method as _, Request, SETTINGS_PATCH_MAX, Settings, SettingsChanged, SettingsGet,
    SettingsPatch, SettingsPatchParams, SettingsWatch, notification_line, result_line,
};

use super::answers::{Answering, local, params, stopping, storage_failed, unsure, with};
use super::attendant::Asker;
use super::lines::Lines;
use crate::settings::PatchError;

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            SettingsGet::NAME => with::<SettingsGet, _>(request, |_| show(asker)).await,
            SettingsPatch::NAME if request.params.get().len() > SETTINGS_PATCH_MAX => {
                let reason = format!("a patch has at most {SETTINGS_PATCH_MAX} bytes");
                Some(Err(ErrorObject::new(ErrorCode::InvalidParams).with("reason", reason)))
            }
            SettingsPatch::NAME => with::<SettingsPatch, _>(request, |params| patch(asker, params)).await,
            _ => None,
        }
    })
}

async fn show(asker: &Asker) -> Result<Settings, ErrorObject> {
    let peer = &asker.peer;
    let shown = async { Ok(asker.means.board.show(peer.user.as_str(), peer.privileged).await) };
    local(shown, storage_failed).await
}

async fn patch(asker: &Asker, params: SettingsPatchParams) -> Result<Settings, ErrorObject> {
    let changed = asker.means.board.change(asker.peer.user.as_str(), params);
    local(async { changed.await.map_err(refusal) }, unsure).await?;
    show(asker).await
}

/// Tells every change, until the frontend does not keep up.
pub(super) async fn watch(asker: &Asker, request: &Request, lines: &Lines) -> Result<(), ErrorObject> {
    params::<SettingsWatch>(request)?;
    let mut changes = asker.means.board.changes();
    let mut number = {
        let Some(id) = &request.id else { return Ok(()) };
        let shown = show(asker).await?;
        if lines.send(result_line(id, &shown)).await.is_err() {
            return Ok(());
        }
        shown.number
    };
    while changes.next().await {
        let settings = asker.means.board.look(asker.peer.user.as_str(), asker.peer.privileged);
        // Most of what others set for themselves is none of this user's.
        if settings.number != number {
            number = settings.number;
            if lines.send(notification_line(&SettingsChanged { settings })).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn refusal(error: PatchError) -> ErrorObject {
    let of_setting = |code, setting: String, reason: String| {
        ErrorObject::new(code).with("setting", setting).with("reason", reason)
    };
    match error {
        PatchError::Malformed(reason) => ErrorObject::new(ErrorCode::InvalidParams).with("reason", reason),
        PatchError::Outdated => ErrorObject::new(ErrorCode::SettingsChanged),
        PatchError::Invalid { setting, reason } => of_setting(ErrorCode::SettingInvalid, setting, reason),
        PatchError::Proxy { setting, reason } => of_setting(ErrorCode::ProxyMalformed, setting, reason),
        PatchError::Fixed { setting } => ErrorObject::new(ErrorCode::FixedByPolicy).with("setting", setting),
        PatchError::Unusable { reason } => {
            ErrorObject::new(ErrorCode::ConfigurationInvalid).with("reason", reason)
        }
        PatchError::NotStored => storage_failed(),
        PatchError::Unsure => unsure(),
        PatchError::Stopping => stopping(),
    }
}
