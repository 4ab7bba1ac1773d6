//! Everything Mailfate asks of PostgreSQL, and the only crate that names sqlx.
//!
//! Goes in: a signed-in user's id, typed queries, finished records. Comes out: pages, views, reports of what was written.
//! Three doors, one a database role: [`Db`] for the portal (row level security forced, tenant data only through a [`Scope`]),
//! [`IngestDb`] for the worker, [`OwnerDb`] for migrations and administration. No rule about mail is decided here.

pub mod address;
pub mod changes;
pub mod db;
pub mod embedded;
pub mod error;
pub mod freshness;
pub mod ingest;
pub mod mail;
pub mod owner;
pub mod password;
pub mod scope;
pub mod session;
pub mod sign_in;
#[cfg(feature = "testing")]
pub mod testing;
mod timestamp;
mod version;

pub use address::DatabaseAddress;
pub use db::Db;
pub use error::StoreError;
pub use ingest::IngestDb;
pub use owner::OwnerDb;
pub use scope::{Scope, ScopedDomain, ScopedTx};
pub use session::PgSessionStore;
