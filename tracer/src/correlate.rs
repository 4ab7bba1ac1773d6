//! From statements to mails: joins the lines of a mail over all its queue ids and servers.
//!
//! Goes in: log lines with their readings, in the order of the log. Comes out: [`Changes`]: records to write (again) and record ids that turned
//! out to be part of another record. Pure: no IO, no clock (time is the newest line's, or given to [`Correlator::advance`]), never fails.
//! Memory is bounded: closed mails are forgotten after a grace time, open ones after [`Limits`].
//!
//! How messages are tied together, the strongest first: `orig_queue_id=` of the returning filter, amavis's `queued_as`, the id of a requeued
//! message, a release from the quarantine, the last `queued as X` of our own delivery when a message X of ours appeared at that time.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::net::IpAddr;

use compact_str::CompactString;
use foldhash::fast::{FixedState, RandomState};
use hashbrown::HashMap;
use model::ids::RecordId;
use model::record::{Record, TrailKind};
use model::time::{DAY, Micros};
use model::trail::Packed;
use serde::{Deserialize, Serialize};
use slab::Slab;
use smallvec::SmallVec;

use crate::event::{Event, Reading};
use crate::line::LogLine;

mod build;
mod clock;
mod done;
mod door;
mod exim;
mod explained;
mod filter;
mod forget;
mod message;
mod opensmtpd;
mod park;
mod parked;
mod qmail;
mod queue;
mod sendmail;
mod session;
mod story;
mod symbol;
mod text;
mod trail;
mod verdict;

pub use parked::{Parked, ParkedError, ParkedKeys};

use message::{Handle, Mailbox, Message, MessageIx, Refusal, RefusalIx, Session};
use story::{Kept, StoredLine, Story};
use symbol::{Origin, Symbol, Symbols};

type Map<K, V> = HashMap<K, V, RandomState>;
/// Senders and recipients.
type Envelopes = Vec<(Vec<u8>, Vec<u8>)>;

/// What the correlator may remember and for how long; each bound has a counter in [`Counters`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Open messages at once; beyond it the oldest are written as they are and parked, or forgotten where nobody keeps what is parked.
    pub messages: usize,
    /// Bytes of open messages, roughly; beyond it the same happens.
    pub message_bytes: usize,
    /// Refusals that may still come back.
    pub refusals: usize,
    /// Bytes of refusals, roughly.
    pub refusal_bytes: usize,
    /// Connections at once; beyond it those that were silent the longest are forgotten.
    pub sessions: usize,
    /// Bytes of raw lines kept for one message; 0 for records without trails.
    pub line_bytes: usize,
    /// Recipients of one message.
    pub deliveries: usize,
    /// Seconds without a line after which an open mail is parked, when somebody keeps what is parked.
    pub idle_seconds: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: 200_000,
            message_bytes: 40 * 1024 * 1024,
            refusals: 100_000,
            refusal_bytes: 16 * 1024 * 1024,
            sessions: 50_000,
            line_bytes: 64 * 1024,
            deliveries: 20_000,
            idle_seconds: IDLE_SECONDS,
        }
    }
}

/// What the operator knows about his servers and the log does not tell.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Knowledge {
    /// Addresses that get a copy of every mail (`always_bcc`, archive): their records are marked as copies. Lower case.
    pub copy_addresses: Vec<String>,
}

/// What happened to lines, and how often a bound was hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Lines with a header.
    pub lines: u64,
    /// Lines of mail programs.
    pub mail_lines: u64,
    /// Mail lines that were understood.
    pub recognised: u64,
    /// Mail lines that nobody understood.
    pub unrecognised: u64,
    /// Lines of other programs, and lines without a header.
    pub foreign: u64,
    /// Messages written unfinished because too many were open.
    pub forgotten_messages: u64,
    /// Idle messages that were given away as [`Parked`].
    pub parked_messages: u64,
    /// Of these, those that came back because a line named them.
    pub unparked_messages: u64,
    /// How often an idle message was not parked because so many are parked already: it stays until the bounds above are hit.
    pub unparkable_messages: u64,
    /// Parked messages that could not be read when a line named them.
    pub unreadable_parked: u64,
    /// Refusals forgotten before they could come back, because there were too many.
    pub forgotten_refusals: u64,
    /// Sessions forgotten before they ended, because there were too many.
    pub forgotten_sessions: u64,
    /// Lines left out of a trail that grew too long.
    pub dropped_lines: u64,
}

