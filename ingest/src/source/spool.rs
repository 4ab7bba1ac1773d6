//! What was received, on the disk until it is saved in the database.
//!
//! Goes in: lines from receivers, into an [`Inbox`] in memory that a thread writes out as they come. Comes out: the same lines, read from segment
//! files `0000000001.log`, and a position of segment and offset. Nothing is rewritten; segments before the saved position are deleted.
//!
//! What is written survives a kill of the process; a power failure may take the last 200 ms. The spool is bounded: when it is full or cannot be
//! written, streams wait and datagrams are dropped and counted.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::SourceError;
use super::gap::{Gap, GapKind};
use super::stream::{CHUNK, Stream};
use super::tail::Tail;

mod inbox;
mod writer;

pub(super) use inbox::Inbox;
use writer::Writer;

/// Where what is received is kept, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolConfig {
    /// Each source that receives gets a folder of its own in it.
    pub folder: PathBuf,
    /// So much may wait for the database, per source.
    pub most_bytes: u64,
}

impl SpoolConfig {
    /// The usual bound, 1 GiB.
    pub const MOST_BYTES: u64 = 1 << 30;

    /// A spool with the usual bound.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            most_bytes: Self::MOST_BYTES,
        }
    }
}

/// The place behind the lines consumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) segment: u64,
    pub(super) offset: u64,
}

/// The spool of one source.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    inbox: Arc<Inbox>,
    writer: Option<std::thread::JoinHandle<()>>,
    segment: u64,
    file: Option<File>,
    gaps: Vec<Gap>,
    problem: Option<String>,
    /// Held as long as the spool is used.
    _lock: File,
}

impl Spool {
    /// Opens the spool and begins to write; the stream goes on at the position.
    pub(super) fn open(
        config: &SpoolConfig,
        name: &str,
        position: Option<&str>,
    ) -> Result<(Self, Stream), SourceError> {
        let folder = config.folder.join(safe_name(name));
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| SourceError::Spool { path, source }
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(failed(&folder))?;
        let lock = lock(&folder.join("lock"))?;
        let place: Option<Place> = match position {
            None => None,
            Some(text) => Some(serde_json::from_str(text).map_err(|error| SourceError::Position {
                why: error.to_string(),
            })?),
        };
        let segments = segments(&folder).map_err(failed(&folder))?;
        let mut gaps = Vec::new();
        let start = start(place, &segments, &mut gaps, name);
        let inbox = Arc::new(Inbox::new(start));
        let writer = Writer::open(
            folder.clone(),
            config.most_bytes,
            segments,
            start.segment,
            Arc::clone(&inbox),
        )
        .map_err(failed(&folder))?;
        let writer = std::thread::Builder::new()
            .name("mailfate-spool".to_owned())
            .spawn(move || writer.run())
            .map_err(failed(&folder))?;
        let spool = Self {
            folder,
            inbox,
            writer: Some(writer),
            segment: start.segment,
            file: None,
            gaps,
            problem: None,
            _lock: lock,
        };
        Ok((spool, Stream::new(Tail::Fed, start.offset, false)))
    }

