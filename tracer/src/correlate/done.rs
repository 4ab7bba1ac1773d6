//! Messages whose end no line tells (Sendmail, OpenSMTPD): they are over when all recipients are done and stay so for a while.

use std::collections::VecDeque;

use model::time::Micros;

use super::Correlator;
use super::clock::is_recent;
use super::message::{Handle, MessageIx};
use crate::event::DeliveryStatus;

/// A message all of whose recipients are done waits so long for one that an alias added.
const DONE_SECONDS: i64 = 600;

/// When each message is looked at again, the earliest first.
pub(super) type Done = VecDeque<(Micros, Handle)>;

impl Correlator {
    /// A delivery was tried: the message may be done now, or is not any more.
    pub(super) fn tried(&mut self, ix: MessageIx, status: DeliveryStatus) {
        if status == DeliveryStatus::Deferred {
            self.messages[ix].state.removed = false;
            return;
        }
        let message = &self.messages[ix];
        let expected = message.recipients_expected.unwrap_or(1);
        if message.deliveries.list.len() >= usize::try_from(expected).unwrap_or(usize::MAX) {
            self.maybe_done(ix);
        }
    }

    /// Every recipient may be done: looked at again when an alias had time to say otherwise.
    pub(super) fn maybe_done(&mut self, ix: MessageIx) {
        let handle = self.handle(ix);
        let state = &mut self.messages[ix].state;
        if !state.maybe_done {
            state.maybe_done = true;
            self.done.push_back((self.now.plus_seconds(DONE_SECONDS), handle));
        }
    }

    /// Ends messages that have been done for a while. More than can be open are looked at before their time.
    pub(super) fn close_done(&mut self) {
        while let Some((due, handle)) = self.done.front().copied() {
            let is_full = self.done.len() > self.limits.messages;
            if due > self.now && !is_full {
                break;
            }
            self.done.pop_front();
            let Some(ix) = self.alive(handle) else { continue };
            let message = &mut self.messages[ix];
            message.state.maybe_done = false;
            let is_done = !message.state.removed
                && message
                    .deliveries
                    .list
                    .iter()
                    .all(|delivery| delivery.status != DeliveryStatus::Deferred);
            if !is_done {
                continue;
            }
            if is_recent(self.now, message.last, DONE_SECONDS * 1_000_000) && !is_full {
                self.maybe_done(ix);
                continue;
            }
            message.state.removed = true;
            self.close_if_over(ix);
        }
    }
}