/// What to write.
#[derive(Debug, Default)]
pub struct Changes {
    /// New or changed records, complete with their trails.
    pub records: Vec<Record>,
    /// Those of `records` that this correlator handed out before, in any order: they replace a row. All others are new to it.
    pub again: Vec<RecordId>,
    /// Records that this correlator handed out before and that no longer exist: their mail turned out to be part of another one.
    pub retracted: Vec<RecordId>,
    /// Idle mails that are not remembered any more: to be kept for [`Correlator::unpark`]. All their records are in `records` now or were before.
    pub parked: Vec<Parked>,
    /// Memory of trails that nobody needs any more.
    spare: Vec<Packed>,
}

impl Changes {
    /// Empty again, in the same memory.
    pub fn clear(&mut self) {
        self.spare.extend(
            self.records
                .drain(..)
                .filter_map(|record| record.trail.into_packed()),
        );
        self.spare.truncate(SPARE_TRAILS);
        self.again.clear();
        self.retracted.clear();
        self.parked.clear();
    }
}

/// Trails whose memory is used again, at most.
const SPARE_TRAILS: usize = 256;

/// A closed mail waits so long for late lines (amavis sums up after the fact) before it is forgotten.
const GRACE_SECONDS: i64 = 30;
/// `queued as X` is believed when X appeared so long before our own delivery line.
const LINK_BEFORE_SECONDS: i64 = 600;
/// And so long after it (lines of two servers out of order).
const LINK_AFTER_SECONDS: i64 = 60;
/// A deferred sender gives up after five days (RFC 5321 section 4.5.4.1); a refusal waits as long for its return.
const RETURN_WITHIN: i64 = 5 * DAY;
/// Open messages without a line for longer than any queue life time are forgotten.
const IDLE_WITHIN: i64 = 7 * DAY;
/// Postfix tries again after 5 minutes, then after at most 67 (`minimal_backoff_time`, `maximal_backoff_time`), Exim after 15 minutes and then
/// less and less often: what is silent for an hour waits for a try in hours, and a day holds few of them.
const IDLE_SECONDS: i64 = 3600;
/// Quarantined mail can be released as long as this.
const QUARANTINE_WITHIN: i64 = 14 * DAY;
/// Messages and refusals that there is room for from the beginning.
const ROOM: usize = 16_384;
/// So many messages with the same queue id are told apart; who forges more finds only the newest.
const SAME_ID: usize = 8;
/// Servers and filters that a mail passes, each with a queue file of its own, at most. A loop ends at fifty hops (Postfix's `hopcount_limit`).
const GENERATIONS: u8 = 60;
/// A line that its program or syslog cut is not put together beyond so many bytes.
const LONGEST_JOINED: usize = 64 * 1024;
/// Queue ids that were named and not seen yet, and those whose parent was not seen yet, at most.
const EXPECTED: usize = 100_000;

