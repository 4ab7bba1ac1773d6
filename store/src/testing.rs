//! A real PostgreSQL for tests: one private cluster shared by the test processes of a run, a fresh database for each test.
use crate::address::DatabaseAddress;

/// A fresh, migrated database.
#[derive(Debug)]
pub struct TestDatabase {}

impl TestDatabase {
    /// Makes one.
    pub async fn new() -> Self {
        todo!()
    }
    /// As the portal's role.
    pub fn portal(&self) -> DatabaseAddress {
        todo!()
    }
    /// As the worker's role.
    pub fn ingest(&self) -> DatabaseAddress {
        todo!()
    }
    /// As the owner.
    pub fn owner(&self) -> DatabaseAddress {
        todo!()
    }
}
