//! What `serve`, `ingest` and `demo` run: the web server and the worker, and how they are told to stop.
//!
//! Goes in: doors to the database and settings. Comes out: when it is over. The order at the end is the caller's: web, worker, database.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ingest::enrich::Geo;
use ingest::worker::{Clock, HouseConfig, Progress, WorkerConfig, WorkerError};
use model::time::Micros;
use server::http::{AppState, Settings};
use store::password::Hasher;
use store::{Db, IngestDb};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracer::correlate::{Knowledge, Limits};

use crate::commands::database::cluster_config;
use crate::config::Config;

/// How long open connections may hold up the end.
const LAST_ANSWERS: Duration = Duration::from_secs(3);
/// Passwords hashed at once: each takes a core.
const HASHES_AT_ONCE: usize = 2;

/// The real clock: this function is the edge where time comes in.
pub(crate) fn clock() -> Clock {
    Arc::new(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "the program's edge: everything inside is given this clock"
        )]
        let now = jiff::Timestamp::now();
        Micros(now.as_microsecond())
    })
}

/// Cancelled by Ctrl-C or SIGTERM.
pub(crate) fn stop_signal() -> io::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "it ends with the program and has no result"
    )]
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        told.cancel();
    });
    Ok(stop)
}

/// Takes the port, before anything slow is started.
pub(crate) async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => anyhow::anyhow!(
                "port {} is in use; choose another with --listen {}:{}",
                listen.port(),
                listen.ip(),
                listen.port().saturating_add(1)
            ),
            io::ErrorKind::PermissionDenied => anyhow::anyhow!(
                "port {} needs rights that this account does not have; choose one above 1023 with --listen",
                listen.port()
            ),
            _ => anyhow::anyhow!("cannot listen on {listen}: {error}"),
        })
}

/// A running web server.
pub(crate) struct Web {
    task: JoinHandle<io::Result<()>>,
    stop: CancellationToken,
}

impl Web {
    /// Answers from now on.
    pub(crate) fn start(config: &Config, db: Db, listener: TcpListener) -> anyhow::Result<Self> {
        let settings = Settings {
            public_url: config.public_url(),
            site: Some(config.site_dir.clone()),
            trusted_proxies: config.trusted_proxies.clone(),
            ..Settings::default()
        };
        let state = AppState::new(db, Hasher::new(HASHES_AT_ONCE)?, clock(), settings);
        let stop = CancellationToken::new();
        let serve = server::http::serve(listener, state, stop.clone().cancelled_owned());
        #[expect(clippy::disallowed_methods, reason = "the handle is kept")]
        let task = tokio::spawn(serve);
        Ok(Self { task, stop })
    }

    /// Waits for an end that nobody asked for.
    async fn failed(&mut self) -> anyhow::Error {
        match (&mut self.task).await {
            Ok(Ok(())) => anyhow::anyhow!("the web server stopped by itself"),
            Ok(Err(error)) => anyhow::Error::new(error).context("the web server failed"),
            Err(error) => anyhow::Error::new(error).context("the web server failed"),
        }
    }

    /// Answers what was asked and no more; connections that stay open are cut off.
    async fn stop(mut self) {
        self.stop.cancel();
        if !self.task.is_finished() && timeout(LAST_ANSWERS, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// A running worker.
pub(crate) struct Worker {
    task: JoinHandle<Result<(), WorkerError>>,
    stop: CancellationToken,
    progress: watch::Receiver<Progress>,
}

impl Worker {
    /// Follows the sources of the configuration from now on.
    pub(crate) fn start(config: &Config, db: IngestDb) -> anyhow::Result<Self> {
        let geo = Geo::open(&config.geo.databases)?;
        let sources = config.sources()?;
        let spool = config.spool.spool(&config.data_dir);
        let has_spool = sources.iter().any(|source| source.from.is_spooled());
        let worker = WorkerConfig {
            name: "worker".to_owned(),
            sources,
            spool: spool.clone(),
            knowledge: Knowledge {
                copy_addresses: config
                    .servers
                    .copy_addresses
                    .iter()
                    .map(|address| model::address::normalise(address))
                    .collect(),
            },
            limits: Limits::default(),
            house: HouseConfig {
                max_age_days: config.retention.max_age_days,
                cluster: config
                    .database
                    .is_embedded()
                    .then(|| cluster_config(config).folder),
                spool: has_spool.then_some(spool.folder.clone()),
            },
            clock: clock(),
        };
        let stop = CancellationToken::new();
        let (tell, progress) = watch::channel(Progress::default());
        let work = ingest::worker::run(worker, db, Arc::new(geo), stop.clone(), tell);
        #[expect(clippy::disallowed_methods, reason = "the handle is kept")]
        let task = tokio::spawn(work);
        Ok(Self { task, stop, progress })
    }

    /// Waits until everything that was in the sources at the start is in the database; at once, if the worker fails before.
    pub(crate) async fn caught_up(&mut self) {
        // An error is the worker's end, and `failed` has its reason.
        let _ = self.progress.wait_for(|progress| progress.is_caught_up).await;
    }

    /// Waits for an end that nobody asked for: a failure, or `None` when its sources have ended, as standard input does.
    async fn ended(&mut self) -> Option<anyhow::Error> {
        match (&mut self.task).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.into()),
            Err(error) => Some(anyhow::Error::new(error).context("the worker failed")),
        }
    }

    /// Writes what was read, saves the state and ends.
    async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        if self.task.is_finished() {
            return Ok(());
        }
        self.task.await.context("the worker failed")??;
        Ok(())
    }
}

/// Waits for the signal or for a failure; then stops web and worker, in this order.
pub(crate) async fn until_stopped(
    stop: &CancellationToken,
    mut web: Option<Web>,
    mut worker: Option<Worker>,
) -> anyhow::Result<()> {
    let is_alone = web.is_none();
    let worker_ended = async {
        match &mut worker {
            Some(worker) => match worker.ended().await {
                // The pages stay, whatever fed them.
                None if !is_alone => std::future::pending().await,
                end => end,
            },
            None => std::future::pending().await,
        }
    };
    let web_failed = async {
        match &mut web {
            Some(web) => web.failed().await,
            None => std::future::pending().await,
        }
    };
    let failure = tokio::select! {
        () = stop.cancelled() => None,
        error = web_failed => Some(error),
        error = worker_ended => error,
    };
    if let Some(web) = web {
        web.stop().await;
    }
    let stopped = match worker {
        Some(worker) => worker.stop().await,
        None => Ok(()),
    };
    failure.map_or(stopped, Err)
}
