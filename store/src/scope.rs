//! What a viewer may see, as a value that cannot be forged, and the transaction that it opens.
//!
//! Goes in: nothing from outside; `Db::scope_for` makes a [`Scope`]. Comes out: the viewer's name, role and domains, and a [`ScopedTx`] for
//! the questions of this crate. A scope has no public constructor and cannot be read from JSON.

use std::fmt;
use std::sync::Arc;

use model::ids::{DomainId, TenantId, UserId};
use model::time::Micros;
use model::viewer::{Permission, Role};
use sqlx::{Postgres, Transaction};

use crate::error::StoreError;

/// What one signed-in person may see. Cheap to clone.
#[derive(Clone)]
pub struct Scope(pub(crate) Arc<ScopeFields>);

pub(crate) struct ScopeFields {
    pub(crate) user_id: UserId,
    pub(crate) login: String,
    pub(crate) display_name: String,
    pub(crate) language: String,
    pub(crate) zone: String,
    pub(crate) role: Role,
    pub(crate) tenant_id: TenantId,
    pub(crate) tenant_name: String,
    /// Helpdesk and operator: every row, copies too.
    pub(crate) sees_all: bool,
    pub(crate) tenant_ids: Vec<TenantId>,
    pub(crate) domains: Vec<ScopedDomain>,
}

/// A hosted domain in scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopedDomain {
    /// Its id.
    pub domain_id: DomainId,
    /// Its name, lower case.
    pub name: String,
    /// Mail before this moment belongs to an earlier owner; `None`: hosted here from the beginning.
    pub hosted_since: Option<Micros>,
}

impl Scope {
    /// The user.
    pub fn user_id(&self) -> UserId {
        self.0.user_id
    }
    /// What the user signs in with.
    pub fn login(&self) -> &str {
        &self.0.login
    }
    /// The user's name for people.
    pub fn display_name(&self) -> &str {
        &self.0.display_name
    }
    /// BCP 47 language (`en`, `de`, `it`).
    pub fn language(&self) -> &str {
        &self.0.language
    }
    /// IANA time zone (`Europe/Berlin`).
    pub fn zone(&self) -> &str {
        &self.0.zone
    }
    /// The user's role in the tenant.
    pub fn role(&self) -> Role {
        self.0.role
    }
    /// The tenant.
    pub fn tenant_id(&self) -> TenantId {
        self.0.tenant_id
    }
    /// The tenant's name.
    pub fn tenant_name(&self) -> &str {
        &self.0.tenant_name
    }
    /// The domains in scope, by name.
    pub fn domains(&self) -> &[ScopedDomain] {
        &self.0.domains
    }
    /// The domain of this name, if it is in scope.
    pub fn domain(&self, name: &str) -> Option<&ScopedDomain> {
        self.0.domains.iter().find(|domain| domain.name == name)
    }
    /// Whether the role has this permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.0.role.may(permission)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No names: a scope may end up in a log.
        write!(f, "Scope(user {}, {})", self.0.user_id, self.0.role)
    }
}

/// A read-only transaction in which only the scope's rows exist.
pub struct ScopedTx {
    pub(crate) tx: Transaction<'static, Postgres>,
    pub(crate) scope: Scope,
}

impl ScopedTx {
    /// Whose eyes these are.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Ends the transaction. Dropping it does the same, a little later.
    pub async fn finish(self) -> Result<(), StoreError> {
        self.tx.commit().await?;
        Ok(())
    }
}
