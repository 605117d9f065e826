//! The settings as frontends are shown them, and as they change them.
//!
//! The [`Board`] shows each user the settings that count, those of the machine and those of the
//! user's own seats, and counts how often they changed. A change that a frontend wants is a
//! [`Wish`]. The task that reads the configuration fulfils one after the other, so that none is
//! made upon settings that another one has replaced: it has the change prepared and written, puts
//! the configuration to use that was checked then, and has the user's own part kept.

mod change;
mod own;
mod patch;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use convene_local_api::{Settings, SettingsPatchParams};
use convene_model::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};

use crate::config::MachineSettings;
use crate::os::as_administrator;
use crate::proxies::Proxies;
use crate::store::Store;

/// Changes that wait for their turn: people make them.
const WISHES_MAX: usize = 16;

/// The command by which administrators change a setting.
pub(crate) const SET: &str = "convene settings set";

/// Why a change is not made. Nothing was changed, unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PatchError {
    /// It is no patch.
    Malformed(&'static str),
    /// Others were in effect than it was made for.
    Outdated,
    /// A setting cannot have that value.
    Invalid { setting: String, reason: String },
    /// The address of a proxy cannot be used.
    Proxy { setting: String, reason: String },
    /// A policy fixes the setting.
    Fixed { setting: String },
    /// Another part of the configuration cannot be used, so that none would be.
    Unusable { reason: String },
    /// The disk does not take it.
    NotStored,
    /// The disk failed, and it may be made or not.
    Unsure,
    /// The daemon is going down.
    Stopping,
}

impl PatchError {
    fn invalid(setting: &str, reason: &str) -> Self {
        Self::Invalid { setting: setting.to_owned(), reason: reason.to_owned() }
    }
}

/// A change that a user wants.
pub(crate) struct Wish {
    user: String,
    params: SettingsPatchParams,
    answer: oneshot::Sender<Result<(), PatchError>>,
}

impl Wish {
    /// Answers the user who has it.
    pub(crate) fn answer(self, result: Result<(), PatchError>) {
        if self.answer.send(result).is_err() {
            tracing::debug!("nobody waits any more for a change of settings");
        }
    }
}

/// The settings of the machine, and how often they changed.
#[derive(Debug, Clone)]
struct Machine {
    number: u64,
    settings: Arc<MachineSettings>,
}

/// The choice of a user, and how often it changed.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    tell_access: Option<bool>,
    changes: u64,
}

/// The settings that count, for all who want to see them.
#[derive(Debug)]
pub(crate) struct Board {
    store: Arc<Store>,
    proxies: Arc<Proxies>,
    machine: watch::Sender<Machine>,
    /// By user; of one who is not here it is not known yet.
    said: watch::Sender<BTreeMap<String, Said>>,
    wishes: mpsc::Sender<Wish>,
}

/// Tells when something changed.
#[derive(Debug)]
pub(crate) struct Changes {
    machine: watch::Receiver<Machine>,
    said: watch::Receiver<BTreeMap<String, Said>>,
    offers: watch::Receiver<BTreeMap<String, u64>>,
}

impl Changes {
    /// Waits until something may have changed, for whichever user; false where nothing ever will.
    /// Cancel safe.
    pub(crate) async fn next(&mut self) -> bool {
        let changed = tokio::select! {
            changed = self.machine.changed() => changed,
            changed = self.said.changed() => changed,
            changed = self.offers.changed() => changed,
        };
        changed.is_ok()
    }
}

impl Board {
    /// One that shows these settings, and the wishes that come to it.
    pub(crate) fn new(
        store: Arc<Store>,
        proxies: Arc<Proxies>,
        settings: MachineSettings,
    ) -> (Arc<Self>, mpsc::Receiver<Wish>) {
        let (wishes, coming) = mpsc::channel(WISHES_MAX);
        // A number that somebody knows from before a restart is none of today's. Microseconds are a
        // number that every JSON can hold.
        let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let number = u64::try_from(started.as_micros()).unwrap_or_default();
        let machine = watch::Sender::new(Machine { number, settings: Arc::new(settings) });
        (Arc::new(Self { store, proxies, machine, said: watch::Sender::default(), wishes }), coming)
    }

