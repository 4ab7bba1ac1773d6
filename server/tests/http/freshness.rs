//! What the pages say about the log itself: what is missing, what cannot be read, whose clock is wrong.

use axum::http::StatusCode;
use model::time::DAY;
use pretty_assertions::assert_eq;
use store::IngestDb;
use store::ingest::{Commit, SourceGap, SourceUpdate};
use store::testing::record;

use crate::browser::Answer;
use crate::{NOW, Site};

const FILE: &str = "/var/log/mx2/mail.log";

/// Two sources, of which the second cannot be read and has lost lines this morning and ten days ago.
async fn with_missing_lines() -> Site {
    let site = Site::new().await;
    let ingest = IngestDb::connect(&site.tenants.database.ingest())
        .await
        .expect("the worker");
    let source = |name: &str, problem: Option<String>| SourceUpdate {
        name: name.to_owned(),
        position: "{}".to_owned(),
        newest_line_at: Some(NOW.plus_seconds(-600)),
        checked_at: NOW,
        lines: 20_000,
        mail_lines: 10_000,
        unrecognised: 50,
        spooled_bytes: 0,
        problem,
    };
    // 11:00 to 11:12 in Helsinki, where the viewers live.
    let from_at = NOW.plus_seconds(-3 * 3_600);
    let gap = SourceGap {
        source: "mx2.internal".to_owned(),
        kind: "file_lost",
        from_at: Some(from_at),
        noticed_at: from_at.plus_seconds(12 * 60),
        lines: Some(1_234),
        bytes: None,
        detail: format!("{FILE}.1 is gone"),
    };
    let old = SourceGap {
        from_at: gap.from_at.map(|from_at| from_at.plus_seconds(-10 * 86_400)),
        noticed_at: gap.noticed_at.plus_seconds(-10 * 86_400),
        ..gap.clone()
    };
    let mut writer = ingest.writer();
    writer
        .commit(&Commit {
            sources: &[
                source("mx1.internal", None),
                source("mx2.internal", Some(format!("{FILE}: permission denied"))),
            ],
            gaps: &[gap, old],
            ..Commit::default()
        })
        .await
        .expect("stored");
    writer.close().await.expect("closed");
    site
}

/// What people see: the same texts stand in the page a second time, as data for the browser's code.
fn shown(answer: &Answer) -> &str {
    answer.body.split("</main>").next().expect("a page")
}

#[tokio::test]
async fn the_log_says_what_is_missing_and_names_machines_to_operators_only() {
    let site = with_missing_lines().await;
    site.tenants
        .store(&[record(site.tenants.kundi_test, NOW.plus_seconds(-60), 1)])
        .await;
    let page = site.signed_in("kundi").await.get("/mail").await;
    for text in [
        "1 of 2 sources up to date",
        "1 source cannot be read just now",
        "lines are missing",
        "Lines are missing between 11:00 and 11:12 (source 2, about 1,200 lines).",
        "Source 2 cannot be read just now.",
    ] {
        assert!(page.has(text), "{text} in {}", page.body);
    }
    for internal in ["internal", "/var/log", "file_lost", "were not understood"] {
        assert!(!page.has(internal), "{internal} in {}", page.body);
    }
    assert_eq!(
        shown(&page).matches("Lines are missing between").count(),
        1,
        "what was ten days ago stands on no page of today"
    );

    let page = site.signed_in("operator").await.get("/mail").await;
    for text in [
        "(source mx2.internal, about 1,200 lines): /var/log/mx2/mail.log.1 is gone",
        "Source mx2.internal cannot be read just now: /var/log/mx2/mail.log: permission denied",
        "Source mx1.internal: 0.5% of the mail lines were not understood.",
    ] {
        assert!(page.has(text), "{text} in {}", page.body);
    }
}

#[tokio::test]
async fn an_empty_result_over_missing_lines_claims_no_more_than_it_can() {
    let site = with_missing_lines().await;
    let mut browser = site.signed_in("kundi").await;
    let not_seen = "None of our servers saw such a mail";
    for (search, gaps) in [
        ("/mail?sender=nobody%40example.net", 2),
        ("/mail?sender=nobody%40example.net&since=2026-11-20", 1),
        (
            "/mail?sender=nobody%40example.net&since=2026-11-10&until=2026-11-10",
            1,
        ),
    ] {
        let page = browser.get(search).await;
        let (_, finding) = shown(&page).split_once("finding-card").expect("a finding");
        assert!(
            finding.contains("Nothing found, but lines are missing"),
            "{search}: {finding}"
        );
        assert_eq!(
            finding.matches("Lines are missing between").count(),
            gaps,
            "{search}"
        );
        assert!(finding.contains("One source cannot be read just now"), "{search}");
        assert!(!finding.contains(not_seen), "{search}");
    }
    let page = browser
        .get("/mail?sender=nobody%40example.net&since=2026-11-12&until=2026-11-14")
        .await;
    let (_, finding) = shown(&page).split_once("finding-card").expect("a finding");
    assert!(
        finding.contains(not_seen),
        "nothing is missing of these days: {finding}"
    );
    assert!(!finding.contains("Lines are missing"), "{finding}");
}

#[tokio::test]
async fn a_mail_from_the_future_says_that_a_clock_was_ahead() {
    let site = Site::new().await;
    site.tenants
        .store(&[
            record(site.tenants.kundi_test, NOW.plus_seconds(4 * 60), 1),
            record(site.tenants.kundi_test, NOW.plus_seconds(DAY / 1_000_000), 2),
        ])
        .await;
    let mut browser = site.signed_in("kundi").await;
    let said = "clock was ahead";
    let log = browser.get("/mail").await;
    let mails = log.mails();
    assert_eq!(mails.len(), 2, "{}", log.body);
    assert_eq!(
        shown(&log).matches(said).count(),
        1,
        "a few minutes are no news: {}",
        log.body
    );
    for (mail, is_ahead) in mails.iter().zip([true, false]) {
        let page = browser.get(mail).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.has(said), is_ahead, "{mail}");
    }
    site.wait_hours(25);
    assert!(
        !site.signed_in("kundi").await.get("/mail").await.has(said),
        "time has passed it"
    );
}
