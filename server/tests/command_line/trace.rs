//! `trace`: records as table, JSON Lines and CSV; statistics.

use std::fs;

use crate::{LINES, all_records, error_of, mailfate, name, records, sample_text, text_of};

#[test]
fn records_come_as_json_lines_and_statistics_beside() {
    let sample = sample_text();
    let output = mailfate(&[
        "trace",
        &sample,
        "--format",
        "jsonl",
        "--year",
        "2026",
        "--stats",
        "--our-domain",
        "kundi.test",
    ]);
    let records: Vec<serde_json::Value> = text_of(&output)
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
        serde_json::from_str(error_of(&output).trim()).expect("statistics as JSON");
    assert_eq!(stats["lines"], LINES);
    assert_eq!(stats["unrecognised"], 0);
    assert_eq!(stats["cut_lines"], 0);
    assert_eq!(stats["records"], records.len());
    assert!(stats["seconds"].is_f64());
}

#[test]
fn a_table_is_for_people() {
    let sample = sample_text();
    let output = mailfate(&["trace", &sample, "--our-domain", "alias.test", "--trail"]);
    let table = text_of(&output);
    assert!(
        table.starts_with("CONNECTED (UTC)"),
        "{}",
        table.lines().next().unwrap_or_default()
    );
    assert!(table.contains("delivered") && table.contains("status=sent"));
    assert!(!table.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn times_are_read_and_shown_in_the_zone_of_the_log() {
    let sample = sample_text();
    let table = text_of(&mailfate(&[
        "trace",
        &sample,
        "--year",
        "2026",
        "--tz",
        "Europe/Helsinki",
    ]));
    assert!(table.starts_with("CONNECTED (Europe/Helsinki)"));
    assert!(table.contains("2026-11-21 21:30:17"), "as it stands in the log");
    let records = records(&["--tz", "Europe/Helsinki", "--trail"]);
    assert!(
        records
            .iter()
            .any(|record| record["connected_at"] == "2026-11-21T19:30:17Z")
    );
    assert!(records.iter().all(|record| record["trail"].is_array()));
}

#[test]
fn csv_has_a_line_of_names_and_as_many_cells_everywhere() {
    let sample = sample_text();
    let csv = text_of(&mailfate(&[
        "trace", &sample, "--format", "csv", "--year", "2026",
    ]));
    let mut lines = csv.lines();
    let names = lines.next().expect("names");
    assert!(names.starts_with("record_id,direction,connected_at,") && names.ends_with(",incomplete,is_copy"));
    let outcome = names
        .split(',')
        .position(|name| name == "outcome")
        .expect("a column");
    let mut count = 0;
    for line in lines {
        let cells = cells(line);
        assert_eq!(cells.len(), names.split(',').count(), "{line}");
        assert!(!cells[outcome].is_empty());
        count += 1;
    }
    assert_eq!(count, all_records().len());
}

/// The cells of a line without line ends inside.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            _ => cells.last_mut().expect("never empty").push(letter),
        }
    }
    cells
}

#[test]
fn another_servers_lines_are_foreign_when_the_dialect_is_named() {
    let sample = sample_text();
    let output = mailfate(&["trace", &sample, "--dialect", "exim", "--stats"]);
    let stats: serde_json::Value =
        serde_json::from_str(error_of(&output).trim()).expect("statistics as JSON");
    assert_eq!(stats["lines"], LINES);
    assert!(stats["foreign"].as_u64() > Some(LINES / 2), "{stats}");
    let same = mailfate(&["trace", &sample, "--dialect", "postfix", "--format", "csv"]);
    assert_eq!(
        text_of(&same),
        text_of(&mailfate(&["trace", &sample, "--format", "csv"]))
    );
}

#[test]
fn lines_that_nobody_understood_are_written_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (log, odd) = (folder.path().join("mail.log"), folder.path().join("odd.log"));
    let strange = "Nov 21 21:30:09 mail1 postfix/qmgr[1]: 4jX53G22rQz1Wbb5: behaves in a new way";
    fs::write(
        &log,
        format!(
            "Nov 21 21:30:08 mail1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from b.test[192.0.2.9]: 554 5.7.1 <c@kundi.test>: Relay access denied; from=<a@b.test> to=<c@kundi.test> proto=ESMTP helo=<b.test>\n{strange}\n"
        ),
    )
    .expect("a writable temporary folder");
    text_of(&mailfate(&["trace", &name(&log), "--unrecognised", &name(&odd)]));
    assert_eq!(
        fs::read_to_string(&odd).expect("it was written"),
        format!("{strange}\n")
    );
}
