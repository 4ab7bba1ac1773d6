//! What is about to go wrong is found before it does, and what did go wrong is said with what to do.

use model::time::{DAY, Micros};
use sqlx::ConnectOptions;
use store::ingest::{Commit, Finding, StateUpdate, WriteReport};
use store::testing::{TwoTenants, record, try_sql};
use store::{IngestDb, StoreError};

async fn now(made: &TwoTenants) -> Micros {
    let mut connection = made
        .database
        .superuser()
        .connect_options()
        .connect()
        .await
        .expect("a superuser");
    let now: i64 = sqlx::query_scalar("select (extract(epoch from now()) * 1000000)::bigint")
        .fetch_one(&mut connection)
        .await
        .expect("a number");
    Micros(now)
}

async fn ingest(made: &TwoTenants) -> IngestDb {
    IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker")
}

fn of<'a>(findings: &'a [Finding], what: &str) -> &'a Finding {
    findings
        .iter()
        .find(|finding| finding.what == what)
        .expect("it was looked at")
}

#[tokio::test]
async fn missing_days_and_space_are_found() {
    let made = TwoTenants::new().await;
    let now = now(&made).await;
    let db = ingest(&made).await;
    let findings = db.health(now, None).await.expect("an answer");
    assert!(findings.iter().all(|finding| finding.is_fine), "{findings:?}");
    assert!(of(&findings, "disk space").text.contains("cannot be known"));
    assert!(
        of(&findings, "days ahead")
            .text
            .contains("no mail was written yet")
    );

    made.store(&[record(made.kundi_test, now, 1)]).await;
    let findings = db
        .health(now, Some(&std::env::temp_dir()))
        .await
        .expect("an answer");
    let ahead = of(&findings, "days ahead");
    assert!(
        !ahead.is_fine && ahead.text.contains("no partition yet for "),
        "{ahead:?}"
    );
    assert!(of(&findings, "disk space").text.contains("free"));
    db.make_days_ahead(now, 2).await.expect("made");
    let findings = db.health(now, None).await.expect("an answer");
    assert!(of(&findings, "days ahead").is_fine);
    let findings = db.health(Micros(now.0 + DAY), None).await.expect("an answer");
    assert!(
        !of(&findings, "days ahead").is_fine,
        "tomorrow somebody must have made one more"
    );

    let gone = db
        .health(now, Some(std::path::Path::new("/nonexistent/folder")))
        .await
        .expect_err("no such folder");
    assert!(gone.to_string().contains("/nonexistent/folder"), "{gone}");
}

#[tokio::test]
async fn a_database_that_refuses_says_why_and_what_to_do() {
    let made = TwoTenants::new().await;
    let now = now(&made).await;
    let setting = "alter role mailfate_ingest in database DATABASE set default_transaction_read_only = on";
    let (findings_say, error_says) = (
        "default_transaction_read_only is on",
        "it only lets itself be read",
    );
    let mut connection = made
        .database
        .superuser()
        .connect_options()
        .connect()
        .await
        .expect("a superuser");
    let database: String = sqlx::query_scalar("select current_database()")
        .fetch_one(&mut connection)
        .await
        .expect("a name");
    // A name that the test made of letters and digits.
    let sql = setting.replace("DATABASE", &database);
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .expect("set");
    let db = ingest(&made).await;
    let findings = db.health(now, None).await.expect("an answer");
    let writable = of(&findings, "writable");
    assert!(
        !writable.is_fine && writable.text.contains(findings_say),
        "{writable:?}"
    );
    let refused = save(&db).await.expect_err("nothing can be written");
    assert!(
        matches!(refused, StoreError::Stuck { .. }) && refused.to_string().contains(error_says),
        "{refused}"
    );
}

/// Writes something as the worker.
async fn save(db: &IngestDb) -> Result<WriteReport, StoreError> {
    let state = StateUpdate::default();
    let commit = Commit {
        worker: "test",
        state: Some(&state),
        ..Commit::default()
    };
    db.writer().commit(&commit).await
}

#[tokio::test]
async fn codes_of_the_database_become_sentences() {
    let made = TwoTenants::new().await;
    let db = ingest(&made).await;
    // Real conditions of these kinds cannot be made in a test without harming its neighbours, so a trigger says their codes.
    for (code, says) in [
        ("53100", "its disk is full"),
        ("53200", "no memory left"),
        ("53300", "all its connections are taken"),
        ("57P03", "starting, recovering or shutting down"),
        ("57P01", "shut down"),
        ("58030", "cannot read or write its files"),
    ] {
        let trap: &'static str = String::leak(format!(
            "create or replace function fail() returns trigger language plpgsql as
                 'begin raise exception ''no'' using errcode = ''{code}''; end';
             drop trigger if exists trap on worker_state;
             create trigger trap before insert on worker_state for each row execute function fail()"
        ));
        try_sql(&made.database.superuser(), trap).await.expect("a trap");
        let refused = save(&db).await.expect_err(code);
        assert!(refused.to_string().contains(says), "{code}: {refused}");
    }
    let refused = IngestDb::connect(&made.database.as_role("mailfate_nobody"))
        .await
        .map(|_| ())
        .expect_err("no such role");
    assert!(
        refused.to_string().contains("does not let this role in"),
        "{refused}"
    );
}
