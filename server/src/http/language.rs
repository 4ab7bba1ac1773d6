//! The choice of a language.
//!
//! Goes in: a form. Comes out: a cookie for a year, and the way back. The cookie holds no secret and outlives the session, so that the sign-in
//! page speaks the visitor's language too.

use app::language::Language;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{AppState, return_path};

/// The name of the cookie.
pub(super) const COOKIE: &str = "mailfate-language";
const A_YEAR: &str = "31536000";

/// The form on every page.
#[derive(Deserialize)]
pub(super) struct Choice {
    language: String,
    #[serde(default)]
    back: String,
}

/// `POST /language`. A language that we do not speak changes nothing.
pub(super) async fn choose(State(state): State<AppState>, Form(choice): Form<Choice>) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(language) = Language::from_id(&choice.language) {
        let secure = if state.settings.is_https() { "; Secure" } else { "" };
        let cookie = format!(
            "{COOKIE}={}; Path=/; Max-Age={A_YEAR}; SameSite=Lax; HttpOnly{secure}",
            language.id()
        );
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.insert(header::SET_COOKIE, cookie);
        }
    }
    (headers, Redirect::to(return_path::own_or_home(&choice.back))).into_response()
}
