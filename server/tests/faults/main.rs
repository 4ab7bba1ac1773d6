//! Nothing lost, nothing doubled: a log is written live and rotated while the worker and its database are killed, stopped and cut off, and a
//! spool's disk is full for a while. At the end the table is what one undisturbed run over the whole log gives: row for row, trail included.
//!
//! `MAILFATE_SOAK_MINUTES` goes on with new seeds for so long (`make soak`); without it there is one round. `MAILFATE_SOAK_SEED` sets the first
//! seed: what happens when depends on the machine, but what happens does not.

mod database;
mod lines;
mod mailfate;
mod sources;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use store::testing::{dump, lines_read};

use crate::database::Postgres;
use crate::lines::{Fed, Feeder, Line};
use crate::mailfate::Mailfate;
use crate::sources::{NAMES, PIPE, Sources};

/// How long the log is written.
const WRITING: Duration = Duration::from_secs(40);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    kills: u32,
    stops: u32,
    database_kills: u32,
    database_stops: u32,
    cuts: u32,
    full_disks: u32,
    rotations: u32,
    rows: usize,
    slowest_stop: Duration,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_that_of_an_undisturbed_run_whatever_is_killed() {
    let begin = stopwatch();
    let minutes = number("MAILFATE_SOAK_MINUTES").unwrap_or(0);
    let first = number("MAILFATE_SOAK_SEED").unwrap_or(1);
    let mut rounds = 0;
    let mut total = Counts::default();
    loop {
        let counts = round(first + rounds).await;
        println!("seed {}: {counts:?}", first + rounds);
        total.kills += counts.kills;
        total.database_kills += counts.database_kills;
        total.database_stops += counts.database_stops;
        total.rows += counts.rows;
        rounds += 1;
        if begin.elapsed() >= Duration::from_secs(minutes * 60) {
            break;
        }
    }
    println!(
        "{rounds} rounds: {} kills of the worker, {} kills and {} stops of the database, {} rows compared",
        total.kills, total.database_kills, total.database_stops, total.rows
    );
    assert!(total.kills > 0, "nobody was killed");
}

/// How long something takes is all that the test measures.
#[expect(clippy::disallowed_methods, reason = "durations only")]
fn stopwatch() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration file")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

async fn round(seed: u64) -> Counts {
    let mut rng = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let mut postgres = Postgres::start(&folder.join("postgres")).await;
    let sources = Arc::new(Sources::new(&folder.join("logs")));
    let mut worker = Mailfate::start(folder, &sources, &postgres);
    // A source that was never read has no past: what is rotated away before the first look was never there.
    let feeder = Feeder::start(&sources, seed, WRITING);
    while lines_read(&postgres.ingest(), None).await == 0 {
        worker.ensure_running();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut counts = Counts::default();
    while !feeder.is_done() {
        tokio::time::sleep(Duration::from_millis(rng.random_range(100..1500))).await;
        worker.ensure_running();
        match rng.random_range(0..20) {
            0..=9 => counts.kills += u32::from(kill(&mut worker, &feeder, &postgres).await),
            10..=12 => {
                counts.slowest_stop = counts.slowest_stop.max(worker.stop_and_start());
                counts.stops += 1;
            }
            13..=14 => {
                postgres.kill();
                counts.database_kills += 1;
                tokio::time::sleep(Duration::from_millis(rng.random_range(0..800))).await;
                postgres.start_again().await;
            }
            15 => {
                postgres.stop().await;
                counts.database_stops += 1;
                tokio::time::sleep(Duration::from_millis(rng.random_range(0..2000))).await;
                postgres.start_again().await;
            }
            16..=17 => {
                postgres.cut_connections().await;
                counts.cuts += 1;
            }
            18 => {
                counts.full_disks += u32::from(sources.fill_disk());
                tokio::time::sleep(Duration::from_millis(rng.random_range(500..2500))).await;
                sources.free_disk();
            }
            // A while without any harm.
            _ => tokio::time::sleep(Duration::from_secs(2)).await,
        }
    }
    let Fed { lines, rotations } = feeder.fed();
    counts.rotations = rotations;
    // Whoever was started last reads the rest.
    postgres.until_all_is_read(&mut worker, count(&lines)).await;
    counts.slowest_stop = counts.slowest_stop.max(worker.stop());
    let found = dump(&postgres.ingest()).await;
    postgres.stop().await;

    let expected = undisturbed(&folder.join("undisturbed"), &lines).await;
    counts.rows = expected.len();
    compare(&found, &expected, seed, &worker);
    counts
}

/// SIGKILL at whatever the worker is doing with its files and its database. What it has taken out of a pipe and not yet written down is lost
/// with any reader, so it is killed when it has all of that; false when that takes too long.
async fn kill(worker: &mut Mailfate, feeder: &Feeder, postgres: &Postgres) -> bool {
    let (held, lines) = feeder.hold_pipe().await;
    let begin = stopwatch();
    while lines_read(&postgres.ingest(), Some(NAMES[PIPE])).await < lines {
        worker.ensure_running();
        if begin.elapsed() > Duration::from_secs(10) {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.kill_and_start();
    drop(held);
    true
}

/// The same lines in whole files, read once by a worker that nobody disturbs.
async fn undisturbed(folder: &std::path::Path, lines: &[Line]) -> Vec<String> {
    std::fs::create_dir(folder).expect("a folder");
    let mut postgres = Postgres::start(&folder.join("postgres")).await;
    let whole = Sources::whole(&folder.join("logs"), lines);
    let mut worker = Mailfate::start(folder, &whole, &postgres);
    postgres.until_all_is_read(&mut worker, count(lines)).await;
    worker.stop();
    let rows = dump(&postgres.ingest()).await;
    postgres.stop().await;
    assert!(rows.len() > 1_500, "only {} rows", rows.len());
    rows
}

fn count(lines: &[Line]) -> u64 {
    u64::try_from(lines.len()).expect("a count")
}

fn compare(found: &[String], expected: &[String], seed: u64, worker: &Mailfate) {
    if found == expected {
        return;
    }
    let missing: Vec<&String> = expected.iter().filter(|row| !found.contains(row)).collect();
    let foreign: Vec<&String> = found.iter().filter(|row| !expected.contains(row)).collect();
    let some = |rows: &[&String]| -> String {
        let rows: Vec<&str> = rows.iter().take(5).map(|row| row.as_str()).collect();
        rows.join(
            "
  ",
        )
    };
    panic!(
        "seed {seed}: {} rows instead of {}; {} are missing, as\n  {}\n{} should not be there, as\n  {}\nthe worker's log ends:\n{}",
        found.len(),
        expected.len(),
        missing.len(),
        some(&missing),
        foreign.len(),
        some(&foreign),
        worker.log(),
    );
}
