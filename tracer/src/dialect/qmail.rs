//! qmail: qmail-send, and the programs around qmail-smtpd, behind splogger's or multilog's time stamps or none.
//!
//! ```text
//! new msg 10567693
//! info msg 10567693: bytes 975 from <bob@isp.test> qp 223 uid 1001
//! starting delivery 56: msg 10569169 to remote x@far.test
//! starting delivery 57: msg 10569169 to local kundi-anna@kundi.test
//! delivery 56: success: 198.51.100.42_accepted_message./Remote_host_said:_250_2.6.0_Ok/
//! delivery 57: success: did_1+0+0/
//! delivery 58: failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/
//! delivery 59: deferral: Connected_to_198.51.100.42_but_greeting_failed./Remote_host_said:_421_busy/
//! bounce msg 10569169 qp 544
//! end msg 10569169
//! tcpserver: deny 219 mx1.isp.test:192.0.2.25:25 m.agency.test:203.0.113.70::56761
//! rblsmtpd: 203.0.113.60 pid 231: 553 Listed, see http://dnsbl.test/q?203.0.113.60
//! spamdyke[123]: DENIED_RDNS_MISSING from: a@far.test to: b@isp.test origin_ip: 203.0.113.9 origin_rdns: (unknown) auth: (unknown)
//! CHKUSER rejected rcpt: from <a@far.test::> remote <m.far.test:unknown:203.0.113.9> rcpt <x@isp.test> : not existing recipient
//! ```
//!
//! splogger writes `qmail: 1795296509.739899 text`; multilog writes the text behind its own stamp, which `line` reads.

use crate::dialect::field::{between, ip, number, split_at_str};
use crate::event::qmail::QmailLine;
use crate::event::{DeliveryStatus, DoorAction, DoorLine, Envelope, Event, Peer, Reading};

/// Reads a line of a program of the qmail family; any other tag is foreign.
pub fn read<'a>(tag: &[u8], message: &'a [u8]) -> Reading<'a> {
    match tag {
        b"qmail" | b"qmail-send" => {}
        b"rblsmtpd" | b"tcpserver" | b"qmail-smtpd" | b"qmail-smtp" | b"smtpd" | b"smtp" | b"send"
        | b"spamdyke" | b"CHKUSER" | b"simscan" => {
            return around(tag, without_stamp(message)).unwrap_or_else(|| {
                let is_ours = tag != b"smtpd" && tag != b"smtp" && tag != b"send";
                if is_ours {
                    Reading::Unrecognised
                } else {
                    Reading::Foreign
                }
            });
        }
        b"vpopmail" | b"qmail-scanner" | b"qmail-scanner-queue.pl" => return Reading::Known,
        _ => return Reading::Foreign,
    }
    if is_continuation(message) {
        return Reading::Known;
    }
    let message = without_stamp(message);
    if let Some(event) = statement(message) {
        return Reading::Event(Event::Qmail(event));
    }
    if is_known(message) {
        return Reading::Known;
    }
    around(tag, message).unwrap_or(Reading::Unrecognised)
}

/// Which program wrote this line of a multilog directory, by the form of its statement; `None` when no program of qmail's writes so.
pub fn program(message: &[u8]) -> Option<&'static [u8]> {
    const NAMED: &[&[u8]] = &[
        b"tcpserver",
        b"rblsmtpd",
        b"qmail-smtpd",
        b"spamdyke",
        b"CHKUSER",
        b"simscan",
    ];
    if let Some(name) = NAMED.iter().find(|name| message.starts_with(name)) {
        return Some(name);
    }
    (statement(message).is_some() || is_known(message)).then_some(b"qmail-send")
}

/// splogger's stamp: seconds and microseconds.
fn without_stamp(message: &[u8]) -> &[u8] {
    match message.get(..18) {
        Some(stamp)
            if stamp[10] == b'.' && stamp[17] == b' ' && stamp[..10].iter().all(u8::is_ascii_digit) =>
        {
            &message[18..]
        }
        _ => message,
    }
}

/// splogger cuts long lines: the rest of one has a `+` behind the stamp.
fn is_continuation(message: &[u8]) -> bool {
    message.get(..18).is_some_and(|stamp| {
        stamp[10] == b'.' && stamp[17] == b'+' && stamp[..10].iter().all(u8::is_ascii_digit)
    })
}

