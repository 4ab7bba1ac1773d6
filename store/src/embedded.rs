//! A private PostgreSQL from the system's programs.
use std::path::PathBuf;

use crate::address::DatabaseAddress;
use crate::error::StoreError;

/// A running private cluster. Call [`Cluster::stop`] at the end.
#[derive(Debug)]
pub struct Cluster {}

/// Where and as whom to run it.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The folder of the cluster; made when it is not there.
    pub folder: PathBuf,
    /// The account to run as when we are root.
    pub postgres_user: String,
}

impl Cluster {
    /// Starts the cluster, or adopts one that a killed program left running. Makes roles and the database on first use.
    pub async fn start(config: &ClusterConfig) -> Result<Self, StoreError> {
        let _ = config;
        todo!()
    }
    /// The portal's address.
    pub fn portal(&self) -> DatabaseAddress {
        todo!()
    }
    /// The worker's address.
    pub fn ingest(&self) -> DatabaseAddress {
        todo!()
    }
    /// The owner's address.
    pub fn owner(&self) -> DatabaseAddress {
        todo!()
    }
    /// Stops it in order (`fast`) and waits.
    pub async fn stop(self) -> Result<(), StoreError> {
        todo!()
    }
}
