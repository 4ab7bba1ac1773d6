//! The lines of several files in the order of their times.
//!
//! Goes in: files in any order. Comes out: their lines as one log. A file is opened when the others have come to its first line's time: the parts
//! of a rotated log, which follow each other, are read one after another, and logs of several servers, which run side by side, are merged.
//! Within a file the order stays as it is: what a program wrote is not sorted.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use jiff::tz::TimeZone;
use model::time::{DAY, Micros};
use tracer::dialect::Choice;
use tracer::line::{HeaderReader, LogLine};

use super::{Lines, Named, advice};
use crate::error::CommandError;

/// So many lines at a file's beginning may be without a header before it is read without knowing its time.
const LINES_WITHOUT_HEADER: u32 = 1000;

/// How headers are read.
#[derive(Clone, Debug)]
pub(crate) struct Headers {
    /// The year of the oldest line, for headers without one.
    pub(crate) year: Option<i16>,
    /// The zone of headers without one.
    pub(crate) zone: TimeZone,
    /// Whose lines are read.
    pub(crate) choice: Choice,
    /// No line is much later.
    pub(crate) now: Micros,
}

impl Headers {
    fn reader(&self, file: &Named, year: Option<i16>) -> HeaderReader {
        match year {
            Some(year) => HeaderReader::from_year(year, self.zone.clone()),
            None => HeaderReader::not_after(file.not_after(self.now), self.zone.clone()),
        }
    }
}

/// All files as one log.
pub(crate) struct Merge {
    sources: Vec<Source>,
    choice: Choice,
    read: Arc<AtomicU64>,
    broken: Option<CommandError>,
}

struct Source {
    file: Named,
    headers: HeaderReader,
    state: State,
    /// The time of its next line.
    next: Micros,
    lines: u64,
    cut: u64,
}

enum State {
    Waiting,
    Open(Box<Lines>),
    Over,
}

impl Merge {
    /// Finds out in what order the files are to be read. `read` counts the bytes that are read.
    pub(crate) fn new(
        files: Vec<Named>,
        headers: &Headers,
        read: Arc<AtomicU64>,
    ) -> Result<Self, CommandError> {
        let is_single = files.len() == 1;
        let mut sources = files
            .into_iter()
            .map(|file| Source::new(file, headers, is_single, &read))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(year) = headers.year
            && !is_single
        {
            settle_years(&mut sources, headers, year);
        }
        Ok(Self {
            sources,
            choice: headers.choice,
            read,
            broken: None,
        })
    }

    /// Gives all lines to `take`, with their headers if they have one.
    ///
    /// A file that breaks off does not end it: [`Merge::broken`] tells afterwards.
    pub(crate) fn for_each(
        &mut self,
        mut take: impl FnMut(&[u8], Option<LogLine<'_>>) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        while let Some((number, limit)) = self.next_source() {
            let source = &mut self.sources[number];
            let lines = match &mut source.state {
                State::Open(lines) => lines,
                State::Waiting => {
                    source.state = State::Open(Box::new(source.file.open(&self.read)?));
                    continue;
                }
                State::Over => continue,
            };
            let mut is_first = true;
            let end = loop {
                match lines.next() {
                    Ok(Some(raw)) => {
                        let header = source.headers.read(raw).map(|line| self.choice.claim(line));
                        if let Some(line) = &header
                            && line.at > limit
                            && !is_first
                        {
                            // It is read again later; a header that is read twice gives the same twice.
                            source.next = line.at;
                            lines.unread();
                            break None;
                        }
                        is_first = false;
                        take(raw, header.filter(|line| self.choice.admits(line)))?;
                    }
                    Ok(None) => break Some(Ok(())),
                    Err(error) => break Some(Err(error)),
                }
            };
            if let Some(end) = end {
                source.lines = lines.count;
                source.cut = lines.cut;
                if let Err(error) = end {
                    self.broken.get_or_insert(CommandError::Broken {
                        name: source.file.name.clone(),
                        line: source.lines,
                        advice: advice(&error),
                        cause: error,
                    });
                }
                source.state = State::Over;
            }
        }
        Ok(())
    }

