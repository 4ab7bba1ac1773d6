//! The recorded evening of a mail provider, moved to now.
//!
//! Goes in: the sample that is built into the program. Comes out: files in the demo's folder. Each line keeps its distance to the others; the
//! last one is written "now". Times inside of lines stay as they are: nothing reads them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::read::GzDecoder;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::time::Micros;

use crate::commands::demo::write_whole;

/// 34,000 lines of real servers with ISO 8601 headers; see samples/isp/README.md.
const LOG: &[u8] = include_bytes!("../../../../samples/isp/mail-iso.log.gz");
/// Countries and networks of the sample's addresses.
const LOCATIONS: [(&str, &[u8]); 2] = [
    ("demo.mmdb", include_bytes!("../../../../samples/geo/demo.mmdb")),
    (
        "demo-asn.mmdb",
        include_bytes!("../../../../samples/geo/demo-asn.mmdb"),
    ),
];

/// Writes the log, unless an earlier start did: then lines may have been appended since.
pub(super) fn log_file(folder: &Path, now: Micros) -> anyhow::Result<PathBuf> {
    let path = folder.join("mail.log");
    if !path.exists() {
        let mut text = String::new();
        GzDecoder::new(LOG)
            .read_to_string(&mut text)
            .context("the built-in sample log")?;
        write_whole(&path, moved(&text, now).as_bytes())?;
    }
    Ok(path)
}

/// Writes the location databases.
pub(super) fn location_databases(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (name, content) in LOCATIONS {
        let path = folder.join(name);
        // Anew at each start: the program may be newer than the folder.
        fs::write(&path, content).with_context(|| path.display().to_string())?;
        paths.push(path);
    }
    Ok(paths)
}

/// The log with all header times moved so that the latest is `now`.
fn moved(log: &str, now: Micros) -> String {
    let latest = log.lines().filter_map(|line| split(line)).map(|(at, _)| at).max();
    let shift = latest.map_or(0, |latest| now.0 - latest);
    let mut moved = String::with_capacity(log.len() + log.len() / 8);
    for line in log.lines() {
        match split(line).and_then(|(at, rest)| Some((Timestamp::from_microsecond(at + shift).ok()?, rest))) {
            Some((at, rest)) => {
                let at = at.to_zoned(TimeZone::UTC);
                moved.push_str(&at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string());
                moved.push_str(rest);
            }
            None => moved.push_str(line),
        }
        moved.push('\n');
    }
    moved
}

/// The header's time in microseconds, and the rest of the line with its space.
fn split(line: &str) -> Option<(i64, &str)> {
    let end = line.find(' ')?;
    let (time, rest) = line.split_at(end);
    let time: Timestamp = time.parse().ok()?;
    Some((time.as_microsecond(), rest))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn the_last_line_is_now_and_distances_stay() {
        let log = "2026-11-21T21:30:08.744254+00:00 mail1 clamd[326]: x\nno time\n2026-11-21T23:30:09.000000+00:00 mail1 y\n";
        let now = Micros(1_800_000_000_000_000);
        assert_eq!(
            moved(log, now),
            "2027-01-15T05:59:59.744254+00:00 mail1 clamd[326]: x\nno time\n2027-01-15T08:00:00.000000+00:00 mail1 y\n"
        );
    }

    #[test]
    fn the_built_in_sample_can_be_read_and_moved() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = Micros(1_800_000_000_000_000);
        let path = log_file(folder.path(), now).expect("a log");
        let text = fs::read_to_string(&path).expect("text");
        assert!(text.lines().count() > 30_000);
        let latest = text.lines().filter_map(split).map(|(at, _)| at).max();
        assert_eq!(latest, Some(now.0));
        // A second start leaves it alone.
        fs::write(&path, "appended").expect("written");
        log_file(folder.path(), now).expect("a log");
        assert_eq!(fs::read_to_string(&path).expect("text"), "appended");
        assert_eq!(location_databases(folder.path()).expect("files").len(), 2);
    }
}
