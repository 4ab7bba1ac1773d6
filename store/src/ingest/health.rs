//! What is about to go wrong with the database, in words and before it hurts: no space, no day to write into, no right to write.
//!
//! Goes in: the worker's door, the time, and where a private cluster lives. Comes out: a list of [`Finding`]s. Nothing is changed here; what a
//! statement fails with is said by [`StoreError`].

use std::path::Path;

use model::time::{DAY, Micros};

use crate::error::{StoreError, file_error, iso_day};
use crate::ingest::IngestDb;
use crate::timestamp::Timestamp;

/// Less free space than this share of the disk is too little ...
const LEAST_SHARE: u64 = 10;
/// ... and less than this in any case: checkpoints alone take some of it.
const LEAST_BYTES: u64 = 2 << 30;
/// Days after today whose partitions should be there.
const DAYS_AHEAD: i64 = 2;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `days ahead`, `disk space`, `writable`.
    pub what: &'static str,
    /// Whether it is in order.
    pub is_fine: bool,
    /// What was found; when it is not in order: what will happen and what to do.
    pub text: String,
}

/// Room on the disk of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// Bytes that a program without special rights may still write.
    pub free: u64,
    /// Bytes in all.
    pub total: u64,
}

impl DiskSpace {
    /// Asks the system (statvfs(3)).
    ///
    /// # Errors
    /// When the folder is not there or cannot be looked at.
    pub fn of(folder: &Path) -> Result<Self, StoreError> {
        let stat = nix::sys::statvfs::statvfs(folder).map_err(|source| file_error(folder, source.into()))?;
        let bytes = |blocks: u64| blocks.saturating_mul(stat.fragment_size());
        Ok(Self {
            free: bytes(stat.blocks_available()),
            total: bytes(stat.blocks()),
        })
    }

    /// Whether it will do for a while: a tenth of the disk, and 2 GiB at least.
    pub const fn is_enough(self) -> bool {
        self.free >= LEAST_BYTES && self.free >= self.total / 100 * LEAST_SHARE
    }

    /// What it means, in words.
    pub fn finding(self, folder: &Path) -> Finding {
        let (free, total) = (amount(self.free), amount(self.total));
        let folder = folder.display();
        Finding {
            what: "disk space",
            is_fine: self.is_enough(),
            text: if self.is_enough() {
                format!("{free} of {total} free in {folder}")
            } else {
                format!(
                    "only {free} of {total} are free in {folder}; the database stops when its disk is full: make space, or drop old days with \
                     `mailfate retention`"
                )
            },
        }
    }
}

impl IngestDb {
    /// Looks at what writing needs. `cluster`: the folder of a private cluster; `None` for an external database, whose disk cannot be seen from
    /// here.
    ///
    /// # Errors
    /// When the database does not answer; what is merely not in order is a finding.
    pub async fn health(&self, now: Micros, cluster: Option<&Path>) -> Result<Vec<Finding>, StoreError> {
        let space = match cluster {
            Some(folder) => DiskSpace::of(folder)?.finding(folder),
            None => Finding {
                what: "disk space",
                is_fine: true,
                text: format!(
                    "the database takes {}; how much is free where it runs cannot be known from here: watch it there",
                    amount(self.size().await?)
                ),
            },
        };
        Ok(vec![self.writable().await?, self.days_ahead(now).await?, space])
    }

    /// The days from today on, two of them ahead, that have no partition yet.
    pub async fn missing_days(&self, now: Micros) -> Result<Vec<Micros>, StoreError> {
        let wanted: Vec<Timestamp> = (0..=DAYS_AHEAD)
            .map(|ahead| Timestamp(Micros(now.start_of_day().0.saturating_add(ahead * DAY))))
            .collect();
        let missing = sqlx::query_scalar!(
            r#"
            select moment as "moment!: Timestamp"
            from unnest($1::timestamptz[]) as w (moment)
            where not exists (select from mail_day d where d.day = (w.moment at time zone 'UTC')::date)
            order by moment
            "#,
            &wanted as _,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(missing.into_iter().map(|day| day.0).collect())
    }

    async fn days_ahead(&self, now: Micros) -> Result<Finding, StoreError> {
        let missing: Vec<String> = self.missing_days(now).await?.into_iter().map(iso_day).collect();
        let is_new = !sqlx::query_scalar!(r#"select exists (select from mail_day) as "exists!""#)
            .fetch_one(&self.pool)
            .await?;
        Ok(Finding {
            what: "days ahead",
            is_fine: is_new || missing.is_empty(),
            text: if is_new {
                "no mail was written yet; the worker makes partitions when it runs".to_owned()
            } else if missing.is_empty() {
                "today and the next two days have their partitions".to_owned()
            } else {
                format!(
                    "no partition yet for {}; the worker makes them when it runs: is it running, and does its role have its rights?",
                    missing.join(", ")
                )
            },
        })
    }

    async fn writable(&self) -> Result<Finding, StoreError> {
        let row = sqlx::query!(
            r#"
            select
                pg_is_in_recovery() as "is_replica!",
                current_setting('default_transaction_read_only') = 'on' as "is_read_only!"
            "#
        )
        .fetch_one(&self.pool)
        .await?;
        let problem = if row.is_replica {
            Some("it is a replica and takes no mail; name the primary in database.ingest_url")
        } else if row.is_read_only {
            Some("default_transaction_read_only is on: no mail can be written until somebody turns it off")
        } else {
            None
        };
        Ok(Finding {
            what: "writable",
            is_fine: problem.is_none(),
            text: problem.unwrap_or("takes new mail").to_owned(),
        })
    }

    async fn size(&self) -> Result<u64, StoreError> {
        let bytes = sqlx::query_scalar!(r#"select pg_database_size(current_database()) as "bytes!""#)
            .fetch_one(&self.pool)
            .await?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    }
}

/// `3.4 GiB`, `12 MiB`.
fn amount(bytes: u64) -> String {
    if bytes < 1 << 30 {
        return format!("{} MiB", bytes >> 20);
    }
    let tenths = bytes / ((1 << 30) / 10);
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_space_is_a_tenth_of_the_disk_or_two_amount() {
        let gib = |free: u64, total: u64| DiskSpace {
            free: free << 30,
            total: total << 30,
        };
        for (space, is_enough) in [
            (gib(50, 400), true),
            (gib(39, 400), false),
            (gib(2, 10), true),
            (gib(1, 8), false),
        ] {
            assert_eq!(space.is_enough(), is_enough, "{space:?}");
            assert_eq!(
                space.finding(Path::new("/db")).text.contains("retention"),
                !is_enough
            );
        }
    }
}
