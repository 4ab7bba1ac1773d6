//! `show` and `top` on the database answer as they do on the log that the worker has read; `retention` and `check` on a real database.

use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use ingest::enrich::Geo;
use ingest::source::{Format, From, SourceConfig, SpoolConfig};
use ingest::worker::{self, HouseConfig, Progress, WorkerConfig};
use jiff::tz::TimeZone;
use model::time::{DAY, Micros};
use pretty_assertions::assert_eq;
use store::testing::{TestDatabase, TwoTenants, record};
use store::{DatabaseAddress, IngestDb};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracer::correlate::{Knowledge, Limits};

use crate::{error_of, program, sample, sample_text, text_of};

/// 2026-11-21T22:30:00Z, shortly after the sample ends.
const NOW: Micros = Micros(1_795_300_200_000_000);

/// The domains of [`TwoTenants`].
const HOSTED: [&str; 3] = ["kundi.test", "alias.test", "isp.test"];

/// A database with everything that the worker makes of the sample.
async fn loaded() -> TestDatabase {
    let database = TwoTenants::new().await.database;
    let db = IngestDb::connect(&database.ingest())
        .await
        .expect("the worker's role");
    let (sender, mut progress) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    let config = WorkerConfig {
        name: "test".to_owned(),
        sources: vec![SourceConfig {
            name: "sample".to_owned(),
            zone: TimeZone::UTC,
            from: From::Files(vec![sample()]),
            format: Format::Syslog,
        }],
        // Nothing is spooled.
        spool: SpoolConfig::in_folder("/nonexistent".into()),
        knowledge: Knowledge::default(),
        limits: Limits::default(),
        house: HouseConfig::default(),
        clock: Arc::new(|| NOW),
    };
    let mut task = JoinSet::new();
    task.spawn(worker::run(
        config,
        db,
        Arc::new(Geo::default()),
        stop.clone(),
        sender,
    ));
    tokio::time::timeout(
        Duration::from_mins(3),
        progress.wait_for(|progress| progress.is_caught_up),
    )
    .await
    .expect("the sample is read in time")
    .expect("the worker runs");
    stop.cancel();
    task.join_next()
        .await
        .expect("one task")
        .expect("no panic")
        .expect("an end in order");
    database
}

/// The address as a person writes it.
fn url(address: &DatabaseAddress) -> String {
    let options = address.connect_options();
    format!(
        "postgres://{}@localhost/{}?host={}",
        options.get_username(),
        options.get_database().expect("a database"),
        options.get_socket().expect("a socket").display()
    )
}

fn on(database: &TestDatabase, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command
        .env("MAILFATE_DATABASE_INGEST_URL", url(&database.ingest()))
        .env("MAILFATE_DATABASE_PORTAL_URL", url(&database.portal()));
    command
}

fn asked(database: &TestDatabase, arguments: &[&str]) -> Output {
    on(database, arguments).output().expect("the program starts")
}

/// The same question to the sample. The database knows which domains are hosted, a log must be told.
fn from_log(arguments: &[&str]) -> Output {
    let sample = sample_text();
    let mut arguments = arguments.to_vec();
    arguments.extend([sample.as_str(), "--year", "2026"]);
    if !arguments.contains(&"--our-domain") {
        arguments.extend(HOSTED.iter().flat_map(|domain| ["--our-domain", domain]));
    }
    program(&arguments).output().expect("the program starts")
}

/// Whether both are the same; only what differs is printed.
fn assert_same(found: &[String], expected: &[String], about: &str) {
    let less = |these: &[String], those: &[String]| -> Vec<String> {
        these
            .iter()
            .filter(|piece| !those.contains(piece))
            .cloned()
            .collect()
    };
    assert_eq!(less(found, expected), less(expected, found), "{about}");
    assert_eq!(found.len(), expected.len(), "{about}");
}

/// A log's records come as they end, stored ones as they began: the order apart, they must be the same.
fn pieces(text: &str, between: &str) -> Vec<String> {
    let mut pieces: Vec<String> = text.trim_end().split(between).map(ToOwned::to_owned).collect();
    pieces.sort_unstable();
    pieces
}

