//! A bar on standard error while a long log is read, or a count while records come from elsewhere.
//!
//! Shown only on a terminal, only when nothing is printed to a terminal meanwhile, and only when the work takes longer than a second.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use model::time::{Micros, SECOND};

use super::Screen;
use crate::Clock;

/// The bar, or the reason why there is none.
pub(crate) struct Progress<'a> {
    clock: Clock<'a>,
    begin: Micros,
    total: u64,
    read: Arc<AtomicU64>,
    bar: Option<ProgressBar>,
    make: fn(u64) -> ProgressBar,
    is_wanted: bool,
}

impl<'a> Progress<'a> {
    /// `total` is the number of bytes to read, 0 when nobody knows; `read` counts them.
    pub(super) fn new(screen: Screen, clock: Clock<'a>, total: u64, read: Arc<AtomicU64>) -> Self {
        let is_free = screen == Screen::Quiet || !io::stdout().is_terminal();
        Self {
            clock,
            begin: clock.now(),
            total,
            read,
            bar: None,
            make: bar,
            is_wanted: is_free && io::stderr().is_terminal(),
        }
    }

    /// Counts records whose number nobody knows before; see [`Progress::step_to`].
    pub(crate) fn of_records(screen: Screen, clock: Clock<'a>) -> Self {
        Self {
            make: |_| {
                styled(
                    ProgressBar::no_length(),
                    "{spinner} {human_pos} mails read, {per_sec}",
                )
            },
            ..Self::new(screen, clock, 0, Arc::default())
        }
    }

    /// So many are done.
    pub(crate) fn step_to(&mut self, done: u64) {
        self.read.store(done, Ordering::Relaxed);
        self.step();
    }

    /// Called now and then.
    pub(super) fn step(&mut self) {
        if !self.is_wanted {
            return;
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.read.load(Ordering::Relaxed));
        } else if self.clock.now().0 - self.begin.0 > SECOND {
            self.bar = Some((self.make)(self.total));
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    if total > 0 {
        styled(
            ProgressBar::new(total),
            "{bar:30} {percent:>3} %  {bytes} of {total_bytes}, {bytes_per_sec}, {eta} to go",
        )
    } else {
        styled(
            ProgressBar::no_length(),
            "{spinner} {bytes} read, {bytes_per_sec}",
        )
    }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}
