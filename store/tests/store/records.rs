//! Reading records back: each once, oldest first, as they were before they became rows.

use model::ids::DomainId;
use model::query::{AddressPattern, MailQuery, RecordQuery};
use model::record::{Direction, OwnedRecord, Record};
use model::time::{DAY, Micros};
use model::trail::Trail;
use model::verdict::{Actor, Outcome};
use pretty_assertions::assert_eq;
use store::IngestDb;
use store::ingest::{Commit, Retraction};
use store::testing::{TwoTenants, record, try_sql};
use tokio::sync::mpsc;

use crate::{DAY_0, days_before, with};

async fn ingest(made: &TwoTenants) -> IngestDb {
    IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker")
}

async fn read(db: &IngestDb, query: &RecordQuery) -> Vec<Record> {
    let (sender, mut received) = mpsc::channel(1);
    let collecting = async {
        let mut records = Vec::new();
        while let Some(batch) = received.recv().await {
            records.extend(batch);
        }
        records
    };
    let (read, records) = tokio::join!(db.read_records(query, sender), collecting);
    read.expect("read to the end");
    records
}

fn with_trails() -> RecordQuery {
    RecordQuery {
        with_trails: true,
        ..RecordQuery::default()
    }
}

#[tokio::test]
async fn what_was_written_is_read_back_oldest_first() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let bare = with(&record(made.kundi_test, days_before(2, 7), 3), |record| {
        record.finished_at = None;
        record.client_ip = None;
        record.sender.clear();
        record.is_sender_known = false;
        record.queue_ids.clear();
        record.size = None;
        record.spam_score = None;
        record.original_recipient = Some("office@alias.test".to_owned());
        record.trail = Trail::default();
    });
    // More than one batch on a day.
    let mut written: Vec<OwnedRecord> = (0..700)
        .map(|number| {
            record(
                made.kundi_test,
                days_before(i64::from(number % 2), i64::from(number)),
                number,
            )
        })
        .collect();
    written.push(bare);
    made.store(&written).await;
    let mut expected: Vec<Record> = written.iter().map(|owned| Record::clone(&owned.record)).collect();
    expected.sort_by_key(|record| (record.connected_at, record.record_id));
    let found = read(&db, &with_trails()).await;
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    let without = read(&db, &RecordQuery::default()).await;
    assert!(without.iter().all(|record| record.trail.is_empty()));
}

#[tokio::test]
async fn a_mail_between_two_domains_is_read_once_and_from_the_side_that_knows_all() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let theirs = OwnedRecord {
        party: Actor::Recipient,
        ..with(&record(made.isp_test, DAY_0, 1), |record| {
            record.original_recipient = Some("office@alias.test".to_owned());
            record.recipient = "secret@isp.test".to_owned();
            record.verdict.actor = Actor::You;
        })
    };
    // The sender's domain has the smaller number, and does not know where the alias leads.
    let ours = OwnedRecord {
        domain_id: made.kundi_test,
        direction: Direction::Outbound,
        ..with(&theirs, |record| {
            record.recipient = "office@alias.test".to_owned();
            record.original_recipient = None;
            record.verdict.actor = Actor::Recipient;
        })
    };
    made.store(&[ours, theirs.clone()]).await;
    let expected = with(&theirs, |record| record.verdict.actor = Actor::Recipient);
    for recipients in [
        vec![],
        vec![AddressPattern::Exact("office@alias.test".to_owned())],
        vec![AddressPattern::Domain("alias.test".to_owned())],
        vec![AddressPattern::Exact("secret@isp.test".to_owned())],
    ] {
        let query = RecordQuery {
            recipients,
            ..with_trails()
        };
        assert_eq!(
            read(&db, &query).await,
            [Record::clone(&expected.record)],
            "{query:?}"
        );
    }
}

#[tokio::test]
async fn what_only_the_operator_may_see_is_in_nobodys_scope_and_can_be_taken_back() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let hidden = with(&record(DomainId::NONE, DAY_0, 1), |record| {
        record.original_recipient = Some("office@elsewhere.test".to_owned());
        record.recipient = "secret@far.test".to_owned();
    });
    let sent = OwnedRecord {
        domain_id: made.kundi_test,
        direction: Direction::Outbound,
        ..with(&hidden, |record| {
            record.recipient = "office@elsewhere.test".to_owned();
            record.original_recipient = None;
        })
    };
    made.store(&[sent, hidden.clone()]).await;
    for recipients in [vec![], vec![AddressPattern::Exact("secret@far.test".to_owned())]] {
        let query = RecordQuery {
            recipients,
            ..with_trails()
        };
        assert_eq!(read(&db, &query).await, [Record::clone(&hidden.record)]);
    }
    let portal = made.portal().await;
    for user in [made.kundi, made.operator] {
        let scope = portal.scope_for(user).await.expect("a scope");
        let mut tx = portal.read(&scope).await.expect("a transaction");
        let page = store::mail::search(&mut tx, &MailQuery::default(), None)
            .await
            .expect("a page");
        let recipients: Vec<_> = page.rows.iter().map(|row| row.recipient.as_str()).collect();
        assert_eq!(recipients, ["office@elsewhere.test"]);
    }
    let retracted = [Retraction {
        record: hidden.record.record_id,
        domains: vec![made.kundi_test],
    }];
    let commit = Commit {
        retracted: &retracted,
        ..Commit::default()
    };
    db.writer().commit(&commit).await.expect("taken back");
    assert_eq!(read(&db, &RecordQuery::default()).await, []);
}

