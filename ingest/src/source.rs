//! Follows a log file: reads its lines, waits for more, and keeps its place over renames.
//!
//! Goes in: a path and a [`Position`]. Comes out: whole lines and the position behind them. A file is known by its first bytes and not by its
//! name: after a rename rotation the old file is read to its end before the new one is begun, and a position that points into a file that was
//! rotated while nobody was looking finds it under its new name. It never writes and never locks.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// So many bytes at the beginning tell one log file from another: its first line holds a moment and a host.
const FINGERPRINT_BYTES: usize = 1024;
/// Bytes asked for in one read.
const CHUNK: usize = 1 << 20;
/// A longer line is cut: no mail program writes one, and a file without line ends must not fill the memory.
const LONGEST_LINE: usize = 1 << 16;

/// A place in a log file. As JSON it is what the database keeps for the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Hash over the first `fingerprint_bytes` of the file; empty before anything was read.
    pub fingerprint: String,
    /// How many bytes that hash covers: a young file has fewer than an old one.
    pub fingerprint_bytes: usize,
    /// Bytes read, always up to the end of a line.
    pub offset: u64,
}

/// Why a file cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be opened or read.
    #[error("cannot read the log file {path}: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The name belongs to something else.
    #[error("{path} is a folder, not a log file: name the file itself")]
    NotAFile {
        /// Which name.
        path: PathBuf,
    },
}

/// A followed file.
#[derive(Debug)]
pub struct FileSource {
    path: PathBuf,
    open: Option<OpenFile>,
    /// Where to begin when the file appears.
    resume: Position,
    /// What was read and not handed out yet: the beginning of a line.
    pending: Vec<u8>,
    chunk: Vec<u8>,
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    device_and_inode: (u64, u64),
    position: Position,
    /// Bytes read from the file, the unfinished line included.
    read: u64,
}

impl FileSource {
    /// Follows `path` from `position` on; the file need not exist yet.
    pub fn new(path: PathBuf, position: Position) -> Self {
        Self {
            path,
            open: None,
            resume: position,
            pending: Vec::new(),
            chunk: vec![0; CHUNK],
        }
    }

    /// The file's name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The place behind the last line that was handed out.
    pub fn position(&self) -> Position {
        self.open
            .as_ref()
            .map_or_else(|| self.resume.clone(), |open| open.position.clone())
    }

    /// Hands out the lines of the next chunk with the position behind each. `Ok(false)` means: nothing new for now.
    ///
    /// # Errors
    /// When the file cannot be read; calling again later goes on at the same place.
    ///
    /// # Panics
    /// Never: the file is opened before it is used.
    pub fn read_lines(&mut self, mut each: impl FnMut(&[u8], &Position)) -> Result<bool, SourceError> {
        if self.open.is_none() && !self.open_file()? {
            return Ok(false);
        }
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| SourceError::Unreadable { path, source }
        };
        let open = self.open.as_mut().expect("invariant: opened above");
        let length = open.file.metadata().map_err(unreadable(&self.path))?.len();
        if length < open.read {
            // Truncated in place (copytruncate): what was written since begins at the beginning.
            tracing::info!(path = %self.path.display(), "log file was truncated, reading it from its beginning");
            open.file
                .seek(SeekFrom::Start(0))
                .map_err(unreadable(&self.path))?;
            (open.read, open.position) = (0, Position::default());
            self.pending.clear();
        }
        let count = open.file.read(&mut self.chunk).map_err(unreadable(&self.path))?;
        if count == 0 {
            return self.after_the_end();
        }
        open.read += count as u64;
        if open.position.fingerprint_bytes < FINGERPRINT_BYTES {
            let (fingerprint, bytes) =
                fingerprint(&mut open.file, open.read).map_err(unreadable(&self.path))?;
            (open.position.fingerprint, open.position.fingerprint_bytes) = (fingerprint, bytes);
        }
        let mut rest = &self.chunk[..count];
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            if self.pending.is_empty() {
                open.position.offset += line.len() as u64 + 1;
                each(without_return(line), &open.position);
            } else {
                self.pending.extend_from_slice(line);
                open.position.offset += self.pending.len() as u64 + 1;
                each(without_return(&self.pending), &open.position);
                self.pending.clear();
            }
        }
        self.pending.extend_from_slice(rest);
        if self.pending.len() > LONGEST_LINE {
            open.position.offset += self.pending.len() as u64;
            each(&self.pending[..LONGEST_LINE], &open.position);
            self.pending.clear();
        }
        Ok(true)
    }

    /// At the end of the open file: has another one taken its name?
    fn after_the_end(&mut self) -> Result<bool, SourceError> {
        let open = self.open.as_ref().expect("invariant: called with an open file");
        let Ok(metadata) = fs::metadata(&self.path) else {
            // Renamed and not made again yet: lines may still come to the open file.
            return Ok(false);
        };
        if (metadata.dev(), metadata.ino()) == open.device_and_inode {
            return Ok(false);
        }
        tracing::info!(path = %self.path.display(), "log file was rotated, going on with the new one");
        self.open = None;
        self.resume = Position::default();
        self.pending.clear();
        self.open_file()
    }

    /// Opens the file that the position belongs to: under its own name, or under the name that rotation gave it.
    fn open_file(&mut self) -> Result<bool, SourceError> {
        let resume = std::mem::take(&mut self.resume);
        let mut candidates = vec![self.path.clone()];
        if !resume.fingerprint.is_empty() {
            candidates.extend(self.rotated_names());
        }
        let mut first_error = None;
        for candidate in &candidates {
            match open_at(candidate, &resume) {
                Ok(Some(open)) => {
                    if candidate != &self.path {
                        tracing::info!(path = %candidate.display(), "reading the rest of the rotated log file first");
                    }
                    self.open = Some(open);
                    return Ok(true);
                }
                Ok(None) => {}
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        let exists = self.path.exists();
        if exists && first_error.is_none() {
            // The file that we were reading is gone, with whatever was in it after our place: begin with what there is now.
            tracing::warn!(path = %self.path.display(), "the log file read before is gone, lines may be missing; reading the present one from its beginning");
            self.open = open_at(&self.path, &Position::default())?;
            return Ok(self.open.is_some());
        }
        self.resume = resume;
        match first_error {
            Some(error) if exists => Err(error),
            _ => Ok(false),
        }
    }

    /// `mail.log.1` and the like beside `mail.log`, not compressed.
    fn rotated_names(&self) -> Vec<PathBuf> {
        let (Some(folder), Some(name)) = (
            self.path.parent(),
            self.path.file_name().and_then(|name| name.to_str()),
        ) else {
            return Vec::new();
        };
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut names: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| {
                let file_name = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .unwrap_or_default();
                let is_compressed = [".gz", ".xz", ".zst", ".bz2"]
                    .iter()
                    .any(|end| file_name.ends_with(end));
                file_name.len() > name.len() && file_name.starts_with(name) && !is_compressed
            })
            .collect();
        names.sort();
        names
    }
}

