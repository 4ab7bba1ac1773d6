//! Log files, followed over everything that rotation does to them.
//!
//! Goes in: names and globs, and the position of an earlier run. Comes out: a stream for each file that is being read, and the position behind
//! the lines consumed. A file is known by its first bytes, never by its name. It never writes and never locks.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::gap::{Gap, GapKind};
use super::stream::Stream;
use super::tail::{Tail, identity};
use super::{SourceError, clock};

mod log;
mod place;
mod rotated;

pub(super) use rotated::changed;

use log::Log;
use place::Position;

/// How often globs are looked through and names without a file are tried.
const RESCAN: Duration = Duration::from_secs(3);
/// A renamed file is read on until it was quiet for so long.
pub(super) const QUIET: Duration = Duration::from_mins(1);
/// Gaps kept until somebody asks for them.
pub(super) const MOST_GAPS: usize = 1000;
/// File handles that one source holds, at most; fewer where the system allows fewer.
const MOST_HANDLES: u64 = 1024;

/// What all logs of a source share.
#[derive(Debug)]
struct Shared {
    gaps: Vec<Gap>,
    /// Of what was rotated lately and read to its end: it is not read again under another name.
    finished: Vec<super::beginning::Beginning>,
    quiet: Duration,
}

impl Shared {
    fn gap(&mut self, gap: Gap) {
        tracing::warn!(gap = %gap.text, "lines of a source are missing");
        if self.gaps.len() < MOST_GAPS {
            self.gaps.push(gap);
        }
    }

    fn finish(&mut self, beginning: super::beginning::Beginning) {
        if self.finished.len() >= 256 {
            self.finished.remove(0);
        }
        self.finished.push(beginning);
    }
}

/// The log files of one source.
#[derive(Debug)]
pub(super) struct Files {
    patterns: Vec<glob::Pattern>,
    /// The patterns that are plain names.
    names: Vec<PathBuf>,
    logs: Vec<Log>,
    shared: Shared,
    rescan_at: Instant,
    most_handles: usize,
}

impl Files {
    pub(super) fn open(
        paths: &[PathBuf],
        position: Option<&str>,
        streams: &mut [Stream],
    ) -> Result<Self, SourceError> {
        let now = clock::now();
        let mut files = Self {
            patterns: Vec::new(),
            names: Vec::new(),
            logs: Vec::new(),
            shared: Shared {
                gaps: Vec::new(),
                finished: Vec::new(),
                quiet: QUIET,
            },
            rescan_at: now,
            most_handles: most_handles(),
        };
        for path in paths {
            files.add_pattern(path)?;
        }
        if let Some(position) = position {
            files.resume(position, now)?;
        }
        files.rescan(streams, now);
        Ok(files)
    }

