//! Connections to smtpd: who connected when, and which queue file belongs to whom.

use model::record::TrailKind;
use smallvec::SmallVec;

use super::message::{Client, MessageIx, Session, SessionClient};
use super::story::Span;
use super::{Context, Correlator, text};
use crate::event::{ClientLine, Envelope};

/// Greylisting's "pass" is about the queue id that follows within so many microseconds.
const PASSED_WITHIN: i64 = 5_000_000;

/// Children that wait for the same parent, at most.
const ORPHANS: usize = 100;

impl Correlator {
    pub(super) fn connect(&mut self, context: &Context<'_>) {
        let session = Session {
            connected_at: context.at,
            last: context.at,
            ..Session::default()
        };
        self.sessions.insert(context.session(), session);
    }

    pub(super) fn tls(&mut self, context: &Context<'_>, protocol: &[u8]) {
        if let Some(session) = self.sessions.get_mut(&context.session()) {
            session.tls = Some(text::clean_bounded(protocol, 120));
        }
    }

    pub(super) fn disconnect(&mut self, context: &Context<'_>, data_failed: bool) {
        let Some(session) = self.sessions.remove(&context.session()) else {
            return;
        };
        let Some(ix) = session.open.and_then(|open| self.alive(open)) else {
            return;
        };
        let message = &mut self.messages[ix];
        if message.state.is_active || message.state.is_over() || message.state.held {
            return;
        }
        if data_failed && !session.broke_off {
            // Refused after the data; Postfix logs no answer for some of its own reasons (size).
            self.data_refused(context, ix);
        } else if session.broke_off || !message.message_id.is_some() {
            // A queue id was given, but the client was gone before the data were complete: the file was never queued.
            message.state.lost = true;
            self.keep(context, ix, TrailKind::Noted);
            if session.broke_off {
                self.adopt_named(ix);
            }
            self.close_if_over(ix);
        }
    }

    pub(super) fn lost(&mut self, context: &Context<'_>, stage: &[u8]) {
        let Some(session) = self.sessions.get_mut(&context.session()) else {
            return;
        };
        // Not END-OF-MESSAGE: by then the mail is ours, and the client only failed to say goodbye.
        if stage.starts_with(b"DATA") || stage.starts_with(b"BDAT") {
            session.broke_off = true;
        }
        let open = session.open;
        let unfinished = open.and_then(|open| self.alive(open)).filter(|ix| {
            let message = &self.messages[*ix];
            !message.state.is_active && !message.message_id.is_some()
        });
        if let Some(ix) = unfinished {
            self.keep(context, ix, TrailKind::Noted);
        }
    }

