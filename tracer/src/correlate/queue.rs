//! The life of a queue file: taken, active, tried, over.

use std::borrow::Cow;

use model::record::TrailKind;

use super::message::{Delivery, State};
use super::{Context, Correlator, text};
use crate::event::{ArrivalLine, DeliveryLine, DeliveryStatus, Envelope, Transport};

impl Correlator {
    pub(super) fn pickup(
        &mut self,
        context: &Context<'_>,
        queue_id: &[u8],
        sender: &[u8],
        requeued_from: Option<&[u8]>,
    ) {
        let ix = self.message_born(context, queue_id);
        let kept = self.keep(context, ix, TrailKind::Received);
        let message = &mut self.messages[ix];
        message.birth_seen = true;
        message.set_sender(kept, context.raw, sender);
        if let Some(parent) = requeued_from
            .and_then(|id| self.find(id, context.at))
            .filter(|parent| *parent != ix)
        {
            self.messages[parent].state.requeued = true;
            self.link(parent, ix);
        }
    }

    pub(super) fn message_id(&mut self, context: &Context<'_>, queue_id: &[u8], message_id: &[u8]) {
        let ix = self.message(context, queue_id);
        let kept = self.keep(context, ix, TrailKind::Noted);
        let message = &mut self.messages[ix];
        if !message.message_id.is_some() && !message_id.is_empty() {
            message.message_id = message
                .story
                .fact(kept, context.raw, message_id, text::MESSAGE_ID);
        }
    }

    pub(super) fn subject(
        &mut self,
        context: &Context<'_>,
        queue_id: &[u8],
        subject: &[u8],
        envelope: &Envelope<'_>,
    ) {
        let ix = self.message(context, queue_id);
        let message = &mut self.messages[ix];
        // The line itself stays out of the trail: it names one recipient of many.
        if !message.subject.is_some() {
            message.subject = message.story.put(&subject[..subject.len().min(2000)]);
        }
        if let (Some(sender), Some(recipient)) = (envelope.sender, envelope.recipient) {
            if !message.sender.is_some() {
                message.sender = message.story.put(&sender[..sender.len().min(text::ADDRESS)]);
            }
            let none = super::Kept::default();
            message.name_recipient(none, context.raw, recipient);
        }
        self.changed(ix);
    }

    /// A server other than Postfix took a message and tells all of it in one line.
    pub(super) fn arrival(&mut self, context: &Context<'_>, line: &ArrivalLine<'_>) {
        let ix = self.message_born(context, line.queue_id);
        let kept = self.keep(context, ix, TrailKind::Received);
        let raw = context.raw;
        let message = &mut self.messages[ix];
        message.birth_seen = true;
        message.state.is_active = true;
        message.set_client(kept, raw, &line.client, line.helo);
        if let Some(user) = line.sasl_user {
            message.client.sasl_user = message.story.fact(kept, raw, user, text::ADDRESS);
        }
        if let Some(tls) = line.tls {
            message.client.tls = message.story.fact(kept, raw, tls, 120);
        }
        if let Some(sender) = line.sender {
            message.sender = message.story.fact(kept, raw, sender, text::ADDRESS);
        }
        message.size = line.size.or(message.size);
        if let Some(id) = line.message_id.filter(|id| !id.is_empty())
            && !message.message_id.is_some()
        {
            message.message_id = message.story.fact(kept, raw, id, text::MESSAGE_ID);
        }
        if let Some(subject) = line.subject
            && !message.subject.is_some()
        {
            message.subject = match text::unquoted(subject) {
                Cow::Borrowed(subject) => message.story.fact(kept, raw, subject, 2000),
                Cow::Owned(subject) => message.story.put(&subject[..subject.len().min(2000)]),
            };
        }
        for recipient in &line.recipients {
            message.name_recipient(kept, raw, recipient);
        }
        if let Some(parent) = line.report_on {
            message.state.own_mail = true;
            let parent = self.message(context, parent);
            self.keep(context, parent, TrailKind::Reported);
        }
    }

    pub(super) fn active(
        &mut self,
        context: &Context<'_>,
        queue_id: &[u8],
        sender: &[u8],
        size: Option<u64>,
    ) {
        let ix = self.message(context, queue_id);
        if self.messages[ix].state.is_active {
            // Active again after a pause: nothing new.
            let message = &mut self.messages[ix];
            message.state.held = false;
            message.last = message.last.max(context.at);
            return;
        }
        let kept = self.keep(context, ix, TrailKind::Queued);
        let message = &mut self.messages[ix];
        message.state.is_active = true;
        message.state.held = false;
        // pickup knows a login name; what cleanup made of it is what leaves the server.
        let is_rewritten = !message.story.get(message.sender).contains(&b'@') && sender.contains(&b'@');
        if is_rewritten {
            message.sender = super::story::Span::NONE;
        }
        message.set_sender(kept, context.raw, sender);
        message.size = message.size.or(size);
        if sender.starts_with(b"double-bounce@") && !message.birth_seen {
            message.state.probe = true;
        }
    }

    pub(super) fn ended(
        &mut self,
        context: &Context<'_>,
        queue_id: &[u8],
        kind: TrailKind,
        apply: impl FnOnce(&mut State),
    ) {
        let ix = self.message(context, queue_id);
        apply(&mut self.messages[ix].state);
        self.keep(context, ix, kind);
        self.close_if_over(ix);
    }

    pub(super) fn delivery(&mut self, context: &Context<'_>, line: &DeliveryLine<'_>) {
        let ix = self.message(context, line.queue_id);
        let message = &mut self.messages[ix];
        if line.status == DeliveryStatus::Probe {
            message.state.probe = true;
            return;
        }
        // What is really delivered is no probe, although the sender was double-bounce@: bounce(8) tells the postmaster under that name.
        message.state.probe = false;
        let orig_to = line
            .orig_to
            .filter(|orig_to| !text::is_same_address(orig_to, line.to));
        let line = DeliveryLine { orig_to, ..*line };
        let (key, known) = message.deliveries.position(&message.story, line.to, orig_to);
        let position = match known {
            Some(position) => position,
            None if message.deliveries.list.len() >= self.limits.deliveries => {
                self.counters.dropped_lines += 1;
                return;
            }
            None => message.deliveries.add(Delivery::new(key, context)),
        };
        let about = u16::try_from(position).unwrap_or(super::StoredLine::WHOLE - 1);
        let kept = self.keep_about(context, ix, trail_kind(&line), about);
        let message = &mut self.messages[ix];
        let delivery = &mut message.deliveries.list[position];
        delivery.take(&mut message.story, kept, &line, context);
        message.compact();
        if let Some(next) = line.next {
            self.follow(context.at, ix, next);
        }
        if matches!(line.status, DeliveryStatus::Sent | DeliveryStatus::Bounced)
            && line.transport == Transport::Mailbox
            && let Some(said) = lmtp_session(line.text).and_then(|session| self.mailbox.remove(session))
        {
            let raw = said.raw;
            let mailbox_line = Context {
                at: said.at,
                server: said.server,
                program: said.program,
                raw: &raw,
                ..*context
            };
            self.keep_about(&mailbox_line, ix, TrailKind::Delivered, about);
            self.messages[ix].deliveries.list[position].mailbox = Some(Box::new(said.mailbox));
        }
        if !self.by_pair.is_empty() {
            let root = self.root(ix);
            self.adopt(root, text::address_key(line.to));
            if let Some(orig_to) = orig_to {
                self.adopt(root, text::address_key(orig_to));
            }
        }
        self.close_if_over(ix);
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
