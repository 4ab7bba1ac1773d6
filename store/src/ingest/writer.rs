//! Writes batches of records, each with the position that it came from, in one transaction.
//!
//! Goes in: owned records and source positions. Comes out: a report. The rows come by binary COPY into a temporary table and from there by
//! INSERT .. ON CONFLICT, so that a row that is there already costs no question of its own and an equal row is not written again.
//!
//! The statements name the temporary tables, which no database has while this crate is compiled, so they are not checked by macros but by
//! the tests. They are constants all the same.

use std::collections::HashSet;

use model::ids::DomainId;
use model::record::OwnedRecord;
use model::time::{DAY, Micros};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::error::StoreError;
use crate::ingest::copy::{CopyBuffer, mail_columns};
use crate::ingest::retract::{Retraction, retract};
use crate::ingest::{SourceUpdate, WriteReport};
use crate::timestamp::Timestamp;

/// 2000-01-01T00:00:00Z: no log of a mail server that anybody asks about is older.
const OLDEST: Micros = Micros(946_684_800_000_000);

/// Clocks of servers go wrong, but mail that is more than two days ahead says nothing about anything.
const AHEAD: i64 = 2 * DAY;

/// Bytes of a row in COPY format, roughly: only to ask for memory once.
const USUAL_ROW: usize = 600;

const MAKE_STAGING: &str = "
create temporary table mail_staging (like mail) on commit delete rows;
create temporary table mail_trail_staging (like mail_trail) on commit delete rows;
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

/// The worker's writer. One connection, so batches come one after the other.
#[derive(Debug)]
pub struct Writer {
    options: PgConnectOptions,
    /// `None` before the first write and after an error.
    connection: Option<PgConnection>,
    /// Days whose partitions are known to exist.
    days: HashSet<Micros>,
}

impl Writer {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            connection: None,
            days: HashSet::new(),
        }
    }

    /// Stores the rows and the positions together.
    ///
    /// When the same record stands in the batch twice, the last one counts. After an error nothing of the batch is stored, and the same call
    /// can be made again; the writer connects afresh.
    pub async fn write(
        &mut self,
        records: &[OwnedRecord],
        sources: &[SourceUpdate],
    ) -> Result<WriteReport, StoreError> {
        self.write_and_retract(records, &Retraction::default(), sources)
            .await
    }

    /// The same, and takes back records that turned out to be part of others.
    pub async fn write_and_retract(
        &mut self,
        records: &[OwnedRecord],
        retraction: &Retraction<'_>,
        sources: &[SourceUpdate],
    ) -> Result<WriteReport, StoreError> {
        let mut connection = self.connect().await?;
        let report = self
            .write_on(&mut connection, records, retraction, sources)
            .await?;
        // Only a connection without an error is used again: after one its state is unknown.
        self.connection = Some(connection);
        Ok(report)
    }

    /// Binary COPY straight into the tables, without protection against doubles: what the bench compares with.
    pub async fn copy_raw(&mut self, records: &[OwnedRecord]) -> Result<u64, StoreError> {
        let mut connection = self.connect().await?;
        let now = now(&mut connection).await?;
        let (rows, _) = sorted_rows(records, now);
        self.ensure_days(&mut connection, &rows).await?;
        let mut tx = connection.begin().await?;
        let copied = copy(&mut tx, COPY_MAIL, mail_bytes(&rows)).await?;
        copy(&mut tx, COPY_TRAIL, trail_bytes(&rows)).await?;
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
        sqlx::raw_sql(MAKE_STAGING).execute(&mut connection).await?;
        Ok(connection)
    }

    async fn write_on(
        &mut self,
        connection: &mut PgConnection,
        records: &[OwnedRecord],
        retraction: &Retraction<'_>,
        sources: &[SourceUpdate],
    ) -> Result<WriteReport, StoreError> {
        let now = now(connection).await?;
        let (rows, refused) = sorted_rows(records, now);
        self.ensure_days(connection, &rows).await?;

        let mut report = WriteReport {
            rows: rows.len() as u64,
            refused,
            ..WriteReport::default()
        };
        let mut tx = connection.begin().await?;
        retract(&mut tx, retraction).await?;
        if !rows.is_empty() {
            copy(&mut tx, COPY_MAIL_TO_STAGING, mail_bytes(&rows)).await?;
            copy(&mut tx, COPY_TRAIL_TO_STAGING, trail_bytes(&rows)).await?;
            report.changed = sqlx::query(MERGE_MAIL).execute(&mut *tx).await?.rows_affected();
            report.trails_changed = sqlx::query(MERGE_TRAIL).execute(&mut *tx).await?.rows_affected();
        }
        if refused > 0 {
            count_refused(&mut tx, refused).await?;
        }
        for source in sources {
            update_source(&mut tx, source).await?;
        }
        tx.commit().await?;
        Ok(report)
    }

    /// Partitions are made before and outside of the batch's transaction: their locks are then held for moments only, and an empty partition
    /// that stays behind does no harm.
    async fn ensure_days(
        &mut self,
        connection: &mut PgConnection,
        rows: &[&OwnedRecord],
    ) -> Result<(), StoreError> {
        let mut missing: Vec<Micros> = rows
            .iter()
            .map(|row| row.record.connected_at.start_of_day())
            .filter(|day| !self.days.contains(day))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let moments: Vec<Timestamp> = missing.iter().copied().map(Timestamp).collect();
        sqlx::query!(
            r#"select ensure_mail_days(array(select (moment at time zone 'UTC')::date from unnest($1::timestamptz[]) as d (moment))) as "done""#,
            &moments as _,
        )
        .fetch_one(connection)
        .await?;
        self.days.extend(missing);
        Ok(())
    }
}

