//! The names that rotation gives to a log file, and their order.
//!
//! Goes in: the name under which a log is written, `mail.log`. Comes out: what lies beside it as `mail.log.1`, `mail.log-20261121.gz` or
//! `mail-20261121.log.xz`, the oldest first. Of a plain file and its compressed twin only the plain one counts: the twin is still being written.

use std::cmp::{Ordering, Reverse};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file beside the log.
#[derive(Clone, Debug)]
pub(super) struct Rotated {
    pub(super) path: PathBuf,
    pub(super) identity: (u64, u64),
    /// Time of the last change, microseconds since 1970.
    pub(super) changed: i64,
    /// What its name says of its age; `None`: it only begins like the log's name.
    mark: Option<Mark>,
}

impl Rotated {
    /// Whether the name is one that rotation gives.
    pub(super) fn is_named_by_rotation(&self) -> bool {
        self.mark.is_some()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    /// `.1` is younger than `.2`.
    Number(u64),
    /// `-20261121` is younger than `-20261120`.
    Date(String),
}

const PACKED: [&str; 4] = [".gz", ".xz", ".zst", ".bz2"];

/// What lies beside `path` and has its name in it: first what only begins like it, then what rotation named, each the oldest first.
pub(super) fn beside(path: &Path) -> Vec<Rotated> {
    let Some(name) = path.file_name() else {
        return Vec::new();
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<Rotated> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let mark = mark(name, &entry.file_name())?;
            let path = folder.join(entry.file_name());
            let metadata = fs::metadata(&path).ok()?;
            metadata.is_file().then(|| Rotated {
                identity: (metadata.dev(), metadata.ino()),
                changed: changed(&metadata),
                path,
                mark,
            })
        })
        .collect();
    let plain: Vec<PathBuf> = found.iter().map(|rotated| rotated.path.clone()).collect();
    found.retain(|rotated| {
        let unpacked = without_packing(rotated.path.as_os_str());
        unpacked == rotated.path.as_os_str() || !plain.iter().any(|path| path.as_os_str() == unpacked)
    });
    // One scheme of names tells the order for certain; with several only the times do.
    let are_numbers = found
        .iter()
        .all(|r| matches!(r.mark, Some(Mark::Number(_)) | None));
    let are_dates = found.iter().all(|r| matches!(r.mark, Some(Mark::Date(_)) | None));
    found.sort_by(|one, other| match (&one.mark, &other.mark) {
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(Mark::Number(one)), Some(Mark::Number(other))) if are_numbers => other.cmp(one),
        (Some(Mark::Date(one)), Some(Mark::Date(other))) if are_dates => one.cmp(other),
        _ => by_time(one, other),
    });
    found
}

fn by_time(one: &Rotated, other: &Rotated) -> Ordering {
    let rank = |rotated: &Rotated| match &rotated.mark {
        Some(Mark::Number(number)) => (0, Reverse(*number), String::new()),
        Some(Mark::Date(date)) => (1, Reverse(0), date.clone()),
        None => (2, Reverse(0), String::new()),
    };
    one.changed
        .cmp(&other.changed)
        .then_with(|| rank(one).cmp(&rank(other)))
        .then_with(|| one.path.cmp(&other.path))
}

/// Microseconds since 1970.
pub(in crate::source) fn changed(metadata: &fs::Metadata) -> i64 {
    metadata.mtime() * 1_000_000 + metadata.mtime_nsec() / 1000
}

/// The names under which a file called `path` may have been written before rotation: `mail.log` for `mail.log.1.gz`.
pub(super) fn written_as(path: &Path) -> Vec<PathBuf> {
    let Some(name) = path.file_name() else {
        return Vec::new();
    };
    let bytes = without_packing(name).as_bytes();
    let mut names = Vec::new();
    if bytes.len() < name.len() {
        names.push(bytes.to_vec());
    }
    for (place, _) in bytes.iter().enumerate().filter(|(_, byte)| b".-_".contains(byte)) {
        if place == 0 {
            continue;
        }
        let rest = &bytes[place..];
        if mark_of(rest).is_some() {
            names.push(bytes[..place].to_vec());
        }
        // `mail-20261121.log`
        if let Some(dot) = rest.iter().rposition(|byte| *byte == b'.')
            && mark_of(&rest[..dot]).is_some()
        {
            names.push([&bytes[..place], &rest[dot..]].concat());
        }
    }
    names
        .into_iter()
        .map(|name| path.with_file_name(OsStr::from_bytes(&name)))
        .collect()
}

