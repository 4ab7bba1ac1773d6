//! Postfix, by daemon.
//!
//! ```text
//! mx1/smtpd[1247]: 4jX53G22rQz1Wbb5: client=mx144.ext3.test[203.0.113.144]
//! mx1/cleanup[1282]: 4jX53G22rQz1Wbb5: message-id=<1795296622024@news.test>
//! mx1/qmgr[897]: 4jX53G22rQz1Wbb5: from=<mika@news.test>, size=1326, nrcpt=3 (queue active)
//! mx1/smtp[1283]: 4jX53G22rQz1Wbb5: to=<anna@kundi.test>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.2, delays=0.12/0.23/0.01/0.89, dsn=2.0.0, status=sent (250 ...)
//! mx1/qmgr[897]: 4jX53G22rQz1Wbb5: removed
//! ```

use crate::dialect::field::{envelope, is_queue_id, queue_id, unbracketed};
use crate::event::{Event, Reading};

mod delivery;
mod door;
mod queue;
mod session;

/// Which of Postfix's programs wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daemon {
    /// smtpd(8)
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
    /// A program that tells nothing about a mail
    Other,
}

/// A delivery agent, by its service's usual name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// smtp(8), also as relay
    Smtp,
    /// lmtp(8), local(8), virtual(8)
    Mailbox,
    /// pipe(8)
    Pipe,
    /// error(8), also as retry
    Error,
    /// discard(8)
    Discard,
}

impl Daemon {
    /// The daemon of this name; `None` for a program that is not Postfix's.
    pub fn of(program: &[u8]) -> Option<Self> {
        Some(match program {
            b"smtpd" => Self::Smtpd,
            b"postscreen" => Self::Postscreen,
            b"cleanup" => Self::Cleanup,
            b"qmgr" | b"nqmgr" | b"oqmgr" => Self::Qmgr,
            b"smtp" | b"relay" => Self::Delivery(Agent::Smtp),
            b"lmtp" | b"local" | b"virtual" => Self::Delivery(Agent::Mailbox),
            b"pipe" => Self::Delivery(Agent::Pipe),
            b"error" | b"retry" => Self::Delivery(Agent::Error),
            b"discard" => Self::Delivery(Agent::Discard),
            b"bounce" | b"defer" | b"trace" => Self::Bounce,
            b"pickup" => Self::Pickup,
            b"postsuper" => Self::Postsuper,
            b"verify" | b"anvil" | b"tlsproxy" | b"scache" | b"tlsmgr" | b"dnsblog" | b"trivial-rewrite"
            | b"master" | b"postfix-script" | b"postmap" | b"postalias" | b"sendmail" | b"postdrop"
            | b"postqueue" | b"flush" | b"showq" | b"proxymap" | b"proxywrite" | b"postlog" | b"postlogd"
            | b"postmulti" | b"spawn" => Self::Other,
            _ => return None,
        })
    }
}

/// Reads a line of a Postfix daemon.
pub fn read(daemon: Daemon, message: &[u8]) -> Reading<'_> {
    let event = match daemon {
        Daemon::Smtpd => session::read(message),
        Daemon::Postscreen => door::read(message),
        Daemon::Cleanup => cleanup(message),
        Daemon::Qmgr => queue::read(message),
        Daemon::Delivery(agent) => delivery::read(agent, message),
        Daemon::Bounce => queue::read_report(message),
        Daemon::Pickup => queue::read_pickup(message),
        Daemon::Postsuper => queue::read_postsuper(message),
        Daemon::Other => return Reading::Known,
    };
    match event {
        Some(event) => Reading::Event(event),
        None if is_known(message) => Reading::Known,
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
    door::read_with_id(Some(queue_id), rest)
}

/// Lines of Postfix that are understood and of no use for a mail's fate.
fn is_known(message: &[u8]) -> bool {
    const BEGINNINGS: &[&[u8]] = &[
        b"warning: ",
        b"fatal: ",
        b"panic: ",
        b"error: ",
        b"info: ",
        b"statistics: ",
        b"connect to ",
        b"Trusted TLS",
        b"Untrusted TLS",
        b"Anonymous TLS",
        b"Verified TLS",
        b"SSL_",
        b"setting up TLS",
        b"initializing the",
        b"CONNECT from ",
        b"PASS ",
        b"DISCONNECT ",
        b"DNSBL rank",
        b"PREGREET ",
        b"HANGUP ",
        b"WHITELISTED ",
        b"ALLOWLISTED ",
        b"BLACKLISTED ",
        b"DENYLISTED ",
        b"BARE NEWLINE",
        b"NON-SMTP COMMAND",
        b"COMMAND ",
        b"WHITELIST VETO",
        b"ALLOWLIST VETO",
        b"cache ",
        b"close database",
        b"timeout after",
        b"too many errors",
        b"improper command",
        b"host ",
        b"Host offered",
        b"daemon started",
        b"reload",
        b"terminating",
        b"table ",
        b"disconnect from ",
        b"lost connection",
        b"premature end-of-input",
        b"using backwards-compatible",
        b"NOQUEUE: client=",
        b"private/",
        b"Released from hold: ",
        b"Deleted: ",
        b"Requeued: ",
        b"Placed on hold: ",
        b"enabling PIX",
        b"dict_",
        b"auto_clnt",
        b"open database",
        b"NOQUEUE: ",
        b"certificate verification failed",
        b"proxy-accept",
        b"server certificate",
        b"mapping DSN",
    ];
    const AFTER_ID: &[&[u8]] = &[
        b"host ",
        b"lost connection",
        b"conversation with",
        b"enabling PIX",
        b"warning: ",
        b"info: ",
        b"milter-",
        b"replace: ",
        b"prepend: ",
        b"strip: ",
        b"filter: ",
        b"Cannot start TLS",
        b"skipped, still being delivered",
        b"sender ",
        b"postmaster ",
        b"resent-message-id=",
        b"breaking line",
        b"uid=",
        b"server ",
        b"TLS ",
        b"undeliverable",
        b"client=",
        b"redirect: ",
        b"bcc: ",
        b"warn: ",
        b"Server certificate",
        b"to=<",
        b"table ",
    ];
    if BEGINNINGS.iter().any(|beginning| message.starts_with(beginning)) {
        return true;
    }
    let Some((_, rest)) = queue_id(message) else {
        return false;
    };
    // `to=<` reaches here only when the rest of the line was cut: nothing to lose.
    AFTER_ID.iter().any(|beginning| rest.starts_with(beginning)) && queue_id_only(message)
}

fn queue_id_only(message: &[u8]) -> bool {
    message
        .iter()
        .position(|byte| *byte == b':')
        .is_some_and(|colon| is_queue_id(&message[..colon]))
}
