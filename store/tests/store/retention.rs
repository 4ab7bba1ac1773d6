//! Days: made ahead, dropped whole, never the wrong ones, and never waited for without end.

use model::time::{DAY, Micros};
use pretty_assertions::assert_eq;
use sqlx::{ConnectOptions, Connection, PgConnection};
use store::testing::{TwoTenants, record, try_sql};
use store::{IngestDb, StoreError};

async fn superuser(made: &TwoTenants) -> PgConnection {
    made.database
        .superuser()
        .connect_options()
        .connect()
        .await
        .expect("a superuser")
}

/// The beginning of the database's day: what counts as today is its word.
async fn today(connection: &mut PgConnection) -> Micros {
    let now: i64 = sqlx::query_scalar("select (extract(epoch from now()) * 1000000)::bigint")
        .fetch_one(connection)
        .await
        .expect("a number");
    Micros(now).start_of_day()
}

const fn plus_days(day: Micros, days: i64) -> Micros {
    Micros(day.0 + days * DAY)
}

async fn days(connection: &mut PgConnection) -> Vec<Micros> {
    let days: Vec<i64> = sqlx::query_scalar(
        "select (extract(epoch from day::timestamp) * 1000000)::bigint from mail_day order by day",
    )
    .fetch_all(connection)
    .await
    .expect("days");
    days.into_iter().map(Micros).collect()
}

async fn partitions(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_inherits join pg_class c on c.oid = inhrelid where c.relkind = 'r'",
    )
    .fetch_one(connection)
    .await
    .expect("a number")
}

/// One mail on each of these days, counted from today.
async fn made_with(days: &[i64]) -> (TwoTenants, IngestDb, PgConnection, Micros) {
    let made = TwoTenants::new().await;
    let db = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut connection = superuser(&made).await;
    let today = today(&mut connection).await;
    let batch: Vec<_> = (0..)
        .zip(days)
        .map(|(number, days)| record(made.kundi_test, Micros(plus_days(today, *days).0 + 5), number))
        .collect();
    made.store(&batch).await;
    (made, db, connection, today)
}

#[tokio::test]
async fn old_days_are_dropped_whole_and_the_rest_stays() {
    let (made, db, mut connection, today) = made_with(&[-40, -10, -3, -2, 0, 1]).await;
    let before = plus_days(today, -2);
    let names = |days: &[store::ingest::DroppedDay]| days.iter().map(|day| day.day).collect::<Vec<_>>();
    let expected = [-40, -10, -3].map(|days| plus_days(today, days));

    let dry = db.drop_old_days(before, true).await.expect("an answer");
    assert_eq!(names(&dry), expected);
    assert!(dry.iter().all(|day| day.bytes > 8_192), "{dry:?}");
    assert_eq!(days(&mut connection).await.len(), 6, "a dry run changes nothing");

    let dropped = db.drop_old_days(before, false).await.expect("dropped");
    assert_eq!(names(&dropped), expected);
    assert_eq!(
        days(&mut connection).await,
        [-2, 0, 1].map(|days| plus_days(today, days))
    );
    assert_eq!(partitions(&mut connection).await, 6, "three days of two tables");
    let left: i64 = sqlx::query_scalar("select count(*) from mail join mail_trail using (record_id)")
        .fetch_one(&mut connection)
        .await
        .expect("a number");
    assert_eq!(left, 3);
    assert_eq!(db.drop_old_days(before, false).await.expect("nothing"), []);
    assert!(!db.drop_day(plus_days(today, -40)).await.expect("gone already"));
    // What comes late makes its day again.
    made.store(&[record(made.kundi_test, plus_days(today, -10), 9)])
        .await;
    assert_eq!(days(&mut connection).await.len(), 4);
}

#[tokio::test]
async fn a_writer_that_knows_a_dropped_day_writes_on() {
    let (made, db, _, today) = made_with(&[]).await;
    let mut writer = db.writer();
    let old = record(made.kundi_test, plus_days(today, -10), 1);
    writer
        .write(std::slice::from_ref(&old), &[])
        .await
        .expect("stored");
    db.drop_old_days(plus_days(today, -2), false)
        .await
        .expect("dropped");
    writer
        .write(std::slice::from_ref(&old), &[])
        .await
        .expect_err("the day is gone");
    let report = writer.write(&[old], &[]).await.expect("made again");
    assert_eq!(report.changed, 1);
}

