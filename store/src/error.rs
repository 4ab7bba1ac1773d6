//! What can go wrong in the store, each with what a person can do about it.
//!
//! Goes in: errors of sqlx, files and processes. Comes out: [`StoreError`]. None of its texts is meant for a page: `app` maps them all to one
//! sentence with a request id.

use std::io;
use std::path::{Path, PathBuf};

use model::time::{Micros, SECOND};

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
    #[error("cannot connect to the database at {address}: {}", in_words(source))]
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
    /// Somebody else follows a source.
    #[error("the source {source_name:?} is followed by {by}; waiting until it stops")]
    SourceIsFollowed {
        /// The source.
        source_name: String,
        /// Who, as it calls itself.
        by: String,
    },
    /// While we were away, another worker followed our sources.
    #[error("another worker has followed the sources meanwhile; reading on from where it was")]
    TakenOver,
    /// A statement took longer than its time limit.
    #[error("the database took longer than allowed for this question")]
    TimedOut {
        /// What sqlx says.
        #[source]
        source: sqlx::Error,
    },
    /// Somebody reads or writes mail for so long that a day cannot be dropped.
    #[error(
        "the day {} could not be dropped, because somebody has been reading or writing mail all the time; it stays, and the next run tries again (the view pg_stat_activity shows who)",
        iso_day(*day)
    )]
    DayInUse {
        /// Its beginning (UTC).
        day: Micros,
        /// What sqlx says.
        #[source]
        source: sqlx::Error,
    },
    /// The database cannot go on, for a reason that a person can remove: no space, no memory, no connections, read-only, shutting down, gone.
    #[error("the database cannot go on: {}", in_words(source))]
    Stuck {
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
    /// A stored trail is packed in a way that this program does not know.
    #[error("a stored trail cannot be unpacked: {source}; was it written by a newer Mailfate?")]
    PackedTrail {
        /// What the library says.
        source: io::Error,
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
    /// There never was a private cluster in this folder.
    #[error("there is no database in {}", folder.display())]
    NoCluster {
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
        match code(&source).as_deref() {
            // query_canceled: statement_timeout is the only one who cancels.
            Some("57014") => Self::TimedOut { source },
            Some(code) if what_to_do(code).is_some() => Self::Stuck { source },
            None if matches!(source, sqlx::Error::Io(_)) => Self::Stuck { source },
            _ => Self::Database { source },
        }
    }
}

/// PostgreSQL's code of an error, see "PostgreSQL Error Codes" in its manual.
fn code(error: &sqlx::Error) -> Option<String> {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .map(std::borrow::Cow::into_owned)
}

/// What the database says, and, where a person can do something about it, what.
fn in_words(error: &sqlx::Error) -> String {
    let advice = match error {
        sqlx::Error::Io(_) => Some("there is no connection; does it run, and is the address right?"),
        error => code(error).as_deref().and_then(what_to_do),
    };
    match advice {
        Some(advice) => format!("{advice} ({error})"),
        None => error.to_string(),
    }
}

/// What happened and what to do, for the codes that operators meet.
fn what_to_do(code: &str) -> Option<&'static str> {
    Some(match code {
        // disk_full
        "53100" => {
            "its disk is full; make space there, or drop old days with `mailfate retention`. Nothing is lost: what could not be written is written as soon as there is space"
        }
        // out_of_memory
        "53200" => {
            "it has no memory left; give the server more, or lower its work_mem, shared_buffers or max_connections"
        }
        // too_many_connections
        "53300" => {
            "all its connections are taken; raise max_connections, or lower database.portal_connections of the web servers"
        }
        // configuration_limit_exceeded, disk quota and the like
        "53000" | "53400" => "it has run out of something that it needs; its own log says of what",
        // admin_shutdown, crash_shutdown
        "57P01" | "57P02" => {
            "it is being shut down, or somebody ended this connection; start it again if that was not meant"
        }
        // cannot_connect_now
        "57P03" => {
            "it is starting, recovering or shutting down; wait a moment, and look into its log if that lasts"
        }
        // read_only_sql_transaction
        "25006" => {
            "it only lets itself be read; write to the primary and not to a replica, or find out who set default_transaction_read_only"
        }
        // io_error
        "58030" => "it cannot read or write its files; look at the disk and into the system's log",
        // index_corrupted, data_corrupted
        "XX001" | "XX002" => {
            "its files are damaged; stop writing and restore a backup, or ask somebody who knows PostgreSQL"
        }
        // invalid_authorization_specification, invalid_password
        "28000" | "28P01" => {
            "it does not let this role in; look at the password in the address and at pg_hba.conf"
        }
        // invalid_catalog_name
        "3D000" => "there is no such database; docs/configuration.md says how it is made",
        _ => return None,
    })
}

/// The day of a moment as `2026-11-21`.
pub(crate) fn iso_day(at: Micros) -> String {
    time::OffsetDateTime::from_unix_timestamp(at.0.div_euclid(SECOND)).map_or_else(
        |_| at.0.to_string(),
        |at| format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day()),
    )
}

/// An error of a file or folder, with its name.
pub(crate) fn file_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_named_by_its_date() {
        assert_eq!(iso_day(Micros(1_795_296_617_327_456)), "2026-11-21");
        assert_eq!(iso_day(Micros(-1)), "1969-12-31");
    }
}
