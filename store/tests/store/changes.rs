//! Who is woken by what the worker writes: the domains of each transaction that changed something, and nobody else.

use std::collections::BTreeSet;
use std::time::Duration;

use model::ids::DomainId;
use model::verdict::Outcome;
use pretty_assertions::assert_eq;
use sqlx::{ConnectOptions, PgConnection};
use store::changes::{Changed, Changes};
use store::ingest::{Commit, Prepared, SourceUpdate};
use store::testing::{TwoTenants, record, try_sql};
use store::{Db, IngestDb};
use tokio::time::timeout;

use crate::{DAY_0, with};

/// Longer than any machine takes.
const DEADLINE: Duration = Duration::from_secs(30);

fn domains(ids: impl IntoIterator<Item = i32>) -> Changed {
    Changed::Domains(ids.into_iter().map(DomainId).collect())
}

async fn next(changes: &mut Changes) -> Changed {
    timeout(DEADLINE, changes.next())
        .await
        .expect("a notification comes")
        .expect("the connection holds")
}

/// From now on nothing is missed.
async fn listening(db: &Db) -> Changes {
    let mut changes = db.changes();
    assert_eq!(next(&mut changes).await, Changed::Unknown);
    changes
}

/// Says the number of a domain that there is not: what was told before it, was told because of what was done before.
async fn mark(made: &TwoTenants, changes: &mut Changes) -> Vec<Changed> {
    try_sql(
        &made.database.ingest(),
        "select pg_notify('mailfate_mail', '999999')",
    )
    .await
    .expect("notified");
    let mut before = Vec::new();
    loop {
        match next(changes).await {
            told if told == domains([999_999]) => return before,
            told => before.push(told),
        }
    }
}

#[tokio::test]
async fn a_transaction_tells_the_domains_whose_rows_it_changed() {
    let made = TwoTenants::new().await;
    let db = made.portal().await;
    let mut changes = listening(&db).await;
    let kundi = record(made.kundi_test, DAY_0, 1);
    let for_nobody = record(DomainId::NONE, DAY_0, 3);
    made.store(&[kundi.clone(), record(made.isp_test, DAY_0, 2), for_nobody.clone()])
        .await;
    assert_eq!(
        next(&mut changes).await,
        domains([made.kundi_test.0, made.isp_test.0]),
        "each once, and not the number of no domain"
    );

    made.store(std::slice::from_ref(&kundi)).await;
    made.store(std::slice::from_ref(&for_nobody)).await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let mut writer = ingest.writer();
    let looked = SourceUpdate {
        name: "mx1".to_owned(),
        position: "{}".to_owned(),
        checked_at: DAY_0,
        ..SourceUpdate::default()
    };
    writer.write(&[], &[looked]).await.expect("stored");
    assert_eq!(
        mark(&made, &mut changes).await,
        [],
        "nothing new, nobody is woken"
    );

    let bounced = with(&kundi, |record| record.verdict.outcome = Outcome::Bounced);
    made.store(&[bounced]).await;
    assert_eq!(next(&mut changes).await, domains([made.kundi_test.0]));
}

#[tokio::test]
async fn what_was_rolled_back_wakes_nobody() {
    let made = TwoTenants::new().await;
    let db = made.portal().await;
    let mut changes = listening(&db).await;
    // The last statements of a commit fail, long after its rows were written.
    try_sql(&made.database.owner(), "drop table source_gap")
        .await
        .expect("dropped");
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let rows = Prepared::new(
        vec![record(made.kundi_test, DAY_0, 1)],
        &std::collections::HashSet::new(),
    );
    let gap = store::ingest::SourceGap {
        source: "mx1".to_owned(),
        kind: "file_lost",
        from_at: None,
        noticed_at: DAY_0,
        lines: None,
        bytes: None,
        detail: String::new(),
    };
    let commit = Commit {
        rows: Some(&rows),
        gaps: &[gap],
        ..Commit::default()
    };
    ingest
        .writer()
        .commit(&commit)
        .await
        .expect_err("the table is gone");
    assert_eq!(mark(&made, &mut changes).await, []);
}

#[tokio::test]
async fn more_domains_than_one_notification_holds_come_in_several() {
    let made = TwoTenants::new().await;
    let db = made.portal().await;
    let mut changes = listening(&db).await;
    // Long numbers: the most bytes that a notification may need.
    let first = 2_000_000_000;
    let records: Vec<_> = (0..1_500)
        .map(|number| {
            record(
                DomainId(first + number),
                DAY_0,
                u32::try_from(number).expect("small"),
            )
        })
        .collect();
    made.store(&records).await;
    let told = mark(&made, &mut changes).await;
    assert_eq!(told.len(), 3);
    let mut all = BTreeSet::new();
    for some in told {
        let Changed::Domains(some) = some else {
            panic!("all of them can be read")
        };
        all.extend(some);
    }
    assert_eq!(
        all,
        (0..1_500)
            .map(|number| DomainId(first + number))
            .collect::<BTreeSet<_>>()
    );
}

#[tokio::test]
async fn nonsense_and_a_lost_connection_say_that_anything_may_have_changed() {
    let made = TwoTenants::new().await;
    let db = made.portal().await;
    let mut changes = listening(&db).await;
    for nonsense in [
        "select pg_notify('mailfate_mail', '')",
        "select pg_notify('mailfate_mail', '1,')",
        "select pg_notify('mailfate_mail', '99999999999999')",
        "select pg_notify('mailfate_mail', repeat('x', 7999))",
    ] {
        try_sql(&made.database.portal(), nonsense)
            .await
            .expect("notified");
        assert_eq!(next(&mut changes).await, Changed::Unknown, "{nonsense}");
    }

    let mut superuser = superuser(&made).await;
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'LISTEN%'",
    )
    .execute(&mut superuser)
    .await
    .expect("ended");
    timeout(DEADLINE, changes.next())
        .await
        .expect("the end is noticed")
        .expect_err("the connection is gone");
    assert_eq!(next(&mut changes).await, Changed::Unknown, "connected again");
    made.store(&[record(made.kundi_test, DAY_0, 1)]).await;
    assert_eq!(next(&mut changes).await, domains([made.kundi_test.0]));
}

#[tokio::test]
async fn a_viewer_is_told_of_his_own_domains() {
    let made = TwoTenants::new().await;
    let db = made.portal().await;
    let (kundi, isp) = (made.kundi_test.0, made.isp_test.0);
    let both = domains([kundi, isp]);
    for (user, expected) in [
        (made.operator, Some(both.clone())),
        (made.helpdesk, Some(both.clone())),
        (made.reseller, Some(domains([kundi]))),
        (made.kundi, Some(domains([kundi]))),
        (made.ispmail, Some(domains([isp]))),
    ] {
        let scope = db.scope_for(user).await.expect("a scope");
        assert_eq!(both.within(&scope), expected, "{user}");
        assert_eq!(Changed::Unknown.within(&scope), Some(Changed::Unknown));
    }
    let scope = db.scope_for(made.ispmail).await.expect("a scope");
    assert_eq!(domains([kundi]).within(&scope), None);
}

async fn superuser(made: &TwoTenants) -> PgConnection {
    made.database
        .superuser()
        .connect_options()
        .connect()
        .await
        .expect("a superuser")
}
