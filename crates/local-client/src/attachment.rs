//! A frontend that stays: it goes on behind what it was told, whatever is restarted.

mod outage;
#[cfg(test)]
mod tests;
mod watched;

use std::fmt;
use std::time::Duration;

use convene_local_api::{Method, ProxySource, Told, Watch, WatchParams, WatchResult};
use tokio::time::{Instant, sleep_until};

use crate::client::Client;
use crate::errors::{CallError, ConnectError};
use crate::introduction::Introduction;
use crate::notifications::Notifications;

use self::outage::Outage;
pub use self::outage::Patience;
use self::watched::Watched;

/// A connection that has lasted so long was a good one: longer than a daemon that goes down takes
/// for it.
const LASTING_MIN: Duration = Duration::from_secs(10);

/// Why an attachment does not go on.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// There is no daemon to talk to, and the attachment's patience is over.
    #[error(transparent)]
    Connect(ConnectError),
    /// The daemon's answer to a call, or to a watch that begins again, is an error that does not
    /// pass by itself; or one that passes did not pass in time.
    #[error(transparent)]
    Call(CallError),
}

impl AttachmentError {
    fn is_passing(&self) -> bool {
        match self {
            Self::Connect(_) => true,
            Self::Call(error) => error.is_passing(),
        }
    }
}

/// What an attachment tells its user.
#[derive(Debug)]
pub enum News {
    /// The daemon says this by itself.
    Told(Told),
    /// The connection ended, and the attachment looks for the daemon.
    Disconnected(CallError),
    /// The frontend is attached again, and every watch goes on behind what was told: these are the
    /// answers to them. Where an answer holds a state, or parts of one follow, it replaces what is
    /// known of its conference.
    Reconnected(Vec<WatchResult>),
}

/// A frontend that stays attached. Where the daemon is restarted, or cuts the connection, it
/// attaches again, offers again what was offered, and begins each watch again behind the last thing
/// that [`Attachment::next`] gave out.
pub struct Attachment {
    introduction: Introduction,
    patience: Patience,
    link: Option<Link>,
    /// Since a connection failed, until something is answered or told again, or one has lasted.
    outage: Option<Outage>,
    watches: Vec<Watched>,
    /// What the user is to be told first, in this order.
    cut: Option<CallError>,
    resumed: Option<Vec<WatchResult>>,
    /// Whether the user knows, or is about to be told, that the connection ended.
    is_away: bool,
}

/// The connection in use.
struct Link {
    client: Client,
    notifications: Notifications,
    since: Instant,
}

impl Link {
    fn new((client, notifications): (Client, Notifications)) -> Self {
        Self { client, notifications, since: Instant::now() }
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("introduction", &self.introduction).finish_non_exhaustive()
    }
}

impl Attachment {
    /// Of a daemon that may not run yet: it is looked for when something is wanted of it.
    pub fn new(introduction: Introduction, patience: Patience) -> Self {
        Self {
            introduction,
            patience,
            link: None,
            outage: None,
            watches: Vec::new(),
            cut: None,
            resumed: None,
            is_away: false,
        }
    }

