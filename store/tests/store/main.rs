//! The store against a real PostgreSQL, always with two tenants and as the roles that the programs use.

mod catalogue;
mod changes;
mod embedded;
mod freshness;
mod health;
mod leases;
mod records;
mod retention;
mod search;
mod sessions;
mod sign_in;
mod tenants;
mod versions;
mod view;
mod writer;

use std::sync::Arc;

use model::record::{OwnedRecord, Record};
use model::time::{DAY, Micros};

/// 2026-11-20T00:00:00Z: a day that any clock of a test machine has behind it.
const DAY_0: Micros = Micros(1_795_132_800_000_000);

/// So many days (and seconds) before [`DAY_0`].
fn days_before(days: i64, seconds: i64) -> Micros {
    Micros(DAY_0.0 - days * DAY).plus_seconds(seconds)
}

/// A copy of a record with something changed.
fn with(owned: &OwnedRecord, change: impl FnOnce(&mut Record)) -> OwnedRecord {
    let mut record = Record::clone(&owned.record);
    change(&mut record);
    OwnedRecord {
        record: Arc::new(record),
        ..owned.clone()
    }
}