/// Joins lines to mails. See the module's documentation.
///
/// The whole state can be written out and read back: after [`Correlator::resume`], reading on gives what an undisturbed run gives.
#[derive(Debug, Serialize, Deserialize)]
pub struct Correlator {
    limits: Limits,
    knowledge: Knowledge,
    counters: Counters,
    symbols: Symbols,
    messages: Slab<Message>,
    /// Messages so far.
    numbered: u64,
    /// The newest message by its queue id's hash; older ones hang on it.
    #[serde(skip)]
    by_queue_id: Map<u64, MessageIx>,
    /// `queued as X` said before X was seen.
    expected: Map<CompactString, (Handle, Micros)>,
    /// Children whose `orig_queue_id` was not seen yet.
    orphans: Map<CompactString, SmallVec<[Handle; 1]>>,
    /// Connections by host, tag and process id.
    sessions: Map<(Symbol, Symbol, u32), Session>,
    refusals: Slab<Refusal>,
    /// The newest refusal of a sender and recipient.
    #[serde(skip)]
    by_pair: Map<u64, RefusalIx>,
    /// The newest refusal of a sender and client; older ones hang on it.
    #[serde(skip)]
    by_client: Map<u64, RefusalIx>,
    /// Envelopes that greylisting let pass just now, by client: the queue id comes on the next line.
    passed: Map<IpAddr, (Micros, Envelopes)>,
    /// Mailbox actions by LMTP session, until the LMTP client's own line comes.
    mailbox: Map<CompactString, MailboxSaid>,
    /// First parts of cut amavis lines by host and scan.
    cut_lines: Map<(Symbol, CompactString), (Vec<u8>, Vec<u8>)>,
    /// Quarantined messages by the filter's mail id.
    quarantined: Map<CompactString, MessageIx>,
    /// A release that was announced: scan id to the quarantined mail's id.
    releases: Map<CompactString, CompactString>,
    exim: exim::Exim,
    /// What Sendmail's lines leave open.
    sendmail: sendmail::Pending,
    /// What qmail's lines leave open.
    qmail: qmail::Pending,
    /// What OpenSMTPD's lines leave open.
    opensmtpd: opensmtpd::Pending,
    /// Messages that may be over although no line says so.
    done: done::Done,
    changed: Vec<MessageIx>,
    changed_refusals: Vec<RefusalIx>,
    /// Changed refusals that [`Correlator::take_closed`] leaves alone because their mail may come back.
    waiting_refusals: Vec<RefusalIx>,
    /// Closed roots by the time they closed, the oldest first.
    closing: VecDeque<(Micros, Handle)>,
    now: Micros,
    clock: clock::Clock,
    swept_at: Micros,
    message_bytes: usize,
    refusal_bytes: usize,
    /// Keys of mails that lie outside.
    #[serde(skip)]
    parked: parked::Index,
    #[serde(skip)]
    explained: explained::Explained,
    /// Memory of forgotten stories, for new ones.
    #[serde(skip)]
    spare: Vec<Story>,
}

/// What Dovecot said about a mail that the LMTP client has not spoken of yet.
#[derive(Debug, Serialize, Deserialize)]
struct MailboxSaid {
    at: Micros,
    mailbox: Mailbox,
    raw: Vec<u8>,
    server: Symbol,
    program: Symbol,
}

impl Correlator {
    /// An empty correlator.
    pub fn new(limits: Limits, knowledge: Knowledge) -> Self {
        Self {
            limits,
            knowledge,
            counters: Counters::default(),
            symbols: Symbols::default(),
            // Room is asked for once and touched when it is needed: growing by and by would move everything again and again.
            messages: Slab::with_capacity(limits.messages.min(ROOM)),
            numbered: 0,
            by_queue_id: Map::with_capacity_and_hasher(limits.messages.min(ROOM), RandomState::default()),
            expected: Map::default(),
            orphans: Map::default(),
            sessions: Map::default(),
            refusals: Slab::with_capacity(limits.refusals.min(ROOM)),
            by_pair: Map::with_capacity_and_hasher(limits.refusals.min(ROOM), RandomState::default()),
            by_client: Map::default(),
            passed: Map::default(),
            mailbox: Map::default(),
            cut_lines: Map::default(),
            quarantined: Map::default(),
            releases: Map::default(),
            exim: exim::Exim::default(),
            sendmail: sendmail::Pending::default(),
            qmail: qmail::Pending::default(),
            opensmtpd: opensmtpd::Pending::default(),
            done: done::Done::new(),
            changed: Vec::new(),
            changed_refusals: Vec::new(),
            waiting_refusals: Vec::new(),
            closing: VecDeque::new(),
            now: Micros(i64::MIN),
            clock: clock::Clock::default(),
            swept_at: Micros(i64::MIN),
            message_bytes: 0,
            refusal_bytes: 0,
            parked: parked::Index::default(),
            explained: explained::Explained::default(),
            spare: Vec::new(),
        }
    }

