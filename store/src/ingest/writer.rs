//! Writes batches of records, each with the position that it came from, in one transaction.
//!
//! Goes in: a [`Commit`]. Comes out: a report. Rows that were never written before go straight into the tables by binary COPY. Rows that may be
//! there already go by COPY into a temporary table and from there by INSERT .. ON CONFLICT, so that a row that is there costs no question of
//! its own and an equal row is not written again. Should a row of the first kind be there after all (lines were read again after a crash, or a
//! log was fed a second time), the batch begins anew and all of it goes the second way.
//!
//! The statements name the temporary tables, which no database has while this crate is compiled, so they are not checked by macros but by
//! the tests. They are constants all the same.

use std::collections::HashSet;

use model::ids::{DomainId, RecordId};
use model::record::OwnedRecord;
use model::time::Micros;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::changes;
use crate::error::StoreError;
use crate::ingest::copy::mail_columns;
use crate::ingest::lease::{self, Found, Holder};
use crate::ingest::prepared::{Prepared, Rows};
use crate::ingest::sources::{self, SourceGap, SourceSample, SourceUpdate};
use crate::ingest::state::{self, StateUpdate};
use crate::ingest::{WriteReport, retract};
use crate::timestamp::Timestamp;

/// After a row that should have been new and was not, so many batches go the careful way.
const CAREFUL_BATCHES: u32 = 20;

/// COPY data in one message: big enough to cost nothing, small enough for PostgreSQL to work on one while the next is sent.
const CHUNK: usize = 128 * 1024;

const MAKE_STAGING: &str = "
create temporary table mail_staging (like mail) on commit delete rows;
create temporary table mail_trail_staging (like mail_trail including storage) on commit delete rows;
";

const COPY_MAIL_TO_STAGING: &str = concat!(
    "copy mail_staging (",
    mail_columns!(),
    ") from stdin (format binary)"
);

const COPY_TRAIL_TO_STAGING: &str =
    "copy mail_trail_staging (connected_at, record_id, domain_id, is_copy, trail) from stdin (format binary)";

const MERGE_MAIL: &str = concat!(
    "insert into mail (",
    mail_columns!(),
    ") select ",
    mail_columns!(),
    " from mail_staging
    on conflict (domain_id, connected_at, record_id) do update set (",
    mail_columns!(),
    ") = row (excluded.*)
    where mail.* is distinct from excluded.*"
);

const MERGE_TRAIL: &str = "
insert into mail_trail (connected_at, record_id, domain_id, is_copy, trail)
select connected_at, record_id, domain_id, is_copy, trail from mail_trail_staging
on conflict (domain_id, connected_at, record_id) do update set (is_copy, trail) = row (excluded.is_copy, excluded.trail)
where (mail_trail.is_copy, mail_trail.trail) is distinct from (excluded.is_copy, excluded.trail)";

const COPY_MAIL: &str = concat!("copy mail (", mail_columns!(), ") from stdin (format binary)");

const COPY_TRAIL: &str =
    "copy mail_trail (connected_at, record_id, domain_id, is_copy, trail) from stdin (format binary)";

/// Records that turned out to be part of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retraction {
    /// Which record.
    pub record: RecordId,
    /// The hosted domains that can have it: with them every row is one step in the primary key.
    pub domains: Vec<DomainId>,
}

/// What is written or not, as a whole.
#[derive(Debug, Default)]
pub struct Commit<'a> {
    /// The worker, whose state and journal these are. Empty: nothing is noted.
    pub worker: &'a str,
    /// The rows.
    pub rows: Option<&'a Prepared>,
    /// What is taken back.
    pub retracted: &'a [Retraction],
    /// How far the sources were read.
    pub sources: &'a [SourceUpdate],
    /// What is missing.
    pub gaps: &'a [SourceGap],
    /// What nobody understood.
    pub samples: &'a [SourceSample],
    /// The worker's memory.
    pub state: Option<&'a StateUpdate>,
}

/// The worker's writer. One connection, so batches come one after the other.
#[derive(Debug)]
pub struct Writer {
    options: PgConnectOptions,
    /// Sources that only we may follow.
    sources: Vec<String>,
    holder: Option<Holder>,
    /// `None` before the first write and after an error.
    connection: Option<PgConnection>,
    /// Days whose partitions are known to exist.
    days: HashSet<Micros>,
    /// Batches that go the careful way yet.
    careful: u32,
}

/// How rows get into the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// New rows straight, the others through the temporary table.
    Straight,
    /// All through the temporary table.
    Careful,
}

