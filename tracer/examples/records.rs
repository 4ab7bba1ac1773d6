//! Records of a log without the rest of the program, for work on a dialect: `cargo run -p mailfate-tracer --example records -- LOG [YEAR] > records.jsonl`.
//!
//! Mail lines that no dialect understood go to standard error.

use std::io::{BufWriter, Write};

use jiff::tz::TimeZone;
use tracer::correlate::{Changes, Correlator, Knowledge, Limits};
use tracer::json::JsonRecord;
use tracer::line::HeaderReader;

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("the log's name is the first argument");
    let year = args
        .next()
        .map_or(2026, |year| year.parse().expect("the year is a number"));
    let log = std::fs::read(&path).expect("a readable log");
    let mut reader = HeaderReader::from_year(year, TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    let mut out = BufWriter::new(std::io::stdout());
    let mut print = |changes: Changes| {
        for record in changes.records {
            serde_json::to_writer(&mut out, &JsonRecord::new(&record, None, true))
                .expect("room for the records");
            out.write_all(b"\n").expect("room for the records");
        }
    };
    for (number, raw) in log.split(|byte| *byte == b'\n').enumerate() {
        match reader.read(raw) {
            Some(line) if !correlator.feed(&line) => eprintln!("{}", String::from_utf8_lossy(raw)),
            Some(_) => {}
            None => correlator.skip(),
        }
        if number % 16_384 == 0 {
            print(correlator.take_closed());
        }
    }
    print(correlator.finish());
    eprintln!("{:?}", correlator.counters());
}
