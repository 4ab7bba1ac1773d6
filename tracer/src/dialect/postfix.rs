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

/// Reads a line of the Postfix daemon `program`.
pub fn read<'a>(program: &[u8], message: &'a [u8]) -> Reading<'a> {
    let event = match program {
        b"smtpd" | b"qmqpd" => session::read(message),
        b"postscreen" => door::read(message),
        b"cleanup" => cleanup(message),
        b"qmgr" | b"nqmgr" | b"oqmgr" => queue::read(message).or_else(|| delivery::read(program, message)),
        b"smtp" | b"lmtp" | b"local" | b"virtual" | b"pipe" | b"error" | b"retry" | b"discard" | b"relay" => {
            delivery::read(program, message)
        }
        b"bounce" | b"defer" | b"trace" => queue::read_report(message),
        b"pickup" => queue::read_pickup(message),
        b"postsuper" => queue::read_postsuper(message),
        b"verify"
        | b"anvil"
        | b"tlsproxy"
        | b"scache"
        | b"tlsmgr"
        | b"dnsblog"
        | b"trivial-rewrite"
        | b"master"
        | b"postfix-script"
        | b"postfix-tls-script"
        | b"post-install"
        | b"postmap"
        | b"postalias"
        | b"sendmail"
        | b"postdrop"
        | b"postqueue"
        | b"postcat"
        | b"postconf"
        | b"postkick"
        | b"postlock"
        | b"flush"
        | b"showq"
        | b"proxymap"
        | b"proxywrite"
        | b"postlog"
        | b"postlogd"
        | b"postmulti"
        | b"spawn"
        | b"postfix"
        | b"nbdb_reindexd" => None,
        _ => return Reading::Foreign,
    };
    match event {
        Some(event) => Reading::Event(event),
        None if known::is_known(program, message) => Reading::Known,
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
        return delivery::read(b"error", message);
    }
    door::read_with_id(Some(queue_id), rest)
}
