//! The program as a person types it: `mailfate trace` on a real log, and what wrong use and missing things are answered with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn mailfate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mailfate"))
        .args(arguments)
        .env_remove("MAILFATE_CONFIG")
        .output()
        .expect("the program that was just built starts")
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/isp/mail.log")
}

fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn trace_prints_records_as_json_lines_and_statistics() {
    let sample = sample();
    let output = mailfate(&[
        "trace",
        sample.to_str().expect("a plain path"),
        "--format",
        "jsonl",
        "--year",
        "2026",
        "--stats",
        "--our-domain",
        "kundi.test",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
    let records: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .expect("UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(records.len() > 100);
    for record in &records {
        let concerns_us = ["sender", "recipient", "original_recipient"].iter().any(|field| {
            record[field]
                .as_str()
                .is_some_and(|value| value.ends_with("@kundi.test"))
        });
        assert!(concerns_us, "{record}");
        assert!(
            record["direction"].is_string() && record["outcome"].is_string() && record["final"].is_boolean()
        );
    }
    let stats: serde_json::Value =
        serde_json::from_str(error_of_bytes(&output.stderr).trim()).expect("statistics as JSON");
    assert_eq!(stats["lines"], 34_025);
    assert_eq!(stats["unrecognised"], 0);
    assert_eq!(stats["records"], records.len());
}

fn error_of_bytes(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn trace_prints_a_table_for_people() {
    let sample = sample();
    let output = mailfate(&[
        "trace",
        sample.to_str().expect("a plain path"),
        "--our-domain",
        "alias.test",
        "--trail",
    ]);
    let table = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        table.starts_with("CONNECTED (UTC)"),
        "{}",
        table.lines().next().unwrap_or_default()
    );
    assert!(table.contains("delivered") && table.contains("status=sent"));
    assert!(
        !table.bytes().any(|byte| byte == 0x1b),
        "no escape sequence of a log reaches a terminal"
    );
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let gone = folder.path().join("gone.log");
    let wrong_key = folder.path().join("wrong.toml");
    fs::write(&wrong_key, "lisen = \"127.0.0.1:1\"\n").expect("a writable temporary folder");
    let empty = folder.path().join("empty.log");
    fs::write(&empty, "this is no log\n").expect("a writable temporary folder");
    let (gone, folder, wrong_key, empty) = [&gone, folder.path(), &wrong_key, &empty]
        .map(|path| path.to_str().expect("a plain path").to_owned())
        .into();
    for (arguments, code, named) in [
        (vec!["trace", gone.as_str()], 3, "gone.log"),
        (vec!["trace", folder.as_str()], 3, "folder"),
        (
            vec!["trace", "--tz", "Middle/Earth", empty.as_str()],
            2,
            "Middle/Earth",
        ),
        (vec!["trace", "--format", "xml"], 2, "xml"),
        (vec!["trace", empty.as_str()], 1, ""),
        (vec!["check", "--config", wrong_key.as_str()], 2, "lisen"),
        (vec!["--nonsense"], 2, "--nonsense"),
    ] {
        let output = mailfate(&arguments);
        let error = error_of(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(
            error.contains(named),
            "{arguments:?} does not name {named:?}: {error}"
        );
        assert!(!error.contains("panicked"), "{error}");
    }
}
