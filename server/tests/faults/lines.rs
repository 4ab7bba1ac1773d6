//! The sample's lines as if they were written now, and whoever writes them.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::{Mutex, MutexGuard};

use crate::sources::{NAMES, PIPE, Sources};
use crate::stopwatch;

/// A line and where it goes.
pub(crate) struct Line {
    pub(crate) source: usize,
    /// With its end; of the sample's lines without the moment.
    pub(crate) text: String,
}

impl Line {
    /// Written now, and later than the line before it.
    #[expect(clippy::disallowed_methods, reason = "a live log is written now")]
    fn stamp(&mut self, last: &mut Timestamp) {
        let earliest = *last + SignedDuration::from_micros(1);
        *last = Timestamp::now().max(earliest);
        self.text = format!("{last:.6} {}", self.text);
    }
}

/// The sample's lines, each without the moment at which it was written.
pub(crate) fn sample() -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/isp/mail-iso.log.gz");
    let mut text = String::new();
    GzDecoder::new(File::open(path).expect("the sample"))
        .read_to_string(&mut text)
        .expect("a whole sample");
    text.lines()
        .map(|line| {
            let rest = line.split_once(' ').expect("a header").1;
            let tag = rest.split(' ').nth(1).unwrap_or_default();
            Line {
                source: match tag.split('/').next() {
                    Some("mx1") => 1,
                    Some("mx2") => PIPE,
                    _ => 0,
                },
                text: [rest, "\n"].concat(),
            }
        })
        .collect()
}

/// Writes lines live, and rotates the files.
pub(crate) struct Feeder {
    thread: JoinHandle<Fed>,
    shared: Arc<Shared>,
}

/// What was written.
pub(crate) struct Fed {
    /// Each with its moment, in their order.
    pub(crate) lines: Vec<Line>,
    /// How many times files were rotated.
    pub(crate) rotations: u32,
}

#[derive(Default)]
struct Shared {
    is_done: AtomicBool,
    written_to_pipe: AtomicU64,
    /// Held by whoever does not want lines in the pipe.
    pipe: Mutex<()>,
}

impl Feeder {
    /// All lines within `during`.
    pub(crate) fn start(sources: &Arc<Sources>, seed: u64, during: Duration) -> Self {
        let shared = Arc::new(Shared::default());
        let thread = {
            let (shared, sources) = (Arc::clone(&shared), Arc::clone(sources));
            std::thread::spawn(move || {
                let fed = feed(&sources, &shared, seed, during);
                shared.is_done.store(true, Ordering::Release);
                fed
            })
        };
        Self { thread, shared }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.shared.is_done.load(Ordering::Acquire)
    }

    /// What was written in the end.
    pub(crate) fn fed(self) -> Fed {
        self.thread.join().expect("the feeder writes")
    }

    /// Nothing comes into the pipe while the guard lives; how many lines did until now.
    pub(crate) async fn hold_pipe(&self) -> (MutexGuard<'_, ()>, u64) {
        let guard = self.shared.pipe.lock().await;
        let lines = self.shared.written_to_pipe.load(Ordering::Acquire);
        (guard, lines)
    }
}