#[tokio::test]
async fn the_database_answers_as_the_log_does() {
    let database = loaded().await;
    let mut mails = 0;
    for (what, form, is_detailed) in [
        ("all", "table", false),
        ("all", "table", true),
        ("all", "jsonl", false),
        ("all", "jsonl", true),
        ("all", "csv", true),
        ("success", "csv", false),
        ("failures", "csv", false),
        ("deferrals", "jsonl", true),
    ] {
        let mut arguments = vec!["show", what, "--format", form];
        arguments.extend(is_detailed.then_some("--detail"));
        let between = if form == "table" && is_detailed {
            "\n\n"
        } else {
            "\n"
        };
        let expected = pieces(&text_of(&from_log(&arguments)), between);
        let found = pieces(&text_of(&asked(&database, &arguments)), between);
        assert_same(&found, &expected, &format!("{arguments:?}"));
        mails += found.len();
    }
    assert!(mails > 2_000, "{mails}");
    for selection in [
        &["--sender", "pekka@isp.test"][..],
        &["--sender", "bank.test", "--sender", "*@shop.test"],
        &["--sender", "<>"],
        &["--rcpt", "Anna@Kundi.test"],
        &["--rcpt", "kundi.test", "--rcpt", "corp.test"],
        &["--user", "asiakas4*"],
        &["--server", "mx1"],
        &["--client", "203.0.113.0/24"],
        &["--webmail"],
        &["--since", "2026-11-21 21:35", "--until", "2026-11-21 21:36"],
        &["--our-domain", "kundi.test"],
    ] {
        let arguments = [&["show", "all", "--format", "table"], selection].concat();
        let expected = from_log(&arguments);
        let found = asked(&database, &arguments);
        assert_same(
            &pieces(&String::from_utf8_lossy(&found.stdout), "\n"),
            &pieces(&String::from_utf8_lossy(&expected.stdout), "\n"),
            &format!("{arguments:?} {}", error_of(&found)),
        );
        assert_eq!(found.status.code(), expected.status.code(), "{arguments:?}");
    }
    let mut counts = 0;
    for what in [
        "recipients",
        "senders",
        "deferrals",
        "failures",
        "user-stats",
        "domain-stats",
    ] {
        for more in [
            &[][..],
            &["--local", "--format", "csv"],
            &["--remote", "-n", "0", "--format", "jsonl"],
        ] {
            let arguments = [&["top", what][..], more].concat();
            let (found, expected) = (asked(&database, &arguments), from_log(&arguments));
            let text = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(
                text(&found),
                text(&expected),
                "{arguments:?} {}",
                error_of(&found)
            );
            assert_eq!(found.status.code(), expected.status.code(), "{arguments:?}");
            counts += text(&found).lines().count();
        }
    }
    assert!(counts > 100, "{counts}");
}

#[tokio::test]
async fn stored_mails_come_in_the_order_of_connection_and_end_as_files_do() {
    let database = loaded().await;
    let lines = text_of(&asked(&database, &["show", "all", "--format", "jsonl"]));
    let moments: Vec<String> = lines
        .lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
            record["connected_at"].as_str().expect("a moment").to_owned()
        })
        .collect();
    assert!(moments.len() > 400 && moments.is_sorted());
    for (arguments, code, says) in [
        (&["show", "all", "--rcpt", "nobody@nowhere.test"][..], 1, ""),
        (&["show", "all", "--last", "1 minute"], 1, ""),
        (&["top", "senders", "--last", "1 minute"], 1, ""),
        (&["show", "all", "--year", "2026"], 2, "--year is for log files"),
        (
            &["top", "senders", "--dialect", "exim"],
            2,
            "--dialect is for log files",
        ),
        (&["show", "all", "--since", "soon"], 2, "soon"),
    ] {
        let output = asked(&database, arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?} {}",
            error_of(&output)
        );
        assert!(error_of(&output).contains(says), "{}", error_of(&output));
        assert!(output.stdout.is_empty());
    }
    // Standard input stays a log when it is named.
    let named = on(&database, &["show", "all", "-"]).output().expect("it starts");
    assert_eq!((named.status.code(), named.stdout.len()), (Some(1), 0));
}

