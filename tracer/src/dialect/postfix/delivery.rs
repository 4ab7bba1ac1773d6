//! The delivery agents: smtp(8), lmtp(8), local(8), virtual(8), pipe(8), error(8), discard(8).
//!
//! ```text
//! 4jX59J: to=<user9@kundi.test>, relay=127.0.0.1[127.0.0.1]:10024, conn_use=45, delay=100, delays=0.11/99/0.03/1.2, dsn=2.0.0, status=sent (250 ...)
//! E95D19F: to=<a@b.test>, orig_to=<c@d.test>, relay=mx2.isp.test[private/dovecot-lmtp], delay=0.09, delays=..., dsn=2.0.0, status=sent (250 2.0.0 ...)
//! 4jX53l2: to=<x@noroute.test>, relay=none, delay=5.9, delays=5.9/0/0/0, dsn=4.4.1, status=deferred (connect to mx[198.51.100.200]:25: No route to host)
//! ```

use crate::dialect::field::{
    ip, is_queue_id, millis, number, queue_id, queued_as, short_field, split_at_str, unbracketed,
};
use crate::dialect::postfix::Agent;
use crate::event::{DeliveryLine, DeliveryStatus, Event, Transport};

pub(super) fn read(agent: Agent, message: &[u8]) -> Option<Event<'_>> {
    let (queue_id, rest) = queue_id(message)?;
    let (to, orig_to, rest) = recipients(rest.strip_prefix(b"to=")?)?;
    let (relay_field, mut rest) = short_field(rest)?;
    let (relay, relay_ip, relay_port) = relay_parts(relay_field);
    let mut line = DeliveryLine {
        queue_id,
        to,
        orig_to,
        transport: transport(agent, relay),
        relay,
        relay_ip,
        relay_port,
        delay_ms: None,
        delays_ms: None,
        dsn: b"",
        status: DeliveryStatus::Sent,
        text: b"",
        next: None,
    };
    while !rest.starts_with(b"status=") {
        let (field, after) = short_field(rest)?;
        rest = after;
        if let Some(value) = field.strip_prefix(b"delay=") {
            line.delay_ms = millis(value);
        } else if let Some(value) = field.strip_prefix(b"delays=") {
            line.delays_ms = delays(value);
        } else if let Some(value) = field.strip_prefix(b"dsn=") {
            line.dsn = value;
        }
    }
    let status = &rest[b"status=".len()..];
    let (word, text) = match memchr::memchr(b' ', status) {
        Some(space) => (&status[..space], &status[space + 1..]),
        None => (status, &b""[..]),
    };
    line.status = match word {
        b"sent" => DeliveryStatus::Sent,
        b"deferred" | b"SOFTBOUNCE" => DeliveryStatus::Deferred,
        b"bounced" => DeliveryStatus::Bounced,
        b"expired" => DeliveryStatus::Expired,
        b"deliverable"
        | b"undeliverable"
        | b"deliverable-but-not-cached"
        | b"undeliverable-but-not-cached" => DeliveryStatus::Probe,
        _ => return None,
    };
    let text = text.strip_prefix(b"(").unwrap_or(text);
    line.text = text.strip_suffix(b")").unwrap_or(text);
    if line.status == DeliveryStatus::Sent {
        line.next = next_queue_id(line.text);
        if line.transport == Transport::Mailbox && line.text.starts_with(b"forwarded as ") {
            line.transport = Transport::Forward;
        }
    }
    Some(Event::Delivery(line))
}

/// Recipient, the one before the last rewriting, and what follows `relay=`.
type Recipients<'a> = (&'a [u8], Option<&'a [u8]>, &'a [u8]);

/// `<a>, orig_to=<b>, relay=`: recipient, the one before the last rewriting, and what follows. Some releases write the addresses without
/// brackets, and an address may hold whatever a stranger sent: the fields behind it are looked for, not the end of it.
fn recipients(rest: &[u8]) -> Option<Recipients<'_>> {
    if let Some(bracketed) = rest.strip_prefix(b"<") {
        // The address ends at `>` before the next field; a quoted local part may hold `>` itself.
        let (addresses, rest) = split_at_str(bracketed, b">, relay=")?;
        return Some(match split_at_str(addresses, b">, orig_to=<") {
            Some((to, orig_to)) => (to, Some(orig_to), rest),
            None => (addresses, None, rest),
        });
    }
    let (addresses, rest) = split_at_str(rest, b", relay=")?;
    Some(match split_at_str(addresses, b", orig_to=") {
        Some((to, orig_to)) => (to, Some(unbracketed(orig_to)), rest),
        None => (addresses, None, rest),
    })
}

/// What kind of agent wrote the line: the default service names, and what `relay=` says of renamed ones.
fn transport(agent: Agent, relay: &[u8]) -> Transport {
    match agent {
        Agent::Smtp => Transport::Smtp,
        Agent::Discard => Transport::Discard,
        Agent::Error => Transport::Error,
        Agent::Pipe => Transport::Program,
        Agent::Lmtp | Agent::Mailbox if relay == b"none" => Transport::Discard,
        Agent::Lmtp | Agent::Mailbox => Transport::Mailbox,
    }
}

/// The queue id that the next server gave: the last `queued as X` of its answer, or local(8)'s `forwarded as X`.
fn next_queue_id(reply: &[u8]) -> Option<&[u8]> {
    queued_as(reply).or_else(|| reply.strip_prefix(b"forwarded as ").filter(|id| is_queue_id(id)))
}

/// `none`, `local`, `mx2.isp.test[private/dovecot-lmtp]`, `127.0.0.1[127.0.0.1]:10024`
fn relay_parts(field: &[u8]) -> (&[u8], Option<std::net::IpAddr>, u16) {
    let Some(open) = memchr::memchr(b'[', field) else {
        return (field, None, 0);
    };
    let Some(close) = memchr::memchr(b']', &field[open..]).map(|at| at + open) else {
        return (field, None, 0);
    };
    let inside = &field[open + 1..close];
    let port = field[close + 1..]
        .strip_prefix(b":")
        .and_then(number)
        .unwrap_or(0);
    match ip(inside) {
        Some(ip) => (&field[..open], Some(ip), port),
        None => (field, None, port),
    }
}

/// `0.11/99/0.03/1.2`
fn delays(value: &[u8]) -> Option<[i64; 4]> {
    let mut parts = value.split(|byte| *byte == b'/').map(millis);
    let delays = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(delays)
}
