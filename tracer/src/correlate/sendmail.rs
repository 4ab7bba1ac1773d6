//! Sendmail's messages: recipients that were refused before the sender is logged, several recipients a line, and clones. No line tells a
//! message's end: `done;` is logged from level 11 on only.

use std::net::IpAddr;

use model::record::TrailKind;
use model::time::Micros;
use serde::{Deserialize, Serialize};

use super::clock::is_recent;
use super::message::{Handle, Session};
use super::story::Span;
use super::{Context, Correlator, Kept, Map, Story, text};
use crate::dialect::sendmail::{codes, recipients};
use crate::event::sendmail::SendmailLine;
use crate::event::{ArrivalLine, DeliveryLine, DoorAction, DoorLine, Envelope, Peer};

mod refused;

use refused::Held;

/// The sender of refused recipients is logged when the transaction ends: sessions do not last longer.
const SENDER_WITHIN_SECONDS: i64 = 4 * 3600;
/// Clients that were put off and may come back, and recipients of each.
const PUT_OFF_BOUND: usize = 20_000;
const PUT_OFF_TOGETHER: usize = 100;

/// What Sendmail's lines leave open.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Pending {
    refused: Held,
    /// Recipients that were put off, by client and the sender's key: when as many are taken, it is them.
    put_off: Map<(IpAddr, u64), PutOff>,
}

/// When, and the recipients.
type PutOff = (Micros, Vec<Vec<u8>>);