    pub(super) fn client(&mut self, context: &Context<'_>, line: &ClientLine<'_>) {
        let Some(queue_id) = line.queue_id else {
            // NOQUEUE: the mail gets its id behind the proxy filter; the session is what counts.
            if let Some(session) = self.sessions.get_mut(&context.session()) {
                session.last = context.at;
                let owned = |bytes| text::clean_bounded(bytes, text::NAME);
                session.client = Some(Box::new(SessionClient {
                    name: line.client.name.map(owned),
                    ip: line.client.ip,
                    user: line.sasl_username.map(owned),
                }));
            }
            return;
        };
        let ix = self.message_born(context, queue_id);
        let kept = self.keep(context, ix, TrailKind::Received);
        let open = self.handle(ix);
        let session = self.sessions.entry(context.session()).or_insert_with(|| Session {
            connected_at: context.at,
            ..Session::default()
        });
        session.last = context.at;
        session.open = Some(open);
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
            message.set_client(kept, context.raw, orig, None);
        } else {
            message.set_client(
                kept,
                context.raw,
                &line.client,
                session.helo.as_deref().map(str::as_bytes),
            );
            if let Some(tls) = &session.tls {
                message.client.tls = message.story.put(tls.as_bytes());
            }
            if let Some(user) = line.sasl_username {
                message.client.sasl_user = message.story.fact(kept, context.raw, user, text::ADDRESS);
            }
        }
        if let Some(orig) = line.orig_queue_id {
            if let Some(parent) = self.find(orig, context.at).filter(|parent| *parent != ix) {
                self.link(parent, ix);
            } else {
                let orig = super::compact(orig);
                let orphan = self.handle(ix);
                if self.orphans.len() >= super::EXPECTED.min(self.limits.messages) {
                    self.orphans.clear();
                }
                let orphans = self.orphans.entry(orig).or_default();
                // A filter splits a mail into parts; one that splits it into more is not to be believed.
                if orphans.len() < ORPHANS {
                    orphans.push(orphan);
                }
            }
        }
        if !self.passed.is_empty()
            && let Some((_, envelopes)) = line
                .client
                .ip
                .and_then(|ip| self.passed.remove(&ip))
                .filter(|(at, _)| context.at.0 - at.0 <= PASSED_WITHIN)
        {
            // Greylisting asks before the first queue id exists: who it let pass is the envelope that comes now.
            let message = &mut self.messages[ix];
            for (sender, recipient) in envelopes {
                message.set_sender(kept, context.raw, &sender);
                message.name_recipient(kept, context.raw, &recipient);
            }
        }
    }

    /// Greylisting let an envelope pass that has no queue id yet.
    pub(super) fn pass(
        &mut self,
        context: &Context<'_>,
        client: Option<std::net::IpAddr>,
        envelope: (&[u8], &[u8]),
    ) {
        let Some(ip) = client else { return };
        if self.passed.len() >= 10_000 {
            let now = context.at.0;
            self.passed.retain(|_, (at, _)| now - at.0 <= PASSED_WITHIN);
        }
        let (at, envelopes) = self.passed.entry(ip).or_insert_with(|| (context.at, Vec::new()));
        if context.at.0 - at.0 > PASSED_WITHIN || envelopes.len() >= 1000 {
            envelopes.clear();
        }
        *at = context.at;
        envelopes.push((envelope.0.to_vec(), envelope.1.to_vec()));
    }

    /// A proxy filter took the mail of this session and named the queue file behind it.
    pub(super) fn proxy_accepted(
        &mut self,
        context: &Context<'_>,
        next: Option<&[u8]>,
        envelope: &Envelope<'_>,
    ) {
        let Some(session) = self.sessions.get(&context.session()) else {
            return;
        };
        let Some(ix) = next.and_then(|id| self.find(id, context.at)) else {
            return;
        };
        let message = &mut self.messages[ix];
        message.connected_at = message.connected_at.min(session.connected_at);
        if let Some(SessionClient { name, ip, user }) = session.client.as_deref() {
            message.client = Client {
                name: name
                    .as_ref()
                    .map_or(Span::NONE, |name| message.story.put(name.as_bytes())),
                ip: *ip,
                sasl_user: user
                    .as_ref()
                    .map_or(Span::NONE, |user| message.story.put(user.as_bytes())),
                ..Client::default()
            };
        }
        if let Some(tls) = &session.tls {
            message.client.tls = message.story.put(tls.as_bytes());
        }
        if let Some(helo) = envelope.helo {
            message.client.helo = message.story.put(&helo[..helo.len().min(text::NAME)]);
        }
        self.keep(context, ix, TrailKind::Passed);
    }

    pub(super) fn data_refused_because(&mut self, context: &Context<'_>, queue_id: &[u8], reply: &[u8]) {
        let ix = self.message(context, queue_id);
        let message = &mut self.messages[ix];
        message.door_reply = message.story.put(&reply[..reply.len().min(500)]);
        self.data_refused(context, ix);
    }

    fn data_refused(&mut self, context: &Context<'_>, ix: MessageIx) {
        self.messages[ix].state.data_refused = true;
        self.keep(context, ix, TrailKind::Refused);
        self.adopt_named(ix);
        self.close_if_over(ix);
    }

    /// No delivery will name the recipients: those of the envelope so far are all there is.
    fn adopt_named(&mut self, ix: MessageIx) {
        let keys: SmallVec<[u64; 4]> = self.messages[ix].named.iter().map(|(key, _)| *key).collect();
        for key in keys {
            self.adopt(ix, key);
        }
    }
}
