//! The worker: follows sources, joins their lines, and writes rows, each batch together with the position that it came from.
//!
//! Goes in: a [`WorkerConfig`] and the worker's door to the database. Comes out: rows. Reading and correlating run on a thread of their own and
//! hand batches over a short channel, so that the database's pace holds the reader up and never the other way round.
//!
//! What happens at a crash: rows and positions commit together; the correlator's state is saved now and then together with its own, older
//! position. The next start loads that state, reads the lines between the two positions again and writes the same rows again, which changes
//! nothing, because record ids are deterministic and equal rows are not written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::ids::{DomainId, RecordId};
use model::record::{OwnedRecord, Record};
use model::time::Micros;
use serde::{Deserialize, Serialize};
use store::ingest::{Retraction, SourceUpdate};
use store::{IngestDb, StoreError};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::enrich::Geo;
use crate::owner;
use crate::source::{Source, SourceConfig, SourceError, SpoolConfig};
use tracer::correlate::{Changes, Correlator, Knowledge, Limits};
use tracer::line::HeaderReader;

/// Records in one transaction, at most.
const BATCH: usize = 10_000;
/// How long a changed record may wait for company.
const FLUSH_EVERY: Duration = Duration::from_millis(300);
/// How often a quiet file is looked at.
const POLL_EVERY: Duration = Duration::from_millis(150);
/// How often the correlator's state is saved: so much is read again after a crash.
const SAVE_EVERY: Duration = Duration::from_secs(30);
/// And after so many lines at the latest.
const SAVE_AFTER_LINES: u64 = 1_000_000;
/// How often the list of hosted domains is read again.
const DOMAINS_EVERY: Duration = Duration::from_secs(10);
/// The pause after a failed write grows up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The form of the saved state; a program that remembers other things counts it up, and then reads sources anew.
const STATE_FORMAT: i32 = 4;

/// Reads the clock: the only one that this crate knows.
pub type Clock = Arc<dyn Fn() -> Micros + Send + Sync>;

/// What to follow and how.
#[derive(Clone)]
pub struct WorkerConfig {
    /// Whose state this is in the database.
    pub name: String,
    /// Where the lines come from.
    pub sources: Vec<SourceConfig>,
    /// Where what is received waits.
    pub spool: SpoolConfig,
    /// What the operator knows about his servers.
    pub knowledge: Knowledge,
    /// What may be remembered.
    pub limits: Limits,
    /// The clock.
    pub clock: Clock,
}

/// Why the worker stopped.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// A source cannot be opened, at the start: later the worker waits for it.
    #[error("the source {name}: {source}")]
    Source {
        /// Which one.
        name: String,
        /// Why.
        #[source]
        source: SourceError,
    },
    /// The database cannot be asked, at the start: later the worker waits for it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no thread.
    #[error("cannot start the thread that reads the logs: {0}")]
    Thread(#[source] std::io::Error),
    /// The reading thread ended by a mistake of ours.
    #[error("the thread that reads the logs stopped by itself; its message is in the log")]
    ReaderStopped,
}

/// What the reader hands to the writer.
#[derive(Default)]
struct Batch {
    records: Vec<Record>,
    /// Of several words about one record the last counts: what is retracted here is not among `records` when the batch is sent.
    retracted: HashSet<RecordId>,
    sources: Vec<SourceUpdate>,
    /// The state to save after the batch.
    state: Option<Vec<u8>>,
    /// All sources were read to their ends.
    is_caught_up: bool,
}

impl Batch {
    fn absorb(&mut self, changes: Changes) {
        for record in changes.records {
            self.retracted.remove(&record.record_id);
            self.records.push(record);
        }
        self.retracted.extend(changes.retracted);
    }

    /// The batch as it is sent; this one begins anew.
    fn take(&mut self) -> Self {
        let mut batch = std::mem::take(self);
        batch
            .records
            .retain(|record| !batch.retracted.contains(&record.record_id));
        batch
    }
}

