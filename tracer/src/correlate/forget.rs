//! What is over is forgotten, and what is too much is written as it is: memory stays flat over any length of log.

use std::hash::Hash;

use model::time::{DAY, Micros};

use super::clock::is_recent;
use super::message::{Message, MessageIx};
use super::story::Story;
use super::{Changes, Correlator, GRACE_SECONDS, IDLE_WITHIN, LINK_AFTER_SECONDS, Map, id_hash};

/// How often everything is looked through, in log time.
const SWEEP_EVERY: i64 = 600 * 1_000_000;
/// Stories kept for reuse, and the biggest of them.
const SPARE: usize = 1024;
const SPARE_BYTES: usize = 4096;

/// Forgets the quarter that was silent the longest, or more when there are more than `most`: connections that never end. How many they were.
pub(super) fn forget_silent<K: Hash + Eq, V>(
    map: &mut Map<K, V>,
    most: usize,
    last: impl Fn(&V) -> Micros,
) -> u64 {
    let before = map.len();
    let mut moments: Vec<Micros> = map.values().map(&last).collect();
    let quarter = before.saturating_sub(most).max(before / 4);
    if let Some(latest) = before.checked_sub(1) {
        let (_, bound, _) = moments.select_nth_unstable(quarter.min(latest));
        let bound = *bound;
        map.retain(|_, value| last(value) > bound);
    }
    (before - map.len()) as u64
}

impl Correlator {
    /// When every queue file of the mail is over, it waits out the grace time and is then forgotten.
    pub(super) fn close_if_over(&mut self, ix: MessageIx) {
        if !self.messages[ix].state.is_over() {
            return;
        }
        let root = self.root(ix);
        if self.is_over(root, 0) {
            let closed = (self.now, self.handle(root));
            // More lines about what is over need not be noted again.
            if self.closing.back() != Some(&closed) {
                self.closing.push_back(closed);
            }
        }
    }

    pub(super) fn is_over(&self, ix: MessageIx, depth: u8) -> bool {
        let message = &self.messages[ix];
        message.state.is_over()
            && depth < 64
            && message
                .children
                .iter()
                .all(|child| self.is_over(*child, depth + 1))
    }

    /// Whether anything of the mail was not written yet.
    pub(super) fn is_unwritten(&self, ix: MessageIx, depth: u8) -> bool {
        let message = &self.messages[ix];
        message.is_changed
            || (depth < 64
                && message
                    .children
                    .iter()
                    .any(|child| self.is_unwritten(*child, depth + 1)))
    }

    /// Forgets what is closed and out of grace, and what is idle or too much; what was not written yet is written first.
    pub(super) fn forget(&mut self, changes: &mut Changes) {
        while let Some((closed_at, handle)) = self.closing.front().copied() {
            if self.now.0 - closed_at.0 < GRACE_SECONDS * 1_000_000 {
                break;
            }
            self.closing.pop_front();
            let Some(root) = self.alive(handle) else { continue };
            let is_root = self.messages[root].parent.is_none();
            if !is_root || self.is_unwritten(root, 0) || !self.is_over(root, 0) {
                continue;
            }
            let has_room = self.messages.len() < self.limits.messages / 2
                && self.message_bytes < self.limits.message_bytes / 2;
            // Parked at the next sweep, if somebody keeps it.
            if self.ages(root).1 > self.now && (has_room || self.parked.is_on) {
                continue;
            }
            self.free(root);
        }
        let is_due =
            self.now.0 - self.swept_at.0.max(0) > SWEEP_EVERY.min(self.limits.idle_seconds * 1_000_000);
        if (is_due && !self.is_unsure()) || self.has_too_many_messages() {
            self.swept_at = self.now;
            self.sweep(changes);
        }
        if self.sessions.len() > self.limits.sessions {
            let forgotten = forget_silent(&mut self.sessions, self.limits.sessions, |session| session.last);
            self.counters.forgotten_sessions += forgotten;
        }
        if self.refusals.len() > self.limits.refusals || self.refusal_bytes > self.limits.refusal_bytes {
            self.expire_refusals(changes);
        }
    }

    fn has_too_many_messages(&self) -> bool {
        self.messages.len() > self.limits.messages || self.message_bytes > self.limits.message_bytes
    }