#[tokio::test]
async fn without_a_database_the_person_is_told_what_to_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let empty = folder.path().join("data");
    let data = empty.to_str().expect("a plain path");
    for arguments in [
        &["show", "all", "--data-dir", data][..],
        &["top", "senders", "--data-dir", data],
        &["retention", "--max-age", "3", "--data-dir", data],
    ] {
        let output = program(arguments).output().expect("it starts");
        let error = error_of(&output);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(
            error.contains("there is no database in") && error.contains("/var/log/mail.log"),
            "{error}"
        );
    }
    assert!(!empty.exists(), "who only asks makes no database");
    let output = program(&["show", "all"])
        .env(
            "MAILFATE_DATABASE_PORTAL_URL",
            "postgres://somebody@127.0.0.1:1/mailfate",
        )
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(error_of(&output).contains("database.ingest_url is not set"));
    let output = program(&["show", "all"])
        .env(
            "MAILFATE_DATABASE_INGEST_URL",
            "postgres://somebody@127.0.0.1:1/mailfate",
        )
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(3));
    assert!(error_of(&output).contains("cannot connect to the database"));
}

#[tokio::test]
async fn retention_says_what_it_drops() {
    let made = TwoTenants::new().await;
    let now = real_now();
    let day = |days: i64| Micros(now.0 - days * DAY).start_of_day();
    made.store(
        &(0..)
            .zip([50, 40, 2, 0])
            .map(|(number, days)| record(made.kundi_test, day(days), number))
            .collect::<Vec<_>>(),
    )
    .await;
    let database = &made.database;
    let days = |text: &str| text.lines().filter(|line| line.starts_with("20")).count();
    let dry = text_of(&asked(database, &["retention", "--max-age", "30", "--dry-run"]));
    assert!(
        days(&dry) == 2 && dry.contains("2 days would be dropped"),
        "{dry}"
    );
    let none = text_of(&asked(database, &["retention", "--max-age", "60"]));
    assert_eq!(none, "no day lies back more than 60 days\n");
    let dropped = text_of(
        &on(database, &["retention"])
            .env("MAILFATE_RETENTION_MAX_AGE_DAYS", "30")
            .output()
            .expect("it starts"),
    );
    assert!(
        days(&dropped) == 2 && dropped.contains("2 days dropped"),
        "{dropped}"
    );
    assert!(
        dropped.contains("MiB") && dropped.contains("estimates"),
        "{dropped}"
    );
    let left = text_of(&asked(database, &["show", "all", "--format", "csv"]));
    assert_eq!(left.lines().count(), 3, "{left}");
    for wrong in [&["retention"][..], &["retention", "--max-age", "0"]] {
        assert_eq!(asked(database, wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn check_looks_at_days_and_space() {
    let made = TwoTenants::new().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let check = || {
        let output = on(&made.database, &["check"])
            .env("MAILFATE_SITE_DIR", folder.path())
            .output()
            .expect("it starts");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let (code, text) = check();
    assert_eq!(code, Some(0), "{text}");
    for line in [
        "ok    retention: mail is kept for ever",
        "ok    database, writable: ",
        "ok    database, days ahead: ",
        "ok    database, disk space: the database takes ",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let yesterday = Micros(real_now().0 - DAY);
    made.store(&[record(made.kundi_test, yesterday, 1)]).await;
    let (code, text) = check();
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("WRONG database, days ahead: no partition yet for "),
        "{text}"
    );
}

/// The program reads the real clock, so days are counted from it.
fn real_now() -> Micros {
    #[expect(
        clippy::disallowed_methods,
        reason = "the program under test reads the same clock"
    )]
    let now = jiff::Timestamp::now();
    Micros(now.as_microsecond())
}
