//! Signing in and out.

use axum::http::{StatusCode, header};
use pretty_assertions::assert_eq;
use server::http::{PublicUrl, Settings};
use store::testing::PASSWORD;

use crate::Site;

#[tokio::test]
async fn whoever_is_not_signed_in_comes_to_the_sign_in_and_from_there_to_the_page() {
    let site = Site::new().await;
    let mut browser = site.stranger();
    let answer = browser.get("/mail?sender=%40example.net").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.location(),
        Some("/sign-in?next=%2Fmail%3Fsender%3D%2540example.net")
    );
    let form = browser.get(answer.location().expect("a place")).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.has("name=\"password\""), "{}", form.body);
    let answer = browser
        .post(
            "/sign-in",
            &[
                ("login", "Kundi"),
                ("password", PASSWORD),
                ("next", "/mail?sender=%40example.net"),
            ],
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), Some("/mail?sender=%40example.net"));
    let page = browser.get("/mail?sender=%40example.net").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.has("Kundi Oy"), "the header names the tenant");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_get_the_same_answer() {
    let site = Site::new().await;
    let mut answers = Vec::new();
    for login in ["kundi", "nobody", "kundi\0", "' or ''='"] {
        let mut browser = site.stranger();
        let answer = browser.sign_in(login, "not the password").await;
        assert!(browser.cookies.is_empty(), "{login}");
        let mut headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        headers.sort_by(|one, other| one.0.as_str().cmp(other.0.as_str()));
        answers.push((answer.status, headers, answer.body));
    }
    let first = answers.first().expect("answers");
    assert!(first.1.contains(&(
        header::LOCATION,
        "/sign-in?problem=refused".parse().expect("a value")
    )));
    for answer in &answers {
        assert_eq!(answer, first);
    }
}

#[tokio::test]
async fn the_session_id_changes_at_sign_in_and_ends_at_sign_out() {
    let site = Site::new().await;
    let mut browser = site.signed_in("kundi").await;
    let first = browser.cookie("mailfate").expect("a session").to_owned();
    // Signing in again, as after somebody planted a session: the old id is worth nothing.
    let answer = browser.sign_in("kundi", PASSWORD).await;
    assert_eq!(answer.location(), Some("/mail"));
    let second = browser.cookie("mailfate").expect("a session").to_owned();
    assert_ne!(first, second);
    let mut old = site.stranger();
    old.cookies.push(("mailfate".to_owned(), first));
    let answer = old.get("/mail").await;
    assert_eq!(answer.location(), Some("/sign-in?problem=ended"));

    let answer = browser.post("/sign-out", &[]).await;
    assert_eq!(answer.location(), Some("/sign-in"));
    assert_eq!(browser.cookie("mailfate"), None);
    browser.cookies.push(("mailfate".to_owned(), second));
    assert_eq!(browser.get("/mail").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_after_half_a_day_without_a_request_and_after_a_month_in_any_case() {
    let site = Site::new().await;
    let mut browser = site.signed_in("kundi").await;
    site.wait_hours(13);
    assert_eq!(
        browser.get("/mail").await.location(),
        Some("/sign-in?problem=ended")
    );

    let mut browser = site.signed_in("kundi").await;
    for _ in 0..65 {
        site.wait_hours(11);
        assert_eq!(browser.get("/mail?text=nothing").await.status, StatusCode::OK);
    }
    site.wait_hours(11);
    assert_eq!(browser.get("/mail").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_user_who_was_switched_off_sees_nothing_from_the_next_request_on() {
    let site = Site::new().await;
    let mut browser = site.signed_in("kundi").await;
    let owner = store::OwnerDb::connect(&site.tenants.database.owner())
        .await
        .expect("the owner");
    owner
        .disable_user(site.tenants.kundi)
        .await
        .expect("switched off");
    assert_eq!(browser.get("/mail").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        browser.get("/api/ui/mail-log").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn guessing_is_stopped_and_says_so() {
    let site = Site::new().await;
    let mut browser = site.stranger();
    for _ in 0..10 {
        let answer = browser.sign_in("kundi", "a guess").await;
        assert_eq!(answer.location(), Some("/sign-in?problem=refused"));
    }
    let answer = browser.sign_in("kundi", PASSWORD).await;
    assert_eq!(answer.location(), Some("/sign-in?problem=too_many"));
    let answer = browser.sign_in("ispmail", PASSWORD).await;
    assert_eq!(answer.location(), Some("/mail"), "other accounts are free");
}

#[tokio::test]
async fn the_cookie_is_bound_to_the_host_when_browsers_come_by_https() {
    let site = Site::with(Settings {
        public_url: PublicUrl::parse("https://mail.example.com").ok(),
        ..Settings::default()
    })
    .await;
    let mut browser = site.stranger();
    let answer = browser
        .post_with(
            "/sign-in",
            &[("login", "kundi"), ("password", PASSWORD)],
            &[(header::ORIGIN, "https://mail.example.com")],
        )
        .await;
    let cookie = answer.header(header::SET_COOKIE).expect("a cookie");
    assert!(cookie.starts_with("__Host-mailfate="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn a_sign_in_never_leads_to_another_site() {
    let site = Site::new().await;
    for next in [
        "//evil.test/",
        "https://evil.test/",
        "/\\evil.test",
        "javascript:alert(1)",
    ] {
        let mut browser = site.stranger();
        let answer = browser
            .post(
                "/sign-in",
                &[("login", "kundi"), ("password", PASSWORD), ("next", next)],
            )
            .await;
        assert_eq!(answer.location(), Some("/mail"), "{next}");
    }
}
