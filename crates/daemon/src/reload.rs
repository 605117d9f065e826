//! The configuration, read again while the daemon runs.

use convene_service_log::number;

use crate::config::{ConfigSource, ConfigWatch, Reading};
use crate::instance::Instance;
use crate::os::service::{Reloads, Service};
use crate::proxies::Proxies;
use crate::registry::Registry;

/// Reads the configuration again whenever a file of it has changed or somebody asks for it, for
/// ever.
pub(crate) async fn follow(
    source: &ConfigSource,
    mut watch: ConfigWatch,
    mut reloads: Reloads,
    service: &Service,
    registry: &Registry,
    proxies: &Proxies,
    instance: &Instance,
) {
    // The state directory was made behind the watch.
    watch.look();
    loop {
        tokio::select! {
            () = watch.changed() => read(source, registry, proxies, instance).await,
            () = reloads.next() => service.reloading(read(source, registry, proxies, instance)).await,
        }
    }
}

/// Reads the configuration and puts it to use. A configuration that cannot be read changes nothing.
async fn read(source: &ConfigSource, registry: &Registry, known: &Proxies, instance: &Instance) {
    match source.read() {
        Ok(Reading { config, proxies, files, warnings }) => {
            warnings.iter().for_each(|warning| tracing::warn!(number = number::DANGEROUS, "{warning}"));
            registry.configure(config).await;
            known.set_machine(proxies);
            tracing::info!(number = number::CONFIGURATION_READ, configuration = ?files, "the configuration was read");
            instance.set_files(files);
        }
        Err(error) => {
            tracing::error!(
                number = number::CONFIGURATION_REFUSED,
                "{error}\nThe configuration cannot be used; the one before stays."
            );
        }
    }
}