impl Writer {
    pub(super) fn new(options: PgConnectOptions, sources: Vec<String>) -> Self {
        Self {
            options,
            sources,
            holder: None,
            connection: None,
            days: HashSet::new(),
            careful: 0,
        }
    }

    /// Connects and takes the sources' locks, so that what is read from the database afterwards stays true.
    ///
    /// # Errors
    /// [`StoreError::SourceIsFollowed`] while somebody else has one.
    pub async fn take_sources(&mut self) -> Result<(), StoreError> {
        let connection = match self.connect().await {
            // From now on it is ours.
            Err(StoreError::TakenOver) => self.connect().await?,
            connection => connection?,
        };
        self.connection = Some(connection);
        Ok(())
    }

    /// Stores rows and positions together; which rows are new is found out by trying.
    pub async fn write(
        &mut self,
        records: &[OwnedRecord],
        sources: &[SourceUpdate],
    ) -> Result<WriteReport, StoreError> {
        let rows = Prepared::new(records.to_vec(), &HashSet::new());
        self.commit(&Commit {
            rows: Some(&rows),
            sources,
            ..Commit::default()
        })
        .await
    }

    /// Stores everything or nothing.
    ///
    /// After an error nothing of it is stored, and the same call can be made again; the writer connects afresh.
    ///
    /// # Errors
    /// [`StoreError::TakenOver`] when another worker has followed the sources since the last call: what is to be written may be old.
    pub async fn commit(&mut self, commit: &Commit<'_>) -> Result<WriteReport, StoreError> {
        let mut connection = self.connect().await?;
        let report = self.write_on(&mut connection, commit).await?;
        // Only a connection without an error is used again: after one its state is unknown.
        self.connection = Some(connection);
        Ok(report)
    }

    /// Binary COPY straight into the tables, without protection against doubles: what the bench compares with.
    pub async fn copy_raw(&mut self, rows: &Prepared) -> Result<u64, StoreError> {
        let mut connection = self.connect().await?;
        self.ensure_days(&mut connection, rows).await?;
        let mut tx = connection.begin().await?;
        let copied = copy(&mut tx, COPY_MAIL, &rows.fresh.mail).await?;
        copy(&mut tx, COPY_TRAIL, &rows.fresh.trail).await?;
        tx.commit().await?;
        self.connection = Some(connection);
        Ok(copied)
    }

