//! Idle mails leave the correlator's memory as bytes and come back when a line names them.
//!
//! Mails are idle for most of their lives: a deferred one is tried for minutes in five days, a quarantined one may be released after ten. Kept in
//! memory they would be too many, and forgotten they could not be finished. So they are parked: written out, and found again by their names.
//! Parking is off until [`Correlator::keep_parked`]; without it they are forgotten at the bounds.
//!
//! A mail is only parked when nothing in memory refers to it but by a name. Whatever does (an open connection, a running delivery) holds it.

use compact_str::CompactString;
use hashbrown::HashSet;
use model::time::Micros;
use smallvec::SmallVec;

use super::clock::is_recent;
use super::message::{Handle, Message, MessageIx, Refusal};
use super::parked::{Parked, ParkedError, Tree, id, key};
use super::story::Story;
use super::symbol::Symbol;
use super::{Changes, Context, Correlator, GRACE_SECONDS, IDLE_WITHIN, Map};
use crate::event::Event;
use crate::event::names::{Name, Names};
use crate::line::LogLine;

/// A closed mail that had to be parked in its grace time can be deleted so long after it.
const LATE_SECONDS: i64 = 600;

impl Correlator {
    /// Turns parking on and tells which keys lie outside, each with its entry's [`Parked::until`], as often as entries have it. At the start, after
    /// [`Correlator::resume`]; the keys are not part of the saved state.
    pub fn keep_parked(&mut self, keys: impl IntoIterator<Item = (u64, Micros)>) {
        self.parked.clear();
        self.parked.is_on = true;
        for (key, until) in keys {
            self.parked.insert(key, until);
        }
    }

    /// Takes in one line unless it names a parked mail; says whether its program's dialect understood it.
    ///
    /// # Errors
    /// A key: nothing was done. Hand everything that is kept under it to [`Correlator::unpark`] and feed the same line again.
    pub fn try_feed(&mut self, line: &LogLine<'_>) -> Result<bool, u64> {
        let origin = self.symbols.origin(line);
        let reading = origin.dialect.read(line.message);
        let context = Context::of(line, origin);
        if !self.parked.is_empty()
            && let crate::event::Reading::Event(event) = &reading
            && let Some(key) = self.parked_key(&context, event)
        {
            return Err(key);
        }
        Ok(self.take_in(&context, reading))
    }

