//! Log files as one stream of lines in the order of time.
//!
//! Goes in: paths; `-` is standard input. Comes out: [`Lines`], which a thread of its own reads and decompresses ahead, and [`Merge`], which
//! takes the lines of several files by their time. What compressed a file is found in its first bytes, not in its name.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model::time::{Micros, SECOND};

use crate::error::CommandError;

mod lines;
mod merge;

pub(crate) use lines::Lines;
pub(crate) use merge::{Headers, Merge};

/// One of the files that a person named.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// As it was typed, or `standard input`.
    pub(crate) name: String,
    path: Option<PathBuf>,
    /// Whether it can be opened again: a pipe cannot.
    is_file: bool,
    /// Bytes on the disk; 0 when nobody knows.
    pub(crate) size: u64,
    changed_at: Option<Micros>,
    /// Device and inode, to notice a file that was named twice.
    identity: Option<(u64, u64)>,
}

/// A moment before the first mail servers' logs of today: a file's time of change before it was set by a tool, not by a write.
const EARLIEST_CHANGE: Micros = Micros(946_684_800 * SECOND);

impl Named {
    /// Looks at a path without reading it.
    pub(crate) fn look(path: &Path) -> Result<Self, CommandError> {
        if path.as_os_str() == "-" {
            return Ok(Self {
                name: "standard input".to_owned(),
                path: None,
                is_file: false,
                size: 0,
                changed_at: None,
                identity: None,
            });
        }
        let name = path.display().to_string();
        let metadata = path.metadata().map_err(|error| CommandError::Open {
            why: why(&error),
            name: name.clone(),
        })?;
        if metadata.is_dir() {
            return Err(CommandError::Open {
                name,
                why: "it is a folder; name the files in it".to_owned(),
            });
        }
        let kind = metadata.file_type();
        if kind.is_socket() {
            return Err(CommandError::Open {
                name,
                why: "it is a socket; name a file or a pipe".to_owned(),
            });
        }
        Ok(Self {
            name,
            path: Some(path.to_owned()),
            is_file: metadata.is_file(),
            size: if metadata.is_file() { metadata.len() } else { 0 },
            changed_at: Some(Micros(metadata.mtime().saturating_mul(SECOND)))
                .filter(|at| metadata.is_file() && *at > EARLIEST_CHANGE),
            identity: metadata.is_file().then(|| (metadata.dev(), metadata.ino())),
        })
    }

    /// The moment that no line is much later than: the last change, if the file tells, never later than `now`.
    pub(crate) fn not_after(&self, now: Micros) -> Micros {
        // A day more: the clock of whoever wrote the file may go ahead, and a log may be in another zone.
        self.changed_at.map_or(now, |at| at.plus_seconds(86_400).min(now))
    }

    /// Opens it and reads ahead in a thread; `read` counts the bytes that came from the disk.
    pub(crate) fn open(&self, read: &Arc<AtomicU64>) -> Result<Lines, CommandError> {
        let failed = |error: &io::Error| CommandError::Open {
            name: self.name.clone(),
            why: why(error),
        };
        let raw: Box<dyn Read + Send> = match &self.path {
            None => Box::new(io::stdin()),
            Some(path) => Box::new(File::open(path).map_err(|error| failed(&error))?),
        };
        let counted = Counted {
            inner: raw,
            read: Arc::clone(read),
        };
        let plain = logfile::plain(Box::new(counted)).map_err(|error| failed(&error))?;
        Lines::start(plain).map_err(|error| failed(&error))
    }
}

/// Takes out files that were named twice: the same lines must not count twice. Says which.
pub(crate) fn without_doubles(files: Vec<Named>) -> (Vec<Named>, Vec<String>) {
    let mut kept: Vec<Named> = Vec::with_capacity(files.len());
    let mut doubles = Vec::new();
    for file in files {
        let is_known = kept.iter().any(|other| {
            (file.path.is_none() && other.path.is_none())
                || (file.identity.is_some() && file.identity == other.identity)
        });
        if is_known {
            doubles.push(file.name);
        } else {
            kept.push(file);
        }
    }
    (kept, doubles)
}

/// An error of the system in words, with what to do.
fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file; check the name".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "this account may not read it; use sudo, or join the group that owns it (often adm)".to_owned()
        }
        _ => error.to_string(),
    }
}

/// What to do when a file breaks off.
pub(crate) fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::Other => {
            "The compressed file is cut off or damaged; what was read before is printed. Copy it again, or test it with gzip -t, xz -t or zstd -t"
        }
        _ => "What was read before is printed",
    }
}

struct Counted {
    inner: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.inner.read(buffer)?;
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}
