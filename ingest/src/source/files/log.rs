//! One log: the file that is written under its name, and what was rotated away from it and not read to its end yet.
//!
//! Goes in: a name, and the places of an earlier run. Comes out: streams, the oldest file first. A younger file is begun when everything in the
//! older ones was read; a renamed file is read on beside its successor until it was quiet for a while, because writers keep it open.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::place::Place;
use super::rotated::{self, Rotated, changed};
use super::{RESCAN, Shared, in_words};
use crate::source::beginning::Beginning;
use crate::source::gap::{Gap, GapKind};
use crate::source::stream::Stream;
use crate::source::tail::{FileTail, Found, Tail, identity};

/// How soon something that failed is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// A compressed file that cannot be read to its end and does not change for so long will not get better.
const GIVE_UP: Duration = Duration::from_mins(1);
/// So many equal first bytes, or all of 1,024, make one file a copy of another that has a different name.
const TELLING: usize = 64;

/// A name under which a log is written.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) path: PathBuf,
    /// The glob means the rotated files too: at the first start they are read before the present one.
    pub(super) has_rotated: bool,
    /// Places of an earlier run whose files were not found yet.
    resume: Vec<Place>,
    /// The file read last is lost: what was changed after this moment comes next.
    lost_at: Option<i64>,
    next_look: Instant,
    /// What could not be opened as the next file: since when, and its size and time of change then.
    broken: Option<(PathBuf, Instant, u64, i64)>,
    /// What keeps us from reading an open file, and from opening the next: told until it is over.
    read_problem: Option<String>,
    open_problem: Option<String>,
}

impl Log {
    pub(super) fn new(path: PathBuf, has_rotated: bool, now: Instant) -> Self {
        Self {
            path,
            has_rotated,
            resume: Vec::new(),
            lost_at: None,
            next_look: now,
            broken: None,
            read_problem: None,
            open_problem: None,
        }
    }

    pub(super) fn problem(&self) -> Option<&str> {
        self.read_problem.as_deref().or(self.open_problem.as_deref())
    }

    pub(super) fn resumed(path: PathBuf, resume: Vec<Place>, now: Instant) -> Self {
        Self {
            resume,
            ..Self::new(path, false, now)
        }
    }

    pub(super) fn is_resuming(&self) -> bool {
        !self.resume.is_empty()
    }

    /// The next look at everything is due.
    #[cfg(test)]
    pub(super) fn look_now(&mut self, now: Instant) {
        self.next_look = now;
    }

    /// The places that wait for their files: they stay in the position.
    pub(super) fn unresolved(&self) -> &[Place] {
        &self.resume
    }
}

/// Looks after one log: reads what has no line, opens what comes next, drops what is over.
pub(super) fn look(
    id: usize,
    logs: &mut [Log],
    groups: &mut [Vec<Stream>],
    shared: &mut Shared,
    now: Instant,
) {
    let mut own = std::mem::take(&mut groups[id]);
    let mut look = Look {
        id,
        log: &mut logs[id],
        others: groups,
        shared,
        now,
    };
    if look.resume(&mut own) {
        look.read(&mut own);
        while look.go_on(&mut own) {
            look.read(&mut own);
        }
        look.drop_finished(&mut own);
        look.tell_what_follows(&mut own);
    }
    groups[id] = own;
}

/// What comes after the newest file.
enum Next {
    Open(PathBuf),
    /// The newest file again, under a new inode: somebody put a longer copy in its place.
    Replaced,
    Nothing,
}

struct Look<'a> {
    id: usize,
    log: &'a mut Log,
    others: &'a [Vec<Stream>],
    shared: &'a mut Shared,
    now: Instant,
}

