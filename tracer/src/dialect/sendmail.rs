//! Sendmail: the MTA (`sm-mta`, `sendmail`, `sm-mta-v4`), and the submission program with its queue (`sendmail`, `sm-msp-queue`).
//!
//! ```text
//! 6ALLW63D000216: from=<bob@isp.test>, size=757, class=0, nrcpts=6, msgid=<1@isp.test>, bodytype=8BITMIME, proto=ESMTP, daemon=MTA-v4, relay=pc.isp.test [192.0.2.120]
//! 6ALLWBge000234: from=anna@isp.test, size=479, class=0, nrcpts=1, msgid=<2@isp.test>, relay=anna@localhost
//! 6ALLW63D000216: to=<a@corp.test>,<b@corp.test>, ctladdr=<bob@isp.test> (1003/1003), delay=1+00:00:09, xdelay=00:00:00, mailer=esmtp, pri=270964, relay=mail.corp.test. [198.51.100.20], dsn=2.0.0, stat=Sent (Ok: queued as 56B856A7065)
//! 6ALLW61b000215: to=<c@corp.test>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=31436, relay=mail.corp.test. [198.51.100.20], dsn=5.1.1, reply=550 No such user here, stat=User unknown
//! 6ALLXqaI000456: to=<anna@kundi.test>, delay=00:00:00, pri=30424, stat=Please try again later
//! 6ALLWC9o000263: ruleset=check_rcpt, arg1=<x@far.test>, relay=m.ext1.test [203.0.113.199] (may be forged), reject=550 5.7.1 <x@far.test>... Relaying denied
//! ruleset=check_relay, arg1=m.ext1.test, arg2=203.0.113.199, relay=m.ext1.test [203.0.113.199], reject=421 4.3.2 Connection rate limit exceeded.
//! 6ALLW5uI000195: Milter: to=<anna@kundi.test>, reject=451 4.7.1 Greylisted, please try again later
//! 6ALLYAvN000530: Milter: data, discard
//! 6ALLXqaI000456: Milter: data, reject=451 4.3.2 Please try again later
//! 6ALLW675000223: <left@kundi.test>... User unknown
//! 6ALLW63D000216: 6ALLW63D000225: DSN: Host unknown (Name server: nxdomain.test: host not found)
//! 6ALLW5Ae000207: 6ALLWkiO000346: sender notify: Cannot send message for 5 days
//! 6ALLYE63000536: 6ALLYE63000538: clone: owner=anna
//! 6ALLWIdb000289: milter=lab, quarantine=held by policy
//! 6ALLY2J9000491: unquarantine
//! 6ALLYAvN000530: discarded
//! 6ALLWGLW000281: lost input channel from m.bank.test [203.0.113.248] to MTA-v4 after rcpt
//! 6ALLY7mA000509: SYSERR(root): collect: relay=m.ext3.test, from=<l@friend.test>, info=read timeout
//! 6ALLY7mA000509: done; delay=00:00:00, ntries=2
//! STARTTLS=server, relay=localhost [127.0.0.1], version=TLSv1.3, verify=NO, cipher=TLS_AES_256_GCM_SHA384, bits=256/256
//! AUTH=server, relay=pc.isp.test [192.0.2.120], authid=bob, mech=PLAIN, bits=0
//! ```
//!
//! The fixed fields stand first; a Message-ID and a remote answer may hold anything, so they are taken between fields that are found from the
//! other side, and `dsn=` (which stands before the answer) decides what a try came to.

mod delivery;
mod door;
mod known;
mod list;

use crate::dialect::field::{ip, number, split_at_str, unbracketed};
use crate::event::sendmail::SendmailLine;
use crate::event::{Event, Peer, Reading};
pub use door::codes;
pub use list::recipients;

/// Reads a line of Sendmail.
pub fn read(message: &[u8]) -> Reading<'_> {
    let message = message.trim_ascii_end();
    let event = match queue_id(message) {
        Some((id, rest)) => with_id(id, rest),
        None => without_id(message),
    };
    match event {
        Some(event) => Reading::Event(event),
        None if known::is_known(message) => Reading::Known,
        None => Reading::Unrecognised,
    }
}

