//! The small pages of the server itself: not even the visitor could be worked out, a form came from elsewhere, there is no stream for whoever
//! asks.
//!
//! Goes in: a cause. Comes out: a small page in words with the request's id; the cause goes to the log. Everything that fails later is shown
//! by the pages themselves.

use std::error::Error;

use app::language::Language;
use app::texts::Texts;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use store::StoreError;

use super::request::RequestId;
use super::visitor;

/// What failed before there was a visitor.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    /// The session could not be read or written.
    #[error("the session failed: {0}")]
    Session(#[from] tower_sessions::session::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the page needs of a request that is used up elsewhere.
pub(super) struct Context {
    language: Language,
    request_id: String,
}

impl Context {
    /// Of a request.
    pub(super) fn of(request: &Request) -> Self {
        Self {
            language: visitor::language_of(request.headers(), None),
            request_id: request
                .extensions()
                .get::<RequestId>()
                .map(|id| id.0.clone())
                .unwrap_or_default(),
        }
    }

    /// The page; logs the cause.
    pub(super) fn page(&self, cause: &Cause) -> Response {
        tracing::error!(
            request_id = self.request_id,
            error = cause as &dyn Error,
            "a request failed before its page"
        );
        self.html(
            StatusCode::SERVICE_UNAVAILABLE,
            "problem-failed-title",
            "problem-failed-text",
        )
    }

    /// The page for a form that another site sent, or that came under another name than the configured one.
    pub(super) fn foreign_form(&self) -> Response {
        self.html(
            StatusCode::FORBIDDEN,
            "problem-foreign_form-title",
            "problem-foreign_form-text",
        )
    }

    /// For whoever must sign in first.
    pub(super) fn signed_out(&self) -> Response {
        self.html(
            StatusCode::UNAUTHORIZED,
            "problem-signed_out-title",
            "problem-signed_out-text",
        )
    }

    /// This user has as many live pages open as one may have.
    pub(super) fn too_many_windows(&self) -> Response {
        self.html(
            StatusCode::TOO_MANY_REQUESTS,
            "problem-too_many_windows-title",
            "problem-too_many_windows-text",
        )
    }

    /// All users together have.
    pub(super) fn too_many_viewers(&self) -> Response {
        self.html(
            StatusCode::SERVICE_UNAVAILABLE,
            "problem-too_many_viewers-title",
            "problem-too_many_viewers-text",
        )
    }

    fn html(&self, status: StatusCode, title: &str, text: &str) -> Response {
        let texts = Texts::of(self.language);
        let (title, text) = (texts.say(title), texts.say(text));
        let (language, id) = (self.language.id(), &self.request_id);
        // Only our own words and a hexadecimal number: there is nothing to escape.
        let html = format!(
            "<!DOCTYPE html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title></head>\
             <body><main><h1>{title}</h1><p>{text}</p><p><code>{id}</code></p></main></body></html>"
        );
        (status, Html(html)).into_response()
    }
}

/// The page for a request that is still whole.
pub(super) fn page(request: &Request, cause: &Cause) -> Response {
    Context::of(request).page(cause)
}