#[tokio::test]
async fn who_can_act_is_told_without_a_viewer() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let stored = |number: u32, direction, actor, party| OwnedRecord {
        direction,
        party,
        ..with(&record(made.kundi_test, DAY_0, number), |record| {
            record.verdict.actor = actor;
        })
    };
    made.store(&[
        stored(1, Direction::Inbound, Actor::You, Actor::Recipient),
        stored(2, Direction::Outbound, Actor::You, Actor::Sender),
        stored(3, Direction::Inbound, Actor::Provider, Actor::Remote),
        stored(4, Direction::Inbound, Actor::Provider, Actor::Provider),
    ])
    .await;
    let actors = async || -> Vec<Actor> {
        let mut records = read(&db, &RecordQuery::default()).await;
        records.sort_by_key(|record| record.sender.clone());
        records.iter().map(|record| record.verdict.actor).collect()
    };
    assert_eq!(
        actors().await,
        [Actor::Recipient, Actor::Sender, Actor::Remote, Actor::Provider]
    );
    // Rows of an older program: "you" is never shown.
    try_sql(&made.database.superuser(), "update mail set party = null")
        .await
        .expect("an older table");
    assert_eq!(
        actors().await,
        [Actor::Recipient, Actor::Sender, Actor::Provider, Actor::Provider]
    );
}

#[tokio::test]
async fn the_database_narrows_and_never_leaves_out_what_was_asked_for() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let odd = |number: u32, change: &dyn Fn(&mut Record)| {
        with(
            &record(made.kundi_test, days_before(1, i64::from(number)), number),
            change,
        )
    };
    made.store(&[
        record(made.kundi_test, days_before(3, 0), 1),
        odd(2, &|record| record.verdict.outcome = Outcome::Bounced),
        odd(3, &|record| record.sender = "root".to_owned()),
        odd(4, &|record| record.sender = "a@sub.example.net".to_owned()),
        odd(5, &|record| record.sender = "a@example.net.".to_owned()),
        odd(6, &|record| record.sender.clear()),
    ])
    .await;
    let numbers = async |query: RecordQuery| -> Vec<String> {
        read(&db, &query)
            .await
            .iter()
            .map(|record| {
                record
                    .message_id
                    .clone()
                    .unwrap_or_default()
                    .replace("@example.net", "")
            })
            .collect()
    };
    let from = |senders: &[AddressPattern]| RecordQuery {
        senders: senders.to_vec(),
        ..RecordQuery::default()
    };
    let domain = |name: &str| AddressPattern::Domain(name.to_owned());
    let whole = |name: &str| AddressPattern::Exact(name.to_owned());
    assert_eq!(
        numbers(RecordQuery::default()).await,
        ["id1", "id2", "id3", "id4", "id5", "id6"]
    );
    assert_eq!(
        numbers(from(&[domain("example.net")])).await,
        ["id1", "id2", "id5"]
    );
    assert_eq!(numbers(from(&[domain("root")])).await, ["id3"]);
    assert_eq!(
        numbers(from(&[whole("sender1@example.net"), domain("sub.example.net")])).await,
        ["id1", "id4"]
    );
    assert_eq!(numbers(from(&[whole("")])).await, ["id6"]);
    assert_eq!(numbers(from(&[whole("nul\0@example.net")])).await, [""; 0]);
    assert_eq!(
        numbers(from(&[AddressPattern::Contains("sub".to_owned())]))
            .await
            .len(),
        6,
        "left to who asks"
    );
    let bounced = RecordQuery {
        outcomes: vec![Outcome::Bounced, Outcome::Rejected],
        ..RecordQuery::default()
    };
    assert_eq!(numbers(bounced).await, ["id2"]);
    let between = |since: Option<Micros>, until: Option<Micros>| RecordQuery {
        since,
        until,
        ..RecordQuery::default()
    };
    let third = days_before(1, 3);
    assert_eq!(
        numbers(between(Some(third), None)).await,
        ["id3", "id4", "id5", "id6"]
    );
    assert_eq!(numbers(between(None, Some(third))).await, ["id1", "id2"]);
    assert_eq!(
        numbers(between(Some(third), Some(Micros(third.0 + 1)))).await,
        ["id3"]
    );
    assert_eq!(
        numbers(between(Some(Micros(third.0 + 3 * DAY)), None)).await,
        [""; 0]
    );
    assert_eq!(
        numbers(between(Some(Micros(i64::MIN)), Some(Micros(i64::MAX))))
            .await
            .len(),
        6
    );
}

#[tokio::test]
async fn reading_ends_when_nobody_receives_any_more() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let many: Vec<OwnedRecord> = (0..2_000)
        .map(|number| record(made.kundi_test, days_before(0, i64::from(number)), number))
        .collect();
    made.store(&many).await;
    let (sender, mut received) = mpsc::channel(1);
    let query = with_trails();
    let reading = db.read_records(&query, sender);
    let first = async {
        let first = received.recv().await.expect("a batch");
        drop(received);
        first.len()
    };
    let (read, first) = tokio::join!(reading, first);
    read.expect("no error");
    assert!(first < 2_000);
}
