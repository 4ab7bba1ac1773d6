//! The thread that writes a spool.
//!
//! Goes in: lines from the [`Inbox`]. Comes out: segment files that hold whole lines only, whatever the disk says in between: a line that was
//! written in part is cut off again and written anew when there is room.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Inbox, segment_path};
use crate::source::clock;
use crate::source::stream::{LONGEST_LINE, whole_lines};

/// A segment ends when it has so many bytes.
const SEGMENT_BYTES: u64 = 16 << 20;
/// How long something written may wait to be safe from a power failure.
const SYNC_EVERY: Duration = Duration::from_millis(200);
/// The pause after a failed write.
const RETRY: Duration = Duration::from_millis(200);

pub(super) struct Writer {
    folder: PathBuf,
    inbox: Arc<Inbox>,
    file: File,
    number: u64,
    /// Bytes of whole lines in the segment.
    length: u64,
    /// The file may hold more than `length`: the beginning of a line that could not be written.
    is_torn: bool,
    segment_bytes: u64,
    most_bytes: u64,
    is_synced: bool,
    synced_at: Instant,
}

impl Writer {
    /// Goes on with the newest segment; a line that was torn by a crash is ended.
    pub(super) fn open(
        folder: PathBuf,
        most_bytes: u64,
        mut segments: Vec<(u64, u64)>,
        first: u64,
        inbox: Arc<Inbox>,
    ) -> io::Result<Self> {
        if segments.last().is_none_or(|(number, _)| *number < first) {
            segments.push((first, 0));
        }
        let (number, length) = segments.pop().unwrap_or((first, 0));
        let file = open_segment(&folder, number)?;
        let mut length = length;
        if length > 0 {
            let mut last = [0];
            file.read_exact_at(&mut last, length - 1)?;
            if last != *b"\n" {
                // With a full disk the line is cut off instead: one byte may be too much.
                if file.write_all_at(b"\n", length).is_ok() {
                    length += 1;
                }
            }
        }
        inbox.set_segments(segments.into_iter().chain([(number, length)]));
        Ok(Self {
            folder,
            inbox,
            file,
            number,
            length,
            is_torn: false,
            segment_bytes: SEGMENT_BYTES.min(most_bytes / 4).max(LONGEST_LINE as u64 + 1),
            most_bytes,
            is_synced: true,
            synced_at: clock::now(),
        })
    }

    pub(super) fn run(mut self) {
        loop {
            let is_stopping = self.inbox.is_stopping();
            let batch = self.inbox.take(SYNC_EVERY);
            if is_stopping && batch.is_empty() {
                break;
            }
            if !self.write_all(&batch) {
                tracing::warn!(
                    bytes = batch.len(),
                    "received lines could not be written to the spool before the end"
                );
                break;
            }
            self.sync_if_due();
        }
        self.sync();
    }

    /// Writes whole lines, piece by piece, however long the disk is full. `false`: told to stop first.
    fn write_all(&mut self, mut batch: &[u8]) -> bool {
        while !batch.is_empty() {
            let most = usize::try_from(self.segment_bytes).unwrap_or(usize::MAX);
            let piece = if batch.len() <= most {
                batch.len()
            } else {
                whole_lines(&batch[..most])
            };
            // Every line is shorter than a segment, so a piece is never empty.
            let piece = if piece == 0 { batch.len().min(most) } else { piece };
            match self.write(&batch[..piece]) {
                Ok(written) => batch = &batch[written..],
                Err(error) => {
                    tracing::debug!(%error, "spool cannot be written");
                    self.inbox.set_spool_problem(Some(self.in_words(&error)));
                    if self.inbox.is_stopping() {
                        return false;
                    }
                    self.inbox.pause(RETRY);
                    self.sync_if_due();
                    continue;
                }
            }
            self.inbox.set_spool_problem(None);
        }
        true
    }

    /// Writes as much of the piece as goes, in whole lines, and says how many bytes these are.
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let unsaved = self.inbox.unsaved();
        if unsaved > 0 && unsaved + piece.len() as u64 > self.most_bytes {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, "the spool is full"));
        }
        if self.is_torn {
            self.file.set_len(self.length)?;
            self.is_torn = false;
        }
        if self.length >= self.segment_bytes {
            self.roll()?;
        }
        let mut written = 0;
        let result = loop {
            if written == piece.len() {
                break Ok(());
            }
            match self.file.write(&piece[written..]) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        let whole = whole_lines(&piece[..written]);
        self.is_torn = whole < written;
        self.length += whole as u64;
        self.is_synced = false;
        self.inbox.set_length(self.length);
        match result {
            Err(error) if whole == 0 => Err(error),
            _ => Ok(whole),
        }
    }

    fn roll(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        let file = open_segment(&self.folder, self.number + 1)?;
        self.file = file;
        self.number += 1;
        self.length = 0;
        self.inbox.add_segment(self.number);
        Ok(())
    }

    fn sync_if_due(&mut self) {
        if !self.is_synced && clock::now().duration_since(self.synced_at) >= SYNC_EVERY {
            self.sync();
        }
    }

    fn sync(&mut self) {
        if self.is_synced {
            return;
        }
        if let Err(error) = self.file.sync_data() {
            self.inbox.set_spool_problem(Some(self.in_words(&error)));
        }
        self.is_synced = true;
        self.synced_at = clock::now();
    }

    fn in_words(&self, error: &io::Error) -> String {
        let folder = self.folder.display();
        match error.kind() {
            io::ErrorKind::QuotaExceeded if error.raw_os_error().is_none() => format!(
                "the spool {folder} is full: {} bytes wait for the database; make the database catch up, or raise most_bytes under [spool]",
                self.inbox.unsaved()
            ),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!(
                "no room on the disk for the spool {folder}; free some, receiving goes on by itself then"
            ),
            _ => format!("cannot write the spool {folder}: {error}; trying again"),
        }
    }
}

fn open_segment(folder: &std::path::Path, number: u64) -> io::Result<File> {
    File::options()
        .create(true)
        .append(true)
        .read(true)
        .mode(0o600)
        .open(segment_path(folder, number))
}