/// A report's or clone's id may begin like any statement.
fn with_id<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    statement(id, rest).or_else(|| about_another(id, rest))
}

fn statement<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    match rest.first()? {
        b'f' => from_line(id, rest.strip_prefix(b"from=")?),
        b't' if rest.starts_with(b"to=") => delivery::to_line(id, &rest[3..]),
        b'M' => door::milter(id, rest.strip_prefix(b"Milter: ")?),
        b'r' => door::ruleset(Some(id), rest.strip_prefix(b"ruleset=")?),
        b'<' => door::refused_address(id, rest),
        b'l' | b't' | b'S' | b'c' if known::is_loss(rest) => {
            Some(Event::Sendmail(SendmailLine::Lost { queue_id: id }))
        }
        b'c' => old_clone(id, rest.strip_prefix(b"clone ")?),
        b'd' if rest == b"discarded" => Some(Event::Sendmail(SendmailLine::Discarded { queue_id: id })),
        b'd' if rest.starts_with(b"done; ") => Some(Event::Removed { queue_id: id }),
        b'm' => {
            let (_, action) = split_at_str(rest.strip_prefix(b"milter=")?, b", ")?;
            action.starts_with(b"quarantine=").then_some(Event::Hold {
                queue_id: id,
                on: true,
            })
        }
        b'u' if rest == b"unquarantine" => Some(Event::Hold {
            queue_id: id,
            on: false,
        }),
        b'q' if rest.starts_with(b"quarantine=") || rest == b"quarantine" => Some(Event::Hold {
            queue_id: id,
            on: true,
        }),
        _ => None,
    }
}

/// `CHILD: DSN: text`, `CHILD: sender notify: text`, `CHILD: clone: owner=x`.
fn about_another<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    let (child, rest) = queue_id(rest)?;
    if rest.starts_with(b"clone: ") {
        return Some(Event::Sendmail(SendmailLine::Clone {
            queue_id: id,
            clone: child,
        }));
    }
    let (kind, text) = split_at_str(rest, b": ")?;
    match kind {
        b"sender notify" | b"DSN" | b"return to sender" if is_given_up(text) => {
            Some(Event::Sendmail(SendmailLine::GivenUp {
                queue_id: id,
                report: child,
            }))
        }
        b"sender notify" | b"DSN" | b"return to sender" | b"postmaster notify" | b"return receipt" => {
            Some(Event::Report {
                queue_id: id,
                report: child,
            })
        }
        _ => None,
    }
}

/// `Cannot send message for 5 days` (`within`, in older releases).
fn is_given_up(text: &[u8]) -> bool {
    text.starts_with(b"Cannot send message ")
}

/// `clone PARENT, owner=x` of releases before 8.12: the line's own id is the new one.
fn old_clone<'a>(clone: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    let (parent, _) = split_at_str(rest, b", owner=")?;
    is_queue_id(parent).then_some(Event::Sendmail(SendmailLine::Clone {
        queue_id: parent,
        clone,
    }))
}

fn without_id(message: &[u8]) -> Option<Event<'_>> {
    if let Some(rest) = message.strip_prefix(b"STARTTLS=server, relay=") {
        let (relay, rest) = split_at_str(rest, b", version=")?;
        return Some(Event::Sendmail(SendmailLine::Session {
            client: peer(relay),
            tls: Some(split_at_str(rest, b", bits=").map_or(rest, |(tls, _)| tls)),
            user: None,
        }));
    }
    if let Some(rest) = message.strip_prefix(b"AUTH=server, relay=") {
        let (relay, rest) = split_at_str(rest, b", authid=")?;
        return Some(Event::Sendmail(SendmailLine::Session {
            client: peer(relay),
            tls: None,
            user: Some(split_at_str(rest, b", mech=").map_or(rest, |(user, _)| user)),
        }));
    }
    door::ruleset(None, message.strip_prefix(b"ruleset=")?)
}

