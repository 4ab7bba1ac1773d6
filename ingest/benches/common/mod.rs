//! What the benches with a database share: a durable private cluster, a worker, a clock.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ingest::enrich::Geo;
use ingest::source::{Format, From, SourceConfig, SpoolConfig};
use ingest::worker::{self, Clock, HouseConfig, Progress, WorkerConfig, WorkerError};
use jiff::tz::TimeZone;
use model::ids::{DomainId, TenantId};
use model::time::Micros;
use store::embedded::{Cluster, ClusterConfig};
use store::owner::TenantKind;
use store::{IngestDb, OwnerDb};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracer::correlate::{Knowledge, Limits};

use crate::generator;

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A worker on one log file.
pub(crate) struct Worker {
    pub(crate) progress: watch::Receiver<Progress>,
    shutdown: CancellationToken,
    task: JoinSet<Result<(), WorkerError>>,
}

impl Worker {
    /// Follows the file from now on.
    pub(crate) fn start(path: &Path, folder: &Path, db: &IngestDb) -> Self {
        let (tell, progress) = watch::channel(Progress::default());
        let shutdown = CancellationToken::new();
        let config = WorkerConfig {
            name: "bench".to_owned(),
            sources: vec![SourceConfig {
                name: "bench".to_owned(),
                zone: TimeZone::UTC,
                from: From::Files(vec![path.to_owned()]),
                format: Format::Syslog,
            }],
            spool: SpoolConfig::in_folder(folder.join("spool")),
            knowledge: Knowledge::default(),
            limits: Limits::default(),
            house: HouseConfig::default(),
            clock: clock(),
        };
        let mut task = JoinSet::new();
        task.spawn(worker::run(
            config,
            db.clone(),
            Arc::new(Geo::default()),
            shutdown.clone(),
            tell,
        ));
        Self {
            progress,
            shutdown,
            task,
        }
    }

    /// Ends it in order.
    pub(crate) async fn stop(mut self) -> Progress {
        self.shutdown.cancel();
        self.task
            .join_next()
            .await
            .expect("one task")
            .expect("the worker's task")
            .expect("the worker ends in order");
        *self.progress.borrow()
    }
}

/// A fresh private cluster with the hosted domains in it.
pub(crate) async fn database(folder: &Path) -> (Cluster, IngestDb, HashMap<String, DomainId>) {
    let config = ClusterConfig {
        folder: folder.to_owned(),
        postgres_user: "postgres".to_owned(),
    };
    let cluster = Cluster::start(&config).await.expect("a private cluster");
    let owner = OwnerDb::connect(&cluster.owner()).await.expect("the owner role");
    owner.migrate().await.expect("the migrations apply");
    let operator = owner
        .create_tenant(TenantKind::Operator, "Bench", None)
        .await
        .expect("a tenant");
    let customer: TenantId = owner
        .create_tenant(TenantKind::Customer, "Everybody", Some(operator))
        .await
        .expect("a tenant");
    for number in 0..generator::DOMAINS {
        owner
            .create_domain(customer, &generator::domain(number), None)
            .await
            .expect("a domain");
    }
    owner.close().await;
    let db = IngestDb::connect(&cluster.ingest())
        .await
        .expect("the ingest role");
    let domains = db.hosted_domains().await.expect("the domains");
    (cluster, db, domains)
}

/// The real clock.
pub(crate) fn clock() -> Clock {
    Arc::new(|| {
        #[expect(clippy::disallowed_methods, reason = "the edge of a bench reads the clock")]
        let now = jiff::Timestamp::now();
        Micros(now.as_microsecond())
    })
}

/// A stopwatch.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub(crate) fn begin() -> Instant {
    Instant::now()
}
