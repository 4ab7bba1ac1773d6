//! The reading half: sources, headers, correlator, on a thread of its own.
//!
//! Goes in: lines. Comes out: batches, each with the positions behind its lines. Several sources are read in the order of their lines' times as
//! far as lines are there, so that catching up joins mails as following did.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use model::ids::RecordId;
use model::time::Micros;
use serde::{Deserialize, Serialize};
use store::IngestDb;
use store::ingest::{SourceGap, SourceUpdate, StateUpdate};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tracer::correlate::{Changes, Correlator};

use crate::source::{Source, clock};
use crate::worker::attic::Attic;
use crate::worker::batch::Batch;
use crate::worker::samples::Samples;
use crate::worker::{Clock, WorkerConfig, WorkerError};

/// Records in one transaction, at most.
const BATCH: usize = 10_000;
/// How long a changed record may wait for company.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// A quiet source still says so often that it was looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often quiet sources are looked at.
const POLL_EVERY: Duration = Duration::from_millis(100);
/// How often the correlator's state is saved: so much is read again after a crash.
const SAVE_EVERY: Duration = Duration::from_secs(30);
/// And after so many lines at the latest.
const SAVE_AFTER_LINES: u64 = 1_000_000;
/// Microseconds that a line waits for older ones of other sources: they are written, read by syslog and sent at their own pace.
const ORDER_WITHIN: i64 = 400_000;
/// The same, for lines that claim to be younger than the present moment.
const HELD: Duration = Duration::from_millis(400);
/// So long others wait for a source that cannot give what it has: a file that cannot be opened shall not hold up everything for ever.
const STALLED: Duration = Duration::from_secs(6);
/// Lines that are taken from the sources before changes are looked at.
const LINES_AT_ONCE: u32 = 8_000;
/// How long to wait when the database does not answer about a parked mail.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// The form of the saved state; a program that remembers other things counts it up, and then reads sources anew.
const STATE_FORMAT: i32 = 4;

/// What is saved of the reader, in this order.
#[derive(Serialize, Deserialize)]
struct SavedState<Correlator> {
    sources: Vec<SavedSource>,
    correlator: Correlator,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct SavedSource {
    name: String,
    position: String,
    newest_line_at: Option<Micros>,
    lines: i64,
    mail_lines: i64,
    unrecognised: i64,
}

pub(super) struct Reader {
    name: String,
    sources: Vec<FollowedSource>,
    correlator: Correlator,
    attic: Attic,
    db: IngestDb,
    /// For the few questions that this thread asks the database.
    runtime: Handle,
    clock: Clock,
    replay: Option<Replay>,
    lines_since_save: u64,
    /// `None`: no state was ever saved. Without one nobody knows which files were begun, so the first lines bring it.
    saved_at: Option<Instant>,
    flushed_at: Instant,
    /// The time of the youngest line so far.
    newest_taken: Micros,
    /// Since when a stream cannot give what it has.
    stalled_since: Option<Instant>,
    /// Somebody was told that everything is read.
    is_caught_up: bool,
    /// Memory for changes, used again and again.
    changes: Changes,
    /// States on their way, with the positions that are safe when they are.
    on_their_way: Vec<(u64, Vec<String>)>,
    safe: Arc<AtomicU64>,
}

struct FollowedSource {
    source: Source,
    /// Of headers without one.
    zone: TimeZone,
    saved: SavedSource,
    samples: Samples,
    /// Since when each stream's next line waits.
    held: Vec<Option<Instant>>,
}

/// What came of a round of reading.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    /// There was nothing.
    Quiet,
    /// There are lines, too young to be taken.
    Held,
    /// Lines were taken.
    Took,
}

/// One round of reading.
struct Turn<'a> {
    now: Micros,
    /// Younger lines wait for those that are still on their way.
    settled: Micros,
    /// Younger lines wait until a stream that ran dry was asked for more.
    ceiling: Micros,
    /// How many lines may be taken yet.
    left: u32,
    stop: &'a AtomicBool,
}

/// What is left of a stream.
enum Taken {
    /// A line of this time, for later.
    Next(Micros),
    /// Nothing in memory. When there is more to read: the time of the last line that was taken.
    All(Option<Micros>),
    /// Told to stop while the database was away: the line was not taken.
    Stopped,
}

