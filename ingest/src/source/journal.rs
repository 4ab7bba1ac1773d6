//! The journal of systemd, read by its own program.
//!
//! Goes in: `journalctl -o export --follow`, which this runs and starts again when it ends. Comes out: lines, and the cursor of the last one
//! consumed as the position. The journal keeps what was not read yet, so there is no spool.

use std::collections::VecDeque;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::gap::{Gap, GapKind};
use super::stream::Stream;
use super::tail::Tail;
use super::{SourceError, clock};

pub(super) mod export;

use export::Entries;

/// The pause before journalctl is started again.
const RESTART: Duration = Duration::from_secs(2);
/// Blocks of entries that the reading thread may be ahead.
const AHEAD: usize = 4;
/// Bytes that journalctl may say about what is wrong.
const MOST_COMPLAINT: u64 = 4096;

/// Which entries of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalConfig {
    /// Files in this folder instead of the system's journal (`journalctl --directory`).
    pub directory: Option<PathBuf>,
    /// Only these units, as in `postfix@-.service`; all when empty.
    pub units: Vec<String>,
    /// Only these identifiers, as in `postfix/smtpd`; all when empty.
    pub identifiers: Vec<String>,
    /// The program.
    pub program: PathBuf,
}

impl JournalConfig {
    /// The whole journal of the system.
    pub fn system() -> Self {
        Self {
            program: PathBuf::from("journalctl"),
            ..Self::default()
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    /// journalctl's name for the entry read last.
    cursor: Option<String>,
}

/// Lines with the cursor of each.
#[derive(Debug, Default)]
struct Block {
    lines: Vec<u8>,
    cursors: Vec<String>,
}

/// The journal, followed.
#[derive(Debug)]
pub(super) struct Journal {
    config: JournalConfig,
    running: Option<Running>,
    start_at: Instant,
    /// The cursor of the last line consumed.
    cursor: Option<String>,
    /// Of the lines in the stream that are not consumed.
    cursors: VecDeque<String>,
    /// Lines consumed when the cursors were last counted.
    counted: u64,
    /// The first entry is the one read last: it is not read again.
    expected: Option<String>,
    problem: Option<String>,
    gaps: Vec<Gap>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    blocks: Receiver<Block>,
    reader: JoinHandle<()>,
    complaint: JoinHandle<String>,
}

impl Journal {
    pub(super) fn open(config: JournalConfig, position: Option<&str>) -> Result<(Self, Stream), SourceError> {
        let cursor = match position {
            None => None,
            Some(text) => {
                serde_json::from_str::<Position>(text)
                    .map_err(|error| SourceError::Position {
                        why: error.to_string(),
                    })?
                    .cursor
            }
        };
        if let Some(directory) = &config.directory
            && directory.exists()
            && !directory.is_dir()
        {
            return Err(SourceError::NotAFolder {
                path: directory.clone(),
            });
        }
        let journal = Self {
            config,
            running: None,
            start_at: clock::now(),
            cursor,
            cursors: VecDeque::new(),
            counted: 0,
            expected: None,
            problem: None,
            gaps: Vec::new(),
        };
        Ok((journal, Stream::new(Tail::Fed, 0, false)))
    }

    /// Takes what journalctl has written since into the stream, when it has no line.
    pub(super) fn refill(&mut self, stream: &mut Stream) -> bool {
        self.count(stream);
        if self.running.is_none() && clock::now() >= self.start_at {
            self.start();
        }
        while !stream.lines.has_line() {
            let Some(running) = &self.running else { break };
            match running.blocks.try_recv() {
                Ok(block) => self.take(block, stream),
                Err(TryRecvError::Empty) => {
                    if clock::now() >= self.start_at {
                        // It runs for a while, and has nothing to say.
                        self.problem = None;
                    }
                    break;
                }
                Err(TryRecvError::Disconnected) => self.ended(),
            }
        }
        // A journal that is quiet and one that is slow look alike; while it gives, it may have more.
        stream.has_more = stream.lines.has_line();
        stream.lines.has_line()
    }

    fn take(&mut self, block: Block, stream: &mut Stream) {
        self.problem = None;
        let mut lines = &block.lines[..];
        let mut cursors = block.cursors;
        if let Some(expected) = self.expected.take()
            && let Some(first) = cursors.first()
        {
            if *first == expected {
                let end = memchr::memchr(b'\n', lines).map_or(lines.len(), |end| end + 1);
                lines = &lines[end..];
                cursors.remove(0);
            } else {
                self.gaps.push(Gap::new(
                    GapKind::LostJournal,
                    "the journal no longer holds the entry that was read last; entries after it may be missing. Raise SystemMaxUse= in journald.conf".to_owned(),
                ));
            }
        }
        self.cursors.extend(cursors);
        let filled = stream.lines.fill(lines.len(), |_, room| {
            room.copy_from_slice(lines);
            Ok(lines.len())
        });
        debug_assert!(filled.is_ok(), "memory can be read");
    }

    /// Moves the cursor over the lines consumed since.
    fn count(&mut self, stream: &Stream) {
        let consumed = stream.lines.consumed();
        let new = usize::try_from(consumed - self.counted).unwrap_or(usize::MAX);
        self.counted = consumed;
        if let Some(last) = self.cursors.drain(..new.min(self.cursors.len())).next_back() {
            self.cursor = Some(last);
        }
    }

    fn start(&mut self) {
        let mut command = Command::new(&self.config.program);
        command.args(["--output=export", "--follow", "--no-tail", "--quiet"]);
        if let Some(directory) = &self.config.directory {
            command.arg("--directory").arg(directory);
        }
        for unit in &self.config.units {
            command.arg("--unit").arg(unit);
        }
        for identifier in &self.config.identifiers {
            command.arg("--identifier").arg(identifier);
        }
        // Not --after-cursor: that skips an entry when the one meant is gone.
        let last = self.cursors.back().or(self.cursor.as_ref()).cloned();
        if let Some(cursor) = &last {
            command.arg("--cursor").arg(cursor);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        self.start_at = clock::now() + RESTART;
        match spawn(&mut command) {
            Ok(running) => {
                self.running = Some(running);
                self.expected = last;
            }
            Err(error) => {
                self.problem = Some(format!(
                    "cannot run {}: {error}; install systemd's journalctl, or use another kind of source",
                    self.config.program.display()
                ));
            }
        }
    }

    /// journalctl has ended, which it does not do by itself when all is well.
    fn ended(&mut self) {
        let Some(mut running) = self.running.take() else {
            return;
        };
        let status = running.child.wait();
        let complaint = running.complaint.join().unwrap_or_default();
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        self.problem = Some(format!(
            "{} ended ({status}): {}; starting it again. The account that Mailfate runs as must be in the group systemd-journal",
            self.config.program.display(),
            complaint.trim()
        ));
        self.start_at = clock::now() + RESTART;
    }

    pub(super) fn position(&self, stream: &Stream) -> String {
        let new = usize::try_from(stream.lines.consumed() - self.counted).unwrap_or(usize::MAX);
        let last = new.checked_sub(1).and_then(|last| self.cursors.get(last));
        serde_json::to_string(&Position {
            cursor: last.or(self.cursor.as_ref()).cloned(),
        })
        .expect("invariant: text")
    }

    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    pub(super) fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let Some(Running {
            mut child,
            blocks,
            reader,
            complaint,
        }) = self.running.take()
        else {
            return;
        };
        drop(blocks);
        let killed = child.kill().and_then(|()| child.wait());
        if let Err(error) = killed {
            tracing::warn!(%error, "journalctl could not be ended");
            return;
        }
        if reader.join().is_err() || complaint.join().is_err() {
            tracing::error!("a thread that reads the journal stopped by itself");
        }
    }
}

fn spawn(command: &mut Command) -> std::io::Result<Running> {
    let mut child = command.spawn()?;
    let (sender, blocks) = sync_channel(AHEAD);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let started = std::thread::Builder::new()
        .name("mailfate-journal".to_owned())
        .spawn(move || {
            if let Some(stdout) = stdout {
                pump(stdout, &sender);
            }
        })
        .and_then(|reader| {
            let complaint = std::thread::Builder::new()
                .name("mailfate-journal-errors".to_owned())
                .spawn(move || {
                    let mut text = Vec::new();
                    if let Some(mut stderr) = stderr {
                        // The rest is read away, so that journalctl never waits for us.
                        let kept = (&mut stderr).take(MOST_COMPLAINT).read_to_end(&mut text);
                        let rest = std::io::copy(&mut stderr, &mut std::io::sink());
                        if let Err(error) = kept.map(|_| 0).and(rest) {
                            tracing::debug!(%error, "journalctl's messages cannot be read");
                        }
                    }
                    String::from_utf8_lossy(&text).into_owned()
                })?;
            Ok((reader, complaint))
        });
    match started {
        Ok((reader, complaint)) => Ok(Running {
            child,
            blocks,
            reader,
            complaint,
        }),
        Err(error) => {
            child.kill()?;
            child.wait()?;
            Err(error)
        }
    }
}

/// Reads entries until the program ends or nobody wants them; a full channel holds the program up.
fn pump(mut stdout: impl Read, blocks: &SyncSender<Block>) {
    let mut entries = Entries::default();
    let mut bytes = vec![0; 1 << 16];
    loop {
        let count = match stdout.read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let mut block = Block::default();
        let fed = entries.feed(&bytes[..count], |line, cursor| {
            block.lines.extend_from_slice(line);
            block.cursors.push(String::from_utf8_lossy(cursor).into_owned());
        });
        if fed.is_err() || (!block.cursors.is_empty() && blocks.send(block).is_err()) {
            return;
        }
    }
}
