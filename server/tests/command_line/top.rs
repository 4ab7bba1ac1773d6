//! `top`: the largest counts agree with what `trace` prints.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{all_records, json_of, mailfate, sample_text, text_of};

fn top(what: &str, options: &[&str]) -> Vec<Value> {
    let sample = sample_text();
    let mut arguments = vec![
        "top",
        what,
        "--format",
        "jsonl",
        "--year",
        "2026",
        sample.as_str(),
    ];
    arguments.extend(options);
    json_of(&arguments)
}

fn counted(field: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for record in all_records() {
        if let Some(value) = record[field].as_str() {
            *counts.entry(value.to_owned()).or_default() += 1;
        }
    }
    counts
}

#[test]
fn recipients_and_senders_are_counted() {
    let recipients = counted("recipient");
    let rows = top("recipients", &["-n", "0"]);
    assert_eq!(rows.len(), recipients.len());
    for row in &rows {
        let name = row["recipient"].as_str().expect("a text");
        let name = if name == "<>" { "" } else { name };
        assert_eq!(row["mails"], recipients[name], "{row}");
    }
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row["mails"].as_u64())));

    let senders = counted("sender");
    for row in top("senders", &["-n", "3"]) {
        let name = row["sender"].as_str().expect("a text");
        let name = if name == "<>" { "" } else { name };
        assert_eq!(row["recipients"], senders[name], "{row}");
        assert!(row["mails"].as_u64() <= row["recipients"].as_u64());
    }
}

#[test]
fn our_own_and_others_are_told_apart() {
    let all = top("recipients", &["-n", "0"]).len();
    let local = top("recipients", &["-n", "0", "--local"]);
    let remote = top("recipients", &["-n", "0", "--remote"]);
    assert_eq!(local.len() + remote.len(), all);
    assert!(local.iter().any(|row| row["recipient"] == "anna@kundi.test"));
    assert!(
        remote
            .iter()
            .any(|row| row["recipient"] == "reader.one@bigmail.test")
    );
    let named = top(
        "recipients",
        &["-n", "0", "--local", "--our-domain", "kundi.test"],
    );
    assert!(named.iter().all(|row| {
        row["recipient"]
            .as_str()
            .is_some_and(|name| name.ends_with("@kundi.test"))
    }));
}

#[test]
fn failures_have_a_reason_a_domain_and_an_example() {
    let rows = top("failures", &["-n", "0"]);
    let unknown = rows
        .iter()
        .find(|row| row["reason"] == "user_unknown" && row["domain"] == "corp.test")
        .expect("the sample has them");
    assert!(
        unknown["example"]
            .as_str()
            .is_some_and(|example| example.contains("5.1.1"))
    );
    assert!(
        top("deferrals", &[])
            .iter()
            .any(|row| row["reason"] == "greylist_new")
    );
}

#[test]
fn users_and_domains_have_their_figures() {
    let users = top("user-stats", &["-n", "0"]);
    let recipients: u64 = users.iter().filter_map(|row| row["recipients"].as_u64()).sum();
    let signed_in = all_records()
        .iter()
        .filter(|record| record["sasl_user"].is_string())
        .count();
    assert_eq!(usize::try_from(recipients), Ok(signed_in));
    assert!(
        users
            .iter()
            .all(|row| row["mails"].as_u64() > Some(0) && row["failures"].is_u64() && row["bytes"].is_u64())
    );

    let domains = top("domain-stats", &["-n", "0"]);
    let kundi = domains
        .iter()
        .find(|row| row["domain"] == "kundi.test")
        .expect("a domain of the sample");
    let inwards = all_records()
        .iter()
        .filter(|record| {
            record["recipient"]
                .as_str()
                .is_some_and(|name| name.ends_with("@kundi.test"))
        })
        .count();
    assert_eq!(kundi["in"], inwards);
}

#[test]
fn a_table_and_csv_have_headings() {
    let sample = sample_text();
    let table = text_of(&mailfate(&["top", "user-stats", &sample]));
    assert!(table.starts_with("MAILS  RECIPIENTS  FAILURES"), "{table}");
    assert_eq!(table.lines().count(), 11);
    let csv = text_of(&mailfate(&[
        "top", "senders", "--format", "csv", &sample, "-n", "2",
    ]));
    assert!(
        csv.starts_with("mails,recipients,failures,bytes,sender\n"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 3);
}
