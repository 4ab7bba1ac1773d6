//! Sendmail's messages: recipients that were refused before the sender is logged, several recipients a line, and clones. No line tells a
//! message's end: `done;` is logged from level 11 on only.

use std::net::IpAddr;

use compact_str::CompactString;
use model::record::TrailKind;
use model::time::Micros;
use serde::{Deserialize, Serialize};

use super::message::{Client, MessageIx, Session};
use super::symbol::Symbol;
use super::{Context, Correlator, Map, text};
use crate::dialect::sendmail::{codes, recipients};
use crate::event::sendmail::SendmailLine;
use crate::event::{ArrivalLine, DeliveryLine, DoorAction, DoorLine, Envelope, Peer};

/// The sender of refused recipients is logged when the transaction ends: sessions do not last longer.
const SENDER_WITHIN_SECONDS: i64 = 4 * 3600;
/// Refused recipients of one transaction, and transactions that wait for their sender, at once.
const REFUSED_BOUND: usize = 1000;
/// Clients that were put off and may come back.
const PUT_OFF_BOUND: usize = 100_000;

/// What Sendmail's lines leave open.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Refused recipients by message, until `from=` names the sender.
    refused: Map<MessageIx, Vec<Refused>>,
    /// Recipients that were put off, by client and sender: when as many are taken, it is them.
    put_off: Map<(IpAddr, String), (Micros, Vec<String>)>,
}

/// A refused recipient whose sender is not known yet.
#[derive(Debug, Serialize, Deserialize)]
struct Refused {
    at: Micros,
    recipient: String,
    reply: Vec<u8>,
    dsn: CompactString,
    client: Client,
    raw: Vec<u8>,
    program: Symbol,
    tag: Symbol,
    pid: u32,
}

impl Correlator {
    pub(super) fn sendmail(&mut self, context: &Context<'_>, line: &SendmailLine<'_>) {
        let home = match line.queue_id() {
            Some(queue_id) => self.sendmail_home(context, queue_id),
            None => *context,
        };
        let context = &home;
        match line {
            SendmailLine::Session { client, tls, user } => {
                self.sendmail_session(context, client, *tls, *user);
            }
            SendmailLine::From {
                queue_id,
                sender,
                client,
                size,
                message_id,
                recipients,
            } => {
                let arrival = ArrivalLine {
                    queue_id,
                    sender: Some(sender),
                    client: *client,
                    size: *size,
                    message_id: *message_id,
                    ..ArrivalLine::default()
                };
                self.sendmail_from(context, &arrival, *recipients);
            }
            SendmailLine::To {
                recipients: list,
                line,
            } => {
                self.sendmail_to(context, list, line);
            }
            SendmailLine::NotTaken {
                queue_id,
                recipients: list,
                text,
            } => {
                self.sendmail_not_taken(context, queue_id, list, text);
            }
            SendmailLine::Refused(door) => self.sendmail_refused(context, door),
            SendmailLine::Answer { queue_id, reply } => {
                let ix = self.message(context, queue_id);
                self.messages[ix].door_reply = Some(text::clean_bounded(reply, 500));
                self.keep(context, ix, TrailKind::Noted, None);
            }
            SendmailLine::NamedForDiscard { queue_id, recipient } => {
                let ix = self.message(context, queue_id);
                self.messages[ix].name_recipient(text::address(recipient));
                self.keep(context, ix, TrailKind::Noted, None);
            }
            SendmailLine::Discarded { queue_id } => {
                let ix = self.message(context, queue_id);
                let message = &mut self.messages[ix];
                message.state.discarded = true;
                message.state.removed = true;
                if message.named_recipients.is_empty() {
                    // No line names the recipients of a mail that a Milter drops.
                    message.name_recipient(String::new());
                }
                self.keep(context, ix, TrailKind::Discarded, None);
                self.close_if_over(ix);
            }
            SendmailLine::Lost { queue_id } => {
                let ix = self.message(context, queue_id);
                let message = &mut self.messages[ix];
                if !message.state.is_active {
                    message.state.lost = true;
                }
                self.keep(context, ix, TrailKind::Noted, None);
            }
            SendmailLine::GivenUp { queue_id, report } => {
                let ix = self.message(context, queue_id);
                self.messages[ix].state.expired = true;
                self.messages[ix].state.removed = true;
                self.keep(context, ix, TrailKind::Expired, None);
                let report = self.message(context, report);
                self.messages[report].state.own_mail = true;
                self.messages[report].birth_seen = true;
                self.close_if_over(ix);
            }
            SendmailLine::Clone { queue_id, clone } => {
                let ix = self.message(context, queue_id);
                let clone = self.message(context, clone);
                let named = self.messages[ix].named_recipients.clone();
                let expected = self.messages[ix].recipients_expected;
                let message = &mut self.messages[clone];
                message.birth_seen = true;
                message.state.is_active = true;
                message.named_recipients = named;
                message.recipients_expected = expected;
                self.maybe_done(context.at, ix);
                self.keep(context, ix, TrailKind::Noted, None);
                self.link(ix, clone);
            }
        }
        self.close_done();
    }

