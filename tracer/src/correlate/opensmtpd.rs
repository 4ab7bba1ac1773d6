//! OpenSMTPD's messages: sessions by their own names, and messages whose end no line tells.

use std::net::IpAddr;

use model::record::TrailKind;
use model::time::{DAY, Micros};
use serde::{Deserialize, Serialize};

use super::clock::is_recent;
use super::forget::forget_silent;
use super::symbol::Symbol;
use super::{Context, Correlator, Kept, Map, text};
use crate::event::opensmtpd::OpenSmtpdLine;
use crate::event::{ArrivalLine, DoorLine, Peer};

/// What OpenSMTPD's lines leave open.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Pending {
    sessions: Map<(Symbol, u64), Session>,
}

/// A session with a client.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Session {
    connected_at: Micros,
    last: Micros,
    ip: Option<IpAddr>,
    name: Option<String>,
    user: Option<String>,
    tls: Option<String>,
    mails: u32,
}

impl Correlator {
    pub(super) fn opensmtpd(&mut self, context: &Context<'_>, line: &OpenSmtpdLine<'_>) {
        match line {
            OpenSmtpdLine::Connected { session, client } => {
                self.opensmtpd_connected(context, *session, client);
            }
            OpenSmtpdLine::About { session, user, tls } => {
                if let Some(session) = self.opensmtpd.sessions.get_mut(&(context.host, *session)) {
                    session.last = context.at;
                    if let Some(tls) = tls {
                        session.tls = Some(text::clean_bounded(tls, 120));
                    }
                    if let Some(user) = user {
                        session.user = Some(text::clean_bounded(user, text::ADDRESS));
                    }
                }
            }
            OpenSmtpdLine::Disconnected { session } => {
                self.opensmtpd.sessions.remove(&(context.host, *session));
            }
            OpenSmtpdLine::Message {
                session,
                queue_id,
                size,
                recipients,
                sender,
                recipient,
            } => {
                let arrival = ArrivalLine {
                    queue_id,
                    sender: *sender,
                    size: *size,
                    recipients: recipient.iter().copied().collect(),
                    ..ArrivalLine::default()
                };
                self.opensmtpd_message(context, *session, &arrival, *recipients);
            }
            OpenSmtpdLine::Envelope {
                queue_id,
                sender,
                recipient,
            } => {
                let ix = self.message(context, queue_id);
                let kept = self.keep(context, ix, TrailKind::Queued);
                let message = &mut self.messages[ix];
                message.set_sender(kept, context.raw, sender);
                message.name_recipient(kept, context.raw, recipient);
            }
            OpenSmtpdLine::Failed { session, door } => self.refuse_opensmtpd(context, *session, door),
            OpenSmtpdLine::Delivery { sender, line } => {
                let ix = self.message(context, line.queue_id);
                // Before the line is kept: who comes back is found by sender and recipient.
                self.messages[ix].set_sender(Kept::default(), context.raw, sender);
                self.delivery(context, line);
                self.tried(ix, line.status);
            }
        }
        self.close_done();
    }

    fn opensmtpd_connected(&mut self, context: &Context<'_>, session: u64, client: &Peer<'_>) {
        if self.opensmtpd.sessions.len() >= self.limits.sessions {
            let forgotten = forget_silent(&mut self.opensmtpd.sessions, self.limits.sessions, |session| {
                session.last
            });
            self.counters.forgotten_sessions += forgotten;
        }
        let opened = Session {
            connected_at: context.at,
            last: context.at,
            ip: client.ip,
            name: client.name.map(|name| text::clean_bounded(name, text::NAME)),
            user: None,
            tls: None,
            mails: 0,
        };
        self.opensmtpd.sessions.insert((context.host, session), opened);
    }

    /// The message was taken: its client is the session's.
    fn opensmtpd_message(
        &mut self,
        context: &Context<'_>,
        session: u64,
        arrival: &ArrivalLine<'_>,
        recipients: Option<u32>,
    ) {
        self.arrival(context, arrival);
        let ix = self.message(context, arrival.queue_id);
        let message = &mut self.messages[ix];
        message.recipients_expected = recipients;
        let Some(session) = self.opensmtpd.sessions.get_mut(&(context.host, session)) else {
            return;
        };
        session.last = context.at;
        message.client.ip = session.ip;
        for (fact, known) in [
            (&mut message.client.name, &session.name),
            (&mut message.client.sasl_user, &session.user),
            (&mut message.client.tls, &session.tls),
        ] {
            if let Some(known) = known {
                *fact = message.story.put(known.as_bytes());
            }
        }
        if session.mails == 0 {
            // Only the first mail of a session is filed under the moment of connecting.
            message.connected_at = session.connected_at.min(context.at);
        }
        session.mails += 1;
    }

    fn refuse_opensmtpd(&mut self, context: &Context<'_>, session: u64, door: &DoorLine<'_>) {
        let session = self
            .opensmtpd
            .sessions
            .get_mut(&(context.host, session))
            .map(|session| {
                session.last = context.at;
                session.clone()
            });
        let line = DoorLine {
            client: Peer {
                name: session
                    .as_ref()
                    .and_then(|session| session.name.as_deref())
                    .map(str::as_bytes),
                ip: session.as_ref().and_then(|session| session.ip),
            },
            ..*door
        };
        let ix = self.refuse(context, &line, line.envelope.recipient.unwrap_or_default(), None);
        let Some(session) = session else { return };
        let refusal = &mut self.refusals[ix];
        if refusal.tries == 1 && session.mails == 0 {
            refusal.connected_at = session.connected_at.min(refusal.connected_at);
        }
        if let Some(tls) = &session.tls {
            refusal.client.tls = refusal.story.put(tls.as_bytes());
        }
        if let Some(user) = &session.user {
            refusal.client.sasl_user = refusal.story.put(user.as_bytes());
        }
    }

    /// Forgets sessions whose end was not logged.
    pub(super) fn sweep_opensmtpd(&mut self) {
        let now = self.now;
        self.opensmtpd
            .sessions
            .retain(|_, session| is_recent(now, session.last, DAY));
    }
}
