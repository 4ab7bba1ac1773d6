//! The headers of every answer: what browsers may keep, and what they must not do.
//!
//! Goes in: an answer. Comes out: the same with its headers. The pages' own policy (`Content-Security-Policy` with a nonce) is made where the
//! nonce is, in `app::document`; what has none gets the strictest here.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::{AppState, assets};

/// Set on every answer.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    // Not `no-referrer`: with that, browsers send `Origin: null` with forms.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// For answers that are no page.
const NOTHING_ALLOWED: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
);
const FOR_THIS_VISITOR_ONLY: HeaderValue = HeaderValue::from_static("private, no-store");
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// Two years, as browsers' preload lists ask for; without subdomains, which are not ours to decide about.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Adds what an answer has not set itself.
pub(super) async fn add(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let keep = assets::keeping(request.uri().path());
    let mut response = next.run(request).await;
    let is_there = response.status().is_success() || response.status().is_redirection();
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if state.settings.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    set_if_missing(headers, header::CONTENT_SECURITY_POLICY, NOTHING_ALLOWED);
    headers.insert(
        header::CACHE_CONTROL,
        match keep.filter(|_| is_there) {
            Some(assets::Keep::ForEver) => FOR_EVER,
            Some(assets::Keep::AnHour) => FOR_AN_HOUR,
            None => FOR_THIS_VISITOR_ONLY,
        },
    );
    response
}

fn set_if_missing(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}
