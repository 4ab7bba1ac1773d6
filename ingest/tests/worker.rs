//! The worker on a real PostgreSQL: a log becomes rows, again and again without a double, over a rename, a stop and a kill.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ingest::enrich::Geo;
use ingest::source::{Format, From, SourceConfig, SpoolConfig};
use ingest::worker::{self, HouseConfig, Progress, WorkerConfig, WorkerError};
use jiff::tz::TimeZone;
use model::query::MailQuery;
use model::row::MailRow;
use model::time::Micros;
use model::verdict::Outcome;
use store::testing::{TestDatabase, TwoTenants, dump, lines_read};
use store::{Db, IngestDb};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracer::correlate::{Knowledge, Limits};

/// 2026-11-21T22:30:00Z, shortly after the sample ends.
const NOW: Micros = Micros(1_795_300_200_000_000);

struct Running {
    stop: CancellationToken,
    progress: watch::Receiver<Progress>,
    task: JoinSet<Result<(), WorkerError>>,
}

impl Running {
    async fn start(database: &TestDatabase, log: &Path) -> Self {
        Self::start_with(database, log, Limits::default()).await
    }

    async fn start_with(database: &TestDatabase, log: &Path, limits: Limits) -> Self {
        let db = IngestDb::connect(&database.ingest())
            .await
            .expect("the ingest role");
        let (sender, progress) = watch::channel(Progress::default());
        let stop = CancellationToken::new();
        let config = WorkerConfig {
            name: "test".to_owned(),
            sources: vec![SourceConfig {
                name: "mail.log".to_owned(),
                zone: TimeZone::UTC,
                from: From::Files(vec![log.to_owned()]),
                format: Format::Syslog,
            }],
            spool: SpoolConfig::in_folder(log.with_file_name("spool")),
            knowledge: Knowledge::default(),
            limits,
            house: HouseConfig::default(),
            clock: Arc::new(|| NOW),
        };
        let mut task = JoinSet::new();
        task.spawn(worker::run(
            config,
            db,
            Arc::new(Geo::default()),
            stop.clone(),
            sender,
        ));
        Self { stop, progress, task }
    }

    async fn until_caught_up(&mut self) {
        self.progress
            .wait_for(|progress| progress.is_caught_up)
            .await
            .expect("the worker catches up");
    }

    async fn end(mut self) {
        self.stop.cancel();
        self.task
            .join_next()
            .await
            .expect("one task")
            .expect("the worker's task")
            .expect("the worker ends in order");
    }

    /// As near as a test in one process comes to kill -9: the task is gone between two awaits, nothing is flushed.
    async fn kill(mut self) {
        self.task.shutdown().await;
    }
}

fn sample_lines() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/isp/mail.log");
    fs::read_to_string(path)
        .expect("the sample log")
        .lines()
        .take(6_000)
        .map(|line| format!("{line}\n"))
        .collect()
}

fn append(path: &PathBuf, lines: &[String]) {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .expect("a writable temporary file");
    file.write_all(lines.concat().as_bytes())
        .expect("room for the sample");
}

/// Everything in it is seen by the operator, whose table is compared.
async fn database() -> (TestDatabase, Db, model::ids::UserId) {
    let tenants = TwoTenants::new().await;
    let portal = tenants.portal().await;
    (tenants.database, portal, tenants.operator)
}

/// All rows as the operator sees them, as one text a row.
async fn table(db: &Db, user: model::ids::UserId) -> Vec<String> {
    let scope = db.scope_for(user).await.expect("a scope");
    let mut tx = db.read(&scope).await.expect("a transaction");
    let mut rows: Vec<MailRow> = Vec::new();
    let mut query = MailQuery::default();
    loop {
        let page = store::mail::search(&mut tx, &query, None).await.expect("a page");
        rows.extend(page.rows);
        match page.older {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    let mut table: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {:?} {} -> {} {:?}",
                row.record_id, row.direction, row.sender, row.recipient, row.verdict
            )
        })
        .collect();
    table.sort();
    table
}

