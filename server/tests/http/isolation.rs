//! Nobody sees another customer's mail: every route and every server function as a stranger, as either customer and as the staff.

use axum::http::{Method, StatusCode};
use model::verdict::Outcome;
use pretty_assertions::assert_eq;
use server::http::server_functions;
use store::testing::record;

use crate::{NOW, Site};

/// Every server function there is. A new one does not come in without a line here and in [`asked`].
const SERVER_FUNCTIONS: [(&str, Method); 2] =
    [("/api/ui/mail", Method::GET), ("/api/ui/mail-log", Method::GET)];

/// Every question with a record of Kundi in it, pages and server functions.
fn asked(mail: &str) -> Vec<String> {
    let (domain, record_id) = mail
        .trim_start_matches("/mail/")
        .split_once('/')
        .expect("domain and id");
    vec![
        "/mail".to_owned(),
        format!("/mail?domain={domain}"),
        "/mail?sender=sender1%40example.net".to_owned(),
        "/mail?text=id1%40example.net".to_owned(),
        format!("/mail?outcome={}", Outcome::Delivered),
        mail.to_owned(),
        "/api/ui/mail-log".to_owned(),
        format!("/api/ui/mail-log?query%5Bdomain%5D={domain}"),
        "/api/ui/mail-log?query%5Bsender%5D=sender1".to_owned(),
        format!("/api/ui/mail?domain={domain}&record_id={record_id}"),
    ]
}

#[test]
fn all_server_functions_are_in_the_list() {
    let mut found = server_functions();
    found.sort_by_key(|(path, _)| *path);
    assert_eq!(found, SERVER_FUNCTIONS);
}

#[tokio::test]
async fn only_those_in_whose_scope_a_mail_is_ever_see_it() {
    let site = Site::new().await;
    let at = NOW.plus_seconds(-60);
    site.tenants
        .store(&[
            record(site.tenants.kundi_test, at, 1),
            record(site.tenants.isp_test, at, 2),
        ])
        .await;
    let mail = site.signed_in("kundi").await.get("/mail").await.mails();
    let mail = mail.first().expect("Kundi's mail").clone();

    for login in ["kundi", "auditor", "reseller", "helpdesk", "operator"] {
        let mut browser = site.signed_in(login).await;
        for question in asked(&mail) {
            let answer = browser.get(&question).await;
            assert_eq!(
                answer.status,
                StatusCode::OK,
                "{login} {question}: {}",
                answer.body
            );
            assert!(answer.has("sender1@example.net"), "{login} {question}");
        }
    }
    let mut other = site.signed_in("ispmail").await;
    for question in asked(&mail) {
        let answer = other.get(&question).await;
        assert!(!answer.has("anna1@kundi.test"), "{question}: {}", answer.body);
        let is_about_one_mail = question.contains("record_id") || question == mail;
        let expected = if is_about_one_mail {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::OK
        };
        assert_eq!(answer.status, expected, "{question}");
    }
    let mut stranger = site.stranger();
    for question in asked(&mail) {
        let answer = stranger.get(&question).await;
        assert!(
            !answer.has("example.net</") && !answer.has("anna1"),
            "{question}: {}",
            answer.body
        );
        let expected = if question.starts_with("/api/") {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::SEE_OTHER
        };
        assert_eq!(answer.status, expected, "{question}");
    }
}

#[tokio::test]
async fn a_server_function_takes_no_rights_from_what_it_is_told() {
    let site = Site::new().await;
    site.tenants
        .store(&[record(site.tenants.kundi_test, NOW.plus_seconds(-60), 1)])
        .await;
    let mut other = site.signed_in("ispmail").await;
    for question in [
        "/api/ui/mail-log?query%5Btenant_id%5D=1&query%5Buser_id%5D=1&query%5Bscope%5D=all",
        "/api/ui/mail-log?query%5Bdomain%5D=KUNDI.TEST",
        "/api/ui/mail-log?query%5Bat%5D=n0.00000000000000000000000000000000.1",
        "/api/ui/mail-log?query%5Btext%5D=%25",
        "/api/ui/mail-log?query%5Bsender%5D=%27%20or%201%3D1%20--",
    ] {
        let answer = other.get(question).await;
        assert!(!answer.has("anna1@kundi.test"), "{question}: {}", answer.body);
    }
}