/// Lines that an earlier run had read beyond its saved state.
struct Replay {
    /// Records written from those lines and not made again yet.
    journal: HashSet<RecordId>,
    /// How many lines of each source had been read.
    until: HashMap<String, i64>,
}

impl Reader {
    pub(super) async fn start(
        config: &WorkerConfig,
        db: &IngestDb,
        safe: &Arc<AtomicU64>,
        runtime: Handle,
    ) -> Result<Self, WorkerError> {
        let state = db.load_state(&config.name, STATE_FORMAT).await?;
        let saved: Option<SavedState<Correlator>> = state.and_then(|bytes| match postcard::from_bytes(&bytes) {
            Ok(saved) => Some(saved),
            Err(error) => {
                tracing::warn!(%error, "the worker's saved state cannot be read; reading all sources from their beginnings");
                None
            }
        });
        let has_state = saved.is_some();
        let (saved_sources, mut correlator) = match saved {
            Some(saved) => (saved.sources, saved.correlator),
            None => (
                Vec::new(),
                Correlator::new(config.limits, config.knowledge.clone()),
            ),
        };
        correlator.resume(config.limits, config.knowledge.clone());
        let parked = db.parked_keys(&config.name).await?;
        correlator.keep_parked(
            parked
                .into_iter()
                .map(|(key, until)| (key.cast_unsigned(), until)),
        );
        let journal: HashSet<RecordId> = db.journal(&config.name).await?.into_iter().collect();
        let until: HashMap<String, i64> = db
            .positions()
            .await?
            .into_iter()
            .map(|(name, committed)| (name, committed.lines))
            .collect();
        let mut sources = Vec::with_capacity(config.sources.len());
        for source in &config.sources {
            let known = saved_sources.iter().find(|saved| saved.name == source.name);
            let saved = known.cloned().unwrap_or_else(|| SavedSource {
                name: source.name.clone(),
                ..SavedSource::default()
            });
            let position = known.map(|known| known.position.as_str());
            sources.push(FollowedSource {
                source: Source::open(source, position, &config.spool)?,
                zone: source.zone.clone(),
                saved,
                samples: Samples::default(),
                held: Vec::new(),
            });
        }
        Ok(Self {
            name: config.name.clone(),
            sources,
            correlator,
            attic: Attic::new(Arc::clone(safe)),
            db: db.clone(),
            runtime,
            clock: Arc::clone(&config.clock),
            replay: (!journal.is_empty()).then_some(Replay { journal, until }),
            lines_since_save: 0,
            saved_at: has_state.then(clock::now),
            flushed_at: clock::now(),
            newest_taken: Micros(0),
            stalled_since: None,
            is_caught_up: false,
            changes: Changes::default(),
            on_their_way: Vec::new(),
            safe: Arc::clone(safe),
        })
    }

    /// Reads until told to stop; `true` when there is nothing more to come.
    pub(super) fn run(mut self, batches: &mpsc::Sender<Batch>, stop: &AtomicBool) -> bool {
        let mut pending = Batch::default();
        let mut is_over = false;
        while !stop.load(Ordering::Relaxed) && !is_over {
            let now = (self.clock)();
            self.correlator.set_latest(now);
            let round = self.read_some(now, stop);
            let had_lines = round != Round::Quiet;
            if !had_lines {
                self.correlator.advance(now);
            }
            pending.is_replay |= self.replay.is_some();
            let since_flush = self.flushed_at.elapsed();
            // Old lines are read as fast as they come and written when their mails are over, once. Fresh ones are shown as they come.
            let is_live = !had_lines || (self.is_fresh(now) && since_flush >= FLUSH_EVERY);
            self.take_changes(&mut pending, is_live);
            self.end_replay(&mut pending, had_lines);
            self.take_gaps(&mut pending, now);
            let must_save = self.lines_since_save > 0
                && self.replay.is_none()
                && (self
                    .saved_at
                    .is_none_or(|saved_at| saved_at.elapsed() >= SAVE_EVERY)
                    || self.lines_since_save >= SAVE_AFTER_LINES
                    || self.attic.is_full());
            let is_caught_up = !had_lines && self.replay.is_none();
            let is_due = (is_live && pending.has_news() && since_flush >= FLUSH_EVERY)
                || (is_caught_up && !self.is_caught_up)
                || pending.records.len() >= BATCH
                || must_save
                || since_flush >= LOOK_EVERY;
            if is_due {
                self.flushed_at = clock::now();
                if must_save {
                    self.save(&mut pending);
                }
                pending.is_caught_up = is_caught_up;
                self.is_caught_up |= is_caught_up;
                self.updates(&mut pending, now);
                if batches.blocking_send(pending.take()).is_err() {
                    return false;
                }
                self.forget_saved();
            }
            if round == Round::Held {
                std::thread::sleep(POLL_EVERY / 2);
            }
            if !had_lines {
                is_over = self.sources.iter().all(|followed| followed.source.is_over());
                std::thread::sleep(POLL_EVERY);
            }
        }
        // Stopped in order: the state goes with the last rows, so that the next start has nothing to read again.
        let now = (self.clock)();
        self.save(&mut pending);
        self.updates(&mut pending, now);
        pending.is_caught_up = is_over;
        if batches.blocking_send(pending.take()).is_err() {
            tracing::debug!("nobody waits for the last batch; the next start reads its lines again");
        }
        is_over
    }

