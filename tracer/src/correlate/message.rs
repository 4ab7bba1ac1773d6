//! What the correlator remembers: messages (queue files), their deliveries, sessions and refusals at the door.
//!
//! Everything refers to everything else by index into slabs, never by reference; a freed index is never followed because links are cut first.

use std::net::IpAddr;

use compact_str::CompactString;
use hashbrown::HashTable;
use model::ids::RecordId;
use model::time::Micros;
use serde::{Deserialize, Serialize};
use slab::Slab;
use smallvec::SmallVec;

use super::Context;
use super::story::{Kept, Span, Story};
use super::symbol::Symbol;
use super::text;
use crate::event::{DeliveryLine, DeliveryStatus, FilterAction, MailboxAction, Peer, Transport};

/// Index of a message.
pub(super) type MessageIx = usize;
/// A message that may be forgotten while somebody remembers it: its index is used again, its number is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Handle {
    /// First, so that handles are in the order of their messages.
    pub(super) number: u64,
    pub(super) ix: MessageIx,
}

impl Handle {
    /// Whether the message is still remembered.
    pub(super) fn is_in(self, messages: &Slab<Message>) -> bool {
        messages
            .get(self.ix)
            .is_some_and(|message| message.number == self.number)
    }
}

/// Index of a refusal.
pub(super) type RefusalIx = usize;

/// One queue file on one server.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) story: Story,
    /// Counts messages: tells this one from a later one at the same index.
    pub(super) number: u64,
    /// Host in the header.
    pub(super) host: Symbol,
    /// First part of the tag (`mx1`); for the default name `postfix` the host.
    pub(super) server: Symbol,
    pub(super) queue_id: CompactString,
    /// An older message with the same queue id.
    pub(super) older: Option<MessageIx>,
    /// First line.
    pub(super) born: Micros,
    /// Last line.
    pub(super) last: Micros,
    /// When its client connected, else `born`.
    pub(super) connected_at: Micros,
    /// The line that made it was seen; else the log begins in the middle of its life.
    pub(super) birth_seen: bool,
    pub(super) client: Client,
    pub(super) sender: Span,
    pub(super) size: Option<u64>,
    #[expect(clippy::struct_field_names, reason = "the header's name")]
    pub(super) message_id: Span,
    pub(super) subject: Span,
    /// How many recipients the server took, where it says so and never says that the message is gone.
    pub(super) recipients_expected: Option<u32>,
    /// What a check at the door answered when it ended the message (`discard`, `hold`), for the verdict.
    pub(super) door_reply: Span,
    /// Recipients known otherwise than by deliveries, from checks, filters and greylisting, with their keys.
    pub(super) named: SmallVec<[(u64, Span); 1]>,
    pub(super) deliveries: Deliveries,
    pub(super) judgement: Option<Box<Judged>>,
    pub(super) parent: Option<MessageIx>,
    pub(super) children: SmallVec<[MessageIx; 2]>,
    /// Generations below.
    pub(super) height: u8,
    /// Refusals that this mail came back after.
    pub(super) adopted: Vec<Refusal>,
    pub(super) state: State,
    /// Records written for this root so far.
    pub(super) written: SmallVec<[RecordId; 1]>,
    /// In the list of changed messages.
    pub(super) is_changed: bool,
    /// The filter's id of the quarantined mail, under which a release names it.
    pub(super) quarantined_as: Option<CompactString>,
    /// Kept in memory until then although it is closed (quarantined mail may be released).
    pub(super) keep_until: Micros,
    /// Bytes of its story that the bound on memory counts.
    pub(super) counted: usize,
    /// The story is moved together when it grows beyond this.
    compact_at: usize,
}

/// Stories are moved together when they are this long and have doubled since.
const COMPACT_AT: usize = 128 * 1024;
/// More recipients than this are counted, but not kept by name.
const NAMED: usize = 1000;

