//! Where a database is and as which role to come: the one form in which an address of a database is passed around.
//!
//! Goes in: a URL from the configuration, or the socket folder of an embedded cluster. Comes out: a [`DatabaseAddress`] that the three doors
//! of this crate connect to. It never shows its password.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

use crate::error::StoreError;

/// Host or socket, database, role and password.
#[derive(Clone)]
pub struct DatabaseAddress(PgConnectOptions);

impl DatabaseAddress {
    /// Reads `postgres://role:password@host:5432/database` (also `?host=/socket/folder`).
    pub fn from_url(url: &SecretString) -> Result<Self, StoreError> {
        PgConnectOptions::from_str(url.expose_secret())
            .map(Self)
            .map_err(|source| StoreError::BadAddress { source })
    }

    /// A cluster that listens on a Unix socket only.
    pub fn on_socket(folder: &Path, port: u16, role: &str, database: &str) -> Self {
        Self(
            PgConnectOptions::new_without_pgpass()
                .socket(folder)
                .port(port)
                .username(role)
                .database(database),
        )
    }

    /// For tests that look into the database without the store.
    #[cfg(feature = "testing")]
    pub fn connect_options(&self) -> PgConnectOptions {
        self.0.clone()
    }

    pub(crate) fn options(&self) -> PgConnectOptions {
        self.0.clone()
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `role@host:port/database`, without the password.
impl fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.0;
        let host = options
            .get_socket()
            .map_or(options.get_host().into(), |socket| socket.to_string_lossy());
        write!(
            f,
            "{}@{}:{}/{}",
            options.get_username(),
            host,
            options.get_port(),
            options.get_database().unwrap_or_default()
        )
    }
}
