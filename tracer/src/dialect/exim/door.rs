//! Exim: answers at the door, by an ACL or by Exim's own limits.
//!
//! ```text
//! H=mail20.ext1.test (helo.test) [203.0.113.20]:4711 X=TLS1.3:AES_256_GCM:256 CV=no F=<a@news.test> temporarily rejected RCPT <anna@kundi.test>: greylisted
//! H=mail20.ext1.test [203.0.113.20] F=<a@news.test> A=plain:bob rejected RCPT <x@kundi.test>: Unrouteable address
//! H=mx4.news.test [203.0.113.4] rejected MAIL <bad@shop.test>: sender is banned
//! H=mx4.news.test [203.0.113.4] rejected EHLO or HELO isp.test: you are not me
//! H=mx4.news.test [203.0.113.4] rejected connection in "connect" ACL: blocked
//! H=[203.0.113.4]:62839 dropped by 'connect' ACL: blocked
//! H=mx4.news.test [203.0.113.4] F=<a@news.test> RCPT <x@kundi.test>: discarded by RCPT ACL
//! H=mx4.news.test [203.0.113.4] incomplete transaction (connection lost) from <a@news.test> for x@kundi.test
//! ID H=mx4.news.test [203.0.113.4] F=<a@news.test> rejected after DATA: message content is not wanted
//! ID F=a@news.test H=mx4.news.test [203.0.113.4] P=esmtp rejected by local_scan(): spam
//! ID rejected from <a@news.test> H=mx4.news.test [203.0.113.4]: message too big: read=4000000 max=3145728
//! rejected MAIL FROM:<a@news.test> H=mx4.news.test [203.0.113.4]: message too big: size=4000000 max=3145728
//! rejected MAIL command H=mx4.news.test [203.0.113.4]: too many messages in one connection
//! rejected EHLO from mx4.news.test [203.0.113.4]: syntactically invalid argument(s): @
//! unqualified recipient rejected: <anna> H=mx4.news.test [203.0.113.4]
//! too many recipients: message rejected: sender=<a@news.test> H=mx4.news.test [203.0.113.4]
//! SMTP protocol synchronization error (next input sent too soon: pipelining was not advertised): rejected "RSET" H=mx4.news.test [203.0.113.4] next input="QUIT\r\n"
//! SMTP call from mx4.news.test [203.0.113.4] dropped: too many nonmail commands (last was "RSET")
//! Connection from [203.0.113.4] refused: too many connections
//! refused connection from [203.0.113.4] (host_reject_connection)
//! ID => blackhole (RCPT ACL discarded recipients)
//! ID => discarded (system filter)
//! ```

use super::field::{self, Fields};
use crate::dialect::field::{between, split_at_str};
use crate::event::{DoorAction, DoorLine, Envelope, Event, Reading};

/// A line that begins with the client (`H=`, `U=`, `F=`).
pub(super) fn session<'a>(queue_id: Option<&'a [u8]>, message: &'a [u8]) -> Reading<'a> {
    let (fields, rest) = field::fields(message);
    if let Some(rest) = rest.strip_prefix(b"rejected ") {
        return rejected(queue_id, &fields, rest, DoorAction::Reject);
    }
    if let Some(rest) = rest.strip_prefix(b"temporarily rejected ") {
        return rejected(queue_id, &fields, rest, DoorAction::Defer);
    }
    if let Some(rest) = rest.strip_prefix(b"dropped by ") {
        let text = split_at_str(rest, b": ").map_or(rest, |(_, text)| text);
        let line = door(queue_id, &fields, DoorAction::Reject, b"CONNECT", text);
        return Reading::Event(Event::EximDoor(line));
    }
    if rest.starts_with(b"RCPT ")
        && let Some(rest) = rest.strip_prefix(b"RCPT ")
        && let Some((recipient, after)) = address(rest)
        && let Some(text) = after.strip_prefix(b": discarded by ")
    {
        let mut line = door(None, &fields, DoorAction::Discard, b"RCPT", text);
        line.envelope.recipient = Some(recipient);
        return Reading::Event(Event::EximDoor(line));
    }
    if let Some(what) = rest.strip_prefix(b"incomplete transaction (") {
        return incomplete(&fields, rest, what);
    }
    if rest.starts_with(b"sender verify ") {
        return Reading::Known;
    }
    if let Some(queue_id) = queue_id {
        // What a host said or did before the recipients' own lines, a warning of an ACL, TLS trouble.
        return Reading::Event(Event::Remark { queue_id });
    }
    if rest.starts_with(b"Warning: ") {
        return Reading::Known;
    }
    Reading::Unrecognised
}

