//! How commands end: exit codes, and errors that name the thing and say what to do.

use std::fs;
use std::process::Stdio;

use crate::{error_of, mailfate, name, program, sample_text};

#[test]
fn what_is_missing_or_wrong_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let gone = name(&folder.path().join("gone.log"));
    let wrong_key = folder.path().join("wrong.toml");
    fs::write(&wrong_key, "lisen = \"127.0.0.1:1\"\n").expect("a writable temporary folder");
    let empty = folder.path().join("empty.log");
    fs::write(&empty, "this is no log\n").expect("a writable temporary folder");
    let zip = folder.path().join("mail.zip");
    fs::write(&zip, b"PK\x03\x04....").expect("a writable temporary folder");
    let (folder, wrong_key, empty, zip) = (name(folder.path()), name(&wrong_key), name(&empty), name(&zip));
    for (arguments, code, named) in [
        (vec!["trace", &gone], 3, "gone.log"),
        (vec!["trace", &empty, &gone], 3, "gone.log"),
        (vec!["show", "all", &gone], 3, "check the name"),
        (vec!["trace", &folder], 3, "folder"),
        (vec!["trace", &zip], 3, "unzip -p"),
        (
            vec!["trace", &empty, "--unrecognised", "/nonexistent/odd.log"],
            3,
            "/nonexistent/odd.log",
        ),
        (vec!["trace", "--tz", "Middle/Earth", &empty], 2, "Middle/Earth"),
        (vec!["trace", "--format", "xml"], 2, "xml"),
        (vec!["trace", "--last", "a while", &empty], 2, "a while"),
        (vec!["trace", "--since", "soon", &empty], 2, "soon"),
        (
            vec!["trace", "--since", "2026-11-22", "--until", "2026-11-20", &empty],
            2,
            "--until",
        ),
        (vec!["trace", "--client", "192.0.2.0/99", &empty], 2, "network"),
        (
            vec!["trace", "--last", "1 hour", "--since", "yesterday", &empty],
            2,
            "--since",
        ),
        (vec!["show", "everything", &empty], 2, "everything"),
        (
            vec!["top", "senders", "--local", "--remote", &empty],
            2,
            "--remote",
        ),
        (vec!["trace", &empty], 1, "none of the 1 lines"),
        (vec!["show", "failures", &empty], 1, ""),
        (vec!["top", "senders", &empty], 1, ""),
        (vec!["check", "--config", &wrong_key], 2, "lisen"),
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
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn it_ends_quietly_when_nobody_reads_any_further() {
    let sample = sample_text();
    for arguments in [
        vec!["trace", "--format", "jsonl", "--trail", &sample],
        vec!["trace", "--format", "csv", "--trail", &sample],
        vec!["show", "all", "--detail", &sample],
    ] {
        let mut running = program(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program that was just built starts");
        drop(running.stdout.take());
        let output = running.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
        assert_eq!(error_of(&output), "");
    }
}

#[test]
fn help_has_examples_and_the_meaning_of_exit_codes() {
    for command in ["trace", "show", "top", "explain"] {
        let output = mailfate(&[command, "--help"]);
        let help = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(
            help.contains("Examples:") && help.contains("Exit code:"),
            "{help}"
        );
    }
}
