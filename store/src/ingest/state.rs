//! What the worker remembers between two runs: opaque bytes, saved and read as a whole.

use crate::error::StoreError;
use crate::ingest::IngestDb;

impl IngestDb {
    /// Saves the state of `worker`, written in `format`.
    pub async fn save_state(&self, worker: &str, format: i32, state: &[u8]) -> Result<(), StoreError> {
        sqlx::query!(
            r#"
            insert into worker_state (worker, format, state, saved_at)
            values ($1, $2, $3, now())
            on conflict (worker) do update
            set format = excluded.format, state = excluded.state, saved_at = excluded.saved_at
            "#,
            worker,
            format,
            state,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The saved state of `worker`, if it was written in `format`.
    pub async fn load_state(&self, worker: &str, format: i32) -> Result<Option<Vec<u8>>, StoreError> {
        let state = sqlx::query_scalar!(
            "select state from worker_state where worker = $1 and format = $2",
            worker,
            format,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(state)
    }
}
