//! What stands in the headers of every answer.

use axum::http::{StatusCode, header};
use pretty_assertions::assert_eq;
use server::http::{PublicUrl, Settings};

use crate::Site;

#[tokio::test]
async fn pages_are_for_one_visitor_and_run_only_their_own_scripts() {
    let site = Site::new().await;
    let mut browser = site.signed_in("kundi").await;
    for path in ["/mail", "/mail/kundi.test/0123", "/nowhere", "/api/ui/mail-log"] {
        let answer = browser.get(path).await;
        assert_eq!(
            answer.header(header::CACHE_CONTROL),
            Some("private, no-store"),
            "{path}"
        );
        assert_eq!(
            answer.header(header::X_CONTENT_TYPE_OPTIONS),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            answer.header(header::REFERRER_POLICY),
            Some("same-origin"),
            "{path}"
        );
        let policy = answer.header(header::CONTENT_SECURITY_POLICY).expect("a policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{path}: {part} in {policy}");
        }
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        assert!(
            !answer.has(" style=\"") && !answer.has(" onclick"),
            "{path}: nothing inline"
        );
    }
}

#[tokio::test]
async fn every_script_in_a_page_has_the_nonce_of_its_policy_and_no_two_pages_share_one() {
    let site = Site::new().await;
    let mut browser = site.signed_in("kundi").await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let answer = browser.get("/mail").await;
        let policy = answer.header(header::CONTENT_SECURITY_POLICY).expect("a policy");
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .expect("a nonce")
            .to_owned();
        for script in answer.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(tag.contains(&nonce), "<script{tag}>");
        }
        nonces.push(nonce);
    }
    assert_ne!(nonces.first(), nonces.last());
}

#[tokio::test]
async fn an_unknown_address_is_a_page_in_words_with_status_404() {
    let site = Site::new().await;
    let mut browser = site.stranger();
    let answer = browser.get("/no/such/page").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.has("<h1"), "{}", answer.body);
    assert!(answer.has("lang=\"en\""), "{}", answer.body);
}

#[tokio::test]
async fn https_is_remembered_by_browsers() {
    let site = Site::with(Settings {
        public_url: PublicUrl::parse("https://mail.example.com").ok(),
        ..Settings::default()
    })
    .await;
    let answer = site.stranger().get("/sign-in").await;
    assert!(answer.header(header::STRICT_TRANSPORT_SECURITY).is_some());
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_come_compressed() {
    let folder = std::env::temp_dir().join(format!("mailfate-site-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("pkg")).expect("a folder");
    for (name, content) in [
        ("hash.txt", "css: 12ab\n"),
        ("favicon.svg", "<svg/>"),
        ("pkg/mailfate.12ab.css", "body{}"),
        ("pkg/mailfate.12ab.css.br", "compressed"),
    ] {
        std::fs::write(folder.join(name), content).expect("a file");
    }
    let site = Site::with(Settings {
        site: Some(folder.clone()),
        ..Settings::default()
    })
    .await;
    let mut browser = site.stranger();
    let page = browser.get("/sign-in").await;
    let css = page
        .links()
        .into_iter()
        .find(|link| {
            std::path::Path::new(link)
                .extension()
                .is_some_and(|kind| kind == "css")
        })
        .expect("the page names its style sheet");
    let plain = browser.get(&css).await;
    let compressed = browser
        .get_with(&css, &[(header::ACCEPT_ENCODING, "br, gzip")])
        .await;
    let missing = browser.get("/pkg/mailfate.ffff.css").await;
    let outside = browser.get("/pkg/..%2fhash.txt").await;
    let icon = browser.get("/favicon.svg").await;
    std::fs::remove_dir_all(folder).expect("the folder is ours");

    assert_eq!(css, "/pkg/mailfate.12ab.css");
    assert_eq!(plain.body, "body{}");
    assert_eq!(
        plain.header(header::CACHE_CONTROL),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(compressed.body, "compressed");
    assert_eq!(compressed.header(header::CONTENT_ENCODING), Some("br"));
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.header(header::CACHE_CONTROL), Some("private, no-store"));
    assert_ne!(outside.status, StatusCode::OK);
    assert_eq!(icon.header(header::CACHE_CONTROL), Some("public, max-age=3600"));
}

#[tokio::test]
async fn a_load_balancer_gets_short_answers() {
    let site = Site::new().await;
    let mut browser = site.stranger();
    assert_eq!(browser.get("/healthz").await.body, "ok\n");
    assert_eq!(browser.get("/readyz").await.body, "ready\n");
}
