//! An id and a log line for every request.
//!
//! Goes in: a request. Comes out: the same with a [`RequestId`], and a line with method, path, status and time. Never the query: it holds
//! addresses of people.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument as _;

/// Finds a request in the log. Random, so that it tells nothing about other requests.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request its id and logs its end.
pub(super) async fn identify(mut request: Request, next: Next) -> Response {
    let id = format!("{:016x}", rand::random::<u64>());
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("http.request", request_id = id, method = %request.method(), path = request.uri().path());
    async move {
        // tokio's clock: for the length of an answer only, never for a moment on a page.
        let started = Instant::now();
        let mut response = next.run(request).await;
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status = response.status().as_u16(), millis, "answered");
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(HEADER, value);
        }
        response
    }
    .instrument(span)
    .await
}