fn from_line<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    let (sender, rest) = list::value(rest);
    let rest = rest.strip_prefix(b", size=")?;
    let (size, rest) = split_at_str(rest, b", ")?;
    let (_, rest) = split_at_str(rest, b"nrcpts=")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let recipients = number(&rest[..digits])?;
    let mut rest = rest[digits..].strip_prefix(b", ").unwrap_or_default();
    // From the right: only the relay's name is not of the sender's choosing.
    let mut client = Peer::default();
    if let Some(at) = memchr::memmem::rfind(rest, b"relay=") {
        client = peer(&rest[at + b"relay=".len()..]);
        rest = rest[..at].strip_suffix(b", ").unwrap_or(&rest[..at]);
    }
    for field in [&b"daemon="[..], b"proto=", b"bodytype="] {
        if let Some(at) = memchr::memmem::rfind(rest, field) {
            rest = rest[..at].strip_suffix(b", ").unwrap_or(&rest[..at]);
        }
    }
    Some(Event::Sendmail(SendmailLine::From {
        queue_id: id,
        sender: unbracketed(sender),
        client,
        size: number(size),
        message_id: rest.strip_prefix(b"msgid=").map(unbracketed),
        recipients,
    }))
}

/// `name [ip]`, `[ip]`, `[ip] [ip]`, `user@localhost`, all perhaps with ` (may be forged)`.
fn peer(relay: &[u8]) -> Peer<'_> {
    let open = memchr::memmem::rfind(relay, b"[");
    let address = open.and_then(|open| {
        let close = memchr::memchr(b']', &relay[open..])? + open;
        ip(&relay[open + 1..close])
    });
    let name = match open {
        Some(open) if address.is_some() => relay[..open].trim_ascii_end(),
        _ => relay,
    };
    let name = (!name.is_empty() && !name.starts_with(b"[") && !name.contains(&b'@')).then_some(name);
    Peer { name, ip: address }
}

/// A queue id in front of `: `, and what follows.
fn queue_id(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = message.iter().take(21).position(|byte| *byte == b':')?;
    let id = &message[..colon];
    is_queue_id(id).then(|| (id, message[colon + 1..].strip_prefix(b" ").unwrap_or_default()))
}

/// Whether this is a queue id of Sendmail: letters and digits for the time, then at least five digits of process id (14 characters since
/// release 8.12, 12 in 8.10 and 8.11, 8 before; `NOQUEUE` is none).
pub fn is_queue_id(bytes: &[u8]) -> bool {
    (8..=20).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes[bytes.len() - 5..].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_cannot_forge_the_relay() {
        let line = b"6ALLW5bm000203: from=<\"a>, size=1\"@isp.test>, size=939, class=0, nrcpts=1, msgid=<x, relay=evil.test [203.0.113.9]>, proto=ESMTP, daemon=MTA-v4, relay=dsl.isp.test [192.0.2.184] (may be forged)";
        let Reading::Event(Event::Sendmail(SendmailLine::From {
            sender,
            client,
            size,
            message_id,
            recipients,
            ..
        })) = read(line)
        else {
            panic!("no from line");
        };
        assert_eq!(recipients, 1);
        assert_eq!(sender, &b"\"a>, size=1\"@isp.test"[..]);
        assert_eq!(client.name, Some(&b"dsl.isp.test"[..]));
        assert_eq!(size, Some(939));
        assert_eq!(message_id, Some(&b"x, relay=evil.test [203.0.113.9]"[..]));
    }

    #[test]
    fn queue_ids_of_all_ages_are_told_from_words() {
        for id in [
            &b"6ALLW5bm000203"[..],
            b"f5KHeR012345",
            b"HAA12345",
            b"13O9Ixhq275631",
            b"xA32R2PQ3529566",
        ] {
            assert!(is_queue_id(id), "{}", String::from_utf8_lossy(id));
        }
        for word in [&b"NOQUEUE"[..], b"FOOBAR99", b"STARTTLS", b"", b"12345"] {
            assert!(!is_queue_id(word), "{}", String::from_utf8_lossy(word));
        }
    }
}
