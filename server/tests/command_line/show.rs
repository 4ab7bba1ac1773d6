//! `show`: three groups that hold every mail once, and everything about a mail.

use crate::{all_records, json_of, mailfate, sample_text, text_of};

#[test]
fn every_mail_is_in_one_of_three_groups() {
    let sample = sample_text();
    let count = |what: &str| json_of(&["show", what, &sample, "--year", "2026", "--format", "jsonl"]);
    let (success, failures, deferrals) = (count("success"), count("failures"), count("deferrals"));
    assert!(!success.is_empty() && !failures.is_empty() && !deferrals.is_empty());
    assert_eq!(
        success.len() + failures.len() + deferrals.len(),
        count("all").len()
    );
    assert_eq!(count("all").as_slice(), all_records());
    assert!(success.iter().any(|record| record["outcome"] == "junked"));
    assert!(failures.iter().any(|record| record["outcome"] == "bounced"));
    assert!(deferrals.iter().all(|record| {
        ["greylisted", "deferred", "held", "in_progress"]
            .iter()
            .any(|outcome| record["outcome"] == *outcome)
    }));
}

#[test]
fn details_are_everything_that_is_known() {
    let sample = sample_text();
    let options = [
        "show",
        "failures",
        &sample,
        "--detail",
        "--sender",
        "lost.tester@friend.test",
    ];
    let deferred = [
        "show",
        "deferrals",
        options[2],
        options[3],
        options[4],
        options[5],
    ];
    let text = text_of(&mailfate(&deferred));
    for fact in [
        "reason      unreachable",
        "client      ",
        "called itself",
        "queue ids   ",
        "record      ",
        "postgrey[",
    ] {
        assert!(text.contains(fact), "{fact}: {text}");
    }
    let records = json_of(&["show", "all", &sample, "--detail", "--format", "jsonl"]);
    assert!(records.iter().all(|record| record["trail"].is_array()));
}
