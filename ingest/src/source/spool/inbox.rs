//! Between receivers and the spool: bounded memory, and the numbers that both sides and the reader share.
//!
//! Goes in: whole lines, each with its `\n`. Streams wait for room; datagrams that find none are dropped and counted.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::Place;
use crate::source::gap::{Gap, GapKind};

/// Bytes that datagrams may fill while the disk cannot be written. As many can be in the writer's hands.
const MOST_BYTES: usize = 4 << 20;
/// Streams wait above this: what they have sent is safe only on the disk.
const ENOUGH_BYTES: usize = 1 << 20;

#[derive(Debug)]
pub(in crate::source) struct Inbox {
    state: Mutex<State>,
    arrived: Condvar,
    room: Condvar,
    room_for_tasks: Notify,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    /// The writer has taken bytes and not written all of them.
    is_writing: bool,
    is_stopping: bool,
    is_over: bool,
    dropped_lines: u64,
    dropped_bytes: u64,
    dropped_by_kernel: u64,
    bad_messages: u64,
    bad_text: String,
    /// Segments with what is in each of them, the one being written last.
    segments: VecDeque<(u64, u64)>,
    saved: Place,
    spool_problem: Option<String>,
    receiver_problem: Option<String>,
}

impl Inbox {
    pub(in crate::source) fn new(saved: Place) -> Self {
        Self {
            state: Mutex::new(State {
                saved,
                ..State::default()
            }),
            arrived: Condvar::new(),
            room: Condvar::new(),
            room_for_tasks: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Plain numbers and bytes: whoever panicked left nothing half done that matters.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- for receivers ----

    /// Takes lines of datagrams; without room they are dropped and counted.
    pub(in crate::source) fn offer(&self, lines: &[u8], count: u64) {
        let mut state = self.state();
        if state.bytes.len() + lines.len() > MOST_BYTES {
            state.dropped_lines += count;
            state.dropped_bytes += lines.len() as u64;
            return;
        }
        state.bytes.extend_from_slice(lines);
        drop(state);
        self.arrived.notify_one();
    }

    fn try_push(&self, lines: &mut Vec<u8>) -> bool {
        let mut state = self.state();
        if state.bytes.len() >= ENOUGH_BYTES && !state.is_stopping {
            return false;
        }
        state.bytes.append(lines);
        drop(state);
        self.arrived.notify_one();
        true
    }

    /// Hands lines over and empties the buffer; waits for room.
    pub(in crate::source) async fn push(&self, lines: &mut Vec<u8>) {
        if lines.is_empty() {
            return;
        }
        loop {
            let room = self.room_for_tasks.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            if self.try_push(lines) {
                return;
            }
            room.await;
        }
    }

    /// The same for a thread. `false`: told to stop before there was room.
    pub(in crate::source) fn push_blocking(&self, lines: &mut Vec<u8>, is_stopping: &AtomicBool) -> bool {
        while !lines.is_empty() && !self.try_push(lines) {
            if is_stopping.load(Ordering::Relaxed) {
                return false;
            }
            let state = self.state();
            let _state = self
                .room
                .wait_timeout(state, Duration::from_millis(200))
                .unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// The kernel says that it has dropped so many more datagrams.
    pub(in crate::source) fn dropped_by_kernel(&self, count: u64) {
        self.state().dropped_by_kernel += count;
    }

    /// A message or a connection that had to be cut off.
    pub(in crate::source) fn bad_message(&self, text: &str) {
        let mut state = self.state();
        state.bad_messages += 1;
        if state.bad_text.is_empty() {
            text.clone_into(&mut state.bad_text);
        }
    }

    pub(in crate::source) fn set_receiver_problem(&self, problem: Option<String>) {
        self.state().receiver_problem = problem;
    }

    /// Nothing more will be received.
    pub(in crate::source) fn set_over(&self) {
        self.state().is_over = true;
    }

    pub(in crate::source) fn is_stopping(&self) -> bool {
        self.state().is_stopping
    }

    // ---- for the writer ----

    /// Waits up to `timeout` for lines and takes them all; empty after the time or when stopping.
    pub(super) fn take(&self, timeout: Duration) -> Vec<u8> {
        let mut state = self.state();
        state.is_writing = false;
        if state.bytes.is_empty() && !state.is_stopping {
            state = self
                .arrived
                .wait_timeout(state, timeout)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        let bytes = std::mem::take(&mut state.bytes);
        state.is_writing = !bytes.is_empty();
        drop(state);
        self.room.notify_all();
        self.room_for_tasks.notify_waiters();
        bytes
    }

    /// Waits before a write is tried again; a saved position and a stop end it early.
    pub(super) fn pause(&self, timeout: Duration) {
        let state = self.state();
        if !state.is_stopping {
            let _state = self
                .room
                .wait_timeout(state, timeout)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn set_segments(&self, segments: impl Iterator<Item = (u64, u64)>) {
        self.state().segments = segments.collect();
    }

    /// A new segment was begun.
    pub(super) fn add_segment(&self, number: u64) {
        self.state().segments.push_back((number, 0));
    }

    /// The segment being written has so many bytes of whole lines now.
    pub(super) fn set_length(&self, length: u64) {
        if let Some(segment) = self.state().segments.back_mut() {
            segment.1 = length;
        }
    }

    pub(super) fn set_spool_problem(&self, problem: Option<String>) {
        self.state().spool_problem = problem;
    }

    // ---- for the reader ----

    /// The segment being written, and how much of it may be read.
    pub(super) fn written(&self) -> (u64, u64) {
        self.state().segments.back().copied().unwrap_or((0, 0))
    }

    pub(super) fn set_saved(&self, place: Place) {
        let mut state = self.state();
        state.saved = state.saved.max(place);
        let oldest = state.saved.segment;
        while state.segments.len() > 1 && state.segments.front().is_some_and(|(number, _)| *number < oldest) {
            state.segments.pop_front();
        }
        drop(state);
        self.room.notify_all();
    }

    /// Bytes on the disk behind the saved position.
    pub(super) fn unsaved(&self) -> u64 {
        let state = self.state();
        state
            .segments
            .iter()
            .filter(|(number, _)| *number >= state.saved.segment)
            .map(|(number, length)| {
                if *number == state.saved.segment {
                    length.saturating_sub(state.saved.offset)
                } else {
                    *length
                }
            })
            .sum()
    }

    /// Whether nothing waits to be written.
    pub(super) fn is_empty(&self) -> bool {
        let state = self.state();
        state.bytes.is_empty() && !state.is_writing
    }

    pub(in crate::source) fn is_over(&self) -> bool {
        self.state().is_over
    }

    pub(in crate::source) fn problem(&self) -> Option<String> {
        let state = self.state();
        match (&state.spool_problem, &state.receiver_problem) {
            (Some(one), Some(other)) => Some(format!("{one}; {other}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }

    pub(super) fn take_gaps(&self) -> Vec<Gap> {
        let mut state = self.state();
        let mut gaps = Vec::new();
        let dropped = (
            std::mem::take(&mut state.dropped_lines),
            std::mem::take(&mut state.dropped_bytes),
        );
        if dropped.0 > 0 {
            let why = state
                .spool_problem
                .clone()
                .unwrap_or_else(|| "they came faster than the spool could be written".to_owned());
            gaps.push(
                Gap::new(
                    GapKind::SpoolFull,
                    format!("{} datagrams were received and thrown away: {why}", dropped.0),
                )
                .with_counts(Some(dropped.0), Some(dropped.1)),
            );
        }
        let by_kernel = std::mem::take(&mut state.dropped_by_kernel);
        if by_kernel > 0 {
            let text = format!(
                "the kernel threw {by_kernel} datagrams away, because they came faster than they could be read; raise net.core.rmem_max, or send over TCP"
            );
            gaps.push(Gap::new(GapKind::DroppedByKernel, text).with_counts(Some(by_kernel), None));
        }
        let bad = std::mem::take(&mut state.bad_messages);
        if bad > 0 {
            let text = std::mem::take(&mut state.bad_text);
            gaps.push(
                Gap::new(GapKind::BadMessage, format!("{text} ({bad} times)")).with_counts(Some(bad), None),
            );
        }
        gaps
    }

    // ---- for the end ----

    pub(super) fn stop(&self) {
        self.state().is_stopping = true;
        self.arrived.notify_all();
        self.room.notify_all();
        self.room_for_tasks.notify_waiters();
    }
}
