//! The door: refusals for now and for good, greylisting, and the mail that comes back.
//!
//! A refused recipient is a record of its own, without a queue id. Refused for now (4xx), it waits for its return: the next mail with the same
//! envelope sender and recipient adopts it, so that a greylisted first try and the delivery after it are one record with the first one's id and
//! moment. Several tries that are all put off (postscreen, then postgrey) fold into the same refusal.

use model::record::{TrailEvent, TrailKind};
use model::time::Micros;
use smallvec::SmallVec;

use super::message::{Client, Judged, MessageIx, Refusal, RefusalIx};
use super::{Context, Correlator, RETURN_WITHIN, bracketed, text};
use crate::event::{DoorAction, DoorLine, FilterAction, GreylistLine, Judgement};

/// A filter's or greylisting's line belongs to the answer at the door that follows within so many seconds.
const ANSWER_WITHIN_SECONDS: i64 = 120;

impl Correlator {
    pub(super) fn door(&mut self, context: &Context<'_>, line: &DoorLine<'_>) {
        if let Some(session) = self.sessions.get_mut(&context.session()) {
            session.last = context.at;
            if let Some(helo) = line.envelope.helo {
                session.client.helo = Some(text::clean_bounded(helo, 255));
            }
        }
        let whole_message = !matches!(
            line.stage,
            b"CONNECT" | b"HELO" | b"EHLO" | b"MAIL" | b"RCPT" | b"VRFY" | b"ETRN" | b"AUTH"
        );
        match (line.action, line.queue_id) {
            (DoorAction::Reject, Some(queue_id)) if whole_message => {
                self.refuse_message(context, queue_id, line);
            }
            (DoorAction::Reject, _) => {
                let recipient = line.envelope.recipient.map(text::address).unwrap_or_default();
                self.refuse(context, line, recipient, None);
            }
            (DoorAction::Discard, None) => self.discard_at_door(context, line),
            (DoorAction::Discard, Some(queue_id)) => {
                self.check(context, queue_id, line, TrailKind::Discarded, |state| {
                    state.discarded = true;
                });
            }
            (DoorAction::Hold, Some(queue_id)) => {
                self.check(context, queue_id, line, TrailKind::Held, |state| {
                    state.held = true;
                });
            }
            // `NOQUEUE: hold: RCPT`: the queue file comes with the data; cleanup says nothing more, so the session's next file is held.
            (DoorAction::Hold | DoorAction::Note, None) => {}
            (DoorAction::Note, Some(queue_id)) => {
                let ix = self.message(context, queue_id);
                self.keep(context, ix, TrailKind::Noted, None);
            }
        }
    }

    /// A header, body or access check decided about a queue file.
    fn check(
        &mut self,
        context: &Context<'_>,
        queue_id: &[u8],
        line: &DoorLine<'_>,
        kind: TrailKind,
        apply: impl FnOnce(&mut super::message::State),
    ) {
        let ix = self.message(context, queue_id);
        let message = &mut self.messages[ix];
        apply(&mut message.state);
        if let Some(sender) = line.envelope.sender {
            message.sender.get_or_insert_with(|| text::address(sender));
        }
        if let Some(recipient) = line.envelope.recipient.map(text::address) {
            message.name_recipient(recipient);
        }
        message.client.helo = line
            .envelope
            .helo
            .map(|helo| text::clean_bounded(helo, 255))
            .or(message.client.helo.take());
        message.door_reply = Some(text::clean_bounded(line.reply, 500));
        self.keep(context, ix, kind, None);
        self.close_if_over(ix);
    }

    /// Refused after the data: the queue id is burnt, and every recipient gets the answer.
    fn refuse_message(&mut self, context: &Context<'_>, queue_id: &[u8], line: &DoorLine<'_>) {
        let ix = self.message(context, queue_id);
        let mut recipients: SmallVec<[String; 2]> =
            self.messages[ix].named_recipients.iter().cloned().collect();
        if let Some(named) = line.envelope.recipient.map(text::address)
            && !recipients.contains(&named)
        {
            recipients.push(named);
        }
        for recipient in recipients {
            self.refuse(context, line, recipient, Some(ix));
        }
        self.messages[ix].state.refused = true;
        self.keep(context, ix, TrailKind::Refused, None);
        self.close_if_over(ix);
    }

