//! Live: how long after its line was written a mail is in the table, and how often a mail is written, while lines come in at a steady pace:
//! `cargo bench -p mailfate-ingest --bench live`.
//!
//! A generated log is written with the present moment in every header. Between its lines stand probes, refusals of one line each; they are
//! looked for by their sender, as a page would, and timed. `MAILFATE_BENCH_RATE` sets the lines a second, `MAILFATE_BENCH_SECONDS` how long.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use model::query::{AddressPattern, RecordQuery};
use store::IngestDb;
use tokio::sync::mpsc;

use crate::common::{Worker, begin, clock, database};

mod common;
#[path = "../../tracer/benches/generator/mod.rs"]
mod generator;

const SENDER: &str = "probe@bench.example";
const PROBE_EVERY: Duration = Duration::from_millis(50);

#[tokio::main]
async fn main() {
    let (rate, seconds) = (
        number("MAILFATE_BENCH_RATE", 5_000),
        number("MAILFATE_BENCH_SECONDS", 30),
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (generated, log) = (
        folder.path().join("generated.log"),
        folder.path().join("mail.log"),
    );
    let mut file = std::io::BufWriter::new(File::create(&generated).expect("a writable temporary folder"));
    generator::write_log(7, rate * seconds, generator::Header::Iso, &mut file).expect("room for the log");
    drop(file);
    File::create(&log).expect("a log file");
    let (cluster, db, _) = database(&folder.path().join("cluster")).await;
    let worker = Worker::start(&log, folder.path(), &db);

    let probes: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let writing = {
        let probes = Arc::clone(&probes);
        std::thread::spawn(move || write(&generated, &log, rate, seconds, &probes))
    };
    let mut seen: HashSet<String> = HashSet::new();
    let mut delays: Vec<Duration> = Vec::new();
    let since = clock()();
    let deadline = begin();
    loop {
        let is_written = writing.is_finished();
        let found = probes_in(&db, since).await;
        let now = begin();
        let written = probes.lock().expect("the writer writes").clone();
        for recipient in found {
            let number: Option<usize> = recipient
                .strip_prefix("probe")
                .and_then(|rest| rest.split('@').next()?.parse().ok());
            if let Some(at) = number.and_then(|number| written.get(number))
                && seen.insert(recipient)
            {
                delays.push(now.duration_since(*at));
            }
        }
        if is_written && delays.len() == written.len() {
            break;
        }
        assert!(
            deadline.elapsed() < Duration::from_secs(seconds + 60),
            "{} of {} probes are missing",
            written.len() - delays.len(),
            written.len()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let lines = writing.join().expect("the writer ends");
    let progress = worker.stop().await;
    db.close().await;
    cluster.stop().await.expect("PostgreSQL stops");
    delays.sort_unstable();
    let percentile = |share: usize| delays[(delays.len() * share / 100).min(delays.len() - 1)].as_millis();
    println!("live: {lines} lines at {rate} a second, {} probes", delays.len());
    println!(
        "from line to row: p50 {} ms, p95 {} ms, longest {} ms",
        percentile(50),
        percentile(95),
        percentile(100)
    );
    #[expect(clippy::cast_precision_loss, reason = "an average with two digits")]
    let writes = progress.rows_written as f64 / progress.rows_new as f64;
    println!(
        "writes a row: {writes:.2} on the average ({} writes of {} rows)",
        progress.rows_written, progress.rows_new
    );
}

fn number(name: &str, default: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a bench has no configuration file")]
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Appends the generated lines with the present moment in their headers, and the probes; how many lines.
fn write(generated: &Path, log: &Path, rate: u64, seconds: u64, probes: &Mutex<Vec<Instant>>) -> u64 {
    let mut log = File::options().append(true).open(log).expect("the log");
    let mut lines = BufReader::new(File::open(generated).expect("the generated log")).lines();
    let started = begin();
    let mut count = 0;
    let mut next_probe = PROBE_EVERY;
    while started.elapsed() < Duration::from_secs(seconds) {
        let due = started.elapsed().as_millis() * u128::from(rate) / 1000;
        let now = jiff::Timestamp::from_microsecond(clock()().0).expect("a moment");
        let mut text = String::new();
        while u128::from(count) < due {
            let Some(Ok(line)) = lines.next() else {
                return count;
            };
            let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
            writeln!(text, "{now:.6} {rest}").expect("memory");
            count += 1;
        }
        if started.elapsed() >= next_probe {
            next_probe += PROBE_EVERY;
            let mut probes = probes.lock().expect("the reader reads");
            let number = probes.len();
            writeln!(
                text,
                "{now:.6} mail1 mx1/smtpd[77]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 550 5.1.1 <probe{number}@{domain}>: Recipient address rejected: User unknown; from=<{SENDER}> to=<probe{number}@{domain}> proto=ESMTP helo=<probe>",
                domain = generator::domain(1),
            )
            .expect("memory");
            probes.push(begin());
            count += 1;
        }
        log.write_all(text.as_bytes()).expect("room");
        std::thread::sleep(Duration::from_millis(2));
    }
    count
}

/// Recipients of the probes that are in the table.
async fn probes_in(db: &IngestDb, since: model::time::Micros) -> Vec<String> {
    let query = RecordQuery {
        since: Some(since),
        senders: vec![AddressPattern::Exact(SENDER.to_owned())],
        ..RecordQuery::default()
    };
    let (send, mut received) = mpsc::channel(16);
    let asking = db.read_records(&query, send);
    let taking = async {
        let mut found = Vec::new();
        while let Some(records) = received.recv().await {
            found.extend(records.into_iter().map(|record| record.recipient));
        }
        found
    };
    let (asked, found) = tokio::join!(asking, taking);
    asked.expect("an answer");
    found
}
