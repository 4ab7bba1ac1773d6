//! Exim: main log, reject log and panic log, by syslog or as Exim's own files.
//!
//! Goes in: what follows the header. Comes out: what it states. A statement about a message begins with its id (`ID` below, 16 characters, 23
//! from 4.97 on) and mostly with a flag of two characters:
//!
//! ```text
//! 1xUsgn-00002f-1r <= anna@isp.test H=dsl-184.pool.isp.test (pc-51) [192.0.2.184] P=esmtp S=1162 id=17@isp.test T="Uutiskirje" for paula@far.test
//! ID <= <> R=PARENT U=Debian-exim P=local S=2562 T="Mail delivery failed" for bob@isp.test
//! ID => anna <anna@kundi.test> R=localuser T=maildir_home                  delivered; -> and >> are further ones and cut-through, *> a dry run
//! ID == mika@far.test R=dnslookup T=remote_smtp defer (-44) H=...: ...     put off
//! ID ** risto@far.test R=dnslookup T=remote_smtp H=...: ...                failed
//! ID Completed
//! ID Frozen (delivery error message)       ID frozen by ACL       ID Message is frozen       ID unfrozen by root       ID removed by root
//! ID H=mx.busy.test [198.51.100.9]: SMTP error from remote mail server after initial connection: 421 too busy
//! H=mx4.news.test [203.0.113.4] F=<a@news.test> temporarily rejected RCPT <anna@kundi.test>: greylisted
//! ```
//!
//! [`delivery`] has the delivery lines, [`door`] the refusals, [`known`] what says nothing about a mail. In front of all this may stand Exim's own
//! time (when it also goes to syslog), `[pid]`, and the number of a part: syslog's lines are short, so Exim cuts (`[1/2]`), and a rejected
//! message's header lines follow as parts of their own (`[2\17]`).

use smallvec::SmallVec;

use crate::event::{ArrivalLine, Event, Reading};

mod delivery;
mod door;
mod field;
mod known;

/// Reads a line of Exim.
pub fn read(message: &[u8]) -> Reading<'_> {
    let message = match message.first() {
        Some(b'[') => {
            if let Some(part) = part(message) {
                return Reading::Event(part);
            }
            without_pid(message)
        }
        Some(b'1' | b'2') if message.get(4) == Some(&b'-') => without_pid(without_time(message)),
        _ => message,
    };
    if let Some((queue_id, rest)) = field::message_id(message) {
        return about_message(queue_id, rest);
    }
    if let Some((recipient, continues)) = door::envelope_to(message) {
        return Reading::Event(Event::EnvelopeTo { recipient, continues });
    }
    if let [b'H' | b'U' | b'F', b'=', ..] | [b' ', b'D', b'S', b' ', ..] = message {
        return door::session(None, message);
    }
    if let Some(reading) = door::by_words(None, message) {
        return reading;
    }
    if known::is_known(message) {
        return Reading::Known;
    }
    Reading::Unrecognised
}

/// What follows a message id.
fn about_message<'a>(queue_id: &'a [u8], rest: &'a [u8]) -> Reading<'a> {
    if let Some((flag, rest)) = rest.split_at_checked(3) {
        match flag {
            b"<= " | b"(= " => return arrival(queue_id, rest),
            b"=> " | b"-> " | b">> " => return delivery::sent(queue_id, rest, false),
            b"*> " => return delivery::sent(queue_id, rest, true),
            b"== " => return delivery::deferred(queue_id, rest),
            b"** " => return delivery::failed(queue_id, rest),
            _ => {}
        }
    }
    if let [b'H' | b'U' | b'F', b'=', ..] | [b' ', b'D', b'S', b' ', ..] = rest {
        return door::session(Some(queue_id), rest);
    }
    if rest.starts_with(b"Completed") {
        return Reading::Event(Event::Removed { queue_id });
    }
    if let Some(reading) = administration(queue_id, rest) {
        return reading;
    }
    if let Some(reading) = door::by_words(Some(queue_id), rest) {
        return reading;
    }
    if rest.starts_with(b"Spool file for ") {
        return Reading::Known;
    }
    if is_remark(rest) || known::is_known(rest) {
        return Reading::Event(Event::Remark { queue_id });
    }
    Reading::Unrecognised
}

/// Frozen, thawed, removed, marked: by hand, by a filter or by a timer.
fn administration<'a>(queue_id: &'a [u8], rest: &'a [u8]) -> Option<Reading<'a>> {
    let event = match rest.first()? {
        b'F' | b'f' if rest.get(1..).is_some_and(|rest| rest.starts_with(b"rozen")) => {
            Event::Hold { queue_id, on: true }
        }
        b'M' if rest == b"Message is frozen" => Event::StillHeld { queue_id },
        b'U' | b'u' if rest.get(1..).is_some_and(|rest| rest.starts_with(b"nfrozen by ")) => {
            Event::Hold { queue_id, on: false }
        }
        b'r' if rest.starts_with(b"removed by ") => Event::Deleted { queue_id },
        b'c' if rest.starts_with(b"cancelled by timeout_frozen_after") => Event::Expired { queue_id },
        b'c' if rest.starts_with(b"cancelled by ") => Event::Remark { queue_id },
        b'a' => {
            let (recipient, after) = field::angle(rest.strip_prefix(b"address ")?)?;
            after.strip_prefix(b" marked delivered by ")?;
            return Some(delivery::marked(queue_id, recipient, after));
        }
        _ => return None,
    };
    Some(Reading::Event(event))
}