    pub(super) fn refuse(
        &mut self,
        context: &Context<'_>,
        line: &DoorLine<'_>,
        recipient: String,
        message: Option<MessageIx>,
    ) -> RefusalIx {
        let sender = line.envelope.sender.map(text::address).unwrap_or_default();
        if line.envelope.sender.is_none() {
            // Without a sender only the client tells whether it is the same mail.
            let pair = (sender.clone(), recipient.clone());
            let other = self.by_pair.get(&pair).copied();
            if other.is_some_and(|other| self.refusals[other].client.ip != line.client.ip) {
                self.by_pair.remove(&pair);
            }
        }
        let ix = self.refusal_for(context, sender, recipient, line.is_temporary());
        let session = self.sessions.get(&context.session());
        let tls = session.and_then(|session| session.client.tls.clone());
        let connected_at = session
            .filter(|session| session.mails == 0)
            .map(|session| session.connected_at);
        let refusal = &mut self.refusals[ix];
        if refusal.tries == 0 {
            refusal.connected_at =
                connected_at.map_or(refusal.connected_at, |at| at.min(refusal.connected_at));
        }
        refusal.tries += 1;
        refusal.is_answered = true;
        refusal.last_at = context.at;
        refusal.server = if refusal.tries == 1 {
            context.server
        } else {
            refusal.server
        };
        refusal.code = line.code;
        refusal.dsn = text::clean_bounded(line.dsn, 12);
        refusal.reply = text::clean_bounded(line.reply, 2000);
        refusal.is_temporary = line.is_temporary();
        refusal.is_pending = refusal.is_temporary;
        let peer = Client::of(&line.client);
        refusal.client.ip = peer.ip.or(refusal.client.ip);
        refusal.client.name = peer.name.or(refusal.client.name.take());
        refusal.client.helo = line
            .envelope
            .helo
            .map(|helo| text::clean_bounded(helo, 255))
            .or(refusal.client.helo.take());
        refusal.client.tls = tls.or(refusal.client.tls.take());
        if let Some(message) = message {
            let message = &self.messages[message];
            refusal.message_id = message.message_id.clone().or(refusal.message_id.take());
            refusal.subject = message.subject.clone().or(refusal.subject.take());
            refusal.judgement = message.judgement.clone().or(refusal.judgement.take());
            refusal.client = Client {
                helo: refusal.client.helo.take(),
                ..message.client.clone()
            };
            if !refusal.queue_ids.contains(&message.queue_id) {
                refusal.queue_ids.push(message.queue_id.clone());
            }
        }
        let kind = if refusal.is_temporary {
            TrailKind::RefusedForNow
        } else {
            TrailKind::Refused
        };
        self.note_refusal(context, ix, kind, message);
        ix
    }

    /// `NOQUEUE: discard: RCPT`: taken with 250 and dropped; the queue id that follows is never heard of again.
    fn discard_at_door(&mut self, context: &Context<'_>, line: &DoorLine<'_>) {
        let recipient = line.envelope.recipient.map(text::address).unwrap_or_default();
        let ix = self.refuse(context, line, recipient, None);
        let refusal = &mut self.refusals[ix];
        refusal.is_temporary = false;
        refusal.is_pending = false;
        refusal.judgement = Some(Judged {
            category: "DISCARD".to_owned(),
            detail: None,
            action: FilterAction::Discard,
            quarantine: None,
            score: None,
            scan_ms: None,
        });
        if let Some(open) = self
            .sessions
            .get(&context.session())
            .and_then(|session| session.open)
        {
            self.messages[open].state.lost = true;
        }
    }

