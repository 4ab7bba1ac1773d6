//! The portal's door to the database, and the only place that opens its transactions.
//!
//! Goes in: an address and a user's id. Comes out: a [`Scope`], and with it a read-only [`ScopedTx`]. The pool never leaves this crate, so
//! nothing outside can ask for tenant data without a scope.

use std::sync::Arc;
use std::time::Duration;

use model::ids::{DomainId, TenantId, UserId};
use model::viewer::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};

use crate::address::DatabaseAddress;
use crate::error::StoreError;
use crate::owner::TenantKind;
use crate::scope::{Scope, ScopeFields, ScopedDomain, ScopedTx};
use crate::timestamp::Timestamp;
use crate::version;

/// No question of a page may take longer; the page then says so.
const STATEMENT_TIMEOUT: &str = "10s";

/// The portal's pool.
#[derive(Clone, Debug)]
pub struct Db {
    pub(crate) pool: PgPool,
}

impl Db {
    /// Connects, and refuses a role that could read around row level security or a database of another version.
    pub async fn connect(address: &DatabaseAddress, max_connections: u32) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(portal_options(address))
            .await
            .map_err(|source| StoreError::Connect {
                address: address.to_string(),
                source,
            })?;
        refuse_dangerous_role(&pool).await?;
        version::check(&pool).await?;
        Ok(Self { pool })
    }

    /// What this user may see, read afresh: call it once a request.
    ///
    /// A scope comes from one membership, the oldest: rights of two roles are never mixed.
    ///
    /// # Errors
    /// [`StoreError::NoScope`] for a user who is gone, disabled or belongs to no tenant.
    pub async fn scope_for(&self, user_id: UserId) -> Result<Scope, StoreError> {
        let mut tx = self.begin().await?;
        let fields = read_scope(&mut tx, user_id).await?;
        tx.commit().await?;
        fields
            .map(|fields| Scope(Arc::new(fields)))
            .ok_or(StoreError::NoScope { user_id })
    }

    /// A read-only transaction in which only the scope's rows exist.
    pub async fn read(&self, scope: &Scope) -> Result<ScopedTx, StoreError> {
        let mut tx = self.begin().await?;
        let fields = &scope.0;
        // The third argument makes it SET LOCAL: the next user of this connection starts with nothing.
        sqlx::query!(
            r#"
            select
                set_config('mailfate.user_id', $1, true) as a,
                set_config('mailfate.tenant_ids', $2, true) as b,
                set_config('mailfate.domain_ids', $3, true) as c,
                set_config('mailfate.sees_all', $4, true) as d,
                set_config('statement_timeout', $5, true) as e
            "#,
            fields.user_id.to_string(),
            array_literal(fields.tenant_ids.iter().map(|id| id.0)),
            // Whoever sees all needs no list, and 2,000 numbers would be searched for every row.
            array_literal(
                fields
                    .domains
                    .iter()
                    .filter(|_| !fields.sees_all)
                    .map(|domain| domain.domain_id.0)
            ),
            if fields.sees_all { "on" } else { "off" },
            STATEMENT_TIMEOUT,
        )
        .fetch_one(&mut *tx)
        .await?;
        Ok(ScopedTx {
            tx,
            scope: scope.clone(),
        })
    }

    /// Whether the database answers: for `/readyz`.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query!("select 1 as one").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Waits for running questions and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A read-only transaction without any scope: in it no tenant's row is visible until a setting says so.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.pool.begin_with("begin read only").await?)
    }
}

/// Settings of every portal connection.
fn portal_options(address: &DatabaseAddress) -> PgConnectOptions {
    address.options().application_name("mailfate portal").options([
        // Planning a question over 30 day partitions costs several times its run time; the plans do not depend on the values.
        ("plan_cache_mode", "force_generic_plan"),
        // Costs over many partitions look high enough for JIT, which then compiles longer than the question runs.
        ("jit", "off"),
        ("timezone", "UTC"),
    ])
}