impl Look<'_> {
    /// Finds the files of an earlier run. `false`: not yet, and nothing else may be read before.
    fn resume(&mut self, own: &mut Vec<Stream>) -> bool {
        if self.log.resume.is_empty() {
            return true;
        }
        if self.now < self.log.next_look {
            return false;
        }
        self.log.next_look = self.now + RESCAN;
        let live = match Beginning::of(&self.log.path) {
            Ok(beginning) => Some(beginning),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.problem(&self.log.path.clone(), &error);
                return false;
            }
        };
        let beside = rotated::beside(&self.log.path);
        if live.is_none() && beside.is_empty() {
            return false;
        }
        let mut files: Vec<(PathBuf, Beginning)> = Vec::new();
        files.extend(live.map(|beginning| (self.log.path.clone(), beginning)));
        let mut unreadable = Vec::new();
        if !self.log.resume.iter().all(|place| find(&files, place).is_some()) {
            for rotated in &beside {
                match Beginning::of(&rotated.path) {
                    Ok(beginning) => files.push((rotated.path.clone(), beginning)),
                    Err(error) => {
                        if is_being_written(&rotated.path) && error.kind() != io::ErrorKind::PermissionDenied
                        {
                            self.problem(&rotated.path, &error);
                            return false;
                        }
                        unreadable.push(in_words(&rotated.path, &error));
                    }
                }
            }
        }
        let mut found = Vec::new();
        for place in &self.log.resume {
            let Some(path) = find(&files, place) else {
                found.push(None);
                continue;
            };
            match FileTail::open(self.id, path, place.offset, self.now) {
                Ok(tail) => found.push(Some(Stream::new(
                    Tail::File(Box::new(tail)),
                    place.offset,
                    place.rest,
                ))),
                // A compressed file that is still being written holds less than the plain one did.
                Err(error) if is_being_written(path) || error.kind() == io::ErrorKind::PermissionDenied => {
                    self.problem(path, &error);
                    return false;
                }
                Err(error) => {
                    unreadable.push(in_words(path, &error));
                    found.push(None);
                }
            }
        }
        self.resumed(own, found, &unreadable);
        true
    }

    fn resumed(&mut self, own: &mut Vec<Stream>, found: Vec<Option<Stream>>, unreadable: &[String]) {
        let places = std::mem::take(&mut self.log.resume);
        self.log.open_problem = None;
        self.log.next_look = self.now;
        let last = places.len().saturating_sub(1);
        for (index, (place, stream)) in places.into_iter().zip(found).enumerate() {
            if let Some(stream) = stream {
                if let Tail::File(tail) = &stream.tail
                    && tail.path != self.log.path
                {
                    tracing::info!(path = %tail.path.display(), "reading the rest of the rotated log file first");
                }
                own.push(stream);
                continue;
            }
            if index == last {
                self.log.lost_at = Some(place.changed);
            } else if place.end {
                continue;
            }
            let mut text = format!(
                "the file that {} was when it was read last is gone, and no rotated file beside it begins like it: what was written to it after byte {} is missing, if there was any. Keep rotated files as long as Mailfate may be stopped",
                self.log.path.display(),
                place.offset
            );
            for unreadable in unreadable {
                text.push_str("; ");
                text.push_str(unreadable);
            }
            self.shared.gap(Gap::new(GapKind::LostFile, text));
        }
    }

    /// Reads the streams that have no line, the oldest first; a younger one waits until the older ones were read to their ends.
    fn read(&mut self, own: &mut Vec<Stream>) {
        let mut at = 0;
        while at < own.len() {
            let Stream { lines, tail, .. } = &mut own[at];
            let Tail::File(tail) = tail else { return };
            if !lines.has_line() && !tail.is_finished && self.now >= tail.next_look {
                match self.read_one(tail, lines) {
                    Ok(Found::Bytes | Found::End) => {
                        tail.broken = None;
                        self.log.read_problem = None;
                    }
                    Ok(Found::Truncated) => {
                        self.truncated(own, at);
                        continue;
                    }
                    Err(error) => self.broken(&mut own[at], &error),
                }
            }
            let Tail::File(tail) = &own[at].tail else { return };
            if !(tail.was_at_end || tail.is_finished) {
                return;
            }
            at += 1;
        }
    }

    fn read_one(
        &mut self,
        tail: &mut FileTail,
        lines: &mut crate::source::stream::Lines,
    ) -> io::Result<Found> {
        if tail.broken.is_some() && tail.is_packed() {
            if !tail.path.exists()
                && let Some(path) = self.find_like(tail)
            {
                tail.path = path;
            }
            tail.unpack_again(lines)?;
        }
        if !tail.is_open() {
            if let Ok(metadata) = fs::metadata(&tail.path)
                && identity(&metadata) == tail.identity
                && metadata.len() == lines.wanted()
                && changed(&metadata) == tail.changed
            {
                return tail.read(lines, self.now);
            }
            if !tail.reopen()? {
                // Rotated while it was closed. It was at its end then; what came later is found under its new name.
                let beginning = tail.beginning.clone();
                let Some(path) = self.find_like(tail) else {
                    tail.is_finished = true;
                    self.shared.finish(beginning);
                    return Ok(Found::End);
                };
                *tail = FileTail::open(self.id, &path, lines.wanted(), self.now)?;
            }
        }
        let found = tail.read(lines, self.now)?;
        if found == Found::End && self.log.path != tail.path {
            // Quiet rotated files cost no memory.
            lines.release();
        }
        Ok(found)
    }

    /// A file that begins like this one, beside the log or in its place.
    fn find_like(&self, tail: &FileTail) -> Option<PathBuf> {
        let beside = rotated::beside(&self.log.path);
        std::iter::once(self.log.path.clone())
            .chain(beside.into_iter().rev().map(|rotated| rotated.path))
            .find(|path| Beginning::of(path).is_ok_and(|beginning| beginning.is_like(&tail.beginning)))
    }

    /// The file was emptied under us: the rest of what it held is in the copy, if there is one.
    fn truncated(&mut self, own: &mut Vec<Stream>, at: usize) {
        let is_newest = at + 1 == own.len();
        let Stream { lines, tail, .. } = &mut own[at];
        let Tail::File(tail) = tail else { return };
        let (offset, is_rest) = (lines.offset(), lines.is_rest());
        let copy = rotated::beside(&self.log.path)
            .into_iter()
            .rev()
            .filter(|rotated| rotated.identity != tail.identity)
            .find(|rotated| {
                Beginning::of(&rotated.path).is_ok_and(|beginning| beginning.is_like(&tail.beginning))
            });
        if !is_newest && tail.was_at_end {
            // A rotated file whose name was used again for another copy: nothing of ours is in it any more.
            tail.is_finished = true;
            return;
        }
        if copy.is_none() && !tail.beginning.is_empty() {
            let text = format!(
                "{} was emptied after byte {offset}, and no copy of what it held lies beside it: what was written shortly before is missing, if there was any",
                tail.path.display()
            );
            self.shared.gap(Gap::new(GapKind::Truncated, text));
        }
        tracing::info!(path = %tail.path.display(), "log file was truncated, reading it from its beginning");
        if is_newest {
            self.shared.finish(std::mem::take(&mut tail.beginning));
            lines.restart(0);
            tail.was_at_end = false;
            tail.changed = i64::MIN;
            tail.next_look = self.now;
        } else {
            tail.is_finished = true;
        }
        let Some(copy) = copy else { return };
        let mut end = offset;
        if let Ok(metadata) = fs::metadata(&copy.path)
            && !is_packed_name(&copy.path)
        {
            // We have read what was written after the copy was made.
            end = offset.min(metadata.len());
        }
        match FileTail::open(self.id, &copy.path, end, self.now) {
            Ok(tail) => own.insert(
                at,
                Stream::new(Tail::File(Box::new(tail)), end, is_rest && end == offset),
            ),
            Err(error) => self.shared.gap(Gap::new(
                GapKind::Truncated,
                format!(
                    "the log was emptied after byte {offset}, and {}",
                    in_words(&copy.path, &error)
                ),
            )),
        }
    }

    /// A file cannot be read any further: it is tried again, and a damaged one given up in the end.
    fn broken(&mut self, stream: &mut Stream, error: &io::Error) {
        let Tail::File(tail) = &mut stream.tail else {
            return;
        };
        self.log.read_problem = Some(in_words(&tail.path, error));
        tail.next_look = self.now + RETRY;
        if !tail.is_packed() {
            tail.close();
            return;
        }
        let (length, change) =
            fs::metadata(&tail.path).map_or((0, 0), |metadata| (metadata.len(), changed(&metadata)));
        match tail.broken {
            Some((since, old_length, old_change)) if (old_length, old_change) == (length, change) => {
                if self.now.duration_since(since) >= self.shared.quiet.min(GIVE_UP) {
                    tail.is_finished = true;
                    self.log.read_problem = None;
                    stream.lines.end_unfinished();
                    let text = format!(
                        "{} cannot be unpacked any further ({error}); what stands behind byte {} of its text is missing",
                        tail.path.display(),
                        stream.lines.offset()
                    );
                    self.shared.gap(Gap::new(GapKind::Damaged, text));
                }
            }
            _ => tail.broken = Some((self.now, length, change)),
        }
    }

    /// Opens the next file when everything before it was read. Says whether it did.
    fn go_on(&mut self, own: &mut Vec<Stream>) -> bool {
        let next = match own.last() {
            None if self.now < self.log.next_look => return false,
            None => {
                self.log.next_look = self.now + RETRY;
                self.first()
            }
            Some(Stream { lines, tail, .. }) => {
                let Tail::File(tail) = tail else { return false };
                if lines.has_line() || !(tail.was_at_end || tail.is_finished) || self.now < self.log.next_look
                {
                    return false;
                }
                self.log.next_look = if tail.is_finished {
                    self.now
                } else {
                    tail.next_look
                };
                self.after(tail, own)
            }
        };
        let path = match next {
            Next::Nothing => {
                self.log.open_problem = None;
                self.log.next_look = self.log.next_look.max(self.now + Duration::from_millis(100));
                return false;
            }
            Next::Replaced => {
                self.replaced(own);
                return false;
            }
            Next::Open(path) => path,
        };
        self.open_next(own, &path)
    }

    fn open_next(&mut self, own: &mut Vec<Stream>, path: &Path) -> bool {
        match FileTail::open(self.id, path, 0, self.now) {
            Ok(tail) => {
                let twin = self.twin(&tail);
                if twin == Twin::Followed {
                    self.log.next_look = self.now + RESCAN;
                    return false;
                }
                if !own.is_empty() {
                    tracing::info!(path = %path.display(), "log file was rotated, going on with the next one");
                }
                let offset = if twin == Twin::Finished && !tail.is_packed() {
                    fs::metadata(path).map_or(0, |metadata| metadata.len())
                } else {
                    0
                };
                self.log.lost_at = None;
                self.log.broken = None;
                self.log.open_problem = None;
                own.push(Stream::new(Tail::File(Box::new(tail)), offset, false));
                true
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.log.open_problem = None;
                false
            }
            Err(error) => {
                self.problem(path, &error);
                self.log.next_look = self.now + RETRY;
                self.cannot_open(path, &error);
                false
            }
        }
    }

    /// A compressed file whose very beginning is damaged is left out in the end.
    fn cannot_open(&mut self, path: &Path, error: &io::Error) {
        if error.kind() == io::ErrorKind::PermissionDenied || error.raw_os_error().is_some() {
            return;
        }
        let (length, change) =
            fs::metadata(path).map_or((0, 0), |metadata| (metadata.len(), changed(&metadata)));
        match &self.log.broken {
            Some((known, since, old_length, old_change))
                if known == path && (*old_length, *old_change) == (length, change) =>
            {
                if self.now.duration_since(*since) >= self.shared.quiet.min(GIVE_UP) {
                    let text = format!("{} cannot be unpacked ({error}); it is left out", path.display());
                    self.shared.gap(Gap::new(GapKind::Damaged, text));
                    self.log.lost_at = Some(change);
                }
            }
            _ => self.log.broken = Some((path.to_owned(), self.now, length, change)),
        }
    }

    /// The first file of a log that nothing is read of.
    fn first(&self) -> Next {
        let from = match self.log.lost_at {
            Some(0) => None,
            Some(lost_at) => Some(lost_at),
            None if self.log.has_rotated => Some(i64::MIN),
            None => None,
        };
        if let Some(from) = from {
            let younger = rotated::beside(&self.log.path).into_iter().find(|rotated| {
                rotated.is_named_by_rotation() && rotated.changed > from && !self.is_known(rotated, &[])
            });
            if let Some(rotated) = younger {
                return Next::Open(rotated.path);
            }
        }
        Next::Open(self.log.path.clone())
    }

    /// What comes after the newest file, which was read to its end.
    fn after(&self, newest: &FileTail, own: &[Stream]) -> Next {
        let live = fs::metadata(&self.log.path).ok().filter(fs::Metadata::is_file);
        let live_identity = live.as_ref().map(identity);
        if live_identity == Some(newest.identity) && newest.path == self.log.path {
            return Next::Nothing;
        }
        let beside = rotated::beside(&self.log.path);
        let place = beside
            .iter()
            .position(|rotated| rotated.identity == newest.identity)
            .or_else(|| {
                beside.iter().rposition(|rotated| {
                    Beginning::of(&rotated.path).is_ok_and(|beginning| beginning.is_like(&newest.beginning))
                })
            })
            .filter(|place| beside[*place].is_named_by_rotation());
        let lost_at = self.log.lost_at;
        let next = match place {
            Some(place) => beside
                .iter()
                .skip(place + 1)
                .filter(|rotated| lost_at.is_none_or(|lost_at| rotated.changed > lost_at))
                .find(|rotated| !self.is_known(rotated, own)),
            None => beside.iter().find(|rotated| {
                rotated.is_named_by_rotation()
                    && rotated.changed > lost_at.unwrap_or(newest.changed)
                    && Some(rotated.identity) != live_identity
                    && !self.is_known(rotated, own)
            }),
        };
        if let Some(next) = next {
            return Next::Open(next.path.clone());
        }
        let Some(live_identity) = live_identity else {
            return Next::Nothing;
        };
        let is_open = own
            .iter()
            .any(|stream| matches!(&stream.tail, Tail::File(tail) if tail.identity == live_identity));
        if is_open {
            return Next::Nothing;
        }
        let is_copy = Beginning::of(&self.log.path).is_ok_and(|beginning| {
            beginning.is_like(&newest.beginning)
                && place.is_none()
                && live.as_ref().is_some_and(|live| live.len() > 0)
        });
        if is_copy && !newest.is_packed() {
            return Next::Replaced;
        }
        Next::Open(self.log.path.clone())
    }

    /// The newest file was replaced by a copy that begins like it: it goes on where it was.
    fn replaced(&mut self, own: &mut [Stream]) {
        let Some(Stream { lines, tail, .. }) = own.last_mut() else {
            return;
        };
        match FileTail::open(self.id, &self.log.path, 0, self.now) {
            Ok(mut opened) => {
                lines.restart(lines.offset());
                opened.changed = i64::MIN;
                *tail = Tail::File(Box::new(opened));
            }
            Err(error) => self.problem(&self.log.path.clone(), &error),
        }
    }

    /// Whether a rotated file is open here, or was read to its end before.
    fn is_known(&self, rotated: &Rotated, own: &[Stream]) -> bool {
        let is_open = own
            .iter()
            .any(|stream| matches!(&stream.tail, Tail::File(tail) if tail.identity == rotated.identity));
        let Ok(beginning) = Beginning::of(&rotated.path) else {
            return is_open;
        };
        is_open
            || self
                .shared
                .finished
                .iter()
                .any(|finished| is_copy(finished, &beginning))
            || own.iter().any(
                |stream| matches!(&stream.tail, Tail::File(tail) if is_copy(&tail.beginning, &beginning)),
            )
    }

    /// Whether another log of the source reads this file, under another name.
    fn twin(&self, tail: &FileTail) -> Twin {
        let is_followed = self.others.iter().flatten().any(|stream| {
            matches!(&stream.tail, Tail::File(other)
                if other.identity == tail.identity || is_copy(&other.beginning, &tail.beginning))
        });
        if is_followed {
            return Twin::Followed;
        }
        let is_finished = self
            .shared
            .finished
            .iter()
            .any(|finished| is_copy(finished, &tail.beginning));
        if is_finished { Twin::Finished } else { Twin::No }
    }

    /// Drops what was rotated and has nothing more to say, as soon as its successor is in the position.
    fn drop_finished(&mut self, own: &mut Vec<Stream>) {
        let mut at = 0;
        while at + 1 < own.len() {
            let (has_begun, has_lines) = match &own[at + 1] {
                Stream {
                    lines,
                    tail: Tail::File(next),
                    ..
                } => (!next.beginning.is_empty(), lines.consumed() > 0),
                Stream { .. } => return,
            };
            let Stream { lines, tail, .. } = &mut own[at];
            let Tail::File(tail) = tail else { return };
            let is_quiet =
                tail.was_at_end && has_lines && self.now.duration_since(tail.busy_at) >= self.shared.quiet;
            if lines.has_line() || !has_begun || !(tail.is_finished || is_quiet) {
                at += 1;
                continue;
            }
            if lines.has_unfinished() {
                // Its end will not come.
                lines.end_unfinished();
                at += 1;
                continue;
            }
            self.shared.finish(tail.beginning.clone());
            own.remove(at);
        }
    }

    /// Tells each stream whether there is more of it, or of what comes after it, than is buffered.
    fn tell_what_follows(&self, own: &mut [Stream]) {
        let last = own.len().saturating_sub(1);
        for (at, stream) in own.iter_mut().enumerate() {
            let Tail::File(tail) = &stream.tail else { continue };
            stream.has_more = if at == last && tail.path == self.log.path && !tail.is_packed() {
                stream.lines.is_full()
            } else {
                // The younger one is begun when this one was read to its end.
                at == last || !(tail.was_at_end || tail.is_finished)
            };
        }
    }

    fn problem(&mut self, path: &Path, error: &io::Error) {
        self.log.open_problem = Some(in_words(path, error));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Twin {
    No,
    /// Another stream reads it now.
    Followed,
    /// It was read to its end under another name.
    Finished,
}

fn find<'a>(files: &'a [(PathBuf, Beginning)], place: &Place) -> Option<&'a Path> {
    let found = files.iter().find(|(path, beginning)| {
        beginning.begins_like(&place.fingerprint)
            && (is_packed_name(path)
                || fs::metadata(path).is_ok_and(|metadata| metadata.len() >= place.offset))
    });
    found.map(|(path, _)| path.as_path())
}

/// Whether one is a copy of the other; a few equal bytes say nothing.
fn is_copy(one: &Beginning, other: &Beginning) -> bool {
    one.is_like(other) && one.fingerprint().bytes.min(other.fingerprint().bytes) >= TELLING
}

fn is_packed_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["gz", "xz", "zst", "bz2"]
            .iter()
            .any(|packed| extension == *packed)
    })
}

/// Whether somebody changed the file within the last minutes.
fn is_being_written(path: &Path) -> bool {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age < GIVE_UP * 5))
}
