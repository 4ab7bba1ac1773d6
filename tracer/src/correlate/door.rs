//! The door: refusals for now and for good, greylisting, and the mail that comes back.
//!
//! A refused recipient is a record of its own, without a queue id. Refused for now (4xx), it waits for its return: the next mail with the same
//! envelope sender and recipient adopts it, so that a greylisted first try and the delivery after it are one record with the first one's id and
//! moment. Several tries that are all put off (postscreen, then postgrey) fold into the same refusal.

use std::hash::BuildHasher;
use std::net::IpAddr;

use compact_str::CompactString;
use foldhash::fast::FixedState;
use model::record::TrailKind;
use model::time::Micros;
use smallvec::SmallVec;

use super::build::answer;
use super::clock::is_recent;
use super::explained::Explained;
use super::message::{Client, Judged, MessageIx, Refusal, RefusalIx, State};
use super::story::{Kept, Span, StoredLine};
use super::verdict::is_greylisting;
use super::{Changes, Context, Correlator, RETURN_WITHIN, bracketed, text};
use crate::event::{DoorAction, DoorLine, FilterAction, GreylistLine, Judgement};

/// A filter's or greylisting's line belongs to the answer at the door that follows within so many seconds.
const ANSWER_WITHIN_SECONDS: i64 = 120;
/// Lines of one refusal, in bytes.
const STORY_BYTES: usize = 16 * 1024;

/// Recipients of one mail that are refused together.
const TOGETHER: usize = 100;

/// Of a sender and a client.
fn client_key(sender: &[u8], client: Option<IpAddr>) -> u64 {
    pair_key(text::address_key(sender), FixedState::default().hash_one(client))
}

/// Of a sender and a recipient.
pub(super) const fn pair_key(sender: u64, recipient: u64) -> u64 {
    sender.rotate_left(7) ^ recipient
}

