//! Postfix, by daemon.
//!
//! ```text
//! mx1/smtpd[1247]: 4jX53G22rQz1Wbb5: client=mx144.ext3.test[203.0.113.144]
//! mx1/cleanup[1282]: 4jX53G22rQz1Wbb5: message-id=<1795296622024@news.test>
//! mx1/qmgr[897]: 4jX53G22rQz1Wbb5: from=<mika@news.test>, size=1326, nrcpt=3 (queue active)
//! mx1/smtp[1283]: 4jX53G22rQz1Wbb5: to=<anna@kundi.test>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.2, delays=0.12/0.23/0.01/0.89, dsn=2.0.0, status=sent (250 ...)
//! mx1/qmgr[897]: 4jX53G22rQz1Wbb5: removed
//! ```

use crate::dialect::field::{envelope, queue_id, unbracketed};
use crate::event::{Event, Reading};

mod delivery;
mod door;
mod known;
mod queue;
mod session;

/// Which of Postfix's programs wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daemon {
    /// smtpd(8), qmqpd(8)
    Smtpd,
    /// postscreen(8)
    Postscreen,
    /// cleanup(8)
    Cleanup,
    /// qmgr(8)
    Qmgr,
    /// pickup(8)
    Pickup,
    /// bounce(8), also as defer and trace
    Bounce,
    /// postsuper(1)
    Postsuper,
    /// A delivery agent
    Delivery(Agent),
    /// A program that tells nothing about a mail, by name
    Other(&'static str),
}

/// A delivery agent, by its service's usual name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// smtp(8), also as relay
    Smtp,
    /// lmtp(8)
    Lmtp,
    /// local(8), virtual(8)
    Mailbox,
    /// pipe(8)
    Pipe,
    /// error(8), also as retry
    Error,
    /// discard(8)
    Discard,
}

/// Programs that tell nothing about a mail.
const OTHERS: [&str; 30] = [
    "verify",
    "anvil",
    "tlsproxy",
    "scache",
    "tlsmgr",
    "dnsblog",
    "trivial-rewrite",
    "master",
    "postfix-script",
    "postfix-tls-script",
    "post-install",
    "postmap",
    "postalias",
    "sendmail",
    "postdrop",
    "postqueue",
    "postcat",
    "postconf",
    "postkick",
    "postlock",
    "flush",
    "showq",
    "proxymap",
    "proxywrite",
    "postlog",
    "postlogd",
    "postmulti",
    "spawn",
    "postfix",
    "nbdb_reindexd",
];

impl Daemon {
    /// The daemon of this name; `None` for a program that is not Postfix's.
    pub fn of(program: &[u8]) -> Option<Self> {
        Some(match program {
            b"smtpd" | b"qmqpd" => Self::Smtpd,
            b"postscreen" => Self::Postscreen,
            b"cleanup" => Self::Cleanup,
            b"qmgr" | b"nqmgr" | b"oqmgr" => Self::Qmgr,
            b"smtp" | b"relay" => Self::Delivery(Agent::Smtp),
            b"lmtp" => Self::Delivery(Agent::Lmtp),
            b"local" | b"virtual" => Self::Delivery(Agent::Mailbox),
            b"pipe" => Self::Delivery(Agent::Pipe),
            b"error" | b"retry" => Self::Delivery(Agent::Error),
            b"discard" => Self::Delivery(Agent::Discard),
            b"bounce" | b"defer" | b"trace" => Self::Bounce,
            b"pickup" => Self::Pickup,
            b"postsuper" => Self::Postsuper,
            _ => Self::Other(OTHERS.into_iter().find(|name| name.as_bytes() == program)?),
        })
    }

    /// The usual name.
    const fn name(self) -> &'static str {
        match self {
            Self::Smtpd => "smtpd",
            Self::Postscreen => "postscreen",
            Self::Cleanup => "cleanup",
            Self::Qmgr => "qmgr",
            Self::Pickup => "pickup",
            Self::Bounce => "bounce",
            Self::Postsuper => "postsuper",
            Self::Delivery(Agent::Smtp) => "smtp",
            Self::Delivery(Agent::Lmtp) => "lmtp",
            Self::Delivery(Agent::Mailbox) => "local",
            Self::Delivery(Agent::Pipe) => "pipe",
            Self::Delivery(Agent::Error) => "error",
            Self::Delivery(Agent::Discard) => "discard",
            Self::Other(name) => name,
        }
    }
}

/// Reads a line of a Postfix daemon.
pub fn read(daemon: Daemon, message: &[u8]) -> Reading<'_> {
    let event = match daemon {
        Daemon::Smtpd => session::read(message),
        Daemon::Postscreen => door::read(message),
        Daemon::Cleanup => cleanup(message),
        Daemon::Qmgr => queue::read(message).or_else(|| delivery::read(Agent::Error, message)),
        Daemon::Delivery(agent) => delivery::read(agent, message),
        Daemon::Bounce => queue::read_report(message),
        Daemon::Pickup => queue::read_pickup(message),
        Daemon::Postsuper => queue::read_postsuper(message),
        Daemon::Other(_) => None,
    };
    match event {
        Some(event) => Reading::Event(event),
        None if known::is_known(daemon.name().as_bytes(), message) => Reading::Known,
        None => Reading::Unrecognised,
    }
}

/// cleanup(8): Message-ID, subject by header check, and what header, body and Milter checks decided.
fn cleanup(message: &[u8]) -> Option<Event<'_>> {
    if let Some(warning) = message.strip_prefix(b"warning: ") {
        let (queue_id, reply) = queue_id(warning)?;
        return reply
            .starts_with(b"message rejected: ")
            .then_some(Event::DataRefused { queue_id, reply });
    }
    let (queue_id, rest) = queue_id(message)?;
    if let Some(message_id) = rest.strip_prefix(b"message-id=") {
        return Some(Event::MessageId {
            queue_id,
            message_id: unbracketed(message_id.trim_ascii()),
        });
    }
    if let Some(header) = rest
        .strip_prefix(b"info: header Subject: ")
        .or_else(|| rest.strip_prefix(b"warning: header Subject: "))
    {
        let tail = memchr::memmem::rfind(header, b"; from=<").unwrap_or(header.len());
        let end = memchr::memmem::rfind(&header[..tail], b" from ").unwrap_or(tail);
        let (envelope, _) = envelope(header[tail..].strip_prefix(b"; ").unwrap_or_default());
        return Some(Event::Subject {
            queue_id,
            subject: &header[..end],
            envelope,
        });
    }
    if rest.starts_with(b"to=") {
        return delivery::read(Agent::Error, message);
    }
    door::read_with_id(Some(queue_id), rest)
}