fn statement(message: &[u8]) -> Option<QmailLine<'_>> {
    match message.first()? {
        b's' => start(message.strip_prefix(b"starting delivery ")?),
        b'd' => end(message.strip_prefix(b"delivery ")?),
        b'n' => plain_number(message.strip_prefix(b"new msg ")?).map(|number| QmailLine::New { number }),
        b'e' => plain_number(message.strip_prefix(b"end msg ")?).map(|number| QmailLine::Removed { number }),
        b'i' => info(message.strip_prefix(b"info msg ")?),
        b'b' => {
            let (number, process) = split_at_str(message.strip_prefix(b"bounce msg ")?, b" qp ")?;
            Some(QmailLine::Bounce {
                number: plain_number(number)?,
                process: self::number(process)?,
            })
        }
        _ => None,
    }
}

/// `10567693: bytes 975 from <bob@isp.test> qp 223 uid 1001`: the sender may hold anything, so the end is read from the right.
fn info(rest: &[u8]) -> Option<QmailLine<'_>> {
    let (number, rest) = split_at_str(rest, b": bytes ")?;
    let (size, rest) = split_at_str(rest, b" from <")?;
    let tail = memchr::memmem::rfind(rest, b"> qp ")?;
    let (process, _) = split_at_str(&rest[tail + 5..], b" uid ")?;
    Some(QmailLine::Info {
        number: plain_number(number)?,
        size: self::number(size),
        sender: &rest[..tail],
        process: self::number(process)?,
    })
}

fn start(rest: &[u8]) -> Option<QmailLine<'_>> {
    let (delivery, rest) = split_at_str(rest, b": msg ")?;
    let (number, rest) = split_at_str(rest, b" to ")?;
    let (channel, to) = split_at_str(rest, b" ")?;
    Some(QmailLine::Start {
        delivery: self::number(delivery)?,
        number: plain_number(number)?,
        is_local: match channel {
            b"local" => true,
            b"remote" => false,
            _ => return None,
        },
        to,
    })
}

fn end(rest: &[u8]) -> Option<QmailLine<'_>> {
    let (delivery, rest) = split_at_str(rest, b": ")?;
    let (word, text) = split_at_str(rest, b": ").or_else(|| Some((rest.strip_suffix(b":")?, b"")))?;
    let status = match word {
        b"success" => DeliveryStatus::Sent,
        b"deferral" => DeliveryStatus::Deferred,
        b"failure"
            if memchr::memmem::find(text, b"this_message_has_been_in_the_queue_too_long.").is_some() =>
        {
            DeliveryStatus::Expired
        }
        b"failure" => DeliveryStatus::Bounced,
        _ => return None,
    };
    Some(QmailLine::End {
        delivery: number(delivery)?,
        status,
        text,
        relay: relay(text),
    })
}

/// `192.0.2.1_accepted_message.`, `Connected_to_192.0.2.1_but_...`
fn relay(text: &[u8]) -> Option<std::net::IpAddr> {
    let text = text.strip_prefix(b"Connected_to_").unwrap_or(text);
    let word = text.split(|byte| *byte == b'_').next()?;
    word.first()?.is_ascii_hexdigit().then(|| ip(word))?
}

fn plain_number(bytes: &[u8]) -> Option<&[u8]> {
    let is_number = (1..=20).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit);
    is_number.then_some(bytes)
}

/// tcpserver, rblsmtpd and the usual patches of qmail-smtpd; `None` for what none of them writes.
fn around<'a>(tag: &[u8], message: &'a [u8]) -> Option<Reading<'a>> {
    // Their own name stands in front, unless it is the tag.
    let (program, rest) = match split_at_str(message, b": ") {
        Some((name, rest)) if name.starts_with(b"tcpserver") || name.starts_with(b"rblsmtpd") => (name, rest),
        Some((name, rest)) if name.starts_with(b"spamdyke[") => (&b"spamdyke"[..], rest),
        Some((name, rest)) if name.starts_with(b"qmail-smtpd") => (&b"qmail-smtpd"[..], rest),
        _ => (b"".as_slice(), message),
    };
    let is = |name: &[u8]| program == name || (program.is_empty() && tag == name);
    if is(b"tcpserver") {
        return tcpserver(rest);
    }
    if is(b"rblsmtpd") {
        return Some(rblsmtpd(rest).map_or(Reading::Known, |line| Reading::Event(Event::Door(line))));
    }
    if is(b"spamdyke") {
        return spamdyke(rest);
    }
    if message.starts_with(b"CHKUSER ") || tag == b"CHKUSER" {
        return chkuser(message.strip_prefix(b"CHKUSER ").unwrap_or(message));
    }
    if message.starts_with(b"simscan:") || tag == b"simscan" || message.starts_with(b"vchkpw-") {
        return Some(Reading::Known);
    }
    // The many patches of qmail-smtpd name neither sender nor recipient the same way.
    is(b"qmail-smtpd").then_some(Reading::Known)
}