impl Correlator {
    pub(super) fn door(&mut self, context: &Context<'_>, line: &DoorLine<'_>) {
        if let Some(helo) = line.envelope.helo
            && let Some(session) = self.sessions.get_mut(&context.session())
        {
            session.last = context.at;
            if session.helo.is_none() {
                session.helo = Some(text::clean_bounded(helo, text::NAME));
            }
        }
        let whole_message = !matches!(
            line.stage,
            b"CONNECT" | b"HELO" | b"EHLO" | b"MAIL" | b"RCPT" | b"VRFY" | b"ETRN" | b"AUTH"
        );
        match (line.action, line.queue_id) {
            (DoorAction::Reject | DoorAction::Defer, Some(queue_id)) if whole_message => {
                self.refuse_message(context, queue_id, line);
            }
            (DoorAction::Reject | DoorAction::Defer, _)
                if line.envelope.recipient.is_none() && self.refuse_again(context, line) => {}
            (DoorAction::Reject | DoorAction::Defer, _) => {
                self.refuse(context, line, line.envelope.recipient.unwrap_or_default(), None);
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
                self.keep(context, ix, TrailKind::Noted);
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
        apply: impl FnOnce(&mut State),
    ) {
        let ix = self.message(context, queue_id);
        let kept = self.keep(context, ix, kind);
        let message = &mut self.messages[ix];
        apply(&mut message.state);
        if let Some(sender) = line.envelope.sender {
            message.set_sender(kept, context.raw, sender);
        }
        if let Some(recipient) = line.envelope.recipient {
            message.name_recipient(kept, context.raw, recipient);
        }
        if let Some(helo) = line.envelope.helo {
            message.client.helo = message.story.fact(kept, context.raw, helo, text::NAME);
        }
        message.door_reply = message.story.fact(kept, context.raw, line.reply, 500);
        self.close_if_over(ix);
    }

    /// Refused after the data: the queue id is burnt, and every recipient gets the answer.
    fn refuse_message(&mut self, context: &Context<'_>, queue_id: &[u8], line: &DoorLine<'_>) {
        let ix = self.message(context, queue_id);
        let message = &self.messages[ix];
        let mut recipients: Vec<Vec<u8>> = message
            .named
            .iter()
            .map(|(_, span)| message.story.get(*span).to_vec())
            .collect();
        if let Some(named) = line.envelope.recipient
            && !recipients.iter().any(|known| text::is_same_address(known, named))
        {
            recipients.push(named.to_vec());
        }
        for recipient in recipients {
            self.refuse(context, line, &recipient, Some(ix));
        }
        self.messages[ix].state.refused = true;
        self.keep(context, ix, TrailKind::Refused);
        self.close_if_over(ix);
    }

    pub(super) fn refuse(
        &mut self,
        context: &Context<'_>,
        line: &DoorLine<'_>,
        recipient: &[u8],
        message: Option<MessageIx>,
    ) -> RefusalIx {
        let ix = self.refusal_for(
            context,
            line.envelope.sender,
            recipient,
            line.client.ip,
            line.is_temporary(),
        );
        let sender = line.envelope.sender.unwrap_or_default();
        let kind = if line.is_temporary() {
            TrailKind::RefusedForNow
        } else {
            TrailKind::Refused
        };
        let kept = self.note_refusal(context, ix, kind, message);
        let session = self.sessions.get(&context.session());
        let refusal = &mut self.refusals[ix];
        if refusal.tries == 0 {
            refusal.server = context.server;
            if let Some(session) = session.filter(|session| session.mails == 0) {
                refusal.connected_at = refusal.connected_at.min(session.connected_at);
            }
        }
        refusal.tries += 1;
        refusal.is_answered = true;
        refusal.last_at = context.at;
        refusal.code = line.code;
        refusal.is_temporary = line.is_temporary();
        // Who named neither sender nor recipient cannot be told from the next such client.
        let is_nameless = sender.is_empty() && recipient.is_empty();
        refusal.is_pending = refusal.is_temporary && !is_nameless;
        refusal.is_submission = context.is_submission;
        let story = &mut refusal.story;
        let raw = context.raw;
        refusal.dsn = story.fact(kept, raw, line.dsn, 12);
        refusal.reply = story.fact(kept, raw, line.reply, text::REPLY);
        refusal.client.ip = line.client.ip.or(refusal.client.ip);
        if let Some(name) = line.client.name {
            refusal.client.name = story.fact(kept, raw, name, text::NAME);
        }
        if let Some(helo) = line.envelope.helo {
            refusal.client.helo = story.fact(kept, raw, helo, text::NAME);
        }
        if let Some(tls) = session.and_then(|session| session.tls.as_ref()) {
            refusal.client.tls = story.put(tls.as_bytes());
        }
        if let Some(message) = message.and_then(|ix| self.messages.get(ix)) {
            let from = &message.story;
            refusal.message_id = story.take(from, message.message_id).or(refusal.message_id);
            refusal.subject = story.take(from, message.subject).or(refusal.subject);
            refusal.judgement = message.judgement.clone().or(refusal.judgement.take());
            refusal.client = Client {
                helo: refusal.client.helo,
                ..message.client.copied(from, story)
            };
        }
        refusal.compact(STORY_BYTES * 2);
        if refusal.tries == 1 && refusal.is_pending && !recipient.is_empty() {
            let older = self.by_client.insert(client_key(sender, line.client.ip), ix);
            self.refusals[ix].older = older.filter(|older| *older != ix);
        }
        ix
    }

    /// A client whose recipients were put off comes again and is refused before it names them: they are the ones that are refused now.
    fn refuse_again(&mut self, context: &Context<'_>, line: &DoorLine<'_>) -> bool {
        let Some(sender) = line.envelope.sender else {
            return false;
        };
        let mut recipients: SmallVec<[Vec<u8>; 2]> = SmallVec::new();
        let mut next = self.by_client.get(&client_key(sender, line.client.ip)).copied();
        while let Some(refusal) = next.and_then(|ix| self.refusals.get(ix)) {
            let same = text::is_same_address(refusal.story.get(refusal.sender), sender)
                && refusal.client.ip == line.client.ip;
            if !same || recipients.len() >= TOGETHER {
                break;
            }
            if refusal.is_pending && context.at.0 - refusal.last_at.0 <= RETURN_WITHIN {
                recipients.push(refusal.story.get(refusal.recipient).to_vec());
            }
            next = refusal.older;
        }
        recipients.sort_unstable();
        recipients.dedup();
        for recipient in &recipients {
            self.refuse(context, line, recipient, None);
        }
        !recipients.is_empty()
    }

    /// `NOQUEUE: discard: RCPT`: taken with 250 and dropped; the queue id that follows is never heard of again.
    fn discard_at_door(&mut self, context: &Context<'_>, line: &DoorLine<'_>) {
        let ix = self.refuse(context, line, line.envelope.recipient.unwrap_or_default(), None);
        let refusal = &mut self.refusals[ix];
        refusal.is_temporary = false;
        refusal.is_pending = false;
        refusal.judgement = Some(Box::new(Judged {
            category: CompactString::const_new("DISCARD"),
            detail: None,
            action: FilterAction::Discard,
            quarantine: None,
            score: None,
            scan_ms: None,
        }));
        if let Some(open) = self
            .sessions
            .get(&context.session())
            .and_then(|session| session.open)
            && let Some(ix) = self.alive(open)
        {
            self.messages[ix].state.lost = true;
        }
    }

    pub(super) fn greylist(&mut self, context: &Context<'_>, line: &GreylistLine<'_>) {
        if line.put_off {
            let ix = self.refusal_for(context, Some(line.sender), line.recipient, line.client_ip, true);
            let refusal = &mut self.refusals[ix];
            refusal.is_greylisted = true;
            refusal.client.ip = refusal.client.ip.or(line.client_ip);
            self.note_refusal(context, ix, TrailKind::Greylisted, None);
            return;
        }
        match line.queue_id.and_then(|id| self.find(id, context.at)) {
            Some(ix) => self.messages[ix].name_recipient(Kept::default(), context.raw, line.recipient),
            None => self.pass(context, line.client_ip, (line.sender, line.recipient)),
        }
        let pair = pair_key(text::address_key(line.sender), text::address_key(line.recipient));
        if let Some(ix) = self.by_pair.get(&pair).copied()
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
        let kind = if judged.quarantine.is_some() {
            TrailKind::Quarantined
        } else {
            TrailKind::Checked
        };
        for recipient in bracketed(judgement.recipients) {
            let ix = self.refusal_for(
                context,
                Some(judgement.sender),
                recipient,
                judgement.client_ip,
                false,
            );
            let kept = self.note_refusal(context, ix, kind, None);
            let refusal = &mut self.refusals[ix];
            refusal.judgement = Some(Box::new(judged.clone()));
            refusal.client.ip = refusal.client.ip.or(judgement.client_ip);
            if let Some(id) = judgement.message_id {
                refusal.message_id = refusal.story.fact(kept, context.raw, id, text::MESSAGE_ID);
            }
            refusal.last_at = context.at;
            refusal.is_temporary = false;
        }
    }

    /// The refusal that this line goes on with, or a new one. The sender is `None` where the log does not tell it.
    fn refusal_for(
        &mut self,
        context: &Context<'_>,
        sender: Option<&[u8]>,
        recipient: &[u8],
        client: Option<IpAddr>,
        is_temporary: bool,
    ) -> RefusalIx {
        let pair = pair_key(
            text::address_key(sender.unwrap_or_default()),
            text::address_key(recipient),
        );
        if let Some(ix) = self.by_pair.get(&pair).copied() {
            let refusal = &self.refusals[ix];
            let age = (context.at.0 - refusal.last_at.0).abs();
            let unanswered = !refusal.is_answered && age <= ANSWER_WITHIN_SECONDS * 1_000_000;
            let same_sender = match (refusal.story.find(refusal.sender), sender) {
                (Some(known), Some(sender)) => text::is_same_address(known, sender),
                (known, sender) => known.is_none() && sender.is_none(),
            };
            let same = same_sender && text::is_same_address(refusal.story.get(refusal.recipient), recipient);
            let waits = refusal.is_pending && age <= RETURN_WITHIN;
            if same && (unanswered || (waits && may_be_of(&self.explained, refusal, client))) {
                return ix;
            }
        }
        let mut story = self.spare.pop().unwrap_or_default();
        let sender = sender.map_or(Span::NONE, |sender| {
            story.put(&sender[..sender.len().min(text::ADDRESS)])
        });
        let recipient = story.put(&recipient[..recipient.len().min(text::ADDRESS)]);
        let refusal = Refusal {
            story,
            pair,
            server: context.server,
            connected_at: context.at,
            first_at: context.at,
            last_at: context.at,
            client: Client::default(),
            sender,
            recipient,
            message_id: Span::NONE,
            subject: Span::NONE,
            queue_ids: SmallVec::new(),
            code: 0,
            dsn: Span::NONE,
            reply: Span::NONE,
            tries: 0,
            is_temporary,
            is_greylisted: false,
            is_submission: false,
            older: None,
            is_answered: false,
            judgement: None,
            written: None,
            is_changed: false,
            is_listed: false,
            is_pending: is_temporary,
        };
        self.refusal_bytes += size_of::<Refusal>() + refusal.story.weight();
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
    ) -> Kept {
        let refusal = &mut self.refusals[ix];
        let before = refusal.story.weight();
        let mut about = StoredLine::WHOLE;
        if let Some(message) = message.and_then(|ix| self.messages.get(ix)) {
            let known = refusal.queue_ids.iter().position(|id| *id == message.queue_id);
            let position = known.unwrap_or(refusal.queue_ids.len());
            about = u16::try_from(position).unwrap_or(StoredLine::WHOLE);
            if known.is_none() {
                refusal.queue_ids.push(message.queue_id.clone());
                for line in &message.story.lines {
                    if refusal.story.len() < STORY_BYTES {
                        refusal.story.keep_again(&message.story, line, about);
                    }
                }
            }
        }
        let most = STORY_BYTES.min(self.limits.line_bytes);
        let kept = refusal.story.keep(context, kind, about, most);
        if !kept.is_kept() && most > 0 {
            self.counters.dropped_lines += 1;
        }
        self.refusal_bytes += refusal.story.weight() - before;
        refusal.is_changed = true;
        if !refusal.is_listed {
            refusal.is_listed = true;
            self.changed_refusals.push(ix);
        }
        kept
    }

    /// The mail came back and was taken: its record goes on with the refusal's id and moment.
    pub(super) fn adopt(&mut self, root: MessageIx, recipient: u64) {
        let message = &self.messages[root];
        let Some(sender) = message.story.find(message.sender) else {
            return;
        };
        let pair = pair_key(text::address_key(sender), recipient);
        let Some(ix) = self.by_pair.get(&pair).copied() else {
            return;
        };
        if message.adopted.iter().any(|adopted| adopted.pair == pair) {
            return;
        }
        let refusal = &self.refusals[ix];
        let came_back = refusal.is_pending
            && refusal.last_at <= Micros(message.born.0 + 1_000_000)
            && message.born.0 - refusal.last_at.0 <= RETURN_WITHIN;
        if !came_back {
            return;
        }
        self.by_pair.remove(&pair);
        // Its place in the list of changed refusals stays; who walks the list looks whether it still means a changed refusal.
        let refusal = self.remove_refusal(ix);
        let message = &mut self.messages[root];
        message.written.extend(refusal.written);
        message.adopted.push(refusal);
        self.changed(root);
    }

    /// Makes a refusal that was read back the newest of its sender, recipient and client.
    pub(super) fn find_refusal_by(&mut self, ix: RefusalIx) {
        let refusal = &self.refusals[ix];
        let client = client_key(refusal.story.get(refusal.sender), refusal.client.ip);
        self.by_pair.insert(refusal.pair, ix);
        if refusal.is_pending && refusal.tries > 0 {
            self.refusals[ix].older = self.by_client.insert(client, ix);
        }
    }

    fn remove_refusal(&mut self, ix: RefusalIx) -> Refusal {
        let refusal = self.refusals.remove(ix);
        let weight = size_of::<Refusal>() + refusal.story.weight();
        self.refusal_bytes = self.refusal_bytes.saturating_sub(weight);
        let key = client_key(refusal.story.get(refusal.sender), refusal.client.ip);
        if self.by_client.get(&key) == Some(&ix) {
            match refusal.older {
                Some(older) => self.by_client.insert(key, older),
                None => self.by_client.remove(&key),
            };
        }
        refusal
    }

    /// Writes and forgets refusals that are final, or too old to come back, or too many.
    pub(super) fn expire_refusals(&mut self, changes: &mut Changes) {
        let now = self.now;
        let mut gone: Vec<RefusalIx> = self
            .refusals
            .iter()
            .filter(|(_, refusal)| {
                let within = if refusal.is_pending {
                    RETURN_WITHIN
                } else {
                    ANSWER_WITHIN_SECONDS * 1_000_000
                };
                !is_recent(now, refusal.last_at, within + 1)
            })
            .map(|(ix, _)| ix)
            .collect();
        self.write_and_forget(&gone, changes);
        if self.refusals.len() > self.limits.refusals || self.refusal_bytes > self.limits.refusal_bytes {
            let mut oldest: Vec<(Micros, RefusalIx)> = self
                .refusals
                .iter()
                .map(|(ix, refusal)| (refusal.last_at, ix))
                .collect();
            oldest.sort_unstable();
            let too_many = oldest.len().saturating_sub(self.limits.refusals);
            oldest.truncate(too_many.max(oldest.len() / 4 + 1));
            self.counters.forgotten_refusals += oldest.len() as u64;
            gone.clear();
            gone.extend(oldest.into_iter().map(|(_, ix)| ix));
            self.write_and_forget(&gone, changes);
        }
    }

    fn write_and_forget(&mut self, refusals: &[RefusalIx], changes: &mut Changes) {
        for ix in refusals {
            self.write_refusal(*ix, changes);
            let refusal = self.remove_refusal(*ix);
            if self.by_pair.get(&refusal.pair) == Some(ix) {
                self.by_pair.remove(&refusal.pair);
            }
            self.keep_spare(refusal.story);
        }
    }
}

/// Whether a client's next try may be this refusal's: other machines of a big sender come back too, but only greylisting tells them to.
fn may_be_of(explained: &Explained, refusal: &Refusal, client: Option<IpAddr>) -> bool {
    let same_client = match (refusal.client.ip, client) {
        (Some(known), Some(client)) => known == client,
        _ => refusal.sender.is_some(),
    };
    same_client
        || (refusal.sender.is_some() && {
            let (reply, dsn) = answer(refusal);
            is_greylisting(
                explained,
                refusal,
                reply.as_deref().unwrap_or_default(),
                dsn.as_deref(),
            )
        })
}
