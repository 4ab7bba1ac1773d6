//! Refuses forms that another web site sends in a visitor's name (CSRF).
//!
//! Goes in: every request. Comes out: the same, or 403 for one that could change something and does not come from our own pages. Browsers say
//! so themselves, in `Sec-Fetch-Site` or in `Origin`; who says neither is no browser of today and is refused too.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::{AppState, Settings, failure};

/// Lets through what only reads, and what comes from our own pages.
pub(super) async fn refuse_foreign(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if only_reads || is_own(request.headers(), &state.settings) {
        next.run(request).await
    } else {
        tracing::warn!(
            "refused a form that does not come from our own pages; if it does, public_url is not the address that people use"
        );
        failure::Context::of(&request).foreign_form()
    }
}

fn is_own(headers: &HeaderMap, settings: &Settings) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else {
        return false;
    };
    match (&settings.public_url, text(header::HOST.as_str())) {
        (Some(url), _) => origin.eq_ignore_ascii_case(url.origin()),
        (None, Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, origin_host)| origin_host.eq_ignore_ascii_case(host)),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::http::PublicUrl;

    #[test]
    fn only_our_own_pages_may_send_forms() {
        let public = Settings {
            public_url: PublicUrl::parse("https://mail.example.com").ok(),
            ..Settings::default()
        };
        let anywhere = Settings::default();
        let is_own = |settings: &Settings, given: &[(&'static str, &'static str)]| {
            let headers = given
                .iter()
                .map(|(name, value)| (name.parse().expect("a header"), HeaderValue::from_static(value)))
                .collect();
            super::is_own(&headers, settings)
        };
        assert!(is_own(&public, &[("sec-fetch-site", "same-origin")]));
        assert!(!is_own(
            &public,
            &[
                ("sec-fetch-site", "same-site"),
                ("origin", "https://mail.example.com")
            ]
        ));
        assert!(is_own(&public, &[("origin", "https://mail.example.com")]));
        assert!(!is_own(
            &public,
            &[("origin", "https://evil.test"), ("host", "evil.test")]
        ));
        assert!(is_own(
            &anywhere,
            &[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]
        ));
        assert!(!is_own(
            &anywhere,
            &[("origin", "null"), ("host", "127.0.0.1:8080")]
        ));
        assert!(!is_own(&anywhere, &[("host", "127.0.0.1:8080")]));
    }
}