    /// Whether the newest line was written within the last minute.
    fn is_fresh(&self, now: Micros) -> bool {
        self.sources.iter().any(|source| {
            source
                .saved
                .newest_line_at
                .is_some_and(|newest| now.millis_since(newest) < 60_000)
        })
    }

    /// Takes lines that are there, the oldest first.
    fn read_some(&mut self, now: Micros, stop: &AtomicBool) -> Round {
        let mut had_lines = false;
        for followed in &mut self.sources {
            had_lines |= followed.source.refill();
        }
        if !had_lines {
            return Round::Quiet;
        }
        // The oldest next line on top. A line without a time belongs to the one before it and comes at once.
        let mut waiting: BinaryHeap<Reverse<(Micros, usize, usize)>> = BinaryHeap::new();
        let mut streams = 0;
        let mut stalled: Option<Micros> = None;
        for (number, followed) in self.sources.iter_mut().enumerate() {
            if followed.source.is_resuming() {
                stalled = Some(Micros(i64::MIN));
            }
            let has_problem = followed.source.problem().is_some();
            for (place, stream) in followed.source.streams().iter_mut().enumerate() {
                streams += 1;
                if (has_problem || stream.has_more()) && stream.line().is_none() {
                    let at = stream.at().unwrap_or(Micros(i64::MIN));
                    stalled = Some(stalled.map_or(at, |other| other.min(at)));
                }
                if let Some((_, line)) = stream.read(now, &followed.zone) {
                    waiting.push(Reverse((
                        line.map_or(Micros(i64::MIN), |line| line.at),
                        number,
                        place,
                    )));
                }
            }
        }
        let mut turn = Turn {
            now,
            // A younger line may overtake this one on its way through another source.
            settled: Micros(if streams > 1 {
                now.0 - ORDER_WITHIN
            } else {
                i64::MAX
            }),
            ceiling: self.ceiling(stalled),
            left: LINES_AT_ONCE,
            stop,
        };
        while turn.left > 0
            && let Some(Reverse((at, number, place))) = waiting.pop()
        {
            if at > turn.ceiling {
                break;
            }
            if at > turn.settled && !self.is_held_long(number, place) {
                continue;
            }
            let others = waiting.peek().map_or(Micros(i64::MAX), |Reverse((at, ..))| *at);
            match self.take_lines(number, place, others, &mut turn) {
                Taken::Next(at) => waiting.push(Reverse((at, number, place))),
                // Nobody runs ahead of what it has not told yet.
                Taken::All(Some(last)) => turn.ceiling = turn.ceiling.min(last),
                Taken::All(None) => {}
                Taken::Stopped => break,
            }
        }
        if turn.left < LINES_AT_ONCE {
            Round::Took
        } else {
            Round::Held
        }
    }

    /// How far others may go while a stream cannot give what it has: not beyond it, for a while.
    fn ceiling(&mut self, stalled: Option<Micros>) -> Micros {
        match stalled {
            Some(at) if self.stalled_since.get_or_insert_with(clock::now).elapsed() < STALLED => at,
            Some(_) => Micros(i64::MAX),
            None => {
                self.stalled_since = None;
                Micros(i64::MAX)
            }
        }
    }