    /// As this user sees them.
    pub(crate) async fn show(&self, user: &str, privileged: bool) -> Settings {
        self.recall(user).await;
        self.look(user, privileged)
    }

    /// As [`Board::show`], for a user who was shown them before.
    pub(crate) fn look(&self, user: &str, privileged: bool) -> Settings {
        let machine = MachineSettings::clone(&self.machine.borrow().settings);
        let machine = if privileged { machine } else { machine.for_everyone() };
        let MachineSettings { proxy, policy, server } = machine;
        let tell_access = self.said.borrow().get(user).and_then(|said| said.tell_access);
        let offered = self.proxies.offered(user, Timestamp::from(SystemTime::now()));
        Settings {
            number: self.number(user),
            proxy,
            policy,
            server,
            own: own::shown(offered, tell_access, self.proxies.fixed()),
            privileged,
            command: (!privileged).then(|| as_administrator(&format!("{SET} KEY VALUE"))),
        }
    }

    /// Tells of changes from now on.
    pub(crate) fn changes(&self) -> Changes {
        Changes {
            machine: self.machine.subscribe(),
            said: self.said.subscribe(),
            offers: self.proxies.offers_changed(),
        }
    }

    /// Has a change made, and returns when it is in effect. Dropped before that, it may be made all
    /// the same.
    ///
    /// # Errors
    /// See [`PatchError`].
    pub(crate) async fn change(&self, user: &str, params: SettingsPatchParams) -> Result<(), PatchError> {
        let (answer, answered) = oneshot::channel();
        let wish = Wish { user: user.to_owned(), params, answer };
        self.wishes.send(wish).await.map_err(|_| PatchError::Stopping)?;
        answered.await.map_err(|_| PatchError::Stopping)?
    }

    /// The machine's settings were read anew.
    pub(crate) fn set_machine(&self, settings: MachineSettings) {
        self.machine.send_if_modified(|machine| {
            let changed = *machine.settings != settings;
            if changed {
                *machine = Machine { number: machine.number + 1, settings: Arc::new(settings) };
            }
            changed
        });
    }

    /// Counts the changes of the settings that this user sees.
    fn number(&self, user: &str) -> u64 {
        let said = self.said.borrow().get(user).map(|said| said.changes);
        let offers = self.proxies.offers_changed().borrow().get(user).copied();
        self.machine.borrow().number + said.unwrap_or_default() + offers.unwrap_or_default()
    }

    /// Takes up the choices of this user from before the last restart.
    async fn recall(&self, user: &str) {
        self.proxies.recall(user).await;
        if self.said.borrow().contains_key(user) {
            return;
        }
        // A store that cannot be read is asked again.
        let Ok(kept) = self.store.recall(&tell_access_key(user)).await else { return };
        let tell_access = kept.and_then(|kept| serde_json::from_slice::<Option<bool>>(&kept).ok()).flatten();
        let said = Said { tell_access, changes: 0 };
        // Nobody else sees anything of it, so it is no change.
        self.said.send_if_modified(|all| {
            all.entry(user.to_owned()).or_insert(said);
            false
        });
    }

    /// Keeps the choice of a user.
    async fn set_tell_access(&self, user: &str, tell_access: Option<bool>) -> Result<(), PatchError> {
        let kept = serde_json::to_vec(&tell_access).unwrap_or_default();
        self.store.keep(&tell_access_key(user), kept).await.map_err(|_| PatchError::NotStored)?;
        self.said.send_if_modified(|all| {
            let said = all.entry(user.to_owned()).or_default();
            let changed = said.tell_access != tell_access;
            if changed {
                *said = Said { tell_access, changes: said.changes + 1 };
            }
            changed
        });
        Ok(())
    }
}

/// Under which the store keeps whether organizers are told how this user's access checks went:
/// `true`, `false` or `null`, as JSON.
pub(crate) fn tell_access_key(user: &str) -> String {
    format!("tell access of {user}")
}