    /// Of a daemon that runs. One that is not there is not waited for.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn attach(introduction: Introduction, patience: Patience) -> Result<Self, ConnectError> {
        let link = Link::new(introduction.connect().await?);
        Ok(Self { link: Some(link), ..Self::new(introduction, patience) })
    }

    /// Tells the daemon which proxies this user's session knows, as [`Client::offer`] does, now and
    /// on each later connection.
    ///
    /// # Errors
    /// See [`AttachmentError`].
    pub async fn offer(&mut self, sources: Vec<ProxySource>) -> Result<(), AttachmentError> {
        self.introduction.offer(&sources);
        let Some(link) = &self.link else { return Ok(()) };
        match link.client.offer(sources).await {
            Ok(()) => Ok(()),
            Err(why) => self.lose(why),
        }
    }

    /// Asks, and waits for the answer. Where the connection ends before that, asks again on the
    /// next one: for calls that may come twice, such as a command with its id. Dropped before the
    /// answer, the daemon may have done what was asked.
    ///
    /// # Errors
    /// See [`AttachmentError`].
    pub async fn call<M: Method>(&mut self, params: &M::Params) -> Result<M::Result, AttachmentError> {
        loop {
            let Some(link) = &self.link else {
                self.find().await?;
                continue;
            };
            match link.client.call::<M>(params).await {
                Err(why) if why.is_passing() => self.lose(why)?,
                answered => {
                    self.outage = None;
                    return answered.map_err(AttachmentError::Call);
                }
            }
        }
    }

    /// Watches a conference from now on, in place of an earlier watch of the same.
    ///
    /// # Errors
    /// See [`AttachmentError`].
    pub async fn watch(&mut self, params: WatchParams) -> Result<WatchResult, AttachmentError> {
        let answer = self.call::<Watch>(&params).await?;
        self.watches.retain(|watched| !watched.is_of(&params.conference));
        self.watches.push(Watched::new(params, &answer));
        Ok(answer)
    }

    /// The next thing that happens. Cancel safe.
    ///
    /// # Errors
    /// See [`AttachmentError`].
    pub async fn next(&mut self) -> Result<News, AttachmentError> {
        loop {
            if let Some(why) = self.cut.take() {
                return Ok(News::Disconnected(why));
            }
            if let Some(answers) = self.resumed.take() {
                return Ok(News::Reconnected(answers));
            }
            let Some(link) = &mut self.link else {
                self.find().await?;
                continue;
            };
            match link.notifications.next().await {
                Ok(told) => {
                    self.outage = None;
                    self.watches.iter_mut().for_each(|watched| watched.handle(&told));
                    return Ok(News::Told(told));
                }
                Err(why) => self.lose(why)?,
            }
        }
    }

    /// The connection is of no more use. What it still held was not given out, and is told again.
    fn lose(&mut self, why: CallError) -> Result<(), AttachmentError> {
        if self.link.take().is_some_and(|link| link.since.elapsed() >= LASTING_MIN) {
            self.outage = None;
        }
        if !why.is_passing() || self.outage.as_ref().is_some_and(Outage::is_over) {
            return Err(AttachmentError::Call(why));
        }
        match &mut self.outage {
            Some(outage) => outage.put_off(),
            None => self.outage = Some(Outage::new(self.patience)),
        }
        // A user who has not been told of the return hears of the first cut alone.
        if self.resumed.take().is_none() && !self.is_away {
            self.cut = Some(why);
        }
        self.is_away = true;
        Ok(())
    }

    /// Looks for the daemon until there is a connection on which every watch goes on. Cancel safe.
    async fn find(&mut self) -> Result<(), AttachmentError> {
        loop {
            let patience = self.patience;
            let next_try = self.outage.get_or_insert_with(|| Outage::new(patience)).next_try();
            sleep_until(next_try).await;
            let Err(why) = self.resume().await else { return Ok(()) };
            match &mut self.outage {
                Some(outage) if why.is_passing() && !outage.is_over() => outage.put_off(),
                Some(_) | None => return Err(why),
            }
        }
    }

    /// Attaches once more.
    async fn resume(&mut self) -> Result<(), AttachmentError> {
        let link = self.introduction.connect().await.map_err(AttachmentError::Connect)?;
        let (client, _) = &link;
        let offered = self.introduction.offered();
        if !offered.is_empty() {
            client.offer(offered).await.map_err(AttachmentError::Call)?;
        }
        let mut answers = Vec::new();
        for watched in &self.watches {
            answers.push(client.call::<Watch>(&watched.again()).await.map_err(AttachmentError::Call)?);
        }
        self.watches.iter_mut().zip(&answers).for_each(|(watched, answer)| watched.begin(answer));
        self.link = Some(Link::new(link));
        if std::mem::take(&mut self.is_away) {
            self.resumed = Some(answers);
        }
        Ok(())
    }
}