    /// The source whose line is the oldest, and the time of the oldest line of the others.
    fn next_source(&self) -> Option<(usize, Micros)> {
        let mut oldest: Option<(usize, Micros)> = None;
        let mut limit = Micros(i64::MAX);
        for (number, source) in self.sources.iter().enumerate() {
            if matches!(source.state, State::Over) {
                continue;
            }
            match oldest {
                Some((_, at)) if source.next >= at => limit = limit.min(source.next),
                _ => {
                    limit = oldest.map_or(limit, |(_, at)| at);
                    oldest = Some((number, source.next));
                }
            }
        }
        oldest.map(|(number, _)| (number, limit))
    }

    /// Lines read, and how many of them were longer than the bound.
    pub(crate) fn counted(&self) -> (u64, u64) {
        self.sources
            .iter()
            .fold((0, 0), |(lines, cut), source| match &source.state {
                State::Open(open) => (lines + open.count, cut + open.cut),
                State::Waiting | State::Over => (lines + source.lines, cut + source.cut),
            })
    }

    /// The first file that broke off.
    pub(crate) const fn broken(&mut self) -> Option<CommandError> {
        self.broken.take()
    }
}

impl Source {
    fn new(
        file: Named,
        headers: &Headers,
        is_single: bool,
        read: &Arc<AtomicU64>,
    ) -> Result<Self, CommandError> {
        let mut reader = headers.reader(&file, headers.year);
        let mut state = State::Waiting;
        let mut next = Micros(i64::MIN);
        if is_single || !file.is_file {
            let mut lines = file.open(read)?;
            if !is_single {
                // A pipe cannot be opened twice: only its first line may be looked at.
                if let Ok(Some(first)) = lines.next() {
                    next = reader.read(first).map_or(next, |line| line.at);
                }
                lines.unread();
            }
            state = State::Open(Box::new(lines));
        } else if let Some(at) = first_moment(&file, &mut reader)? {
            next = at;
        }
        Ok(Self {
            file,
            headers: reader,
            state,
            next,
            lines: 0,
            cut: 0,
        })
    }
}

/// The time of a file's first line with a header.
fn first_moment(file: &Named, headers: &mut HeaderReader) -> Result<Option<Micros>, CommandError> {
    let mut lines = file.open(&Arc::default())?;
    for _ in 0..LINES_WITHOUT_HEADER {
        match lines.next() {
            Ok(Some(raw)) => {
                if let Some(line) = headers.read(raw) {
                    return Ok(Some(line.at));
                }
            }
            // It is told when the file is read.
            Ok(None) | Err(_) => break,
        }
    }
    Ok(None)
}

/// `--year` names the year of the oldest line. Of a log that was rotated over New Year, later files lie in the next year, which their headers
/// do not tell: the oldest file is the one behind the longest time without a file's beginning.
fn settle_years(sources: &mut [Source], headers: &Headers, year: i16) {
    let mut classic: Vec<(Micros, usize)> = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        if !source.file.is_file || source.next.0 == i64::MIN {
            continue;
        }
        let mut later = headers.reader(&source.file, Some(year + 1));
        if let Ok(Some(at)) = first_moment(&source.file, &mut later)
            && at != source.next
        {
            classic.push((source.next, number));
        }
    }
    classic.sort_unstable();
    let (Some(first), Some(last)) = (classic.first().copied(), classic.last().copied()) else {
        return;
    };
    // Without a longer pause inside the year it began with the first.
    let mut longest = 365 * DAY - (last.0.0 - first.0.0);
    let mut before = 0;
    for (place, pair) in classic.windows(2).enumerate() {
        if let [(one, _), (next, _)] = pair
            && next.0 - one.0 > longest
        {
            longest = next.0 - one.0;
            before = place + 1;
        }
    }
    for (_, number) in classic.into_iter().take(before) {
        let source = &mut sources[number];
        source.headers = headers.reader(&source.file, Some(year + 1));
        if let Ok(Some(at)) = first_moment(&source.file, &mut source.headers) {
            source.next = at;
        }
    }
}
