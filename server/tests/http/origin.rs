//! Forms of other web sites.

use axum::http::{HeaderName, StatusCode, header};
use store::testing::PASSWORD;

use crate::Site;

#[tokio::test]
async fn no_form_of_another_site_does_anything() {
    let site = Site::new().await;
    let mut browser = site.signed_in("kundi").await;
    let fetch_site = HeaderName::from_static("sec-fetch-site");
    for path in ["/sign-in", "/sign-out", "/language"] {
        for headers in [
            vec![],
            vec![(header::ORIGIN, "https://evil.test")],
            vec![(header::ORIGIN, "null")],
            vec![(fetch_site.clone(), "cross-site")],
            vec![
                (fetch_site.clone(), "same-site"),
                (header::ORIGIN, "http://mailfate.test"),
            ],
        ] {
            let form = [("login", "kundi"), ("password", PASSWORD), ("language", "de")];
            let answer = browser.post_with(path, &form, &headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert_eq!(answer.header(header::SET_COOKIE), None);
            assert!(answer.has("This form did not come from here"), "{}", answer.body);
        }
    }
    assert_eq!(
        browser.get("/mail").await.status,
        StatusCode::OK,
        "still signed in"
    );
}

#[tokio::test]
async fn nothing_large_is_read() {
    let site = Site::new().await;
    let mut browser = site.stranger();
    let large = "x".repeat(100_000);
    let answer = browser.sign_in("kundi", &large).await;
    assert!(
        answer.status == StatusCode::PAYLOAD_TOO_LARGE
            || answer.location() == Some("/sign-in?problem=refused"),
        "{}",
        answer.status
    );
}
