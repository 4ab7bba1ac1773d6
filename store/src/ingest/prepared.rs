//! A batch of records in the form in which the database takes it.
//!
//! Goes in: owned records, and which of them an earlier batch has written. Comes out: bytes for COPY. Encoding and packing take as long as
//! storing, so this is done beside the database and not while it waits: [`Prepared`] needs no connection.

use std::collections::HashSet;
use std::ops::Range;

use model::ids::{DomainId, RecordId};
use model::record::OwnedRecord;
use model::time::Micros;

use crate::ingest::copy::CopyBuffer;

/// 1970-01-01T00:00:00Z to 2200-01-01T00:00:00Z: beyond it no clock goes wrong, and no table has to keep it. A day of an unbelievable but
/// possible clock is the business of `ensure_mail_days` in the migrations.
const POSSIBLE: Range<Micros> = Micros(0)..Micros(7_258_118_400_000_000);

/// Bytes of a row in COPY format, roughly: only to ask for memory once.
const USUAL_ROW: usize = 600;

/// Rows ready to be written.
#[derive(Debug)]
pub struct Prepared {
    records: Vec<OwnedRecord>,
    /// Rows whose moment is impossible: not stored.
    pub(super) refused: u64,
    /// Rows that nobody has written before, as far as the worker knows.
    pub(super) fresh: Rows,
    /// Rows that may be in the table.
    pub(super) again: Rows,
}

/// Rows of both tables in COPY format.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) count: usize,
    pub(super) mail: Vec<u8>,
    pub(super) trail: Vec<u8>,
}

impl Prepared {
    /// Sorts and encodes. When the same row stands in the batch twice, the last one counts. `again` are the records that earlier batches have
    /// written; a record missing there that is in the table all the same costs time, not truth.
    pub fn new(mut records: Vec<OwnedRecord>, again: &HashSet<RecordId>) -> Self {
        let given = records.len();
        records.retain(|owned| POSSIBLE.contains(&owned.record.connected_at));
        let refused = (given - records.len()) as u64;
        let records = without_doubles(records);
        let (again, fresh): (Vec<&OwnedRecord>, Vec<&OwnedRecord>) = records
            .iter()
            .partition(|owned| again.contains(&owned.record.record_id));
        Self {
            fresh: Rows::of(&fresh),
            again: Rows::of(&again),
            refused,
            records,
        }
    }

    /// The rows, each key once, in the order of the primary key.
    pub fn records(&self) -> &[OwnedRecord] {
        &self.records
    }

    /// The same without the rows of some days.
    pub(super) fn without_days(&self, days: &HashSet<Micros>) -> Self {
        let kept = self
            .records
            .iter()
            .filter(|owned| !days.contains(&owned.record.connected_at.start_of_day()))
            .cloned()
            .collect();
        // Rare enough for the way that is always right.
        let all = self.records.iter().map(|owned| owned.record.record_id).collect();
        let mut kept = Self::new(kept, &all);
        kept.refused = self.refused + (self.records.len() - kept.records.len()) as u64;
        kept
    }
}

impl Rows {
    fn of(records: &[&OwnedRecord]) -> Self {
        if records.is_empty() {
            return Self::default();
        }
        let mut mail = CopyBuffer::with_capacity(records.len() * USUAL_ROW);
        let mut trail = CopyBuffer::with_capacity(records.len() * USUAL_ROW);
        for owned in records {
            mail.mail_row(owned);
            trail.trail_row(owned);
        }
        Self {
            count: records.len(),
            mail: mail.finish(),
            trail: trail.finish(),
        }
    }
}

/// In the order of the primary key, each key once, the last one of equals.
///
/// The order makes the index grow at one place for each domain, and lets two writers with the same rows wait for each other instead of
/// blocking each other for good.
fn without_doubles(mut records: Vec<OwnedRecord>) -> Vec<OwnedRecord> {
    // Backwards, so that after a stable sort the last of equal keys comes first and is the one that stays.
    records.reverse();
    records.sort_by_key(key);
    records.dedup_by_key(|owned| key(owned));
    records
}

fn key(owned: &OwnedRecord) -> (DomainId, Micros, RecordId) {
    (owned.domain_id, owned.record.connected_at, owned.record.record_id)
}
