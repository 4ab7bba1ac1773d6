//! Which language a visitor gets.

use axum::http::{StatusCode, header};
use pretty_assertions::assert_eq;

use crate::Site;

#[tokio::test]
async fn the_browsers_language_counts_until_somebody_chooses() {
    let site = Site::new().await;
    let mut browser = site.stranger();
    let accepts = [(header::ACCEPT_LANGUAGE, "fr, it-CH;q=0.9, en;q=0.1")];
    assert!(
        browser
            .get_with("/sign-in", &accepts)
            .await
            .has("<html lang=\"it\"")
    );
    assert!(browser.get("/sign-in").await.has("<html lang=\"en\""));

    let answer = browser
        .post(
            "/language",
            &[("language", "de"), ("back", "/sign-in?next=%2Fmail")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), Some("/sign-in?next=%2Fmail"));
    assert!(
        browser
            .get_with("/sign-in", &accepts)
            .await
            .has("<html lang=\"de\"")
    );
}

#[tokio::test]
async fn the_choice_holds_on_signed_in_pages_and_nonsense_changes_nothing() {
    let site = Site::new().await;
    let mut browser = site.signed_in("kundi").await;
    assert!(
        browser.get("/mail").await.has("<html lang=\"en\""),
        "the user's own setting"
    );
    browser
        .post("/language", &[("language", "it"), ("back", "/mail")])
        .await;
    assert!(browser.get("/mail").await.has("<html lang=\"it\""));
    for nonsense in ["xx", "", "../../etc/passwd", "de\r\nSet-Cookie: a=b"] {
        let answer = browser
            .post("/language", &[("language", nonsense), ("back", "//evil.test")])
            .await;
        assert_eq!(answer.location(), Some("/mail"), "{nonsense}");
        assert_eq!(answer.header(header::SET_COOKIE), None, "{nonsense}");
    }
    assert!(browser.get("/mail").await.has("<html lang=\"it\""));
}
