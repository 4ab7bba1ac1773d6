//! The same kinds of mails through other servers (`samples/servers/README.md`), in every form of log that they were recorded in.
//!
//! What is missing to a hundred are recipients and senders that these servers do not log when they refuse somebody, so the numbers differ by server;
//! they go up, never down.

use std::io::Read;
use std::path::Path;

use model::trail::Trail;
use tracer::correlate::Limits;

use crate::judge::judge;
use crate::{classic, trace, trace_within};

fn read(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples/servers")
        .join(name);
    let file = std::fs::File::open(path).expect("a sample");
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut text)
        .expect("a whole gzip file");
    text
}

#[test]
fn mails_through_other_servers_are_told_as_rightly_as_their_logs_allow() {
    for (server, log, per_thousand) in [
        ("exim", "mail.log", 959),
        ("exim", "mainlog", 954),
        ("sendmail", "mail.log", 991),
        ("qmail", "mail.log", 892),
        ("qmail", "qmail-send.current", 890),
        ("opensmtpd", "mail.log", 836),
    ] {
        let (records, correlator) = trace(&read(&format!("{server}/{log}.gz")));
        let counters = correlator.counters();
        assert_eq!(
            (counters.unrecognised, counters.foreign),
            (0, 0),
            "{server} {log}: every line is understood"
        );
        let truth = String::from_utf8(read(&format!("{server}/truth.jsonl.gz"))).expect("JSON is UTF-8");
        let judged = judge(&records, &truth);
        assert!(judged.total > 400, "{server}: the truth is there");
        assert!(
            judged.right * 1000 >= judged.total * per_thousand,
            "{server} {log}: {} of {} right; wrong:\n{}",
            judged.right,
            judged.total,
            judged.wrong.join("\n")
        );
    }
}

#[test]
fn records_without_trails_say_the_same() {
    let without_trails = Limits {
        line_bytes: 0,
        ..Limits::default()
    };
    for log in [
        "exim/mail.log",
        "sendmail/mail.log",
        "qmail/mail.log",
        "opensmtpd/mail.log",
    ] {
        let log = read(&format!("{log}.gz"));
        let (mut with, _) = trace(&log);
        let (without, _) = trace_within(&log, without_trails);
        for record in &mut with {
            record.trail = Trail::default();
        }
        pretty_assertions::assert_eq!(without, with);
    }
    let (mut with, _) = trace(&classic());
    for record in &mut with {
        record.trail = Trail::default();
    }
    assert!(
        trace_within(&classic(), without_trails).0 == with,
        "the main sample"
    );
}
