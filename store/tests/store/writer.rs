//! Writing: nothing twice, nothing half, nothing held up by nonsense.

use std::collections::{HashMap, HashSet};

use model::time::{DAY, Micros};
use model::trail::Trail;
use model::verdict::Outcome;
use pretty_assertions::assert_eq;
use sqlx::{ConnectOptions, Connection, PgConnection, Row};
use store::IngestDb;
use store::ingest::{Commit, Prepared, SourceUpdate, WriteReport};
use store::testing::{TwoTenants, record, try_sql};

use crate::{DAY_0, days_before, with};

/// xmin is the transaction that wrote a row version: it stays when nothing is written.
const VERSIONS: &str =
    "select md5(string_agg(xmin::text || ctid::text || tableoid::text, ',' order by record_id)) from mail";

const OUTCOME: &str = "select outcome from mail";

async fn superuser(made: &TwoTenants) -> PgConnection {
    made.database
        .superuser()
        .connect_options()
        .connect()
        .await
        .expect("a superuser")
}

async fn number(connection: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql)
        .fetch_one(connection)
        .await
        .expect("a number")
}

fn source(position: &str) -> SourceUpdate {
    SourceUpdate {
        name: "mx1".to_owned(),
        position: position.to_owned(),
        newest_line_at: Some(DAY_0),
        checked_at: DAY_0,
        lines: 10,
        ..SourceUpdate::default()
    }
}

#[tokio::test]
async fn the_same_batch_again_changes_no_row() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut writer = ingest.writer();
    let batch: Vec<_> = (0..500)
        .map(|number| {
            record(
                made.kundi_test,
                days_before(i64::from(number % 5), i64::from(number)),
                number,
            )
        })
        .collect();
    let first = writer.write(&batch, &[source("1")]).await.expect("stored");
    assert_eq!(
        first,
        WriteReport {
            rows: 500,
            changed: 500,
            new: 500,
            trails_changed: 500,
            refused: 0,
        }
    );
    let mut connection = superuser(&made).await;
    let before: String = sqlx::query_scalar(VERSIONS)
        .fetch_one(&mut connection)
        .await
        .expect("rows");
    let again = writer.write(&batch, &[source("1")]).await.expect("stored");
    assert_eq!((again.rows, again.changed, again.trails_changed), (500, 0, 0));
    let after: String = sqlx::query_scalar(VERSIONS)
        .fetch_one(&mut connection)
        .await
        .expect("rows");
    assert_eq!(before, after);
    assert_eq!(number(&mut connection, "select count(*) from mail").await, 500);
}

#[tokio::test]
async fn a_later_state_replaces_an_earlier_one_and_the_last_of_a_batch_counts() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut writer = ingest.writer();
    let delivered = record(made.kundi_test, DAY_0, 1);
    let deferred = with(&delivered, |record| {
        record.verdict.outcome = Outcome::Deferred;
        record.trail = Trail::default();
        record.queue_ids.clear();
    });
    let report = writer
        .write(&[delivered.clone(), deferred.clone()], &[])
        .await
        .expect("stored");
    assert_eq!((report.rows, report.changed), (1, 1));
    let mut connection = superuser(&made).await;
    let stored: String = sqlx::query_scalar(OUTCOME)
        .fetch_one(&mut connection)
        .await
        .expect("one row");
    assert_eq!(stored, "deferred");
    let report = writer
        .write(std::slice::from_ref(&delivered), &[])
        .await
        .expect("stored");
    assert_eq!((report.changed, report.trails_changed), (1, 1));
    let stored: String = sqlx::query_scalar(OUTCOME)
        .fetch_one(&mut connection)
        .await
        .expect("one row");
    assert_eq!(stored, "delivered");
    // Only the trail differs: the row of the list is left alone.
    let longer = with(&delivered, |record| {
        let event = record.trail.to_events()[0].clone();
        record.trail.events_mut().push(event);
    });
    let report = writer.write(&[longer], &[]).await.expect("stored");
    assert_eq!((report.changed, report.trails_changed), (0, 1));
}

#[tokio::test]
async fn a_mail_between_two_hosted_domains_has_two_rows() {
    let made = TwoTenants::new().await;
    let ours = record(made.kundi_test, DAY_0, 1);
    let theirs = model::record::OwnedRecord {
        domain_id: made.isp_test,
        ..ours.clone()
    };
    made.store(&[ours, theirs]).await;
    assert_eq!(
        number(&mut superuser(&made).await, "select count(*) from mail").await,
        2
    );
}

