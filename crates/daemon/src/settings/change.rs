//! How a change comes about: all of it is checked before anything is made.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use convene_local_api::ProxySource;
use convene_model::Timestamp;

use super::own::{TellAccess, refusal};
use super::patch::{PasswordPatch, Patch};
use super::{Board, PatchError, Wish};
use crate::config::{ApiSettings, ConfigError, ConfigSource, MachineSettings, Reading, Unusable};
use crate::os::replace_private;
use crate::proxies::OWN;

/// A change that may be made.
pub(crate) struct Prepared {
    /// The change of the machine.
    pub(crate) file: Option<PreparedFile>,
    /// The change of the user alone.
    pub(crate) own: PreparedOwn,
}

/// The settings of the machine, checked, and not written yet.
pub(crate) struct PreparedFile {
    path: PathBuf,
    text: String,
    /// The configuration that they make.
    reading: Reading,
    /// A password that was set anew is there already.
    password: Option<PathBuf>,
    /// The files of passwords that are named no more then.
    unused: Vec<PathBuf>,
}

/// The settings that a user makes for their own seats.
pub(crate) struct PreparedOwn {
    source: Option<ProxySource>,
    tell_access: Option<TellAccess>,
}

impl Board {
    /// Checks a change. Nothing of it is written but a new password, which nothing names yet.
    ///
    /// # Errors
    /// See [`PatchError`].
    pub(crate) async fn prepare(&self, source: &ConfigSource, wish: &Wish) -> Result<Prepared, PatchError> {
        let Wish { user, params, .. } = wish;
        self.recall(user).await;
        if params.number.is_some_and(|number| number != self.number(user)) {
            return Err(PatchError::Outdated);
        }
        let (known, errors) = match source.read() {
            Ok(reading) => (Arc::new(reading.settings), Vec::new()),
            // Such a configuration is not in effect. The change may mend it.
            Err(unusable) => (Arc::clone(&self.machine.borrow().settings), told(&unusable)),
        };
        let patch = Patch::read(&params.patch, &known)?;
        let offered = self.proxies.offered(user, Timestamp::from(SystemTime::now()));
        let own = patch.own.source(offered.into_iter().find(|source| source.name == OWN))?;
        if let Some(own) = &own {
            self.proxies.check(std::slice::from_ref(own)).map_err(refusal)?;
        }
        let file = if patch.is_for_machine() {
            patch.check(&known, &source.state)?;
            prepare_file(source, &patch, &known, &errors).await?
        } else {
            None
        };
        if file.is_some() {
            tracing::info!(%user, settings = ?patch.names(&known), "settings are changed through the API");
        }
        let own = PreparedOwn { source: own, tell_access: patch.own.tell_access };
        Ok(Prepared { file, own })
    }

    /// Keeps the settings that a user makes for their own seats.
    ///
    /// # Errors
    /// See [`PatchError`].
    pub(crate) async fn keep_own(&self, wish: &Wish, own: PreparedOwn) -> Result<(), PatchError> {
        let PreparedOwn { source, tell_access } = own;
        if let Some(source) = source {
            let now = Timestamp::from(SystemTime::now());
            self.proxies.offer(&wish.user, vec![source], now).await.map_err(refusal)?;
        }
        if let Some(TellAccess(tell_access)) = tell_access {
            self.set_tell_access(&wish.user, tell_access).await?;
        }
        Ok(())
    }
}

/// The file that a patch makes, checked; `None` where it is the one that is there.
async fn prepare_file(
    source: &ConfigSource,
    patch: &Patch,
    known: &MachineSettings,
    errors: &[String],
) -> Result<Option<PreparedFile>, PatchError> {
    let read = ApiSettings::read(&source.state);
    let mut settings = read.map_err(|error| PatchError::Unusable { reason: error.to_string() })?;
    let before = settings.clone();
    settings.merge(&patch.machine);
    let password = match &patch.password {
        PasswordPatch::Leave => None,
        PasswordPatch::TakeBack => settings.set_password(false),
        PasswordPatch::Set(_) => settings.set_password(true),
    };
    if settings == before {
        return Ok(None);
    }
    let (path, text) = settings.text().map_err(|error| PatchError::Invalid {
        setting: patch.names(known).into_iter().next().unwrap_or_default(),
        reason: error.to_string(),
    })?;
    if let (Some(file), PasswordPatch::Set(secret)) = (password.clone(), &patch.password) {
        let secret = secret.clone();
        let write = move || replace_private(&file, secret.reveal().as_bytes());
        blocking(write).await.map_err(|error| not_stored(&error))?;
    }
    match source.read_trying(&text) {
        Ok(reading) => Ok(Some(PreparedFile { path, text, reading, password, unused: settings.unused() })),
        Err(unusable) => {
            remove(password.as_slice());
            Err(why(&unusable, errors, |setting| patch.name_of(setting, known)))
        }
    }
}

impl PreparedFile {
    /// Writes the settings, and gives the configuration that they make.
    ///
    /// # Errors
    /// [`PatchError::NotStored`], [`PatchError::Unsure`].
    pub(crate) async fn write(self) -> Result<Reading, PatchError> {
        let Self { path, text, reading, password, unused } = self;
        let (file, bytes) = (path.clone(), text.clone());
        if let Err(error) = blocking(move || replace_private(&file, bytes.as_bytes())).await {
            if std::fs::read_to_string(path).is_ok_and(|found| found == text) {
                tracing::error!(%error, "settings were written, and may be lost with the power");
                return Err(PatchError::Unsure);
            }
            remove(password.as_slice());
            return Err(not_stored(&error));
        }
        remove(&unused);
        Ok(reading)
    }
}

fn not_stored(error: &io::Error) -> PatchError {
    tracing::error!(%error, "settings cannot be written");
    PatchError::NotStored
}

/// Removes files of passwords that nothing names.
fn remove(files: &[PathBuf]) {
    for file in files {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(file = %file.display(), %error, "a password that is of no use any more stays");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

/// Work that waits for a disk has a thread of its own.
async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> io::Result<()> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn told(unusable: &Unusable) -> Vec<String> {
    unusable.errors.iter().map(ToString::to_string).collect()
}

/// Which setting a change would make unusable, unless the configuration was it `before`.
fn why(unusable: &Unusable, before: &[String], name: impl Fn(&[String]) -> String) -> PatchError {
    let new = unusable.errors.iter().find(|error| !before.contains(&error.to_string()));
    match new {
        Some(ConfigError::Value(problem)) if !problem.setting.is_empty() => {
            PatchError::Invalid { setting: name(&problem.setting), reason: problem.what.clone() }
        }
        Some(_) | None => PatchError::Unusable { reason: unusable.to_string() },
    }
}
