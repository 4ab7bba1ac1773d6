//! The owner's door: migrations, and the tenants, users and domains that an operator makes.
//!
//! Goes in: names and roles. Comes out: ids. Used by `mailfate migrate`, `demo` and the admin commands, never by the portal. It writes no mail.

use std::time::Duration;

use model::ids::{DomainId, TenantId, UserId};
use model::time::Micros;
use model::viewer::Role;
use secrecy::SecretString;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::address::DatabaseAddress;
use crate::error::StoreError;
use crate::password::Hasher;
use crate::timestamp::Timestamp;
use crate::version;

/// SQL that makes the three roles, for a superuser of an external cluster.
pub const ROLES: &str = include_str!("roles.sql");

/// The owner's pool.
#[derive(Clone, Debug)]
pub struct OwnerDb {
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

impl TenantKind {
    /// The word in the database.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Reseller => "reseller",
            Self::Customer => "customer",
        }
    }

    /// Whether a member of such a tenant can have this role.
    pub const fn fits(self, role: Role) -> bool {
        match role {
            Role::Operator | Role::Helpdesk => matches!(self, Self::Operator),
            Role::Reseller => matches!(self, Self::Reseller),
            Role::Customer | Role::Auditor | Role::Mailbox => matches!(self, Self::Customer),
        }
    }
}

impl std::fmt::Display for TenantKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

impl std::str::FromStr for TenantKind {
    type Err = model::ids::UnknownId;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        [Self::Operator, Self::Reseller, Self::Customer]
            .into_iter()
            .find(|kind| kind.id() == id)
            .ok_or_else(|| model::ids::UnknownId {
                kind: "TenantKind",
                id: id.to_owned(),
            })
    }
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
    /// Connects as the owner of the tables. Does not check the version: migrating comes through this door.
    pub async fn connect(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(address.options().application_name("mailfate owner"))
            .await
            .map_err(|source| StoreError::Connect {
                address: address.to_string(),
                source,
            })?;
        Ok(Self { pool })
    }

    /// Brings the database to this program's version; returns how many migrations were applied.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        let found = version::newest_applied(&self.pool).await?;
        let known = version::newest_known();
        if found > known {
            return Err(StoreError::DatabaseIsNewer { found, known });
        }
        version::MIGRATIONS.run(&self.pool).await?;
        Ok(version::MIGRATIONS
            .iter()
            .filter(|migration| migration.version > found)
            .count())
    }

    /// Whether the database and this program fit.
    pub async fn check_version(&self) -> Result<(), StoreError> {
        version::check(&self.pool).await
    }

    /// Whether there is any tenant: an empty installation has none.
    pub async fn has_tenants(&self) -> Result<bool, StoreError> {
        Ok(
            sqlx::query_scalar!(r#"select exists (select from tenant) as "exists!""#)
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// Whether somebody signs in with this.
    pub async fn has_login(&self, login: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from app_user where login = $1) as "exists!""#,
            login.to_lowercase()
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Creates a tenant below `parent`; only the operator has none.
    pub async fn create_tenant(
        &self,
        kind: TenantKind,
        name: &str,
        parent: Option<TenantId>,
    ) -> Result<TenantId, StoreError> {
        let id = sqlx::query_scalar!(
            r#"
            with new as (select nextval(pg_get_serial_sequence('tenant', 'tenant_id'))::int as tenant_id)
            insert into tenant (tenant_id, parent_id, path, kind, name)
            select
                new.tenant_id,
                $1::int,
                coalesce((select path from tenant where tenant_id = $1::int), '{}') || new.tenant_id,
                $2,
                $3
            from new
            returning tenant_id
            "#,
            parent.map(|id| id.0),
            kind.id(),
            name,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(TenantId(id))
    }

    /// Creates a user and makes him a member of a tenant.
    pub async fn create_user(
        &self,
        hasher: &Hasher,
        user: &NewUser<'_>,
        tenant: TenantId,
        role: Role,
    ) -> Result<UserId, StoreError> {
        let login = user.login.to_lowercase();
        let hash = hasher.hash(user.password).await?;
        let mut tx = self.pool.begin().await?;
        let kind: TenantKind = sqlx::query_scalar!("select kind from tenant where tenant_id = $1", tenant.0)
            .fetch_one(&mut *tx)
            .await?
            .parse()?;
        if !kind.fits(role) {
            return Err(StoreError::RoleDoesNotFit { role, kind });
        }
        let user_id = sqlx::query_scalar!(
            r#"
            insert into app_user (login, display_name, password_hash, language, zone)
            values ($1, $2, $3, $4, $5)
            returning user_id
            "#,
            &login,
            user.display_name,
            hash,
            user.language,
            user.zone,
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(|error| taken(error, "the login", &login))?;
        sqlx::query!(
            "insert into membership (user_id, tenant_id, role) values ($1, $2, $3)",
            user_id,
            tenant.0,
            role.id(),
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(UserId(user_id))
    }

    /// Switches a user off: he cannot sign in, and a session that he has shows nothing from the next request on.
    pub async fn disable_user(&self, user_id: UserId) -> Result<(), StoreError> {
        sqlx::query!(
            "update app_user set disabled_at = now() where user_id = $1 and disabled_at is null",
            user_id.0
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Creates a hosted domain. `hosted_since`: mail before it stays hidden, for a domain that had another owner.
    pub async fn create_domain(
        &self,
        tenant: TenantId,
        name: &str,
        hosted_since: Option<Micros>,
    ) -> Result<DomainId, StoreError> {
        let name = name.to_lowercase();
        let id = sqlx::query_scalar!(
            "insert into domain (tenant_id, name, hosted_since) values ($1, $2, $3) returning domain_id",
            tenant.0,
            &name,
            hosted_since.map(Timestamp) as _,
        )
        .fetch_one(&self.pool)
        .await
        .map_err(|error| taken(error, "the domain", &name))?;
        Ok(DomainId(id))
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A unique constraint that says no, in words.
fn taken(error: sqlx::Error, what: &'static str, name: &str) -> StoreError {
    if error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
    {
        StoreError::Taken {
            what,
            name: name.to_owned(),
        }
    } else {
        error.into()
    }
}
