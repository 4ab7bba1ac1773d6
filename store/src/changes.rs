//! New mail wakes the portal, for the domains concerned only.
//!
//! Goes in: rows that were written, in their transaction, so that nobody is woken for what is not there. Comes out: [`Changes`], the domains of
//! each transaction, for whoever listens, and what of them a viewer may be told. A notification carries numbers of domains and nothing of a
//! mail: the portal asks again under its viewer's scope.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use model::ids::DomainId;
use model::record::OwnedRecord;
use sqlx::PgConnection;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::timeout;

use crate::db::Db;
use crate::error::StoreError;
use crate::scope::Scope;

const CHANNEL: &str = "mailfate_mail";
/// A notification holds less than 8000 bytes (see NOTIFY in PostgreSQL's manual); a number has at most eleven, with its comma.
const DOMAINS_IN_ONE: usize = 700;
/// A connection that was silent for so long is asked whether it is still there: a cut cable says nothing by itself.
const SILENCE: Duration = Duration::from_mins(1);
/// So long it may take to connect, or to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Notifications of the worker.
#[derive(Debug)]
pub struct Changes {
    db: Db,
    /// `None` before the first question and after an error.
    listener: Option<PgListener>,
}

/// What a listener is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Rows of these domains are new or different.
    Domains(BTreeSet<DomainId>),
    /// Nobody listened until now, or the message could not be read: anything may have changed.
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
    /// The worker's notifications, on a connection of their own beside the pool: one for a whole web server.
    pub fn changes(&self) -> Changes {
        Changes {
            db: self.clone(),
            listener: None,
        }
    }
}

impl Changes {
    /// Waits for the next change. The first call, and the first after an error, connects and answers [`Changed::Unknown`]: from then on nothing
    /// is missed.
    ///
    /// It does not pause between tries to connect; that is the caller's business.
    ///
    /// # Errors
    /// When there is no connection or it has broken.
    pub async fn next(&mut self) -> Result<Changed, StoreError> {
        let Some(listener) = self.listener.take() else {
            self.listener = Some(listen(&self.db).await?);
            return Ok(Changed::Unknown);
        };
        let listener = self.listener.insert(listener);
        let heard = hear(listener).await;
        if heard.is_err() {
            self.listener = None;
        }
        heard
    }
}

impl Changed {
    /// What of it this viewer may be told; `None`: nothing.
    pub fn within(&self, scope: &Scope) -> Option<Self> {
        match self {
            Self::Domains(domains) if !scope.0.sees_all => {
                let in_scope = scope.domains().iter().map(|domain| domain.domain_id);
                let told: BTreeSet<DomainId> = in_scope.filter(|id| domains.contains(id)).collect();
                (!told.is_empty()).then_some(Self::Domains(told))
            }
            Self::Domains(_) | Self::Unknown => Some(self.clone()),
        }
    }
}

async fn listen(db: &Db) -> Result<PgListener, StoreError> {
    let connect = async {
        // A pool of one, because only a pool gives a listener; of its own, because this connection is never given back.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(PATIENCE)
            .connect_with(db.pool.connect_options().as_ref().clone())
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        // Whoever asks shall know that the connection was away, before there is another one.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok::<_, sqlx::Error>(listener)
    };
    timeout(PATIENCE, connect)
        .await
        .map_err(|_| silent())?
        .map_err(StoreError::from)
}

async fn hear(listener: &mut PgListener) -> Result<Changed, StoreError> {
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => return Ok(read(notification.payload())),
            Ok(Ok(None)) => return Err(silent()),
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => {
                let asked = sqlx::query("select 1").execute(&mut *listener);
                timeout(PATIENCE, asked).await.map_err(|_| silent())??;
            }
        }
    }
}

/// Anybody who may connect may notify: nonsense wakes everybody and tells nothing.
fn read(payload: &str) -> Changed {
    let domains: Result<BTreeSet<DomainId>, _> =
        payload.split(',').map(|id| id.parse().map(DomainId)).collect();
    domains.map_or(Changed::Unknown, Changed::Domains)
}

fn silent() -> StoreError {
    sqlx::Error::Io(io::Error::new(
        io::ErrorKind::ConnectionAborted,
        "the connection for notifications was lost",
    ))
    .into()
}
