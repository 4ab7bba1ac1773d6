//! Exim: one try for one recipient.
//!
//! ```text
//! ID => anna <anna@kundi.test> R=localuser T=maildir_home S=1879
//! ID => a@far.test <list@kundi.test> R=dnslookup T=remote_smtp H=mx.far.test [198.51.100.7]:25* X=TLS1.3:AES_256_GCM:256 CV=no C="250 OK id=1xUsgn-00002f-1r"
//! ID -> b@far.test R=dnslookup T=remote_smtp H=mx.far.test [198.51.100.7] C="250 2.0.0 Ok: queued as 4jX53G22rQz1Wbb5"
//! ID >> c@far.test R=cutthrough T=remote_smtp H=mx.far.test [198.51.100.7] C="250 OK"
//! ID *> d@far.test R=dnslookup T=remote_smtp
//! ID => |/usr/bin/prog ok <prog@kundi.test> R=aliases T=address_pipe S=1447
//! ID => /var/mail/box <tofile@kundi.test> R=aliases T=address_file
//! ID => :blackhole: <null@kundi.test> R=aliases
//! ID == e@far.test R=dnslookup T=remote_smtp defer (-44) H=mx.far.test [198.51.100.7]: SMTP error from remote mail server after RCPT TO:<e@far.test>: 450 4.2.1 later
//! ID == e@far.test R=dnslookup T=remote_smtp defer (110): Connection timed out
//! ID == e@far.test routing defer (-51): retry time not reached
//! ID ** f@far.test R=dnslookup T=remote_smtp H=mx.far.test [198.51.100.7] CV=no: SMTP error from remote mail server after RCPT TO:<f@far.test>: 550 5.1.1 unknown
//! ID ** f@far.test: retry timeout exceeded
//! ```

use super::field::{self, Fields, Recipient};
use crate::dialect::field::queued_as;
use crate::event::{DeliveryLine, DeliveryStatus, Event, Reading, Transport};

/// From this error number down Exim did not try at all, it was too early (`ERRNO_RETRY_BASE` in Exim's `macros.h`).
const NOT_TRIED: i64 = -51;

/// `=>`, `->`, `>>`: delivered; `*>`: only as if.
pub(super) fn sent<'a>(queue_id: &'a [u8], rest: &'a [u8], is_suppressed: bool) -> Reading<'a> {
    if let Some(detail) = rest
        .strip_prefix(b"blackhole (")
        .or_else(|| rest.strip_prefix(b"discarded ("))
    {
        return super::door::discarded(queue_id, detail);
    }
    let Some((recipient, after)) = field::recipient(rest) else {
        return Reading::Unrecognised;
    };
    let (fields, rest) = field::fields(after);
    if !rest.is_empty() && fields.router.is_none() && fields.transport.is_none() {
        return Reading::Unrecognised;
    }
    let mut line = delivery(queue_id, &recipient, &fields, DeliveryStatus::Sent);
    if is_suppressed {
        line.transport = Transport::Discard;
    }
    line.text = fields.confirmation.unwrap_or_default();
    line.dsn = enhanced_code(line.text);
    line.next = next_id(line.text);
    Reading::Event(Event::Delivery(line))
}

/// `**`: failed for good.
pub(super) fn failed<'a>(queue_id: &'a [u8], rest: &'a [u8]) -> Reading<'a> {
    let Some((recipient, after)) = field::recipient(rest) else {
        return Reading::Unrecognised;
    };
    let (fields, text) = field::fields(after);
    // Exim's own words, never a server's: those come behind a host.
    let is_expired = !fields.has_host
        && (text.ends_with(b"retry timeout exceeded") || text == b"delivery cancelled; message timed out");
    let status = if is_expired {
        DeliveryStatus::Expired
    } else {
        DeliveryStatus::Bounced
    };
    let mut line = delivery(queue_id, &recipient, &fields, status);
    line.text = text;
    line.dsn = enhanced_code(answer(text).unwrap_or_default());
    if is_expired {
        return Reading::Event(Event::GivenUp(line));
    }
    Reading::Event(Event::Delivery(line))
}

/// `==`: not now.
pub(super) fn deferred<'a>(queue_id: &'a [u8], rest: &'a [u8]) -> Reading<'a> {
    let Some((recipient, after)) = field::recipient(rest) else {
        return Reading::Unrecognised;
    };
    let (mut fields, after) = field::fields(after);
    let after = after.strip_prefix(b"routing ").unwrap_or(after);
    let Some((number, after)) = after
        .strip_prefix(b"defer (")
        .and_then(|after| crate::dialect::field::split_at_str(after, b")"))
    else {
        // A held domain: `== a@held.test domain is held`.
        let mut line = delivery(queue_id, &recipient, &fields, DeliveryStatus::Deferred);
        line.text = after;
        return Reading::Event(Event::Delivery(line));
    };
    let number: i64 = crate::dialect::field::number(number).unwrap_or(0);
    // Before the text, or behind the system's words for the error: `defer (110): Connection timed out H=mx [ip]: SMTP timeout`.
    let mut text = after.strip_prefix(b": ").unwrap_or(after);
    let host = if number > 0 {
        let colon = memchr::memmem::find(text, b": ").unwrap_or(text.len());
        text.get(..colon)
            .and_then(|words| memchr::memmem::find(words, b" H="))
            .and_then(|at| text.get(at..))
    } else {
        Some(after)
    };
    if let Some(host) = host {
        let (found, message) = field::fields(host);
        if found.has_host {
            (fields.host, fields.port, fields.has_host) = (found.host, found.port, true);
        }
        if number <= 0 {
            text = message;
        }
    }
    let mut line = delivery(queue_id, &recipient, &fields, DeliveryStatus::Deferred);
    line.text = text;
    line.dsn = enhanced_code(answer(text).unwrap_or_default());
    if number <= NOT_TRIED {
        return Reading::Event(Event::NotTried(line));
    }
    Reading::Event(Event::Delivery(line))
}

