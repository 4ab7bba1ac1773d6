//! One mail: everything comes back as it went in, but for what the viewer may not see.

use model::row::MailRow;
use pretty_assertions::assert_eq;
use store::mail;
use store::testing::{TwoTenants, record};

use crate::DAY_0;

#[tokio::test]
async fn a_record_comes_back_as_it_was_written() {
    let made = TwoTenants::new().await;
    let owned = record(made.kundi_test, DAY_0, 1);
    made.store(std::slice::from_ref(&owned)).await;
    let db = made.portal().await;
    let scope = db.scope_for(made.kundi).await.expect("a scope");
    let mut tx = db.read(&scope).await.expect("a transaction");
    let view = mail::view(&mut tx, owned.record.record_id, "kundi.test")
        .await
        .expect("an answer")
        .expect("the mail");
    let record = &owned.record;
    let expected = MailRow {
        record_id: record.record_id,
        domain_id: owned.domain_id,
        direction: owned.direction,
        connected_at: record.connected_at,
        server: record.server.clone(),
        client_ip: record.client_ip,
        client_name: record.client_name.clone(),
        country: owned.country.clone(),
        sender: record.sender.clone(),
        recipient: record.recipient.clone(),
        original_recipient: None,
        subject: record.subject.clone(),
        size: record.size,
        verdict: record.verdict,
        spam_score: record.spam_score,
        attempts: record.attempts,
        next_attempt_at: None,
    };
    assert_eq!(view.row, expected);
    assert_eq!(view.domain, "kundi.test");
    assert_eq!(view.finished_at, record.finished_at);
    assert_eq!(
        (view.helo, view.sasl_user, view.tls),
        (record.helo.clone(), None, record.tls.clone())
    );
    assert_eq!((view.asn, view.network), (owned.asn, owned.network.clone()));
    assert_eq!(
        (view.message_id, view.queue_ids),
        (record.message_id.clone(), record.queue_ids.clone())
    );
    assert_eq!(
        (view.relay, view.relay_ip),
        (record.relay.clone(), record.relay_ip)
    );
    assert_eq!(
        (view.dsn, view.reply, view.delay),
        (record.dsn.clone(), record.reply.clone(), record.delay)
    );
    assert_eq!((view.content, view.quarantine_id), (record.content.clone(), None));
    assert_eq!(
        (view.greylisted_ms, view.incomplete),
        (record.greylisted_ms, false)
    );
    assert_eq!(view.trail, record.trail.to_events());
    let page = mail::search(&mut tx, &model::query::MailQuery::default(), None)
        .await
        .expect("a page");
    assert_eq!(page.rows, [expected]);
}

#[tokio::test]
async fn subjects_are_for_those_who_may_read_them_also_when_searching() {
    let made = TwoTenants::new().await;
    let owned = record(made.kundi_test, DAY_0, 1);
    made.store(std::slice::from_ref(&owned)).await;
    let db = made.portal().await;
    for (user, may) in [
        (made.kundi, true),
        (made.auditor, false),
        (made.reseller, false),
        (made.helpdesk, false),
        (made.operator, false),
    ] {
        let scope = db.scope_for(user).await.expect("a scope");
        let mut tx = db.read(&scope).await.expect("a transaction");
        let view = mail::view(&mut tx, owned.record.record_id, "kundi.test")
            .await
            .expect("an answer")
            .expect("the mail");
        assert_eq!(view.row.subject.is_some(), may, "{user}");
        let by_subject = model::query::MailQuery {
            text: Some("INVOICE Ünë".to_owned()),
            ..model::query::MailQuery::default()
        };
        let page = mail::search(&mut tx, &by_subject, None).await.expect("a page");
        assert_eq!(
            page.rows.len(),
            usize::from(may),
            "a search must not tell what a page hides"
        );
        let all = mail::search(&mut tx, &model::query::MailQuery::default(), None)
            .await
            .expect("a page");
        assert_eq!(all.rows[0].subject.is_some(), may);
    }
}