async fn undisturbed(lines: &[String]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("mail.log");
    append(&log, lines);
    let (database, db, user) = database().await;
    let mut worker = Running::start(&database, &log).await;
    worker.until_caught_up().await;
    worker.end().await;
    table(&db, user).await
}

#[tokio::test]
async fn a_log_becomes_rows_and_the_same_log_again_changes_nothing() {
    let lines = sample_lines();
    let expected = undisturbed(&lines).await;
    assert!(expected.len() > 200, "only {} rows", expected.len());
    assert!(
        expected
            .iter()
            .any(|row| row.contains(&format!("{:?}", Outcome::Greylisted))),
        "all kinds of fates"
    );

    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("mail.log");
    append(&log, &lines);
    let (database, db, user) = database().await;
    for _ in 0..2 {
        let mut worker = Running::start(&database, &log).await;
        worker.until_caught_up().await;
        worker.end().await;
        pretty_assertions::assert_eq!(table(&db, user).await, expected);
    }
}

#[tokio::test]
async fn stops_kills_and_a_rotation_leave_the_table_of_an_undisturbed_run() {
    let lines = sample_lines();
    let expected = undisturbed(&lines).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("mail.log");
    let (database, db, user) = database().await;
    for (round, part) in lines.chunks(1_000).enumerate() {
        append(&log, part);
        let mut worker = Running::start(&database, &log).await;
        worker.until_caught_up().await;
        match round {
            1 => {
                // Rotated while the worker runs: the rest of the old file, then the new one.
                fs::rename(&log, folder.path().join("mail.log.1")).expect("a rename");
                worker.end().await;
            }
            3 => {
                worker.end().await;
                fs::rename(&log, folder.path().join("mail.log.1")).expect("a rename");
            }
            round if round % 2 == 0 => worker.kill().await,
            _ => worker.end().await,
        }
    }
    let mut worker = Running::start(&database, &log).await;
    worker.until_caught_up().await;
    worker.end().await;
    pretty_assertions::assert_eq!(table(&db, user).await, expected);
}

#[tokio::test]
async fn parked_mails_come_back_also_after_stops_and_kills() {
    let lines = sample_lines();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("mail.log");
    let (whole, _, _) = database().await;
    append(&log, &lines);
    let mut worker = Running::start(&whole, &log).await;
    worker.until_caught_up().await;
    worker.end().await;
    let expected = dump(&whole.superuser()).await;

    // So few mails fit into memory that nearly all leave it before they are over.
    let tight = Limits {
        messages: 60,
        ..Limits::default()
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("mail.log");
    let (database, _, _) = database().await;
    let db = IngestDb::connect(&database.ingest())
        .await
        .expect("the ingest role");
    let mut most_parked = 0;
    for (round, part) in lines.chunks(700).enumerate() {
        append(&log, part);
        let mut worker = Running::start_with(&database, &log, tight).await;
        worker.until_caught_up().await;
        if round % 3 == 1 {
            worker.kill().await;
        } else {
            worker.end().await;
        }
        most_parked = most_parked.max(db.parked_keys("test").await.expect("keys").len());
    }
    let mut worker = Running::start_with(&database, &log, tight).await;
    worker.until_caught_up().await;
    worker.end().await;
    assert!(most_parked > 20, "only {most_parked} names of parked mails");
    pretty_assertions::assert_eq!(dump(&database.superuser()).await, expected);
}

#[tokio::test]
async fn a_second_worker_waits_and_goes_on_where_the_first_stopped() {
    let lines = sample_lines();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("mail.log");
    let (database, db, user) = database().await;
    append(&log, &lines[..3_000]);
    let mut first = Running::start(&database, &log).await;
    first.until_caught_up().await;
    let mut second = Running::start(&database, &log).await;
    append(&log, &lines[3_000..]);
    // The first goes on as if there were no other; the second has written nothing.
    while lines_read(&database.superuser(), None).await < 6_000 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(second.progress.borrow().rows_written, 0);
    first.end().await;
    second.until_caught_up().await;
    second.end().await;
    pretty_assertions::assert_eq!(table(&db, user).await, undisturbed(&lines).await);
}
