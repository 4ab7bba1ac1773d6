//! What the pages need from the program around them.
//!
//! Goes in: made once by the server (or a test). Comes out: the database's door and a clock, as Leptos context in every request.

use std::sync::Arc;

use leptos::prelude::expect_context;
use model::time::Micros;
use store::Db;

/// Tells the time; the real one exists only at the program's edge, tests give a fixed one.
pub type Clock = Arc<dyn Fn() -> Micros + Send + Sync>;

/// The services behind the pages. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The portal's door to the database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
}

/// The services of the running request.
pub fn services() -> Services {
    expect_context()
}