    /// After the state was read back: finds everything again, and takes over what the operator may have changed since.
    pub fn resume(&mut self, limits: Limits, knowledge: Knowledge) {
        self.limits = limits;
        self.knowledge = knowledge;
        self.by_queue_id.clear();
        let mut by_age: Vec<(Micros, MessageIx)> = self
            .messages
            .iter()
            .map(|(ix, message)| (message.born, ix))
            .collect();
        by_age.sort_unstable();
        for (_, ix) in by_age {
            self.chain(ix);
        }
        self.by_pair.clear();
        self.by_client.clear();
        let mut by_age: Vec<(Micros, RefusalIx)> = self
            .refusals
            .iter()
            .map(|(ix, refusal)| (refusal.last_at, ix))
            .collect();
        by_age.sort_unstable();
        for (_, ix) in by_age {
            self.find_refusal_by(ix);
        }
    }

    /// Counters so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Messages and refusals in memory.
    pub fn open(&self) -> (usize, usize) {
        (self.messages.len(), self.refusals.len())
    }

    /// A line without a header that we know.
    pub const fn skip(&mut self) {
        self.counters.foreign += 1;
    }

    /// Takes in one line; says whether its program's dialect understood it. For a caller who keeps nothing that is parked.
    pub fn feed(&mut self, line: &LogLine<'_>) -> bool {
        let origin = self.symbols.origin(line);
        let reading = origin.dialect.read(line.message);
        self.take_in(&Context::of(line, origin), reading)
    }

    fn take_in(&mut self, context: &Context<'_>, reading: Reading<'_>) -> bool {
        self.counters.lines += 1;
        self.tick(context.at);
        match reading {
            Reading::Foreign => {
                self.counters.foreign += 1;
                return true;
            }
            Reading::Unrecognised => {
                self.counters.mail_lines += 1;
                self.counters.unrecognised += 1;
                return false;
            }
            Reading::Known => {
                self.counters.mail_lines += 1;
                self.counters.recognised += 1;
            }
            Reading::Event(event) => {
                self.counters.mail_lines += 1;
                self.counters.recognised += 1;
                self.take(context, &event);
            }
        }
        true
    }

    fn take(&mut self, context: &Context<'_>, event: &Event<'_>) {
        match event {
            Event::Connect(_) => self.connect(context),
            Event::Disconnect { data_failed } => self.disconnect(context, *data_failed),
            Event::TooLarge { queue_id } => {
                let ix = self.message(context, queue_id);
                self.messages[ix].state.too_large = true;
                self.keep(context, ix, TrailKind::Refused);
            }
            Event::DataRefused { queue_id, reply } => self.data_refused_because(context, queue_id, reply),
            Event::Lost { stage } => self.lost(context, stage),
            Event::Tls { text } => self.tls(context, text),
            Event::Client(client) => self.client(context, client),
            Event::Pickup {
                queue_id,
                sender,
                requeued_from,
            } => self.pickup(context, queue_id, sender, *requeued_from),
            Event::MessageId { queue_id, message_id } => self.message_id(context, queue_id, message_id),
            Event::Subject {
                queue_id,
                subject,
                envelope,
            } => self.subject(context, queue_id, subject, envelope),
            Event::Arrival(arrival) => self.arrival(context, arrival),
            Event::Active {
                queue_id,
                sender,
                size,
            } => self.active(context, queue_id, sender, *size),
            Event::Delivery(delivery) => self.delivery(context, delivery),
            Event::Removed { queue_id } => self.ended(context, queue_id, TrailKind::Removed, |state| {
                state.removed = true;
            }),
            Event::Deleted { queue_id } => self.ended(context, queue_id, TrailKind::Discarded, |state| {
                state.deleted = true;
            }),
            Event::Requeued { queue_id } => self.ended(context, queue_id, TrailKind::Noted, |state| {
                state.requeued = true;
            }),
            Event::Hold { queue_id, on: true } => {
                self.ended(context, queue_id, TrailKind::Held, |state| state.held = true);
            }
            Event::Hold { queue_id, on: false } => {
                self.ended(context, queue_id, TrailKind::Unheld, |state| state.held = false);
            }
            Event::Expired { queue_id } => self.ended(context, queue_id, TrailKind::Expired, |state| {
                state.expired = true;
            }),
            Event::Report { queue_id, report } => {
                let ix = self.message(context, queue_id);
                self.keep(context, ix, TrailKind::Reported);
                let report = self.message(context, report);
                self.messages[report].state.own_mail = true;
                self.messages[report].birth_seen = true;
            }
            Event::Door(door) => self.door(context, door),
            Event::ProxyAccepted { next, envelope } => self.proxy_accepted(context, *next, envelope),
            Event::Judged(judgement) => self.judged(context, judgement),
            Event::AmavisPart {
                scan,
                continues,
                more,
                text,
            } => self.amavis_part(context, scan, *continues, *more, text),
            Event::AmavisSent {
                is_release,
                about,
                queued_as,
            } => self.amavis_sent(context, *is_release, *about, *queued_as),
            Event::NotTried(delivery) => self.not_tried(context, delivery),
            Event::GivenUp(delivery) => self.given_up(context, delivery),
            Event::Remark { queue_id } => self.remark(context, queue_id),
            Event::StillHeld { queue_id } => self.still_held(context, queue_id),
            Event::EximDoor(door) => self.exim_door(context, door),
            Event::BrokeOff { door, recipients } => self.broke_off(context, door, recipients),
            Event::EnvelopeTo { recipient, .. } => self.envelope_to(context, recipient),
            Event::LinePart {
                number,
                count,
                ends_line,
                text,
            } => self.line_part(context, *number, *count, *ends_line, text),
            Event::Greylist(greylist) => self.greylist(context, greylist),
            Event::Scanned(scan) => self.scanned(context, scan),
            Event::Mailbox(mailbox) => self.mailbox(context, mailbox),
            Event::Sendmail(line) => self.sendmail(context, line),
            Event::Qmail(line) => self.qmail(context, line),
            Event::OpenSmtpd(line) => self.opensmtpd(context, line),
            // No mail is concerned: read for whoever asks who was signed in.
            Event::SignIn(_) | Event::SignOut(_) => {}
        }
    }

