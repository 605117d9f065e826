//! The configuration, read again while the daemon runs, and changed by frontends.

use convene_service_log::number;
use tokio::sync::mpsc;

use crate::config::{ConfigSource, ConfigWatch, Reading};
use crate::frontends::Means;
use crate::os::service::{Reloads, Service};
use crate::settings::{PatchError, Wish};

/// The source of the configuration, and everything that goes by it.
#[derive(Debug)]
pub(crate) struct Reload<'a> {
    pub(crate) source: &'a ConfigSource,
    pub(crate) means: &'a Means,
}

impl Reload<'_> {
    /// Reads the configuration again whenever a file of it has changed or somebody asks for it, and
    /// changes it as frontends wish, one thing after the other, for ever.
    pub(crate) async fn follow(
        &self,
        mut watch: ConfigWatch,
        mut reloads: Reloads,
        mut wishes: mpsc::Receiver<Wish>,
        service: &Service,
    ) {
        // The state directory was made behind the watch.
        watch.look();
        loop {
            tokio::select! {
                () = watch.changed() => self.read().await,
                () = reloads.next() => service.reloading(self.read()).await,
                Some(wish) = wishes.recv() => {
                    let result = Box::pin(self.change(&wish)).await;
                    wish.answer(result);
                }
            }
        }
    }

    /// Reads the configuration and puts it to use. A configuration that cannot be read changes
    /// nothing.
    async fn read(&self) {
        match self.source.read() {
            Ok(reading) => self.apply(reading).await,
            Err(error) => {
                tracing::error!(
                    number = number::CONFIGURATION_REFUSED,
                    "{error}\nThe configuration cannot be used; the one before stays."
                );
            }
        }
    }

    /// Makes a change: the configuration that was checked is put to use.
    async fn change(&self, wish: &Wish) -> Result<(), PatchError> {
        let board = &self.means.board;
        let prepared = board.prepare(self.source, wish).await?;
        if let Some(file) = prepared.file {
            let reading = file.write().await?;
            self.apply(reading).await;
        }
        board.keep_own(wish, prepared.own).await
    }

    async fn apply(&self, reading: Reading) {
        let Reading { config, proxies, settings, files, warnings } = reading;
        warnings.iter().for_each(|warning| tracing::warn!(number = number::DANGEROUS, "{warning}"));
        self.means.registry.configure(config).await;
        self.means.proxies.set_machine(proxies);
        tracing::info!(number = number::CONFIGURATION_READ, configuration = ?files, "the configuration was read");
        self.means.instance.set_files(files);
        self.means.board.set_machine(settings);
    }
}
