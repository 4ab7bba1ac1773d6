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

mod known;
mod list;

use crate::dialect::field::{ip, number, queued_as, split_at_str, unbracketed};
use crate::event::sendmail::SendmailLine;
use crate::event::{
    DeliveryLine, DeliveryStatus, DoorAction, DoorLine, Envelope, Event, Peer, Reading, Transport,
};
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
        b't' if rest.starts_with(b"to=") => to_line(id, &rest[3..]),
        b'M' => milter(id, rest.strip_prefix(b"Milter: ")?),
        b'r' => ruleset(Some(id), rest.strip_prefix(b"ruleset=")?),
        b'<' => refused_address(id, rest),
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
    ruleset(None, message.strip_prefix(b"ruleset=")?)
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

fn to_line<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
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

/// `Milter: to=<a>, reject=...`, `Milter: from=<s>, reject=...`, `Milter: data, reject=...`, `Milter: data, discard`.
fn milter<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    if let Some(to) = rest.strip_prefix(b"to=") {
        let (recipient, action) = list::value(to);
        return refused_recipient(id, recipient, action.strip_prefix(b", ")?, Peer::default());
    }
    if let Some(from) = rest.strip_prefix(b"from=") {
        let (sender, action) = list::value(from);
        let reply = action.strip_prefix(b", reject=")?;
        return Some(Event::Door(door(
            Some(id),
            b"MAIL",
            reply,
            Peer::default(),
            Some(sender),
            None,
        )));
    }
    let (_, action) = split_at_str(rest, b", ")?;
    match action.strip_prefix(b"reject=") {
        // `connect`, `helo`: the answer is repeated for every later command.
        Some(reply)
            if rest.starts_with(b"data") || rest.starts_with(b"eom") || rest.starts_with(b"header") =>
        {
            Some(Event::Sendmail(SendmailLine::Answer { queue_id: id, reply }))
        }
        _ => None,
    }
}

/// `check_rcpt, arg1=<a>, relay=name [ip], reject=550 5.7.1 text` and the other rulesets.
fn ruleset<'a>(id: Option<&'a [u8]>, rest: &'a [u8]) -> Option<Event<'a>> {
    let (name, rest) = split_at_str(rest, b", ")?;
    let (argument, rest) = list::value(rest.strip_prefix(b"arg1=")?);
    // The relay's name is not of the sender's choosing, and what stands between is: the second argument.
    let (between, relay) = split_at_str(rest, b", relay=").unwrap_or((b"", rest));
    let (relay, action) = split_at_str(relay, b", ").unwrap_or((b"", relay));
    let client = peer(relay);
    match name {
        b"check_rcpt" | b"check_compat" => {
            let recipient = match between.strip_prefix(b", arg2=") {
                Some(second) if name == b"check_compat" => second,
                _ => argument,
            };
            refused_recipient(id?, recipient, action, client)
        }
        b"check_mail" => {
            let reply = reply_of(action)?;
            Some(Event::Door(door(
                id,
                b"MAIL",
                reply,
                client,
                Some(argument),
                None,
            )))
        }
        b"check_relay" | b"check_ehlo" | b"check_helo" => Some(Event::Door(door(
            id,
            b"CONNECT",
            reply_of(action)?,
            client,
            None,
            None,
        ))),
        b"check_vrfy" | b"check_expn" | b"check_etrn" | b"tls_client" | b"tls_server" | b"try_tls"
        | b"tls_rcpt" | b"trust_auth" | b"srv_features" => None,
        // A header's ruleset, `check_eoh`, `check_data`, `check_eom`: the whole message.
        _ => Some(Event::Sendmail(SendmailLine::Answer {
            queue_id: id?,
            reply: reply_of(action)?,
        })),
    }
}

fn reply_of(action: &[u8]) -> Option<&[u8]> {
    action
        .strip_prefix(b"reject=")
        .or_else(|| split_at_str(action, b"reject=").map(|(_, reply)| reply))
}

fn refused_recipient<'a>(
    id: &'a [u8],
    recipient: &'a [u8],
    action: &'a [u8],
    client: Peer<'a>,
) -> Option<Event<'a>> {
    if action == b"discard" {
        return Some(Event::Sendmail(SendmailLine::NamedForDiscard {
            queue_id: id,
            recipient: unbracketed(recipient),
        }));
    }
    if action.starts_with(b"quarantine=") {
        return Some(Event::Hold {
            queue_id: id,
            on: true,
        });
    }
    let reply = reply_of(action)?;
    Some(Event::Sendmail(SendmailLine::Refused(door(
        Some(id),
        b"RCPT",
        reply,
        client,
        None,
        Some(recipient),
    ))))
}

/// `<a@b>... User unknown`: a refused recipient; the code is not logged.
fn refused_address<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    let (address, text) = split_at_str(rest, b"... ")?;
    if !address.ends_with(b">") || text.is_empty() {
        return None;
    }
    let mut line = door(Some(id), b"RCPT", rest, Peer::default(), None, Some(address));
    if memchr::memmem::find(text, b"again later").is_some()
        || memchr::memmem::find(text, b"emporar").is_some()
    {
        line.dsn = b"4.0.0";
    }
    Some(Event::Sendmail(SendmailLine::Refused(line)))
}

fn door<'a>(
    id: Option<&'a [u8]>,
    stage: &'a [u8],
    reply: &'a [u8],
    client: Peer<'a>,
    sender: Option<&'a [u8]>,
    recipient: Option<&'a [u8]>,
) -> DoorLine<'a> {
    let (code, dsn) = codes(reply);
    DoorLine {
        queue_id: id,
        action: DoorAction::Reject,
        stage,
        client,
        code,
        dsn,
        reply,
        envelope: Envelope {
            sender: sender.map(unbracketed),
            recipient: recipient.map(unbracketed),
            helo: None,
        },
    }
}

/// Basic and enhanced code at the beginning of an answer.
pub fn codes(reply: &[u8]) -> (u16, &[u8]) {
    let Some(code) = reply.get(..3).and_then(number::<u16>) else {
        return (0, b"");
    };
    let rest = reply.get(4..).unwrap_or_default();
    let end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    let dsn = &rest[..end];
    let is_enhanced = dsn.len() >= 5
        && matches!(dsn.first(), Some(b'2' | b'4' | b'5'))
        && dsn.get(1) == Some(&b'.')
        && dsn.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    (code, if is_enhanced { dsn } else { b"" })
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