    pub(super) fn greylist(&mut self, context: &Context<'_>, line: &GreylistLine<'_>) {
        let (sender, recipient) = (text::address(line.sender), text::address(line.recipient));
        if line.put_off {
            let ix = self.refusal_for(context, sender, recipient, true);
            let refusal = &mut self.refusals[ix];
            refusal.is_greylisted = true;
            refusal.client.ip = refusal.client.ip.or(line.client_ip);
            self.note_refusal(context, ix, TrailKind::Greylisted, None);
            return;
        }
        match line.queue_id.and_then(|id| self.find(id, Some(context.at))) {
            Some(ix) => self.messages[ix].name_recipient(recipient.clone()),
            None => {
                if let Some(ip) = line.client_ip {
                    let (at, envelopes) = self.passed.entry(ip).or_insert_with(|| (context.at, Vec::new()));
                    if context.at.0 - at.0 > 5_000_000 || envelopes.len() >= 1000 {
                        envelopes.clear();
                    }
                    *at = context.at;
                    envelopes.push((sender.clone(), recipient.clone()));
                }
            }
        }
        if let Some(ix) = self.by_pair.get(&(sender, recipient)).copied()
            && self.refusals[ix].is_pending
        {
            self.note_refusal(context, ix, TrailKind::GreylistPassed, None);
        }
    }

    /// amavis before the queue refused it: its line comes before smtpd's and names all recipients.
    pub(super) fn refused_by_filter(
        &mut self,
        context: &Context<'_>,
        judgement: &Judgement<'_>,
        judged: &Judged,
    ) {
        if judged.action == FilterAction::Pass || judged.action == FilterAction::TempFail {
            return;
        }
        let sender = text::address(judgement.sender);
        let recipients: Vec<String> = bracketed(judgement.recipients).map(text::address).collect();
        for recipient in recipients {
            let ix = self.refusal_for(context, sender.clone(), recipient, false);
            let refusal = &mut self.refusals[ix];
            refusal.judgement = Some(judged.clone());
            refusal.client.ip = refusal.client.ip.or(judgement.client_ip);
            refusal.message_id = judgement
                .message_id
                .map(|id| text::clean_bounded(id, 1000))
                .or(refusal.message_id.take());
            refusal.last_at = context.at;
            refusal.is_temporary = false;
            let kind = if judged.quarantine.is_some() {
                TrailKind::Quarantined
            } else {
                TrailKind::Checked
            };
            self.note_refusal(context, ix, kind, None);
        }
    }

    /// The refusal that this line goes on with, or a new one.
    fn refusal_for(
        &mut self,
        context: &Context<'_>,
        sender: String,
        recipient: String,
        is_temporary: bool,
    ) -> RefusalIx {
        let pair = (sender, recipient);
        if let Some(ix) = self.by_pair.get(&pair).copied() {
            let refusal = &self.refusals[ix];
            let age = context.at.0 - refusal.last_at.0;
            let unanswered = !refusal.is_answered && age <= ANSWER_WITHIN_SECONDS * 1_000_000;
            if unanswered || (refusal.is_pending && age <= RETURN_WITHIN) {
                return ix;
            }
        }
        let refusal = Refusal {
            server: context.server,
            connected_at: context.at,
            first_at: context.at,
            last_at: context.at,
            client: Client::default(),
            sender: pair.0.clone(),
            recipient: pair.1.clone(),
            message_id: None,
            subject: None,
            queue_ids: SmallVec::new(),
            code: 0,
            dsn: String::new(),
            reply: String::new(),
            tries: 0,
            is_temporary,
            is_greylisted: false,
            is_answered: false,
            judgement: None,
            trail: Vec::new(),
            written: None,
            is_changed: false,
            is_pending: is_temporary,
        };
        let ix = self.refusals.insert(refusal);
        self.by_pair.insert(pair, ix);
        ix
    }