fn tcpserver(rest: &[u8]) -> Option<Reading<'_>> {
    const KNOWN: &[&[u8]] = &[
        b"status: ",
        b"pid ",
        b"ok ",
        b"end ",
        b"warning: ",
        b"fatal: ",
        b"usage: ",
    ];
    if let Some(deny) = rest.strip_prefix(b"deny ") {
        return Some(denied(deny).map_or(Reading::Known, |line| Reading::Event(Event::Door(line))));
    }
    KNOWN
        .iter()
        .any(|beginning| rest.starts_with(beginning))
        .then_some(Reading::Known)
}

/// `219 mx1.isp.test:192.0.2.25:25 m.agency.test:203.0.113.70::56761`
fn denied(rest: &[u8]) -> Option<DoorLine<'_>> {
    let remote = rest.split(|byte| *byte == b' ').nth(2)?;
    let (name, rest) = split_at_str(remote, b":")?;
    let (address, _) = split_at_str(rest, b":")?;
    let client = Peer {
        name: (!name.is_empty()).then_some(name),
        ip: ip(address),
    };
    Some(refusal(client, b"", 0, b"", Envelope::default()))
}

/// `203.0.113.60 pid 231: 553 Listed`, `451` when the list only defers.
fn rblsmtpd(rest: &[u8]) -> Option<DoorLine<'_>> {
    let (address, rest) = split_at_str(rest, b" pid ")?;
    let (_, mut reply) = split_at_str(rest, b": ")?;
    if let Some((list, answer)) = split_at_str(reply, b": ")
        && !list.contains(&b' ')
    {
        reply = answer;
    }
    let code = reply.get(..3).and_then(number)?;
    let client = Peer {
        name: None,
        ip: ip(address),
    };
    Some(refusal(client, reply, code, b"", Envelope::default()))
}

/// `DENIED_RDNS_MISSING from: a@far.test to: b@isp.test origin_ip: 203.0.113.9 ...`
fn spamdyke(rest: &[u8]) -> Option<Reading<'_>> {
    let (word, rest) = split_at_str(rest, b" ")?;
    let is_denied = word.starts_with(b"DENIED_");
    if !is_denied {
        let is_word = word.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
        return (is_word || word == b"ERROR:" || word == b"INFO:").then_some(Reading::Known);
    }
    let line = || {
        let (sender, rest) = split_at_str(rest.strip_prefix(b"from: ")?, b" to: ")?;
        let (recipient, rest) = split_at_str(rest, b" origin_ip: ")?;
        let (address, rest) = split_at_str(rest, b" ").unwrap_or((rest, b""));
        let name = between(rest, b"origin_rdns: ", b" ").filter(|name| *name != b"(unknown)");
        // Its greylisting answers 451, everything else 5xx.
        let code = if word == b"DENIED_GRAYLISTED" { 451 } else { 0 };
        let client = Peer {
            name,
            ip: ip(address),
        };
        let envelope = Envelope {
            sender: (sender != b"(unknown)").then_some(sender),
            recipient: (recipient != b"(unknown)").then_some(recipient),
            helo: None,
        };
        Some(refusal(client, word, code, b"", envelope))
    };
    Some(line().map_or(Reading::Known, |line| Reading::Event(Event::Door(line))))
}

