//! Programs and databases of different age.

use pretty_assertions::assert_eq;
use store::owner::OwnerDb;
use store::testing::{TestDatabase, try_sql};
use store::{Db, IngestDb, StoreError};

#[tokio::test]
async fn an_empty_database_asks_for_migrations_and_gets_them_once() {
    let database = TestDatabase::empty().await;
    for refused in [
        Db::connect(&database.portal(), 1).await.map(|_| ()),
        IngestDb::connect(&database.ingest()).await.map(|_| ()),
    ] {
        assert!(
            matches!(refused, Err(StoreError::DatabaseIsOlder { found: 0, .. })),
            "{refused:?}"
        );
    }
    let owner = OwnerDb::connect(&database.owner()).await.expect("the owner");
    assert!(owner.migrate().await.expect("migrated") > 0);
    assert_eq!(owner.migrate().await.expect("nothing to do"), 0);
    assert_eq!(owner.has_tenants().await.expect("an answer"), false);
    Db::connect(&database.portal(), 1)
        .await
        .expect("the versions fit");
}

#[tokio::test]
async fn a_newer_database_is_refused_by_everyone() {
    let database = TestDatabase::new().await;
    try_sql(
        &database.owner(),
        "insert into _sqlx_migrations values (99990101000000, 'of the future', now(), true, '', 0)",
    )
    .await
    .expect("a newer program was here");
    let owner = OwnerDb::connect(&database.owner()).await.expect("the owner");
    for refused in [
        Db::connect(&database.portal(), 1).await.map(|_| ()),
        IngestDb::connect(&database.ingest()).await.map(|_| ()),
        owner.migrate().await.map(|_| ()),
    ] {
        let text = refused.as_ref().map_err(ToString::to_string);
        assert!(
            matches!(refused, Err(StoreError::DatabaseIsNewer { .. })),
            "{text:?}"
        );
        assert!(text.expect_err("refused").contains("newer Mailfate"));
    }
}