impl Pending {
    /// Messages whose refused recipients wait for their sender.
    pub(super) fn handles(&self) -> impl Iterator<Item = Handle> {
        self.refused.handles()
    }
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
                let kept = self.keep(context, ix, TrailKind::Noted);
                let message = &mut self.messages[ix];
                message.door_reply = message.story.fact(kept, context.raw, reply, 500);
            }
            SendmailLine::NamedForDiscard { queue_id, recipient } => {
                let ix = self.message(context, queue_id);
                let kept = self.keep(context, ix, TrailKind::Noted);
                self.messages[ix].name_recipient(kept, context.raw, recipient);
            }
            SendmailLine::Discarded { queue_id } => {
                let ix = self.message(context, queue_id);
                let kept = self.keep(context, ix, TrailKind::Discarded);
                let message = &mut self.messages[ix];
                message.state.discarded = true;
                message.state.removed = true;
                if message.named.is_empty() {
                    // No line names the recipients of a mail that a Milter drops.
                    message.name_recipient(kept, context.raw, b"");
                }
                self.close_if_over(ix);
            }
            SendmailLine::Lost { queue_id } => {
                let ix = self.message(context, queue_id);
                let message = &mut self.messages[ix];
                if !message.state.is_active {
                    message.state.lost = true;
                }
                self.keep(context, ix, TrailKind::Noted);
            }
            SendmailLine::GivenUp { queue_id, report } => {
                let ix = self.message(context, queue_id);
                self.messages[ix].state.expired = true;
                self.messages[ix].state.removed = true;
                self.keep(context, ix, TrailKind::Expired);
                let report = self.message(context, report);
                self.messages[report].state.own_mail = true;
                self.messages[report].birth_seen = true;
                self.close_if_over(ix);
            }
            SendmailLine::Clone { queue_id, clone } => self.sendmail_clone(context, queue_id, clone),
        }
        self.close_done();
    }

    /// Part of the recipients goes on under a new id.
    fn sendmail_clone(&mut self, context: &Context<'_>, queue_id: &[u8], clone: &[u8]) {
        let ix = self.message(context, queue_id);
        let clone = self.message(context, clone);
        if ix == clone {
            return;
        }
        let Some((from, to)) = self.messages.get2_mut(ix, clone) else {
            return;
        };
        to.birth_seen = true;
        to.state.is_active = true;
        to.recipients_expected = from.recipients_expected;
        to.named.clear();
        for (key, recipient) in &from.named {
            let recipient = to.story.take(&from.story, *recipient);
            to.named.push((*key, recipient));
        }
        self.maybe_done(ix);
        self.keep(context, ix, TrailKind::Noted);
        self.link(ix, clone);
    }

    /// A queue id holds the second and the process: where another host of a cluster logs on for a message, it is the same one.
    fn sendmail_home<'a>(&self, context: &Context<'a>, queue_id: &[u8]) -> Context<'a> {
        let mut newest = None;
        for ix in self.with_id(queue_id) {
            let message = &self.messages[ix];
            if message.host == context.host && message.server == context.server {
                return *context;
            }
            newest = newest.or(Some(message));
        }
        newest.map_or(*context, |message| Context {
            host: message.host,
            server: message.server,
            ..*context
        })
    }

    fn sendmail_session(
        &mut self,
        context: &Context<'_>,
        client: &Peer<'_>,
        tls: Option<&[u8]>,
        user: Option<&[u8]>,
    ) {
        let session = self.sessions.entry(context.session()).or_default();
        let known = session.client.get_or_insert_default();
        if known.ip != client.ip || context.at.0 - session.last.0 > SENDER_WITHIN_SECONDS * 1_000_000 {
            // The process number serves another client by now.
            known.name = client.name.map(|name| text::clean_bounded(name, text::NAME));
            known.ip = client.ip;
            known.user = None;
            session.tls = None;
            session.connected_at = context.at;
        }
        session.last = context.at;
        if let Some(tls) = tls {
            session.tls = Some(text::clean_bounded(tls, 120));
        }
        if let Some(user) = user {
            known.user = Some(text::clean_bounded(user, text::ADDRESS));
        }
    }

    fn sendmail_from(&mut self, context: &Context<'_>, arrival: &ArrivalLine<'_>, recipients: u32) {
        self.arrival(context, arrival);
        let ix = self.message(context, arrival.queue_id);
        let message = &mut self.messages[ix];
        message.recipients_expected = Some(recipients);
        if let Some(Session {
            tls,
            client: Some(client),
            ..
        }) = self.sessions.get(&context.session())
            && client.ip.is_some()
            && client.ip == arrival.client.ip
        {
            let known = |story: &mut Story, fact: Span, text: Option<&String>| match text {
                Some(text) if !fact.is_some() => story.put(text.as_bytes()),
                _ => fact,
            };
            message.client.tls = known(&mut message.story, message.client.tls, tls.as_ref());
            message.client.sasl_user =
                known(&mut message.story, message.client.sasl_user, client.user.as_ref());
        }
        let refused = self.sendmail.refused.release(self.handle(ix));
        let is_first_try = refused.is_empty();
        let sender = text::address_key(arrival.sender.unwrap_or_default());
        let mut put_off = Vec::new();
        for refused in refused {
            let is_temporary = self.refuse_sendmail(arrival, &refused);
            if is_temporary {
                put_off.push(refused.into_recipient());
            }
        }
        self.messages[ix].state.refused = recipients == 0;
        if recipients > 0
            && is_first_try
            && let Some(ip) = arrival.client.ip
            && let Some((at, came_back)) = self.sendmail.put_off.remove(&(ip, sender))
            && usize::try_from(recipients).is_ok_and(|count| count == came_back.len())
            && context.at.0 - at.0 <= SENDER_WITHIN_SECONDS * 1_000_000
        {
            // The log does not name recipients before they are delivered to, and an alias hides them for good.
            for recipient in came_back {
                self.messages[ix].name_recipient(Kept::default(), context.raw, &recipient);
            }
        }
        if let Some(ip) = arrival.client.ip
            && !put_off.is_empty()
        {
            if self.sendmail.put_off.len() < PUT_OFF_BOUND.min(self.limits.refusals)
                && put_off.len() <= PUT_OFF_TOGETHER
            {
                self.sendmail.put_off.insert((ip, sender), (context.at, put_off));
            } else {
                self.counters.forgotten_refusals += 1;
            }
        }
        self.close_if_over(ix);
    }

    fn sendmail_to(&mut self, context: &Context<'_>, list: &[u8], line: &DeliveryLine<'_>) {
        let ix = self.message(context, line.queue_id);
        // An alias's members stand without the brackets of an envelope recipient.
        let is_member = !list.starts_with(b"<");
        for to in recipients(list) {
            let message = &self.messages[ix];
            // `ctladdr=` is the alias that led here, or the sender when it is a local user; only with the sender known can they be told apart.
            let alias = line.orig_to.filter(|ctladdr| {
                // A clone's is its list's owner, whose address no line calls the sender.
                let sender = message.story.find(message.sender);
                sender.is_some_and(|sender| !text::is_same_address(sender, ctladdr))
                    && ctladdr.contains(&b'@')
            });
            let named = match (&message.named[..], message.recipients_expected) {
                // The one recipient that was taken; everything else is what its alias holds.
                ([(_, only)], Some(1)) if is_member => Some(message.story.get(*only).to_vec())
                    .filter(|only| !only.is_empty() && !text::is_same_address(only, to)),
                _ => None,
            };
            let line = DeliveryLine {
                to,
                orig_to: alias.or(named.as_deref()),
                ..*line
            };
            self.delivery(context, &line);
        }
        self.tried(ix, line.status);
    }

    fn sendmail_not_taken(&mut self, context: &Context<'_>, queue_id: &[u8], list: &[u8], why: &[u8]) {
        let ix = self.message(context, queue_id);
        let is_lost = self.messages[ix].state.lost
            || why.starts_with(b"timeout waiting for input ")
            || why.starts_with(b"collect: ");
        if is_lost {
            let kept = self.keep(context, ix, TrailKind::Noted);
            let message = &mut self.messages[ix];
            message.state.lost = true;
            for to in recipients(list) {
                message.name_recipient(kept, context.raw, to);
            }
            if !message.door_reply.is_some() {
                message.door_reply = message.story.fact(kept, context.raw, why, 500);
            }
            self.close_if_over(ix);
            return;
        }
        let message = &self.messages[ix];
        let answer = message.story.find(message.door_reply).map(<[u8]>::to_vec);
        let sender = message.story.find(message.sender).map(<[u8]>::to_vec);
        let reply = answer.as_deref().unwrap_or(why);
        let (code, dsn) = codes(reply);
        let is_temporary = code == 0 && memchr::memmem::find(why, b"again later").is_some();
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
                    sender: sender.as_deref(),
                    recipient: Some(to),
                    helo: None,
                },
            };
            self.refuse(context, &line, to, Some(ix));
        }
        self.messages[ix].state.refused = true;
        self.keep(context, ix, TrailKind::Refused);
        self.close_if_over(ix);
    }

    /// Forgets what waits for a line that will not come.
    pub(super) fn sweep_sendmail(&mut self) {
        let now = self.now;
        self.close_done();
        self.sendmail
            .put_off
            .retain(|_, (at, _)| is_recent(now, *at, SENDER_WITHIN_SECONDS * 1_000_000));
        self.sweep_refused();
    }
}
