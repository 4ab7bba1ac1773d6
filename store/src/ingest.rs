//! The worker's door: which domains are hosted, how far the sources were read, writing, reading back, and keeping house.
//!
//! Goes in: finished records. Comes out: reports of what was stored, and for the operator's commands the records themselves. It comes as a role that bypasses row level security (COPY needs it) and
//! has rights on the tables that it writes and on nothing else.

mod copy;
mod health;
mod records;
mod retention;
mod retract;
mod state;
mod writer;

use std::collections::HashMap;
use std::time::Duration;

use model::ids::DomainId;
use model::time::Micros;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::address::DatabaseAddress;
use crate::error::StoreError;
use crate::timestamp::Timestamp;
use crate::version;

pub use health::{DiskSpace, Finding};
pub use retention::DroppedDay;
pub use retract::Retraction;
pub use writer::Writer;

/// The worker's pool.
#[derive(Clone, Debug)]
pub struct IngestDb {
    pool: PgPool,
}

/// How far a source was read, and its freshness: written with the rows of the batch or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceUpdate {
    /// The source's name in the configuration.
    pub name: String,
    /// Where to read on: the worker's own JSON, opaque here.
    pub position: String,
    /// The newest line's own time; `None` keeps what is stored.
    pub newest_line_at: Option<Micros>,
    /// When the worker looked.
    pub checked_at: Micros,
    /// Lines read so far, in total: absolute numbers, so that writing the same update twice changes nothing.
    pub lines: i64,
    /// Mail lines so far that no dialect understood, in total.
    pub unrecognised: i64,
}

/// Where a source was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePosition {
    /// The worker's own JSON.
    pub position: String,
    /// The newest line's own time.
    pub newest_line_at: Option<Micros>,
    /// Lines so far.
    pub lines: i64,
    /// Mail lines so far that no dialect understood.
    pub unrecognised: i64,
}

/// What one batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// Rows given, less doubles inside the batch and refused ones.
    pub rows: u64,
    /// Rows of `mail` that were new or different. The same batch again gives 0.
    pub changed: u64,
    /// Trails that were new or different.
    pub trails_changed: u64,
    /// Rows whose day is absurd (before 2000, or more than two days ahead of the database's clock): counted and not stored.
    pub refused: u64,
}

impl IngestDb {
    /// Connects, and refuses a database of another version.
    pub async fn connect(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(ingest_options(address))
            .await
            .map_err(|source| StoreError::Connect {
                address: address.to_string(),
                source,
            })?;
        version::check(&pool).await?;
        Ok(Self { pool })
    }

    /// Every hosted domain by its lower-case name.
    pub async fn hosted_domains(&self) -> Result<HashMap<String, DomainId>, StoreError> {
        let rows = sqlx::query!("select domain_id, name from domain")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.name, DomainId(row.domain_id)))
            .collect())
    }

    /// Where each source was left, by source name.
    pub async fn positions(&self) -> Result<HashMap<String, SourcePosition>, StoreError> {
        let rows = sqlx::query!(
            r#"
            select
                name,
                position,
                newest_line_at as "newest_line_at: Timestamp",
                lines,
                unrecognised
            from source
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let position = SourcePosition {
                    position: row.position,
                    newest_line_at: row.newest_line_at.map(|moment| moment.0),
                    lines: row.lines,
                    unrecognised: row.unrecognised,
                };
                (row.name, position)
            })
            .collect())
    }

    /// A writer with a connection of its own, which it makes at the first write and again after an error.
    pub fn writer(&self) -> Writer {
        Writer::new((*self.pool.connect_options()).clone())
    }

    /// Closes the connections of the pool; a writer has its own.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn ingest_options(address: &DatabaseAddress) -> PgConnectOptions {
    address
        .options()
        .application_name("mailfate ingest")
        .options([("jit", "off"), ("timezone", "UTC")])
}
