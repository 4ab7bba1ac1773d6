//! The program as a person types it, on a real log: what the commands print, and what wrong use and missing things are answered with.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

mod database;
mod ends;
mod explain;
mod files;
mod hostile;
mod select;
mod show;
mod top;
mod trace;

/// Lines and records of the sample.
const LINES: u64 = 34_025;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailfate"));
    command
        .args(arguments)
        .env_remove("MAILFATE_CONFIG")
        .stdin(Stdio::null());
    command
}

fn mailfate(arguments: &[&str]) -> Output {
    program(arguments)
        .output()
        .expect("the program that was just built starts")
}

/// The same, with `input` on standard input.
fn mailfate_with(arguments: &[&str], input: Vec<u8>) -> Output {
    let mut running = program(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program that was just built starts");
    let mut pipe = running.stdin.take().expect("it was asked for");
    let writer = std::thread::spawn(move || pipe.write_all(&input));
    let output = running.wait_with_output().expect("it ends");
    let _all_or_not = writer.join().expect("writing does not panic");
    output
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/isp/mail.log")
}

fn sample_text() -> String {
    name(&sample())
}

fn name(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}

fn text_of(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", error_of(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// JSON Lines of a command that found something.
fn json_of(arguments: &[&str]) -> Vec<serde_json::Value> {
    text_of(&mailfate(arguments))
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Records of the sample with more options.
fn records(options: &[&str]) -> Vec<serde_json::Value> {
    let sample = sample_text();
    let mut arguments = vec!["trace", "--format", "jsonl", "--year", "2026", sample.as_str()];
    arguments.extend(options);
    json_of(&arguments)
}

/// All records of the sample.
fn all_records() -> &'static [serde_json::Value] {
    static ALL: OnceLock<Vec<serde_json::Value>> = OnceLock::new();
    ALL.get_or_init(|| records(&[]))
}