#[tokio::test]
async fn rows_and_position_are_stored_together_or_not_at_all() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut writer = ingest.writer();
    writer
        .write(&[record(made.kundi_test, DAY_0, 1)], &[source("1")])
        .await
        .expect("stored");
    // The connection breaks after the rows were copied and merged, at the last statement of the transaction: as if the machine lost power
    // between copy and commit.
    try_sql(
        &made.database.superuser(),
        "create function die() returns trigger language plpgsql security definer as
             'begin perform pg_terminate_backend(pg_backend_pid()); return new; end';
         create trigger die before update on source for each row execute function die()",
    )
    .await
    .expect("a trap");
    let batch = [
        record(made.kundi_test, DAY_0, 1),
        record(made.kundi_test, days_before(3, 0), 2),
    ];
    writer
        .write(&batch, &[source("2")])
        .await
        .expect_err("the connection broke");
    let mut connection = superuser(&made).await;
    assert_eq!(number(&mut connection, "select count(*) from mail").await, 1);
    assert_eq!(ingest.positions().await.expect("positions")["mx1"].position, "1");

    // The same call again is all that the worker does.
    try_sql(&made.database.superuser(), "drop trigger die on source")
        .await
        .expect("the trap is gone");
    let report = writer
        .write(&batch, &[source("2")])
        .await
        .expect("connected afresh");
    assert_eq!((report.rows, report.changed), (2, 1));
    assert_eq!(ingest.positions().await.expect("positions")["mx1"].position, "2");
}

#[tokio::test]
async fn wrong_clocks_are_kept_impossible_ones_counted_and_neither_holds_up_anything() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut connection = superuser(&made).await;
    let now: i64 = number(
        &mut connection,
        "select (extract(epoch from now()) * 1000000)::bigint",
    )
    .await;
    let batch = [
        record(made.kundi_test, Micros(0), 1),
        record(made.kundi_test, Micros(i64::MIN), 2),
        with(&record(made.kundi_test, DAY_0, 3), |record| {
            record.connected_at = Micros(i64::MAX);
        }),
        record(made.kundi_test, Micros(now + 365 * DAY), 4),
        record(made.kundi_test, Micros(946_684_800_000_000), 5),
        record(made.kundi_test, Micros(now + 2 * DAY - DAY / 24), 6),
        record(made.kundi_test, DAY_0, 7),
    ];
    let report = ingest
        .writer()
        .write(&batch, &[source("1")])
        .await
        .expect("stored");
    assert_eq!((report.rows, report.changed, report.refused), (5, 5, 2));
    let counted = number(
        &mut connection,
        "select records from refusal where cause = 'absurd_day'",
    )
    .await;
    assert_eq!(counted, 2);
}

#[tokio::test]
async fn a_clock_gone_wild_does_not_make_days_without_end() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut connection = superuser(&made).await;
    let mut writer = ingest.writer();
    let first: Vec<_> = (0..60)
        .map(|number| record(made.kundi_test, Micros(i64::from(number) * DAY), number))
        .collect();
    let report = writer.write(&first, &[]).await.expect("stored");
    assert_eq!((report.changed, report.refused), (60, 0));
    // A mail of today stands among them and is not held up.
    let mut second: Vec<_> = (60..120)
        .map(|number| record(made.kundi_test, Micros(i64::from(number) * DAY), number))
        .collect();
    second.push(record(made.kundi_test, DAY_0, 1));
    let report = writer.write(&second, &[]).await.expect("stored");
    assert_eq!((report.changed, report.refused), (41, 20));
    assert_eq!(number(&mut connection, "select count(*) from mail").await, 101);
    // Whatever comes for the days that exist is stored.
    let third = [record(made.kundi_test, Micros(5 * DAY + 1), 1000)];
    let report = writer.write(&third, &[]).await.expect("stored");
    assert_eq!((report.changed, report.refused), (1, 0));
}

