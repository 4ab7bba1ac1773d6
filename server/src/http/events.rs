//! `/events`: tells a signed-in viewer's page that mail in his scope has changed, by Server-Sent Events (HTML standard, section 9.2).
//!
//! Goes in: a request with its visitor and its session. Comes out: a stream of `event: mail` with the names of domains, and nothing of a mail:
//! the page asks again under the viewer's rights. Who looks, and at what, is read again while the stream is open, because it may be open for
//! days.

mod hub;
mod seats;
mod viewer;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use app::visitor::Visitor;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, StreamExt as _};
use store::{Db, PgSessionStore};
use tower_sessions::Session;

use super::{AppState, failure};
use hub::Hub;
use seats::{Full, Seats};
use viewer::Viewer;

/// Proxies and browsers take a connection for dead that says nothing for a minute or so.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long browsers wait before they come back, in the stream's own words.
const COME_BACK_AFTER: Duration = Duration::from_secs(5);
/// nginx passes on at once what says so.
const NO_BUFFER: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);

/// How many may listen, and how often their rights are read again.
#[derive(Clone, Copy, Debug)]
pub struct Live {
    /// Streams of one web server.
    pub streams: usize,
    /// Streams of one user: some windows on some machines.
    pub streams_per_user: usize,
    /// How often session and scope of an open stream are read again.
    pub check_every: Duration,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            streams: 2_000,
            streams_per_user: 12,
            check_every: Duration::from_secs(30),
        }
    }
}

/// What all streams of a web server share.
pub(super) struct Events {
    hub: Hub,
    seats: Arc<Seats>,
    live: Live,
}

impl Events {
    pub(super) fn new(db: &Db, live: Live) -> Self {
        Self {
            hub: Hub::new(db.clone()),
            seats: Arc::new(Seats::new(live.streams, live.streams_per_user)),
            live,
        }
    }

    /// Ends all streams and the listening, for good.
    pub(super) fn end(&self) {
        self.hub.end();
    }
}

/// `GET /events`.
pub(super) async fn events(
    State(state): State<AppState>,
    session: Session,
    Extension(visitor): Extension<Visitor>,
    request: Request,
) -> Response {
    let failure = failure::Context::of(&request);
    let (Some(scope), Some(session_id)) = (visitor.scope, session.id()) else {
        return failure.signed_out();
    };
    let seat = match state.events.seats.take(scope.user_id()) {
        Ok(seat) => seat,
        Err(Full::User) => return failure.too_many_windows(),
        Err(Full::House) => {
            tracing::warn!("more live pages than are allowed: the next ones are not told of new mail");
            return failure.too_many_viewers();
        }
    };
    let changes = state.events.hub.subscribe().await;
    let viewer = Viewer::new(
        &state,
        PgSessionStore::new(&state.db),
        session_id,
        scope,
        changes,
        state.events.hub.ended(),
        state.events.live.check_every,
    );
    let hello = Event::default().retry(COME_BACK_AFTER).comment("listening");
    let told = stream::unfold((viewer, seat), async |(mut viewer, seat)| {
        let event = viewer.next().await?;
        Some((event, (viewer, seat)))
    });
    let all = stream::once(async { hello }).chain(told).map(Ok::<_, Infallible>);
    let answer = Sse::new(all).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    ([NO_BUFFER], answer).into_response()
}