/// `rejected rcpt: from <a@far.test::> remote <m.far.test:unknown:203.0.113.9> rcpt <x@isp.test> : not existing recipient`
fn chkuser(message: &[u8]) -> Option<Reading<'_>> {
    let line = || {
        let rest = message.strip_prefix(b"rejected rcpt: from <")?;
        let (from, rest) = split_at_str(rest, b"> remote <")?;
        let (remote, rest) = split_at_str(rest, b"> rcpt <")?;
        let (recipient, reason) = split_at_str(rest, b"> : ")?;
        let mut from = from.split(|byte| *byte == b':');
        let mut remote = remote.splitn(3, |byte| *byte == b':');
        let (helo, name, address) = (remote.next()?, remote.next()?, remote.next()?);
        let client = Peer {
            name: (!name.is_empty() && name != b"unknown").then_some(name),
            ip: ip(address),
        };
        let dsn: &[u8] = match reason {
            b"not existing recipient" => b"5.1.1",
            reason if memchr::memmem::find(reason, b"emporar").is_some() => b"4.3.0",
            _ => b"",
        };
        let envelope = Envelope {
            sender: from.next(),
            recipient: Some(recipient),
            helo: Some(helo),
        };
        Some(refusal(client, reason, 0, dsn, envelope))
    };
    if let Some(line) = line() {
        return Some(Reading::Event(Event::Door(line)));
    }
    let is_chkuser = message.starts_with(b"accepted ")
        || message.starts_with(b"rejected ")
        || message.starts_with(b"relaying ")
        || message.starts_with(b"dbg: ")
        || message.starts_with(b"info: ")
        || message.starts_with(b"mbx overquota ")
        || message.starts_with(b"no ");
    is_chkuser.then_some(Reading::Known)
}

fn refusal<'a>(
    client: Peer<'a>,
    reply: &'a [u8],
    code: u16,
    dsn: &'a [u8],
    envelope: Envelope<'a>,
) -> DoorLine<'a> {
    DoorLine {
        queue_id: None,
        action: DoorAction::Reject,
        stage: if envelope.recipient.is_some() {
            b"RCPT"
        } else {
            b"CONNECT"
        },
        client,
        code,
        dsn,
        reply,
        envelope,
    }
}

/// Lines of qmail-send that say nothing about one mail's fate.
fn is_known(message: &[u8]) -> bool {
    const BEGINNINGS: &[&[u8]] = &[
        b"status: ",
        b"running",
        b"exiting",
        b"warning: ",
        b"alert: ",
        b"triple bounce: discarding ",
        b"double bounce: discarding ",
        b"internal error: ",
        b"number of deliveries left before exiting: ",
        b"qmail-send: ",
        b"qmail-todo",
        b"todo stamp ",
        b"cannot start: ",
        b"end of todo",
        b"bounce: ",
    ];
    BEGINNINGS.iter().any(|beginning| message.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_cannot_forge_the_queueing_process() {
        let message = b"1795296467.679064 info msg 10567693: bytes 975 from <a> qp 1 uid 2 from <b@isp.test> qp 223 uid 1001";
        let Reading::Event(Event::Qmail(QmailLine::Info { sender, process, .. })) = read(b"qmail", message)
        else {
            panic!("no info");
        };
        assert_eq!(sender, b"a> qp 1 uid 2 from <b@isp.test");
        assert_eq!(process, 223);
    }

    #[test]
    fn the_filters_around_qmail_smtpd_name_the_envelope() {
        let door = |tag: &[u8], message| match read(tag, message) {
            Reading::Event(Event::Door(line)) => {
                (line.envelope.sender, line.envelope.recipient, line.is_temporary())
            }
            other => panic!("{other:?}"),
        };
        let (from, to) = (Some(&b"a@far.test"[..]), Some(&b"b@isp.test"[..]));
        let message = b"DENIED_GRAYLISTED from: a@far.test to: b@isp.test origin_ip: 203.0.113.9 origin_rdns: m.far.test auth: (unknown)";
        assert_eq!(door(b"spamdyke", message), (from, to, true));
        let message = b"CHKUSER rejected rcpt: from <a@far.test::> remote <m.far.test:unknown:203.0.113.9> rcpt <b@isp.test> : not existing recipient";
        assert_eq!(door(b"qmail-smtpd", message), (from, to, false));
    }

    #[test]
    fn programs_are_told_by_their_statements() {
        assert_eq!(program(b"end msg 17"), Some(&b"qmail-send"[..]));
        assert_eq!(program(b"tcpserver: status: 0/40"), Some(&b"tcpserver"[..]));
        assert_eq!(program(b"a line of dnscache"), None);
    }
}
