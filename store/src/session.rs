//! Web sessions in PostgreSQL, for tower-sessions.
//!
//! Goes in and comes out: tower-sessions' records. Only a hash of the session id is stored, so that a leaked table opens no session.
//! How long a session lives and when its id changes is the web server's business.

use model::time::{Micros, SECOND};
use sqlx::PgPool;
use tower_sessions_core::SessionStore;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::{Error, Result};

use crate::db::Db;
use crate::error::StoreError;
use crate::timestamp::Timestamp;

/// Keeps sessions in the table `session`.
#[derive(Clone, Debug)]
pub struct PgSessionStore {
    pool: PgPool,
}

impl PgSessionStore {
    /// Uses the portal's pool.
    pub fn new(db: &Db) -> Self {
        Self {
            pool: db.pool.clone(),
        }
    }

    /// Deletes what has expired; returns how many. Call it now and then.
    pub async fn delete_expired(&self) -> std::result::Result<u64, StoreError> {
        let done = sqlx::query!("delete from session where expires_at < now()")
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}

#[async_trait::async_trait]
impl SessionStore for PgSessionStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let done = sqlx::query!(
                r#"
                insert into session (id_hash, data, expires_at)
                values ($1, $2, $3)
                on conflict do nothing
                "#,
                id_hash(record.id),
                data(record)?,
                expires_at(record) as _,
            )
            .execute(&self.pool)
            .await
            .map_err(backend)?;
            if done.rows_affected() == 1 {
                return Ok(());
            }
            // Another session has this id already.
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        sqlx::query!(
            r#"
            insert into session (id_hash, data, expires_at)
            values ($1, $2, $3)
            on conflict (id_hash) do update
            set data = excluded.data, expires_at = excluded.expires_at
            "#,
            id_hash(record.id),
            data(record)?,
            expires_at(record) as _,
        )
        .execute(&self.pool)
        .await
        .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = sqlx::query!(
            r#"
            select
                data,
                expires_at as "expires_at: Timestamp"
            from session
            where id_hash = $1 and expires_at > now()
            "#,
            id_hash(*id),
        )
        .fetch_optional(&self.pool)
        .await
        .map_err(backend)?;
        row.map(|row| {
            let seconds = row.expires_at.0.0.div_euclid(SECOND);
            Ok(Record {
                id: *id,
                data: serde_json::from_str(&row.data).map_err(|error| Error::Decode(error.to_string()))?,
                expiry_date: time::OffsetDateTime::from_unix_timestamp(seconds)
                    .map_err(|error| Error::Decode(error.to_string()))?,
            })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sqlx::query!("delete from session where id_hash = $1", id_hash(*id))
            .execute(&self.pool)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

fn id_hash(id: Id) -> Vec<u8> {
    blake3::hash(&id.0.to_be_bytes()).as_bytes().to_vec()
}

fn data(record: &Record) -> Result<String> {
    serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

fn expires_at(record: &Record) -> Timestamp {
    Timestamp(Micros(record.expiry_date.unix_timestamp().saturating_mul(SECOND)))
}

fn backend(error: sqlx::Error) -> Error {
    Error::Backend(StoreError::from(error).to_string())
}