/// What is saved of the reader.
#[derive(Serialize, Deserialize)]
struct SavedState {
    sources: Vec<SavedSource>,
    correlator: Correlator,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct SavedSource {
    name: String,
    position: Option<String>,
    newest_line_at: Option<Micros>,
    lines: i64,
    unrecognised: i64,
}

/// Follows the sources until `shutdown`; `caught_up` turns true when everything that was there at the start is written.
///
/// # Errors
/// Only at the start. Later the worker waits: for the database with growing pauses, for files by looking again.
pub async fn run(
    config: WorkerConfig,
    db: IngestDb,
    geo: Arc<Geo>,
    shutdown: CancellationToken,
    caught_up: watch::Sender<bool>,
) -> Result<(), WorkerError> {
    let reader = Reader::start(&config, &db).await?;
    let (batches, mut received) = mpsc::channel::<Batch>(2);
    let stop = Arc::new(AtomicBool::new(false));
    let thread = {
        let stop = Arc::clone(&stop);
        std::thread::Builder::new()
            .name("mailfate-reader".to_owned())
            .spawn(move || reader.run(&batches, &stop))
            .map_err(WorkerError::Thread)?
    };
    let mut writer = BatchWriter {
        writer: db.writer(),
        domains: db.hosted_domains().await?,
        domains_read: (config.clock)(),
        db,
        geo,
        name: config.name,
        clock: config.clock,
    };
    loop {
        let batch = tokio::select! {
            () = shutdown.cancelled() => break,
            batch = received.recv() => batch,
        };
        let Some(batch) = batch else {
            return Err(WorkerError::ReaderStopped);
        };
        let is_caught_up = batch.is_caught_up;
        if !writer.write(batch, &shutdown).await {
            break;
        }
        if is_caught_up {
            caught_up.send_replace(true);
        }
    }
    stop.store(true, Ordering::Relaxed);
    // The reader may wait for room in the channel: what it still hands over is written or was never promised.
    while let Some(batch) = received.recv().await {
        if !writer.write(batch, &shutdown).await {
            break;
        }
    }
    drop(received);
    tokio::task::spawn_blocking(move || thread.join())
        .await
        .ok()
        .and_then(Result::ok)
        .ok_or(WorkerError::ReaderStopped)
}

/// The writing half.
struct BatchWriter {
    writer: store::ingest::Writer,
    db: IngestDb,
    domains: HashMap<String, DomainId>,
    domains_read: Micros,
    geo: Arc<Geo>,
    name: String,
    clock: Clock,
}

impl BatchWriter {
    /// Writes a batch, however long the database is away; `false` when told to stop before it was written.
    async fn write(&mut self, batch: Batch, shutdown: &CancellationToken) -> bool {
        self.refresh_domains().await;
        let owned: Vec<OwnedRecord> = batch
            .records
            .into_iter()
            .flat_map(|record| owner::own(Arc::new(record), &self.domains, &self.geo))
            .collect();
        let domains: Vec<DomainId> = if batch.retracted.is_empty() {
            Vec::new()
        } else {
            self.domains.values().copied().collect()
        };
        let retracted: Vec<RecordId> = batch.retracted.into_iter().collect();
        let retraction = Retraction {
            records: &retracted,
            domains: &domains,
        };
        let mut pause = Duration::from_millis(200);
        loop {
            match self
                .writer
                .write_and_retract(&owned, &retraction, &batch.sources)
                .await
            {
                Ok(report) => {
                    tracing::debug!(
                        rows = report.rows,
                        changed = report.changed,
                        refused = report.refused,
                        "batch written"
                    );
                    break;
                }
                Err(error) => {
                    tracing::warn!(%error, pause_ms = pause.as_millis(), "writing failed, trying again");
                    tokio::select! {
                        () = shutdown.cancelled() => return false,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        if let Some(state) = batch.state
            && let Err(error) = self.db.save_state(&self.name, STATE_FORMAT, &state).await
        {
            tracing::warn!(%error, "the worker's state could not be saved; after a crash more is read again");
        }
        true
    }

    async fn refresh_domains(&mut self) {
        let now = (self.clock)();
        if now.millis_since(self.domains_read) < i64::try_from(DOMAINS_EVERY.as_millis()).unwrap_or(i64::MAX)
        {
            return;
        }
        self.domains_read = now;
        match self.db.hosted_domains().await {
            Ok(domains) => self.domains = domains,
            Err(error) => {
                tracing::warn!(%error, "the hosted domains could not be read; going on with those known before");
            }
        }
    }
}

/// The reading half: files, headers, correlator.
struct Reader {
    sources: Vec<FollowedSource>,
    correlator: Correlator,
    clock: Clock,
    lines_since_save: u64,
    saved_at: Micros,
    flushed_at: Micros,
}

struct FollowedSource {
    source: Source,
    headers: HeaderReader,
    saved: SavedSource,
    /// Lines were read by an earlier run that its saved state does not know.
    is_replaying: bool,
}

impl Reader {
    async fn start(config: &WorkerConfig, db: &IngestDb) -> Result<Self, WorkerError> {
        let state = db.load_state(&config.name, STATE_FORMAT).await?;
        let saved: Option<SavedState> = state.and_then(|bytes| match postcard::from_bytes(&bytes) {
            Ok(saved) => Some(saved),
            Err(error) => {
                tracing::warn!(%error, "the worker's saved state cannot be read; reading all sources from their beginnings");
                None
            }
        });
        let committed = db.positions().await?;
        let (saved_sources, mut correlator) = match saved {
            Some(saved) => (saved.sources, saved.correlator),
            None => (
                Vec::new(),
                Correlator::new(config.limits, config.knowledge.clone()),
            ),
        };
        correlator.resume(config.limits, config.knowledge.clone());
        let now = (config.clock)();
        let mut sources = Vec::with_capacity(config.sources.len());
        for source in &config.sources {
            let known = saved_sources
                .iter()
                .find(|saved| saved.name == source.name)
                .cloned();
            let saved = known.unwrap_or_else(|| SavedSource {
                name: source.name.clone(),
                ..SavedSource::default()
            });
            let committed = committed.get(&source.name).map(|committed| &committed.position);
            let opened = Source::open(source, saved.position.as_deref(), &config.spool).map_err(|error| {
                WorkerError::Source {
                    name: source.name.clone(),
                    source: error,
                }
            })?;
            sources.push(FollowedSource {
                source: opened,
                headers: HeaderReader::not_after(now, source.zone.clone()),
                is_replaying: committed.is_some() && committed != saved.position.as_ref(),
                saved,
            });
        }
        Ok(Self {
            sources,
            correlator,
            clock: Arc::clone(&config.clock),
            lines_since_save: 0,
            saved_at: now,
            flushed_at: Micros(0),
        })
    }

    fn run(mut self, batches: &mpsc::Sender<Batch>, stop: &AtomicBool) {
        let mut pending = Batch::default();
        while !stop.load(Ordering::Relaxed) {
            let had_lines = self.read_all(&mut pending);
            let now = (self.clock)();
            if !had_lines {
                self.correlator.advance(now);
            }
            let since_flush = now.millis_since(self.flushed_at);
            // Old lines are read as fast as they come and written when their mails are over, once. Fresh ones are shown as they come.
            let is_live = !had_lines || (self.is_fresh(now) && since_flush >= millis(FLUSH_EVERY));
            pending.absorb(if is_live {
                self.correlator.take_changed()
            } else {
                self.correlator.take_closed()
            });
            let must_save = self.lines_since_save > 0
                && (now.millis_since(self.saved_at) >= millis(SAVE_EVERY)
                    || self.lines_since_save >= SAVE_AFTER_LINES);
            let has_news = !pending.records.is_empty() || !pending.retracted.is_empty();
            // A quiet source still says that it was looked at, but not seven times a second.
            let is_due =
                (is_live && has_news) || pending.records.len() >= BATCH || must_save || since_flush >= 1000;
            if is_due {
                self.flushed_at = now;
                if must_save {
                    // What is saved as written must be written: everything that changed goes with this batch.
                    pending.absorb(self.correlator.take_changed());
                    pending.state = self.save(now);
                }
                pending.is_caught_up = !had_lines;
                pending.sources = self.updates(now);
                if batches.blocking_send(pending.take()).is_err() {
                    return;
                }
            }
            if !had_lines {
                std::thread::sleep(POLL_EVERY);
            }
        }
        // Stopped in order: the state goes with the last rows, so that the next start has nothing to read again.
        let now = (self.clock)();
        pending.absorb(self.correlator.take_changed());
        pending.sources = self.updates(now);
        pending.state = self.save(now);
        if batches.blocking_send(pending.take()).is_err() {
            tracing::debug!("nobody waits for the last batch; the next start reads its lines again");
        }
    }

    /// Whether the newest line was written within the last minute.
    fn is_fresh(&self, now: Micros) -> bool {
        self.sources.iter().any(|source| {
            source
                .saved
                .newest_line_at
                .is_some_and(|newest| now.millis_since(newest) < 60_000)
        })
    }

    /// Reads a chunk of every source; says whether there was anything.
    fn read_all(&mut self, pending: &mut Batch) -> bool {
        let mut had_lines = false;
        for source in &mut self.sources {
            let now = (self.clock)();
            source.headers.set_reference(now);
            let (headers, saved, correlator, lines) = (
                &mut source.headers,
                &mut source.saved,
                &mut self.correlator,
                &mut self.lines_since_save,
            );
            let any = source.source.refill();
            correlator.set_replaying(source.is_replaying);
            for stream in source.source.streams() {
                while let Some(raw) = stream.line() {
                    saved.lines += 1;
                    *lines += 1;
                    match headers.read(raw) {
                        Some(line) => {
                            saved.newest_line_at = saved.newest_line_at.max(Some(line.at));
                            if !correlator.feed(&line) {
                                saved.unrecognised += 1;
                            }
                        }
                        None => correlator.skip(),
                    }
                    if source.is_replaying {
                        pending.absorb(correlator.take_changed());
                    }
                    stream.advance();
                }
            }
            had_lines |= any;
            if !any {
                // The end of what is there: whatever was written beyond it before cannot be read again anyway.
                source.is_replaying = false;
            }
            for gap in source.source.take_gaps() {
                tracing::warn!(source = source.source.name(), gap = %gap.text, "lines are missing");
            }
            source.saved.position = Some(source.source.position());
        }
        self.correlator.set_replaying(false);
        had_lines
    }

    fn updates(&self, now: Micros) -> Vec<SourceUpdate> {
        self.sources
            .iter()
            .map(|source| SourceUpdate {
                name: source.saved.name.clone(),
                position: source.saved.position.clone().unwrap_or_default(),
                newest_line_at: source.saved.newest_line_at,
                checked_at: now,
                lines: source.saved.lines,
                unrecognised: source.saved.unrecognised,
            })
            .collect()
    }

    fn save(&mut self, now: Micros) -> Option<Vec<u8>> {
        self.saved_at = now;
        self.lines_since_save = 0;
        let sources: Vec<SavedSource> = self.sources.iter().map(|source| source.saved.clone()).collect();
        match postcard::to_stdvec(&(sources, &self.correlator)) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                tracing::warn!(%error, "the worker's state could not be written out");
                None
            }
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
