//! One worker at a time follows a source, and its memory is saved with what it wrote.

use std::collections::HashSet;

use pretty_assertions::assert_eq;
use store::ingest::{Commit, ParkedMail, Prepared, Retraction, StateUpdate};
use store::testing::{TwoTenants, record, try_sql};
use store::{IngestDb, StoreError};

use crate::DAY_0;

async fn ingest(made: &TwoTenants) -> IngestDb {
    IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker")
}

fn sources(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Waits until nobody holds a lock: a backend notices a closed connection a moment later.
async fn until_locks_are_free(made: &TwoTenants) {
    let locks = "select from pg_locks where locktype = 'advisory' and database =
        (select oid from pg_database where datname = current_database())";
    for _ in 0..2000 {
        if try_sql(&made.database.superuser(), locks).await == Ok(0) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the locks of a closed connection stay");
}

/// Ends all writing connections, as a restart of the database does.
async fn cut_connections(made: &TwoTenants) {
    try_sql(
        &made.database.superuser(),
        "select pg_terminate_backend(pid, 10000) from pg_stat_activity
         where datname = current_database() and application_name like 'mailfate ingest%' and pid <> pg_backend_pid()",
    )
    .await
    .expect("the superuser may");
}

#[tokio::test]
async fn the_second_worker_is_told_who_the_first_is_and_waits() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let mut first = db.writer_for(sources(&["mx1", "mx2"]));
    first.take_sources().await.expect("nobody has them");
    let mut second = db.writer_for(sources(&["mx2", "mx3"]));
    let error = second.take_sources().await.expect_err("one is taken");
    let StoreError::SourceIsFollowed { source_name, by } = &error else {
        panic!("{error}");
    };
    assert_eq!(source_name, "mx2");
    let process = format!("process {}", std::process::id());
    assert!(by.contains(&process), "{by}");
    // It holds nothing meanwhile, and writes nothing.
    let mut third = db.writer_for(sources(&["mx3"]));
    third.take_sources().await.expect("nobody has it");
    let rows = Prepared::new(vec![record(made.kundi_test, DAY_0, 1)], &HashSet::new());
    let commit = Commit {
        rows: Some(&rows),
        ..Commit::default()
    };
    second.commit(&commit).await.expect_err("not its turn");

    first.close().await.expect("closed");
    third.close().await.expect("closed");
    until_locks_are_free(&made).await;
    second.take_sources().await.expect("the first has gone");
    second.commit(&commit).await.expect("its turn");
}

#[tokio::test]
async fn a_broken_connection_goes_on_unless_somebody_else_was_here() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let mut first = db.writer_for(sources(&["mx1"]));
    first.take_sources().await.expect("nobody has it");
    let rows = Prepared::new(vec![record(made.kundi_test, DAY_0, 1)], &HashSet::new());
    let commit = Commit {
        rows: Some(&rows),
        ..Commit::default()
    };
    cut_connections(&made).await;
    first.commit(&commit).await.expect_err("the connection is gone");
    first.commit(&commit).await.expect("nobody else was here");

    cut_connections(&made).await;
    let mut second = db.writer_for(sources(&["mx1"]));
    second
        .take_sources()
        .await
        .expect("the lock ended with the connection");
    first.commit(&commit).await.expect_err("the connection is gone");
    let error = first.commit(&commit).await.expect_err("the second has it");
    assert!(matches!(error, StoreError::SourceIsFollowed { .. }), "{error}");
    second.close().await.expect("closed");
    until_locks_are_free(&made).await;
    let error = first.commit(&commit).await.expect_err("the second was here");
    assert!(matches!(error, StoreError::TakenOver), "{error}");
    first
        .commit(&commit)
        .await
        .expect("from now on it is the first's again");
}

#[tokio::test]
async fn journal_and_parked_mails_are_one_with_the_state() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let mut writer = db.writer();
    let owned = record(made.kundi_test, DAY_0, 1);
    let rows = Prepared::new(vec![owned.clone()], &HashSet::new());
    let note = Commit {
        worker: "w",
        rows: Some(&rows),
        ..Commit::default()
    };
    writer.commit(&note).await.expect("stored");
    writer.commit(&note).await.expect("stored");
    let id = owned.record.record_id;
    assert_eq!(db.journal("w").await.expect("a journal"), [id, id]);
    assert_eq!(db.journal("other").await.expect("a journal"), []);

    let parked = |entry, keys: &[i64]| ParkedMail {
        entry,
        keys: keys.to_vec(),
        until: DAY_0.plus_seconds(entry),
        state: vec![u8::try_from(entry).expect("small"); 3],
    };
    let state = StateUpdate {
        format: 7,
        state: vec![1, 2, 3],
        parked: vec![parked(1, &[10, 11]), parked(2, &[11]), parked(3, &[12])],
        ..StateUpdate::default()
    };
    let save = Commit {
        worker: "w",
        rows: Some(&rows),
        state: Some(&state),
        ..Commit::default()
    };
    writer.commit(&save).await.expect("stored");
    assert_eq!(db.journal("w").await.expect("a journal"), []);
    assert_eq!(db.load_state("w", 7).await.expect("a state"), Some(vec![1, 2, 3]));
    assert_eq!(db.load_state("w", 8).await.expect("another form"), None);
    let mut keys = db.parked_keys("w").await.expect("keys");
    keys.sort_unstable();
    let until = |seconds| DAY_0.plus_seconds(seconds);
    assert_eq!(
        keys,
        [(10, until(1)), (11, until(1)), (11, until(2)), (12, until(3))]
    );
    let found = db.parked("w", 11).await.expect("an answer");
    assert_eq!((found.len(), &found[&2]), (2, &vec![2; 3]));
    assert!(db.parked("other", 11).await.expect("an answer").is_empty());

    let later = StateUpdate {
        format: 7,
        state: vec![4],
        unparked: vec![1],
        expire_before: Some(DAY_0.plus_seconds(3)),
        ..StateUpdate::default()
    };
    let save = Commit {
        worker: "w",
        state: Some(&later),
        ..Commit::default()
    };
    writer.commit(&save).await.expect("stored");
    assert_eq!(
        db.parked_keys("w").await.expect("keys"),
        [(12, DAY_0.plus_seconds(3))]
    );
}

#[tokio::test]
async fn what_is_taken_back_is_gone_with_its_trail() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    let mut writer = db.writer();
    let batch = [
        record(made.kundi_test, DAY_0, 1),
        record(made.kundi_test, DAY_0, 2),
        record(made.isp_test, DAY_0, 1),
    ];
    writer.write(&batch, &[]).await.expect("stored");
    let retracted = [Retraction {
        record: batch[0].record.record_id,
        domains: vec![made.kundi_test],
    }];
    let commit = Commit {
        retracted: &retracted,
        ..Commit::default()
    };
    writer.commit(&commit).await.expect("stored");
    for table in ["select from mail", "select from mail_trail"] {
        assert_eq!(try_sql(&made.database.superuser(), table).await, Ok(2), "{table}");
    }
}
