//! The worker's door: which domains are hosted, how far the sources were read, writing, reading back, and keeping house.
//!
//! Goes in: finished records. Comes out: reports of what was stored, and for the operator's commands the records themselves. It comes as a
//! role that bypasses row level security (COPY needs it) and has rights on the tables that it writes and on nothing else.

mod copy;
mod health;
mod lease;
mod prepared;
mod records;
mod retention;
mod retract;
mod sources;
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
pub use prepared::Prepared;
pub use retention::DroppedDay;
pub use sources::{SourceGap, SourceSample, SourceUpdate};
pub use state::{ParkedMail, StateUpdate};
pub use writer::{Commit, Retraction, Writer};

/// The worker's pool.
#[derive(Clone, Debug)]
pub struct IngestDb {
    pool: PgPool,
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
    /// Lines of mail programs so far.
    pub mail_lines: i64,
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
    /// Of these, rows that came by the straight way: they had not been there.
    pub new: u64,
    /// Trails that were new or different.
    pub trails_changed: u64,
    /// Rows whose day is absurd (see `ensure_mail_days` in the migrations): counted and not stored.
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
                mail_lines,
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
                    mail_lines: row.mail_lines,
                    unrecognised: row.unrecognised,
                };
                (row.name, position)
            })
            .collect())
    }

    /// A writer with a connection of its own, which it makes at the first write and again after an error.
    pub fn writer(&self) -> Writer {
        Writer::new((*self.pool.connect_options()).clone(), Vec::new())
    }

    /// The writer of a worker that follows these sources: it writes nothing while another one follows any of them.
    pub fn writer_for(&self, sources: Vec<String>) -> Writer {
        Writer::new((*self.pool.connect_options()).clone(), sources)
    }

    /// Bytes on the disk of the tables that mail fills, with their indexes and partitions, by name.
    pub async fn sizes(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query!(
            r#"
            select
                parent.relname::text as "name!",
                sum(pg_total_relation_size(part.relid))::bigint as "bytes!"
            from pg_class parent, pg_partition_tree(parent.oid) part
            where parent.relname in ('mail', 'mail_trail') and parent.relnamespace = 'public'::regnamespace
            group by parent.relname
            order by 1
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.name, u64::try_from(row.bytes).unwrap_or(0)))
            .collect())
    }

    /// Closes the connections of the pool; a writer has its own.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn ingest_options(address: &DatabaseAddress) -> PgConnectOptions {
    // Whoever waits for this worker's sources reads it.
    let host = nix::unistd::gethostname().unwrap_or_default();
    let name = format!(
        "mailfate ingest, process {} on {}",
        std::process::id(),
        host.to_string_lossy()
    );
    address
        .options()
        // PostgreSQL's NAMEDATALEN.
        .application_name(&name[..name.floor_char_boundary(63)])
        .options([("jit", "off"), ("timezone", "UTC")])
}
