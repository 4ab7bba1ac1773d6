//! The worker's door: which domains are hosted, how far the sources were read, and writing.
use std::collections::HashMap;

use model::ids::DomainId;
use model::time::Micros;
use sqlx::PgPool;

use crate::address::DatabaseAddress;
use crate::error::StoreError;

mod writer;

pub use writer::Writer;

/// The worker's pool, as a role that bypasses row level security and has rights on few tables only.
#[derive(Clone, Debug)]
pub struct IngestDb {
    #[expect(dead_code, reason = "first its signatures, then its body")]
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

/// What [`IngestDb::positions`] knows of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePosition {
    /// The worker's own JSON.
    pub position: String,
    /// Newest line.
    pub newest_line_at: Option<Micros>,
    /// Lines so far.
    pub lines: i64,
    /// Not understood so far.
    pub unrecognised: i64,
}

/// What one batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// Rows given, less doubles inside the batch.
    pub rows: u64,
    /// Rows that were new or different. The same batch again gives 0.
    pub changed: u64,
    /// Rows whose day is absurd (before 2000, or more than two days ahead of the database's clock): counted and not stored.
    pub refused: u64,
}

impl IngestDb {
    /// Connects.
    pub async fn connect(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let _ = address;
        todo!()
    }
    /// Every hosted domain by its lower-case name.
    pub async fn hosted_domains(&self) -> Result<HashMap<String, DomainId>, StoreError> {
        todo!()
    }
    /// Where each source was left, by source name.
    pub async fn positions(&self) -> Result<HashMap<String, SourcePosition>, StoreError> {
        todo!()
    }
    /// A writer with a connection of its own. After an error it reconnects at the next write by itself.
    pub async fn writer(&self) -> Result<Writer, StoreError> {
        todo!()
    }
}
