//! Web sessions.

use pretty_assertions::assert_eq;
use sqlx::{ConnectOptions, Row};
use store::PgSessionStore;
use store::testing::TwoTenants;
use time::{Duration, OffsetDateTime};
use tower_sessions_core::SessionStore;
use tower_sessions_core::session::{Id, Record};

fn session(expires_in: i64) -> Record {
    let now = OffsetDateTime::now_utc();
    Record {
        id: Id::default(),
        data: [("user".to_owned(), serde_json::json!(5))].into(),
        expiry_date: (now + Duration::seconds(expires_in))
            .replace_nanosecond(0)
            .expect("a whole second"),
    }
}

#[tokio::test]
async fn a_session_lives_until_it_is_deleted_or_expires() {
    let made = TwoTenants::new().await;
    let store = PgSessionStore::new(&made.portal().await);
    let mut kept = session(600);
    let mut expired = session(-600);
    store.create(&mut kept).await.expect("created");
    store.create(&mut expired).await.expect("created");
    assert_eq!(store.load(&kept.id).await.expect("an answer"), Some(kept.clone()));
    assert_eq!(store.load(&expired.id).await.expect("an answer"), None);
    assert_eq!(store.load(&Id(42)).await.expect("an answer"), None);

    kept.data.insert("language".to_owned(), serde_json::json!("it"));
    store.save(&kept).await.expect("saved");
    assert_eq!(store.load(&kept.id).await.expect("an answer"), Some(kept.clone()));

    assert_eq!(store.delete_expired().await.expect("deleted"), 1);
    store.delete(&kept.id).await.expect("deleted");
    assert_eq!(store.load(&kept.id).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_taken_id_is_replaced_and_the_other_session_stays() {
    let made = TwoTenants::new().await;
    let store = PgSessionStore::new(&made.portal().await);
    let mut first = session(600);
    store.create(&mut first).await.expect("created");
    let mut second = Record {
        data: [].into(),
        ..first.clone()
    };
    store.create(&mut second).await.expect("created");
    assert!(second.id != first.id);
    assert_eq!(store.load(&first.id).await.expect("an answer"), Some(first));
    assert_eq!(store.load(&second.id).await.expect("an answer"), Some(second));
}

#[tokio::test]
async fn the_table_does_not_hold_what_the_cookie_holds() {
    let made = TwoTenants::new().await;
    let store = PgSessionStore::new(&made.portal().await);
    let mut kept = session(600);
    store.create(&mut kept).await.expect("created");
    let mut connection = made
        .database
        .superuser()
        .connect_options()
        .connect()
        .await
        .expect("a superuser");
    let row = sqlx::query("select id_hash, data from session")
        .fetch_one(&mut connection)
        .await
        .expect("one session");
    let stored: Vec<u8> = row.get("id_hash");
    assert!(stored != kept.id.0.to_be_bytes() && stored != kept.id.to_string().into_bytes());
    assert!(!row.get::<String, _>("data").contains(&kept.id.to_string()));
}
