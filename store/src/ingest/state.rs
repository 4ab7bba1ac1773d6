//! What the worker remembers between two runs: opaque bytes, the mails that it has parked, and the journal of what it wrote since.
//!
//! Goes in: [`StateUpdate`]s, in the transaction of the rows that they go with. Comes out: the newest state as a whole, and parked mails one
//! by one. State, parked mails and positions always fit together; what was written after them stands in the journal.

use std::collections::HashMap;

use model::ids::RecordId;
use model::time::Micros;
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::ingest::IngestDb;
use crate::timestamp::Timestamp;

/// The state to save, and what became of parked mails since the one before.
#[derive(Debug, Default)]
pub struct StateUpdate {
    /// The form; a program that writes another one does not find it.
    pub format: i32,
    /// The state.
    pub state: Vec<u8>,
    /// Newly parked.
    pub parked: Vec<ParkedMail>,
    /// No longer parked.
    pub unparked: Vec<i64>,
    /// Parked mails that nobody asks for after this moment are deleted, if given.
    pub expire_before: Option<Micros>,
}

/// A mail that may go on after a long while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedMail {
    /// Its number.
    pub entry: i64,
    /// Hashes of the ids by which a line finds it.
    pub keys: Vec<i64>,
    /// Nobody asks for it after this moment.
    pub until: Micros,
    /// The worker's own form.
    pub state: Vec<u8>,
}

/// Bytes of a record's id in the journal.
const ID: usize = 16;

pub(super) async fn save(
    connection: &mut PgConnection,
    worker: &str,
    update: &StateUpdate,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        insert into worker_state (worker, format, state, saved_at)
        values ($1, $2, $3, now())
        on conflict (worker) do update
        set format = excluded.format, state = excluded.state, saved_at = excluded.saved_at
        "#,
        worker,
        update.format,
        update.state,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("delete from worker_journal where worker = $1", worker)
        .execute(&mut *connection)
        .await?;
    if !update.unparked.is_empty() {
        sqlx::query!(
            "delete from parked_mail where worker = $1 and entry = any($2)",
            worker,
            &update.unparked
        )
        .execute(&mut *connection)
        .await?;
    }
    for mail in &update.parked {
        sqlx::query!(
            r#"
            insert into parked_mail (worker, entry, keys, until, state)
            values ($1, $2, $3, $4, $5)
            on conflict (worker, entry) do update
            set keys = excluded.keys, until = excluded.until, state = excluded.state
            "#,
            worker,
            mail.entry,
            &mail.keys,
            Timestamp(mail.until) as _,
            mail.state,
        )
        .execute(&mut *connection)
        .await?;
    }
    if let Some(before) = update.expire_before {
        sqlx::query!(
            "delete from parked_mail where worker = $1 and until < $2",
            worker,
            Timestamp(before) as _,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(super) async fn note(
    connection: &mut PgConnection,
    worker: &str,
    records: impl Iterator<Item = RecordId>,
) -> Result<(), StoreError> {
    let ids: Vec<u8> = records.flat_map(RecordId::to_bytes).collect();
    if !ids.is_empty() {
        sqlx::query!(
            "insert into worker_journal (worker, records) values ($1, $2)",
            worker,
            ids
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}

impl IngestDb {
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

    /// The records that `worker` has written since its state was saved.
    pub async fn journal(&self, worker: &str) -> Result<Vec<RecordId>, StoreError> {
        let batches = sqlx::query_scalar!("select records from worker_journal where worker = $1", worker)
            .fetch_all(&self.pool)
            .await?;
        Ok(batches
            .iter()
            .flat_map(|ids| ids.as_chunks::<ID>().0)
            .map(|id| RecordId::from_bytes(*id))
            .collect())
    }

    /// The keys of all parked mails of `worker`, each with its mail's [`ParkedMail::until`].
    pub async fn parked_keys(&self, worker: &str) -> Result<Vec<(i64, Micros)>, StoreError> {
        let rows = sqlx::query!(
            r#"select unnest(keys) as "key!", until as "until: Timestamp" from parked_mail where worker = $1"#,
            worker
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.key, row.until.0)).collect())
    }

    /// The parked mails with this key, by their numbers.
    pub async fn parked(&self, worker: &str, key: i64) -> Result<HashMap<i64, Vec<u8>>, StoreError> {
        let rows = sqlx::query!(
            "select entry, state from parked_mail where worker = $1 and keys @> array[$2::bigint]",
            worker,
            key,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.entry, row.state)).collect())
    }
}
