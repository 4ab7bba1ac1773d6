//! OpenSMTPD's messages: sessions by their own names, and messages whose end no line tells.

use model::record::TrailKind;
use model::time::{DAY, Micros};
use serde::{Deserialize, Serialize};

use super::message::Client;
use super::symbol::Symbol;
use super::{Context, Correlator, Map, text};
use crate::event::opensmtpd::OpenSmtpdLine;
use crate::event::{ArrivalLine, DoorLine, Peer};

/// Sessions at once.
const BOUND: usize = 100_000;

/// What OpenSMTPD's lines leave open.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Pending {
    sessions: Map<(Symbol, u64), Session>,
}

/// A session with a client.
#[derive(Debug, Serialize, Deserialize)]
struct Session {
    connected_at: Micros,
    last: Micros,
    client: Client,
    mails: u32,
}

impl Correlator {
    pub(super) fn opensmtpd(&mut self, context: &Context<'_>, line: &OpenSmtpdLine<'_>) {
        match line {
            OpenSmtpdLine::Connected { session, client } => {
                if self.opensmtpd.sessions.len() < BOUND {
                    let opened = Session {
                        connected_at: context.at,
                        last: context.at,
                        client: Client::of(client),
                        mails: 0,
                    };
                    self.opensmtpd.sessions.insert((context.host, *session), opened);
                }
            }
            OpenSmtpdLine::About { session, user, tls } => {
                if let Some(session) = self.opensmtpd.sessions.get_mut(&(context.host, *session)) {
                    let client = &mut session.client;
                    client.tls = tls.map(|tls| text::clean_bounded(tls, 120)).or(client.tls.take());
                    client.sasl_user = user
                        .map(|user| text::clean_bounded(user, 320))
                        .or(client.sasl_user.take());
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
                self.arrival(context, &arrival);
                let ix = self.message(context, queue_id);
                let message = &mut self.messages[ix];
                message.recipients_expected = *recipients;
                if let Some(session) = self.opensmtpd.sessions.get_mut(&(context.host, *session)) {
                    session.last = context.at;
                    message.client = session.client.clone();
                    if session.mails == 0 {
                        // Only the first mail of a session is filed under the moment of connecting.
                        message.connected_at = session.connected_at.min(context.at);
                    }
                    session.mails += 1;
                }
            }
            OpenSmtpdLine::Envelope {
                queue_id,
                sender,
                recipient,
            } => {
                let ix = self.message(context, queue_id);
                let message = &mut self.messages[ix];
                message.sender.get_or_insert_with(|| text::address(sender));
                message.name_recipient(text::address(recipient));
                self.keep(context, ix, TrailKind::Queued, None);
            }
            OpenSmtpdLine::Failed { session, door } => self.refuse_opensmtpd(context, *session, door),
            OpenSmtpdLine::Delivery { sender, line } => {
                let ix = self.message(context, line.queue_id);
                let message = &mut self.messages[ix];
                message.sender.get_or_insert_with(|| text::address(sender));
                self.delivery(context, line);
                self.tried(context.at, ix, line.status);
            }
        }
        self.close_done();
    }

    fn refuse_opensmtpd(&mut self, context: &Context<'_>, session: u64, door: &DoorLine<'_>) {
        let session = self.opensmtpd.sessions.get_mut(&(context.host, session));
        let known = session.map(|session| {
            session.last = context.at;
            (session.connected_at, session.mails, session.client.clone())
        });
        let (connected_at, mails, client) = known.unwrap_or((context.at, 0, Client::default()));
        let line = DoorLine {
            client: Peer {
                name: client.name.as_deref().map(str::as_bytes),
                ip: client.ip,
            },
            ..*door
        };
        let recipient = line.envelope.recipient.map(text::address).unwrap_or_default();
        let ix = self.refuse(context, &line, recipient, None);
        let refusal = &mut self.refusals[ix];
        if refusal.tries == 1 && mails == 0 {
            refusal.connected_at = connected_at.min(refusal.connected_at);
        }
        refusal.client.tls = client.tls.or(refusal.client.tls.take());
        refusal.client.sasl_user = client.sasl_user.or(refusal.client.sasl_user.take());
    }

    /// Forgets sessions whose end was not logged.
    pub(super) fn sweep_opensmtpd(&mut self) {
        let now = self.now.0;
        self.opensmtpd
            .sessions
            .retain(|_, session| now - session.last.0 < DAY);
    }
}
