//! Web sessions in PostgreSQL, for tower-sessions.
use sqlx::PgPool;

use crate::db::Db;

/// Keeps sessions in the table `session`.
#[derive(Clone, Debug)]
pub struct PgSessionStore {
    pool: PgPool,
}

impl PgSessionStore {
    /// Uses the portal's pool.
    pub fn new(db: &Db) -> Self {
        Self { pool: db.pool.clone() }
    }

    /// Deletes what has expired; returns how many. Call it now and then.
    pub async fn delete_expired(&self) -> Result<u64, crate::StoreError> {
        let _ = &self.pool;
        todo!()
    }
}
