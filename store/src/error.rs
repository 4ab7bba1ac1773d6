//! What can go wrong in the store, each with what a person can do about it.
//!
//! Goes in: errors of sqlx, files and processes. Comes out: [`StoreError`]. None of its texts is meant for a page: `app` maps them all to one
//! sentence with a request id.

use std::io;
use std::path::{Path, PathBuf};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The address in the configuration cannot be read. The text of the address is left out: it may hold a password.
    #[error("the database address cannot be read; it looks like postgres://role:password@host:5432/database")]
    BadAddress {
        /// What sqlx says.
        #[source]
        source: sqlx::Error,
    },
    /// No connection.
    #[error("cannot connect to the database at {address}: {source}")]
    Connect {
        /// Without password.
        address: String,
        /// What sqlx says.
        #[source]
        source: sqlx::Error,
    },
    /// The portal's role could read around row level security.
    #[error(
        "the portal refuses to run as database role {role}, because it {problem}; use a role like mailfate_portal (see docs/configuration.md)"
    )]
    DangerousRole {
        /// The role.
        role: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A newer program has changed the database.
    #[error(
        "the database was migrated to version {found}, by a newer Mailfate than this one, which knows {known}; install the newer program"
    )]
    DatabaseIsNewer {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration in this program.
        known: i64,
    },
    /// The database waits for migrations.
    #[error("the database is at version {found} and this program needs {known}; run: mailfate migrate")]
    DatabaseIsOlder {
        /// The newest migration in the database; 0 for an empty one.
        found: i64,
        /// The newest migration in this program.
        known: i64,
    },
    /// A migration failed.
    #[error("a migration of the database failed: {source}")]
    Migrate {
        /// What sqlx says.
        #[from]
        source: sqlx::migrate::MigrateError,
    },
    /// The user does not exist, is disabled or belongs nowhere: there is nothing that he may see.
    #[error("user {user_id} has no scope")]
    NoScope {
        /// The user.
        user_id: model::ids::UserId,
    },
    /// A name that must be unique is taken.
    #[error("{what} {name:?} exists already")]
    Taken {
        /// `login`, `domain`, ...
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A role was given in a tenant whose kind does not fit.
    #[error("the role {role} does not fit a tenant of kind {kind}")]
    RoleDoesNotFit {
        /// The role.
        role: model::viewer::Role,
        /// The tenant's kind.
        kind: crate::owner::TenantKind,
    },
    /// A statement took longer than its time limit.
    #[error("the database took longer than allowed for this question")]
    TimedOut {
        /// What sqlx says.
        #[source]
        source: sqlx::Error,
    },
    /// Anything else that the database says.
    #[error("the database failed: {source}")]
    Database {
        /// What sqlx says.
        #[source]
        source: sqlx::Error,
    },
    /// The database holds a word that this program does not know.
    #[error("the database holds an unknown word: {source}")]
    UnknownWord {
        /// Which.
        #[from]
        source: model::ids::UnknownId,
    },
    /// A stored trail cannot be read.
    #[error("a stored trail cannot be read: {source}")]
    BadTrail {
        /// What serde says.
        #[from]
        source: serde_json::Error,
    },
    /// The password hasher failed.
    #[error("the password hasher failed: {reason}")]
    Hasher {
        /// What it says.
        reason: String,
    },
    /// No PostgreSQL on this machine.
    #[error(
        "no PostgreSQL server programs found; install PostgreSQL 15 or newer (apt install postgresql) or set database.portal_url, database.ingest_url and database.owner_url"
    )]
    NoPostgres,
    /// PostgreSQL refuses root, and there is nobody else to run it as.
    #[error(
        "PostgreSQL does not run as root and there is no user {user:?}; set postgres_user to an unprivileged account"
    )]
    NoPostgresUser {
        /// The account looked for.
        user: String,
    },
    /// The account that PostgreSQL runs as cannot get to its folder.
    #[error("the user {user} cannot enter {}, where the database shall live; choose another data_dir", folder.display())]
    OutOfReach {
        /// The account.
        user: String,
        /// The folder that stops it.
        folder: PathBuf,
    },
    /// Another program runs the private cluster.
    #[error("{} is in use by another Mailfate; stop it, or choose another data_dir", folder.display())]
    InUse {
        /// The cluster's folder.
        folder: PathBuf,
    },
    /// A folder that we need for ourselves belongs to somebody else.
    #[error("{} exists and belongs to somebody else", folder.display())]
    NotOurs {
        /// The folder.
        folder: PathBuf,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {output}")]
    Program {
        /// `initdb`, `postgres`.
        program: &'static str,
        /// Its last words.
        output: String,
    },
    /// The data folder was made by another major version of PostgreSQL.
    #[error("{} was made by PostgreSQL {found}, but only version {installed} is installed; install postgresql-{found}", folder.display())]
    WrongPostgresVersion {
        /// The folder.
        folder: PathBuf,
        /// Its version.
        found: String,
        /// The version of the programs.
        installed: String,
    },
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(source: sqlx::Error) -> Self {
        // 57014 query_canceled: statement_timeout is the only one who cancels.
        let timed_out = source
            .as_database_error()
            .is_some_and(|error| error.code().as_deref() == Some("57014"));
        if timed_out {
            Self::TimedOut { source }
        } else {
            Self::Database { source }
        }
    }
}

/// An error of a file or folder, with its name.
pub(crate) fn file_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::File {
        path: path.to_owned(),
        source,
    }
}
