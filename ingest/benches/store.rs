//! End to end: log lines to durable rows in a real PostgreSQL, and the same rows by raw binary COPY in the same run, for the ratio:
//! `cargo bench -p mailfate-ingest --bench store`.
//!
//! Raw COPY is the ceiling: the rows are ready in memory, nothing protects against doubles, and nothing is read or joined. Both write into the
//! same tables with the same indexes, trails included, each into a fresh private cluster as `mailfate serve` runs it: durable.
//!
//! `MAILFATE_BENCH_LINES` sets the length of the log; what the budget is about, and the default, is 4 million lines.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use ingest::enrich::Geo;
use ingest::owner;
use jiff::tz::TimeZone;
use model::record::OwnedRecord;
use store::ingest::Prepared;
use tracer::correlate::{Correlator, Knowledge, Limits};
use tracer::line::HeaderReader;

use crate::common::{Worker, begin, clock, database};

mod common;
#[path = "../../tracer/benches/generator/mod.rs"]
mod generator;

const BATCH: usize = 10_000;

#[tokio::main]
async fn main() {
    #[expect(clippy::disallowed_methods, reason = "a bench has no configuration file")]
    let wanted = std::env::var("MAILFATE_BENCH_LINES")
        .ok()
        .and_then(|lines| lines.parse().ok())
        .unwrap_or(4_000_000);
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

    let (worker_seconds, disk) = end_to_end(&path, &folder.path().join("worker")).await;
    let (rows, copy_seconds) = raw_copy(&path, &folder.path().join("copy")).await;
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
    for (table, bytes) in disk {
        #[expect(clippy::cast_precision_loss, reason = "a size with three digits")]
        let bytes = bytes as f64;
        println!("on disk: {:>6.0} bytes a row in {table}", bytes / rows);
    }
}

/// Seconds until all rows are written, and what they take on the disk by table, indexes included.
async fn end_to_end(path: &Path, folder: &Path) -> (f64, Vec<(String, u64)>) {
    let (cluster, db, _) = database(folder).await;
    let begin = begin();
    let mut worker = Worker::start(path, folder, &db);
    worker
        .progress
        .wait_for(|progress| progress.is_caught_up)
        .await
        .expect("the worker catches up");
    let seconds = begin.elapsed().as_secs_f64();
    worker.stop().await;
    let sizes = db.sizes().await.expect("the sizes of the tables");
    db.close().await;
    cluster.stop().await.expect("PostgreSQL stops");
    (seconds, sizes)
}

async fn raw_copy(path: &Path, folder: &Path) -> (u64, f64) {
    let (cluster, db, domains) = database(folder).await;
    let log = std::fs::read(path).expect("the log just written");
    let mut reader = HeaderReader::not_after(clock()(), TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    let geo = Geo::default();
    // In the order in which they are finished, as the worker writes them.
    let mut rows: Vec<OwnedRecord> = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::new();
    let mut take = |changes: tracer::correlate::Changes| {
        for record in changes.records {
            for owned in owner::own(Arc::new(record), &domains, &geo) {
                match places.entry((owned.domain_id, owned.record.record_id)) {
                    Entry::Occupied(place) => rows[*place.get()] = owned,
                    Entry::Vacant(place) => {
                        place.insert(rows.len());
                        rows.push(owned);
                    }
                }
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
    let mut writer = db.writer();
    let mut copied = 0;
    let mut seconds = 0.0;
    for batch in rows.chunks(BATCH) {
        // The rows are ready: only the database is measured.
        let batch = Prepared::new(batch.to_vec(), &HashSet::new());
        let begin = begin();
        copied += writer.copy_raw(&batch).await.expect("a COPY");
        seconds += begin.elapsed().as_secs_f64();
    }
    writer.close().await.expect("the connection closes");
    db.close().await;
    cluster.stop().await.expect("PostgreSQL stops");
    (copied, seconds)
}
