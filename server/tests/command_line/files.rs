//! Where lines come from: files in any order, packed or not, standard input, several servers, and files that are damaged.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::{error_of, mailfate, mailfate_with, name, sample, text_of};

const AS_CSV: [&str; 5] = ["trace", "--format", "csv", "--year", "2026"];

fn trace(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|file| name(file)).collect();
    let arguments: Vec<&str> = AS_CSV
        .into_iter()
        .chain(names.iter().map(String::as_str))
        .collect();
    text_of(&mailfate(&arguments))
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

fn written(folder: &Path, file: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(file);
    fs::write(&path, bytes).expect("a writable temporary folder");
    path
}

/// The sample in three parts, each of whole lines.
fn parts() -> (Vec<u8>, [Vec<u8>; 3]) {
    let whole = fs::read(sample()).expect("the sample is there");
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let third = lines.len() / 3;
    let parts = [&lines[..third], &lines[third..2 * third], &lines[2 * third..]].map(<[&[u8]]>::concat);
    (whole, parts)
}

#[test]
fn rotated_files_are_read_oldest_first_packed_or_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_, [oldest, middle, newest]) = parts();
    // The names tell nothing: what packed a file is found in its content, its age in its lines.
    let newest = written(folder.path(), "a.log", &newest);
    let middle = written(folder.path(), "b.log", &packed(&middle));
    let oldest = written(folder.path(), "c.gz", &oldest);
    assert_eq!(trace(&[newest, oldest, middle]), trace(&[sample()]));
}

#[test]
fn standard_input_may_be_packed_too() {
    let (whole, [one, two, three]) = parts();
    let expected = trace(&[sample()]);
    assert_eq!(text_of(&mailfate_with(&AS_CSV, whole)), expected);
    let members = [packed(&one), packed(&two), packed(&three)].concat();
    let arguments: Vec<&str> = AS_CSV.into_iter().chain(["-"]).collect();
    assert_eq!(text_of(&mailfate_with(&arguments, members)), expected);
}

#[test]
fn logs_of_several_servers_are_read_side_by_side() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packed = fs::File::open(sample().with_file_name("mail-iso.log.gz")).expect("the sample is there");
    let mut whole = String::new();
    GzDecoder::new(packed)
        .read_to_string(&mut whole)
        .expect("the sample is whole");
    // Each daemon's lines in a file of its own, as if they were servers: only their times tell how they belong together.
    let mut files = [String::new(), String::new(), String::new()];
    for line in whole.split_inclusive('\n') {
        let number = if line.contains("/smtpd[") {
            0
        } else {
            usize::from(line.contains("/qmgr[")) + 1
        };
        files[number].push_str(line);
    }
    let files: Vec<PathBuf> = (0..)
        .zip(&files)
        .map(|(number, text)| written(folder.path(), &format!("{number}.log"), text.as_bytes()))
        .collect();
    let whole = written(folder.path(), "whole.log", whole.as_bytes());
    let sorted = |text: String| {
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let (apart, together) = (sorted(trace(&files)), sorted(trace(&[whole])));
    let differing = together
        .iter()
        .filter(|line| apart.binary_search(line).is_err())
        .count();
    assert!(
        differing * 100 < together.len(),
        "{differing} of {}",
        together.len()
    );
}

#[test]
fn a_year_that_ends_between_two_files_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let line = |stamp: &str, id: &str| {
        format!(
            "{stamp} mail1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from b.test[192.0.2.9]: 554 5.7.1 <{id}@kundi.test>: Relay access denied; from=<a@b.test> to=<{id}@kundi.test> proto=ESMTP helo=<b.test>\n"
        )
    };
    let newer = line("Jan  3 06:25:08", "anna");
    let older = line("Dec 27 06:25:09", "bert") + &line("Jan  2 23:00:00", "carla");
    let newer = written(folder.path(), "mail.log", newer.as_bytes());
    let older = written(folder.path(), "mail.log.1", older.as_bytes());
    let output = mailfate(&["trace", "--year", "2019", &name(&newer), &name(&older)]);
    let table = text_of(&output);
    for day in ["2019-12-27", "2020-01-02", "2020-01-03"] {
        assert!(table.contains(day), "{day}: {table}");
    }
}

#[test]
fn a_damaged_file_gives_what_was_before_the_damage_and_says_where() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (whole, _) = parts();
    let packed = packed(&whole);
    let cut = written(folder.path(), "cut.log.gz", &packed[..packed.len() / 2]);
    let output = mailfate(&["trace", "--format", "jsonl", &name(&cut)]);
    assert_eq!(output.status.code(), Some(3));
    let error = error_of(&output);
    assert!(
        error.contains("cut.log.gz") && error.contains("behind line ") && error.contains("gzip -t"),
        "{error}"
    );
    assert!(output.stdout.split(|byte| *byte == b'\n').count() > 500);
}

#[test]
fn a_file_that_was_named_twice_counts_once() {
    let sample = name(&sample());
    let output = mailfate(&["trace", "--format", "csv", "--year", "2026", &sample, &sample]);
    assert!(error_of(&output).contains("named twice"));
    assert_eq!(text_of(&output), trace(&[crate::sample()]));
}

#[test]
fn an_endless_line_is_cut_and_counted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut log = b"Nov 21 21:30:08 mail1 postfix/smtpd[1]: connect from ".to_vec();
    log.extend(std::iter::repeat_n(b'x', 3_000_000));
    log.extend_from_slice(b"\nNov 21 21:30:09 mail1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from b.test[192.0.2.9]: 554 5.7.1 <c@kundi.test>: Relay access denied; from=<a@b.test> to=<c@kundi.test> proto=ESMTP helo=<b.test>\n");
    let log = written(folder.path(), "mail.log", &log);
    let output = mailfate(&["trace", "--stats", &name(&log)]);
    assert!(text_of(&output).contains("a@b.test"));
    let stats: serde_json::Value =
        serde_json::from_str(error_of(&output).trim()).expect("statistics as JSON");
    assert_eq!((&stats["lines"], &stats["cut_lines"]), (&2.into(), &1.into()));
    assert!(error_of(&mailfate(&["trace", &name(&log)])).contains("were cut"));
}
