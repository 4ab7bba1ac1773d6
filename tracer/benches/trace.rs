//! Lines per second of parsing and correlating, on one core, without a database: `cargo bench -p mailfate-tracer --bench trace`.
//!
//! The log is generated (`generator/mod.rs`); `MAILFATE_BENCH_LINES` sets its length. Beside it stands what only taking headers apart costs in the
//! same run, so that figures of different machines can be compared.

use std::hint::black_box;
use std::time::Instant;

use jiff::tz::TimeZone;
use tracer::correlate::{Correlator, Knowledge, Limits};
use tracer::line::HeaderReader;

mod generator;

const RUNS: usize = 3;

fn main() {
    let lines = lines_wanted(1_200_000);
    let mut log = Vec::new();
    let lines = generator::write_log(7, lines, &mut log).expect("memory takes every byte");
    println!("log: {lines} lines, {} MB, seed 7", log.len() / 1_000_000);
    let headers = median((0..RUNS).map(|_| {
        let begin = begin();
        let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
        let found = log
            .split(|byte| *byte == b'\n')
            .filter(|line| reader.read(line).is_some())
            .count();
        black_box(found);
        begin.elapsed().as_secs_f64()
    }));
    let mut records = 0;
    let mut open = (0, 0);
    let mut unrecognised = 0;
    let whole = median((0..RUNS).map(|_| {
        let begin = begin();
        let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
        let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
        records = 0;
        open = (0, 0);
        for (number, line) in log.split(|byte| *byte == b'\n').enumerate() {
            if let Some(line) = reader.read(line) {
                correlator.feed(&line);
            }
            if number % 16_384 == 0 {
                records += black_box(correlator.take_closed()).records.len();
                open = open.max(correlator.open());
            }
        }
        records += black_box(correlator.finish()).records.len();
        unrecognised = correlator.counters().unrecognised;
        begin.elapsed().as_secs_f64()
    }));
    println!(
        "headers only:          {:>12.0} lines/s",
        per_second(lines, headers)
    );
    println!(
        "parse and correlate:   {:>12.0} lines/s, {records} records, {unrecognised} lines not understood",
        per_second(lines, whole)
    );
    println!(
        "at most open at once:  {} messages, {} refusals; peak memory {} MB with the log of {} MB in it",
        open.0,
        open.1,
        peak_megabytes(),
        log.len() / 1_000_000
    );
}

fn lines_wanted(usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a bench has no configuration file")]
    let wanted = std::env::var("MAILFATE_BENCH_LINES");
    wanted.ok().and_then(|lines| lines.parse().ok()).unwrap_or(usual)
}

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn begin() -> Instant {
    Instant::now()
}

fn median(runs: impl Iterator<Item = f64>) -> f64 {
    let mut seconds: Vec<f64> = runs.collect();
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "a rate is shown with three digits")]
fn per_second(lines: u64, seconds: f64) -> f64 {
    lines as f64 / seconds
}

/// `VmHWM` of this process (Linux).
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"));
    peak.and_then(|kilobytes| kilobytes.trim().parse::<u64>().ok())
        .unwrap_or(0)
        / 1000
}