#[tokio::test]
async fn days_of_wrong_clocks_go_when_they_were_made_long_ago() {
    let (made, db, mut connection, today) = made_with(&[0]).await;
    // As a wrong clock makes them, one long ago and one now.
    try_sql(
        &made.database.superuser(),
        "do $$
         declare ahead int; parent text; day date;
         begin
             foreach ahead in array array[100, 200] loop
                 day := (now() at time zone 'UTC')::date + ahead;
                 foreach parent in array array['mail', 'mail_trail'] loop
                     execute format('create table %I partition of %I for values from (%L) to (%L)',
                         parent || to_char(day, '_YYYYMMDD'), parent, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
                     execute format('alter table %I owner to mailfate_owner', parent || to_char(day, '_YYYYMMDD'));
                 end loop;
                 insert into mail_day (day, made_at) values (day, now() - case ahead when 100 then interval '91 days' else interval '0' end);
             end loop;
         end $$",
    )
    .await
    .expect("days far ahead");
    let dropped = db
        .drop_old_days(plus_days(today, -90), false)
        .await
        .expect("dropped");
    assert_eq!(dropped.len(), 1, "{dropped:?}");
    assert_eq!(
        days(&mut connection).await,
        [0, 200].map(|days| plus_days(today, days))
    );
}

#[tokio::test]
async fn today_and_the_next_days_are_refused_whatever_is_asked() {
    let (made, db, mut connection, today) = made_with(&[0, 1]).await;
    for ahead in 0..=3 {
        let refused = db.drop_day(plus_days(today, ahead)).await;
        assert!(matches!(refused, Err(StoreError::Database { .. })), "{refused:?}");
    }
    let dropped = db
        .drop_old_days(plus_days(today, 3), false)
        .await
        .expect_err("a moment ahead of the clock");
    assert!(dropped.to_string().contains("is not old"), "{dropped}");
    assert_eq!(days(&mut connection).await.len(), 2);
    for role in [made.database.portal(), made.database.as_role("mailfate_ingest")] {
        let direct = try_sql(&role, "drop table mail").await;
        assert_eq!(direct, Err("42501".to_owned()));
    }
    assert_eq!(
        try_sql(&made.database.portal(), "select drop_mail_day('2020-01-01')").await,
        Err("42501".to_owned())
    );
}

#[tokio::test]
async fn a_long_reader_is_not_waited_for_and_named() {
    let (_made, db, mut connection, today) = made_with(&[-5, -4]).await;
    let mut reader = connection.begin().await.expect("a transaction");
    sqlx::query("select from mail where connected_at > now() - interval '1 hour'")
        .execute(&mut *reader)
        .await
        .expect("somebody reads");
    let refused = db.drop_old_days(today, false).await.expect_err("somebody reads");
    assert!(
        matches!(refused, StoreError::DayInUse { day, .. } if day == plus_days(today, -5)),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("the next run tries again"),
        "{refused}"
    );
    // Who reads while it is tried lets it through in the end.
    let (dropped, ()) = tokio::join!(db.drop_old_days(today, false), async {
        reader.rollback().await.expect("read to the end");
    });
    assert_eq!(dropped.expect("dropped").len(), 2);
}

#[tokio::test]
async fn days_are_made_ahead() {
    let (_made, db, mut connection, today) = made_with(&[]).await;
    let wanted = [0, 1, 2].map(|days| plus_days(today, days));
    assert_eq!(db.missing_days(today).await.expect("days"), wanted);
    for _ in 0..2 {
        db.make_days_ahead(Micros(today.0 + DAY - 1), 2)
            .await
            .expect("made");
        assert_eq!(days(&mut connection).await, wanted);
    }
    assert_eq!(db.missing_days(today).await.expect("days"), []);
    db.make_days_ahead(today, 200).await.expect("three at most");
    assert_eq!(days(&mut connection).await.len(), 4);
}
