//! Recipients that Sendmail refused: it names the sender only when the transaction ends, with `from=`.
//!
//! Until then they are held. Where `from=` never comes (the log ends, or its level is too low) they are refused by a sender that is not known.

use std::net::IpAddr;

use compact_str::CompactString;
use model::record::TrailKind;
use model::time::Micros;
use serde::{Deserialize, Serialize};

use super::SENDER_WITHIN_SECONDS;
use crate::correlate::message::Handle;
use crate::correlate::symbol::Symbol;
use crate::correlate::{Context, Correlator, Map, compact};
use crate::dialect::sendmail::codes;
use crate::event::{ArrivalLine, DoorAction, DoorLine, Envelope, Peer};

/// Refused recipients of one transaction.
const TOGETHER: usize = 1000;
/// Refused recipients that wait for their sender, at once; beyond it nobody waits any longer.
const BOUND: usize = 20_000;

/// Refused recipients whose sender is not known yet.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Held {
    by_message: Map<Handle, Vec<Refused>>,
    recipients: usize,
}

/// A refused recipient.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Refused {
    at: Micros,
    queue_id: CompactString,
    recipient: Vec<u8>,
    reply: Vec<u8>,
    dsn: CompactString,
    client_name: Option<Vec<u8>>,
    client_ip: Option<IpAddr>,
    raw: Vec<u8>,
    host: Symbol,
    server: Symbol,
    program: Symbol,
    tag: Symbol,
    pid: u32,
}

impl Refused {
    /// Where its line came from. Sendmail's tags name no submission service.
    fn context(&self) -> Context<'_> {
        Context {
            at: self.at,
            host: self.host,
            server: self.server,
            program: self.program,
            tag: self.tag,
            pid: self.pid,
            is_submission: false,
            raw: &self.raw,
        }
    }

    pub(super) fn into_recipient(self) -> Vec<u8> {
        self.recipient
    }
}

impl Held {
    /// The messages of which recipients are held.
    pub(super) fn handles(&self) -> impl Iterator<Item = Handle> {
        self.by_message.keys().copied()
    }

    /// The recipients of a message whose sender is known now.
    pub(super) fn release(&mut self, message: Handle) -> Vec<Refused> {
        let released = self.by_message.remove(&message).unwrap_or_default();
        self.recipients -= released.len();
        released
    }
}

impl Correlator {
    pub(super) fn sendmail_refused(&mut self, context: &Context<'_>, door: &DoorLine<'_>) {
        let Some(queue_id) = door.queue_id else { return };
        let ix = self.message(context, queue_id);
        if self.messages[ix].state.is_active {
            // An alias's target, not a client's recipient.
            self.keep(context, ix, TrailKind::Noted);
            return;
        }
        self.messages[ix].last = context.at;
        if self.sendmail.refused.recipients >= BOUND.min(self.limits.refusals) {
            self.counters.forgotten_refusals += 1;
            self.refuse_senderless();
        }
        let message = self.handle(ix);
        let held = self.sendmail.refused.by_message.entry(message).or_default();
        if held.len() >= TOGETHER {
            self.counters.forgotten_refusals += 1;
            return;
        }
        // The lines that wait count as the message's.
        self.messages[ix].counted += context.raw.len();
        self.message_bytes += context.raw.len();
        held.push(Refused {
            at: context.at,
            queue_id: compact(queue_id),
            recipient: door.envelope.recipient.unwrap_or_default().to_vec(),
            reply: door.reply.to_vec(),
            dsn: compact(door.dsn),
            client_name: door.client.name.map(<[u8]>::to_vec),
            client_ip: door.client.ip,
            raw: context.raw.to_vec(),
            host: context.host,
            server: context.server,
            program: context.program,
            tag: context.tag,
            pid: context.pid,
        });
        self.sendmail.refused.recipients += 1;
    }

    /// A recipient's refusal, now that the sender is known; whether it was for now only.
    pub(super) fn refuse_sendmail(&mut self, arrival: &ArrivalLine<'_>, refused: &Refused) -> bool {
        let (code, _) = codes(&refused.reply);
        let line = DoorLine {
            queue_id: None,
            action: DoorAction::Reject,
            stage: b"RCPT",
            client: Peer {
                name: refused.client_name.as_deref().or(arrival.client.name),
                ip: refused.client_ip.or(arrival.client.ip),
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
        let ix = self.refuse(&refused.context(), &line, &refused.recipient, None);
        let id = refused.queue_id.clone();
        let refusal = &mut self.refusals[ix];
        if !refusal.queue_ids.contains(&id) && refusal.queue_ids.len() < TOGETHER {
            refusal.queue_ids.push(id);
        }
        line.is_temporary()
    }

    /// Refuses those whose sender will not be named any more.
    pub(super) fn sweep_refused(&mut self) {
        let latest = self.now.0 - SENDER_WITHIN_SECONDS * 1_000_000;
        self.refuse_held(|refused| refused.at.0 <= latest);
    }

    /// Refuses all whose sender was not named yet: the log ended, or they are too many.
    pub(in crate::correlate) fn refuse_senderless(&mut self) {
        self.refuse_held(|_| true);
    }

    /// Refuses the recipients of the messages whose last one is to be refused, by nobody knows whom.
    fn refuse_held(&mut self, is_late: impl Fn(&Refused) -> bool) {
        let mut late: Vec<_> = self
            .sendmail
            .refused
            .by_message
            .extract_if(|message, held| {
                let is_forgotten = !message.is_in(&self.messages);
                is_forgotten || held.last().is_none_or(&is_late)
            })
            .collect();
        late.sort_unstable_by_key(|(message, _)| *message);
        for (message, held) in late {
            self.sendmail.refused.recipients -= held.len();
            // Not every refusal names the client, but all are one client's.
            let client = Peer {
                name: held.iter().find_map(|refused| refused.client_name.as_deref()),
                ip: held.iter().find_map(|refused| refused.client_ip),
            };
            let arrival = ArrivalLine {
                client,
                ..ArrivalLine::default()
            };
            for refused in &held {
                self.refuse_sendmail(&arrival, refused);
            }
            if let Some(ix) = self.alive(message)
                && !self.messages[ix].state.is_active
            {
                self.messages[ix].state.refused = true;
                self.close_if_over(ix);
            }
        }
    }
}