impl Message {
    pub(super) fn new(queue_id: CompactString, context: &Context<'_>, story: Story) -> Self {
        Self {
            story,
            number: 0,
            host: context.host,
            server: context.server,
            queue_id,
            older: None,
            born: context.at,
            last: context.at,
            connected_at: context.at,
            birth_seen: false,
            client: Client::default(),
            sender: Span::NONE,
            size: None,
            message_id: Span::NONE,
            subject: Span::NONE,
            recipients_expected: None,
            door_reply: Span::NONE,
            named: SmallVec::new(),
            deliveries: Deliveries::default(),
            judgement: None,
            parent: None,
            children: SmallVec::new(),
            height: 0,
            adopted: Vec::new(),
            state: State::default(),
            written: SmallVec::new(),
            is_changed: false,
            quarantined_as: None,
            keep_until: Micros(i64::MIN),
            counted: 0,
            compact_at: COMPACT_AT,
        }
    }

    /// The sender, unless another line told it before.
    pub(super) fn set_sender(&mut self, kept: Kept, raw: &[u8], sender: &[u8]) {
        if !self.sender.is_some() {
            self.sender = self.story.fact(kept, raw, sender, text::ADDRESS);
        }
    }

    /// A recipient that is known before any delivery line names it.
    pub(super) fn name_recipient(&mut self, kept: Kept, raw: &[u8], recipient: &[u8]) {
        let key = text::address_key(recipient);
        if self.named.len() < NAMED && !self.named.iter().any(|(known, _)| *known == key) {
            let recipient = self.story.fact(kept, raw, recipient, text::ADDRESS);
            self.named.push((key, recipient));
        }
    }

    /// Fills in what a line says about the client; what it does not say stays.
    pub(super) fn set_client(&mut self, kept: Kept, raw: &[u8], peer: &Peer<'_>, helo: Option<&[u8]>) {
        if let Some(name) = peer.name {
            self.client.name = self.story.fact(kept, raw, name, text::NAME);
        }
        self.client.ip = peer.ip.or(self.client.ip);
        if let Some(helo) = helo {
            self.client.helo = self.story.fact(kept, raw, helo, text::NAME);
        }
    }

    /// Bytes of memory, roughly.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() + self.story.weight() + self.deliveries.list.len() * size_of::<Delivery>()
    }

    /// Frees what later lines replaced, when it has become much.
    pub(super) fn compact(&mut self) {
        if self.story.len() < self.compact_at {
            return;
        }
        let client = &mut self.client;
        let facts = [
            &mut client.name,
            &mut client.helo,
            &mut client.sasl_user,
            &mut client.tls,
            &mut self.sender,
            &mut self.message_id,
            &mut self.subject,
            &mut self.door_reply,
        ];
        let named = self.named.iter_mut().map(|(_, span)| span);
        let deliveries = self.deliveries.list.iter_mut().flat_map(Delivery::facts);
        self.story
            .compact(facts.into_iter().chain(named).chain(deliveries));
        self.compact_at = (self.story.len() * 2).max(COMPACT_AT);
    }
}

/// Where a queue file stands.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts from independent lines, in any order"
)]
pub(super) struct State {
    pub(super) removed: bool,
    pub(super) deleted: bool,
    pub(super) requeued: bool,
    pub(super) held: bool,
    pub(super) expired: bool,
    pub(super) discarded: bool,
    /// Refused at the end of the data: what there is to tell is in refusals.
    pub(super) refused: bool,
    pub(super) probe: bool,
    /// A report (DSN) by bounce(8), or a mail that the filter made itself.
    pub(super) own_mail: bool,
    /// A release from the quarantine.
    pub(super) release: bool,
    pub(super) is_active: bool,
    pub(super) lost: bool,
    /// The data command failed.
    pub(super) data_refused: bool,
    /// Refused after the data, and only for now.
    pub(super) put_off: bool,
    pub(super) too_large: bool,
    /// In the list of messages that may be done.
    pub(super) maybe_done: bool,
}

impl State {
    /// Nothing more is expected from this queue file.
    pub(super) fn is_over(self) -> bool {
        self.removed
            || self.deleted
            || self.requeued
            || self.refused
            || self.data_refused
            || (self.discarded && !self.is_active)
            || self.lost
    }
}

/// Who brought a mail.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Client {
    pub(super) name: Span,
    pub(super) ip: Option<IpAddr>,
    pub(super) helo: Span,
    pub(super) sasl_user: Span,
    pub(super) tls: Span,
}

