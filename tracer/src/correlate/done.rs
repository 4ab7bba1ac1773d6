//! Messages whose end no line tells (Sendmail, OpenSMTPD): they are over when all recipients are done and stay so for a while.

use std::collections::VecDeque;

use model::time::Micros;

use super::Correlator;
use super::message::MessageIx;
use crate::event::DeliveryStatus;

/// A message all of whose recipients are done waits so long for one that an alias added.
const DONE_SECONDS: i64 = 600;

/// The moment, the message, and its birth, which tells it from a later one at the same index; the oldest first.
pub(super) type Done = VecDeque<(Micros, MessageIx, Micros)>;

impl Correlator {
    /// A delivery was tried: the message may be done now, or is not any more.
    pub(super) fn tried(&mut self, at: Micros, ix: MessageIx, status: DeliveryStatus) {
        if status == DeliveryStatus::Deferred {
            self.messages[ix].state.removed = false;
            return;
        }
        let message = &self.messages[ix];
        let expected = message.recipients_expected.unwrap_or(1);
        if message.deliveries.len() >= usize::try_from(expected).unwrap_or(usize::MAX) {
            self.maybe_done(at, ix);
        }
    }

    /// Every recipient may be done: looked at again when an alias had time to say otherwise.
    pub(super) fn maybe_done(&mut self, at: Micros, ix: MessageIx) {
        if self.done.back().is_none_or(|(_, last, _)| *last != ix) {
            self.done.push_back((at, ix, self.messages[ix].born));
        }
    }

    /// Ends messages that have been done for a while.
    pub(super) fn close_done(&mut self) {
        while let Some((at, ix, born)) = self.done.front().copied() {
            if self.now.0 - at.0 < DONE_SECONDS * 1_000_000 {
                break;
            }
            self.done.pop_front();
            let Some(message) = self.messages.get_mut(ix) else {
                continue;
            };
            let is_done = message.born == born
                && !message.state.removed
                && message
                    .deliveries
                    .iter()
                    .all(|delivery| delivery.status != DeliveryStatus::Deferred);
            if is_done {
                message.state.removed = true;
                self.close_if_over(ix);
            }
        }
    }
}
