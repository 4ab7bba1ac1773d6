//! The mail log.

use std::sync::Arc;

use axum::http::StatusCode;
use model::record::{Direction, OwnedRecord};
use model::time::DAY;
use model::verdict::{Actor, Outcome, Reason};
use pretty_assertions::assert_eq;
use store::testing::record;

use crate::{NOW, Site};

#[tokio::test]
async fn rows_stand_on_the_page_newest_first_with_their_story() {
    let site = Site::new().await;
    let kundi = site.tenants.kundi_test;
    site.tenants
        .store(&[
            record(kundi, NOW.plus_seconds(-60), 1),
            changed(record(kundi, NOW.plus_seconds(-30), 2), |record| {
                record.verdict.outcome = Outcome::Rejected;
                record.verdict.reason = Reason::UserUnknown;
                record.verdict.actor = Actor::Sender;
            }),
        ])
        .await;
    let page = site.signed_in("kundi").await.get("/mail").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.mails().len(), 2, "{}", page.body);
    for text in [
        "Delivered",
        "Refused at the door",
        "There is no such mailbox.",
        "sender1@example.net",
        "anna2@kundi.test",
        "Invoice Ünë 1",
        "13:59:00",
        "Finland",
    ] {
        assert!(page.has(text), "{text} in {}", page.body);
    }
    let place = |text: &str| page.body.find(text).expect("it is there");
    assert!(place("sender2@example.net") < place("sender1@example.net"));
}

#[tokio::test]
async fn every_field_of_the_search_narrows() {
    let site = Site::new().await;
    let kundi = site.tenants.kundi_test;
    site.tenants
        .store(&[
            record(kundi, NOW.plus_seconds(-60), 1),
            changed(record(kundi, NOW.plus_seconds(-120), 2), |record| {
                record.verdict.outcome = Outcome::Bounced;
                record.subject = Some("Rechnung".to_owned());
            }),
            OwnedRecord {
                direction: Direction::Outbound,
                ..record(site.tenants.alias_test, NOW.plus_seconds(-3 * 86_400), 3)
            },
        ])
        .await;
    let mut browser = site.signed_in("kundi").await;
    let mut found = async |search: &str| browser.get(&["/mail?", search].concat()).await.mails().len();
    assert_eq!(found("").await, 3);
    assert_eq!(found("direction=inbound").await, 2);
    assert_eq!(found("direction=outbound").await, 1);
    assert_eq!(found("sender=sender1%40example.net").await, 1);
    assert_eq!(found("sender=%40example.net").await, 3);
    assert_eq!(found("recipient=anna3").await, 1);
    assert_eq!(found("text=rechnung").await, 1);
    assert_eq!(found("text=%3Cid2%40example.net%3E").await, 1);
    assert_eq!(found("outcome=bounced").await, 1);
    assert_eq!(found("outcome=good").await, 2);
    assert_eq!(found("since=2026-11-20").await, 2);
    assert_eq!(found("until=2026-11-19").await, 1);
    assert_eq!(found("domain=alias.test").await, 1);
    assert_eq!(
        found("domain=isp.test").await,
        0,
        "a foreign domain finds nothing"
    );
    assert_eq!(found("domain=alias.test&direction=inbound").await, 0);
    // What cannot be read is left out, and the page says so.
    assert_eq!(found("since=yesterday&at=nonsense&direction=sideways").await, 3);
}

#[tokio::test]
async fn the_form_shows_the_search_again() {
    let site = Site::new().await;
    let page = site
        .signed_in("kundi")
        .await
        .get("/mail?sender=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&since=2026-11-19&outcome=bounced")
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.has("<script>alert"), "{}", page.body);
    assert!(page.has("value=\"2026-11-19\""), "{}", page.body);
}

#[tokio::test]
async fn an_empty_result_is_a_finding_with_what_was_searched() {
    let site = Site::new().await;
    let page = site.signed_in("kundi").await.get("/mail?sender=bank.test").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.mails().len(), 0);
    assert!(page.has("bank.test"), "{}", page.body);
    assert!(!page.has("<table"), "no empty table");
}

#[tokio::test]
async fn subjects_are_only_for_those_who_may_see_them() {
    let site = Site::new().await;
    let at = NOW.plus_seconds(-60);
    site.tenants
        .store(&[record(site.tenants.kundi_test, at, 1)])
        .await;
    for (login, sees) in [
        ("kundi", true),
        ("auditor", false),
        ("reseller", false),
        ("helpdesk", false),
    ] {
        let mut browser = site.signed_in(login).await;
        let page = browser.get("/mail").await;
        assert_eq!(page.mails().len(), 1, "{login}");
        assert_eq!(page.has("Invoice Ünë"), sees, "{login}");
        let mail = browser.get(page.mails().first().expect("a mail")).await;
        assert_eq!(mail.has("Invoice Ünë"), sees, "{login}");
    }
}

#[tokio::test]
async fn hostile_log_text_is_only_text() {
    let site = Site::new().await;
    let hostile =
        "<img src=x onerror=alert(1)>\"'</td></title></script><script>alert(2)</script>\u{202e}\u{1b}[31m";
    let mail = changed(
        record(site.tenants.kundi_test, NOW.plus_seconds(-DAY / 1_000_000), 1),
        |record| {
            record.subject = Some(hostile.to_owned());
            record.helo = Some(hostile.to_owned());
            record.client_name = Some(hostile.to_owned());
            record.sender = format!("{hostile}@example.net").to_lowercase();
            record.reply = Some(hostile.to_owned());
            record.relay = Some(hostile.to_owned());
            for event in record.trail.events_mut() {
                event.text = hostile.to_owned();
                event.server = hostile.to_owned();
            }
        },
    );
    site.tenants.store(&[mail]).await;
    let mut browser = site.signed_in("kundi").await;
    let log = browser.get("/mail").await;
    let page = browser.get(log.mails().first().expect("a mail")).await;
    assert_eq!(page.status, StatusCode::OK);
    for answer in [&log, &page] {
        assert!(answer.has("&lt;img src=x"), "it is shown: {}", answer.body);
        for harm in ["<img", "<script>alert", "</td></title>", "</td></script>"] {
            assert!(!answer.has(harm), "{harm} in {}", answer.body);
        }
    }
}

fn changed(mut owned: OwnedRecord, change: impl FnOnce(&mut model::record::Record)) -> OwnedRecord {
    change(Arc::make_mut(&mut owned.record));
    owned
}