    fn sweep(&mut self, changes: &mut Changes) {
        let now = self.now;
        self.sessions
            .retain(|_, session| is_recent(now, session.last, DAY));
        self.mailbox
            .retain(|_, said| is_recent(now, said.at, SWEEP_EVERY));
        self.passed.retain(|_, (at, _)| is_recent(now, *at, 5_000_000));
        self.expected
            .retain(|_, (_, at)| is_recent(now, *at, LINK_AFTER_SECONDS * 1_000_000));
        self.orphans
            .retain(|_, children| children.iter().any(|child| child.is_in(&self.messages)));
        self.sweep_exim();
        self.sweep_sendmail();
        self.sweep_qmail();
        self.sweep_opensmtpd();
        self.expire_refusals(changes);
        let roots = || {
            self.messages
                .iter()
                .filter(|(_, message)| message.parent.is_none())
        };
        let idle: Vec<MessageIx> = roots()
            .filter(|(ix, message)| {
                let age = now.0.saturating_sub(message.last.0);
                let is_done = age > GRACE_SECONDS * 1_000_000
                    && !self.is_unwritten(*ix, 0)
                    && self.is_over(*ix, 0)
                    && self.ages(*ix).1 < now;
                is_done || age > IDLE_WITHIN
            })
            .map(|(ix, _)| ix)
            .collect();
        self.write_and_free(idle, changes);
        if self.parked.is_on {
            self.park_idle(changes);
        }
        if self.has_too_many_messages() {
            let mut oldest: Vec<(Micros, MessageIx)> = self
                .messages
                .iter()
                .filter(|(_, message)| message.parent.is_none())
                .map(|(ix, message)| {
                    // What a stray line dates far ahead would outlive everything.
                    let is_stray = message.last.0 - now.0 > DAY;
                    (if is_stray { Micros(i64::MIN) } else { message.last }, ix)
                })
                .collect();
            oldest.sort_unstable();
            let mut oldest: Vec<MessageIx> = oldest.into_iter().map(|(_, ix)| ix).collect();
            let too_many = self.messages.len().saturating_sub(self.limits.messages);
            if self.parked.is_on {
                let younger = oldest.split_off(too_many.max(oldest.len() / 4 + 1).min(oldest.len()));
                oldest = self.park(&oldest, changes);
                if self.has_too_many_messages() {
                    // Nothing is lost by parking what will soon be asked for, and much by forgetting.
                    oldest.extend(self.park(&younger, changes));
                }
            }
            if self.has_too_many_messages() {
                oldest.truncate(too_many.max(oldest.len() / 4 + 1));
                self.counters.forgotten_messages += oldest.len() as u64;
                self.write_and_free(oldest, changes);
            }
        }
    }

    fn write_and_free(&mut self, roots: Vec<MessageIx>, changes: &mut Changes) {
        for root in roots {
            if self.is_unwritten(root, 0) {
                self.unmark(root);
                self.write_root(root, changes);
            }
            self.free(root);
        }
    }

    pub(super) fn free(&mut self, ix: MessageIx) {
        let Some(message) = self.remove(ix) else { return };
        for child in message.children {
            self.free(child);
        }
        self.keep_spare(message.story);
    }

    /// Takes a message out of memory; its children stay.
    pub(super) fn remove(&mut self, ix: MessageIx) -> Option<Message> {
        let mut message = self.messages.try_remove(ix)?;
        // What lies outside is not counted, and how much memory it took here is none of another build's business.
        self.message_bytes -= std::mem::take(&mut message.counted);
        self.unchain(ix, &message);
        if !self.expected.is_empty() {
            for delivery in &message.deliveries.list {
                let next = message.story.find(delivery.queued_as);
                if let Some(next) = next.and_then(|next| std::str::from_utf8(next).ok())
                    && self
                        .expected
                        .get(next)
                        .is_some_and(|(parent, _)| parent.number == message.number)
                {
                    self.expected.remove(next);
                }
            }
        }
        if let Some(mail_id) = &message.quarantined_as
            && self.quarantined.get(mail_id) == Some(&ix)
        {
            self.quarantined.remove(mail_id);
        }
        Some(message)
    }

    /// Memory of a forgotten story for the next one.
    pub(super) fn keep_spare(&mut self, story: Story) {
        if self.spare.len() < SPARE && story.capacity() <= SPARE_BYTES {
            self.spare.push(story.cleared());
        }
    }

    /// Takes a message out of the chain of those with the same queue id.
    fn unchain(&mut self, ix: MessageIx, message: &Message) {
        let hash = id_hash(message.queue_id.as_bytes());
        let Some(head) = self.by_queue_id.get_mut(&hash) else {
            return;
        };
        if *head == ix {
            match message.older {
                Some(older) => *head = older,
                None => {
                    self.by_queue_id.remove(&hash);
                }
            }
            return;
        }
        let mut at = *head;
        while let Some(next) = self.messages.get(at).and_then(|message| message.older) {
            if next == ix {
                self.messages[at].older = message.older;
                return;
            }
            at = next;
        }
    }
}
