//! End to end: log lines to durable rows in a real PostgreSQL, and the same rows by raw binary COPY in the same run, for the ratio:
//! `cargo bench -p mailfate-ingest --bench store`.
//!
//! Raw COPY is the ceiling: the rows are ready in memory, nothing protects against doubles, and nothing is read or joined. Both write into the
//! same tables with the same indexes, trails included, each into an empty database of one private cluster.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ingest::enrich::Geo;
use ingest::owner;
use ingest::source::{Format, From, SourceConfig, SpoolConfig};
use ingest::worker::{self, Clock, WorkerConfig};
use jiff::tz::TimeZone;
use model::ids::{DomainId, TenantId};
use model::record::OwnedRecord;
use model::time::Micros;
use store::owner::TenantKind;
use store::testing::TestDatabase;
use store::{IngestDb, OwnerDb};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracer::correlate::{Correlator, Knowledge, Limits};
use tracer::line::HeaderReader;

#[path = "../../tracer/benches/generator/mod.rs"]
mod generator;

const BATCH: usize = 10_000;

#[tokio::main]
async fn main() {
    #[expect(clippy::disallowed_methods, reason = "a bench has no configuration file")]
    let wanted = std::env::var("MAILFATE_BENCH_LINES")
        .ok()
        .and_then(|lines| lines.parse().ok())
        .unwrap_or(1_200_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("mail.log");
    let mut file =
        std::io::BufWriter::new(std::fs::File::create(&path).expect("a writable temporary folder"));
    let lines = generator::write_log(7, wanted, generator::Header::Iso, &mut file).expect("room for the log");
    drop(file);
    println!(
        "log: {lines} lines, seed 7, {} hosted domains",
        generator::DOMAINS
    );

    let worker_seconds = end_to_end(&path).await;
    let (rows, copy_seconds) = raw_copy(&path).await;
    #[expect(clippy::cast_precision_loss, reason = "rates with three digits")]
    let (lines, rows) = (lines as f64, rows as f64);
    println!(
        "end to end:      {:>10.0} lines/s, {:>8.0} rows/s, {worker_seconds:.1} s until all {rows} rows are durable",
        lines / worker_seconds,
        rows / worker_seconds
    );
    println!(
        "raw binary COPY: {:>10}        , {:>8.0} rows/s, {copy_seconds:.1} s",
        "",
        rows / copy_seconds
    );
    println!(
        "ratio end to end / raw COPY: {:.2}",
        copy_seconds / worker_seconds
    );
}

async fn end_to_end(path: &Path) -> f64 {
    let database = TestDatabase::new().await;
    make_domains(&database).await;
    let db = IngestDb::connect(&database.ingest())
        .await
        .expect("the ingest role");
    let (caught_up, mut is_caught_up) = watch::channel(false);
    let shutdown = CancellationToken::new();
    let config = WorkerConfig {
        name: "bench".to_owned(),
        sources: vec![SourceConfig {
            name: "bench".to_owned(),
            zone: TimeZone::UTC,
            from: From::Files(vec![path.to_owned()]),
            format: Format::Syslog,
        }],
        spool: SpoolConfig::in_folder(path.with_file_name("spool")),
        knowledge: Knowledge::default(),
        limits: Limits::default(),
        clock: clock(),
    };
    let begin = begin();
    let mut worker = JoinSet::new();
    worker.spawn(worker::run(
        config,
        db,
        Arc::new(Geo::default()),
        shutdown.clone(),
        caught_up,
    ));
    is_caught_up
        .wait_for(|caught_up| *caught_up)
        .await
        .expect("the worker catches up");
    let seconds = begin.elapsed().as_secs_f64();
    shutdown.cancel();
    worker
        .join_next()
        .await
        .expect("one task")
        .expect("the worker's task")
        .expect("the worker ends in order");
    seconds
}

async fn raw_copy(path: &Path) -> (u64, f64) {
    let database = TestDatabase::new().await;
    let domains = make_domains(&database).await;
    let log = std::fs::read(path).expect("the log just written");
    let mut reader = HeaderReader::not_after(clock()(), TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    let geo = Geo::default();
    let mut rows: HashMap<_, OwnedRecord> = HashMap::new();
    let mut take = |changes: tracer::correlate::Changes| {
        for record in changes.records {
            for owned in owner::own(Arc::new(record), &domains, &geo) {
                rows.insert((owned.domain_id, owned.record.record_id), owned);
            }
        }
    };
    for (number, line) in log.split(|byte| *byte == b'\n').enumerate() {
        if let Some(line) = reader.read(line) {
            correlator.feed(&line);
        }
        if number % 16_384 == 0 {
            take(correlator.take_closed());
        }
    }
    take(correlator.finish());
    let rows: Vec<OwnedRecord> = rows.into_values().collect();
    let db = IngestDb::connect(&database.ingest())
        .await
        .expect("the ingest role");
    let mut writer = db.writer();
    let begin = begin();
    let mut copied = 0;
    for batch in rows.chunks(BATCH) {
        copied += writer.copy_raw(batch).await.expect("a COPY");
    }
    (copied, begin.elapsed().as_secs_f64())
}

async fn make_domains(database: &TestDatabase) -> HashMap<String, DomainId> {
    let owner = OwnerDb::connect(&database.owner()).await.expect("the owner role");
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
    IngestDb::connect(&database.ingest())
        .await
        .expect("the ingest role")
        .hosted_domains()
        .await
        .expect("the domains")
}

fn clock() -> Clock {
    Arc::new(|| {
        #[expect(clippy::disallowed_methods, reason = "the edge of a bench reads the clock")]
        let now = jiff::Timestamp::now();
        Micros(now.as_microsecond())
    })
}

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn begin() -> Instant {
    Instant::now()
}