    /// Whether the stream's next line has waited long enough for others to overtake it: its server's clock may be ahead.
    fn is_held_long(&mut self, number: usize, place: usize) -> bool {
        let Some(followed) = self.sources.get_mut(number) else {
            return true;
        };
        if followed.held.len() <= place {
            followed.held.resize(place + 1, None);
        }
        match followed.held.get_mut(place) {
            Some(held) => held.get_or_insert_with(clock::now).elapsed() >= HELD,
            None => true,
        }
    }

    /// Takes lines of a stream until another one has an older line.
    fn take_lines(&mut self, number: usize, place: usize, limit: Micros, turn: &mut Turn<'_>) -> Taken {
        let Some(followed) = self.sources.get_mut(number) else {
            return Taken::All(None);
        };
        let (saved, samples) = (&mut followed.saved, &mut followed.samples);
        let is_held = followed.held.get(place).is_some_and(Option::is_some);
        if let Some(held) = followed.held.get_mut(place) {
            *held = None;
        }
        // What waited long enough does not make the lines behind it wait again.
        let settled = if is_held { Micros(i64::MAX) } else { turn.settled };
        let mut last = None;
        let Some(stream) = followed.source.streams().get_mut(place) else {
            return Taken::All(None);
        };
        let mut is_first = true;
        while let Some((_, line)) = stream.read(turn.now, &followed.zone) {
            if let Some(line) = &line {
                if (!is_first && line.at > limit.min(settled)) || turn.left == 0 {
                    return Taken::Next(line.at);
                }
                last = Some(line.at);
                if line.at.0 + ORDER_WITHIN < self.newest_taken.0
                    && line.at > Micros(self.newest_taken.0 - 60_000_000)
                {
                    tracing::debug!(
                        source = saved.name,
                        late_ms = self.newest_taken.millis_since(line.at),
                        is_first,
                        place,
                        "a line comes after younger ones of other sources"
                    );
                    self.newest_taken = line.at;
                }
                self.newest_taken = self.newest_taken.max(line.at);
                let before = self.correlator.counters().mail_lines;
                let is_understood = loop {
                    match self.correlator.try_feed(line) {
                        Ok(is_understood) => break is_understood,
                        Err(key) => {
                            let asked = Asked {
                                worker: &self.name,
                                db: &self.db,
                                runtime: &self.runtime,
                                stop: turn.stop,
                            };
                            if !bring(&mut self.correlator, &mut self.attic, &asked, key) {
                                return Taken::Stopped;
                            }
                        }
                    }
                };
                let is_mail = self.correlator.counters().mail_lines != before;
                saved.mail_lines += i64::from(is_mail);
                saved.newest_line_at = saved.newest_line_at.max(Some(line.at));
                if !is_understood {
                    saved.unrecognised += 1;
                    samples.note(line);
                }
            } else {
                self.correlator.skip();
            }
            saved.lines += 1;
            self.lines_since_save += 1;
            turn.left = turn.left.saturating_sub(1);
            is_first = false;
            stream.advance();
        }
        Taken::All(last.filter(|_| stream.has_more()))
    }

    fn take_changes(&mut self, pending: &mut Batch, all: bool) {
        if all {
            self.changes = self.correlator.take_changed();
        } else {
            self.correlator.take_closed_into(&mut self.changes);
        }
        if let Some(replay) = &mut self.replay {
            for record in &self.changes.records {
                replay.journal.remove(&record.record_id);
            }
        }
        self.attic.park(self.changes.parked.drain(..));
        pending.absorb(&mut self.changes);
        self.changes.clear();
    }

    /// When all lines were read again that had been read before: what was made of them then and not now is taken back.
    fn end_replay(&mut self, pending: &mut Batch, had_lines: bool) {
        let Some(replay) = &self.replay else { return };
        let is_read = |source: &FollowedSource| {
            let until = replay.until.get(&source.saved.name);
            until.is_none_or(|until| source.saved.lines >= *until)
        };
        if had_lines && !self.sources.iter().all(is_read) {
            return;
        }
        self.take_changes(pending, true);
        if let Some(replay) = self.replay.take() {
            if !replay.journal.is_empty() {
                tracing::info!(
                    records = replay.journal.len(),
                    "mails were joined differently this time"
                );
            }
            pending.retracted.extend(replay.journal);
            // Whoever crashes again and again shall have less to read again each time.
            self.saved_at = None;
        }
    }

