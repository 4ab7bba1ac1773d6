//! The portal's door to the database, and the only place that opens its transactions.
//!
//! Goes in: an address and a user's id. Comes out: a [`Scope`], and with it a read-only [`ScopedTx`]. The pool never leaves this crate, so
//! nothing outside can ask for tenant data without a scope.

use model::ids::UserId;
use sqlx::PgPool;

use crate::address::DatabaseAddress;
use crate::error::StoreError;
use crate::scope::{Scope, ScopedTx};

/// The portal's pool.
#[derive(Clone, Debug)]
pub struct Db {
    pub(crate) pool: PgPool,
}

impl Db {
    /// Connects, and refuses a role that could read around row level security or a database of another version.
    pub async fn connect(address: &DatabaseAddress, max_connections: u32) -> Result<Self, StoreError> {
        let _ = (address, max_connections);
        todo!()
    }

    /// What this user may see, read afresh: call it once a request.
    ///
    /// # Errors
    /// [`StoreError::NoScope`] for a user who is gone, disabled or belongs to no tenant.
    pub async fn scope_for(&self, user_id: UserId) -> Result<Scope, StoreError> {
        let _ = user_id;
        todo!()
    }

    /// A read-only transaction in which only the scope's rows exist.
    pub async fn read(&self, scope: &Scope) -> Result<ScopedTx, StoreError> {
        let _ = scope;
        todo!()
    }

    /// Whether the database answers: for `/readyz`.
    pub async fn ping(&self) -> Result<(), StoreError> {
        todo!()
    }

    /// Waits for running questions and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
