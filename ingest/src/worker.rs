//! The worker: follows sources, joins their lines, and writes rows, each batch together with the position that it came from.
//!
//! Goes in: a [`WorkerConfig`] and the worker's door to the database. Comes out: rows. Three stages run side by side, each as fast as the next one
//! takes from it: a thread reads and correlates ([`reader`]), another makes rows ([`batch`]), and the writer waits for the database
//! ([`writing`]). A database that is away holds up the reader at its line, and never the other way round.
//!
//! What happens at a crash: rows and positions commit together; the correlator's state is saved now and then together with its own position,
//! with what is parked, and with the journal of records written since. The next start loads that state and reads the lines again that came
//! after it. Record ids are deterministic and equal rows are not written, so writing again changes nothing; a record of the journal that is not
//! made again (another order of two sources' lines joined its mail differently) is taken back.

mod attic;
mod batch;
mod house;
mod reader;
mod samples;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use model::time::Micros;
use store::{IngestDb, StoreError};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracer::correlate::{Knowledge, Limits};

use crate::enrich::Geo;
use crate::source::{SourceConfig, SourceError, SpoolConfig};
pub use crate::worker::house::HouseConfig;
use crate::worker::reader::Reader;
use crate::worker::writing::{BatchWriter, Written};

/// How often it is tried to take sources that somebody else follows.
const TAKE_EVERY: Duration = Duration::from_secs(1);
/// What is not written within this time after the signal is read again by the next start.
const LAST_WRITES: Duration = Duration::from_secs(4);

/// Reads the clock: the only one that this crate knows.
pub type Clock = Arc<dyn Fn() -> Micros + Send + Sync>;

/// What to follow and how.
#[derive(Clone)]
pub struct WorkerConfig {
    /// Whose state this is in the database.
    pub name: String,
    /// What is followed.
    pub sources: Vec<SourceConfig>,
    /// Where sources that cannot be read twice are kept.
    pub spool: SpoolConfig,
    /// What the operator knows about his servers.
    pub knowledge: Knowledge,
    /// What may be remembered.
    pub limits: Limits,
    /// What is kept in order meanwhile.
    pub house: HouseConfig,
    /// The clock.
    pub clock: Clock,
}

/// Why the worker stopped.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// A source cannot be read, at the start: later the worker waits for it.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The database cannot be asked, at the start: later the worker waits for it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread could not be started.
    #[error("the system gives no thread for reading: {0}")]
    NoThread(std::io::Error),
    /// The reading thread ended by a mistake of ours.
    #[error("the thread that reads the logs stopped by itself; its message is in the log")]
    ReaderStopped,
}

/// What the worker has done so far, for whoever watches it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// All that was there at the start is written.
    pub is_caught_up: bool,
    /// Rows written, each as often as it was.
    pub rows_written: u64,
    /// Of these, rows that had not been there.
    pub rows_new: u64,
}

/// Follows the sources until `shutdown`, telling `progress`. While another worker follows one of the sources it waits.
///
/// # Errors
/// Only at the start. Later the worker waits: for the database with growing pauses, for files by looking again.
pub async fn run(
    config: WorkerConfig,
    db: IngestDb,
    geo: Arc<Geo>,
    shutdown: CancellationToken,
    progress: watch::Sender<Progress>,
) -> Result<(), WorkerError> {
    loop {
        let Some(writer) = take_sources(&config, &db, &shutdown).await? else {
            return Ok(());
        };
        match follow(&config, writer, &db, &geo, &shutdown, &progress).await? {
            End::Stopped => return Ok(()),
            // Its rows and positions are newer than our memory: everything begins again from what it has saved.
            End::TakenOver => tracing::warn!(
                "another worker has followed the sources meanwhile; going on from where it was"
            ),
        }
    }
}

/// Waits until nobody else follows the sources; `None` when told to stop before.
async fn take_sources(
    config: &WorkerConfig,
    db: &IngestDb,
    shutdown: &CancellationToken,
) -> Result<Option<store::ingest::Writer>, WorkerError> {
    let names = config.sources.iter().map(|source| source.name.clone()).collect();
    let mut writer = db.writer_for(names);
    let mut told = None;
    loop {
        match writer.take_sources().await {
            Ok(()) => return Ok(Some(writer)),
            Err(error @ StoreError::SourceIsFollowed { .. }) => {
                let reason = error.to_string();
                if told.as_ref() != Some(&reason) {
                    tracing::warn!("{reason}");
                    told = Some(reason);
                }
            }
            Err(error) if told.is_none() => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "still waiting for the sources"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(None),
            () = tokio::time::sleep(TAKE_EVERY) => {}
        }
    }
}

/// Why following ended.
enum End {
    Stopped,
    TakenOver,
}

async fn follow(
    config: &WorkerConfig,
    writer: store::ingest::Writer,
    db: &IngestDb,
    geo: &Arc<Geo>,
    shutdown: &CancellationToken,
    progress: &watch::Sender<Progress>,
) -> Result<End, WorkerError> {
    let safe = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let reader = Reader::start(config, db, &safe, Handle::current()).await?;
    let mut writing = BatchWriter::new(config, writer, db, geo, safe).await?;
    let (batches, mut received) = mpsc::channel(2);
    let thread = {
        let stop = Arc::clone(&stop);
        std::thread::Builder::new()
            .name("mailfate-reader".to_owned())
            .spawn(move || reader.run(&batches, &stop))
            .map_err(WorkerError::NoThread)?
    };
    // One batch is made to rows while the one before it is written.
    let (rows, mut prepared) = mpsc::channel(1);
    let preparing = writing.preparing();
    let prepare = async {
        while let Some(batch) = received.recv().await {
            let Some(batch) = preparing.prepare(batch).await else {
                break;
            };
            if rows.send(batch).await.is_err() {
                break;
            }
        }
        // Dropped here, so that the reader is not held up by a batch that nobody takes.
        drop((received, rows));
    };
    let write = async {
        let mut end = End::Stopped;
        while let Some(batch) = prepared.recv().await {
            match writing.write(batch, shutdown, progress).await {
                Written::Yes => {}
                Written::Stopped => break,
                Written::TakenOver => {
                    end = End::TakenOver;
                    break;
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
        drop(prepared);
        end
    };
    let until_stopped = async {
        shutdown.cancelled().await;
        stop.store(true, Ordering::Relaxed);
        tokio::time::sleep(LAST_WRITES).await;
    };
    let both = async { tokio::join!(prepare, write).1 };
    let end = tokio::select! {
        end = both => end,
        () = house::keep(&config.house, db, &config.clock) => End::Stopped,
        () = until_stopped => {
            tracing::warn!("the database took too long for the last rows; the next start reads their lines again");
            End::Stopped
        }
    };
    let was_told = shutdown.is_cancelled() || matches!(end, End::TakenOver);
    stop.store(true, Ordering::Relaxed);
    match tokio::task::spawn_blocking(move || thread.join()).await {
        // Told to stop, or standard input has ended.
        Ok(Ok(is_over)) if was_told || is_over => {
            writing.close().await;
            Ok(end)
        }
        _ => Err(WorkerError::ReaderStopped),
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
