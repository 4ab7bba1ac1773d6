//! New mail wakes the portal, for the domains concerned only.
//!
//! Goes in: rows that were written, in their transaction, so that nobody is woken for what is not there. Comes out: [`Changes`], the domains of
//! each transaction, for whoever listens. A notification carries numbers of domains and nothing of a mail: the portal asks again under its
//! viewer's scope.

use std::collections::BTreeSet;

use model::ids::DomainId;
use model::record::OwnedRecord;
use sqlx::PgConnection;
use sqlx::postgres::PgListener;

use crate::db::Db;
use crate::error::StoreError;

const CHANNEL: &str = "mailfate_mail";
/// A notification holds less than 8000 bytes (see NOTIFY in PostgreSQL's manual); a number has at most eleven, with its comma.
const DOMAINS_IN_ONE: usize = 700;

/// Notifications of the worker.
#[derive(Debug)]
pub struct Changes {
    listener: PgListener,
}

/// What a listener is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Rows of these domains are new or different.
    Domains(Vec<DomainId>),
    /// The connection was away: anything may have changed.
    Unknown,
}

pub(crate) async fn tell(connection: &mut PgConnection, rows: &[OwnedRecord]) -> Result<(), StoreError> {
    let domains: BTreeSet<i32> = rows
        .iter()
        .map(|owned| owned.domain_id)
        .filter(|domain| *domain != DomainId::NONE)
        .map(|domain| domain.0)
        .collect();
    let domains: Vec<String> = domains.iter().map(i32::to_string).collect();
    for some in domains.chunks(DOMAINS_IN_ONE) {
        sqlx::query!("select pg_notify($1, $2) as done", CHANNEL, some.join(","))
            .fetch_one(&mut *connection)
            .await?;
    }
    Ok(())
}

impl Db {
    /// Listens on a connection of its own: one for a whole web server.
    pub async fn changes(&self) -> Result<Changes, StoreError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Changes { listener })
    }
}

impl Changes {
    /// Waits for the next change. After an error of the connection it connects again, and says [`Changed::Unknown`].
    pub async fn next(&mut self) -> Result<Changed, StoreError> {
        let Some(notification) = self.listener.try_recv().await? else {
            return Ok(Changed::Unknown);
        };
        let domains: Result<Vec<i32>, _> = notification.payload().split(',').map(str::parse).collect();
        // Anybody who may connect may notify: nonsense wakes everybody and tells nothing.
        Ok(domains.map_or(Changed::Unknown, |ids| {
            Changed::Domains(ids.into_iter().map(DomainId).collect())
        }))
    }
}
