//! From statements to mails: joins the lines of a mail over all its queue ids and servers.
//!
//! Goes in: log lines with their readings, in the order of the log. Comes out: [`Changes`]: records to write (again) and record ids that turned
//! out to be part of another record. Pure: no IO, no clock (time is the newest line's, or given to [`Correlator::advance`]), never fails.
//! Memory is bounded: closed mails are forgotten after a grace time, open ones after [`Limits`].
//!
//! How messages are tied together, the strongest first: `orig_queue_id=` of the returning filter, amavis's `queued_as`, the id of a requeued
//! message, a release from the quarantine, the last `queued as X` of our own delivery when a message X of ours appeared at that time.

use std::net::IpAddr;

use bstr::ByteSlice;
use compact_str::CompactString;
use hashbrown::HashMap;
use model::ids::RecordId;
use model::record::{Record, TrailKind};
use model::time::{DAY, Micros};
use serde::{Deserialize, Serialize};
use slab::Slab;
use smallvec::SmallVec;

use crate::dialect;
use crate::event::{
    ArrivalLine, ClientLine, DeliveryLine, DeliveryStatus, Event, FilterAction, Judgement, MailboxAction,
    MailboxLine, Peer, Reading, ScanLine, Transport,
};
use crate::line::LogLine;

mod build;
mod done;
mod door;
mod message;
mod opensmtpd;
mod qmail;
mod sendmail;
mod symbol;
mod text;

use message::{
    Client, Delivery, Judged, Mailbox, Message, MessageIx, Refusal, RefusalIx, Session, State, StoredLine,
};
use symbol::{Symbol, Symbols};

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What the correlator may remember and for how long; each bound has a counter in [`Counters`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Open messages at once; beyond it the oldest are written as they are and forgotten.
    pub messages: usize,
    /// Refusals that may still come back.
    pub refusals: usize,
    /// Bytes of raw lines kept for one message.
    pub line_bytes: usize,
    /// Recipients of one message.
    pub deliveries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: 400_000,
            refusals: 200_000,
            line_bytes: 64 * 1024,
            deliveries: 20_000,
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
    /// Refusals forgotten before they could come back, because there were too many.
    pub forgotten_refusals: u64,
    /// Lines left out of a trail that grew too long.
    pub dropped_lines: u64,
}

/// What to write.
#[derive(Debug, Default)]
pub struct Changes {
    /// New or changed records, complete with their trails.
    pub records: Vec<Record>,
    /// Records written before that no longer exist: their mail turned out to be part of another one.
    pub retracted: Vec<RecordId>,
}

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
/// Quarantined mail can be released as long as this.
const QUARANTINE_WITHIN: i64 = 14 * DAY;

/// Joins lines to mails. See the module's documentation.
///
/// The whole state can be written out and read back: reading on from there gives what an undisturbed run gives.
#[derive(Debug, Serialize, Deserialize)]
pub struct Correlator {
    limits: Limits,
    knowledge: Knowledge,
    counters: Counters,
    symbols: Symbols,
    messages: Slab<Message>,
    by_queue_id: Map<CompactString, SmallVec<[MessageIx; 1]>>,
    /// `queued as X` said before X was seen.
    expected: Map<CompactString, (MessageIx, Micros)>,
    /// Children whose `orig_queue_id` was not seen yet.
    orphans: Map<CompactString, SmallVec<[MessageIx; 1]>>,
    sessions: Map<(Symbol, Symbol, u32), Session>,
    refusals: Slab<Refusal>,
    by_pair: Map<(String, String), RefusalIx>,
    /// Envelopes that greylisting let pass just now, by client: the queue id comes on the next line.
    passed: Map<IpAddr, (Micros, Vec<(String, String)>)>,
    /// Mailbox actions by LMTP session, until the LMTP client's own line comes.
    mailbox: Map<CompactString, (Micros, Mailbox, Vec<u8>, Symbol, Symbol)>,
    /// First parts of cut amavis lines by host and scan.
    cut_lines: Map<(Symbol, CompactString), (Vec<u8>, Vec<u8>)>,
    /// Quarantined messages by the filter's mail id.
    quarantined: Map<CompactString, MessageIx>,
    /// A release that was announced: scan id to the quarantined mail's id.
    releases: Map<CompactString, CompactString>,
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
    /// Closed roots by the time they closed, the oldest first.
    closing: std::collections::VecDeque<(Micros, MessageIx, Micros)>,
    now: Micros,
    swept_at: Micros,
    /// Reading again what an earlier run read: see [`Correlator::set_replaying`].
    is_replaying: bool,
}

impl Correlator {
    /// An empty correlator.
    pub fn new(limits: Limits, knowledge: Knowledge) -> Self {
        Self {
            limits,
            knowledge,
            counters: Counters::default(),
            symbols: Symbols::default(),
            messages: Slab::new(),
            by_queue_id: Map::default(),
            expected: Map::default(),
            orphans: Map::default(),
            sessions: Map::default(),
            refusals: Slab::new(),
            by_pair: Map::default(),
            passed: Map::default(),
            mailbox: Map::default(),
            cut_lines: Map::default(),
            quarantined: Map::default(),
            releases: Map::default(),
            sendmail: sendmail::Pending::default(),
            qmail: qmail::Pending::default(),
            opensmtpd: opensmtpd::Pending::default(),
            done: done::Done::new(),
            changed: Vec::new(),
            changed_refusals: Vec::new(),
            closing: std::collections::VecDeque::new(),
            now: Micros(i64::MIN),
            swept_at: Micros(i64::MIN),
            is_replaying: false,
        }
    }

