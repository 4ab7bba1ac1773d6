//! The web server as a browser sees it: the real router, a real PostgreSQL with two customers, a clock that stands still.
//!
//! One program for all these tests, so that they share one database cluster and are linked once.

mod browser;
mod events;
mod failure;
mod freshness;
mod headers;
mod isolation;
mod language;
mod log_page;
mod mail_page;
mod origin;
mod paging;
mod serve;
mod sign_in;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use model::time::{Micros, SECOND};
use server::http::{AppState, Settings, router};
use store::Db;
use store::password::Hasher;
use store::testing::TwoTenants;

use browser::Browser;

/// 2026-11-20T12:00:00Z, 14:00 in Helsinki: the moment of every request, unless a test lets time pass.
const NOW: Micros = Micros(1_795_132_800_000_000 + 12 * 3600 * SECOND);

/// An installation that can be asked.
struct Site {
    tenants: TwoTenants,
    router: Router,
    state: AppState,
    db: Db,
    now: Arc<AtomicI64>,
}

impl Site {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let tenants = TwoTenants::new().await;
        let hasher = Hasher::new(2).expect("a hasher");
        let now = Arc::new(AtomicI64::new(NOW.0));
        let clock = Arc::clone(&now);
        let clock = Arc::new(move || Micros(clock.load(Ordering::Relaxed)));
        let db = tenants.portal().await;
        let state = AppState::new(db.clone(), hasher, clock, settings);
        Self {
            tenants,
            router: router(state.clone()),
            state,
            db,
            now,
        }
    }

    /// Lets time pass.
    fn wait_hours(&self, hours: i64) {
        self.now.fetch_add(hours * 3600 * SECOND, Ordering::Relaxed);
    }

    /// Somebody who has never been here.
    fn stranger(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// Somebody with this login, signed in.
    async fn signed_in(&self, login: &str) -> Browser {
        let mut browser = self.stranger();
        let answer = browser.sign_in(login, store::testing::PASSWORD).await;
        assert_eq!(answer.location(), Some("/mail"), "{login} is let in");
        browser
    }
}