impl Client {
    /// The same client in another story.
    pub(super) fn copied(&self, from: &Story, to: &mut Story) -> Self {
        Self {
            name: to.take(from, self.name),
            ip: self.ip,
            helo: to.take(from, self.helo),
            sasl_user: to.take(from, self.sasl_user),
            tls: to.take(from, self.tls),
        }
    }
}

/// The recipients of a message, found by address.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Deliveries {
    pub(super) list: SmallVec<[Delivery; 1]>,
    /// Positions by key, once there are many.
    #[serde(skip)]
    index: Option<Box<HashTable<u32>>>,
}

/// From so many recipients on they are found by index.
const INDEX_FROM: usize = 16;

impl Deliveries {
    pub(super) fn position(
        &mut self,
        story: &Story,
        to: &[u8],
        orig_to: Option<&[u8]>,
    ) -> (u64, Option<usize>) {
        let to_key = text::address_key(to);
        let key = match orig_to {
            Some(orig_to) => to_key ^ text::address_key(orig_to).rotate_left(1),
            None => to_key,
        };
        let is_it = |delivery: &Delivery| {
            delivery.key == key
                && text::is_same_address(story.get(delivery.to), to)
                && match (story.find(delivery.orig_to), orig_to) {
                    (Some(known), Some(orig_to)) => text::is_same_address(known, orig_to),
                    (known, orig_to) => known.is_none() && orig_to.is_none(),
                }
        };
        if self.list.len() < INDEX_FROM {
            return (key, self.list.iter().position(is_it));
        }
        let list = &self.list;
        let at = |position: u32| list.get(position as usize);
        let index = self.index.get_or_insert_with(|| {
            let mut index = HashTable::with_capacity(list.len());
            for (position, delivery) in (0..).zip(list) {
                index.insert_unique(delivery.key, position, |other: &u32| {
                    at(*other).map_or(0, |other| other.key)
                });
            }
            Box::new(index)
        });
        let known = index.find(key, |position| at(*position).is_some_and(is_it));
        (key, known.map(|position| *position as usize))
    }

    /// Adds a recipient that is not there yet; its position.
    pub(super) fn add(&mut self, delivery: Delivery) -> usize {
        let (key, position) = (delivery.key, self.list.len());
        self.list.push(delivery);
        let list = &self.list;
        if let (Some(index), Ok(number)) = (&mut self.index, u32::try_from(position)) {
            index.insert_unique(key, number, |other| {
                list.get(*other as usize).map_or(0, |other| other.key)
            });
        }
        position
    }
}

/// One recipient of a message and its tries.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Delivery {
    /// Of `to` and `orig_to`.
    pub(super) key: u64,
    pub(super) to: Span,
    pub(super) orig_to: Span,
    pub(super) relay: Span,
    pub(super) dsn: Span,
    pub(super) text: Span,
    /// The queue id that the next server gave, when it named one.
    pub(super) queued_as: Span,
    pub(super) relay_ip: Option<IpAddr>,
    pub(super) transport: Transport,
    pub(super) status: DeliveryStatus,
    pub(super) last_at: Micros,
    pub(super) previous_at: Option<Micros>,
    pub(super) tries: u32,
    pub(super) delays_ms: Option<[i64; 4]>,
    /// What the mailbox did with it, from Dovecot.
    pub(super) mailbox: Option<Box<Mailbox>>,
}

impl Delivery {
    pub(super) fn new(key: u64, context: &Context<'_>) -> Self {
        Self {
            key,
            to: Span::NONE,
            orig_to: Span::NONE,
            relay: Span::NONE,
            dsn: Span::NONE,
            text: Span::NONE,
            queued_as: Span::NONE,
            relay_ip: None,
            transport: Transport::Smtp,
            status: DeliveryStatus::Deferred,
            last_at: context.at,
            previous_at: None,
            tries: 0,
            delays_ms: None,
            mailbox: None,
        }
    }

