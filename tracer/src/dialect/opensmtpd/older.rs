//! Release 5 of OpenSMTPD, and what later ones still write its way.
//!
//! ```text
//! smtp-in: New session 08d856b172f69c5c from host m.ext1.test [203.0.113.215]
//! smtp-in: Accepted message 4296f490 on session 08d856b172f69c5c: from=<a@slow.test>, to=<bob@isp.test>, size=1746, ndest=1, proto=ESMTP
//! relay: Ok for 6f5954fb58b617e9: session=952cba90cc86ec90, from=<bob@isp.test>, to=<a@slow.test>, rcpt=<->, source=192.0.2.25, relay=198.51.100.42 (mail.bank.test), delay=1s, stat=250 ok
//! relay: Expire for 6f5954fb58b617e9: from=<bob@isp.test>, to=<a@slow.test>, rcpt=<->, delay=1m59s, stat=Envelope expired
//! ```

use super::{client, envelope_id, failed, hexadecimal, line, message_id, status};
use crate::dialect::field::{number, split_at_str};
use crate::event::opensmtpd::OpenSmtpdLine;

/// The statements of release 5 behind `smtp-in: `.
pub(super) fn session(rest: &[u8]) -> Option<OpenSmtpdLine<'_>> {
    let named = |rest: &[u8]| -> Option<u64> { hexadecimal(rest.get(..16)?) };
    if let Some(rest) = rest.strip_prefix(b"New session ") {
        let (host, address) = split_at_str(rest.get(16..)?.strip_prefix(b" from host ")?, b" [")?;
        return Some(OpenSmtpdLine::Connected {
            session: named(rest)?,
            client: client(address.strip_suffix(b"]").unwrap_or(address), Some(host)),
        });
    }
    if let Some(rest) = rest.strip_prefix(b"Closing session ") {
        return Some(OpenSmtpdLine::Disconnected {
            session: named(rest)?,
        });
    }
    if let Some(rest) = rest.strip_prefix(b"Accepted message ") {
        let (id, rest) = split_at_str(rest, b" on session ")?;
        let envelope = rest.get(16..)?;
        return Some(OpenSmtpdLine::Message {
            session: named(rest)?,
            queue_id: message_id(id)?,
            size: split_at_str(envelope, b">, size=").and_then(|(_, size)| {
                number(&size[..size.iter().take_while(|byte| byte.is_ascii_digit()).count()])
            }),
            recipients: split_at_str(envelope, b", ndest=").and_then(|(_, count)| {
                number(&count[..count.iter().take_while(|byte| byte.is_ascii_digit()).count()])
            }),
            sender: split_at_str(envelope, b"from=<")
                .and_then(|(_, rest)| split_at_str(rest, b">, "))
                .map(|(sender, _)| sender),
            recipient: split_at_str(envelope, b", to=<")
                .and_then(|(_, rest)| split_at_str(rest, b">, "))
                .map(|(recipient, _)| recipient),
        });
    }
    if let Some(rest) = rest.strip_prefix(b"Failed command on session ") {
        let command = rest.get(16..)?.strip_prefix(b": \"")?;
        let at = memchr::memmem::rfind(command, b"\" => ")?;
        return failed(named(rest)?, &command[..at], &command[at + 5..]);
    }
    if let Some(rest) = rest.strip_prefix(b"Started TLS on session ") {
        return Some(OpenSmtpdLine::About {
            session: named(rest)?,
            user: None,
            tls: rest.get(18..),
        });
    }
    None
}

/// `relay: Ok for E: ...`, `delivery: TempFail for E: ...`, `bounce: ...`: release 5, and expiry in all.
pub(super) fn envelope(message: &[u8]) -> Option<OpenSmtpdLine<'_>> {
    let (method, rest) = split_at_str(message, b": ")?;
    let is_local = match method {
        b"relay" => false,
        b"delivery" => true,
        _ => return None,
    };
    let (result, rest) = split_at_str(rest, b" for ")?;
    let status = status(result)?;
    let (envelope, rest) = split_at_str(rest, b": ")?;
    let queue_id = envelope_id(envelope)?;
    let (_, rest) = split_at_str(rest, b"from=<")?;
    let (sender, rest) = split_at_str(rest, b">, to=<")?;
    let (to, rest) = split_at_str(rest, b">, ")?;
    let (written, rest) = match rest.strip_prefix(b"rcpt=<") {
        Some(rest) => split_at_str(rest, b">, ")?,
        None => (b"-".as_slice(), rest),
    };
    let (head, stat) = split_at_str(rest, b"stat=")?;
    let relay = split_at_str(head, b"relay=").map_or(b"".as_slice(), |(_, relay)| relay);
    let relay = split_at_str(relay, b", delay=").map_or(relay, |(relay, _)| relay);
    Some(OpenSmtpdLine::Delivery {
        sender,
        line: line(queue_id, is_local, to, written, relay, status, stat),
    })
}
