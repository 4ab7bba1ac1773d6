//! The writing half: batches become transactions, however long the database is away.
//!
//! Goes in: prepared batches, one after the other. Comes out: whether each was written.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use model::ids::{DomainId, RecordId};
use model::time::Micros;
use smallvec::SmallVec;
use store::ingest::{Commit, Retraction};
use store::{IngestDb, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::enrich::Geo;
use crate::worker::batch::{Domains, PreparedBatch, Preparing};
use crate::worker::{Clock, Progress, WorkerConfig, WorkerError, millis};

/// How often the list of hosted domains is read again.
const DOMAINS_EVERY: Duration = Duration::from_secs(10);
/// The first pause after a failed write, and the longest.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Of so many records it is remembered which domains have them.
const REMEMBERED: usize = 200_000;

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It is in the tables.
    Yes,
    /// We were told to stop before it was.
    Stopped,
    /// Another worker was here: it must not be written.
    TakenOver,
}

/// The domains that have a record.
type Owners = HashMap<RecordId, SmallVec<[DomainId; 2]>>;

pub(super) struct BatchWriter {
    name: String,
    writer: store::ingest::Writer,
    db: IngestDb,
    domains: Domains,
    domains_read: Micros,
    geo: Arc<Geo>,
    clock: Clock,
    /// Told the number of each state that is safe.
    safe: Arc<AtomicU64>,
    /// Who has the records written lately, younger and older: what is retracted is nearly always among them.
    owners: [Owners; 2],
}

impl BatchWriter {
    pub(super) async fn new(
        config: &WorkerConfig,
        writer: store::ingest::Writer,
        db: &IngestDb,
        geo: &Arc<Geo>,
        safe: Arc<AtomicU64>,
    ) -> Result<Self, WorkerError> {
        let domains = Arc::new(db.hosted_domains().await?);
        Ok(Self {
            name: config.name.clone(),
            writer,
            db: db.clone(),
            domains: Arc::new(RwLock::new(domains)),
            domains_read: (config.clock)(),
            geo: Arc::clone(geo),
            clock: Arc::clone(&config.clock),
            safe,
            owners: [Owners::new(), Owners::new()],
        })
    }

    /// The stage before this one.
    pub(super) fn preparing(&self) -> Preparing {
        Preparing {
            domains: Arc::clone(&self.domains),
            geo: Arc::clone(&self.geo),
        }
    }

    /// Writes a batch, however long the database is away.
    pub(super) async fn write(
        &mut self,
        batch: PreparedBatch,
        shutdown: &CancellationToken,
        progress: &watch::Sender<Progress>,
    ) -> Written {
        let retracted = self.retractions(&batch.retracted);
        let (number, state) = match &batch.state {
            Some((number, state)) => (Some(*number), Some(state)),
            None => (None, None),
        };
        let commit = Commit {
            worker: &self.name,
            rows: Some(&batch.rows),
            retracted: &retracted,
            sources: &batch.sources,
            gaps: &batch.gaps,
            samples: &batch.samples,
            state,
        };
        let mut pause = PAUSE;
        let report = loop {
            match self.writer.commit(&commit).await {
                Ok(report) => break report,
                Err(StoreError::TakenOver) => return Written::TakenOver,
                Err(error) => {
                    tracing::warn!(%error, pause_ms = pause.as_millis(), "writing failed, trying again");
                    tokio::select! {
                        () = shutdown.cancelled() => return Written::Stopped,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        };
        tracing::debug!(
            rows = report.rows,
            changed = report.changed,
            refused = report.refused,
            "batch written"
        );
        if report.refused > 0 {
            tracing::warn!(
                rows = report.refused,
                "mails of impossible days were not stored: a server's clock is wrong"
            );
        }
        if let Some(number) = number {
            self.safe.store(number, Ordering::Release);
        }
        self.remember(&batch);
        progress.send_modify(|progress| {
            progress.is_caught_up |= batch.is_caught_up;
            progress.rows_written += report.changed;
            progress.rows_new += report.new;
        });
        self.refresh_domains().await;
        Written::Yes
    }

    pub(super) async fn close(self) {
        if let Err(error) = self.writer.close().await {
            tracing::debug!(%error, "the connection was closed already");
        }
    }

    /// Who can have the records that are taken back: whoever has them as we remember, else every domain.
    fn retractions(&self, records: &[RecordId]) -> Vec<Retraction> {
        records
            .iter()
            .map(|record| {
                let known = self.owners.iter().find_map(|owners| owners.get(record));
                let domains = match known {
                    Some(domains) => domains.to_vec(),
                    None => match self.domains.read() {
                        Ok(domains) => domains.values().copied().collect(),
                        Err(broken) => broken.into_inner().values().copied().collect(),
                    },
                };
                Retraction {
                    record: *record,
                    domains,
                }
            })
            .collect()
    }

    fn remember(&mut self, batch: &PreparedBatch) {
        let [younger, older] = &mut self.owners;
        if younger.len() > REMEMBERED {
            *older = std::mem::take(younger);
        }
        for owned in batch.rows.records() {
            let domains = younger.entry(owned.record.record_id).or_default();
            if !domains.contains(&owned.domain_id) {
                domains.push(owned.domain_id);
            }
        }
    }

    async fn refresh_domains(&mut self) {
        let now = (self.clock)();
        if now.millis_since(self.domains_read).abs() < millis(DOMAINS_EVERY) {
            return;
        }
        self.domains_read = now;
        match self.db.hosted_domains().await {
            Ok(read) => {
                let read = Arc::new(read);
                match self.domains.write() {
                    Ok(mut domains) => *domains = read,
                    Err(broken) => *broken.into_inner() = read,
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the hosted domains could not be read; going on with those known before");
            }
        }
    }
}
