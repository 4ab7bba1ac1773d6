//! What time it is in the log: the newest line's, unless that line strays.
//!
//! Goes in: the time of each line, and what the caller knows for sure. Comes out: [`Correlator::now`], by which mails are over, idle and forgotten.
//! One line with a wrong year must not make everything idle at once, so a jump is believed only when the log goes on from there.

use model::time::{DAY, Micros};
use serde::{Deserialize, Serialize};

use super::Correlator;

/// A jump ahead of more than a day is believed when so many lines in a row lie beyond it. A connection's lines stand together: one mail of a
/// server whose clock is wrong should not be enough, and a log that really paused only waits a moment longer before it forgets.
const BELIEVED_AFTER: u8 = 8;

/// What decides whether a line moves the time on.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Clock {
    /// No line moves the time beyond it.
    #[serde(skip)]
    latest: Option<Micros>,
    /// Where the lines lie that jumped ahead.
    jump: Option<Jump>,
    /// Only one line told the time so far, and it may have been the wrong one.
    is_new: bool,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Jump {
    /// The earliest of the lines beyond.
    to: Micros,
    lines: u8,
}

impl Correlator {
    /// The time of the log: the newest believable line's, or what [`Correlator::advance`] said. The earliest moment there is before the first line.
    pub const fn now(&self) -> Micros {
        self.now
    }

    /// Lines with a later time do not move the time on: nothing is written in the future. For a caller who knows the time.
    pub const fn set_latest(&mut self, latest: Micros) {
        self.clock.latest = Some(latest);
    }

    /// Moves the clock on when no line does: a followed log that is quiet. Never moves it back, nor beyond [`Correlator::set_latest`].
    pub fn advance(&mut self, now: Micros) {
        self.now = self.now.max(self.bounded(now));
    }

    /// Whether a line jumped ahead just now: what lies how far back shows with the next lines.
    pub(super) const fn is_unsure(&self) -> bool {
        self.clock.jump.is_some()
    }

    /// A line with this time comes.
    pub(super) fn tick(&mut self, at: Micros) {
        let ahead = at.0.saturating_sub(self.now.0);
        if ahead > DAY {
            self.jump(at);
            return;
        }
        if ahead > 0 && self.clock.latest.is_none_or(|latest| at <= latest) {
            self.now = at;
        }
        if self.clock.is_new || self.clock.jump.is_some() {
            self.settle(at);
        }
    }

    /// No jump after all.
    #[cold]
    fn settle(&mut self, at: Micros) {
        self.clock.jump = None;
        if std::mem::take(&mut self.clock.is_new) && self.now.0 - at.0 > DAY {
            // The first line is no better than the second: it was the one that strayed.
            self.now = at;
        }
    }

    #[cold]
    fn jump(&mut self, at: Micros) {
        if self.now.0 == i64::MIN {
            self.now = self.bounded(at);
            self.clock.is_new = true;
            return;
        }
        self.clock.is_new = false;
        if self.bounded(at) < at {
            return;
        }
        let jump = self.clock.jump.get_or_insert(Jump { to: at, lines: 0 });
        jump.to = jump.to.min(at);
        jump.lines += 1;
        if jump.lines >= BELIEVED_AFTER {
            self.now = jump.to;
            self.clock.jump = None;
            if at.0 - self.now.0 <= DAY {
                self.now = at;
            }
        }
    }

    fn bounded(&self, at: Micros) -> Micros {
        self.clock.latest.map_or(at, |latest| at.min(latest))
    }
}

/// Whether a moment lies less than `within` microseconds back. One that lies more than a day ahead is a stray line's and never counts as recent:
/// it would stay so for ever.
pub(super) const fn is_recent(now: Micros, at: Micros, within: i64) -> bool {
    let age = now.0.saturating_sub(at.0);
    -DAY <= age && age < within
}
