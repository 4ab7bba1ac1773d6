//! Lines per second of parsing and correlating, on one core, without a database: `cargo bench -p mailfate-tracer --bench trace`.
//!
//! Two logs: a generated one (`generator/mod.rs`, `MAILFATE_BENCH_LINES` sets its length), and the recorded evening of `samples/isp` again and
//! again, each time an hour later and with other queue ids. Beside each stands what only splitting headers and hashing queue ids costs, which
//! nobody can be faster than, and pflogsumm on the same file in the same run, when it is installed.

use std::collections::HashMap;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::tz::TimeZone;
use tracer::correlate::{Changes, Correlator, Knowledge, Limits, Parked};
use tracer::line::HeaderReader;

mod generator;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 3;
/// Lines between two looks for finished mails, as in `mailfate trace`.
const DRAIN_EVERY: u64 = 1024;
/// Bytes read at once.
const BLOCK: usize = 1 << 18;

fn main() {
    let wanted = lines_wanted(2_000_000);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let generated = folder.join(format!("generated-{wanted}.log"));
    let mut out = create(&generated);
    generator::write_log(7, wanted, generator::Header::Classic, &mut out).expect("room for the log");
    measure("generated log", &generated);
    let recorded = folder.join(format!("recorded-{wanted}.log"));
    repeat_recorded(wanted, &recorded);
    measure("recorded evening, repeated", &recorded);
    for path in [generated, recorded] {
        std::fs::remove_file(path).expect("our own file");
    }
}

fn create(path: &Path) -> BufWriter<File> {
    BufWriter::with_capacity(1 << 20, File::create(path).expect("a writable target folder"))
}

fn measure(name: &str, path: &Path) {
    let megabytes = std::fs::metadata(path).expect("the log").len() / 1_000_000;
    let mut lines = 0;
    for_each_line(path, |_| lines += 1);
    println!("{name}: {lines} lines, {megabytes} MB");
    let with_trails = correlate(path, lines, Limits::default(), "with trails");
    let no_trails = Limits {
        line_bytes: 0,
        ..Limits::default()
    };
    correlate(path, lines, no_trails, "without trails");
    follow(path, lines);
    // After the others, because its map of ids would be their peak of memory.
    let headers = median(|| {
        let mut ids: HashMap<Vec<u8>, u64, foldhash::fast::RandomState> = HashMap::default();
        let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
        for_each_line(path, |raw| {
            let Some(line) = reader.read(raw) else { return };
            let id = line
                .message
                .split(|byte| *byte == b':')
                .next()
                .unwrap_or_default();
            if let Some(count) = ids.get_mut(id) {
                *count += 1;
            } else if id.len() < 25 {
                ids.insert(id.to_vec(), 1);
            }
        });
        black_box(ids.len());
    });
    println!(
        "  headers and queue ids only: {:>11.0} lines/s",
        per_second(lines, headers)
    );
    match pflogsumm(path) {
        Some(seconds) => println!(
            "  pflogsumm: {:>28.0} lines/s; with trails we take 1/{:.1} of its CPU time",
            per_second(lines, seconds),
            seconds / with_trails
        ),
        None => println!("  pflogsumm is not installed (Debian: pflogsumm); nothing to compare with"),
    }
}

/// CPU seconds of parsing and correlating, the median of some runs.
fn correlate(path: &Path, lines: u64, limits: Limits, name: &str) -> f64 {
    let (mut records, mut open, mut unrecognised) = (0, (0, 0), 0);
    let seconds = median(|| {
        let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
        let mut correlator = Correlator::new(limits, Knowledge::default());
        let mut changes = Changes::default();
        (records, open) = (0, (0, 0));
        let mut number = 0;
        for_each_line(path, |raw| {
            if let Some(line) = reader.read(raw) {
                correlator.feed(&line);
            }
            number += 1;
            if number % DRAIN_EVERY == 0 {
                correlator.take_closed_into(&mut changes);
                records += black_box(&changes).records.len();
                changes.clear();
                let now = correlator.open();
                open = (now.0.max(open.0), now.1.max(open.1));
            }
        });
        records += black_box(correlator.finish()).records.len();
        unrecognised = correlator.counters().unrecognised;
    });
    println!(
        "  parse and correlate, {name}: {:.0} lines/s, {records} records, {unrecognised} lines not understood, \
         at most {} messages and {} refusals open, peak memory {} MB",
        per_second(lines, seconds),
        open.0,
        open.1,
        peak_megabytes()
    );
    seconds
}