    // Finding and making messages.

    /// Messages with this id, the newest first.
    fn with_id(&self, queue_id: &[u8]) -> impl Iterator<Item = MessageIx> {
        let mut next = self.by_queue_id.get(&id_hash(queue_id)).copied();
        std::iter::from_fn(move || {
            let ix = next?;
            next = self.messages.get(ix)?.older;
            Some(ix)
        })
        .take(SAME_ID)
        .filter(move |ix| self.messages[*ix].queue_id.as_bytes() == queue_id)
    }

    /// The newest message with this id that was alive at the time, on any server: filters do not say which instance they mean.
    fn find(&self, queue_id: &[u8], at: Micros) -> Option<MessageIx> {
        let latest = at.0.saturating_add(LINK_AFTER_SECONDS * 1_000_000);
        self.with_id(queue_id)
            .find(|ix| self.messages[*ix].born.0 <= latest)
    }

    /// The message of a line that may be the first one that we see of it.
    fn message(&mut self, context: &Context<'_>, queue_id: &[u8]) -> MessageIx {
        self.known_message(context, queue_id)
            .unwrap_or_else(|| self.new_message(context, queue_id))
    }

    /// The message of a line that only adds to what is known.
    fn known_message(&self, context: &Context<'_>, queue_id: &[u8]) -> Option<MessageIx> {
        self.with_id(queue_id).find(|ix| {
            let message = &self.messages[*ix];
            message.server == context.server && message.host == context.host
        })
    }

    /// The message of a line that begins a life: an older one with the same id that is over was another mail.
    fn message_born(&mut self, context: &Context<'_>, queue_id: &[u8]) -> MessageIx {
        let ix = self.message(context, queue_id);
        let message = &self.messages[ix];
        if message.state.is_over() && message.birth_seen {
            self.new_message(context, queue_id)
        } else {
            ix
        }
    }

