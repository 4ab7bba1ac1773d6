//! `mailfate show` and `mailfate top` when no log file is named: the same questions to the database.
//!
//! Goes in: the configuration and a command of the crate `cli`. Comes out: what the command prints. The worker's role reads, because it sees all
//! domains and reads nothing but mail. A task takes records from the database while a thread prints them, over a short channel: the pace of the
//! slower one holds, and memory stays flat over any number of mails.

use cli::stored::{Batches, Stored};
use cli::{Clock, CommandError};
use model::query::RecordQuery;
use model::record::Record;
use store::{IngestDb, StoreError};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::End;
use crate::commands::database::Database;
use crate::commands::running::{self, stop_signal};
use crate::config::Config;

/// Batches of records that may wait to be printed.
const WAITING: usize = 4;
/// What a shell expects of a program that ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// A command of `cli`: its arguments, the clock, stored records; says whether anything was found.
pub(crate) type Command<Args> = fn(&Args, Clock<'_>, Option<Stored<'_>>) -> Result<bool, CommandError>;

/// Runs the command on the configured database.
pub(crate) async fn run<Args: Send + 'static>(
    config: Config,
    command: Command<Args>,
    args: Args,
) -> anyhow::Result<End> {
    let stop = stop_signal()?;
    let database = tokio::select! {
        database = Database::reach(&config) => database?,
        () = stop.cancelled() => std::process::exit(INTERRUPTED),
    };
    let end = async {
        let db = IngestDb::connect(&database.ingest()?).await?;
        let our_domains: Vec<String> = db.hosted_domains().await?.into_keys().collect();
        let asking = db.clone();
        let runtime = Handle::current();
        // Printing waits for whoever reads the output: on a thread of its own.
        let printing = tokio::task::spawn_blocking(move || {
            let clock = running::clock();
            let stored = Stored {
                our_domains,
                ask: Box::new(move |query| ask(&runtime, asking, query)),
            };
            command(&args, Clock(&*clock), Some(stored))
        });
        let end = tokio::select! {
            end = printing => Some(end?),
            () = stop.cancelled() => None,
        };
        if end.is_some() {
            db.close().await;
        }
        anyhow::Ok(end)
    }
    .await;
    database.close().await?;
    match end? {
        Some(Ok(true)) => Ok(End::Done),
        Some(Ok(false)) => Ok(End::NotFound),
        Some(Err(error)) => Err(error.into()),
        // The thread may be stuck in a pipe that nobody empties.
        None => std::process::exit(INTERRUPTED),
    }
}

fn ask(runtime: &Handle, db: IngestDb, query: RecordQuery) -> Batches {
    let (sender, received) = mpsc::channel(WAITING);
    let reading = runtime.spawn(async move { db.read_records(&query, sender).await });
    Box::new(Received {
        batches: received,
        reading: Some(reading),
        runtime: runtime.clone(),
    })
}

/// What comes over the channel, and at its end the reason, if it was none.
struct Received {
    batches: mpsc::Receiver<Vec<Record>>,
    reading: Option<JoinHandle<Result<(), StoreError>>>,
    runtime: Handle,
}

impl Iterator for Received {
    type Item = Result<Vec<Record>, CommandError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(batch) = self.batches.blocking_recv() {
            return Some(Ok(batch));
        }
        let failure = match self.runtime.block_on(self.reading.take()?) {
            Ok(Ok(())) => return None,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        Some(Err(CommandError::Stored(failure)))
    }
}
