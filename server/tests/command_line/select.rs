//! The options that say which mails: each keeps what fits and leaves out the rest.

use serde_json::Value;

use crate::{all_records, mailfate, records, sample_text};

/// Some are kept and some are not, and `fits` tells which.
fn keeps(options: &[&str], fits: impl Fn(&Value) -> bool) {
    let all = all_records();
    let kept = records(options);
    assert!(
        !kept.is_empty() && kept.len() < all.len(),
        "{options:?}: {}",
        kept.len()
    );
    assert!(kept.iter().all(&fits), "{options:?}");
    assert_eq!(
        kept.len(),
        all.iter().filter(|record| fits(record)).count(),
        "{options:?}"
    );
}

fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record[key].as_str().unwrap_or_default()
}

#[test]
fn addresses_are_whole_or_domains_or_patterns() {
    keeps(&["--sender", "pekka@isp.test"], |record| {
        text(record, "sender") == "pekka@isp.test"
    });
    keeps(&["--sender", "<>"], |record| text(record, "sender").is_empty());
    keeps(&["--sender", "bank.test"], |record| {
        text(record, "sender").ends_with("@bank.test")
    });
    keeps(&["--sender", "*@bank.test", "--sender", "shop.test"], |record| {
        text(record, "sender").ends_with("@bank.test") || text(record, "sender").ends_with("@shop.test")
    });
    keeps(&["--rcpt", "Anna@Kundi.test"], |record| {
        text(record, "recipient") == "anna@kundi.test"
            || text(record, "original_recipient") == "anna@kundi.test"
    });
    keeps(&["--user", "asiakas4*"], |record| {
        text(record, "sasl_user").starts_with("asiakas4")
    });
}

#[test]
fn servers_and_clients_are_named() {
    keeps(&["--server", "mx1"], |record| text(record, "server") == "mx1");
    keeps(&["--server", "mx*"], |record| {
        text(record, "server").starts_with("mx")
    });
    keeps(&["--client", "203.0.113.0/24"], |record| {
        text(record, "client_ip").starts_with("203.0.113.")
    });
    keeps(&["--client", "*.pool.isp.test"], |record| {
        text(record, "client_name").ends_with(".pool.isp.test")
    });
    keeps(&["--webmail=192.0.2.0/24"], |record| {
        text(record, "client_ip").starts_with("192.0.2.")
    });
}

#[test]
fn time_is_that_of_the_connection() {
    keeps(&["--since", "2026-11-21 21:36"], |record| {
        text(record, "connected_at") >= "2026-11-21T21:36"
    });
    keeps(&["--until", "2026-11-21T21:36:00Z"], |record| {
        text(record, "connected_at") < "2026-11-21T21:36"
    });
    keeps(
        &[
            "--since",
            "2026-11-21 21:35",
            "--until",
            "2026-11-21 21:36",
            "--sender",
            "isp.test",
        ],
        |record| {
            ("2026-11-21T21:35".."2026-11-21T21:36").contains(&text(record, "connected_at"))
                && text(record, "sender").ends_with("@isp.test")
        },
    );
    assert_eq!(
        records(&["--since", "2026-11-21", "--until", "2026-11-21"]).len(),
        all_records()
            .iter()
            .filter(|record| text(record, "connected_at") < "2026-11-22")
            .count()
    );
}

#[test]
fn the_last_hours_are_counted_back_from_now() {
    let sample = sample_text();
    // The sample is of 2026; read as a log of 1990, nothing in it is from the last hours.
    let output = mailfate(&["trace", "--year", "1990", "--last", "3 hours", &sample]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let output = mailfate(&["trace", "--year", "1990", "--last", "200 years", &sample]);
    assert_eq!(output.status.code(), Some(0));
}