    fn new_message(&mut self, context: &Context<'_>, queue_id: &[u8]) -> MessageIx {
        let id = compact(queue_id);
        let story = self.spare.pop().unwrap_or_default();
        self.numbered += 1;
        let mut message = Message::new(id, context, story);
        message.number = self.numbered;
        let ix = self.messages.insert(message);
        self.chain(ix);
        if !self.expected.is_empty() {
            let awaited = self.expected.remove(self.messages[ix].queue_id.as_str());
            if let Some((parent, at)) = awaited
                && let Some(parent) = self.alive(parent)
                && self.may_follow(parent, ix, at)
            {
                self.link(parent, ix);
            }
        }
        if !self.orphans.is_empty() {
            let orphans = self.orphans.remove(self.messages[ix].queue_id.as_str());
            for orphan in orphans.unwrap_or_default() {
                if let Some(orphan) = self.alive(orphan) {
                    self.link(ix, orphan);
                }
            }
        }
        ix
    }

    /// Makes a message the newest with its queue id.
    fn chain(&mut self, ix: MessageIx) {
        let hash = id_hash(self.messages[ix].queue_id.as_bytes());
        let older = self.by_queue_id.insert(hash, ix);
        self.messages[ix].older = older;
        self.cut_chain(older);
    }

    /// The same for a message that comes back: younger ones stay before it.
    fn chain_by_age(&mut self, ix: MessageIx) {
        let (hash, born) = {
            let message = &self.messages[ix];
            (id_hash(message.queue_id.as_bytes()), message.born)
        };
        let mut younger = None;
        let mut next = self.by_queue_id.get(&hash).copied();
        for _ in 0..SAME_ID {
            let Some(message) = next.and_then(|ix| self.messages.get(ix)) else {
                break;
            };
            if message.born <= born {
                break;
            }
            younger = next;
            next = message.older;
        }
        let Some(younger) = younger else {
            self.chain(ix);
            return;
        };
        self.messages[ix].older = next;
        self.messages[younger].older = Some(ix);
        let newest = self.by_queue_id.get(&hash).copied();
        self.cut_chain(newest.and_then(|newest| self.messages.get(newest)?.older));
    }

    fn cut_chain(&mut self, older: Option<MessageIx>) {
        // Cut where nobody looks any more, so that a chain of forged ids never takes long to walk.
        let mut last = older;
        for _ in 0..SAME_ID {
            last = last.and_then(|last| self.messages.get(last)?.older);
        }
        if let Some(message) = last.and_then(|last| self.messages.get_mut(last)) {
            message.older = None;
        }
    }

    fn root(&self, ix: MessageIx) -> MessageIx {
        let mut root = ix;
        // `link` makes no circles; the bound is there so that a mistake there could not hang the worker.
        for _ in 0..64 {
            match self.messages[root].parent {
                Some(parent) => root = parent,
                None => break,
            }
        }
        root
    }

    /// Our delivery named the next queue id: one of ours, or a foreign server's that looks the same.
    fn follow(&mut self, at: Micros, from: MessageIx, next: &[u8]) {
        let child = self.with_id(next).find(|ix| self.may_follow(from, *ix, at));
        if let Some(child) = child {
            self.link(from, child);
            return;
        }
        if self.expected.len() >= EXPECTED.min(2 * self.limits.messages) {
            self.expected.clear();
        }
        self.expected.insert(compact(next), (self.handle(from), at));
    }

