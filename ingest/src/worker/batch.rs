//! What the reader hands to the writer, and how it becomes rows.
//!
//! Goes in: changes of the correlator. Comes out: a [`Batch`], and of it a [`PreparedBatch`]. Owning, locating, encoding and packing take about
//! as long as the database needs for the rows, so they run beside it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};

use model::ids::{DomainId, RecordId};
use model::record::{OwnedRecord, Record};
use store::ingest::{Prepared, SourceGap, SourceSample, SourceUpdate, StateUpdate};
use tracer::correlate::Changes;

use crate::enrich::Geo;
use crate::owner;

/// The hosted domains, as they were read last.
pub(super) type Domains = Arc<RwLock<Arc<HashMap<String, DomainId>>>>;

/// What the reader hands over.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    /// Records that this batch makes.
    new: HashSet<RecordId>,
    /// Records that an earlier batch has made.
    again: HashSet<RecordId>,
    /// Of several words about one record the last counts: what is retracted here is not among `records` when the batch is sent.
    pub(super) retracted: HashSet<RecordId>,
    /// Lines are read again: whatever is in here may be in the tables.
    pub(super) is_replay: bool,
    pub(super) sources: Vec<SourceUpdate>,
    pub(super) gaps: Vec<SourceGap>,
    pub(super) samples: Vec<SourceSample>,
    /// The state to save with the batch, and its number.
    pub(super) state: Option<(u64, StateUpdate)>,
    /// All sources were read to their ends.
    pub(super) is_caught_up: bool,
}

impl Batch {
    /// Takes over records and what is retracted.
    pub(super) fn absorb(&mut self, changes: &mut Changes) {
        let again: HashSet<RecordId> = changes.again.drain(..).collect();
        for record in changes.records.drain(..) {
            let id = record.record_id;
            self.retracted.remove(&id);
            if !again.contains(&id) {
                self.new.insert(id);
            } else if !self.new.contains(&id) {
                self.again.insert(id);
            }
            self.records.push(record);
        }
        self.retracted.extend(changes.retracted.drain(..));
    }

    /// Whether there is anything that somebody would want to see.
    pub(super) fn has_news(&self) -> bool {
        !self.records.is_empty() || !self.retracted.is_empty() || !self.gaps.is_empty()
    }

    /// The batch as it is sent; this one begins anew.
    pub(super) fn take(&mut self) -> Self {
        let mut batch = std::mem::take(self);
        if !batch.retracted.is_empty() {
            batch
                .records
                .retain(|record| !batch.retracted.contains(&record.record_id));
        }
        if batch.is_replay {
            batch
                .again
                .extend(batch.records.iter().map(|record| record.record_id));
        }
        batch
    }
}

/// A batch as rows.
pub(super) struct PreparedBatch {
    pub(super) rows: Prepared,
    pub(super) retracted: Vec<RecordId>,
    pub(super) sources: Vec<SourceUpdate>,
    pub(super) gaps: Vec<SourceGap>,
    pub(super) samples: Vec<SourceSample>,
    pub(super) state: Option<(u64, StateUpdate)>,
    pub(super) is_caught_up: bool,
}

/// Makes rows of records.
#[derive(Clone)]
pub(super) struct Preparing {
    pub(super) domains: Domains,
    pub(super) geo: Arc<Geo>,
}

impl Preparing {
    /// On another thread; `None` when that broke down.
    pub(super) async fn prepare(&self, batch: Batch) -> Option<PreparedBatch> {
        let this = self.clone();
        match tokio::task::spawn_blocking(move || this.prepare_now(batch)).await {
            Ok(prepared) => Some(prepared),
            Err(error) => {
                tracing::error!(%error, "making rows failed by a mistake of ours");
                None
            }
        }
    }

    fn prepare_now(&self, batch: Batch) -> PreparedBatch {
        let domains = match self.domains.read() {
            Ok(domains) => Arc::clone(&domains),
            Err(broken) => Arc::clone(&broken.into_inner()),
        };
        let mut owned: Vec<OwnedRecord> = Vec::with_capacity(batch.records.len());
        for record in batch.records {
            owned.extend(owner::own(Arc::new(record), &*domains, &self.geo));
        }
        PreparedBatch {
            rows: Prepared::new(owned, &batch.again),
            retracted: batch.retracted.into_iter().collect(),
            sources: batch.sources,
            gaps: batch.gaps,
            samples: batch.samples,
            state: batch.state,
            is_caught_up: batch.is_caught_up,
        }
    }
}