    pub(super) fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// Reads what was written since into the stream, when it has no line.
    pub(super) fn refill(&mut self, stream: &mut Stream) -> bool {
        self.problem = None;
        while !stream.lines.has_line() {
            match self.read(stream) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.file = None;
                    let path = segment_path(&self.folder, self.segment);
                    self.problem = Some(format!(
                        "cannot read the spool {}: {error}; trying again",
                        path.display()
                    ));
                    break;
                }
            }
        }
        let (newest, length) = self.inbox.written();
        stream.has_more = self.segment < newest || stream.lines.wanted() < length;
        stream.lines.has_line()
    }

    /// Reads a piece; `Ok(false)`: everything that is written was read.
    fn read(&mut self, stream: &mut Stream) -> io::Result<bool> {
        let (newest, length) = self.inbox.written();
        if self.segment > newest {
            return Ok(false);
        }
        if self.file.is_none() {
            match File::open(segment_path(&self.folder, self.segment)) {
                Ok(file) => self.file = Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound && self.segment < newest => {}
                Err(error) => return Err(error),
            }
        }
        let mut end = length;
        if self.segment < newest {
            end = match &self.file {
                Some(file) => file.metadata()?.len(),
                None => 0,
            };
        }
        let wanted = stream.lines.wanted();
        if let Some(file) = &self.file
            && wanted < end
        {
            let room = usize::try_from(end - wanted).unwrap_or(CHUNK).min(CHUNK);
            let count = stream.lines.fill(room, |at, room| file.read_at(room, at))?;
            return Ok(count > 0);
        }
        if self.segment == newest {
            return Ok(false);
        }
        // Finished, and its successor has been begun.
        stream.lines.end_unfinished();
        if stream.lines.has_line() {
            return Ok(true);
        }
        let next = segments(&self.folder)?
            .into_iter()
            .map(|(number, _)| number)
            .find(|number| *number > self.segment);
        self.file = None;
        self.segment = next.unwrap_or(newest);
        stream.lines.restart(0);
        Ok(true)
    }

    pub(super) fn place(&self, stream: &Stream) -> Place {
        Place {
            segment: self.segment,
            offset: stream.lines.offset(),
        }
    }

    pub(super) fn position(&self, stream: &Stream) -> String {
        serde_json::to_string(&self.place(stream)).expect("invariant: two numbers")
    }

    /// Deletes the segments before the position, and makes room.
    pub(super) fn saved(&mut self, position: &str) {
        let Ok(place) = serde_json::from_str::<Place>(position) else {
            tracing::warn!("a saved position of a spool cannot be read; its segments are kept");
            return;
        };
        self.inbox.set_saved(place);
        let Ok(segments) = segments(&self.folder) else {
            return;
        };
        for (number, _) in segments {
            if number < place.segment.min(self.segment)
                && let Err(error) = fs::remove_file(segment_path(&self.folder, number))
            {
                tracing::warn!(%error, number, "a segment of the spool cannot be deleted");
            }
        }
    }

    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    pub(super) fn take_gaps(&mut self) -> Vec<Gap> {
        let mut gaps = std::mem::take(&mut self.gaps);
        gaps.extend(self.inbox.take_gaps());
        gaps
    }

    pub(super) fn bytes(&self) -> u64 {
        self.inbox.unsaved()
    }

    /// Whether everything that was received is consumed.
    pub(super) fn is_consumed(&self, stream: &Stream) -> bool {
        let (segment, length) = self.inbox.written();
        let place = self.place(stream);
        !stream.lines.has_line()
            && self.inbox.is_empty()
            && place
                >= Place {
                    segment,
                    offset: length,
                }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.inbox.stop();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the thread that writes the spool stopped by itself");
        }
    }
}

/// Where reading begins, and what is missing there.
fn start(place: Option<Place>, segments: &[(u64, u64)], gaps: &mut Vec<Gap>, name: &str) -> Place {
    let first = segments.first().map(|(number, _)| *number);
    let Some(place) = place else {
        return Place {
            segment: first.unwrap_or(1),
            offset: 0,
        };
    };
    let found = segments.iter().find(|(number, _)| *number == place.segment);
    if let Some((_, length)) = found
        && *length >= place.offset
    {
        return place;
    }
    // An empty spool whose segments were all saved and deleted is no loss, but that does not happen: the newest segment is kept.
    let next = segments.iter().find(|(number, _)| *number > place.segment);
    let segment = next.map_or(place.segment + 1, |(number, _)| *number);
    gaps.push(Gap::new(
        GapKind::LostSpool,
        format!(
            "the spool of {name} no longer holds segment {} up to byte {}, where reading stopped: what was received and not read may be missing. Do not delete files from the spool folder",
            place.segment, place.offset
        ),
    ));
    Place { segment, offset: 0 }
}

/// Numbers and lengths of the segments, in order.
fn segments(folder: &Path) -> io::Result<Vec<(u64, u64)>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_suffix(".log"))
            .and_then(|number| number.parse::<u64>().ok());
        if let Some(number) = number {
            segments.push((number, entry.metadata()?.len()));
        }
    }
    segments.sort_unstable();
    Ok(segments)
}

fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:010}.log"))
}

fn lock(path: &Path) -> Result<File, SourceError> {
    let failed = |source| SourceError::Spool {
        path: path.to_owned(),
        source,
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(SourceError::SpoolInUse {
            path: path.parent().unwrap_or(path).to_owned(),
        }),
        Err(fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// A folder's name for a source's: what a file system could mind is replaced, and a hash keeps such names apart.
fn safe_name(name: &str) -> String {
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if name.chars().all(is_safe) && !name.starts_with('.') && (1..=64).contains(&name.len()) {
        return name.to_owned();
    }
    let letters: String = name
        .chars()
        .take(40)
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '_'
            }
        })
        .collect();
    format!("{letters}-{}", &blake3::hash(name.as_bytes()).to_hex()[..8])
}

#[cfg(test)]
mod tests;
