//! `to=`: a try for one or several recipients, or their refusal after the data.
//!
//! ```text
//! to=<a@corp.test>,<b@corp.test>, ctladdr=<bob@isp.test> (1003/1003), delay=1+00:00:09, xdelay=00:00:00, mailer=esmtp, pri=270964, relay=mail.corp.test. [198.51.100.20], dsn=2.0.0, stat=Sent (Ok: queued as 56B856A7065)
//! to=<anna@kundi.test>, delay=00:00:00, pri=30424, stat=Please try again later
//! ```

use super::{list, peer, recipients};
use crate::dialect::field::{number, queued_as, split_at_str, unbracketed};
use crate::event::sendmail::SendmailLine;
use crate::event::{DeliveryLine, DeliveryStatus, Event, Transport};

/// The rest of a line behind `to=`.
pub(super) fn to_line<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    let (to, rest) = list::value(rest);
    let mut fields = Fields::default();
    fields.read(rest.strip_prefix(b", ")?)?;
    let Some(mailer) = fields.mailer else {
        if fields.dsn.is_empty() {
            return Some(Event::Sendmail(SendmailLine::NotTaken {
                queue_id: id,
                recipients: to,
                text: fields.stat,
            }));
        }
        return Some(fields.event(id, to, Transport::Error));
    };
    let transport = transport(mailer, to, fields.relay);
    Some(fields.event(id, to, transport))
}

/// The fields of a `to=` line behind the recipients.
#[derive(Default)]
struct Fields<'a> {
    ctladdr: Option<&'a [u8]>,
    delay_ms: Option<i64>,
    mailer: Option<&'a [u8]>,
    relay: Option<&'a [u8]>,
    dsn: &'a [u8],
    reply: Option<&'a [u8]>,
    stat: &'a [u8],
}

impl<'a> Fields<'a> {
    /// `None` when the line has no `stat=`: it was cut.
    fn read(&mut self, mut rest: &'a [u8]) -> Option<()> {
        loop {
            if let Some(stat) = rest.strip_prefix(b"stat=") {
                self.stat = stat;
                return Some(());
            }
            if let Some(reply) = rest.strip_prefix(b"reply=") {
                let (reply, stat) = split_at_str(reply, b", stat=")?;
                self.reply = Some(reply);
                self.stat = stat;
                return Some(());
            }
            let equals = rest.iter().take(12).position(|byte| *byte == b'=')?;
            let (name, value) = (&rest[..equals], &rest[equals + 1..]);
            let (value, after) = list::value(value);
            match name {
                b"ctladdr" => self.ctladdr = Some(owner(value)),
                b"delay" => self.delay_ms = delay(value),
                b"mailer" => self.mailer = Some(value),
                b"relay" => self.relay = Some(value),
                b"dsn" => self.dsn = value,
                _ => {}
            }
            rest = after.strip_prefix(b", ")?;
        }
    }

    fn event(&self, id: &'a [u8], to: &'a [u8], transport: Transport) -> Event<'a> {
        let status = status(self.stat, self.dsn);
        let text = match status {
            DeliveryStatus::Sent => parenthesised(self.stat),
            _ => self
                .reply
                .unwrap_or_else(|| self.stat.strip_prefix(b"Deferred: ").unwrap_or(self.stat)),
        };
        let relay = self.relay.map(peer).unwrap_or_default();
        let name = relay.name.map(|name| name.strip_suffix(b".").unwrap_or(name));
        Event::Sendmail(SendmailLine::To {
            recipients: to,
            line: DeliveryLine {
                queue_id: id,
                to: recipients(to).next().unwrap_or_default(),
                orig_to: self.ctladdr,
                transport,
                relay: name.or(self.relay).unwrap_or(b"none"),
                relay_ip: relay.ip,
                relay_port: 0,
                delay_ms: self.delay_ms,
                delays_ms: None,
                dsn: self.dsn,
                status,
                text,
                next: (status == DeliveryStatus::Sent).then(|| next_id(text)).flatten(),
            },
        })
    }
}