/// Statements about one message that explain what its flagged lines state.
fn is_remark(rest: &[u8]) -> bool {
    const WORDS: [&[u8]; 14] = [
        b"User 0 set for ",
        b"no recipients found in headers",
        b"bad addresses found in headers",
        b"SMTP error from remote ",
        b"SMTP timeout ",
        b"Remote host ",
        b"SA: ",
        b"Warning: ",
        b"moved from ",
        b"original recipients ignored (system filter)",
        b"recipient <",
        b"sender address changed to <",
        b"rescind the above message-accept",
        b"PRDR ",
    ];
    WORDS.iter().any(|words| rest.starts_with(words))
        || (rest.first() == Some(&b'<') && memchr::memmem::find(rest, b" transport output: ").is_some())
        || (rest.first() == Some(&b'[') && memchr::memmem::find(rest, b"] SSL verify ").is_some())
        || rest.ends_with(b": error ignored")
        || rest.ends_with(b": error ignored: RFC 3461 DSN, failure notify not requested")
}

/// `<= sender H=... P=... S=... id=... T="..." from <raw sender> for a@b c@d`
fn arrival<'a>(queue_id: &'a [u8], rest: &'a [u8]) -> Reading<'a> {
    let (sender, rest) = match rest.strip_prefix(b"<>") {
        Some(rest) => (&b""[..], rest),
        None => match field::recipient(rest) {
            Some((found, after)) if found.top.is_none() => (found.target, after),
            _ => return Reading::Unrecognised,
        },
    };
    let (fields, rest) = field::fields(rest);
    let mut line = ArrivalLine {
        queue_id,
        sender: Some(sender),
        client: fields.host,
        helo: fields.helo,
        sasl_user: fields.user(),
        tls: fields.tls,
        size: fields.size,
        message_id: fields.message_id,
        subject: fields.transport,
        recipients: SmallVec::new(),
        report_on: fields.router.filter(|parent| field::is_message_id(parent)),
    };
    let rest = rest
        .strip_prefix(b"from ")
        .and_then(field::angle)
        .map_or(rest, |(_, rest)| rest.trim_ascii_start());
    if let Some(list) = rest.strip_prefix(b"for ") {
        line.recipients = recipients(list).collect();
    }
    Reading::Event(Event::Arrival(line))
}

/// Addresses that are parted by spaces; a quoted local part may hold some.
pub(crate) fn recipients(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        rest = rest.trim_ascii_start();
        let (found, after) = field::recipient(rest)?;
        rest = after;
        Some(found.target)
    })
}

/// `[1/2] text`: cut, and goes on; `[2\17] text`: a line of several ends here.
fn part(message: &[u8]) -> Option<Event<'_>> {
    let inner = message.strip_prefix(b"[")?;
    let mark = inner
        .iter()
        .take(6)
        .position(|byte| matches!(byte, b'/' | b'\\'))?;
    let close = inner.iter().take(12).position(|byte| *byte == b']')?;
    Some(Event::LinePart {
        number: crate::dialect::field::number(inner.get(..mark)?)?,
        count: crate::dialect::field::number(inner.get(mark + 1..close)?)?,
        ends_line: inner.get(mark) == Some(&b'\\'),
        text: inner.get(close + 1..)?.strip_prefix(b" ")?,
    })
}

/// `[1247] text` of the log selector `pid`.
fn without_pid(message: &[u8]) -> &[u8] {
    let Some(inner) = message.strip_prefix(b"[") else {
        return message;
    };
    let digits = inner
        .iter()
        .take(11)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    match inner.get(digits..) {
        Some([b']', b' ', rest @ ..]) if digits > 0 => rest,
        _ => message,
    }
}

/// `2026-11-21 21:30:08.123 +0200 text`: Exim's own time behind syslog's, in the first part of a cut line.
fn without_time(message: &[u8]) -> &[u8] {
    let [
        _,
        _,
        _,
        _,
        b'-',
        _,
        _,
        b'-',
        _,
        _,
        b' ',
        _,
        _,
        b':',
        _,
        _,
        b':',
        _,
        _,
        rest @ ..,
    ] = message
    else {
        return message;
    };
    let end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    let rest = rest.get(end + 1..).unwrap_or_default();
    match rest {
        [
            b'+' | b'-',
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            b' ',
            text @ ..,
        ] => text,
        _ => rest,
    }
}

#[cfg(test)]
mod tests;
