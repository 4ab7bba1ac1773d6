//! Trains the dictionary that trails are packed with: `cargo run -p mailfate-ingest --example trail_dictionary -- FILE`.
//!
//! Goes in: the sample logs. Comes out: the dictionary, in FILE. A new one gets a name of its own beside the old ones in `store/src/mail`:
//! what was packed with a dictionary stays readable only with it.

use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use tracer::correlate::{Correlator, Knowledge, Limits};
use tracer::line::HeaderReader;

/// Bigger ones hardly pack better and leave the processor's cache.
const BYTES: usize = 16 * 1024;
/// The samples name no later year.
const YEAR: i16 = 2026;

fn main() {
    let target = std::env::args_os().nth(1).map(PathBuf::from);
    let target = target.expect("usage: trail_dictionary FILE");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut logs = vec![samples.join("isp/mail.log")];
    for server in ["exim", "opensmtpd", "qmail", "sendmail"] {
        logs.push(samples.join("servers").join(server).join("mail.log.gz"));
    }
    let trails: Vec<Vec<u8>> = logs.iter().flat_map(|log| trails(log)).collect();
    let bytes: usize = trails.iter().map(Vec::len).sum();
    let dictionary = zstd::dict::from_samples(&trails, BYTES).expect("enough samples");
    fs::write(&target, &dictionary).expect("a writable file");
    println!(
        "{}: {} bytes from {} trails with {bytes} bytes of {} logs",
        target.display(),
        dictionary.len(),
        trails.len(),
        logs.len()
    );
}

/// The trails of a log as they are stored, before they are packed.
fn trails(log: &Path) -> Vec<Vec<u8>> {
    let file = fs::File::open(log).expect("a readable log");
    let mut text = Vec::new();
    if log.extension().is_some_and(|end| end == "gz") {
        flate2::read::MultiGzDecoder::new(file).read_to_end(&mut text)
    } else {
        BufReader::new(file).read_to_end(&mut text)
    }
    .expect("a whole log");
    let mut headers = HeaderReader::from_year(YEAR, TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    for line in text.split(|byte| *byte == b'\n') {
        if let Some(line) = headers.read(line) {
            correlator.feed(&line);
        }
    }
    let records = correlator.finish().records;
    records
        .iter()
        .map(|record| store::mail::trail_json(&record.trail))
        .collect()
}