    fn take_gaps(&mut self, pending: &mut Batch, now: Micros) {
        for followed in &mut self.sources {
            for gap in followed.source.take_gaps() {
                tracing::warn!(source = followed.saved.name, "{}", gap.text);
                pending.gaps.push(SourceGap {
                    source: followed.saved.name.clone(),
                    kind: gap.kind.id(),
                    from_at: followed.saved.newest_line_at,
                    noticed_at: now,
                    lines: gap.lines.and_then(|lines| i64::try_from(lines).ok()),
                    bytes: gap.bytes.and_then(|bytes| i64::try_from(bytes).ok()),
                    detail: gap.text,
                });
            }
        }
    }

    fn updates(&mut self, pending: &mut Batch, now: Micros) {
        for followed in &mut self.sources {
            let saved = &followed.saved;
            pending.samples.extend(followed.samples.take(&saved.name));
            pending.sources.push(SourceUpdate {
                name: saved.name.clone(),
                position: followed.source.position(),
                newest_line_at: saved.newest_line_at,
                checked_at: now,
                lines: saved.lines,
                mail_lines: saved.mail_lines,
                unrecognised: saved.unrecognised,
                spooled_bytes: i64::try_from(followed.source.spooled_bytes()).unwrap_or(i64::MAX),
                problem: followed.source.problem().map(str::to_owned),
            });
        }
    }

    /// The state goes with the batch, and everything that it takes for written.
    fn save(&mut self, pending: &mut Batch) {
        self.take_changes(pending, true);
        if self.replay.is_some() {
            // The journal ends with the state that is saved, and of these lines it is still needed.
            return;
        }
        self.saved_at = Some(clock::now());
        self.lines_since_save = 0;
        for followed in &mut self.sources {
            followed.saved.position = followed.source.position();
        }
        let sources: Vec<SavedSource> = self.sources.iter().map(|source| source.saved.clone()).collect();
        let positions = sources.iter().map(|source| source.position.clone()).collect();
        let state = SavedState {
            sources,
            correlator: &self.correlator,
        };
        match postcard::to_stdvec(&state) {
            Ok(bytes) => {
                let (number, parked, unparked) = self.attic.save();
                let update = StateUpdate {
                    format: STATE_FORMAT,
                    state: bytes,
                    parked,
                    unparked,
                    // The log's time: while old lines are read, mails are parked that would be over by today's clock.
                    expire_before: Some(self.correlator.now()),
                };
                pending.state = Some((number, update));
                self.on_their_way.push((number, positions));
            }
            Err(error) => tracing::warn!(%error, "the worker's state could not be written out"),
        }
    }

    /// Tells the sources what they need not keep any longer.
    fn forget_saved(&mut self) {
        let safe = self.safe.load(Ordering::Acquire);
        let done = self.on_their_way.iter().rposition(|(number, _)| *number <= safe);
        let Some(done) = done else { return };
        if let Some((_, positions)) = self.on_their_way.drain(..=done).next_back() {
            for (followed, position) in self.sources.iter_mut().zip(&positions) {
                followed.source.saved(position);
            }
        }
    }
}

/// Whom to ask about parked mails.
struct Asked<'a> {
    worker: &'a str,
    db: &'a IngestDb,
    runtime: &'a Handle,
    stop: &'a AtomicBool,
}

/// Brings back what is parked under a key, however long the database is away; `false` when told to stop before.
fn bring(correlator: &mut Correlator, attic: &mut Attic, asked: &Asked<'_>, key: u64) -> bool {
    let stored = loop {
        let question = asked.db.parked(asked.worker, key.cast_signed());
        match asked.runtime.block_on(question) {
            Ok(stored) => break stored,
            Err(error) => tracing::warn!(%error, "a parked mail cannot be asked for, trying again"),
        }
        if asked.stop.load(Ordering::Relaxed) {
            return false;
        }
        std::thread::sleep(ASK_AGAIN_AFTER);
    };
    let found = attic.find(key, stored);
    let taken = correlator.unpark(key, found.values().map(Vec::as_slice));
    for ((id, _), taken) in found.iter().zip(taken) {
        if let Err(error) = taken {
            tracing::warn!(%error, "a mail that was parked starts anew");
        }
        attic.remove(*id);
    }
    true
}
