//! The database that a command works on: an external one, or a private one that lives as long as the command.
//!
//! Goes in: the configuration. Comes out: the addresses of the three roles. A private database is brought to this program's version at once:
//! nobody else could.

use std::time::Duration;

use anyhow::Context;
use cli::CommandError;
use store::embedded::{Cluster, ClusterConfig, Neighbour, Reached};
use store::{DatabaseAddress, IngestDb, OwnerDb, StoreError};

use crate::config::{Config, ConfigError, DatabaseConfig};

/// How many seconds another program may take to bring its database to its version.
const MIGRATED_WITHIN: u32 = 10;

/// A database to work on.
pub(crate) enum Database<'a> {
    /// Somebody else runs it.
    External(&'a DatabaseConfig),
    /// We run it.
    Private(Cluster),
    /// A private one that another Mailfate runs now.
    Neighbour(Neighbour),
}

impl<'a> Database<'a> {
    /// Starts the private database, if it is that.
    pub(crate) async fn open(config: &'a Config) -> anyhow::Result<Self> {
        if !config.database.is_embedded() {
            return Ok(Self::External(&config.database));
        }
        let cluster = Cluster::start(&cluster_config(config))
            .await
            .context("the private database does not start")?;
        migrate(&cluster.owner()).await?;
        Ok(Self::Private(cluster))
    }

    /// The same for a command that only wants to ask: a private database that a running program has is shared with it, and one that never was is
    /// not made.
    pub(crate) async fn reach(config: &'a Config) -> anyhow::Result<Self> {
        if !config.database.is_embedded() {
            return Ok(Self::External(&config.database));
        }
        match Cluster::reach(&cluster_config(config)).await {
            Ok(Reached::Running(neighbour)) => {
                wait_for_migrations(&neighbour).await;
                Ok(Self::Neighbour(neighbour))
            }
            Ok(Reached::Started(cluster)) => {
                migrate(&cluster.owner()).await?;
                Ok(Self::Private(cluster))
            }
            Err(StoreError::NoCluster { folder }) => Err(CommandError::WrongUse(format!(
                "there is no database in {}: say where it is with --data-dir, data_dir or database.ingest_url; for a log, name the files, as \
                 in /var/log/mail.log, or - for standard input",
                folder.display()
            ))
            .into()),
            Err(error) => Err(anyhow::Error::new(error).context("the private database does not start")),
        }
    }

    pub(crate) fn portal(&self) -> anyhow::Result<DatabaseAddress> {
        match self {
            Self::External(config) => address(&config.portal_url, "database.portal_url"),
            Self::Private(cluster) => Ok(cluster.portal()),
            Self::Neighbour(neighbour) => Ok(neighbour.portal()),
        }
    }

    pub(crate) fn ingest(&self) -> anyhow::Result<DatabaseAddress> {
        match self {
            Self::External(config) => address(&config.ingest_url, "database.ingest_url"),
            Self::Private(cluster) => Ok(cluster.ingest()),
            Self::Neighbour(neighbour) => Ok(neighbour.ingest()),
        }
    }

    pub(crate) fn owner(&self) -> anyhow::Result<DatabaseAddress> {
        match self {
            Self::External(config) => address(&config.owner_url, "database.owner_url"),
            Self::Private(cluster) => Ok(cluster.owner()),
            Self::Neighbour(_) => anyhow::bail!("another Mailfate runs the private database; stop it first"),
        }
    }

    /// Stops the private database in order. Comes after everything that uses it.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::External(_) | Self::Neighbour(_) => Ok(()),
            Self::Private(cluster) => Ok(cluster.stop().await?),
        }
    }
}

/// A program that has just started may still be bringing its database to its version. What else is wrong shows when it is used.
async fn wait_for_migrations(neighbour: &Neighbour) {
    for _ in 0..MIGRATED_WITHIN {
        match IngestDb::connect(&neighbour.ingest()).await {
            Err(StoreError::DatabaseIsOlder { .. }) => tokio::time::sleep(Duration::from_secs(1)).await,
            Ok(db) => return db.close().await,
            Err(_) => return,
        }
    }
}

/// Where the private cluster lives.
pub(crate) fn cluster_config(config: &Config) -> ClusterConfig {
    ClusterConfig {
        folder: config.data_dir.join("postgres"),
        postgres_user: config.postgres_user.clone(),
    }
}

/// Applies what is missing; returns how many migrations that were.
pub(crate) async fn migrate(owner: &DatabaseAddress) -> Result<usize, StoreError> {
    let owner = OwnerDb::connect(owner).await?;
    let applied = owner.migrate().await;
    owner.close().await;
    applied
}

fn address(url: &secrecy::SecretString, key: &str) -> anyhow::Result<DatabaseAddress> {
    use secrecy::ExposeSecret;
    if url.expose_secret().is_empty() {
        return Err(ConfigError::missing(key).into());
    }
    DatabaseAddress::from_url(url).with_context(|| key.to_owned())
}