    fn may_follow(&self, from: MessageIx, child: MessageIx, at: Micros) -> bool {
        let (parent, child_message) = (&self.messages[from], &self.messages[child]);
        let near = child_message.born.0 >= at.0 - LINK_BEFORE_SECONDS * 1_000_000
            && child_message.born.0 <= at.0 + LINK_AFTER_SECONDS * 1_000_000;
        let ids = (
            parent.story.find(parent.message_id),
            child_message.story.find(child_message.message_id),
        );
        let same_mail = match ids {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        child != from && child_message.parent.is_none() && near && same_mail && self.root(from) != child
    }

    fn link(&mut self, parent: MessageIx, child: MessageIx) {
        if self.messages[child].parent.is_some() || parent == child || self.root(parent) == child {
            return;
        }
        if !self.raise(parent, self.messages[child].height) {
            return;
        }
        self.messages[child].parent = Some(parent);
        // In the order of their lives: the links of two servers are logged in any order.
        let age = |ix: MessageIx| (self.messages[ix].born, &self.messages[ix].queue_id);
        let older = |other: &MessageIx| age(*other) <= age(child);
        let position = self.messages[parent].children.partition_point(older);
        self.messages[parent].children.insert(position, child);
        let root = self.root(parent);
        let written = std::mem::take(&mut self.messages[child].written);
        let adopted = std::mem::take(&mut self.messages[child].adopted);
        self.messages[root].written.extend(written);
        self.messages[root].adopted.extend(adopted);
        self.changed(root);
        self.close_if_over(root);
    }

    /// Makes room for a child with `below` generations of its own; false when the family would be too deep. No mail has so many hops, and whoever
    /// forges them must not make anybody walk them all.
    fn raise(&mut self, parent: MessageIx, below: u8) -> bool {
        let mut heights: SmallVec<[(MessageIx, u8); 4]> = SmallVec::new();
        let (mut next, mut height) = (Some(parent), below);
        while let Some(ix) = next {
            height = height.saturating_add(1);
            if height > GENERATIONS {
                return false;
            }
            heights.push((ix, height));
            next = self.messages[ix].parent;
        }
        for (ix, height) in heights {
            let message = &mut self.messages[ix];
            message.height = message.height.max(height);
        }
        true
    }

    /// To remember a message that may be forgotten meanwhile.
    fn handle(&self, ix: MessageIx) -> Handle {
        Handle {
            ix,
            number: self.messages[ix].number,
        }
    }

    /// The message that was remembered, unless it was forgotten.
    fn alive(&self, handle: Handle) -> Option<MessageIx> {
        handle.is_in(&self.messages).then_some(handle.ix)
    }

    /// Keeps the raw line in the message's trail and marks its mail as changed.
    fn keep(&mut self, context: &Context<'_>, ix: MessageIx, kind: TrailKind) -> Kept {
        self.keep_about(context, ix, kind, StoredLine::WHOLE)
    }

    /// The same for a line about one delivery, by its position.
    fn keep_about(&mut self, context: &Context<'_>, ix: MessageIx, kind: TrailKind, about: u16) -> Kept {
        let message = &mut self.messages[ix];
        message.last = message.last.max(context.at);
        let kept = message.story.keep(context, kind, about, self.limits.line_bytes);
        if !kept.is_kept() && self.limits.line_bytes > 0 {
            self.counters.dropped_lines += 1;
        }
        let weight = message.weight();
        self.message_bytes = self.message_bytes + weight - message.counted;
        message.counted = weight;
        if !message.is_changed {
            message.is_changed = true;
            self.changed.push(ix);
        }
        kept
    }

    fn changed(&mut self, ix: MessageIx) {
        let message = &mut self.messages[ix];
        if !message.is_changed {
            message.is_changed = true;
            self.changed.push(ix);
        }
    }
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug)]
struct Context<'a> {
    at: Micros,
    host: Symbol,
    /// The instance; the host when Postfix runs under its own name.
    server: Symbol,
    program: Symbol,
    tag: Symbol,
    pid: u32,
    /// The line is about people who send with a password: their programs do not come back by themselves.
    is_submission: bool,
    raw: &'a [u8],
}

impl<'a> Context<'a> {
    fn of(line: &LogLine<'a>, origin: Origin) -> Self {
        Self {
            at: line.at,
            host: origin.host,
            server: origin.server,
            program: origin.program,
            tag: origin.tag,
            pid: line.pid.unwrap_or(0),
            is_submission: origin.is_submission,
            raw: line.raw,
        }
    }

    const fn session(&self) -> (Symbol, Symbol, u32) {
        (self.host, self.tag, self.pid)
    }
}

/// A queue id or another short name, nearly always ASCII.
fn compact(bytes: &[u8]) -> CompactString {
    std::str::from_utf8(bytes).map_or_else(|_| CompactString::from_utf8_lossy(bytes), CompactString::new)
}

fn id_hash(queue_id: &[u8]) -> u64 {
    FixedState::default().hash_one(queue_id)
}

/// The addresses of `<a>,<b>`.
fn bracketed(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter_map(|item| item.strip_prefix(b"<")?.strip_suffix(b">"))
}