    /// A queue id holds the second and the process: where another host of a cluster logs on for a message, it is the same one.
    fn sendmail_home<'a>(&self, context: &Context<'a>, queue_id: &[u8]) -> Context<'a> {
        let known = std::str::from_utf8(queue_id)
            .ok()
            .and_then(|id| self.by_queue_id.get(id));
        let Some(known) = known else { return *context };
        let at_home = known.iter().any(|ix| {
            let message = &self.messages[*ix];
            message.host == context.host && message.server == context.server
        });
        match known.last().map(|ix| &self.messages[*ix]) {
            Some(message) if !at_home => Context {
                host: message.host,
                server: message.server,
                ..*context
            },
            _ => *context,
        }
    }

    fn sendmail_session(
        &mut self,
        context: &Context<'_>,
        client: &Peer<'_>,
        tls: Option<&[u8]>,
        user: Option<&[u8]>,
    ) {
        let session = self.sessions.entry(context.session()).or_insert_with(|| Session {
            connected_at: context.at,
            last: context.at,
            client: Client::default(),
            mails: 0,
            open: None,
            broke_off: false,
        });
        if session.client.ip != client.ip || context.at.0 - session.last.0 > SENDER_WITHIN_SECONDS * 1_000_000
        {
            // The process number serves another client by now.
            session.client = Client::of(client);
            session.connected_at = context.at;
        }
        session.last = context.at;
        session.client.tls = tls
            .map(|tls| text::clean_bounded(tls, 120))
            .or(session.client.tls.take());
        session.client.sasl_user = user
            .map(|user| text::clean_bounded(user, 320))
            .or(session.client.sasl_user.take());
    }

    fn sendmail_from(&mut self, context: &Context<'_>, arrival: &ArrivalLine<'_>, recipients: u32) {
        self.arrival(context, arrival);
        let ix = self.message(context, arrival.queue_id);
        let refused = self.sendmail.refused.remove(&ix).unwrap_or_default();
        let first_at = refused.first().map(|refused| refused.at);
        let session = self.sessions.get(&context.session());
        let session =
            session.filter(|session| session.client.ip.is_some() && session.client.ip == arrival.client.ip);
        let (tls, user) = session.map_or((None, None), |session| {
            (session.client.tls.clone(), session.client.sasl_user.clone())
        });
        let message = &mut self.messages[ix];
        message.client.tls = message.client.tls.take().or(tls);
        message.client.sasl_user = message.client.sasl_user.take().or(user);
        message.recipients_expected = Some(recipients);
        let sender = message.sender.clone().unwrap_or_default();
        let mut put_off = Vec::new();
        for refused in refused {
            let is_temporary = self.refuse_sendmail(context, arrival, &refused);
            if is_temporary && put_off.len() < REFUSED_BOUND {
                put_off.push(refused.recipient);
            }
        }
        if recipients == 0 {
            self.messages[ix].state.refused = true;
        } else if first_at.is_none()
            && let Some(ip) = arrival.client.ip
            && let Some((at, came_back)) = self.sendmail.put_off.remove(&(ip, sender.clone()))
            && usize::try_from(recipients).is_ok_and(|count| count == came_back.len())
            && context.at.0 - at.0 <= SENDER_WITHIN_SECONDS * 1_000_000
        {
            // The log does not name recipients before they are delivered to, and an alias hides them for good.
            for recipient in came_back {
                self.messages[ix].name_recipient(recipient);
            }
        }
        if let Some(ip) = arrival.client.ip
            && !put_off.is_empty()
            && self.sendmail.put_off.len() < PUT_OFF_BOUND
        {
            self.sendmail.put_off.insert((ip, sender), (context.at, put_off));
        }
        self.close_if_over(ix);
    }

    /// A recipient's refusal, now that the sender is known; whether it was for now only.
    fn refuse_sendmail(
        &mut self,
        context: &Context<'_>,
        arrival: &ArrivalLine<'_>,
        refused: &Refused,
    ) -> bool {
        let (code, _) = codes(&refused.reply);
        let line = DoorLine {
            queue_id: None,
            action: DoorAction::Reject,
            stage: b"RCPT",
            client: Peer {
                name: refused
                    .client
                    .name
                    .as_deref()
                    .map(str::as_bytes)
                    .or(arrival.client.name),
                ip: refused.client.ip.or(arrival.client.ip),
            },
            code,
            dsn: refused.dsn.as_bytes(),
            reply: &refused.reply,
            envelope: Envelope {
                sender: arrival.sender,
                recipient: None,
                helo: None,
            },
        };
        let then = Context {
            at: refused.at,
            program: refused.program,
            tag: refused.tag,
            pid: refused.pid,
            raw: &refused.raw,
            ..*context
        };
        let ix = self.refuse(&then, &line, refused.recipient.clone(), None);
        let id = CompactString::from_utf8_lossy(arrival.queue_id);
        let refusal = &mut self.refusals[ix];
        if !refusal.queue_ids.contains(&id) && refusal.queue_ids.len() < REFUSED_BOUND {
            refusal.queue_ids.push(id);
        }
        line.is_temporary()
    }

    fn sendmail_refused(&mut self, context: &Context<'_>, door: &DoorLine<'_>) {
        let Some(queue_id) = door.queue_id else { return };
        let ix = self.message(context, queue_id);
        if self.messages[ix].state.is_active {
            // An alias's target, not a client's recipient.
            self.keep(context, ix, TrailKind::Noted, None);
            return;
        }
        self.messages[ix].last = context.at;
        let waiting = self.sendmail.refused.len();
        let held = self.sendmail.refused.entry(ix).or_default();
        if held.len() >= REFUSED_BOUND || waiting >= PUT_OFF_BOUND {
            self.counters.dropped_lines += 1;
            return;
        }
        held.push(Refused {
            at: context.at,
            recipient: door.envelope.recipient.map(text::address).unwrap_or_default(),
            reply: door.reply.to_vec(),
            dsn: CompactString::from_utf8_lossy(door.dsn),
            client: Client::of(&door.client),
            raw: context.raw.to_vec(),
            program: context.program,
            tag: context.tag,
            pid: context.pid,
        });
    }

    fn sendmail_to(&mut self, context: &Context<'_>, list: &[u8], line: &DeliveryLine<'_>) {
        let ix = self.message(context, line.queue_id);
        // An alias's members stand without the brackets of an envelope recipient.
        let is_member = !list.starts_with(b"<");
        for to in recipients(list) {
            let message = &self.messages[ix];
            // `ctladdr=` is the alias that led here, or the sender when it is a local user; only with the sender known can they be told apart.
            let alias = line.orig_to.filter(|ctladdr| {
                let ctladdr = text::address(ctladdr);
                // A clone's is its list's owner, whose address no line calls the sender.
                let sender = message.sender.as_ref();
                sender.is_some_and(|sender| *sender != ctladdr) && ctladdr.contains('@')
            });
            let named = match (&message.named_recipients[..], message.recipients_expected) {
                // The one recipient that was taken; everything else is what its alias holds.
                ([only], Some(1)) if is_member && !only.is_empty() && *only != text::address(to) => {
                    Some(only.clone())
                }
                _ => None,
            };
            let line = DeliveryLine {
                to,
                orig_to: alias.or(named.as_deref().map(str::as_bytes)),
                ..*line
            };
            self.delivery(context, &line);
        }
        self.tried(context.at, ix, line.status);
    }

    fn sendmail_not_taken(&mut self, context: &Context<'_>, queue_id: &[u8], list: &[u8], why: &[u8]) {
        let ix = self.message(context, queue_id);
        let is_lost = self.messages[ix].state.lost
            || why.starts_with(b"timeout waiting for input ")
            || why.starts_with(b"collect: ");
        if is_lost {
            self.messages[ix].state.lost = true;
            for to in recipients(list) {
                self.messages[ix].name_recipient(text::address(to));
            }
            self.messages[ix]
                .door_reply
                .get_or_insert_with(|| text::clean_bounded(why, 500));
            self.keep(context, ix, TrailKind::Noted, None);
            self.close_if_over(ix);
            return;
        }
        let answer = self.messages[ix].door_reply.clone();
        let reply = answer.as_deref().map_or(why, str::as_bytes);
        let (code, dsn) = codes(reply);
        let is_temporary = code == 0 && memchr::memmem::find(why, b"again later").is_some();
        let sender = self.messages[ix].sender.clone();
        for to in recipients(list) {
            let line = DoorLine {
                queue_id: Some(queue_id),
                action: DoorAction::Reject,
                stage: b"DATA",
                client: Peer::default(),
                code,
                dsn: if is_temporary { b"4.0.0" } else { dsn },
                reply,
                envelope: Envelope {
                    sender: sender.as_deref().map(str::as_bytes),
                    recipient: Some(to),
                    helo: None,
                },
            };
            self.refuse(context, &line, text::address(to), Some(ix));
        }
        self.messages[ix].state.refused = true;
        self.keep(context, ix, TrailKind::Refused, None);
        self.close_if_over(ix);
    }

    /// Forgets what waits for a line that will not come.
    pub(super) fn sweep_sendmail(&mut self) {
        let now = self.now.0;
        self.close_done();
        self.sendmail
            .put_off
            .retain(|_, (at, _)| now - at.0 < super::RETURN_WITHIN);
        let messages = &self.messages;
        self.sendmail.refused.retain(|ix, held| {
            let is_recent = held
                .last()
                .is_some_and(|refused| now - refused.at.0 < SENDER_WITHIN_SECONDS * 1_000_000);
            is_recent && messages.contains(*ix)
        });
    }
}