#[tokio::test]
async fn new_rows_and_known_rows_in_one_batch_come_out_right_whatever_was_thought_of_them() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut writer = ingest.writer();
    let known = record(made.kundi_test, DAY_0, 1);
    writer
        .write(std::slice::from_ref(&known), &[])
        .await
        .expect("stored");
    let changed = with(&known, |record| record.verdict.outcome = Outcome::Bounced);
    let new = record(made.kundi_test, DAY_0, 2);
    let batch = vec![changed.clone(), new.clone()];
    for again in [
        HashSet::from([known.record.record_id]),
        // Wrong in both ways.
        HashSet::new(),
        HashSet::from([new.record.record_id]),
    ] {
        let rows = Prepared::new(batch.clone(), &again);
        let commit = Commit {
            rows: Some(&rows),
            ..Commit::default()
        };
        writer.commit(&commit).await.expect("stored");
        let mut connection = superuser(&made).await;
        assert_eq!(
            number(
                &mut connection,
                "select count(*) from mail where outcome = 'bounced'"
            )
            .await,
            1
        );
        assert_eq!(number(&mut connection, "select count(*) from mail").await, 2);
        assert_eq!(
            number(&mut connection, "select count(*) from mail_trail").await,
            2
        );
    }
}

#[tokio::test]
async fn hostile_texts_are_stored_cut_and_never_block() {
    let made = TwoTenants::new().await;
    let long = "ü".repeat(20_000);
    let hostile = with(&record(made.kundi_test, DAY_0, 1), |record| {
        record.sender = ["a\0b", &long, "@example.net"].concat();
        record.recipient = long.clone();
        record.original_recipient = Some(long.clone());
        record.message_id = Some(long.clone());
        record.subject = Some("'; drop table mail; -- \\ \u{202e}\0".to_owned());
        record.reply = Some(long.clone());
        record.helo = Some("\u{1b}[2J".to_owned());
        record.queue_ids = vec![long.clone(); 1000];
        record.spam_score = Some(f32::NAN);
        record.size = Some(i64::MAX);
        record.attempts = u32::MAX;
        record.trail.events_mut()[0].text = ["\0\\u0000\"", &long].concat();
    });
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut writer = ingest.writer();
    let report = writer
        .write(std::slice::from_ref(&hostile), &[])
        .await
        .expect("stored");
    assert_eq!(report.changed, 1);
    let report = writer
        .write(std::slice::from_ref(&hostile), &[])
        .await
        .expect("stored");
    assert_eq!(report.changed, 0, "NaN equals itself in PostgreSQL");
    let db = made.portal().await;
    let scope = db.scope_for(made.kundi).await.expect("a scope");
    let mut tx = db.read(&scope).await.expect("a transaction");
    let view = store::mail::view(&mut tx, hostile.record.record_id, "kundi.test")
        .await
        .expect("an answer")
        .expect("the mail");
    assert_eq!(
        view.row.subject.as_deref(),
        Some("'; drop table mail; -- \\ \u{202e}\u{fffd}")
    );
    assert_eq!(view.trail, hostile.record.trail.to_events());
    assert!(view.row.sender.starts_with("a\u{fffd}b"));
}

#[tokio::test]
async fn the_worker_sees_names_of_domains_and_nothing_else_of_tenants() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let expected = HashMap::from([
        ("kundi.test".to_owned(), made.kundi_test),
        ("alias.test".to_owned(), made.alias_test),
        ("isp.test".to_owned(), made.isp_test),
    ]);
    assert_eq!(ingest.hosted_domains().await.expect("domains"), expected);
    for sql in [
        "select * from domain",
        "select * from tenant",
        "select * from app_user",
        "select * from membership",
        "select * from session",
        "truncate mail",
        "create table public.mine (x int)",
        "set role mailfate_owner",
    ] {
        assert_eq!(
            try_sql(&made.database.ingest(), sql).await,
            Err("42501".to_owned()),
            "{sql}"
        );
    }
}

#[tokio::test]
async fn raw_copy_gives_the_same_rows_as_writing() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut writer = ingest.writer();
    let batch: Vec<_> = (0..20)
        .map(|number| record(made.kundi_test, DAY_0, number))
        .collect();
    assert_eq!(
        writer
            .copy_raw(&Prepared::new(batch.clone(), &HashSet::new()))
            .await
            .expect("copied"),
        20
    );
    let report = writer.write(&batch, &[]).await.expect("stored");
    assert_eq!((report.rows, report.changed, report.trails_changed), (20, 0, 0));
    let mut connection = superuser(&made).await;
    let row = sqlx::query(
        "select host(client_ip) as ip, queue_ids, size from mail where record_id::text like '%5'",
    )
    .fetch_one(&mut connection)
    .await
    .expect("a row");
    assert_eq!(row.get::<String, _>("ip"), "192.0.2.25");
    assert_eq!(row.get::<Vec<String>, _>("queue_ids"), ["4F1AB23CD", "Q5"]);
    connection.close().await.expect("an end");
}