    /// Keeps the line in the refusal's trail; a refusal after the data takes the message's own lines along once.
    fn note_refusal(
        &mut self,
        context: &Context<'_>,
        ix: RefusalIx,
        kind: TrailKind,
        message: Option<MessageIx>,
    ) {
        let mut events = Vec::new();
        if let Some(message) = message.map(|ix| &self.messages[ix]) {
            for line in &message.lines {
                events.push(self.event_of(message, line));
            }
        }
        events.push(TrailEvent {
            at: context.at,
            server: self.symbols.name(context.server).to_owned(),
            program: self.symbols.name(context.program).to_owned(),
            kind,
            queue_id: message.map(|ix| self.messages[ix].queue_id.to_string()),
            text: text::clean(context.raw),
        });
        let refusal = &mut self.refusals[ix];
        let known = [
            refusal.sender.as_str(),
            refusal.recipient.as_str(),
            refusal.message_id.as_deref().unwrap_or_default(),
        ];
        for event in &mut events {
            event.text = text::without_strangers(&event.text, &known);
        }
        if refusal.trail.len() + events.len() <= 200 {
            refusal.trail.extend(events);
        } else {
            self.counters.dropped_lines += 1;
        }
        if !refusal.is_changed {
            refusal.is_changed = true;
            self.changed_refusals.push(ix);
        }
    }

    /// The mail came back and was taken: its record goes on with the refusal's id and moment.
    pub(super) fn adopt(&mut self, root: MessageIx, recipient: &str) {
        let message = &self.messages[root];
        let Some(sender) = message.sender.as_ref() else {
            return;
        };
        if message.adopted.iter().any(|(adopted, _)| adopted == recipient) {
            return;
        }
        let pair = (sender.clone(), recipient.to_owned());
        let Some(ix) = self.by_pair.get(&pair).copied() else {
            return;
        };
        let refusal = &self.refusals[ix];
        let came_back = refusal.is_pending
            && refusal.last_at <= Micros(message.born.0 + 1_000_000)
            && message.born.0 - refusal.last_at.0 <= RETURN_WITHIN;
        if !came_back {
            return;
        }
        self.by_pair.remove(&pair);
        let refusal = self.take_refusal(ix);
        let message = &mut self.messages[root];
        message.written.extend(refusal.written);
        message.adopted.push((recipient.to_owned(), refusal));
        self.changed(root);
    }

    fn take_refusal(&mut self, ix: RefusalIx) -> Refusal {
        // Its place in the list of changed refusals stays; who walks the list looks whether it still means a changed refusal.
        self.refusals.remove(ix)
    }

    /// Forgets refusals that are final and written, or too old to come back.
    pub(super) fn expire_refusals(&mut self) {
        let now = self.now.0;
        let mut gone: Vec<RefusalIx> = self
            .refusals
            .iter()
            .filter(|(_, refusal)| !refusal.is_changed)
            .filter(|(_, refusal)| {
                let age = now - refusal.last_at.0;
                if refusal.is_pending {
                    age > RETURN_WITHIN
                } else {
                    age > ANSWER_WITHIN_SECONDS * 1_000_000
                }
            })
            .map(|(ix, _)| ix)
            .collect();
        if self.refusals.len() - gone.len() > self.limits.refusals {
            let mut oldest: Vec<(Micros, RefusalIx)> = self
                .refusals
                .iter()
                .filter(|(_, refusal)| !refusal.is_changed)
                .map(|(ix, refusal)| (refusal.last_at, ix))
                .collect();
            oldest.sort_unstable();
            oldest.truncate(self.limits.refusals / 4);
            self.counters.forgotten_refusals += oldest.len() as u64;
            gone.extend(oldest.into_iter().map(|(_, ix)| ix));
            gone.sort_unstable();
            gone.dedup();
        }
        for ix in gone {
            let refusal = self.refusals.remove(ix);
            let pair = (refusal.sender, refusal.recipient);
            if self.by_pair.get(&pair) == Some(&ix) {
                self.by_pair.remove(&pair);
            }
        }
    }
}