/// Refuses superusers, roles with BYPASSRLS, owners, and whoever can become one of these.
async fn refuse_dangerous_role(pool: &PgPool) -> Result<(), StoreError> {
    let found = sqlx::query!(
        r#"
        select
            me.rolname::text as "role!",
            me.rolsuper as "superuser!",
            me.rolbypassrls as "bypasses!",
            me.rolcreaterole as "creates_roles!",
            exists (
                select from pg_class
                where relnamespace = 'public'::regnamespace and pg_has_role(me.oid, relowner, 'member')
            ) as "owns!",
            exists (
                select from pg_roles other
                where pg_has_role(me.oid, other.oid, 'member') and (other.rolsuper or other.rolbypassrls)
            ) as "can_become!"
        from pg_roles me
        where me.rolname = session_user
        "#
    )
    .fetch_one(pool)
    .await?;
    let problem = if found.superuser {
        "is a superuser"
    } else if found.bypasses {
        "has BYPASSRLS"
    } else if found.creates_roles {
        "may create roles, and so become any"
    } else if found.owns {
        "owns the tables or is a member of their owner"
    } else if found.can_become {
        "is a member of a role that bypasses row level security"
    } else {
        return Ok(());
    };
    Err(StoreError::DangerousRole {
        role: found.role,
        problem,
    })
}

/// Reads a user's scope step by step; each step sees only what the one before it made visible.
async fn read_scope(
    tx: &mut Transaction<'static, Postgres>,
    user_id: UserId,
) -> Result<Option<ScopeFields>, StoreError> {
    sqlx::query!(
        "select set_config('mailfate.user_id', $1, true) as a",
        user_id.to_string()
    )
    .fetch_one(&mut **tx)
    .await?;
    let Some(user) = sqlx::query!(
        r#"
        select
            u.login,
            u.display_name,
            u.language,
            u.zone,
            m.tenant_id,
            m.role
        from app_user u
        join membership m on m.user_id = u.user_id
        where u.user_id = $1 and u.disabled_at is null
        order by m.membership_id
        limit 1
        "#,
        user_id.0
    )
    .fetch_optional(&mut **tx)
    .await?
    else {
        return Ok(None);
    };
    let role: Role = user.role.parse()?;

    set_tenants(tx, &[user.tenant_id]).await?;
    let tenants = sqlx::query!("select tenant_id, name, kind from tenant")
        .fetch_all(&mut **tx)
        .await?;
    let Some(own) = tenants.iter().find(|tenant| tenant.tenant_id == user.tenant_id) else {
        return Ok(None);
    };
    let kind: TenantKind = own.kind.parse()?;
    if !kind.fits(role) {
        // Only a hand in the database can write that; nobody shall become operator by a membership in a customer.
        return Err(StoreError::RoleDoesNotFit { role, kind });
    }
    let sees_all = match role {
        Role::Helpdesk | Role::Operator => true,
        Role::Mailbox | Role::Auditor | Role::Customer | Role::Reseller => false,
    };

    let tenant_ids: Vec<i32> = tenants.iter().map(|tenant| tenant.tenant_id).collect();
    set_tenants(tx, &tenant_ids).await?;
    let domains = match role {
        // A mailbox user sees addresses, not domains, and there is no list of addresses yet: so nothing.
        Role::Mailbox => Vec::new(),
        Role::Auditor | Role::Customer | Role::Reseller | Role::Helpdesk | Role::Operator => {
            read_domains(tx).await?
        }
    };
    Ok(Some(ScopeFields {
        user_id,
        login: user.login,
        display_name: user.display_name,
        language: user.language,
        zone: user.zone,
        role,
        tenant_id: TenantId(user.tenant_id),
        tenant_name: own.name.clone(),
        sees_all,
        tenant_ids: tenant_ids.into_iter().map(TenantId).collect(),
        domains,
    }))
}

async fn set_tenants(tx: &mut Transaction<'static, Postgres>, tenant_ids: &[i32]) -> Result<(), StoreError> {
    sqlx::query!(
        "select set_config('mailfate.tenant_ids', $1, true) as a",
        array_literal(tenant_ids.iter().copied())
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

async fn read_domains(tx: &mut Transaction<'static, Postgres>) -> Result<Vec<ScopedDomain>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            domain_id,
            name,
            hosted_since as "hosted_since: Timestamp"
        from domain
        order by name
        "#
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ScopedDomain {
            domain_id: DomainId(row.domain_id),
            name: row.name,
            hosted_since: row.hosted_since.map(|since| since.0),
        })
        .collect())
}

/// `{1,2,3}`: how PostgreSQL writes an int array.
fn array_literal(ids: impl Iterator<Item = i32>) -> String {
    let list: Vec<String> = ids.map(|id| id.to_string()).collect();
    ["{", &list.join(","), "}"].concat()
}
