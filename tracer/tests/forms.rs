//! One log, many headers: the sample evening written again behind every form of header that carries the same facts gives the same records.

use std::fmt::Write;
use std::path::Path;

use jiff::tz::TimeZone;
use tracer::correlate::{Correlator, Knowledge, Limits};
use tracer::line::HeaderReader;

/// Lines taken: enough for whole lives of every kind, and quick.
const LINES: usize = 6_000;

/// A classic line's parts: `Nov 21 21:30:08`, host, tag, process id, text.
struct Parts<'a> {
    time: &'a str,
    host: &'a str,
    tag: &'a str,
    pid: Option<&'a str>,
    text: &'a str,
}

impl<'a> Parts<'a> {
    fn of(line: &'a str) -> Self {
        let (date, rest) = line.split_at(15);
        let (host, rest) = rest[1..].split_once(' ').expect("a host");
        let (tag, text) = rest.split_once(": ").expect("a tag");
        let (tag, pid) = match tag.split_once('[') {
            Some((tag, pid)) => (tag, Some(pid.trim_end_matches(']'))),
            None => (tag, None),
        };
        Self {
            time: &date[7..],
            host,
            tag,
            pid,
            text,
        }
    }
}

/// Writes a line again behind another header.
type Form = fn(&str, &Parts<'_>) -> String;

fn sample() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/isp/mail.log");
    let log = std::fs::read(path).expect("the sample log");
    let text = String::from_utf8_lossy(&log).into_owned();
    text.lines().take(LINES).map(ToOwned::to_owned).collect()
}

/// The records of a log as rows that can be compared: everything but the raw lines.
fn rows(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    for line in lines {
        let parsed = reader
            .read(line.as_bytes())
            .unwrap_or_else(|| panic!("no header: {line}"));
        assert!(correlator.feed(&parsed), "not understood: {line}");
    }
    let mut rows: Vec<String> = correlator
        .finish()
        .records
        .into_iter()
        .map(|mut record| {
            record.trail.events_mut().clear();
            format!("{record:?}")
        })
        .collect();
    rows.sort();
    rows
}

/// A string as JSON writes it, as far as logs need it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(letter);
            }
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[test]
fn every_form_of_header_gives_the_same_records() {
    let lines = sample();
    let expected = rows(lines.iter().cloned());
    assert!(expected.len() > 200, "{} records", expected.len());
    let forms: [(&str, Form); 9] = [
        ("priority", |line, _| format!("<22>{line}")),
        ("year", |line, _| format!("{} 2026{}", &line[..6], &line[6..])),
        ("fraction and zone", |line, _| {
            format!("{}.000 UTC{}", &line[..15], &line[15..])
        }),
        ("ISO with a space", |_, part| {
            let pid = part.pid.map_or_else(String::new, |pid| format!("[{pid}]"));
            format!(
                "2026-11-21 {}+00:00 {} {}{pid}: {}",
                part.time, part.host, part.tag, part.text
            )
        }),
        ("RFC 5424", |_, part| {
            let (pid, text) = (part.pid.unwrap_or("-"), part.text);
            format!(
                "<22>1 2026-11-21T{}Z {} {} {pid} - [a b=\"c\"] \u{feff}{text}",
                part.time, part.host, part.tag
            )
        }),
        ("RFC 5424, the tag cut at its slash", |_, part| {
            let tag = part.tag.split('/').next().expect("a name");
            let (pid, text) = (part.pid.unwrap_or("-"), part.text);
            format!(
                "1 2026-11-21T{}Z {} {tag} {pid} - -  {text}",
                part.time, part.host
            )
        }),
        ("journal", |_, part| {
            let moment: jiff::Timestamp = format!("2026-11-21T{}Z", part.time).parse().expect("a time");
            let pid = part
                .pid
                .map_or_else(String::new, |pid| format!(",\"_PID\":\"{pid}\""));
            format!(
                "{{\"__CURSOR\":\"s=1\",\"__REALTIME_TIMESTAMP\":\"{}\",\"_HOSTNAME\":\"{}\",\"SYSLOG_IDENTIFIER\":\"{}\"{pid},\"MESSAGE\":{}}}",
                moment.as_microsecond(),
                part.host,
                part.tag,
                quoted(part.text)
            )
        }),
        ("Docker's file", |line, part| {
            let line = quoted(&format!("{line}\n"));
            format!(
                "{{\"log\":{line},\"stream\":\"stdout\",\"time\":\"2026-11-21T{}.5Z\"}}",
                part.time
            )
        }),
        ("compose", |line, _| format!("mail-1   | {line}")),
    ];
    for (name, form) in forms {
        let mut found = rows(lines.iter().map(|line| form(line, &Parts::of(line))));
        let mut expected = expected.clone();
        if name.contains("cut") {
            // What was cut off says which service is for people who send with a password: they are refused where servers are put off.
            for rows in [&mut found, &mut expected] {
                rows.retain(|row| !row.contains("dsn: Some(\"4.1.2\")"));
            }
        }
        let differ = expected.iter().zip(&found).find(|(one, other)| one != other);
        assert!(
            found == expected,
            "{name}: {} records instead of {}, first difference: {differ:#?}",
            found.len(),
            expected.len()
        );
    }
}