/// The database's clock: the worker's own may be wrong, and tests have none.
async fn now(connection: &mut PgConnection) -> Result<Micros, StoreError> {
    let now = sqlx::query_scalar!(r#"select now() as "now!: Timestamp""#)
        .fetch_one(connection)
        .await?;
    Ok(now.0)
}

/// The rows to store in the order of the primary key, each key once, and how many were refused for their day.
///
/// The order makes the index grow at one place for each domain, and lets two workers with the same rows wait for each other instead of
/// blocking each other for good.
fn sorted_rows(records: &[OwnedRecord], now: Micros) -> (Vec<&OwnedRecord>, u64) {
    let believable = OLDEST..Micros(now.0 + AHEAD);
    let mut rows: Vec<&OwnedRecord> = records
        .iter()
        .filter(|owned| believable.contains(&owned.record.connected_at))
        .collect();
    let refused = (records.len() - rows.len()) as u64;
    // Backwards, so that after a stable sort the last of equal keys comes first and is the one that stays.
    rows.reverse();
    rows.sort_by_key(|owned| key(owned));
    rows.dedup_by_key(|owned| key(owned));
    (rows, refused)
}

fn key(owned: &OwnedRecord) -> (DomainId, Micros, model::ids::RecordId) {
    (owned.domain_id, owned.record.connected_at, owned.record.record_id)
}

fn mail_bytes(rows: &[&OwnedRecord]) -> Vec<u8> {
    let mut copy = CopyBuffer::with_capacity(rows.len() * USUAL_ROW);
    for row in rows {
        copy.mail_row(row);
    }
    copy.finish()
}

fn trail_bytes(rows: &[&OwnedRecord]) -> Vec<u8> {
    let mut copy = CopyBuffer::with_capacity(rows.len() * USUAL_ROW * 3);
    for row in rows {
        copy.trail_row(row);
    }
    copy.finish()
}

async fn copy(
    connection: &mut PgConnection,
    statement: &'static str,
    bytes: Vec<u8>,
) -> Result<u64, StoreError> {
    let mut sink = connection.copy_in_raw(statement).await?;
    if let Err(error) = sink.send(bytes).await {
        // The first error says why; what the abort says does not matter any more.
        let _ = sink.abort("sending failed").await;
        return Err(error.into());
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

async fn update_source(connection: &mut PgConnection, source: &SourceUpdate) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        insert into source (name, position, newest_line_at, checked_at, lines, unrecognised)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (name) do update
        set position = excluded.position,
            newest_line_at = coalesce(excluded.newest_line_at, source.newest_line_at),
            checked_at = excluded.checked_at,
            lines = excluded.lines,
            unrecognised = excluded.unrecognised
        "#,
        source.name,
        source.position,
        source.newest_line_at.map(Timestamp) as _,
        Timestamp(source.checked_at) as _,
        source.lines,
        source.unrecognised,
    )
    .execute(connection)
    .await?;
    Ok(())
}
