//! What people see when the database is away.

use axum::http::{HeaderName, StatusCode};
use store::testing::PASSWORD;

use crate::Site;

#[tokio::test]
async fn a_lost_database_is_a_page_in_words_with_the_number_of_the_request() {
    let site = Site::new().await;
    let mut browser = site.signed_in("kundi").await;
    site.db.close().await;
    for path in ["/mail", "/api/ui/mail-log", "/nowhere"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        let id = answer
            .header(HeaderName::from_static("x-request-id"))
            .expect("a request id");
        assert!(answer.has(id), "{path}: {}", answer.body);
        assert!(answer.has("Something went wrong on our side"), "{path}");
        for internal in ["sqlx", "pool", "postgres", "Pool", "session failed"] {
            assert!(!answer.has(internal), "{path}: {internal} in {}", answer.body);
        }
    }
    let answer = site.stranger().sign_in("kundi", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let mut machine = site.stranger();
    assert_eq!(machine.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(
        machine.get("/readyz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
}
