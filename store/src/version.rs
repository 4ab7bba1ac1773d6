//! Which migrations this program knows, and whether the database fits.
//!
//! Goes in: a connection. Comes out: nothing, or an error that says which of the two is older. Applying them is the owner's business.

use sqlx::PgExecutor;
use sqlx::migrate::Migrator;

use crate::error::StoreError;

/// The migrations of this program.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// The newest version that this program knows.
pub(crate) fn newest_known() -> i64 {
    MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Refuses a database of another version: an older program would misread a newer database, and the other way round it would fail later and
/// in worse words.
pub(crate) async fn check(connection: impl PgExecutor<'_>) -> Result<(), StoreError> {
    let found = newest_applied(connection).await?;
    let known = newest_known();
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Less => Err(StoreError::DatabaseIsOlder { found, known }),
        std::cmp::Ordering::Greater => Err(StoreError::DatabaseIsNewer { found, known }),
    }
}

/// The newest version in the database; 0 for an empty one.
pub(crate) async fn newest_applied(connection: impl PgExecutor<'_>) -> Result<i64, StoreError> {
    let answer =
        sqlx::query_scalar!(r#"select max(version) as "version" from _sqlx_migrations where success"#)
            .fetch_one(connection)
            .await;
    match answer {
        Ok(version) => Ok(version.unwrap_or(0)),
        // 42P01 undefined_table, 42501 insufficient_privilege: nothing was migrated yet, or not as far as the grants of the first migration.
        Err(error)
            if error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code)
                .is_some_and(|code| code == "42P01" || code == "42501") =>
        {
            Ok(0)
        }
        Err(error) => Err(error.into()),
    }
}