/// `None`: the name has nothing to do with the log's. `Some(None)`: it begins like it.
#[expect(clippy::option_option, reason = "a name may fit without telling an age")]
fn mark(log: &OsStr, name: &OsStr) -> Option<Option<Mark>> {
    if log == name {
        return None;
    }
    let (log, name) = (log.as_bytes(), without_packing(name).as_bytes());
    if let Some(rest) = name.strip_prefix(log) {
        return Some(mark_of(rest));
    }
    let dot = log
        .iter()
        .rposition(|byte| *byte == b'.')
        .filter(|dot| *dot > 0)?;
    let (stem, extension) = log.split_at(dot);
    let middle = name.strip_prefix(stem)?.strip_suffix(extension)?;
    mark_of(middle).map(Some)
}

/// `.1`, `-20261121`, `.2026-11-21T21`, `.old`.
fn mark_of(rest: &[u8]) -> Option<Mark> {
    if rest == b".old" {
        return Some(Mark::Number(1));
    }
    let (separator, digits) = rest.split_first()?;
    if !b".-_".contains(separator) {
        return None;
    }
    let count = digits.iter().filter(|byte| byte.is_ascii_digit()).count();
    if count == digits.len() && (1..=4).contains(&count) {
        return std::str::from_utf8(digits).ok()?.parse().ok().map(Mark::Number);
    }
    let is_date = count >= 6
        && digits.first().is_some_and(u8::is_ascii_digit)
        && digits
            .iter()
            .all(|byte| byte.is_ascii_digit() || b"-_.:T".contains(byte));
    is_date.then(|| Mark::Date(String::from_utf8_lossy(digits).into_owned()))
}

fn without_packing(name: &OsStr) -> &OsStr {
    let bytes = name.as_bytes();
    let packing = PACKED.iter().find(|packing| bytes.ends_with(packing.as_bytes()));
    OsStr::from_bytes(&bytes[..bytes.len() - packing.map_or(0, |packing| packing.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(log: &str, names: &[(&str, u64)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, age) in names {
            let file = fs::File::create(folder.path().join(name)).expect("a new file");
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_790_000_000 - age);
            file.set_modified(time).expect("a time can be set");
        }
        beside(&folder.path().join(log))
            .iter()
            .map(|rotated| {
                rotated
                    .path
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    }

    #[test]
    fn the_oldest_comes_first() {
        // Numbers count even when somebody has touched the files.
        let numbers = [
            ("mail.log", 0),
            ("mail.log.1", 9),
            ("mail.log.2.gz", 1),
            ("mail.log.10.gz", 3),
        ];
        assert_eq!(
            order("mail.log", &numbers),
            ["mail.log.10.gz", "mail.log.2.gz", "mail.log.1"]
        );
        let dates = [
            ("mail.log-20261121", 1),
            ("mail.log-20261120.xz", 1),
            ("mail.log-20261119.zst", 0),
        ];
        assert_eq!(
            order("mail.log", &dates),
            [
                "mail.log-20261119.zst",
                "mail.log-20261120.xz",
                "mail.log-20261121"
            ]
        );
        let mixed = [
            ("mail.log.1", 50),
            ("mail.log-20261120", 10),
            ("mail-20261121.log", 5),
            ("mail.err", 1),
        ];
        assert_eq!(
            order("mail.log", &mixed),
            ["mail.log.1", "mail.log-20261120", "mail-20261121.log"]
        );
    }

    #[test]
    fn a_compressed_twin_waits_for_the_plain_file() {
        assert_eq!(
            order("mail.log", &[("mail.log.1", 1), ("mail.log.1.gz", 0)]),
            ["mail.log.1"]
        );
    }

    #[test]
    fn names_lead_back_to_the_name_before_rotation() {
        for (name, log) in [
            ("/l/mail.log.1", "/l/mail.log"),
            ("/l/mail.log.2.gz", "/l/mail.log"),
            ("/l/mail.log-2026-11-21", "/l/mail.log"),
            ("/l/mail-20261121.log.bz2", "/l/mail.log"),
        ] {
            assert!(
                written_as(Path::new(name)).contains(&PathBuf::from(log)),
                "{name}"
            );
        }
        assert!(written_as(Path::new("/l/mail.log")).is_empty());
    }
}
