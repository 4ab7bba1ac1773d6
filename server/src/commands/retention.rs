//! `mailfate retention`: drops the days that are older than mail is kept, by hand or from cron; a worker may run meanwhile.
//!
//! Goes in: a number of days. Comes out: a line for each day with its size, and a total. With `--dry-run` nothing is changed.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use cli::CommandError;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::time::{DAY, Micros};
use store::IngestDb;
use store::ingest::DroppedDay;

use crate::End;
use crate::commands::database::Database;
use crate::commands::running::clock;
use crate::config::Config;

/// What `mailfate retention` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RetentionArgs {
    /// Drop days that lie back more than so many days [default: retention.max_age_days of the configuration]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    max_age: Option<u32>,
    /// Only say what would be dropped
    #[arg(long)]
    dry_run: bool,
    /// Where the private database lives
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  mailfate retention --max-age 90 --dry-run    which days lie back more than 90 days, and how much they take
  mailfate retention --max-age 90              drop them

Exit code: 0 done, also when there was nothing to do, 2 wrong use, 3 failed.";

impl RetentionArgs {
    pub(crate) fn data_dir(&self) -> Option<PathBuf> {
        self.data_dir.clone()
    }
}

pub(crate) async fn run(config: Config, args: RetentionArgs) -> anyhow::Result<End> {
    let days = args.max_age.unwrap_or(config.retention.max_age_days);
    if days == 0 {
        return Err(CommandError::WrongUse(
            "say how long mail is kept, with --max-age DAYS or retention.max_age_days in the configuration"
                .to_owned(),
        )
        .into());
    }
    let database = Database::reach(&config).await?;
    let end = drop_days(&database, days, args.dry_run).await;
    database.close().await?;
    end.map(|()| End::Done)
}

/// One after the other, each said as soon as it is gone: what was dropped before an error is known.
async fn drop_days(database: &Database<'_>, days: u32, dry_run: bool) -> anyhow::Result<()> {
    let db = IngestDb::connect(&database.ingest()?).await?;
    // A day is dropped when all of it is too old.
    let before = Micros(clock()().0 - i64::from(days) * DAY).start_of_day();
    let old = db.old_days(before).await?;
    let mut done = Vec::with_capacity(old.len());
    let mut failure = None;
    for day in old {
        if !dry_run {
            match db.drop_day(day.day).await {
                Ok(true) => {}
                // Another one was faster.
                Ok(false) => continue,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        if done.is_empty() {
            say("DAY           ABOUT ROWS        SIZE")?;
        }
        say(&line(&date(day.day), day.rows, day.bytes))?;
        done.push(day);
    }
    db.close().await;
    say(&total(&done, days, dry_run))?;
    failure.map_or(Ok(()), |error| Err(error.into()))
}

fn total(done: &[DroppedDay], days: u32, dry_run: bool) -> String {
    if done.is_empty() {
        return format!("no day lies back more than {days} days");
    }
    let rows = done.iter().filter_map(|day| day.rows).sum();
    let bytes = done.iter().map(|day| day.bytes).sum();
    let what = if dry_run { "would be dropped" } else { "dropped" };
    format!(
        "{}\n{} {what}; numbers of rows are the database's estimates",
        line("total", Some(rows), bytes),
        match done.len() {
            1 => "1 day".to_owned(),
            more => format!("{more} days"),
        }
    )
}

fn line(name: &str, rows: Option<u64>, bytes: u64) -> String {
    let rows = rows.map_or_else(|| "not known".to_owned(), |rows| rows.to_string());
    format!("{name:<10}  {rows:>12}  {:>10}", size(bytes))
}

/// `612.3 MiB`.
fn size(bytes: u64) -> String {
    let (unit, name) = if bytes >= 1 << 30 {
        (1 << 30, "GiB")
    } else {
        (1 << 20, "MiB")
    };
    let tenths = bytes * 10 / unit;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

fn date(day: Micros) -> String {
    Timestamp::from_microsecond(day.0).map_or_else(
        |_| day.0.to_string(),
        |day| day.to_zoned(TimeZone::UTC).date().to_string(),
    )
}

fn say(text: &str) -> Result<(), CommandError> {
    writeln!(io::stdout(), "{text}").map_err(|cause| CommandError::Write {
        name: "standard output".to_owned(),
        cause,
    })
}
