//! Records that a worker has stored, as the other place that `show` and `top` take them from.
//!
//! Goes in: whatever hands out stored records; this crate knows no database. Comes out: the same records, one after the other, to whoever reads
//! logs otherwise, and the same sentences at the end.

use model::query::RecordQuery;
use model::record::Record;

use crate::Clock;
use crate::error::CommandError;
use crate::trace::{LogArgs, Progress, Screen, Summary, records};

/// Where stored records come from.
pub struct Stored<'a> {
    /// The hosted domains, lower case: they set the direction when the command line names none.
    pub our_domains: Vec<String>,
    /// Asks for records. They come oldest first, each once, and there may be more than were asked for.
    pub ask: Box<dyn FnOnce(RecordQuery) -> Batches + 'a>,
}

/// Records as they come, some at a time; an error is the last item.
pub type Batches = Box<dyn Iterator<Item = Result<Vec<Record>, CommandError>>>;

impl std::fmt::Debug for Stored<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stored")
            .field("our_domains", &self.our_domains.len())
            .finish_non_exhaustive()
    }
}

/// Gives every record that may be wanted to `take`, each once: those of the named logs, or the stored ones.
pub(crate) fn records_of(
    log: &LogArgs,
    stored: Option<Stored<'_>>,
    query: RecordQuery,
    clock: Clock<'_>,
    screen: Screen,
    mut take: impl FnMut(&Record) -> Result<(), CommandError>,
) -> Result<Summary, CommandError> {
    let Some(stored) = stored else {
        return records(log, clock, screen, query.with_trails, take);
    };
    log.refuse_without_files()?;
    let mut progress = Progress::of_records(screen, clock);
    let mut read = 0;
    for batch in (stored.ask)(query) {
        let batch = batch?;
        read += batch.len() as u64;
        batch.iter().try_for_each(&mut take)?;
        progress.step_to(read);
    }
    progress.finish();
    Ok(Summary::default())
}