    /// The last word wins; the tries fold under it.
    pub(super) fn take(
        &mut self,
        story: &mut Story,
        kept: Kept,
        line: &DeliveryLine<'_>,
        context: &Context<'_>,
    ) {
        let raw = context.raw;
        if self.tries > 0 {
            self.previous_at = Some(self.last_at);
        } else {
            self.to = story.fact(kept, raw, line.to, text::ADDRESS);
            if let Some(orig_to) = line.orig_to {
                self.orig_to = story.fact(kept, raw, orig_to, text::ADDRESS);
            }
        }
        self.tries += 1;
        self.relay = story.fact(kept, raw, line.relay, text::NAME);
        self.relay_ip = line.relay_ip;
        self.dsn = story.fact(kept, raw, line.dsn, 12);
        self.status = line.status;
        self.text = story.fact(kept, raw, line.text, text::REPLY);
        self.last_at = context.at;
        self.delays_ms = line.delays_ms.or(self.delays_ms);
        self.transport = line.transport;
        if line.status == DeliveryStatus::Sent {
            self.queued_as = match line.next {
                Some(next) => story.fact(kept, raw, next, 64),
                None => Span::NONE,
            };
        }
    }

    fn facts(&mut self) -> [&mut Span; 6] {
        [
            &mut self.to,
            &mut self.orig_to,
            &mut self.relay,
            &mut self.dsn,
            &mut self.text,
            &mut self.queued_as,
        ]
    }
}

/// What Dovecot did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mailbox {
    pub(super) action: MailboxAction,
    pub(super) detail: String,
}

/// A content filter's judgement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Judged {
    pub(super) category: CompactString,
    pub(super) detail: Option<String>,
    pub(super) action: FilterAction,
    pub(super) quarantine: Option<String>,
    pub(super) score: Option<f32>,
    pub(super) scan_ms: Option<i64>,
}

/// A recipient that was refused at the door, for now or for good.
#[derive(Debug, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts from independent lines, in any order"
)]
pub(super) struct Refusal {
    /// Lines of the trail; [`super::story::StoredLine::about`] is a position in `queue_ids`.
    pub(super) story: Story,
    /// Of sender and recipient.
    pub(super) pair: u64,
    pub(super) server: Symbol,
    pub(super) connected_at: Micros,
    pub(super) first_at: Micros,
    pub(super) last_at: Micros,
    pub(super) client: Client,
    pub(super) sender: Span,
    pub(super) recipient: Span,
    pub(super) message_id: Span,
    pub(super) subject: Span,
    pub(super) queue_ids: SmallVec<[CompactString; 1]>,
    pub(super) code: u16,
    pub(super) dsn: Span,
    pub(super) reply: Span,
    pub(super) tries: u32,
    pub(super) is_temporary: bool,
    pub(super) is_greylisted: bool,
    /// The client was a person's program, which does not come back by itself.
    pub(super) is_submission: bool,
    /// An older refusal of the same sender and client.
    pub(super) older: Option<RefusalIx>,
    /// A filter or greylisting line was seen, the answer at the door not yet.
    pub(super) is_answered: bool,
    pub(super) judgement: Option<Box<Judged>>,
    pub(super) written: Option<RecordId>,
    pub(super) is_changed: bool,
    /// In the list of changed refusals.
    pub(super) is_listed: bool,
    /// Still reachable by sender and recipient: the mail may come back.
    pub(super) is_pending: bool,
}

impl Refusal {
    /// Frees what later lines replaced, when it has become much.
    pub(super) fn compact(&mut self, most: usize) {
        if self.story.len() > most {
            let client = &mut self.client;
            let facts = [
                &mut client.name,
                &mut client.helo,
                &mut client.sasl_user,
                &mut client.tls,
                &mut self.sender,
                &mut self.recipient,
                &mut self.message_id,
                &mut self.subject,
                &mut self.dsn,
                &mut self.reply,
            ];
            self.story.compact(facts.into_iter());
        }
    }
}

/// Who connected, as far as lines without a queue id tell.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SessionClient {
    pub(super) name: Option<String>,
    pub(super) ip: Option<IpAddr>,
    /// The signed-in user.
    pub(super) user: Option<String>,
}

/// A connection to smtpd.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) connected_at: Micros,
    pub(super) last: Micros,
    pub(super) helo: Option<String>,
    pub(super) tls: Option<String>,
    /// The client, where it must be known before a queue id is: before a proxy filter, and of Sendmail.
    pub(super) client: Option<Box<SessionClient>>,
    /// Mails that the session carried so far.
    pub(super) mails: u32,
    /// The queue file whose transaction is open.
    pub(super) open: Option<Handle>,
    /// The client was gone in the middle of the data.
    pub(super) broke_off: bool,
}
