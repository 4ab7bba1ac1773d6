//! One listener for all viewers of a web server.
//!
//! Goes in: the database. Comes out: a channel on which every viewer hears every change; what of it concerns him, each finds out himself.
//! Listening begins with the first viewer. When its connection breaks, it connects again, after pauses that grow; then everybody is told that
//! anything may have changed.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::Db;
use store::changes::{Changed, Changes};
use tokio::sync::{broadcast, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Changes that a viewer may be behind: then he is told once that anything may have changed.
const WAITING: usize = 256;
/// So long a viewer waits for the listening to begin; later he goes without, and is told when it has begun.
const PATIENCE: Duration = Duration::from_secs(5);
/// The first and the longest pause before another try to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The listener and those who are told.
pub(super) struct Hub {
    db: Db,
    told: broadcast::Sender<Arc<Changed>>,
    is_listening: watch::Sender<bool>,
    end: CancellationToken,
    task: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Hub {
    pub(super) fn new(db: Db) -> Self {
        Self {
            db,
            told: broadcast::Sender::new(WAITING),
            is_listening: watch::Sender::new(false),
            end: CancellationToken::new(),
            task: Mutex::default(),
        }
    }

    /// Every change from now on.
    pub(super) async fn subscribe(&self) -> broadcast::Receiver<Arc<Changed>> {
        self.start();
        let mut is_listening = self.is_listening.subscribe();
        // Without an answer the connection is not there yet; `Changed::Unknown` comes when it is.
        let _ = timeout(PATIENCE, is_listening.wait_for(|is_listening| *is_listening)).await;
        self.told.subscribe()
    }

    /// Ends the listening, and whoever waits for [`Hub::ended`].
    pub(super) fn end(&self) {
        self.end.cancel();
    }

    /// Cancelled when the web server stops.
    pub(super) fn ended(&self) -> CancellationToken {
        self.end.clone()
    }

    fn start(&self) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.is_some() || self.end.is_cancelled() {
            return;
        }
        let listen = listen(self.db.changes(), self.told.clone(), self.is_listening.clone());
        let end = self.end.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "the handle is kept, and there is no result"
        )]
        let running = tokio::spawn(async move {
            end.run_until_cancelled(listen).await;
        });
        *task = Some(AbortOnDropHandle::new(running));
    }
}

/// Listens until it is dropped.
async fn listen(
    mut changes: Changes,
    told: broadcast::Sender<Arc<Changed>>,
    is_listening: watch::Sender<bool>,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        match changes.next().await {
            Ok(changed) => {
                pause = FIRST_PAUSE;
                // Nobody may be there to hear it.
                let _ = told.send(Arc::new(changed));
                is_listening.send_replace(true);
            }
            Err(error) => {
                is_listening.send_replace(false);
                tracing::warn!(
                    error = &error as &dyn Error,
                    next_try_seconds = pause.as_secs_f32(),
                    "the portal is not told of new mail just now, so pages do not show it by themselves"
                );
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
