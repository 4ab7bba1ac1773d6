//! A private PostgreSQL from the system's own programs, so that Mailfate runs where nobody has set up a database.
//!
//! Goes in: a folder. Comes out: a running [`Cluster`] and the addresses of its three roles. It listens on a Unix socket only, in a folder
//! that nobody else can enter. Tables are not its business: `OwnerDb::migrate` makes them.

mod account;
mod folder;
mod neighbour;
mod process;
pub(crate) mod programs;

pub(crate) use account::Account;
#[cfg(feature = "testing")]
pub(crate) use folder::make_private;
pub use neighbour::{Neighbour, Reached};

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::address::DatabaseAddress;
use crate::embedded::folder::ClusterFolder;
use crate::embedded::process::Server;
use crate::embedded::programs::Programs;
use crate::error::{StoreError, file_error};
use crate::owner::ROLES;

/// The database in the cluster.
const DATABASE: &str = "mailfate";
/// The superuser of the cluster: makes roles and the database, and nothing else.
pub(crate) const SUPERUSER: &str = "mailfate_admin";
/// On a socket the port is but a part of the socket's name.
pub(crate) const PORT: u16 = 5432;
/// Longer than any recovery after a crash should last.
const READY_WITHIN: Duration = Duration::from_mins(5);

/// Where and as whom to run it.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The folder of the cluster; made when it is not there.
    pub folder: PathBuf,
    /// The account to run as when we are root, whom PostgreSQL refuses.
    pub postgres_user: String,
}

/// A running private cluster. [`Cluster::stop`] ends it in order; dropping it does the same, holding up the thread meanwhile.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    socket_folder: PathBuf,
    /// Held as long as the cluster is ours: a second program with the same folder is refused.
    _lock: Flock<File>,
}

impl Cluster {
    /// Starts the cluster, or takes over one that a killed program left running. On first use it makes the cluster, the roles and the database.
    pub async fn start(config: &ClusterConfig) -> Result<Self, StoreError> {
        let account = Account::for_postgres(&config.postgres_user)?;
        let folder = ClusterFolder::prepare(&config.folder, &account)?;
        let lock = lock(&folder)?;
        let programs = Programs::find(folder.major_version()?.as_deref(), &folder.data)?;
        if !folder.is_initialised() {
            tracing::info!(folder = %folder.data.display(), "making a private PostgreSQL cluster");
            programs.init(&folder, &account)?;
        }
        let mut server = Server::start_or_adopt(&programs, &folder, &account)?;
        let superuser = DatabaseAddress::on_socket(&folder.socket, PORT, SUPERUSER, "postgres");
        let mut connection = wait_until_ready(&mut server, &superuser, &folder).await?;
        make_roles_and_database(&mut connection).await?;
        connection.close().await?;
        Ok(Self {
            server,
            socket_folder: folder.socket,
            _lock: lock,
        })
    }

    /// The portal's address.
    pub fn portal(&self) -> DatabaseAddress {
        self.address("mailfate_portal")
    }

    /// The worker's address.
    pub fn ingest(&self) -> DatabaseAddress {
        self.address("mailfate_ingest")
    }

    /// The owner's address.
    pub fn owner(&self) -> DatabaseAddress {
        self.address("mailfate_owner")
    }

    /// As the cluster's superuser: for tests, which do what an operator's own tools do.
    #[cfg(feature = "testing")]
    pub fn superuser(&self) -> DatabaseAddress {
        self.address(SUPERUSER)
    }

    /// Stops it: running questions are broken off (`fast`), what was committed is on disk. Waits for the end.
    pub async fn stop(mut self) -> Result<(), StoreError> {
        self.server.ask_to_stop();
        while !self.server.is_gone() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Leaves the server running, as a program that is killed does: for tests.
    #[cfg(feature = "testing")]
    pub fn abandon(self) {
        self.server.abandon();
    }

    fn address(&self, role: &str) -> DatabaseAddress {
        DatabaseAddress::on_socket(&self.socket_folder, PORT, role, DATABASE)
    }
}

fn lock(folder: &ClusterFolder) -> Result<Flock<File>, StoreError> {
    let path = folder.top.join("in-use.lock");
    let file = File::create(&path).map_err(|source| file_error(&path, source))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| StoreError::InUse {
        folder: folder.top.clone(),
    })
}

/// Waits for the server, also through a recovery after a crash.
async fn wait_until_ready(
    server: &mut Server,
    superuser: &DatabaseAddress,
    folder: &ClusterFolder,
) -> Result<PgConnection, StoreError> {
    let started = tokio::time::Instant::now();
    loop {
        match superuser.options().connect().await {
            Ok(connection) => return Ok(connection),
            Err(_) if server.is_gone() => {
                return Err(StoreError::Program {
                    program: "postgres",
                    output: folder.end_of_log(),
                });
            }
            Err(source) if started.elapsed() > READY_WITHIN => {
                return Err(StoreError::Connect {
                    address: superuser.to_string(),
                    source,
                });
            }
            // Not listening yet, or "the database system is starting up".
            Err(_) => tokio::time::sleep(Duration::from_millis(25)).await,
        }
    }
}

async fn make_roles_and_database(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql(ROLES).execute(&mut *connection).await?;
    let exists = sqlx::query_scalar!(
        r#"select exists (select from pg_database where datname = $1) as "exists!""#,
        DATABASE
    )
    .fetch_one(&mut *connection)
    .await?;
    if !exists {
        sqlx::raw_sql("create database mailfate owner mailfate_owner")
            .execute(connection)
            .await?;
    }
    Ok(())
}
