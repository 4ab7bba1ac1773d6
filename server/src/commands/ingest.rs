//! `mailfate ingest`: the worker alone, with an external database or, for loading logs while nobody looks, the private one.

use store::IngestDb;

use crate::End;
use crate::commands::database::Database;
use crate::commands::running::{Worker, stop_signal, until_stopped};
use crate::config::{Config, ConfigError};

pub(crate) async fn run(config: Config) -> anyhow::Result<End> {
    if config.sources.is_empty() {
        return Err(ConfigError::missing("sources").into());
    }
    let stop = stop_signal()?;
    let database = Database::open(&config).await?;
    let end = async {
        let worker = Worker::start(&config, IngestDb::connect(&database.ingest()?).await?)?;
        tracing::info!(sources = config.sources.len(), "following");
        until_stopped(&stop, None, Some(worker)).await
    }
    .await;
    database.close().await?;
    end.map(|()| End::Done)
}