/// What follows `rejected `.
fn rejected<'a>(
    queue_id: Option<&'a [u8]>,
    fields: &Fields<'a>,
    rest: &'a [u8],
    action: DoorAction,
) -> Reading<'a> {
    let mut line = door(queue_id, fields, action, b"", b"");
    let after_address = |rest: &'a [u8]| {
        let (_, after) = address(rest)?;
        Some(split_at_str(after, b": ").map_or(&b""[..], |(_, text)| text))
    };
    let text = || split_at_str(rest, b": ").map_or(&b""[..], |(_, text)| text);
    if let Some(rest) = rest.strip_prefix(b"RCPT ") {
        line.stage = b"RCPT";
        line.envelope.recipient = address(rest).map(|(recipient, _)| recipient);
        line.reply = after_address(rest).unwrap_or_default();
    } else if let Some(rest) = rest.strip_prefix(b"MAIL ") {
        line.stage = b"MAIL";
        line.envelope.sender = address(rest).map(|(sender, _)| sender);
        line.reply = after_address(rest).unwrap_or_default();
    } else {
        const STAGES: [(&[u8], &[u8]); 13] = [
            (b"after DATA", b"END-OF-MESSAGE"),
            (b"DATA", b"DATA"),
            (b"during MIME", b"END-OF-MESSAGE"),
            (b"by non-SMTP ACL", b"END-OF-MESSAGE"),
            (b"by local_scan()", b"END-OF-MESSAGE"),
            (b"connection", b"CONNECT"),
            (b"EHLO or HELO", b"EHLO"),
            (b"AUTH", b"AUTH"),
            (b"STARTTLS", b"STARTTLS"),
            (b"VRFY", b"VRFY"),
            (b"EXPN", b"EXPN"),
            (b"ETRN", b"ETRN"),
            (b"ATRN", b"ETRN"),
        ];
        let Some((_, stage)) = STAGES.iter().find(|(words, _)| rest.starts_with(words)) else {
            return Reading::Unrecognised;
        };
        line.stage = stage;
        line.reply = text();
        if matches!(*stage, b"VRFY" | b"EXPN" | b"ETRN" | b"AUTH" | b"STARTTLS") {
            // No mail was refused: the client asked for something else.
            return Reading::Known;
        }
    }
    Reading::Event(Event::EximDoor(line))
}

/// `incomplete transaction (connection lost) from <a@b> for c@d`: the client gave up in the middle and still has the mail.
fn incomplete<'a>(fields: &Fields<'a>, whole: &'a [u8], what: &'a [u8]) -> Reading<'a> {
    let Some((_, rest)) = split_at_str(what, b")") else {
        return Reading::Unrecognised;
    };
    let text = whole.get(..whole.len() - rest.len()).unwrap_or_default();
    let Some((sender, rest)) = rest.strip_prefix(b" from ").and_then(field::angle) else {
        return Reading::Known;
    };
    let mut line = door(None, fields, DoorAction::Defer, b"DATA", text);
    line.envelope.sender = Some(sender);
    Reading::Event(Event::BrokeOff {
        door: line,
        recipients: rest.strip_prefix(b" for ").unwrap_or_default(),
    })
}

/// Refusals whose line begins with the words and names the client later.
pub(super) fn by_words<'a>(queue_id: Option<&'a [u8]>, message: &'a [u8]) -> Option<Reading<'a>> {
    let line = match message.first()? {
        b'r' => refused(queue_id, message)?,
        b't' if message.starts_with(b"too many recipients: ") => {
            let (text, rest) = split_at_str(message, b" sender=")?;
            let (sender, rest) = field::angle(rest)?;
            let (fields, _) = field::fields(rest);
            let action = if text.ends_with(b"temporarily rejected:") {
                DoorAction::Defer
            } else {
                DoorAction::Reject
            };
            let mut line = door(queue_id, &fields, action, b"RCPT", text);
            line.envelope.sender = Some(sender);
            line
        }
        b't' => {
            let rest = message.strip_prefix(b"temporarily refused connection from ")?;
            connection(rest, DoorAction::Defer)
        }
        b'C' => {
            let rest = message.strip_prefix(b"Connection from ")?;
            connection(rest, DoorAction::Defer)
        }
        b'u' => {
            let is_sender = message.starts_with(b"unqualified sender rejected: ");
            let (_, rest) = split_at_str(message, b" rejected: ")?;
            let (named, rest) = field::angle(rest)?;
            let (fields, _) = field::fields(rest);
            let stage: &[u8] = if is_sender { b"MAIL" } else { b"RCPT" };
            let text = message.get(..message.len() - rest.len())?;
            let mut line = door(queue_id, &fields, DoorAction::Reject, stage, text);
            if is_sender {
                line.envelope.sender = Some(named);
            } else {
                line.envelope.recipient = Some(named);
            }
            line
        }
        b'S' if message.starts_with(b"SMTP protocol synchronization error") => {
            // The client's own words stand in quotes before its name: the name is behind the last quote that can be.
            let (_, rest) = split_at_str(message, b"): ")?;
            let text = message.get(..message.len() - rest.len() - 2)?;
            let rest = match rest.strip_prefix(b"rejected connection from ") {
                Some(rest) => rest,
                None => rest.get(memchr::memmem::find(rest, b"\" H=")? + 2..)?,
            };
            let (fields, _) = field::fields(rest);
            door(queue_id, &fields, DoorAction::Reject, b"CONNECT", text)
        }
        b'S' => {
            let rest = message.strip_prefix(b"SMTP call from ")?;
            let (_, _, _, after) = field::host(rest);
            memchr::memmem::find(after, b"dropped: ")?;
            connection(rest, DoorAction::Reject)
        }
        _ => return None,
    };
    Some(Reading::Event(Event::EximDoor(line)))
}