/// What a try came to. `dsn=` stands before any remote text; logs older than release 8.9 have only the words.
fn status(stat: &[u8], dsn: &[u8]) -> DeliveryStatus {
    let is_waiting =
        stat.starts_with(b"queued") || stat.starts_with(b"Deferred") || stat.starts_with(b"quarantined");
    match dsn.first() {
        Some(b'2') | None if stat.starts_with(b"Sent") => DeliveryStatus::Sent,
        _ if is_waiting => DeliveryStatus::Deferred,
        Some(b'2') => DeliveryStatus::Sent,
        Some(b'4') => DeliveryStatus::Deferred,
        _ => DeliveryStatus::Bounced,
    }
}

/// `text` of `Sent (text)`.
fn parenthesised(stat: &[u8]) -> &[u8] {
    stat.strip_prefix(b"Sent (")
        .map_or(b"", |text| text.strip_suffix(b")").unwrap_or(text))
}

/// The id that the next server gave: `6ALLWFWL000274 Message accepted for delivery`, `Ok: queued as X`, `OK id=X`.
fn next_id(text: &[u8]) -> Option<&[u8]> {
    if let Some((before, _)) = split_at_str(text, b" Message accepted for delivery") {
        let start = memchr::memrchr(b' ', before).map_or(0, |at| at + 1);
        let id = &before[start..];
        return (id.len() >= 8 && id.iter().all(u8::is_ascii_alphanumeric)).then_some(id);
    }
    if let Some(id) = text.strip_prefix(b"OK id=") {
        let end = memchr::memchr(b' ', id).unwrap_or(id.len());
        return Some(&id[..end]);
    }
    queued_as(text)
}

fn transport(mailer: &[u8], to: &[u8], relay: Option<&[u8]>) -> Transport {
    match mailer {
        b"*file*" if to == b"/dev/null" => Transport::Discard,
        b"local" | b"*file*" | b"lmtp" | b"procmail" | b"maildrop" | b"deliver" | b"virtual" => {
            Transport::Mailbox
        }
        b"esmtp" | b"smtp" | b"smtp8" | b"dsmtp" | b"relay" => Transport::Smtp,
        b"prog" => Transport::Program,
        b"discard" => Transport::Discard,
        b"error" => Transport::Error,
        mailer if mailer.starts_with(b"cyrus") || mailer.starts_with(b"dovecot") => Transport::Mailbox,
        _ if relay.is_some() => Transport::Smtp,
        _ => Transport::Program,
    }
}

/// The address of `<a@b> (1000/1000)`.
fn owner(value: &[u8]) -> &[u8] {
    let end = memchr::memmem::rfind(value, b" (").unwrap_or(value.len());
    unbracketed(&value[..end])
}

/// `[days+]hours:minutes:seconds` in milliseconds.
fn delay(value: &[u8]) -> Option<i64> {
    let (days, clock) = split_at_str(value, b"+").unwrap_or((b"0", value));
    let mut parts = clock.split(|byte| *byte == b':').map(number::<i64>);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let days = number::<i64>(days)?;
    let is_sane = days < 10_000
        && (0..100).contains(&hours)
        && (0..60).contains(&minutes)
        && (0..61).contains(&seconds);
    is_sane.then(|| (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::sendmail::read;
    use crate::event::Reading;

    fn to(message: &[u8]) -> DeliveryLine<'_> {
        match read(message) {
            Reading::Event(Event::Sendmail(SendmailLine::To { line, .. })) => line,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_words_of_a_remote_answer_do_not_decide() {
        let line = to(b"6ALLW61b000215: to=<c@corp.test>, delay=1+00:00:09, xdelay=00:00:00, mailer=esmtp, pri=31436, relay=mail.corp.test. [198.51.100.20], dsn=5.1.1, reply=550 no, stat=Sent (ok), stat=User unknown");
        assert_eq!(line.status, DeliveryStatus::Bounced);
        assert_eq!(line.delay_ms, Some(86_409_000));
        assert_eq!(line.relay, b"mail.corp.test");
        let line = to(b"6ALLW61b000215: to=\"|/bin/x a, stat=Sent\", ctladdr=<p@k.test> (8/0), delay=00:00:04, xdelay=00:00:01, mailer=prog, pri=1, dsn=4.0.0, stat=Deferred: prog mailer (/bin/sh) exited with EX_TEMPFAIL");
        assert_eq!(line.status, DeliveryStatus::Deferred);
        assert_eq!(line.to, b"\"|/bin/x a, stat=Sent\"");
        assert_eq!(line.orig_to, Some(&b"p@k.test"[..]));
    }
}