fn delivery<'a>(
    queue_id: &'a [u8],
    recipient: &Recipient<'a>,
    fields: &Fields<'a>,
    status: DeliveryStatus,
) -> DeliveryLine<'a> {
    let transport = transport(recipient.target, fields);
    let (to, orig_to) = addresses(recipient);
    let relay = match fields.host.name {
        _ if matches!(recipient.target.first(), Some(b'|' | b'/')) => recipient.target,
        Some(name) if fields.has_host => name,
        // A transport that speaks to servers and reached none.
        _ if transport == Transport::Smtp => b"none",
        _ => fields.transport.unwrap_or(b"none"),
    };
    DeliveryLine {
        queue_id,
        to,
        orig_to,
        transport,
        relay,
        relay_ip: fields.host.ip,
        relay_port: fields.port,
        delay_ms: fields.queue_time,
        delays_ms: None,
        dsn: b"",
        status,
        text: b"",
        next: None,
    }
}

/// The final recipient, and the address that was written to when it is another.
///
/// For a local user Exim names the local part and the address it came in for; a command, a file or an answer is no recipient.
fn addresses<'a>(recipient: &Recipient<'a>) -> (&'a [u8], Option<&'a [u8]>) {
    let target = recipient.target;
    let Some(top) = recipient.top else {
        return (target, None);
    };
    let is_place = matches!(target.first(), Some(b'|' | b'/' | b'>' | b':'))
        || target.starts_with(b"save ")
        || target == b"discarded";
    let local_part = memchr::memrchr(b'@', top)
        .and_then(|at| top.get(..at))
        .unwrap_or(top);
    if is_place || local_part.eq_ignore_ascii_case(target) {
        (top, None)
    } else {
        (target, Some(top))
    }
}

fn transport(target: &[u8], fields: &Fields<'_>) -> Transport {
    let name = fields.transport.unwrap_or_default();
    let is_named = |part: &[u8]| memchr::memmem::find(name, part).is_some();
    match target.first() {
        Some(b'|' | b'>') => Transport::Program,
        Some(b':') => Transport::Discard,
        _ if target == b"/dev/null" || (target == b"discarded" && name.is_empty()) => Transport::Discard,
        Some(b'/') => Transport::Mailbox,
        _ if is_named(b"lmtp") || is_named(b"LMTP") => Transport::Mailbox,
        _ if fields.has_host => Transport::Smtp,
        _ if is_named(b"pipe") => Transport::Program,
        // Refused or put off before a transport was chosen.
        _ if name.is_empty() => Transport::Error,
        _ if is_named(b"smtp") => Transport::Smtp,
        _ => Transport::Mailbox,
    }
}

/// The id that the next server gave: another Exim's, a Postfix's.
fn next_id(text: &[u8]) -> Option<&[u8]> {
    let own = memchr::memmem::rfind(text, b"OK id=")
        .and_then(|at| text.get(at + 6..))
        .and_then(|rest| {
            [23, 16]
                .into_iter()
                .filter_map(|length| rest.get(..length))
                .find(|id| field::is_message_id(id))
        });
    own.or_else(|| queued_as(text))
}

/// A remote server's answer inside Exim's sentence: `SMTP error from remote mail server after RCPT TO:<a@b>: 550 5.1.1 no`, before 4.83 with
/// `host name [ip]: ` in front of it.
fn answer(text: &[u8]) -> Option<&[u8]> {
    if !text.starts_with(b"SMTP error from remote") && !text.starts_with(b"LMTP error after") {
        return None;
    }
    memchr::memmem::find_iter(text, b": ")
        .filter_map(|at| text.get(at + 2..))
        .find(|rest| matches!(rest, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..]))
}

/// `5.1.1` of `550 5.1.1 no such user`.
fn enhanced_code(answer: &[u8]) -> &[u8] {
    let Some(text) = answer.get(4..) else {
        return b"";
    };
    let end = text
        .iter()
        .take(10)
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'.'))
        .unwrap_or(text.len().min(10));
    let code = text.get(..end).unwrap_or_default();
    let mut parts = code.split(|byte| *byte == b'.');
    let is_class = matches!(parts.next(), Some([b'2' | b'4' | b'5']));
    let is_number = |part: Option<&[u8]>| part.is_some_and(|part| (1..=3).contains(&part.len()));
    let is_code = is_class && is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none();
    if is_code { code } else { b"" }
}

/// `address <a@b> marked delivered by root`: an administrator took the recipient off the message.
pub(super) fn marked<'a>(queue_id: &'a [u8], to: &'a [u8], words: &'a [u8]) -> Reading<'a> {
    let recipient = Recipient {
        target: to,
        top: None,
    };
    let mut line = delivery(queue_id, &recipient, &Fields::default(), DeliveryStatus::Sent);
    line.transport = Transport::Discard;
    line.text = words.trim_ascii_start();
    Reading::Event(Event::Delivery(line))
}
