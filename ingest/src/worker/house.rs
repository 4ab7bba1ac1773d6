//! Keeping house while mail flows: days made ahead, old days dropped, and a look at what could go wrong, said before it does.
//!
//! Goes in: how long mail is kept, and where disks are. Comes out: partitions made and dropped, and warnings in words. A failure here is a
//! warning too: the next look comes.

use std::path::PathBuf;
use std::time::Duration;

use model::time::{DAY, Micros};
use store::ingest::DiskSpace;
use store::{IngestDb, StoreError};

use crate::worker::Clock;

/// How often. A day that is made ahead is two days away, a disk fills in hours.
const EVERY: Duration = Duration::from_mins(10);
/// Days made ahead beside today.
const AHEAD: u8 = 2;

/// What is to be kept in order.
#[derive(Clone, Debug, Default)]
pub struct HouseConfig {
    /// Mail is kept for so many days; 0: for ever.
    pub max_age_days: u32,
    /// The folder of the private cluster, whose disk can be looked at.
    pub cluster: Option<PathBuf>,
    /// The folder of the spool, where anything is spooled.
    pub spool: Option<PathBuf>,
}

/// Looks after the house for ever.
pub(super) async fn keep(config: &HouseConfig, db: &IngestDb, clock: &Clock) {
    loop {
        if let Err(error) = look(config, db, clock()).await {
            tracing::warn!(%error, "keeping house failed, trying again in ten minutes");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn look(config: &HouseConfig, db: &IngestDb, now: Micros) -> Result<(), StoreError> {
    db.make_days_ahead(now, AHEAD).await?;
    if config.max_age_days > 0 {
        let before = Micros(now.0 - i64::from(config.max_age_days) * DAY).start_of_day();
        for dropped in db.drop_old_days(before, false).await? {
            tracing::info!(
                day = dropped.day.0,
                bytes = dropped.bytes,
                "dropped a day that is older than mail is kept"
            );
        }
    }
    let mut findings = db.health(now, config.cluster.as_deref()).await?;
    if let Some(spool) = config.spool.as_deref().filter(|spool| spool.exists()) {
        findings.push(DiskSpace::of(spool)?.finding(spool));
    }
    for finding in findings.iter().filter(|finding| !finding.is_fine) {
        tracing::warn!("{}: {}", finding.what, finding.text);
    }
    Ok(())
}