    /// Takes parked mails back: all entries that are kept under a key, possibly none. For each, in their order: its id, or why it cannot be read.
    /// Either way it is of no use any more and can be deleted; the line is then fed as if it was not there.
    pub fn unpark<'a>(
        &mut self,
        key: u64,
        entries: impl IntoIterator<Item = &'a [u8]>,
    ) -> Vec<Result<u64, ParkedError>> {
        let mut taken = Vec::new();
        for bytes in entries {
            let tree = Tree::from_bytes(bytes, &mut self.symbols);
            taken.push(match tree {
                Ok(tree) => {
                    for key in tree.keys() {
                        self.parked.remove_one(key);
                    }
                    Ok(self.take_back(tree))
                }
                Err(error) => {
                    self.counters.unreadable_parked += 1;
                    Err(error)
                }
            });
        }
        self.parked.remove(key);
        taken
    }

    /// A key that lies outside and that this line asks for.
    fn parked_key(&self, context: &Context<'_>, event: &Event<'_>) -> Option<u64> {
        let is_parked = |name: Name<'_>| Some(key(name)).filter(|key| self.parked.contains(*key));
        let of_all = |names: Names<'_>| names.into_iter().find_map(is_parked);
        match event {
            Event::AmavisPart {
                scan,
                continues,
                more: false,
                text,
            } => {
                let joined = self.joined_amavis(context, scan, *continues, text);
                of_all(crate::dialect::amavis::judgement(&joined)?.names())
            }
            Event::LinePart {
                number,
                count,
                ends_line,
                text,
            } => {
                let joined = self.joined_exim(context, *number, *count, *ends_line, text)?;
                match crate::dialect::exim::read(&joined) {
                    crate::event::Reading::Event(event) => of_all(event.names()),
                    crate::event::Reading::Known
                    | crate::event::Reading::Unrecognised
                    | crate::event::Reading::Foreign => None,
                }
            }
            Event::AmavisSent { .. } => of_all(event.names()).or_else(|| {
                // The release of this scan was announced with the mail's id.
                is_parked(Name::MailId(self.announced_release(context)?.as_bytes()))
            }),
            event => of_all(event.names()),
        }
    }

    /// Parks what is idle: open mails between two tries, and quarantined ones that may be released.
    pub(super) fn park_idle(&mut self, changes: &mut Changes) {
        self.parked.expire(self.now);
        let idle: Vec<MessageIx> = self
            .messages
            .iter()
            .filter(|(_, message)| message.parent.is_none())
            .filter(|(ix, _)| self.is_idle(*ix))
            .map(|(ix, _)| ix)
            .collect();
        // Without room outside they stay where they are; only the bounds on memory force more.
        self.park(&idle, changes);
    }

    fn is_idle(&self, root: MessageIx) -> bool {
        let message = &self.messages[root];
        let idle = self.limits.idle_seconds * 1_000_000;
        let grace = GRACE_SECONDS * 1_000_000;
        // The cheap look first: most mails are young.
        if is_recent(self.now, message.last, idle.min(grace)) {
            return false;
        }
        let (last, keep_until) = self.ages(root);
        if self.is_over(root, 0) {
            keep_until > self.now && !is_recent(self.now, last, grace)
        } else {
            !is_recent(self.now, last, idle)
        }
    }

    /// A mail's last line, and until when it is to be kept.
    pub(super) fn ages(&self, root: MessageIx) -> (Micros, Micros) {
        let message = &self.messages[root];
        let (mut last, mut keep_until) = (message.last, message.keep_until);
        let mut below: SmallVec<[MessageIx; 8]> = SmallVec::from_slice(&message.children);
        while let Some(ix) = below.pop() {
            let message = &self.messages[ix];
            last = last.max(message.last);
            keep_until = keep_until.max(message.keep_until);
            below.extend_from_slice(&message.children);
        }
        (last, keep_until)
    }

    /// Parks these roots, what was not written of them first; gives back those that have to stay.
    pub(super) fn park(&mut self, roots: &[MessageIx], changes: &mut Changes) -> Vec<MessageIx> {
        if roots.is_empty() {
            return Vec::new();
        }
        let held = self.held();
        let awaited: Map<Handle, CompactString> = self
            .orphans
            .iter()
            .flat_map(|(parent, children)| children.iter().map(|child| (*child, parent.clone())))
            .collect();
        let (mut staying, leaving): (Vec<_>, Vec<_>) = roots.iter().partition(|root| held.contains(*root));
        let spelled = self.symbols.spelled();
        for root in leaving {
            // A tree of a thousand messages has as many keys; most have two.
            if !self.parked.has_room(8) {
                self.counters.unparkable_messages += 1;
                staying.push(root);
                continue;
            }
            // What is parked must be written: it may never come back.
            if self.is_unwritten(root, 0) {
                self.unmark(root);
                self.write_root(root, changes);
            }
            let parked = self.park_one(root, &awaited, &spelled);
            changes.parked.push(parked);
        }
        staying
    }

    fn park_one(
        &mut self,
        root: MessageIx,
        awaited: &Map<Handle, CompactString>,
        spelled: &[Option<Vec<u8>>],
    ) -> Parked {
        let until = self.parked_until(root);
        let message = &self.messages[root];
        let id = self.parked_id(message);
        let (messages, orphans) = self.take_out(root, awaited);
        let tree = Tree::new(messages, orphans, spelled);
        let keys = tree.keys();
        for key in &keys {
            self.parked.insert(*key, until);
        }
        self.counters.parked_messages += 1;
        let bytes = tree.to_bytes();
        for message in tree.messages {
            self.keep_spare(message.story);
        }
        Parked {
            id,
            keys,
            until,
            bytes,
        }
    }

    fn parked_id(&self, root: &Message) -> u64 {
        let (host, server) = (self.symbols.name(root.host), self.symbols.name(root.server));
        id(host, server, &root.queue_id, root.born)
    }

    fn parked_until(&self, root: MessageIx) -> Micros {
        let (last, keep_until) = self.ages(root);
        // A stray line's time tells nothing about the next one's.
        let last = if is_recent(self.now, last, IDLE_WITHIN) {
            last
        } else {
            self.now
        };
        if keep_until <= self.now && self.is_over(root, 0) {
            last.plus_seconds(LATE_SECONDS)
        } else {
            keep_until.max(Micros(last.0 + IDLE_WITHIN))
        }
    }

    /// Takes a mail's messages out of memory: the root first, parents and children by their positions.
    fn take_out(
        &mut self,
        root: MessageIx,
        awaited: &Map<Handle, CompactString>,
    ) -> (Vec<Message>, Vec<(u32, CompactString)>) {
        let mut order: Vec<MessageIx> = vec![root];
        let mut next = 0;
        while let Some(ix) = order.get(next).copied() {
            order.extend_from_slice(&self.messages[ix].children);
            next += 1;
        }
        let positions: Map<MessageIx, usize> = order.iter().copied().zip(0..).collect();
        let mut orphans = Vec::new();
        let mut messages = Vec::with_capacity(order.len());
        for (position, ix) in (0..).zip(order) {
            if let Some(parent) = awaited.get(&self.handle(ix)) {
                orphans.push((position, parent.clone()));
            }
            let Some(mut message) = self.remove(ix) else {
                continue;
            };
            message.older = None;
            message.parent = message.parent.and_then(|ix| positions.get(&ix).copied());
            for child in &mut message.children {
                *child = positions.get(child).copied().unwrap_or_default();
            }
            messages.push(message);
        }
        (messages, orphans)
    }

    /// Puts a mail's messages into memory again, as if they had never left it. Its id.
    fn take_back(&mut self, mut tree: Tree) -> u64 {
        let id = self.parked_id(&tree.messages[0]);
        if self.is_known(&tree.messages[0]) || self.is_done_with(&tree.messages) {
            return id;
        }
        self.counters.unparked_messages += 1;
        let count = tree.messages.len();
        let places: Vec<MessageIx> = tree
            .messages
            .drain(..)
            .map(|mut message| {
                self.numbered += 1;
                message.number = self.numbered;
                message.counted = message.weight();
                self.message_bytes += message.counted;
                self.messages.insert(message)
            })
            .collect();
        let place = |position: usize| places.get(position).copied();
        for ix in &places {
            let message = &mut self.messages[*ix];
            message.parent = message.parent.and_then(place);
            message.children = message
                .children
                .iter()
                .filter_map(|child| place(*child))
                .collect();
            if let Some(mail_id) = &message.quarantined_as {
                // A younger mail of the same name goes before.
                self.quarantined.entry(mail_id.clone()).or_insert(*ix);
            }
            self.chain_by_age(*ix);
        }
        for (position, parent) in tree.orphans {
            if let Some(ix) = usize::try_from(position).ok().and_then(place) {
                let orphan = self.handle(ix);
                self.orphans.entry(parent).or_default().push(orphan);
            }
        }
        debug_assert_eq!(count, places.len(), "every message has its place");
        if let Some(root) = places.first() {
            self.close_if_over(*root);
        }
        id
    }

    /// Whether this very message is in memory: it was parked by a run that had read further than the state that is loaded.
    fn is_known(&self, message: &Message) -> bool {
        self.with_id(message.queue_id.as_bytes()).any(|ix| {
            let known = &self.messages[ix];
            known.born == message.born && known.host == message.host && known.server == message.server
        })
    }

    /// Whether the mail would have been forgotten by now had it stayed in memory.
    fn is_done_with(&self, messages: &[Message]) -> bool {
        let last = messages.iter().map(|message| message.last).max();
        let age = last.map_or(0, |last| self.now.0.saturating_sub(last.0));
        let is_kept = messages.iter().any(|message| message.keep_until > self.now);
        let is_over = messages.iter().all(|message| message.state.is_over());
        !is_kept && (age > IDLE_WITHIN || (is_over && age > GRACE_SECONDS * 1_000_000))
    }

    /// Roots that something refers to otherwise than by a name.
    fn held(&self) -> HashSet<MessageIx> {
        let open = self.sessions.values().filter_map(|session| session.open);
        let open = open.filter(|open| {
            // What ends the connection says what became of the mail, as long as it is not queued.
            self.alive(*open).is_some_and(|ix| {
                let state = self.messages[ix].state;
                !state.is_active && !state.is_over() && !state.held
            })
        });
        let expected = self.expected.values().map(|(parent, _)| *parent);
        let handles = open
            .chain(expected)
            .chain(self.exim.handles())
            .chain(self.sendmail.handles())
            .chain(self.qmail.handles())
            .chain(self.done.iter().map(|(_, handle)| *handle));
        handles
            .filter_map(|handle| self.alive(handle))
            .map(|ix| self.root(ix))
            .collect()
    }
}

impl Message {
    /// Every symbol in it.
    pub(super) fn each_symbol(&mut self, mut each: impl FnMut(&mut Symbol)) {
        each(&mut self.host);
        each(&mut self.server);
        self.story.each_symbol(&mut each);
        for refusal in &mut self.adopted {
            let Refusal { server, story, .. } = refusal;
            each(server);
            story.each_symbol(&mut each);
        }
    }
}

impl Story {
    fn each_symbol(&mut self, each: &mut impl FnMut(&mut Symbol)) {
        for line in &mut self.lines {
            each(&mut line.server);
            each(&mut line.program);
        }
    }
}
