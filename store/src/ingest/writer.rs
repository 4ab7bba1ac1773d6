//! Writes batches.
use model::record::OwnedRecord;

use crate::error::StoreError;
use crate::ingest::{SourceUpdate, WriteReport};

/// Writes batches of records, each with the position that it came from, in one transaction.
#[derive(Debug)]
pub struct Writer {}

impl Writer {
    /// Stores the rows and the positions together. After an error nothing of the batch is stored and the same call can be repeated.
    pub async fn write(&mut self, records: &[OwnedRecord], sources: &[SourceUpdate]) -> Result<WriteReport, StoreError> {
        let _ = (records, sources);
        todo!()
    }

    /// Binary COPY straight into the tables, without duplicate protection: what the bench compares with.
    pub async fn copy_raw(&mut self, records: &[OwnedRecord]) -> Result<u64, StoreError> {
        let _ = records;
        todo!()
    }
}