    /// Closes the connection in order.
    pub async fn close(mut self) -> Result<(), StoreError> {
        if let Some(connection) = self.connection.take() {
            connection.close().await?;
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<PgConnection, StoreError> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        // The database may be another one than before, restored from a backup.
        self.days.clear();
        let mut connection = self
            .options
            .connect()
            .await
            .map_err(|source| StoreError::Connect {
                address: self.options.get_host().to_owned(),
                source,
            })?;
        if !self.sources.is_empty() {
            let holder = match self.holder {
                Some(holder) => holder,
                None => lease::new_holder(&mut connection).await?,
            };
            let found = lease::take(&mut connection, &self.sources, holder).await?;
            let was_ours = self.holder.replace(holder).is_some();
            if was_ours && found == Found::Others {
                // The lock is kept: the next call goes on with it.
                sqlx::raw_sql(MAKE_STAGING).execute(&mut connection).await?;
                self.connection = Some(connection);
                return Err(StoreError::TakenOver);
            }
        }
        sqlx::raw_sql(MAKE_STAGING).execute(&mut connection).await?;
        Ok(connection)
    }

    async fn write_on(
        &mut self,
        connection: &mut PgConnection,
        commit: &Commit<'_>,
    ) -> Result<WriteReport, StoreError> {
        let Some(rows) = commit.rows else {
            return write_as(connection, commit, None, Way::Careful).await;
        };
        let refused_days = self.ensure_days(connection, rows).await?;
        let kept;
        let rows = if refused_days.is_empty() {
            rows
        } else {
            kept = rows.without_days(&refused_days);
            &kept
        };
        if self.careful > 0 {
            self.careful -= 1;
            return write_as(connection, commit, Some(rows), Way::Careful).await;
        }
        match write_as(connection, commit, Some(rows), Way::Straight).await {
            Err(StoreError::Database { source }) if is_unique_violation(&source) => {
                self.careful = CAREFUL_BATCHES;
                write_as(connection, commit, Some(rows), Way::Careful).await
            }
            result => result,
        }
    }

    /// Partitions are made before and outside of the batch's transaction: their locks are then held for moments only, and an empty partition
    /// that stays behind does no harm. Gives back the days for which none is made.
    async fn ensure_days(
        &mut self,
        connection: &mut PgConnection,
        rows: &Prepared,
    ) -> Result<HashSet<Micros>, StoreError> {
        let missing: HashSet<Micros> = rows
            .records()
            .iter()
            .map(|row| row.record.connected_at.start_of_day())
            .filter(|day| !self.days.contains(day))
            .collect();
        if missing.is_empty() {
            return Ok(HashSet::new());
        }
        let moments: Vec<Timestamp> = missing.iter().copied().map(Timestamp).collect();
        let refused = sqlx::query_scalar!(
            r#"
            select (refused::timestamp at time zone 'UTC') as "moment!: Timestamp"
            from unnest(
                ensure_mail_days(array(select (moment at time zone 'UTC')::date from unnest($1::timestamptz[]) as d (moment)))
            ) as r (refused)
            "#,
            &moments as _,
        )
        .fetch_all(connection)
        .await?;
        let refused: HashSet<Micros> = refused.into_iter().map(|moment| moment.0).collect();
        self.days.extend(missing.difference(&refused));
        Ok(refused)
    }
}

async fn write_as(
    connection: &mut PgConnection,
    commit: &Commit<'_>,
    rows: Option<&Prepared>,
    way: Way,
) -> Result<WriteReport, StoreError> {
    let mut report = WriteReport::default();
    let mut tx = connection.begin().await?;
    for retraction in commit.retracted {
        retract::retract(&mut tx, retraction).await?;
    }
    if let Some(rows) = rows {
        report.rows = rows.records().len() as u64;
        report.refused = rows.refused;
        let staged: &[&Rows] = match way {
            Way::Straight => {
                report.new = copy(&mut tx, COPY_MAIL, &rows.fresh.mail).await?;
                report.changed += report.new;
                report.trails_changed += copy(&mut tx, COPY_TRAIL, &rows.fresh.trail).await?;
                &[&rows.again]
            }
            Way::Careful => &[&rows.fresh, &rows.again],
        };
        if staged.iter().any(|rows| rows.count > 0) {
            for rows in staged {
                copy(&mut tx, COPY_MAIL_TO_STAGING, &rows.mail).await?;
                copy(&mut tx, COPY_TRAIL_TO_STAGING, &rows.trail).await?;
            }
            report.changed += sqlx::query(MERGE_MAIL).execute(&mut *tx).await?.rows_affected();
            report.trails_changed += sqlx::query(MERGE_TRAIL).execute(&mut *tx).await?.rows_affected();
        }
        if report.changed > 0 || report.trails_changed > 0 {
            changes::tell(&mut tx, rows.records()).await?;
        }
    }
    if report.refused > 0 {
        count_refused(&mut tx, report.refused).await?;
    }
    for source in commit.sources {
        sources::update(&mut tx, source).await?;
    }
    for gap in commit.gaps {
        sources::add_gap(&mut tx, gap).await?;
    }
    for sample in commit.samples {
        sources::add_sample(&mut tx, sample).await?;
    }
    match (commit.state, rows) {
        (Some(update), _) => state::save(&mut tx, commit.worker, update).await?,
        (None, Some(rows)) if !commit.worker.is_empty() => {
            let records = rows.records().iter().map(|owned| owned.record.record_id);
            state::note(&mut tx, commit.worker, records).await?;
        }
        (None, _) => {}
    }
    tx.commit().await?;
    Ok(report)
}

/// 23505 unique_violation.
fn is_unique_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

async fn copy(
    connection: &mut PgConnection,
    statement: &'static str,
    bytes: &[u8],
) -> Result<u64, StoreError> {
    if bytes.is_empty() {
        return Ok(0);
    }
    let mut sink = connection.copy_in_raw(statement).await?;
    for chunk in bytes.chunks(CHUNK) {
        if let Err(error) = sink.send(chunk).await {
            // The first error says why; what the abort says does not matter any more.
            let _ = sink.abort("sending failed").await;
            return Err(error.into());
        }
    }
    Ok(sink.finish().await?)
}

async fn count_refused(connection: &mut PgConnection, refused: u64) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        insert into refusal (cause, records, last_at)
        values ('absurd_day', $1, now())
        on conflict (cause) do update
        set records = refusal.records + excluded.records, last_at = excluded.last_at
        "#,
        i64::try_from(refused).unwrap_or(i64::MAX),
    )
    .execute(connection)
    .await?;
    Ok(())
}
