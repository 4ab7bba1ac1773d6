//! Golden cases: the whole life of one mail a file (`tests/cases/*.log`, recorded on real servers), and what the dialects and the correlator make
//! of it. A new case is a new file; `INSTA_UPDATE=always cargo test -p mailfate-tracer --test golden` writes its snapshot, a person reads it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;
use tracer::correlate::{Correlator, Knowledge, Limits};
use tracer::dialect;
use tracer::event::Reading;
use tracer::json::JsonRecord;
use tracer::line::HeaderReader;

#[test]
fn whole_lives() {
    let cases = cases();
    assert!(cases.len() >= 25, "only {} cases", cases.len());
    for (name, log) in cases {
        insta::assert_snapshot!(name, portrait(&log));
    }
}

#[test]
fn a_state_saved_after_any_line_goes_on_where_it_was() {
    for (name, log) in cases() {
        assert_eq!(records(&log, false), records(&log, true), "{name}");
    }
}

/// Name and log of every case.
fn cases() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<_> = fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| {
            let path = entry.expect("a case").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a readable case"))
        })
        .collect();
    cases.sort();
    cases
}

/// The records of a log, by a correlator that is written out and read back after each line or not.
fn records(log: &[u8], is_saved: bool) -> Vec<String> {
    let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    for raw in log.split(|byte| *byte == b'\n') {
        if let Some(line) = reader.read(raw) {
            correlator.feed(&line);
        }
        if is_saved {
            let state = postcard::to_stdvec(&correlator).expect("a state that can be written out");
            correlator = postcard::from_bytes(&state).expect("the state that was written out");
            correlator.resume(Limits::default(), Knowledge::default());
        }
    }
    let mut records: Vec<String> = correlator
        .finish()
        .records
        .iter()
        .map(|record| format!("{record:?}"))
        .collect();
    records.sort();
    records
}

/// Each line's reading, then each record without its trail.
fn portrait(log: &[u8]) -> String {
    let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    let mut text = String::new();
    for raw in log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Some(line) = reader.read(raw) else {
            let _ = writeln!(text, "no header: {}", String::from_utf8_lossy(raw));
            continue;
        };
        let reading = match dialect::read(&line) {
            Reading::Event(event) => readable(&format!("{event:?}")),
            other => format!("{other:?}"),
        };
        let _ = writeln!(text, "{}: {reading}", String::from_utf8_lossy(line.tag));
        correlator.feed(&line);
    }
    for record in correlator.finish().records {
        let json = serde_json::to_string_pretty(&JsonRecord::new(&record, None, false))
            .expect("a record is plain data");
        let _ = writeln!(text, "{json}");
    }
    text
}

/// Byte strings in debug output are lists of numbers: as text they can be read.
fn readable(debug: &str) -> String {
    let mut shown = String::new();
    let mut rest = debug;
    while let Some(open) = rest.find('[') {
        let Some(close) = rest[open..].find(']').map(|at| at + open) else {
            break;
        };
        let bytes: Option<Vec<u8>> = rest[open + 1..close]
            .split(", ")
            .map(|number| number.parse().ok())
            .collect();
        shown.push_str(&rest[..open]);
        match bytes {
            Some(bytes) => {
                let _ = write!(shown, "{:?}", String::from_utf8_lossy(&bytes));
            }
            None if open + 1 == close => shown.push_str("\"\""),
            None => shown.push_str(&rest[open..=close]),
        }
        rest = &rest[close + 1..];
    }
    shown.push_str(rest);
    shown
}