/// What a worker keeps of a long log: idle mails parked, and the state that it saves.
fn follow(path: &Path, lines: u64) {
    let mut kept: HashMap<u64, Parked> = HashMap::new();
    let mut by_key: HashMap<u64, Vec<u64>> = HashMap::new();
    let (mut parked, mut came_back, mut bytes) = (0_u64, 0_u64, 0);
    let (mut largest, mut largest_took, mut number) = (0, 0.0, 0);
    let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    let mut changes = Changes::default();
    correlator.keep_parked([]);
    let begin = cpu_seconds();
    let mut saving = 0.0;
    for_each_line(path, |raw| {
        if let Some(line) = reader.read(raw) {
            while let Err(key) = correlator.try_feed(&line) {
                let ids = by_key.remove(&key).unwrap_or_default();
                // Under its other keys its number stays, and finds nothing.
                let entries: Vec<Parked> = ids.iter().filter_map(|id| kept.remove(id)).collect();
                came_back += entries.len() as u64;
                let taken = correlator.unpark(key, entries.iter().map(|parked| parked.bytes.as_slice()));
                assert!(taken.iter().all(Result::is_ok), "what was parked can be read");
            }
        }
        number += 1;
        if number % DRAIN_EVERY == 0 {
            correlator.take_closed_into(&mut changes);
            for mail in changes.parked.drain(..) {
                parked += 1;
                bytes += mail.bytes.len();
                for key in &mail.keys {
                    by_key.entry(*key).or_default().push(mail.id);
                }
                kept.insert(mail.id, mail);
            }
            changes.clear();
        }
        if number % (lines / 8).max(1) == 0 {
            let begin = cpu_seconds();
            let state = postcard::to_stdvec(&correlator).expect("a state that can be written out");
            let took = cpu_seconds() - begin;
            saving += took;
            if state.len() > largest {
                (largest, largest_took) = (state.len(), took);
            }
        }
    });
    println!(
        "  followed: {:.0} lines/s, {parked} mails parked ({} bytes each), {came_back} came back; the saved state has at most {:.1} MB, \
         written out in {:.0} ms; in memory at the end {:?}",
        per_second(lines, cpu_seconds() - begin - saving),
        bytes / usize::try_from(parked).unwrap_or(1).max(1),
        megabytes(largest),
        largest_took * 1000.0,
        correlator.open(),
    );
    black_box(correlator.finish());
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Feeds every line of a file, read in blocks.
fn for_each_line(path: &Path, mut each: impl FnMut(&[u8])) {
    let mut file = File::open(path).expect("the log");
    let mut block = vec![0; BLOCK];
    let mut held = 0;
    loop {
        let read = file.read(&mut block[held..]).expect("a readable log");
        if read == 0 {
            break;
        }
        let end = held + read;
        let mut start = 0;
        for newline in memchr::memchr_iter(b'\n', &block[..end]) {
            if newline >= start {
                each(&block[start..newline]);
                start = newline + 1;
            }
        }
        block.copy_within(start..end, 0);
        held = end - start;
    }
}

/// The recorded evening, so often that the log has the wanted length: each time an hour later, with other queue ids and Message-IDs.
fn repeat_recorded(wanted: u64, path: &Path) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/isp/mail.log");
    let sample = std::fs::read_to_string(sample).expect("the sample log");
    let mut out = create(path);
    let (mut written, mut turn) = (0, 0_u32);
    while written < wanted {
        // The recording lies between 21 and 22 o'clock; a turn is an hour of its own.
        let (day, hour) = (1 + turn / 24, turn % 24);
        // Short ids: the last digit and the first are enough for a few hundred turns; long ids differ in their inode part.
        let mark = format!("{:03X}", turn + 256);
        for line in sample.lines() {
            let (head, rest) = line.split_at(15);
            let _ = write!(out, "Mar {day:>2} {hour:02}{}", &head[9..]);
            write_with_other_ids(rest, &mark, &mut out);
            written += 1;
        }
        turn += 1;
    }
    out.flush().expect("room for the log");
}

/// Writes a line with every queue id and Message-ID made another one, the same for the same mark.
fn write_with_other_ids(rest: &str, mark: &str, out: &mut impl Write) {
    let mut from = 0;
    for (at, word) in words(rest) {
        let is_long = word.len() == 15 && word.starts_with("4jX");
        let is_short = word.len() == 11 && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
        if is_long || is_short {
            // Hexadecimal digits without vowels are part of both alphabets: A and E are mapped to letters that are.
            let mark = if is_long {
                mark.replace('A', "G").replace('E', "H")
            } else {
                mark.to_owned()
            };
            let (keep, _) = word.split_at(word.len() - 3);
            let _ = write!(out, "{}{keep}{mark}", &rest[from..at]);
            from = at + word.len();
        } else if word.starts_with("179529") && word.len() == 13 {
            let _ = write!(out, "{}{word}{mark}", &rest[from..at]);
            from = at + word.len();
        }
    }
    let _ = writeln!(out, "{}", &rest[from..]);
}

/// Runs of letters and digits, with where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .map(move |word| (word.as_ptr().addr() - text.as_ptr().addr(), word))
}

/// CPU seconds of pflogsumm.
fn pflogsumm(path: &Path) -> Option<f64> {
    let timed = Command::new("bash")
        .args([
            "-c",
            "TIMEFORMAT='%U %S'; time pflogsumm --syslog-name='[a-z0-9]+(?:/[a-z0-9]+)?' \"$1\" >/dev/null 2>&1",
            "-",
        ])
        .arg(path)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let times = String::from_utf8(timed.stderr).ok()?;
    let seconds: Vec<f64> = times
        .split_whitespace()
        .filter_map(|time| time.parse().ok())
        .collect();
    Some(seconds.iter().sum())
}

fn lines_wanted(usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a bench has no configuration file")]
    let wanted = std::env::var("MAILFATE_BENCH_LINES");
    wanted.ok().and_then(|lines| lines.parse().ok()).unwrap_or(usual)
}

/// The median of the CPU seconds that a few runs take.
fn median(mut run: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begin = cpu_seconds();
            run();
            cpu_seconds() - begin
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// CPU time of this process so far: `utime` and `stime` of proc(5), in ticks of 10 ms.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |field: usize| -> f64 {
        let value = after_name.split_whitespace().nth(field);
        value.and_then(|value| value.parse().ok()).unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) / 100.0
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
