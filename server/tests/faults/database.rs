//! A private PostgreSQL that is killed, stopped and started again.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use store::embedded::{Cluster, ClusterConfig};
use store::owner::TenantKind;
use store::testing::{lines_read, try_sql};
use store::{DatabaseAddress, OwnerDb};

use crate::mailfate::Mailfate;
use crate::stopwatch;

/// The sample's hosted domains.
const HOSTED: [&str; 3] = ["kundi.test", "alias.test", "isp.test"];
/// Longer than anything takes.
const LONG: Duration = Duration::from_mins(2);

pub(crate) struct Postgres {
    config: ClusterConfig,
    cluster: Option<Cluster>,
    ingest: DatabaseAddress,
}

impl Postgres {
    pub(crate) async fn start(folder: &Path) -> Self {
        let config = ClusterConfig {
            folder: folder.to_owned(),
            postgres_user: "postgres".to_owned(),
        };
        let cluster = Cluster::start(&config).await.expect("PostgreSQL starts");
        let owner = OwnerDb::connect(&cluster.owner()).await.expect("the owner");
        owner.migrate().await.expect("migrations");
        let operator = owner
            .create_tenant(TenantKind::Operator, "Operator", None)
            .await
            .expect("a tenant");
        let customer = owner
            .create_tenant(TenantKind::Customer, "Customer", Some(operator))
            .await
            .expect("a tenant");
        for domain in HOSTED {
            owner
                .create_domain(customer, domain, None)
                .await
                .expect("a domain");
        }
        owner.close().await;
        Self {
            ingest: cluster.ingest(),
            cluster: Some(cluster),
            config,
        }
    }

    pub(crate) fn ingest(&self) -> DatabaseAddress {
        self.ingest.clone()
    }

    /// As SIGKILL to every process of it does: nothing is flushed.
    pub(crate) fn kill(&mut self) {
        let text = fs::read_to_string(self.config.folder.join("data/postmaster.pid")).expect("a pid file");
        let pid: i32 = text
            .lines()
            .next()
            .and_then(|line| line.parse().ok())
            .expect("a pid");
        // The server leads a process group of its own.
        kill(Pid::from_raw(-pid), Signal::SIGKILL).expect("it runs");
        if let Some(cluster) = self.cluster.take() {
            drop(cluster);
        }
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(cluster) = self.cluster.take() {
            cluster.stop().await.expect("PostgreSQL stops");
        }
    }

    pub(crate) async fn start_again(&mut self) {
        let begin = stopwatch();
        loop {
            match Cluster::start(&self.config).await {
                Ok(cluster) => {
                    self.cluster = Some(cluster);
                    return;
                }
                // Killed processes need a moment to be gone.
                Err(error) => assert!(begin.elapsed() < LONG, "PostgreSQL does not start again: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) async fn cut_connections(&self) {
        let superuser = self.cluster.as_ref().expect("it runs").superuser();
        try_sql(
            &superuser,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'mailfate ingest%'",
        )
        .await
        .expect("the superuser may");
    }

    /// Waits until the worker has written everything that its sources had.
    pub(crate) async fn until_all_is_read(&self, worker: &mut Mailfate, lines: u64) {
        let begin = stopwatch();
        loop {
            let read = lines_read(&self.ingest, None).await;
            if read >= lines {
                return;
            }
            worker.ensure_running();
            assert!(
                begin.elapsed() < LONG,
                "the worker has read {read} of {lines} lines:\n{}",
                worker.log()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
