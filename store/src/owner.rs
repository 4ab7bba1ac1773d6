//! The owner's door: migrations, tenants, users and domains.
use model::ids::{DomainId, TenantId, UserId};
use model::viewer::Role;
use secrecy::SecretString;
use sqlx::PgPool;

use crate::address::DatabaseAddress;
use crate::error::StoreError;

/// The owner's pool.
#[derive(Clone, Debug)]
pub struct OwnerDb {
    #[expect(dead_code, reason = "first its signatures, then its body")]
    pool: PgPool,
}

/// What a tenant is in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantKind {
    /// Runs the servers; the root.
    Operator,
    /// Has customers.
    Reseller,
    /// Has domains.
    Customer,
}

/// A user to be created.
#[derive(Debug)]
pub struct NewUser<'a> {
    /// What the user signs in with; stored in lower case.
    pub login: &'a str,
    /// The name for people.
    pub display_name: &'a str,
    /// The first password.
    pub password: &'a SecretString,
    /// `en`, `de`, `it`.
    pub language: &'a str,
    /// IANA time zone.
    pub zone: &'a str,
}

impl OwnerDb {
    /// Connects as the owner of the tables.
    pub async fn connect(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let _ = address;
        todo!()
    }
    /// Brings the database to this program's version; returns how many migrations were applied.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        todo!()
    }
    /// Creates a tenant below `parent` (the operator has none).
    pub async fn create_tenant(&self, kind: TenantKind, name: &str, parent: Option<TenantId>) -> Result<TenantId, StoreError> {
        let _ = (kind, name, parent);
        todo!()
    }
    /// Creates a user and makes him a member of a tenant.
    pub async fn create_user(&self, user: &NewUser<'_>, tenant: TenantId, role: Role) -> Result<UserId, StoreError> {
        let _ = (user, tenant, role);
        todo!()
    }
    /// Creates a hosted domain.
    pub async fn create_domain(&self, tenant: TenantId, name: &str) -> Result<DomainId, StoreError> {
        let _ = (tenant, name);
        todo!()
    }
}
