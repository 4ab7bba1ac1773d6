//! The session of a signed-in person: a cookie with a random id, and behind it a user and two moments.
//!
//! Goes in: tower-sessions' session. Comes out: the user, as long as the session is alive by our own rules: it ends after 12 hours without a
//! request and after 30 days in any case. What the user may see is not in it: that is read afresh for every request.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use model::ids::UserId;
use model::time::{DAY, Micros, SECOND};
use serde::{Deserialize, Serialize};
use store::PgSessionStore;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::Error as SessionError;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use super::Settings;

/// Without a request for so long, a session ends.
const LONGEST_IDLE: i64 = 12 * 3600 * SECOND;
/// No session is older.
const LONGEST_LIFE: i64 = 30 * DAY;
/// Being seen is written down at most so often.
const SEEN_STEP: i64 = 600 * SECOND;
/// How often expired sessions are deleted.
const SWEEP_EVERY: Duration = Duration::from_mins(30);

const KEY: &str = "signed_in";

/// What a session holds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct SignedIn {
    user_id: UserId,
    since: Micros,
    seen: Micros,
}

/// The layer that brings and takes the cookie.
pub(super) fn layer(store: &PgSessionStore, settings: &Settings) -> SessionManagerLayer<PgSessionStore> {
    SessionManagerLayer::new(store.clone())
        .with_name(cookie_name(settings))
        .with_secure(settings.is_https())
        .with_http_only(true)
        // Lax: a link in a mail leads to the page, a foreign form to nothing.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::microseconds(LONGEST_IDLE)))
}

/// `__Host-` makes browsers refuse the cookie from anybody but this very host; they take it over https only.
pub(super) fn cookie_name(settings: &Settings) -> &'static str {
    if settings.is_https() {
        "__Host-mailfate"
    } else {
        "mailfate"
    }
}

/// Deletes what has expired, for as long as the server runs.
pub(super) async fn sweep(store: &PgSessionStore) -> Infallible {
    let mut interval = tokio::time::interval(SWEEP_EVERY);
    loop {
        interval.tick().await;
        match store.delete_expired().await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "deleted expired sessions"),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn Error,
                    "expired sessions could not be deleted"
                );
            }
        }
    }
}

/// Signs a user in, under a new id: an id that somebody planted before is worth nothing.
pub(super) async fn begin(session: &Session, user_id: UserId, now: Micros) -> Result<(), SessionError> {
    session.clear().await;
    session.cycle_id().await?;
    let signed_in = SignedIn {
        user_id,
        since: now,
        seen: now,
    };
    session.insert(KEY, signed_in).await
}

/// The signed-in user; ends a session that is too old.
pub(super) async fn user(session: &Session, now: Micros) -> Result<Option<UserId>, SessionError> {
    let Some(mut signed_in) = session.get::<SignedIn>(KEY).await? else {
        return Ok(None);
    };
    if now.0 - signed_in.seen.0 > LONGEST_IDLE || now.0 - signed_in.since.0 > LONGEST_LIFE {
        end(session).await?;
        return Ok(None);
    }
    if now.0 - signed_in.seen.0 > SEEN_STEP {
        signed_in.seen = now;
        session.insert(KEY, signed_in).await?;
    }
    Ok(Some(signed_in.user_id))
}

/// Ends the session, in the browser and in the database.
pub(super) async fn end(session: &Session) -> Result<(), SessionError> {
    session.flush().await
}