    /// While lines are read again that an earlier run had read beyond its saved state, everything that it could have written is written
    /// again, so that what it wrote too early is retracted. The caller then takes changes after every line.
    pub const fn set_replaying(&mut self, is_replaying: bool) {
        self.is_replaying = is_replaying;
    }

    /// Takes over what the operator may have changed since the state was saved.
    pub fn set_knowledge(&mut self, limits: Limits, knowledge: Knowledge) {
        self.limits = limits;
        self.knowledge = knowledge;
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

    /// Takes in one line; says whether its program's dialect understood it.
    pub fn feed(&mut self, line: &LogLine<'_>) -> bool {
        self.counters.lines += 1;
        if line.at > self.now && line.at.0 - self.now.0.max(0) < 400 * DAY || self.now.0 == i64::MIN {
            self.now = line.at;
        }
        let reading = dialect::read(line);
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
                self.take(line, &event);
            }
        }
        true
    }

    /// Moves the clock on when no line does: a followed log that is quiet. Never moves it back.
    pub fn advance(&mut self, now: Micros) {
        self.now = self.now.max(now);
    }

    fn take(&mut self, line: &LogLine<'_>, event: &Event<'_>) {
        let context = Context::of(&mut self.symbols, line);
        match event {
            Event::Connect(peer) => self.connect(&context, peer),
            Event::Disconnect { data_failed } => self.disconnect(&context, *data_failed),
            Event::TooLarge { queue_id } => {
                let ix = self.message(&context, queue_id);
                self.messages[ix].state.too_large = true;
                self.keep(&context, ix, TrailKind::Refused, None);
            }
            Event::DataRefused { queue_id, reply } => {
                let ix = self.message(&context, queue_id);
                self.messages[ix].door_reply = Some(text::clean_bounded(reply, 500));
                self.data_refused(&context, ix);
            }
            Event::Lost { stage } => self.lost(&context, stage),
            Event::Tls { text } => {
                if let Some(session) = self.sessions.get_mut(&context.session()) {
                    session.client.tls = Some(text::clean_bounded(text, 120));
                }
            }
            Event::Client(client) => self.client(&context, client),
            Event::Pickup {
                queue_id,
                sender,
                requeued_from,
            } => self.pickup(&context, queue_id, sender, *requeued_from),
            Event::MessageId { queue_id, message_id } => {
                let ix = self.message(&context, queue_id);
                let message = &mut self.messages[ix];
                if message.message_id.is_none() && !message_id.is_empty() {
                    message.message_id = Some(text::clean_bounded(message_id, 1000));
                }
                self.keep(&context, ix, TrailKind::Noted, None);
            }
            Event::Subject {
                queue_id,
                subject,
                envelope,
            } => {
                let ix = self.message(&context, queue_id);
                let message = &mut self.messages[ix];
                if message.subject.is_none() {
                    message.subject = Some(text::subject(subject));
                }
                if let (Some(sender), Some(recipient)) = (envelope.sender, envelope.recipient) {
                    message.sender.get_or_insert_with(|| text::address(sender));
                    message.name_recipient(text::address(recipient));
                }
                self.changed(ix);
            }
            Event::Arrival(arrival) => self.arrival(&context, arrival),
            Event::Active {
                queue_id,
                sender,
                size,
            } => self.active(&context, queue_id, sender, *size),
            Event::Delivery(delivery) => self.delivery(&context, delivery),
            Event::Removed { queue_id } => self.ended(&context, queue_id, TrailKind::Removed, |state| {
                state.removed = true;
            }),
            Event::Deleted { queue_id } => self.ended(&context, queue_id, TrailKind::Discarded, |state| {
                state.deleted = true;
            }),
            Event::Requeued { queue_id } => self.ended(&context, queue_id, TrailKind::Noted, |state| {
                state.requeued = true;
            }),
            Event::Hold { queue_id, on: true } => {
                self.ended(&context, queue_id, TrailKind::Held, |state| state.held = true);
            }
            Event::Hold { queue_id, on: false } => {
                self.ended(&context, queue_id, TrailKind::Unheld, |state| state.held = false);
            }
            Event::Expired { queue_id } => self.ended(&context, queue_id, TrailKind::Expired, |state| {
                state.expired = true;
            }),
            Event::Report { queue_id, report } => {
                let ix = self.message(&context, queue_id);
                self.keep(&context, ix, TrailKind::Reported, None);
                let report = self.message(&context, report);
                self.messages[report].state.own_mail = true;
                self.messages[report].birth_seen = true;
            }
            Event::Door(door) => self.door(&context, door),
            Event::ProxyAccepted { next, envelope } => {
                let Some(session) = self.sessions.get(&context.session()) else {
                    return;
                };
                let (client, connected_at) = (session.client.clone(), session.connected_at);
                let Some(ix) = next.and_then(|id| self.find(id, None)) else {
                    return;
                };
                let message = &mut self.messages[ix];
                message.client = Client {
                    helo: envelope.helo.map(text::clean),
                    ..client
                };
                message.connected_at = message.connected_at.min(connected_at);
                self.keep(&context, ix, TrailKind::Passed, None);
            }
            Event::Judged(judgement) => self.judged(&context, judgement),
            Event::AmavisPart {
                scan,
                continues,
                more,
                text,
            } => self.amavis_part(&context, scan, *continues, *more, text),
            Event::AmavisSent {
                is_release,
                about,
                queued_as,
            } => self.amavis_sent(&context, *is_release, *about, *queued_as),
            Event::Greylist(greylist) => self.greylist(&context, greylist),
            Event::Scanned(scan) => self.scanned(&context, scan),
            Event::Mailbox(mailbox) => self.mailbox(&context, mailbox),
            Event::Sendmail(line) => self.sendmail(&context, line),
            Event::Qmail(line) => self.qmail(&context, line),
            Event::OpenSmtpd(line) => self.opensmtpd(&context, line),
        }
    }

    // Sessions.

    fn connect(&mut self, context: &Context<'_>, peer: &Peer<'_>) {
        let session = Session {
            connected_at: context.at,
            last: context.at,
            client: Client::of(peer),
            mails: 0,
            open: None,
            broke_off: false,
        };
        self.sessions.insert(context.session(), session);
    }

    fn disconnect(&mut self, context: &Context<'_>, data_failed: bool) {
        let Some(session) = self.sessions.remove(&context.session()) else {
            return;
        };
        let Some(ix) = session.open else { return };
        let Some(message) = self.messages.get_mut(ix) else {
            return;
        };
        if message.state.is_active || message.state.is_over() || message.state.held {
            return;
        }
        if data_failed && !session.broke_off {
            // Refused after the data; Postfix logs no answer for some of its own reasons (size).
            self.data_refused(context, ix);
        } else if session.broke_off || message.message_id.is_none() {
            // A queue id was given, but the client was gone before the data were complete: the file was never queued.
            message.state.lost = true;
            self.keep(context, ix, TrailKind::Noted, None);
            if session.broke_off {
                self.adopt_named(ix);
            }
            self.close_if_over(ix);
        }
    }

    fn data_refused(&mut self, context: &Context<'_>, ix: MessageIx) {
        self.messages[ix].state.data_refused = true;
        self.keep(context, ix, TrailKind::Refused, None);
        self.adopt_named(ix);
        self.close_if_over(ix);
    }

    /// No delivery will name the recipients: those of the envelope so far are all there is.
    fn adopt_named(&mut self, ix: MessageIx) {
        let recipients = self.messages[ix].named_recipients.clone();
        for recipient in recipients {
            self.adopt(ix, &recipient);
        }
    }

    fn lost(&mut self, context: &Context<'_>, stage: &[u8]) {
        // Not END-OF-MESSAGE: by then the mail is ours, and the client only failed to say goodbye.
        let is_within_data = stage.starts_with(b"DATA") || stage.starts_with(b"BDAT");
        if is_within_data && let Some(session) = self.sessions.get_mut(&context.session()) {
            session.broke_off = true;
        }
        if let Some(ix) = self
            .sessions
            .get(&context.session())
            .and_then(|session| session.open)
            && self
                .messages
                .get(ix)
                .is_some_and(|message| !message.state.is_active && message.message_id.is_none())
        {
            self.keep(context, ix, TrailKind::Noted, None);
        }
    }

    fn client(&mut self, context: &Context<'_>, line: &ClientLine<'_>) {
        let session_key = context.session();
        let Some(queue_id) = line.queue_id else {
            // NOQUEUE: the mail gets its id behind the proxy filter; the session is what counts.
            if let Some(session) = self.sessions.get_mut(&session_key) {
                session.last = context.at;
            }
            return;
        };
        let ix = self.message_born(context, queue_id);
        let session = self.sessions.entry(session_key).or_insert_with(|| Session {
            connected_at: context.at,
            last: context.at,
            client: Client::of(&line.client),
            mails: 0,
            open: None,
            broke_off: false,
        });
        session.last = context.at;
        session.open = Some(ix);
        let mut client = Client {
            tls: session.client.tls.clone(),
            helo: session.client.helo.clone(),
            ..Client::of(&line.client)
        };
        client.sasl_user = line.sasl_username.map(|user| text::clean_bounded(user, 320));
        // Only the first mail of a session is filed under the moment of connecting: a session may last for hours.
        let connected_at = if session.mails == 0 {
            session.connected_at
        } else {
            context.at
        };
        session.mails += 1;
        let message = &mut self.messages[ix];
        message.connected_at = connected_at.min(context.at);
        message.birth_seen = true;
        if let Some(orig) = &line.orig_client {
            // Behind a filter the real client is the one that XFORWARD names.
            message.client = Client::of(orig);
        } else {
            message.client = client;
        }
        if let Some(orig) = line.orig_queue_id {
            let orig: CompactString = CompactString::from_utf8_lossy(orig);
            self.messages[ix].orig_queue_id = Some(orig.clone());
            match self
                .find(orig.as_bytes(), Some(context.at))
                .filter(|parent| *parent != ix)
            {
                Some(parent) => self.link(parent, ix),
                None => self.orphans.entry(orig).or_default().push(ix),
            }
        }
        if let Some((_, envelopes)) = line
            .client
            .ip
            .and_then(|ip| self.passed.remove(&ip))
            .filter(|(at, _)| context.at.0 - at.0 <= 5_000_000)
        {
            // Greylisting asks before the first queue id exists: who it let pass is the envelope that comes now.
            for (sender, recipient) in envelopes {
                let message = &mut self.messages[ix];
                message.sender.get_or_insert(sender);
                message.name_recipient(recipient);
            }
        }
        self.keep(context, ix, TrailKind::Received, None);
    }

    // Queue files.

    fn pickup(
        &mut self,
        context: &Context<'_>,
        queue_id: &[u8],
        sender: &[u8],
        requeued_from: Option<&[u8]>,
    ) {
        let ix = self.message_born(context, queue_id);
        self.messages[ix].birth_seen = true;
        self.messages[ix]
            .sender
            .get_or_insert_with(|| text::address(sender));
        if let Some(parent) = requeued_from
            .and_then(|id| self.find(id, Some(context.at)))
            .filter(|parent| *parent != ix)
        {
            self.messages[parent].state.requeued = true;
            self.link(parent, ix);
        }
        self.keep(context, ix, TrailKind::Received, None);
    }

    /// A server other than Postfix took a message and tells all of it in one line.
    fn arrival(&mut self, context: &Context<'_>, line: &ArrivalLine<'_>) {
        let ix = self.message_born(context, line.queue_id);
        let message = &mut self.messages[ix];
        message.birth_seen = true;
        message.state.is_active = true;
        let client = Client::of(&line.client);
        message.client = Client {
            name: client.name.or(message.client.name.take()),
            ip: client.ip.or(message.client.ip),
            helo: line
                .helo
                .map(|helo| text::clean_bounded(helo, 255))
                .or(message.client.helo.take()),
            sasl_user: line
                .sasl_user
                .map(|user| text::clean_bounded(user, 320))
                .or(message.client.sasl_user.take()),
            tls: line
                .tls
                .map(|tls| text::clean_bounded(tls, 120))
                .or(message.client.tls.take()),
        };
        if let Some(sender) = line.sender {
            message.sender = Some(text::address(sender));
        }
        message.size = line.size.or(message.size);
        if message.message_id.is_none() {
            message.message_id = line
                .message_id
                .filter(|id| !id.is_empty())
                .map(|id| text::clean_bounded(id, 1000));
        }
        if message.subject.is_none() {
            message.subject = line.subject.map(text::subject);
        }
        for recipient in &line.recipients {
            message.name_recipient(text::address(recipient));
        }
        self.keep(context, ix, TrailKind::Received, None);
        if let Some(parent) = line.report_on {
            let parent = self.message(context, parent);
            self.keep(context, parent, TrailKind::Reported, None);
            self.messages[ix].state.own_mail = true;
        }
    }

    fn active(&mut self, context: &Context<'_>, queue_id: &[u8], sender: &[u8], size: Option<u64>) {
        let ix = self.message(context, queue_id);
        let message = &mut self.messages[ix];
        let is_first = !message.state.is_active;
        message.state.is_active = true;
        message.state.held = false;
        if message.sender.is_none() {
            message.sender = Some(text::address(sender));
        }
        message.size = message.size.or(size);
        if sender.starts_with(b"double-bounce@") && !message.birth_seen {
            message.state.probe = true;
        }
        if is_first {
            self.keep(context, ix, TrailKind::Queued, None);
        }
    }

    fn ended(
        &mut self,
        context: &Context<'_>,
        queue_id: &[u8],
        kind: TrailKind,
        apply: impl FnOnce(&mut State),
    ) {
        let ix = self.message(context, queue_id);
        apply(&mut self.messages[ix].state);
        self.keep(context, ix, kind, None);
        self.close_if_over(ix);
    }

    fn delivery(&mut self, context: &Context<'_>, line: &DeliveryLine<'_>) {
        let ix = self.message(context, line.queue_id);
        if line.status == DeliveryStatus::Probe {
            self.messages[ix].state.probe = true;
            return;
        }
        let to = text::address(line.to);
        let orig_to = line.orig_to.map(text::address).filter(|orig_to| *orig_to != to);
        let message = &mut self.messages[ix];
        let known = message
            .deliveries
            .iter()
            .position(|delivery| delivery.to == to && delivery.orig_to == orig_to);
        let position = match known {
            Some(position) => position,
            None if message.deliveries.len() >= self.limits.deliveries => {
                self.counters.dropped_lines += 1;
                return;
            }
            None => {
                message
                    .deliveries
                    .push(Delivery::new(to.clone(), orig_to.clone(), context));
                message.deliveries.len() - 1
            }
        };
        let delivery = &mut message.deliveries[position];
        delivery.take(line, context);
        let session = matches!(line.status, DeliveryStatus::Sent | DeliveryStatus::Bounced)
            .then(|| lmtp_session(line.text))
            .flatten();
        let kind = trail_kind(line);
        let next = delivery.queued_as.clone();
        self.keep(context, ix, kind, u16::try_from(position).ok());
        if let Some(next) = next {
            self.follow(context.at, ix, &next);
        }
        if let Some((at, mailbox, raw, server, program)) =
            session.and_then(|session| self.mailbox.remove(session))
        {
            self.messages[ix].deliveries[position].mailbox = Some(mailbox);
            let mailbox_line = Context {
                at,
                host: server,
                server,
                program,
                tag: program,
                pid: 0,
                raw: &raw,
            };
            self.keep(
                &mailbox_line,
                ix,
                TrailKind::Delivered,
                u16::try_from(position).ok(),
            );
        }
        let root = self.root(ix);
        for address in [Some(to), orig_to].into_iter().flatten() {
            self.adopt(root, &address);
        }
        self.close_if_over(ix);
    }

    /// Our delivery named the next queue id: one of ours, or a foreign server's that looks the same.
    fn follow(&mut self, at: Micros, from: MessageIx, next: &CompactString) {
        match self.by_queue_id.get(next.as_str()).and_then(|known| {
            known
                .iter()
                .rev()
                .copied()
                .find(|ix| self.may_follow(from, *ix, at))
        }) {
            Some(child) => self.link(from, child),
            None => {
                self.expected.insert(next.clone(), (from, at));
            }
        }
    }

    fn may_follow(&self, from: MessageIx, child: MessageIx, at: Micros) -> bool {
        let (parent, child_message) = (&self.messages[from], &self.messages[child]);
        let near = child_message.born.0 >= at.0 - LINK_BEFORE_SECONDS * 1_000_000
            && child_message.born.0 <= at.0 + LINK_AFTER_SECONDS * 1_000_000;
        let same_mail = match (&parent.message_id, &child_message.message_id) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        child != from && child_message.parent.is_none() && near && same_mail && self.root(from) != child
    }

    fn link(&mut self, parent: MessageIx, child: MessageIx) {
        if self.messages[child].parent.is_some() || parent == child || self.root(parent) == child {
            return;
        }
        self.messages[child].parent = Some(parent);
        self.messages[parent].children.push(child);
        let root = self.root(parent);
        let written = std::mem::take(&mut self.messages[child].written);
        let adopted = std::mem::take(&mut self.messages[child].adopted);
        self.messages[root].written.extend(written);
        self.messages[root].adopted.extend(adopted);
        self.changed(root);
        self.close_if_over(root);
    }

    // Filters.

    fn judged(&mut self, context: &Context<'_>, judgement: &Judgement<'_>) {
        let judged = Judged {
            category: text::clean_bounded(judgement.category, 60),
            detail: judgement.detail.map(|detail| text::clean_bounded(detail, 200)),
            action: judgement.action,
            quarantine: judgement.quarantine.map(|path| text::clean_bounded(path, 200)),
            score: judgement.score.filter(|score| score.is_finite()),
            scan_ms: judgement.scan_ms,
        };
        let behind: SmallVec<[MessageIx; 2]> = judgement
            .queued_as
            .into_iter()
            .flat_map(|ids| ids.split(|byte| *byte == b'/'))
            .filter_map(|id| self.find(id, Some(context.at)))
            .collect();
        let Some(ix) = judgement.queue_id.and_then(|id| self.find(id, Some(context.at))) else {
            if behind.is_empty() && judgement.queue_id.is_none() {
                self.refused_by_filter(context, judgement, &judged);
            }
            for ix in behind {
                self.messages[ix].judgement = Some(judged.clone());
                self.keep(context, ix, TrailKind::Checked, None);
            }
            return;
        };
        for child in behind {
            self.link(ix, child);
        }
        let kind = if judged.quarantine.is_some() {
            TrailKind::Quarantined
        } else {
            TrailKind::Checked
        };
        if judged.action != FilterAction::TempFail || self.messages[ix].judgement.is_none() {
            if let Some(mail_id) = judgement.mail_id
                && judged.quarantine.is_some()
            {
                self.quarantined
                    .insert(CompactString::from_utf8_lossy(mail_id), ix);
                self.messages[ix].keep_until = Micros(context.at.0 + QUARANTINE_WITHIN);
            }
            self.messages[ix].judgement = Some(judged);
        }
        self.keep(context, ix, kind, None);
    }

    fn amavis_part(&mut self, context: &Context<'_>, scan: &[u8], continues: bool, more: bool, text: &[u8]) {
        let key = (context.host, CompactString::from_utf8_lossy(scan));
        let (mut joined, mut raw) = if continues {
            self.cut_lines.remove(&key).unwrap_or_default()
        } else {
            (Vec::new(), Vec::new())
        };
        if continues && joined.is_empty() || joined.len() > self.limits.line_bytes {
            return;
        }
        joined.extend_from_slice(text);
        raw.extend_from_slice(context.raw);
        if more {
            raw.push(b' ');
            self.cut_lines.insert(key, (joined, raw));
        } else if let Some(judgement) = dialect::amavis::judgement(&joined) {
            let whole = Context {
                raw: &raw,
                ..*context
            };
            self.judged(&whole, &judgement);
        }
    }

    fn amavis_sent(
        &mut self,
        context: &Context<'_>,
        is_release: bool,
        about: Option<&[u8]>,
        queued_as: Option<&[u8]>,
    ) {
        let scan = || {
            context
                .raw
                .find_byteset(b"(")
                .and_then(|open| context.raw[open + 1..].split(|byte| *byte == b')').next())
        };
        match (is_release, about, queued_as) {
            (true, Some(about), None) => {
                if let Some(scan) = scan() {
                    self.releases.insert(
                        CompactString::from_utf8_lossy(scan),
                        CompactString::from_utf8_lossy(about),
                    );
                }
                if let Some(ix) = self.quarantined.get(&*about.to_str_lossy()).copied() {
                    self.keep(context, ix, TrailKind::Released, None);
                }
            }
            (true, about, Some(next)) => {
                let announced = scan().and_then(|scan| self.releases.get(&*scan.to_str_lossy()).cloned());
                let mail_id = announced.or_else(|| about.map(CompactString::from_utf8_lossy));
                let parent = mail_id.and_then(|mail_id| self.quarantined.get(&mail_id).copied());
                if let (Some(parent), Some(child)) = (parent, self.find(next, Some(context.at))) {
                    self.messages[child].state.release = true;
                    self.link(parent, child);
                }
            }
            (false, _, Some(next)) => {
                if let Some(ix) = self.find(next, Some(context.at)) {
                    self.messages[ix].state.own_mail = true;
                    self.keep(context, ix, TrailKind::Noted, None);
                }
            }
            (_, _, None) => {}
        }
    }

    fn scanned(&mut self, context: &Context<'_>, scan: &ScanLine<'_>) {
        let Some(ix) = scan.queue_id.and_then(|id| self.find(id, Some(context.at))) else {
            return;
        };
        let recipients: Vec<String> = bracketed(scan.recipients).map(text::address).collect();
        let message = &mut self.messages[ix];
        for recipient in recipients {
            message.name_recipient(recipient);
        }
        let (category, action) = match scan.action {
            b"reject" => ("SPAM", FilterAction::Reject),
            b"soft reject" | b"greylist" => ("GREYLIST", FilterAction::TempFail),
            b"add header" | b"rewrite subject" => ("SPAMMY", FilterAction::Pass),
            b"discard" => ("SPAM", FilterAction::Discard),
            _ => ("CLEAN", FilterAction::Pass),
        };
        message.judgement = Some(Judged {
            category: category.to_owned(),
            detail: None,
            action,
            quarantine: None,
            score: scan.score.filter(|score| score.is_finite()),
            scan_ms: scan.scan_ms,
        });
        self.keep(context, ix, TrailKind::Checked, None);
    }

    fn mailbox(&mut self, context: &Context<'_>, line: &MailboxLine<'_>) {
        let Some(session) = line.session else { return };
        let key = CompactString::from_utf8_lossy(session);
        if let Some((_, known, raw, _, _)) = self.mailbox.get_mut(&key) {
            // "Stored" beats everything else that a Sieve script logs for the same mail: a copy stays.
            if known.action != MailboxAction::Stored || line.action == MailboxAction::Stored {
                known.action = line.action;
                known.detail = text::clean_bounded(line.detail, 300);
                raw.clear();
                raw.extend_from_slice(context.raw);
            }
            return;
        }
        let mailbox = Mailbox {
            action: line.action,
            detail: text::clean_bounded(line.detail, 300),
        };
        self.mailbox.insert(
            key,
            (
                context.at,
                mailbox,
                context.raw.to_vec(),
                context.server,
                context.program,
            ),
        );
    }

    // Finding and making messages.

    /// The newest message with this id that was alive at the time, on any server: filters do not say which instance they mean.
    fn find(&self, queue_id: &[u8], at: Option<Micros>) -> Option<MessageIx> {
        let known = self.by_queue_id.get(std::str::from_utf8(queue_id).ok()?)?;
        known
            .iter()
            .rev()
            .copied()
            .find(|ix| at.is_none_or(|at| self.messages[*ix].born.0 <= at.0 + LINK_AFTER_SECONDS * 1_000_000))
    }

    /// The message of a line that may be the first one that we see of it.
    fn message(&mut self, context: &Context<'_>, queue_id: &[u8]) -> MessageIx {
        let known = std::str::from_utf8(queue_id)
            .ok()
            .and_then(|id| self.by_queue_id.get(id))
            .and_then(|known| {
                known.iter().rev().copied().find(|ix| {
                    let message = &self.messages[*ix];
                    message.host == context.host && message.server == context.server
                })
            });
        known.unwrap_or_else(|| self.new_message(context, queue_id))
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
        let id = CompactString::from_utf8_lossy(queue_id);
        let ix = self.messages.insert(Message::new(id.clone(), context));
        self.by_queue_id.entry(id.clone()).or_default().push(ix);
        if let Some((parent, at)) = self.expected.remove(&id)
            && self.messages.contains(parent)
            && self.may_follow(parent, ix, at)
        {
            self.link(parent, ix);
        }
        for orphan in self.orphans.remove(&id).unwrap_or_default() {
            if self.messages.contains(orphan) && orphan != ix {
                self.link(ix, orphan);
            }
        }
        ix
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

    /// Keeps the raw line in the message's trail and marks its mail as changed.
    fn keep(&mut self, context: &Context<'_>, ix: MessageIx, kind: TrailKind, delivery: Option<u16>) {
        let message = &mut self.messages[ix];
        message.last = message.last.max(context.at);
        let (start, end) = (
            message.line_text.len(),
            message.line_text.len() + context.raw.len(),
        );
        if end <= self.limits.line_bytes {
            message.line_text.extend_from_slice(context.raw);
            let (start, end) = (u32::try_from(start), u32::try_from(end));
            if let (Ok(start), Ok(end)) = (start, end) {
                message.lines.push(StoredLine {
                    at: context.at,
                    server: context.server,
                    program: context.program,
                    kind,
                    delivery,
                    start,
                    end,
                });
            }
        } else {
            self.counters.dropped_lines += 1;
        }
        self.changed(ix);
    }

    fn changed(&mut self, ix: MessageIx) {
        let message = &mut self.messages[ix];
        if !message.is_changed {
            message.is_changed = true;
            self.changed.push(ix);
        }
    }

    /// When every queue file of the mail is over, it waits out the grace time and is then forgotten.
    fn close_if_over(&mut self, ix: MessageIx) {
        let root = self.root(ix);
        if self.is_over(root, 0) {
            self.closing.push_back((self.now, root, self.messages[root].born));
        }
    }

    fn is_over(&self, ix: MessageIx, depth: u8) -> bool {
        let message = &self.messages[ix];
        message.state.is_over()
            && depth < 64
            && message
                .children
                .iter()
                .all(|child| self.is_over(*child, depth + 1))
    }

    /// Forgets what is closed and out of grace, and what is idle for too long. Call after a drain: nothing that is changed is forgotten.
    fn forget(&mut self) {
        while let Some((closed_at, root, born)) = self.closing.front().copied() {
            if self.now.0 - closed_at.0 < GRACE_SECONDS * 1_000_000 {
                break;
            }
            self.closing.pop_front();
            let same = self.messages.get(root).is_some_and(|message| {
                message.born == born && message.parent.is_none() && !message.is_changed
            });
            if !same || !self.is_over(root, 0) {
                continue;
            }
            let keep_until = self.messages[root].keep_until;
            if keep_until > self.now && self.messages.len() < self.limits.messages / 2 {
                continue;
            }
            self.free(root);
        }
        if self.now.0 - self.swept_at.0.max(0) > 600 * 1_000_000
            || self.messages.len() > self.limits.messages
            || self.refusals.len() > self.limits.refusals
        {
            self.swept_at = self.now;
            self.sweep();
        }
    }

    fn sweep(&mut self) {
        let now = self.now.0;
        self.sessions.retain(|_, session| now - session.last.0 < DAY);
        self.mailbox.retain(|_, (at, ..)| now - at.0 < 600 * 1_000_000);
        self.passed.retain(|_, (at, _)| now - at.0 < 5_000_000);
        self.expected
            .retain(|_, (_, at)| now - at.0 < LINK_AFTER_SECONDS * 1_000_000);
        self.orphans
            .retain(|_, children| children.iter().any(|child| self.messages.contains(*child)));
        if self.cut_lines.len() > 10_000 {
            self.cut_lines.clear();
        }
        if self.releases.len() > 10_000 {
            self.releases.clear();
        }
        self.sweep_sendmail();
        self.sweep_qmail();
        self.sweep_opensmtpd();
        self.expire_refusals();
        let mut idle: Vec<MessageIx> = self
            .messages
            .iter()
            .filter(|(_, message)| message.parent.is_none() && !message.is_changed)
            .filter(|(ix, message)| {
                let over = self.is_over(*ix, 0)
                    && message.keep_until.0 < now
                    && now - message.last.0 > GRACE_SECONDS * 1_000_000;
                over || now - message.last.0 > IDLE_WITHIN
            })
            .map(|(ix, _)| ix)
            .collect();
        if self.messages.len() - idle.len().min(self.messages.len()) > self.limits.messages {
            let mut oldest: Vec<(Micros, MessageIx)> = self
                .messages
                .iter()
                .filter(|(_, message)| message.parent.is_none())
                .map(|(ix, message)| (message.last, ix))
                .collect();
            oldest.sort_unstable();
            oldest.truncate(self.limits.messages / 4);
            self.counters.forgotten_messages += oldest.len() as u64;
            idle.extend(oldest.into_iter().map(|(_, ix)| ix));
        }
        idle.sort_unstable();
        idle.dedup();
        for root in idle {
            self.free(root);
        }
    }

    fn free(&mut self, ix: MessageIx) {
        let Some(message) = self.messages.try_remove(ix) else {
            return;
        };
        if let Some(known) = self.by_queue_id.get_mut(&message.queue_id) {
            known.retain(|other| *other != ix);
            if known.is_empty() {
                self.by_queue_id.remove(&message.queue_id);
            }
        }
        for delivery in &message.deliveries {
            if let Some(next) = &delivery.queued_as
                && self.expected.get(next).is_some_and(|(parent, _)| *parent == ix)
            {
                self.expected.remove(next);
            }
        }
        if message.keep_until.0 != i64::MIN {
            self.quarantined.retain(|_, other| *other != ix);
        }
        for child in message.children {
            self.free(child);
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
    raw: &'a [u8],
}

impl<'a> Context<'a> {
    fn of(symbols: &mut Symbols, line: &LogLine<'a>) -> Self {
        let host = symbols.of(line.host);
        let server = match line.instance() {
            b"" | b"postfix" => host,
            instance => symbols.of(instance),
        };
        Self {
            at: line.at,
            host,
            server,
            program: symbols.of(line.program()),
            tag: symbols.of(line.tag),
            pid: line.pid.unwrap_or(0),
            raw: line.raw,
        }
    }

    const fn session(&self) -> (Symbol, Symbol, u32) {
        (self.host, self.tag, self.pid)
    }
}

impl Client {
    fn of(peer: &Peer<'_>) -> Self {
        Self {
            name: peer.name.map(|name| text::clean_bounded(name, 255)),
            ip: peer.ip,
            ..Self::default()
        }
    }
}

impl Message {
    fn new(queue_id: CompactString, context: &Context<'_>) -> Self {
        Self {
            host: context.host,
            server: context.server,
            queue_id,
            born: context.at,
            last: context.at,
            connected_at: context.at,
            birth_seen: false,
            client: Client::default(),
            orig_queue_id: None,
            sender: None,
            size: None,
            message_id: None,
            subject: None,
            recipients_expected: None,
            named_recipients: SmallVec::new(),
            deliveries: SmallVec::new(),
            judgement: None,
            parent: None,
            children: SmallVec::new(),
            adopted: Vec::new(),
            state: State::default(),
            door_reply: None,
            lines: Vec::new(),
            line_text: Vec::new(),
            written: SmallVec::new(),
            is_changed: false,
            keep_until: Micros(i64::MIN),
        }
    }
}

impl Message {
    /// A recipient that is known before any delivery line names it.
    fn name_recipient(&mut self, recipient: String) {
        if self.named_recipients.len() < 1000 && !self.named_recipients.contains(&recipient) {
            self.named_recipients.push(recipient);
        }
    }
}

impl Delivery {
    fn new(to: String, orig_to: Option<String>, context: &Context<'_>) -> Self {
        Self {
            to,
            orig_to,
            transport: Transport::Smtp,
            relay: String::new(),
            relay_ip: None,
            dsn: CompactString::default(),
            status: DeliveryStatus::Deferred,
            text: String::new(),
            last_at: context.at,
            previous_at: None,
            tries: 0,
            delays_ms: None,
            queued_as: None,
            mailbox: None,
        }
    }

    /// The last word wins; the tries fold under it.
    fn take(&mut self, line: &DeliveryLine<'_>, context: &Context<'_>) {
        if self.tries > 0 {
            self.previous_at = Some(self.last_at);
        }
        self.tries += 1;
        self.relay = text::clean_bounded(line.relay, 255);
        self.relay_ip = line.relay_ip;
        self.dsn = CompactString::from_utf8_lossy(&line.dsn[..line.dsn.len().min(12)]);
        self.status = line.status;
        self.text = text::clean_bounded(line.text, 2000);
        self.last_at = context.at;
        self.delays_ms = line.delays_ms.or(self.delays_ms);
        self.transport = line.transport;
        if line.status == DeliveryStatus::Sent {
            self.queued_as = line.next.map(CompactString::from_utf8_lossy);
        }
    }
}

/// The LMTP session in Dovecot's answer `250 2.0.0 <user> SESSION Saved`, or in a refusal's text.
fn lmtp_session(text: &[u8]) -> Option<&str> {
    let before = text.strip_suffix(b" Saved")?;
    let start = memchr::memrchr(b' ', before)? + 1;
    std::str::from_utf8(&before[start..]).ok()
}

fn trail_kind(line: &DeliveryLine<'_>) -> TrailKind {
    match (line.status, line.transport) {
        (DeliveryStatus::Sent, Transport::Forward) => TrailKind::Forwarded,
        (DeliveryStatus::Sent, Transport::Discard) => TrailKind::Discarded,
        (DeliveryStatus::Sent, Transport::Smtp) if line.relay_ip.is_some_and(|ip| ip.is_loopback()) => {
            TrailKind::Passed
        }
        (DeliveryStatus::Sent, Transport::Smtp) => TrailKind::HandedOver,
        (DeliveryStatus::Sent, _) => TrailKind::Delivered,
        (DeliveryStatus::Deferred | DeliveryStatus::Probe, _) => TrailKind::Deferred,
        (DeliveryStatus::Bounced, _) => TrailKind::Bounced,
        (DeliveryStatus::Expired, _) => TrailKind::Expired,
    }
}

/// The addresses of `<a>,<b>`.
fn bracketed(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter_map(|item| item.strip_prefix(b"<")?.strip_suffix(b">"))
}
