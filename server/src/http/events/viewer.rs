//! One open stream: what its viewer is told, how often, and for how long.
//!
//! Goes in: changes of all domains. Comes out: events of the viewer's own ones, gathered, at most two a second; `None` at the end. The stream
//! ends with the session, with the user's rights, and with the web server. It never keeps a session alive: a page that lies open is no request.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use app::services::Clock;
use axum::response::sse::Event;
use model::ids::DomainId;
use serde::Serialize;
use store::changes::Changed;
use store::{Db, PgSessionStore, Scope, StoreError};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tower_sessions::Session;
use tower_sessions::session::Id;

use crate::http::failure::Cause;
use crate::http::{AppState, session};

/// Between two events: at most two a second.
const GAP: Duration = Duration::from_millis(500);
/// More names than this in one event help nobody: then anything may have changed.
const MOST_NAMES: usize = 100;
/// So long the database may take to say what the viewer may see.
const PATIENCE: Duration = Duration::from_secs(10);
/// Rights that could not be read for so long count as gone.
const LONGEST_UNCHECKED: Duration = Duration::from_secs(50);

/// A stream's own state.
pub(super) struct Viewer {
    db: Db,
    clock: Clock,
    sessions: Arc<PgSessionStore>,
    session_id: Id,
    scope: Scope,
    changes: Receiver<Arc<Changed>>,
    end: CancellationToken,
    check_every: Duration,
    checked_at: Instant,
    check_at: Instant,
    /// What is to be told.
    pending: Option<Changed>,
    /// Not before this moment.
    tell_at: Instant,
}

/// What an event says.
#[derive(Serialize)]
struct Told<'a> {
    /// The domains whose mail has changed; `null`: any of the viewer's.
    domains: Option<Vec<&'a str>>,
}

impl Viewer {
    pub(super) fn new(
        state: &AppState,
        sessions: PgSessionStore,
        session_id: Id,
        scope: Scope,
        changes: Receiver<Arc<Changed>>,
        end: CancellationToken,
        check_every: Duration,
    ) -> Self {
        let now = Instant::now();
        Self {
            db: state.db.clone(),
            clock: Arc::clone(&state.clock),
            sessions: Arc::new(sessions),
            session_id,
            scope,
            changes,
            end,
            check_every,
            checked_at: now,
            check_at: now + check_every,
            pending: None,
            tell_at: now,
        }
    }

    /// The next event; `None` when the stream is over.
    pub(super) async fn next(&mut self) -> Option<Event> {
        let end = self.end.clone();
        end.run_until_cancelled(self.wait()).await.flatten()
    }

    async fn wait(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                // Rights before news: a stream that nobody has read for an hour is checked before it goes on.
                biased;
                () = sleep_until(self.check_at) => {
                    if !self.is_still_welcome().await {
                        return None;
                    }
                }
                () = sleep_until(self.tell_at), if self.pending.is_some() => {
                    let event = self.pending.take().and_then(|pending| event(&pending, &self.scope));
                    if event.is_some() {
                        self.tell_at = Instant::now() + GAP;
                        return event;
                    }
                }
                changed = self.changes.recv() => match changed {
                    Ok(changed) => self.note(changed.within(&self.scope)),
                    Err(RecvError::Lagged(_)) => {
                        // What still waits is part of "anything".
                        self.changes = self.changes.resubscribe();
                        self.note(Some(Changed::Unknown));
                    }
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    fn note(&mut self, changed: Option<Changed>) {
        let Some(changed) = changed else { return };
        self.pending = Some(match (self.pending.take(), changed) {
            (None, changed) => changed,
            (Some(Changed::Domains(mut before)), Changed::Domains(new)) => {
                before.extend(new);
                if before.len() > MOST_NAMES {
                    Changed::Unknown
                } else {
                    Changed::Domains(before)
                }
            }
            (Some(Changed::Unknown), _) | (_, Changed::Unknown) => Changed::Unknown,
        });
    }

    /// Reads session and rights again. Without an answer of the database the stream goes on for a while, since it tells no data.
    async fn is_still_welcome(&mut self) -> bool {
        let answer = timeout(PATIENCE, self.scope_now()).await;
        let now = Instant::now();
        self.check_at = now + self.check_every;
        match answer {
            Ok(Ok(Some(scope))) => {
                self.scope = scope;
                self.checked_at = now;
                true
            }
            Ok(Ok(None)) => false,
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn Error,
                    "the rights behind an open stream could not be read"
                );
                now - self.checked_at < LONGEST_UNCHECKED
            }
            Err(_) => now - self.checked_at < LONGEST_UNCHECKED,
        }
    }

    async fn scope_now(&self) -> Result<Option<Scope>, Cause> {
        // A session of its own, which reads afresh and is never written back.
        let session = Session::new(Some(self.session_id), Arc::clone(&self.sessions) as _, None);
        let Some(user_id) = session::user(&session, (self.clock)()).await? else {
            return Ok(None);
        };
        if user_id != self.scope.user_id() {
            return Ok(None);
        }
        match self.db.scope_for(user_id).await {
            Ok(scope) => Ok(Some(scope)),
            Err(StoreError::NoScope { .. } | StoreError::RoleDoesNotFit { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The event, unless the viewer has lost all of its domains meanwhile.
fn event(changed: &Changed, scope: &Scope) -> Option<Event> {
    let domains = match changed.within(scope)? {
        Changed::Domains(ids) => names(&ids, scope),
        Changed::Unknown => None,
    };
    let event = Event::default().event("mail");
    Some(
        event
            .json_data(Told { domains })
            .expect("invariant: names are JSON"),
    )
}

/// The names, when the scope knows all of them and they are not too many.
fn names<'a>(ids: &BTreeSet<DomainId>, scope: &'a Scope) -> Option<Vec<&'a str>> {
    let known = scope.domains().iter();
    let names: Vec<&str> = known
        .filter(|domain| ids.contains(&domain.domain_id))
        .map(|domain| domain.name.as_str())
        .collect();
    // A domain that was made after the scope was read has no name yet.
    (names.len() == ids.len() && names.len() <= MOST_NAMES).then_some(names)
}