    fn add_pattern(&mut self, path: &Path) -> Result<(), SourceError> {
        let text = path.to_string_lossy();
        if !text.contains(['*', '?', '[']) || path.exists() {
            if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
                return Err(SourceError::NotAFile {
                    path: path.to_owned(),
                });
            }
            self.names.push(path.to_owned());
            return Ok(());
        }
        let wrong = |why: String| SourceError::Pattern {
            pattern: text.to_string(),
            why,
        };
        let pattern = glob::Pattern::new(&text).map_err(|error| wrong(error.to_string()))?;
        if text.ends_with('/') {
            return Err(wrong(
                "it names folders; end it with a file name, as in /var/log/hosts/*/mail.log".to_owned(),
            ));
        }
        self.patterns.push(pattern);
        Ok(())
    }

    /// Where an earlier run was. Its logs are followed first, also those that no longer lie there.
    fn resume(&mut self, position: &str, now: Instant) -> Result<(), SourceError> {
        let position =
            Position::parse(position, self.names.first().map(PathBuf::as_path)).map_err(|error| {
                SourceError::Position {
                    why: error.to_string(),
                }
            })?;
        let mut logs: BTreeMap<PathBuf, Vec<place::Place>> = BTreeMap::new();
        for place in position.files {
            logs.entry(place.log.clone()).or_default().push(place);
        }
        for (path, places) in logs {
            let is_wanted =
                self.names.contains(&path) || self.patterns.iter().any(|pattern| pattern.matches_path(&path));
            if is_wanted {
                self.logs.push(Log::resumed(path, places, now));
            }
        }
        Ok(())
    }

    /// Looks for new files, rotation and data.
    pub(super) fn refill(&mut self, streams: &mut Vec<Stream>) -> bool {
        let now = clock::now();
        if now >= self.rescan_at {
            self.rescan(streams, now);
        }
        // Each log has its streams to itself while it is looked at, so that it may open and drop some.
        let mut groups: Vec<Vec<Stream>> = self.logs.iter().map(|_| Vec::new()).collect();
        for stream in streams.drain(..) {
            if let Tail::File(tail) = &stream.tail {
                let log = tail.log;
                groups[log].push(stream);
            }
        }
        for id in 0..self.logs.len() {
            log::look(id, &mut self.logs, &mut groups, &mut self.shared, now);
        }
        streams.extend(groups.into_iter().flatten());
        self.tell_holes(streams);
        self.close_idle(streams);
        streams.iter().any(|stream| stream.lines.has_line())
    }

    /// Finds the logs that the names and globs mean.
    fn rescan(&mut self, streams: &mut [Stream], now: Instant) {
        self.rescan_at = now + RESCAN;
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let mut found: Vec<PathBuf> = self.names.clone();
        for pattern in &self.patterns {
            if let Ok(paths) = glob::glob_with(pattern.as_str(), options) {
                // A position names its files, and it is text.
                found.extend(
                    paths
                        .filter_map(Result::ok)
                        .filter(|path| path.is_file() && path.to_str().is_some()),
                );
            }
        }
        found.sort();
        found.dedup();
        let known: std::collections::HashSet<PathBuf> =
            self.logs.iter().map(|log| log.path.clone()).collect();
        for path in &found {
            if known.contains(path) {
                continue;
            }
            // A rotated file that a glob catches belongs to its log, which is read with what was rotated before.
            let log = rotated::written_as(path)
                .into_iter()
                .find(|log| found.binary_search(log).is_ok() || known.contains(log));
            if let Some(log) = log
                && !self.names.contains(path)
            {
                if let Some(log) = self.logs.iter_mut().find(|known| known.path == log) {
                    log.has_rotated = true;
                } else {
                    self.logs.push(Log::new(log, true, now));
                }
                continue;
            }
            if !self.logs.iter().any(|log| log.path == *path) {
                self.logs.push(Log::new(path.clone(), false, now));
            }
        }
        self.forget_deleted(&found, streams);
    }

    /// A log that a glob found once and that is gone: its host was shut down.
    fn forget_deleted(&mut self, found: &[PathBuf], streams: &mut [Stream]) {
        let mut at = 0;
        while at < self.logs.len() {
            let log = &self.logs[at];
            let is_used = streams
                .iter()
                .any(|stream| matches!(&stream.tail, Tail::File(tail) if tail.log == at));
            if is_used
                || log.is_resuming()
                || found.binary_search(&log.path).is_ok()
                || self.names.contains(&log.path)
            {
                at += 1;
                continue;
            }
            self.logs.swap_remove(at);
            let moved = self.logs.len();
            for stream in streams.iter_mut() {
                if let Tail::File(tail) = &mut stream.tail
                    && tail.log == moved
                {
                    tail.log = at;
                }
            }
        }
    }

    fn tell_holes(&mut self, streams: &mut [Stream]) {
        for stream in streams {
            let nuls = stream.lines.take_nuls();
            if nuls > 0
                && let Tail::File(tail) = &stream.tail
            {
                let text = format!(
                    "{} has a hole of {nuls} NUL bytes, which were skipped; copytruncate makes such holes when the writer does not append, and so does a power failure",
                    tail.path.display()
                );
                self.shared
                    .gap(Gap::new(GapKind::Hole, text).with_counts(None, Some(nuls)));
            }
        }
    }

    /// Closes handles beyond the bound: of files that still have their name, those that were quiet longest.
    fn close_idle(&self, streams: &mut [Stream]) {
        let mut open: Vec<(Instant, usize)> = Vec::new();
        let mut count = 0;
        for (index, stream) in streams.iter_mut().enumerate() {
            let Tail::File(tail) = &stream.tail else { continue };
            if !tail.is_open() {
                continue;
            }
            count += 1;
            let has_its_name = self.logs.get(tail.log).is_some_and(|log| log.path == tail.path);
            if !tail.is_packed() && tail.was_at_end && has_its_name {
                open.push((tail.busy_at, index));
            }
        }
        if count <= self.most_handles {
            return;
        }
        open.sort_unstable();
        for (_, index) in open.into_iter().take(count - self.most_handles) {
            if let Tail::File(tail) = &mut streams[index].tail {
                let is_still_there = fs::metadata(&tail.path)
                    .is_ok_and(|metadata| identity(&metadata) == tail.identity && metadata.nlink() > 0);
                if is_still_there {
                    tail.close();
                    streams[index].lines.release();
                }
            }
        }
    }

    pub(super) fn position(&self, streams: &[Stream]) -> String {
        let mut files = Vec::with_capacity(streams.len());
        for log in &self.logs {
            files.extend_from_slice(log.unresolved());
        }
        for stream in streams {
            if let Tail::File(tail) = &stream.tail
                && let Some(log) = self.logs.get(tail.log)
                && let Some(place) = place::Place::of(&log.path, tail, &stream.lines)
            {
                files.push(place);
            }
        }
        Position { files }.to_json()
    }

    /// Whether a log waits for the file that it was read from.
    pub(super) fn is_resuming(&self) -> bool {
        self.logs.iter().any(Log::is_resuming)
    }

    pub(super) fn problem(&self) -> Option<&str> {
        self.logs.iter().find_map(Log::problem)
    }

    pub(super) fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.shared.gaps)
    }

    #[cfg(test)]
    pub(super) fn set_for_test(&mut self, quiet: Duration, most_handles: usize) {
        self.shared.quiet = quiet;
        self.most_handles = most_handles;
    }
}

/// What keeps us from a file, and what to do.
fn in_words(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::PermissionDenied => format!(
            "cannot read {path}: permission denied; let the account that Mailfate runs as read it, usually by making it a member of the group adm"
        ),
        _ if error.raw_os_error() == Some(nix::libc::EMFILE) => {
            format!("cannot open {path}: too many open files; raise LimitNOFILE in the unit of Mailfate")
        }
        _ => format!("cannot read {path}: {error}; trying again"),
    }
}

fn most_handles() -> usize {
    let allowed = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE)
        .map_or(1024, |(soft, _)| soft);
    usize::try_from((allowed / 4).clamp(16, MOST_HANDLES)).unwrap_or(16)
}

#[cfg(test)]
mod tests;
