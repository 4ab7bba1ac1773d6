//! The page of one mail.

use std::sync::Arc;

use axum::http::StatusCode;
use model::record::{TrailEvent, TrailKind};
use model::verdict::{Actor, Confidence, Outcome, Reason};
use store::testing::record;

use crate::{NOW, Site};

#[tokio::test]
async fn it_tells_what_happened_who_can_act_and_what_to_do() {
    let site = Site::new().await;
    let at = NOW.plus_seconds(-3600);
    let mut owned = record(site.tenants.kundi_test, at, 1);
    let change = Arc::make_mut(&mut owned.record);
    change.verdict.outcome = Outcome::Deferred;
    change.verdict.reason = Reason::MailboxFull;
    change.verdict.actor = Actor::You;
    change.verdict.is_final = false;
    change.verdict.confidence = Confidence::Code;
    change.finished_at = None;
    change.next_attempt_at = Some(NOW.plus_seconds(1200));
    change.reply = Some("452 4.2.2 over quota".to_owned());
    change.trail.events_mut().push(TrailEvent {
        at: at.plus_seconds(5),
        server: "mx1".to_owned(),
        program: "smtp".to_owned(),
        kind: TrailKind::Deferred,
        queue_id: Some("4F1AB23CD".to_owned()),
        text: "4F1AB23CD: to=<anna1@kundi.test>, relay=mbox1[192.0.2.1]:25, dsn=4.2.2, status=deferred (452 4.2.2 over quota)".to_owned(),
    });
    site.tenants.store(&[owned]).await;

    let mut browser = site.signed_in("kundi").await;
    let log = browser.get("/mail").await;
    let page = browser.get(log.mails().first().expect("a mail")).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "Waiting",
        "is still waiting",
        "14:20",
        "The mailbox has no space left.",
        "Delete old mail or empty the Junk folder",
        "This can still change by itself.",
        "452 4.2.2 over quota",
        "mx1 was contacted",
        "13:00:00",
        "4F1AB23CD",
        "12 KB",
        "Finland",
        "<details",
    ] {
        assert!(page.has(text), "{text} in {}", page.body);
    }
}

#[tokio::test]
async fn every_way_to_name_a_mail_that_is_not_there_is_the_same_404() {
    let site = Site::new().await;
    let at = NOW.plus_seconds(-60);
    site.tenants.store(&[record(site.tenants.isp_test, at, 1)]).await;
    let foreign = site.signed_in("ispmail").await.get("/mail").await.mails();
    let foreign = foreign.first().expect("a mail of the other customer");
    let with_own_domain = foreign.replace("/isp.test/", "/kundi.test/");
    let mut browser = site.signed_in("kundi").await;
    for path in [
        foreign.as_str(),
        &with_own_domain,
        "/mail/isp.test/00000000000000000000000000000000",
        "/mail/nowhere.test/00000000000000000000000000000000",
        "/mail/kundi.test/nonsense",
        "/mail/kundi.test/%00%ff",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.has("sender1@example.net"), "{path}");
    }
}
