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

/// Reads a line of the Postfix daemon `program`.
pub fn read<'a>(program: &[u8], message: &'a [u8]) -> Reading<'a> {
    let event = match program {
        b"smtpd" => session::read(message),
        b"postscreen" => door::read(message),
        b"cleanup" => cleanup(message),
        b"qmgr" | b"nqmgr" | b"oqmgr" => queue::read(message),
        b"smtp" | b"lmtp" | b"local" | b"virtual" | b"pipe" | b"error" | b"retry" | b"discard" | b"relay" => {
            delivery::read(program, message)
        }
        b"bounce" | b"defer" | b"trace" => queue::read_report(message),
        b"pickup" => queue::read_pickup(message),
        b"postsuper" => queue::read_postsuper(message),
        b"verify" | b"anvil" | b"tlsproxy" | b"scache" | b"tlsmgr" | b"dnsblog" | b"trivial-rewrite"
        | b"master" | b"postfix-script" | b"postmap" | b"postalias" | b"sendmail" | b"postdrop"
        | b"postqueue" | b"flush" | b"showq" | b"proxymap" | b"proxywrite" | b"postlog" | b"postlogd"
        | b"postmulti" | b"spawn" => return Reading::Known,
        _ => return Reading::Foreign,
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
