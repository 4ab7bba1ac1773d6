//! The tracer against the truth: a recorded evening of real servers, and what really became of every mail (`samples/isp/README.md`).
//!
//! The truth was written by the programs that sent the mails and checked against mailboxes, remote servers and the quarantine, never against
//! the log. Of the recipients that could be checked so many must be right as below; the number goes up, never down.
//! The seven that are missing were refused at MAIL for the size that the client declared: no line names their recipients.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use model::record::Record;
use model::verdict::{Outcome, Reason};
use tracer::correlate::{Correlator, Knowledge, Limits};
use tracer::line::HeaderReader;

mod judge;
mod servers;

use judge::{Judged, judge};

/// Right per thousand recipients, at least.
const RIGHT_PER_THOUSAND: usize = 994;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples/isp")
        .join(name)
}

fn trace(log: &[u8]) -> (Vec<Record>, Correlator) {
    trace_within(log, Limits::default())
}

fn trace_within(log: &[u8], limits: Limits) -> (Vec<Record>, Correlator) {
    let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
    let mut correlator = Correlator::new(limits, Knowledge::default());
    let mut records = Vec::new();
    for (number, line) in log
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .enumerate()
    {
        match reader.read(line) {
            Some(line) => {
                correlator.feed(&line);
            }
            None => correlator.skip(),
        }
        if number % 5_000 == 0 {
            records.extend(correlator.take_closed().records);
        }
    }
    records.extend(correlator.finish().records);
    (records, correlator)
}

fn classic() -> Vec<u8> {
    std::fs::read(sample("mail.log")).expect("the sample log")
}

fn iso() -> Vec<u8> {
    let file = std::fs::File::open(sample("mail-iso.log.gz")).expect("the sample log");
    let mut log = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut log)
        .expect("a whole gzip file");
    log
}

#[test]
fn nearly_every_recipient_of_the_recorded_evening_is_told_rightly() {
    let (records, correlator) = trace(&classic());
    assert_eq!(
        correlator.counters().unrecognised,
        0,
        "every mail line of the sample is understood"
    );
    let truth = std::fs::read_to_string(sample("truth.jsonl")).expect("the truth");
    let Judged { total, right, wrong } = judge(&records, &truth);
    assert!(total > 1_200, "the truth is there");
    assert!(
        right * 1000 >= total * RIGHT_PER_THOUSAND,
        "{right} of {total} right; wrong:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_refusal_of_the_recorded_evening_has_a_reason() {
    let (records, _) = trace(&classic());
    let unclassified: Vec<String> = records
        .iter()
        .filter(|record| record.verdict.reason == Reason::Unclassified && record.reply.is_some())
        .map(|record| format!("{:?} {:?}", record.verdict.outcome, record.reply))
        .collect();
    assert!(
        unclassified.is_empty(),
        "{} without a reason:\n{}",
        unclassified.len(),
        unclassified.join("\n")
    );
}

#[test]
fn classic_and_iso_headers_give_the_same_mails() {
    let fingerprint = |records: &[Record]| {
        let mut mails: Vec<String> = records
            .iter()
            .map(|record| {
                format!(
                    "{:?} {} {} {:?} {:?}",
                    record.queue_ids,
                    record.sender,
                    record.recipient,
                    record.original_recipient,
                    record.verdict
                )
            })
            .collect();
        mails.sort();
        mails
    };
    let (from_classic, _) = trace(&classic());
    let (from_iso, _) = trace(&iso());
    pretty_assertions::assert_eq!(fingerprint(&from_classic), fingerprint(&from_iso));
}

#[test]
fn nobody_sees_another_recipient_in_the_raw_lines() {
    let (records, _) = trace(&classic());
    let addresses: std::collections::HashSet<&str> = records
        .iter()
        .map(|record| record.recipient.as_str())
        .filter(|address| address.contains('@'))
        .collect();
    for record in &records {
        for event in record.trail.iter() {
            for inside in event
                .text
                .split('<')
                .skip(1)
                .filter_map(|rest| rest.split('>').next())
            {
                let inside = inside.to_lowercase();
                let own = inside == record.sender
                    || inside == record.recipient
                    || record.original_recipient.as_deref() == Some(&inside);
                let on_the_way = record
                    .trail
                    .iter()
                    .any(|event| event.text.contains(&format!("to=<{inside}>")));
                assert!(
                    own || on_the_way || !addresses.contains(inside.as_str()),
                    "{} sees {inside} in {}",
                    record.recipient,
                    event.text
                );
            }
        }
    }
}

#[test]
fn the_same_log_gives_the_same_records_however_it_is_cut() {
    let log = classic();
    let live = |every: usize| {
        let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
        let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
        let mut table = HashMap::new();
        let apply = |table: &mut HashMap<_, Record>, changes: tracer::correlate::Changes| {
            for id in changes.retracted {
                table.remove(&id);
            }
            for record in changes.records {
                table.insert(record.record_id, record);
            }
        };
        for (number, line) in log
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .enumerate()
        {
            if let Some(line) = reader.read(line) {
                correlator.feed(&line);
            }
            if number % every == 0 {
                apply(&mut table, correlator.take_changed());
            }
        }
        apply(&mut table, correlator.finish());
        table
    };
    let (often, seldom) = (live(7), live(10_007));
    let keys = |table: &HashMap<model::ids::RecordId, Record>| {
        let mut rows: Vec<String> = table
            .values()
            .map(|record| {
                format!(
                    "{} {} {} {:?}",
                    record.record_id, record.recipient, record.sender, record.verdict
                )
            })
            .collect();
        rows.sort();
        rows
    };
    pretty_assertions::assert_eq!(keys(&often), keys(&seldom));
    let (whole, _) = trace(&log);
    assert_eq!(
        often.len(),
        whole.len(),
        "following a log gives as many records as reading it from end to end"
    );
}

#[test]
fn a_saved_state_goes_on_where_it_stopped() {
    let log = classic();
    let lines: Vec<&[u8]> = log
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    let (expected, _) = trace(&log);
    let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    let mut ids: HashMap<_, Outcome> = HashMap::new();
    let mut take = |changes: tracer::correlate::Changes| {
        for id in changes.retracted {
            ids.remove(&id);
        }
        for record in changes.records {
            ids.insert(record.record_id, record.verdict.outcome);
        }
    };
    for (number, line) in lines.iter().enumerate() {
        if let Some(line) = reader.read(line) {
            correlator.feed(&line);
        }
        if number % 3_000 == 0 {
            take(correlator.take_changed());
            let saved = postcard::to_stdvec(&correlator).expect("a state that can be written out");
            correlator = postcard::from_bytes(&saved).expect("the state that was written out");
            correlator.resume(Limits::default(), Knowledge::default());
        }
    }
    take(correlator.finish());
    let expected: HashMap<_, Outcome> = expected
        .iter()
        .map(|record| (record.record_id, record.verdict.outcome))
        .collect();
    pretty_assertions::assert_eq!(ids, expected);
}
