//! A private cluster for the time of one command: that of a program which runs it now, else our own.
//!
//! Goes in: a folder. Comes out: addresses to connect to. Of a running one nothing but the place of its socket is looked at; it is neither
//! migrated nor stopped. A folder without a cluster is not given one: who only asks makes no database.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::{ConnectOptions, Connection};
use tokio::time::Instant;

use crate::address::DatabaseAddress;
use crate::embedded::folder::ClusterFolder;
use crate::embedded::{Cluster, ClusterConfig, DATABASE, PORT};
use crate::error::StoreError;

/// How long another program may be about to start or to stop the cluster.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

/// How a private cluster was reached.
#[derive(Debug)]
pub enum Reached {
    /// Nobody ran it: it was started, and stops with the command.
    Started(Cluster),
    /// Another program runs it.
    Running(Neighbour),
}

/// A private cluster that another program runs.
#[derive(Clone, Debug)]
pub struct Neighbour {
    socket_folder: PathBuf,
}

impl Neighbour {
    /// The portal's address.
    pub fn portal(&self) -> DatabaseAddress {
        self.address("mailfate_portal")
    }

    /// The worker's address.
    pub fn ingest(&self) -> DatabaseAddress {
        self.address("mailfate_ingest")
    }

    fn address(&self, role: &str) -> DatabaseAddress {
        DatabaseAddress::on_socket(&self.socket_folder, PORT, role, DATABASE)
    }

    /// Whether somebody answers: neither before its first start is over nor while it stops.
    async fn answers(&self) -> bool {
        match self.ingest().options().connect().await {
            Ok(connection) => connection.close().await.is_ok(),
            Err(_) => false,
        }
    }
}

impl Cluster {
    /// Connects to the cluster of a running program, or starts it when there is none.
    ///
    /// # Errors
    /// [`StoreError::NoCluster`] when the folder never had one; [`StoreError::InUse`] when a program holds it and does not answer; and those
    /// of [`Cluster::start`].
    pub async fn reach(config: &ClusterConfig) -> Result<Reached, StoreError> {
        let folder = ClusterFolder::look(&config.folder);
        if !folder.is_initialised() && !folder.top.join("in-use.lock").exists() {
            return Err(StoreError::NoCluster { folder: folder.top });
        }
        let neighbour = Neighbour {
            socket_folder: folder.socket,
        };
        let started = Instant::now();
        loop {
            if neighbour.answers().await {
                return Ok(Reached::Running(neighbour));
            }
            match Self::start(config).await {
                Err(StoreError::InUse { .. }) if started.elapsed() < PATIENCE => {
                    tokio::time::sleep(PAUSE).await;
                }
                started => return started.map(Reached::Started),
            }
        }
    }
}
