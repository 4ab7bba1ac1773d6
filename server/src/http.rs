//! The web server: from a request to the pages of `app`, and what must stand before them.
//!
//! Goes in: a listener and an [`AppState`]. Comes out: a router that reads the session, works out who asks and in which language, and lets the
//! pages answer. It knows headers, cookies and limits; it knows no mail and writes no sentence of its own.

use std::future::{Future, IntoFuture as _};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::services::Clock;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use store::password::Hasher;
use store::{Db, PgSessionStore};
use tokio::net::TcpListener;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

mod assets;
mod client_address;
mod cookie;
mod events;
mod failure;
mod headers;
mod health;
mod language;
mod limits;
mod origin;
mod pages;
mod request;
mod return_path;
mod session;
mod settings;
mod sign_in;
mod visitor;

pub use events::Live;
pub use pages::server_functions;
pub use settings::{PublicUrl, Settings, SettingsError};

use events::Events;
use limits::SignInLimits;

/// Forms are small; nothing else is ever sent to us.
const LARGEST_BODY: usize = 64 * 1024;
/// The database gives up after 10 seconds; no answer takes much longer than that.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// What the handlers share. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    db: Db,
    hasher: Hasher,
    clock: Clock,
    settings: Arc<Settings>,
    limits: Arc<SignInLimits>,
    events: Arc<Events>,
}

impl AppState {
    /// `clock` is the only source of "now" for pages, sessions and limits.
    pub fn new(db: Db, hasher: Hasher, clock: Clock, settings: Settings) -> Self {
        Self {
            events: Arc::new(Events::new(&db, settings.live)),
            db,
            hasher,
            clock,
            settings: Arc::new(settings),
            limits: Arc::new(SignInLimits::default()),
        }
    }
}

/// Every route with everything that stands before it.
pub fn router(state: AppState) -> Router {
    let forms = Router::new()
        .route("/sign-in", post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/language", post(language::choose));
    // Compression would hold events back until there is enough to compress.
    let live = Router::new().route("/events", get(events::events));
    let for_visitors = pages::routes(&state)
        .merge(forms)
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .merge(live)
        .layer(from_fn_with_state(state.clone(), visitor::recognise))
        .layer(session::layer(&PgSessionStore::new(&state.db), &state.settings));
    let for_machines = Router::new()
        .route("/healthz", get(health::is_alive))
        .route("/readyz", get(health::is_ready));
    for_visitors
        .merge(for_machines)
        .merge(assets::routes(state.settings.site.as_deref()))
        .layer(from_fn_with_state(state.clone(), origin::refuse_foreign))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            LONGEST_ANSWER,
        ))
        .layer(from_fn_with_state(state.clone(), headers::add))
        .layer(from_fn(request::identify))
        .with_state(state)
}

/// Answers until `shutdown` is done, then ends the streams and lets the requests that run come to their end.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let sessions = PgSessionStore::new(&state.db);
    let events = Arc::clone(&state.events);
    let shutdown = async move {
        shutdown.await;
        events.end();
    };
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let answer = axum::serve(listener, service).with_graceful_shutdown(shutdown);
    tokio::select! {
        ended = answer.into_future() => ended,
        never = session::sweep(&sessions) => match never {},
    }
}
