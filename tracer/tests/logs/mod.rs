//! What the tests on whole logs share: the golden cases by mail server, the sample evening, and records as rows that can be compared.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;
use model::ids::RecordId;
use model::record::Record;
use model::time::Micros;
use tracer::correlate::{Changes, Correlator, Knowledge, Limits};
use tracer::line::HeaderReader;

/// A log's lines.
pub(crate) type Log = Vec<Vec<u8>>;

/// A reader for every log here.
pub(crate) fn reader() -> HeaderReader {
    HeaderReader::from_year(2026, TimeZone::UTC)
}

/// An empty correlator.
pub(crate) fn correlator() -> Correlator {
    Correlator::new(Limits::default(), Knowledge::default())
}

fn lines(path: &Path) -> Log {
    let log = fs::read(path).expect("a readable log");
    log.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}

/// The golden cases by name.
pub(crate) fn cases() -> BTreeMap<String, Log> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| entry.expect("a case").path())
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, lines(&path))
        })
        .collect()
}

/// The golden cases of each mail server as one log, in the order of time.
pub(crate) fn servers() -> BTreeMap<&'static str, Log> {
    let mut servers: BTreeMap<&'static str, Vec<(Micros, Vec<u8>)>> = BTreeMap::new();
    for (name, log) in cases() {
        let server = ["exim", "sendmail", "qmail", "opensmtpd"]
            .into_iter()
            .find(|server| name.starts_with(server));
        let server = servers.entry(server.unwrap_or("postfix")).or_default();
        let mut reader = reader();
        let mut last = Micros(0);
        for line in log {
            // A line without a time goes with the one before.
            last = reader.read(&line).map_or(last, |line| line.at.max(last));
            server.push((last, line));
        }
    }
    servers
        .into_iter()
        .map(|(name, mut log)| {
            log.sort_by_key(|(at, _)| *at);
            (name, log.into_iter().map(|(_, line)| line).collect())
        })
        .collect()
}

/// The first lines of the sample evening.
pub(crate) fn sample(most: usize) -> Log {
    let mut log = lines(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/isp/mail.log"));
    log.truncate(most);
    log
}

/// Feeds a log from end to end.
pub(crate) fn trace(log: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<Record> {
    let (mut reader, mut correlator) = (reader(), correlator());
    for line in log {
        if let Some(line) = reader.read(line.as_ref()) {
            correlator.feed(&line);
        }
    }
    correlator.finish().records
}

/// What a table of records holds after all changes so far.
#[derive(Default)]
pub(crate) struct Table(HashMap<RecordId, Record>);

impl Table {
    /// Writes and removes as a database would.
    pub(crate) fn apply(&mut self, changes: Changes) {
        for id in changes.retracted {
            self.0.remove(&id);
        }
        for record in changes.records {
            self.0.insert(record.record_id, record);
        }
    }

    /// The records.
    pub(crate) fn records(self) -> Vec<Record> {
        self.0.into_values().collect()
    }

    /// The rows.
    pub(crate) fn rows(self) -> Vec<String> {
        rows(self.0.into_values())
    }
}

/// Records as text, in an order that does not depend on the order in which they were written.
pub(crate) fn rows(records: impl IntoIterator<Item = Record>) -> Vec<String> {
    let mut rows: Vec<String> = records
        .into_iter()
        .map(|mut record| {
            // Lines of the same moment stand in the order in which they came.
            record
                .trail
                .events_mut()
                .sort_by(|one, other| (one.at, &one.text).cmp(&(other.at, &other.text)));
            format!("{record:#?}")
        })
        .collect();
    rows.sort();
    rows
}

/// The first rows that only one of two sets has, to be read by a person.
pub(crate) fn difference(one: &[String], other: &[String]) -> Option<String> {
    let only = |these: &[String], those: &[String]| {
        let found = these.iter().find(|row| !those.contains(row));
        found.map_or_else(String::new, Clone::clone)
    };
    (one != other).then(|| {
        format!(
            "{} rows and {} rows; only the first has {}\nonly the second has {}",
            one.len(),
            other.len(),
            only(one, other),
            only(other, one)
        )
    })
}
