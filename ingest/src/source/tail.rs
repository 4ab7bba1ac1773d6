//! One file, read on wherever it is, whatever it is called by now.
//!
//! Goes in: an open file, plain or compressed, and a place in it. Comes out: its next bytes, and whether it ended, was emptied under us, or is
//! finished for good. Plain files are read by offset, so their handle can be closed and opened again at any time.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::beginning::{self, Beginning};
use super::files::changed;
use super::stream::{CHUNK, Lines};

/// A quiet file is looked at less and less often, but so often at least.
const LONGEST_PAUSE: Duration = Duration::from_millis(150);

/// Where a stream's bytes come from.
#[derive(Debug)]
pub(super) enum Tail {
    /// A log file.
    File(Box<FileTail>),
    /// The source fills the stream itself: a spool, a journal.
    Fed,
}

/// What one look at a file found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// More bytes.
    Bytes,
    /// Nothing new for now.
    End,
    /// The file was emptied since: it is shorter than what was read, or begins with other bytes.
    Truncated,
}

/// One file of a log.
pub(super) struct FileTail {
    /// Which of the source's logs it belongs to.
    pub(super) log: usize,
    /// Where it was opened.
    pub(super) path: PathBuf,
    pub(super) identity: (u64, u64),
    pub(super) beginning: Beginning,
    /// Time of its last change when it was read, microseconds since 1970.
    pub(super) changed: i64,
    /// It was read to its end at least once.
    pub(super) was_at_end: bool,
    /// When it last had something new.
    pub(super) busy_at: Instant,
    /// When it is looked at next.
    pub(super) next_look: Instant,
    /// Since when it cannot be read, and its size and time of change then.
    pub(super) broken: Option<(Instant, u64, i64)>,
    /// Nothing more will come: a compressed file at its end, or one that is given up.
    pub(super) is_finished: bool,
    handle: Handle,
}

enum Handle {
    Closed,
    Plain(File),
    Packed(Box<dyn Read + Send>),
}

impl fmt::Debug for FileTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileTail")
            .field("path", &self.path)
            .field("was_at_end", &self.was_at_end)
            .finish_non_exhaustive()
    }
}

impl FileTail {
    /// Opens a file to be read from `offset` on (of its plain bytes).
    pub(super) fn open(log: usize, path: &Path, offset: u64, now: Instant) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        let mut beginning = Beginning::default();
        let handle = if metadata.is_file() && beginning::is_packed(&file)? {
            beginning = Beginning::of(path)?;
            Handle::Packed(unpacked_from(file, offset)?)
        } else {
            beginning.check(&file)?;
            Handle::Plain(file)
        };
        Ok(Self {
            log,
            path: path.to_owned(),
            identity: identity(&metadata),
            beginning,
            // Not read yet: the first look must not take it for unchanged.
            changed: changed(&metadata),
            was_at_end: false,
            busy_at: now,
            next_look: now,
            broken: None,
            is_finished: false,
            handle,
        })
    }

    pub(super) fn is_packed(&self) -> bool {
        matches!(self.handle, Handle::Packed(_))
    }

    pub(super) fn is_open(&self) -> bool {
        !matches!(self.handle, Handle::Closed)
    }

    /// Closes a plain file; it is opened again by its name.
    pub(super) fn close(&mut self) {
        if matches!(self.handle, Handle::Plain(_)) {
            self.handle = Handle::Closed;
        }
    }

    /// Opens a closed file again. `Ok(false)`: another one has its name now.
    pub(super) fn reopen(&mut self) -> io::Result<bool> {
        if self.is_open() {
            return Ok(true);
        }
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        if identity(&file.metadata()?) != self.identity {
            return Ok(false);
        }
        self.handle = Handle::Plain(file);
        Ok(true)
    }

    /// Begins a compressed file anew and goes to the place again, after an error.
    pub(super) fn unpack_again(&mut self, lines: &Lines) -> io::Result<()> {
        let file = File::open(&self.path)?;
        let metadata = file.metadata()?;
        self.identity = identity(&metadata);
        self.handle = Handle::Packed(unpacked_from(file, lines.wanted())?);
        Ok(())
    }

    /// Reads the next bytes into `lines`, which has no line now.
    pub(super) fn read(&mut self, lines: &mut Lines, now: Instant) -> io::Result<Found> {
        let found = match &mut self.handle {
            Handle::Closed => Found::End,
            Handle::Packed(plain) => {
                let count = lines.fill(CHUNK, |_, room| read_some(plain.as_mut(), room))?;
                if count == 0 {
                    self.is_finished = true;
                    lines.end_unfinished();
                }
                if count == 0 { Found::End } else { Found::Bytes }
            }
            Handle::Plain(file) => read_plain(file, &mut self.beginning, &mut self.changed, lines)?,
        };
        match found {
            Found::Bytes => {
                self.busy_at = now;
                self.next_look = now;
            }
            Found::End => {
                self.was_at_end = true;
                self.next_look = now + (now.duration_since(self.busy_at) / 16).min(LONGEST_PAUSE);
            }
            Found::Truncated => {}
        }
        Ok(found)
    }
}

fn read_plain(
    file: &File,
    beginning: &mut Beginning,
    last_change: &mut i64,
    lines: &mut Lines,
) -> io::Result<Found> {
    let metadata = file.metadata()?;
    let changed = changed(&metadata);
    if metadata.is_file() && metadata.len() < lines.wanted() {
        return Ok(Found::Truncated);
    }
    if metadata.len() == lines.wanted() && changed == *last_change {
        return Ok(Found::End);
    }
    let mut is_same = true;
    let count = lines.fill(CHUNK, |at, room| {
        let count = file.read_at(room, at)?;
        // Only now: whoever emptied the file before this moment is found out, also when it has grown beyond our place again.
        is_same = beginning.check(file)?;
        Ok(if is_same { count } else { 0 })
    })?;
    if !is_same {
        return Ok(Found::Truncated);
    }
    *last_change = changed;
    Ok(if count == 0 { Found::End } else { Found::Bytes })
}

fn unpacked_from(file: File, offset: u64) -> io::Result<Box<dyn Read + Send>> {
    let mut plain = logfile::plain(Box::new(file))?;
    let skipped = io::copy(&mut plain.by_ref().take(offset), &mut io::sink())?;
    if skipped < offset {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "it is shorter than what was read of it before",
        ));
    }
    Ok(plain)
}

fn read_some(source: &mut dyn Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Device and inode.
pub(super) fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
