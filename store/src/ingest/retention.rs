//! Whole days: made ahead, and dropped when they are old.
//!
//! Goes in: moments. Comes out: which days are old, with their size, and that they are gone. Dropping a day takes moments and leaves no
//! garbage, deleting its rows would take minutes. The database refuses to drop today and the days to come (migrations/0007_retention.sql).

use std::time::Duration;

use model::time::{DAY, Micros};

use crate::error::StoreError;
use crate::ingest::IngestDb;
use crate::timestamp::Timestamp;

/// Days that may be made ahead, at most: what a server's clock may be wrong by.
const MOST_AHEAD: u8 = 3;

/// A day is tried so often, with growing pauses between: whoever reads now will have read soon.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// A day that is old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DroppedDay {
    /// Its beginning (UTC).
    pub day: Micros,
    /// Rows of `mail`, as the database estimates them; `None` when it has never counted.
    pub rows: Option<u64>,
    /// Bytes of the disk that it takes, with indexes and trails.
    pub bytes: u64,
}

impl IngestDb {
    /// Drops every day that lies before `before`, the beginning of a day, the oldest first; with `dry_run` only says which. Days far ahead, which
    /// wrong clocks make, go when they were made before `before`.
    ///
    /// # Errors
    /// [`StoreError::DayInUse`] when somebody reads for so long that a day cannot be dropped. The days before it are gone; the same call can
    /// be made again.
    pub async fn drop_old_days(&self, before: Micros, dry_run: bool) -> Result<Vec<DroppedDay>, StoreError> {
        let mut days = self.old_days(before).await?;
        if !dry_run {
            let mut dropped = Vec::with_capacity(days.len());
            for day in days {
                if self.drop_day(day.day).await? {
                    dropped.push(day);
                }
            }
            days = dropped;
        }
        Ok(days)
    }

    /// The days that [`IngestDb::drop_old_days`] would drop, the oldest first.
    pub async fn old_days(&self, before: Micros) -> Result<Vec<DroppedDay>, StoreError> {
        let days = sqlx::query!(
            r#"
            select
                (d.day::timestamp at time zone 'UTC') as "day!: Timestamp",
                coalesce((
                    select greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid))
                    from pg_class c
                    where c.oid = to_regclass('public.mail_' || to_char(d.day, 'YYYYMMDD'))
                ), -1) as "rows!",
                coalesce(pg_total_relation_size(to_regclass('public.mail_' || to_char(d.day, 'YYYYMMDD'))), 0)
                    + coalesce(pg_total_relation_size(to_regclass('public.mail_trail_' || to_char(d.day, 'YYYYMMDD'))), 0) as "bytes!"
            from mail_day d
            where (d.day::timestamp at time zone 'UTC') < $1
                or (d.day > (now() at time zone 'UTC')::date + 3 and d.made_at < $1)
            order by d.day
            "#,
            Timestamp(before) as _,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(days
            .into_iter()
            .map(|row| DroppedDay {
                day: row.day.0,
                rows: u64::try_from(row.rows).ok(),
                bytes: u64::try_from(row.bytes).unwrap_or(0),
            })
            .collect())
    }

    /// Drops one day; `false` when somebody else did.
    ///
    /// # Errors
    /// [`StoreError::DayInUse`], see [`IngestDb::drop_old_days`].
    pub async fn drop_day(&self, day: Micros) -> Result<bool, StoreError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.try_to_drop(day).await {
                Err(StoreError::DayInUse { .. }) => tokio::time::sleep(pause).await,
                done => return done,
            }
            pause *= 2;
        }
        self.try_to_drop(day).await
    }

    async fn try_to_drop(&self, day: Micros) -> Result<bool, StoreError> {
        sqlx::query_scalar!(
            r#"select drop_mail_day(($1::timestamptz at time zone 'UTC')::date) as "done!""#,
            Timestamp(day) as _,
        )
        .fetch_one(&self.pool)
        .await
        .map_err(|error| {
            // 55P03 lock_not_available: the function has a lock_timeout.
            let is_in_use = error
                .as_database_error()
                .is_some_and(|error| error.code().as_deref() == Some("55P03"));
            if is_in_use {
                StoreError::DayInUse { day, source: error }
            } else {
                error.into()
            }
        })
    }

    /// Makes the partitions of today and the `days` days after it, three at most, where they are missing: the first mail of a day then waits for
    /// nothing.
    pub async fn make_days_ahead(&self, now: Micros, days: u8) -> Result<(), StoreError> {
        let wanted: Vec<Timestamp> = (0..=days.min(MOST_AHEAD))
            .map(|ahead| Timestamp(Micros(now.start_of_day().0 + i64::from(ahead) * DAY)))
            .collect();
        sqlx::query!(
            r#"select ensure_mail_days(array(select (moment at time zone 'UTC')::date from unnest($1::timestamptz[]) as d (moment)))::text as "refused""#,
            &wanted as _,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(())
    }
}