fn feed(sources: &Sources, shared: &Shared, seed: u64, during: Duration) -> Fed {
    let mut rng = StdRng::seed_from_u64(seed ^ 0x5eed);
    let mut files: Vec<Rotated<'_>> = NAMES
        .iter()
        .take(PIPE)
        .map(|name| Rotated::open(sources, name))
        .collect();
    // Open for reading too: what is in the pipe stays there when its reader is killed.
    let mut pipe = OpenOptions::new()
        .read(true)
        .write(true)
        .open(sources.path(NAMES[PIPE]))
        .expect("a pipe");
    let begin = stopwatch();
    let mut rotations = 0;
    let mut next_rotation = rng.random_range(1_000..5_000);
    let mut lines = sample();
    let all = to_f64(lines.len());
    let mut last = Timestamp::UNIX_EPOCH;
    for (number, line) in lines.iter_mut().enumerate() {
        let due = during.mul_f64(to_f64(number) / all);
        if let Some(early) = due
            .checked_sub(begin.elapsed())
            .filter(|early| early.as_millis() > 4)
        {
            std::thread::sleep(early);
        }
        if line.source == PIPE {
            let _free = shared.pipe.blocking_lock();
            line.stamp(&mut last);
            pipe.write_all(line.text.as_bytes()).expect("a reader");
            shared.written_to_pipe.fetch_add(1, Ordering::AcqRel);
        } else {
            line.stamp(&mut last);
            files[line.source].write(&line.text);
        }
        if number >= next_rotation {
            next_rotation = number + rng.random_range(1_000..6_000);
            let file = &mut files[rng.random_range(0..PIPE)];
            if rng.random() {
                file.rename(rng.random_range(0..40));
            } else {
                file.copy_and_truncate();
            }
            rotations += 1;
        }
    }
    for file in &mut files {
        file.reopen();
    }
    // Whoever is killed now finds the rest in the pipe.
    while has_bytes(&pipe) {
        std::thread::sleep(Duration::from_millis(20));
    }
    Fed { lines, rotations }
}

/// Whether anything waits in the pipe.
fn has_bytes(pipe: &File) -> bool {
    let mut asked = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
    poll(&mut asked, PollTimeout::ZERO).expect("poll(2)") > 0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a place in a log of thousands of lines"
)]
fn to_f64(number: usize) -> f64 {
    number as f64
}

/// A log file and the ones that it was before, as logrotate leaves them: `.1` plain, `.2.gz` and older ones packed.
struct Rotated<'a> {
    sources: &'a Sources,
    name: &'static str,
    file: File,
    /// Lines that the writer still puts into the renamed file before it opens the new one.
    before_reopening: Option<u32>,
}

impl<'a> Rotated<'a> {
    fn open(sources: &'a Sources, name: &'static str) -> Self {
        Self {
            file: append_to(&sources.path(name)),
            sources,
            name,
            before_reopening: None,
        }
    }

    fn write(&mut self, line: &str) {
        match &mut self.before_reopening {
            Some(0) => self.reopen(),
            Some(lines) => *lines -= 1,
            None => {}
        }
        self.file.write_all(line.as_bytes()).expect("room for a line");
    }

    /// As logrotate's `create`: the new file is there while the writer still holds the old one.
    fn rename(&mut self, lines_before_reopening: u32) {
        self.reopen();
        let path = self.sources.path(self.name);
        self.make_room();
        fs::rename(&path, self.older(1)).expect("a rename");
        File::create(&path).expect("a new file");
        self.before_reopening = Some(lines_before_reopening);
    }

    /// As logrotate's `copytruncate`.
    fn copy_and_truncate(&mut self) {
        self.reopen();
        self.make_room();
        fs::copy(self.sources.path(self.name), self.older(1)).expect("a copy");
        self.file.set_len(0).expect("a file that can be emptied");
    }

    /// The older ones move up, and the first of them is packed.
    fn make_room(&self) {
        for number in (2..6).rev() {
            let older = self.packed(number);
            if older.exists() {
                fs::rename(&older, self.packed(number + 1)).expect("a rename");
            }
        }
        let newest = self.older(1);
        if newest.exists() {
            let half = self.sources.path(&[self.name, "-packing"].concat());
            let mut packed = GzEncoder::new(File::create(&half).expect("a file"), Compression::fast());
            packed
                .write_all(&fs::read(&newest).expect("a file"))
                .expect("room");
            packed.finish().expect("room");
            fs::rename(&half, self.packed(2)).expect("a rename");
            fs::remove_file(&newest).expect("a file");
        }
    }

    fn reopen(&mut self) {
        if self.before_reopening.take().is_some() {
            self.file = append_to(&self.sources.path(self.name));
        }
    }

    fn older(&self, number: u32) -> std::path::PathBuf {
        self.sources
            .path(self.name)
            .with_extension(format!("log.{number}"))
    }

    fn packed(&self, number: u32) -> std::path::PathBuf {
        self.sources
            .path(self.name)
            .with_extension(format!("log.{number}.gz"))
    }
}

fn append_to(path: &Path) -> File {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .expect("a log file")
}