/// Opens a file when its beginning is the one of the position.
fn open_at(path: &Path, resume: &Position) -> Result<Option<OpenFile>, SourceError> {
    let unreadable = |source: io::Error| SourceError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(SourceError::NotAFile {
            path: path.to_owned(),
        });
    }
    if !resume.fingerprint.is_empty() {
        let (found, _) = fingerprint(&mut file, resume.fingerprint_bytes as u64).map_err(unreadable)?;
        if found != resume.fingerprint || metadata.len() < resume.offset {
            return Ok(None);
        }
    }
    file.seek(SeekFrom::Start(resume.offset)).map_err(unreadable)?;
    Ok(Some(OpenFile {
        file,
        device_and_inode: (metadata.dev(), metadata.ino()),
        position: resume.clone(),
        read: resume.offset,
    }))
}

/// Hash over at most the first `FINGERPRINT_BYTES` of `available` bytes; leaves the file where it was.
fn fingerprint(file: &mut File, available: u64) -> io::Result<(String, usize)> {
    let here = file.stream_position()?;
    file.seek(SeekFrom::Start(0))?;
    let most = usize::try_from(available)
        .unwrap_or(usize::MAX)
        .min(FINGERPRINT_BYTES);
    let mut beginning = Vec::with_capacity(most);
    file.by_ref().take(most as u64).read_to_end(&mut beginning)?;
    file.seek(SeekFrom::Start(here))?;
    Ok((
        blake3::hash(&beginning).to_hex()[..32].to_owned(),
        beginning.len(),
    ))
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;

    use super::*;

    fn append(path: &Path, text: &str) {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .expect("a writable temporary file");
        file.write_all(text.as_bytes()).expect("room for a few bytes");
    }

    fn drain(source: &mut FileSource) -> Vec<String> {
        let mut lines = Vec::new();
        while source
            .read_lines(|line, _| lines.push(String::from_utf8_lossy(line).into_owned()))
            .expect("a readable file")
        {}
        lines
    }

    #[test]
    fn lines_come_whole_and_over_a_rename() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("mail.log");
        let mut source = FileSource::new(path.clone(), Position::default());
        assert_eq!(drain(&mut source), Vec::<String>::new(), "no file yet");
        append(&path, "one\ntw");
        assert_eq!(drain(&mut source), ["one"]);
        append(&path, "o\r\n");
        assert_eq!(drain(&mut source), ["two"]);
        fs::rename(&path, folder.path().join("mail.log.1")).expect("a rename");
        append(
            &folder.path().join("mail.log.1"),
            "three, written after the rename\n",
        );
        append(&path, "four\n");
        assert_eq!(drain(&mut source), ["three, written after the rename", "four"]);
    }

    #[test]
    fn a_position_finds_its_file_under_a_new_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("mail.log");
        append(&path, "one\ntwo\n");
        let mut source = FileSource::new(path.clone(), Position::default());
        let mut after_one = None;
        source
            .read_lines(|line, position| {
                if line == b"one" {
                    after_one = Some(position.clone());
                }
            })
            .expect("a readable file");
        drop(source);
        append(&path, "three\n");
        fs::rename(&path, folder.path().join("mail.log.1")).expect("a rename");
        append(&path, "four\n");
        let mut source = FileSource::new(path, after_one.expect("the first line was read"));
        assert_eq!(drain(&mut source), ["two", "three", "four"]);
    }

    #[test]
    fn a_truncated_file_is_read_from_its_beginning() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("mail.log");
        append(&path, "one\ntwo\n");
        let mut source = FileSource::new(path.clone(), Position::default());
        assert_eq!(drain(&mut source), ["one", "two"]);
        fs::write(&path, "3\n").expect("a writable file");
        assert_eq!(drain(&mut source), ["3"]);
    }

    #[test]
    fn a_folder_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = FileSource::new(folder.path().to_owned(), Position::default())
            .read_lines(|_, _| {})
            .expect_err("a folder is no log");
        assert!(
            error.to_string().contains(&folder.path().display().to_string()),
            "{error}"
        );
    }
}
