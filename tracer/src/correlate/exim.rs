//! What Exim needs of the correlator and no other program does: lines in parts, refusals that are told twice, the reject log's recipients.
//!
//! Exim writes a refusal to its main log and to its reject log. By syslog both copies arrive, and whoever reads both files has both too. Neither
//! names the recipients of a message that is refused after the data; the reject log's copy is followed by them.

use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;

use foldhash::fast::FixedState;
use model::record::TrailKind;
use model::time::{Micros, SECOND};
use serde::{Deserialize, Serialize};

use super::clock::is_recent;
use super::message::{Handle, MessageIx};
use super::symbol::Symbol;
use super::{Context, Correlator, LONGEST_JOINED, Map, StoredLine, text};
use crate::dialect;
use crate::event::{DeliveryLine, DeliveryStatus, DoorAction, DoorLine, Event, Reading};

/// Both copies of a refusal bear the same second, or two that follow each other.
const COPIES_WITHIN: i64 = SECOND;
/// More refusals than come in a second.
const BOUND: usize = 20_000;
/// More cut lines than there are processes that write at once.
const PARTS: usize = 1_000;

/// A process of a server, as its lines name it.
type Process = (Symbol, Symbol, u32);

/// What is remembered between Exim's lines.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Exim {
    /// Lines of which parts are missing.
    parts: Map<Process, Parts>,
    /// Refusals of the last moments, by a hash of all that they say.
    refusals: Map<u64, Micros>,
    /// The message that a process refused last after its data.
    refused: Map<Process, Refused>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Parts {
    at: Micros,
    /// The number of the next part.
    next: u16,
    /// The statement so far; empty when it is over and the rest are lines of its message.
    text: Vec<u8>,
    raw: Vec<u8>,
    /// The part before was a recipient of the reject log.
    in_recipients: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Refused {
    at: Micros,
    message: Handle,
    is_temporary: bool,
    client: Option<IpAddr>,
    client_name: Option<Vec<u8>>,
    sender: Option<Vec<u8>>,
    helo: Option<Vec<u8>>,
    reply: Vec<u8>,
    /// The reject log named recipients: there are records of theirs.
    is_named: bool,
}

impl Exim {
    /// Messages whose recipients may follow.
    pub(super) fn handles(&self) -> impl Iterator<Item = Handle> {
        self.refused.values().map(|refused| refused.message)
    }
}

impl Correlator {
    /// The statement that this part would make whole.
    pub(super) fn joined_exim(
        &self,
        context: &Context<'_>,
        number: u16,
        count: u16,
        ends_line: bool,
        text: &[u8],
    ) -> Option<Vec<u8>> {
        let before: &[u8] = if number == 1 {
            b""
        } else {
            let parts = self.exim.parts.get(&context.session())?;
            (parts.next == number && !parts.text.is_empty()).then_some(&parts.text)?
        };
        (ends_line || number >= count).then(|| [before, text].concat())
    }

    /// A part of a long line, or a line of a statement that has several.
    pub(super) fn line_part(
        &mut self,
        context: &Context<'_>,
        number: u16,
        count: u16,
        ends_line: bool,
        text: &[u8],
    ) {
        let process = context.session();
        if number == 1 {
            if self.exim.parts.len() >= PARTS {
                self.exim.parts.clear();
            }
            let parts = Parts {
                at: context.at,
                next: 1,
                ..Parts::default()
            };
            self.exim.parts.insert(process, parts);
        }
        let Some(mut parts) = self.exim.parts.remove(&process) else {
            return;
        };
        if parts.next != number || parts.text.len() > LONGEST_JOINED {
            return;
        }
        parts.next = number.saturating_add(1);
        let is_statement = number == 1 || !parts.text.is_empty();
        if is_statement {
            parts.text.extend_from_slice(text);
            if !parts.raw.is_empty() {
                parts.raw.push(b' ');
            }
            parts.raw.extend_from_slice(context.raw);
            if ends_line || number >= count {
                let (text, raw) = (std::mem::take(&mut parts.text), std::mem::take(&mut parts.raw));
                let whole = Context {
                    raw: &raw,
                    ..*context
                };
                match dialect::exim::read(&text) {
                    Reading::Event(Event::LinePart { .. })
                    | Reading::Known
                    | Reading::Unrecognised
                    | Reading::Foreign => {}
                    Reading::Event(event) => self.take(&whole, &event),
                }
            }
        } else if let Reading::Event(Event::EnvelopeTo { recipient, continues }) = dialect::exim::read(text) {
            if !continues || parts.in_recipients {
                self.envelope_to(context, recipient);
                parts.in_recipients = true;
            }
        } else {
            parts.in_recipients = false;
        }
        if number < count {
            self.exim.parts.insert(process, parts);
        }
    }

    /// An answer at the door, once.
    pub(super) fn exim_door(&mut self, context: &Context<'_>, line: &DoorLine<'_>) {
        if self.is_told_again(context, line) {
            return;
        }
        let is_after_data = line.stage == b"END-OF-MESSAGE" || line.stage == b"DATA";
        match (line.action, line.queue_id) {
            (DoorAction::Reject | DoorAction::Defer, Some(queue_id)) if is_after_data => {
                self.refused_after_data(context, queue_id, line);
            }
            _ => self.door(context, line),
        }
    }

    fn is_told_again(&mut self, context: &Context<'_>, line: &DoorLine<'_>) -> bool {
        let mut hasher = FixedState::with_seed(0).build_hasher();
        for part in [
            line.queue_id.unwrap_or_default(),
            line.stage,
            line.client.name.unwrap_or_default(),
            line.envelope.sender.unwrap_or_default(),
            line.envelope.recipient.unwrap_or_default(),
            line.envelope.helo.unwrap_or_default(),
            line.reply,
        ] {
            hasher.write_usize(part.len());
            hasher.write(part);
        }
        match line.client.ip {
            Some(IpAddr::V4(ip)) => hasher.write(&ip.octets()),
            Some(IpAddr::V6(ip)) => hasher.write(&ip.octets()),
            None => {}
        }
        hasher.write_u32(context.pid);
        let hash = hasher.finish();
        if self.exim.refusals.len() >= BOUND {
            let now = context.at.0;
            self.exim
                .refusals
                .retain(|_, at| (now - at.0).abs() <= COPIES_WITHIN);
        }
        if self.exim.refusals.len() >= BOUND {
            self.exim.refusals.clear();
        }
        let copy = self
            .exim
            .refusals
            .get(&hash)
            .is_some_and(|at| (context.at.0 - at.0).abs() <= COPIES_WITHIN);
        if copy {
            // A third one is a refusal of its own.
            self.exim.refusals.remove(&hash);
        } else {
            self.exim.refusals.insert(hash, context.at);
        }
        copy
    }

    /// Without recipients the message itself stands for them, until the reject log names some.
    fn refused_after_data(&mut self, context: &Context<'_>, queue_id: &[u8], line: &DoorLine<'_>) {
        let ix = self.message_born(context, queue_id);
        let is_temporary = line.is_temporary();
        let kept = self.keep(context, ix, kind(is_temporary));
        let raw = context.raw;
        let message = &mut self.messages[ix];
        message.birth_seen = true;
        message.set_client(kept, raw, &line.client, line.envelope.helo);
        if let Some(sender) = line.envelope.sender {
            message.set_sender(kept, raw, sender);
        }
        message.door_reply = message.story.fact(kept, raw, line.reply, 500);
        message.state.data_refused = true;
        message.state.put_off = is_temporary;
        if message.named.is_empty() {
            message.name_recipient(kept, raw, b"");
        }
        self.close_if_over(ix);
        if self.exim.refused.len() >= BOUND.min(self.limits.refusals) {
            self.exim.refused.clear();
        }
        let refused = Refused {
            at: context.at,
            message: self.handle(ix),
            is_temporary,
            client: line.client.ip,
            client_name: line.client.name.map(<[u8]>::to_vec),
            sender: line.envelope.sender.map(<[u8]>::to_vec),
            helo: line.envelope.helo.map(<[u8]>::to_vec),
            reply: line.reply.to_vec(),
            is_named: false,
        };
        self.exim.refused.insert(context.session(), refused);
    }

    /// The reject log's `Envelope-to:`.
    pub(super) fn envelope_to(&mut self, context: &Context<'_>, recipient: &[u8]) {
        let Some(mut refused) = self.exim.refused.remove(&context.session()) else {
            return;
        };
        let is_near = (context.at.0 - refused.at.0).abs() <= COPIES_WITHIN;
        let Some(ix) = self.alive(refused.message).filter(|_| is_near) else {
            return;
        };
        if !refused.is_named {
            refused.is_named = true;
            let message = &mut self.messages[ix];
            message.named.clear();
            // From here on the refusals tell it, each recipient's its own.
            message.state.data_refused = false;
            message.state.refused = true;
        }
        let queue_id = self.messages[ix].queue_id.clone();
        let line = DoorLine {
            queue_id: Some(queue_id.as_bytes()),
            action: if refused.is_temporary {
                DoorAction::Defer
            } else {
                DoorAction::Reject
            },
            stage: b"END-OF-MESSAGE",
            client: crate::event::Peer {
                name: refused.client_name.as_deref(),
                ip: refused.client,
            },
            code: 0,
            dsn: b"",
            reply: &refused.reply,
            envelope: crate::event::Envelope {
                sender: refused.sender.as_deref(),
                recipient: Some(recipient),
                helo: refused.helo.as_deref(),
            },
        };
        self.refuse(context, &line, recipient, Some(ix));
        self.changed(ix);
        self.exim.refused.insert(context.session(), refused);
    }

    /// The client gave up in the middle: it still has the mail, and may come back.
    pub(super) fn broke_off(&mut self, context: &Context<'_>, line: &DoorLine<'_>, recipients: &[u8]) {
        for recipient in dialect::exim::recipients(recipients) {
            self.refuse(context, line, recipient, None);
        }
    }

    /// A line that explains, on a message that is known.
    pub(super) fn remark(&mut self, context: &Context<'_>, queue_id: &[u8]) {
        if let Some(ix) = self.known_message(context, queue_id) {
            self.keep(context, ix, TrailKind::Noted);
        }
    }

    /// A queue run met a frozen message: news only when the log did not tell that it froze.
    pub(super) fn still_held(&mut self, context: &Context<'_>, queue_id: &[u8]) {
        let ix = self.message(context, queue_id);
        let message = &mut self.messages[ix];
        message.last = message.last.max(context.at);
        if !message.state.held {
            message.state.held = true;
            self.keep(context, ix, TrailKind::Held);
        }
    }

    /// Too early to try again: that tells of a recipient only what an earlier try did not.
    pub(super) fn not_tried(&mut self, context: &Context<'_>, line: &DeliveryLine<'_>) {
        let ix = self.message(context, line.queue_id);
        match self.deferred_before(ix, line) {
            Some(position) => {
                self.keep_about(context, ix, TrailKind::Noted, about(position));
            }
            None => self.delivery(context, line),
        }
    }

    /// Given up: what the last try met stays the reason.
    pub(super) fn given_up(&mut self, context: &Context<'_>, line: &DeliveryLine<'_>) {
        let ix = self.message(context, line.queue_id);
        let Some(position) = self.deferred_before(ix, line) else {
            self.delivery(context, line);
            return;
        };
        if let Some(delivery) = self.messages[ix].deliveries.list.get_mut(position) {
            delivery.status = DeliveryStatus::Expired;
            delivery.last_at = context.at;
        }
        self.keep_about(context, ix, TrailKind::Expired, about(position));
        self.close_if_over(ix);
    }

    /// The recipient's delivery that was put off, wherever an alias led it from.
    fn deferred_before(&mut self, ix: MessageIx, line: &DeliveryLine<'_>) -> Option<usize> {
        let message = &mut self.messages[ix];
        let orig_to = line
            .orig_to
            .filter(|orig_to| !text::is_same_address(orig_to, line.to));
        let (_, position) = message.deliveries.position(&message.story, line.to, orig_to);
        position.filter(|position| {
            let delivery = message.deliveries.list.get(*position);
            delivery.is_some_and(|delivery| delivery.status == DeliveryStatus::Deferred)
        })
    }

    /// Forgets what no line will follow any more.
    pub(super) fn sweep_exim(&mut self) {
        let now = self.now;
        self.exim
            .parts
            .retain(|_, parts| is_recent(now, parts.at, 600 * SECOND));
        self.exim
            .refusals
            .retain(|_, at| is_recent(now, *at, COPIES_WITHIN + 1));
        self.exim
            .refused
            .retain(|_, refused| is_recent(now, refused.at, 600 * SECOND));
    }
}

fn about(position: usize) -> u16 {
    u16::try_from(position).unwrap_or(StoredLine::WHOLE - 1)
}

const fn kind(is_temporary: bool) -> TrailKind {
    if is_temporary {
        TrailKind::RefusedForNow
    } else {
        TrailKind::Refused
    }
}
