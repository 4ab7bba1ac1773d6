//! Two questions of a load balancer: does the process answer, and can it show mail?
//!
//! Goes in: nothing. Comes out: 200 or 503 with one word. Nothing about why: that is in the log.

use axum::extract::State;
use axum::http::StatusCode;

use super::AppState;

/// `/healthz`: the process answers.
pub(super) async fn is_alive() -> &'static str {
    "ok\n"
}

/// `/readyz`: the database answers too.
pub(super) async fn is_ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match state.db.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "not ready: the database does not answer"
            );
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}