/// `name (helo) [ip]:port I=[ip]:port why`
fn connection(rest: &[u8], action: DoorAction) -> DoorLine<'_> {
    let (host, helo, _, after) = field::host(rest);
    let (_, text) = field::fields(after);
    let fields = Fields {
        host,
        helo,
        ..Fields::default()
    };
    door(None, &fields, action, b"CONNECT", text)
}

fn refused<'a>(queue_id: Option<&'a [u8]>, message: &'a [u8]) -> Option<DoorLine<'a>> {
    if let Some(rest) = message.strip_prefix(b"refused connection from ") {
        return Some(connection(rest, DoorAction::Reject));
    }
    let rest = message.strip_prefix(b"rejected ")?;
    for (words, stage) in [(&b"MAIL FROM:"[..], &b"MAIL"[..]), (b"from ", b"END-OF-MESSAGE")] {
        if let Some(rest) = rest.strip_prefix(words) {
            let (sender, rest) = field::angle(rest)?;
            let (fields, text) = field::fields(rest);
            let mut line = door(queue_id, &fields, DoorAction::Reject, stage, text);
            line.envelope.sender = Some(sender);
            return Some(line);
        }
    }
    if let Some(rest) = rest.strip_prefix(b"MAIL command ") {
        let (fields, text) = field::fields(rest);
        return Some(door(queue_id, &fields, DoorAction::Reject, b"MAIL", text));
    }
    // `rejected EHLO from host: why`, `rejected MAIL from host: no HELO/EHLO given`, `rejected "EHLO x" from host`.
    let from = memchr::memmem::find(rest, b" from ")?;
    let command = rest.get(..from)?;
    if command.starts_with(b"XCLIENT") {
        return None;
    }
    let stage: &[u8] = if command == b"MAIL" { b"MAIL" } else { b"EHLO" };
    Some(DoorLine {
        stage,
        ..connection(rest.get(from + 6..)?, DoorAction::Reject)
    })
}

/// `RCPT ACL discarded recipients)`, `DATA ACL discarded message): words`, `system filter)`: the whole message is taken and dropped.
pub(super) fn discarded<'a>(queue_id: &'a [u8], detail: &'a [u8]) -> Reading<'a> {
    let text = split_at_str(detail, b"): ").map_or(detail, |(_, words)| words);
    let text = text.strip_suffix(b")").unwrap_or(text);
    let line = door(
        Some(queue_id),
        &Fields::default(),
        DoorAction::Discard,
        b"END-OF-MESSAGE",
        text,
    );
    Reading::Event(Event::EximDoor(line))
}

/// The line that a reject log adds: `Envelope-to: <a@b>`, and `    <c@d>` for each further one.
pub(super) fn envelope_to(text: &[u8]) -> Option<(&[u8], bool)> {
    if let Some(rest) = text.strip_prefix(b"Envelope-to: ") {
        return field::angle(rest).map(|(recipient, _)| (recipient, false));
    }
    let rest = text.strip_prefix(b"    ")?;
    field::angle(rest)
        .filter(|(_, after)| after.is_empty())
        .map(|(recipient, _)| (recipient, true))
}

fn door<'a>(
    queue_id: Option<&'a [u8]>,
    fields: &Fields<'a>,
    action: DoorAction,
    stage: &'a [u8],
    reply: &'a [u8],
) -> DoorLine<'a> {
    DoorLine {
        queue_id,
        action,
        stage,
        client: fields.host,
        code: 0,
        dsn: b"",
        reply,
        envelope: Envelope {
            sender: fields.sender,
            recipient: None,
            helo: fields.helo,
        },
    }
}

/// `<a@b>` or `a@b` as the client typed it, and what follows.
fn address(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.first() == Some(&b'<') {
        return field::angle(bytes);
    }
    let end = between(bytes, b"", b": ").map_or(bytes.len(), <[u8]>::len);
    let (address, rest) = bytes.split_at(end);
    (!address.is_empty()).then_some((address, rest))
}
