//! OpenSMTPD (tag `smtpd` without an instance): releases 6.4 and later, 6.0 to 6.3 (`smtp event=connected`), and 5 (`smtp-in: ...`).
//!
//! ```text
//! 76aadc3998feaed3 smtp connected address=203.0.113.215 host=m.ext1.test
//! 76aadc3998feaed3 smtp tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256
//! 76aadc3998feaed3 smtp authentication user=anna result=ok
//! 76aadc3998feaed3 smtp message msgid=7c582429 size=1262 nrcpt=2 proto=ESMTP
//! 76aadc3998feaed3 smtp envelope evpid=7c582429d14b45a7 from=<k@ext1.test> to=<anna@kundi.test>
//! 76aadc3998feaed3 smtp failed-command command="RCPT TO:<x@kundi.test>" result="550 Invalid recipient: <x@kundi.test>"
//! 76aadc3998feaed3 smtp disconnected reason=quit
//! 76aadc40c75c389a mda delivery evpid=7c582429d14b45a7 from=<k@ext1.test> to=<anna@kundi.test> rcpt=<anna@kundi.test> user=anna delay=0s result=Ok stat=Delivered
//! 952cba90cc86ec90 mta delivery evpid=7c582429d14b45a7 from=<k@ext1.test> to=<a@bank.test> rcpt=<-> source="192.0.2.25" relay="198.51.100.42 (mail.bank.test)" delay=1s result="TempFail" stat="450 later"
//! relay: Expire for 6f5954fb58b617e9: from=<bob@isp.test>, to=<a@slow.test>, rcpt=<->, delay=1m59s, stat=Envelope expired
//! relay: Ok for 6f5954fb58b617e9: session=952cba90cc86ec90, from=<bob@isp.test>, to=<a@slow.test>, rcpt=<->, source=192.0.2.25, relay=198.51.100.42 (mail.bank.test), delay=1s, stat=250 ok
//! delivery: Ok for 6f5954fb58b617e9: from=<a@slow.test>, to=<bob@isp.test>, user=bob, method=mbox, delay=1s, stat=Delivered
//! smtp-in: New session 08d856b172f69c5c from host m.ext1.test [203.0.113.215]
//! smtp-in: Accepted message 4296f490 on session 08d856b172f69c5c: from=<a@slow.test>, to=<bob@isp.test>, size=1746, ndest=1, proto=ESMTP
//! smtp-in: Failed command on session 08d856b172f69c5c: "RCPT TO:<x@isp.test>" => 550 Invalid recipient
//! smtp-in: Closing session 08d856b172f69c5c
//! ```
//!
//! A message's id is the first half of its envelopes' ids. No Message-ID is logged, and nothing ties a report to the mail that it is about.

mod older;

use crate::dialect::field::{ip, number, split_at_str};
use crate::dialect::sendmail::codes;
use crate::event::opensmtpd::OpenSmtpdLine;
use crate::event::{
    DeliveryLine, DeliveryStatus, DoorAction, DoorLine, Envelope, Event, Peer, Reading, Transport,
};

/// Reads a line of OpenSMTPD.
pub fn read(message: &[u8]) -> Reading<'_> {
    let line = match session(message) {
        Some((session, rest)) => in_session(session, rest),
        None if message.starts_with(b"smtp-in: ") => older::session(&message[9..]),
        None => older::envelope(message),
    };
    match line {
        Some(line) => Reading::Event(Event::OpenSmtpd(line)),
        None if is_known(message) => Reading::Known,
        None => Reading::Unrecognised,
    }
}

/// Sixteen hexadecimal digits and a space.
fn session(message: &[u8]) -> Option<(u64, &[u8])> {
    let (digits, rest) = message.split_at_checked(16)?;
    Some((hexadecimal(digits)?, rest.strip_prefix(b" ")?))
}

fn hexadecimal(digits: &[u8]) -> Option<u64> {
    let is_plain = digits.len() == 16 && digits.iter().all(u8::is_ascii_hexdigit);
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16)
        .ok()
        .filter(|_| is_plain)
}

fn in_session(session: u64, rest: &[u8]) -> Option<OpenSmtpdLine<'_>> {
    let (part, rest) = split_at_str(rest, b" ")?;
    let rest = rest.strip_prefix(b"event=").unwrap_or(rest);
    let (word, rest) = split_at_str(rest, b" ").unwrap_or((rest, b""));
    match (part, word) {
        (b"smtp", b"connected") => Some(OpenSmtpdLine::Connected {
            session,
            client: client(field(rest, b"address=")?, field(rest, b"host=")),
        }),
        (b"smtp", b"disconnected" | b"closed") => Some(OpenSmtpdLine::Disconnected { session }),
        (b"smtp", b"tls" | b"starttls") => Some(OpenSmtpdLine::About {
            session,
            user: None,
            tls: field(rest, b"ciphers="),
        }),
        (b"smtp", b"authentication") => Some(OpenSmtpdLine::About {
            session,
            user: (field(rest, b"result=") == Some(b"ok"))
                .then(|| field(rest, b"user="))
                .flatten(),
            tls: None,
        }),
        (b"smtp", b"message") => Some(OpenSmtpdLine::Message {
            session,
            queue_id: message_id(field(rest, b"msgid=")?)?,
            size: field(rest, b"size=").and_then(number),
            recipients: field(rest, b"nrcpt=")
                .or_else(|| field(rest, b"ndest="))
                .and_then(number),
            sender: bracketed(rest, b"from=<"),
            recipient: bracketed(rest, b" to=<"),
        }),
        (b"smtp", b"envelope") => Some(OpenSmtpdLine::Envelope {
            queue_id: envelope_id(field(rest, b"evpid=")?)?,
            sender: bracketed(rest, b"from=<")?,
            recipient: bracketed(rest, b" to=<")?,
        }),
        (b"smtp", b"failed-command") => {
            let (_, rest) = split_at_str(rest, b"command=\"")?;
            let at = memchr::memmem::rfind(rest, b"\" result=\"")?;
            let result = &rest[at + 10..];
            let result = result.strip_suffix(b"\"").unwrap_or(result);
            failed(session, &rest[..at], result)
        }
        (b"mta" | b"mda", b"delivery") => delivery(part == b"mda", rest),
        _ => None,
    }
}

/// `evpid=E from=<s> to=<r> rcpt=<-> source="S" relay="R (name)" delay=1s result="Ok" stat="text"`
fn delivery(is_local: bool, rest: &[u8]) -> Option<OpenSmtpdLine<'_>> {
    let queue_id = envelope_id(field(rest, b"evpid=")?)?;
    let (_, rest) = split_at_str(rest, b" from=<")?;
    let (sender, rest) = split_at_str(rest, b"> to=<")?;
    let (to, rest) = split_at_str(rest, b"> rcpt=<")
        .unwrap_or_else(|| split_at_str(rest, b"> ").map_or((rest, b"".as_slice()), |(to, rest)| (to, rest)));
    let (written, rest) = split_at_str(rest, b"> ").unwrap_or((b"-", rest));
    let (head, stat) = split_at_str(rest, b" stat=")?;
    let (head, result) = split_at_str(head, b"result=")?;
    let status = status(unquoted(result))?;
    let relay = split_at_str(head, b"relay=").map_or(b"".as_slice(), |(_, relay)| relay);
    let relay = split_at_str(relay, b" delay=").map_or(relay, |(relay, _)| relay);
    Some(OpenSmtpdLine::Delivery {
        sender,
        line: line(
            queue_id,
            is_local,
            to,
            written,
            unquoted(relay),
            status,
            unquoted(stat),
        ),
    })
}

fn line<'a>(
    queue_id: &'a [u8],
    is_local: bool,
    to: &'a [u8],
    written: &'a [u8],
    relay: &'a [u8],
    status: DeliveryStatus,
    text: &'a [u8],
) -> DeliveryLine<'a> {
    // `198.51.100.42 (mail.bank.test)`, or a domain when no server was reached.
    let (address, name) = split_at_str(relay, b" (").unwrap_or((relay, b""));
    let name = name.strip_suffix(b")").unwrap_or(name);
    let relay_ip = ip(address
        .strip_prefix(b"[")
        .and_then(|inner| inner.strip_suffix(b"]"))
        .unwrap_or(address));
    let (_, dsn) = codes(text);
    DeliveryLine {
        queue_id,
        to,
        orig_to: (!matches!(written, b"-" | b"")).then_some(written),
        transport: if is_local {
            Transport::Mailbox
        } else {
            Transport::Smtp
        },
        relay: match (is_local, name, relay) {
            (true, ..) => b"local",
            (false, b"", b"" | b"-") => b"none",
            (false, b"", relay) => relay,
            (false, name, _) => name,
        },
        relay_ip,
        relay_port: 0,
        delay_ms: None,
        delays_ms: None,
        dsn,
        status,
        text,
        next: (status == DeliveryStatus::Sent && !is_local)
            .then(|| next_id(text))
            .flatten(),
    }
}

/// The id that the next server gave: another OpenSMTPD's, Sendmail's, or Postfix's.
fn next_id(text: &[u8]) -> Option<&[u8]> {
    if let Some((before, _)) = split_at_str(text, b" Message accepted for delivery") {
        let start = memchr::memrchr(b' ', before).map_or(0, |at| at + 1);
        let id = &before[start..];
        return (id.len() >= 8 && id.iter().all(u8::is_ascii_alphanumeric)).then_some(id);
    }
    super::field::queued_as(text)
}

fn status(result: &[u8]) -> Option<DeliveryStatus> {
    match result {
        b"Ok" => Some(DeliveryStatus::Sent),
        b"TempFail" | b"RemoteTempFail" => Some(DeliveryStatus::Deferred),
        b"PermFail" | b"RemotePermFail" | b"Loop" | b"LoopDetected" => Some(DeliveryStatus::Bounced),
        b"Expire" => Some(DeliveryStatus::Expired),
        _ => None,
    }
}

fn failed<'a>(session: u64, command: &'a [u8], reply: &'a [u8]) -> Option<OpenSmtpdLine<'a>> {
    let mut envelope = Envelope::default();
    let is = |word: &[u8]| {
        command
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    let stage: &[u8] = if is(b"RCPT TO:") {
        envelope.recipient = Some(path(&command[8..]));
        b"RCPT"
    } else if is(b"MAIL FROM:") {
        envelope.sender = Some(path(&command[10..]));
        b"MAIL"
    } else if command.is_empty() {
        b"CONNECT"
    } else {
        // A greeting, a sign-in or a command that does not exist refuses no mail yet.
        return None;
    };
    let (code, dsn) = codes(reply);
    Some(OpenSmtpdLine::Failed {
        session,
        door: DoorLine {
            queue_id: None,
            action: DoorAction::Reject,
            stage,
            client: Peer::default(),
            code,
            dsn,
            reply,
            envelope,
        },
    })
}

/// `<a@b> SIZE=17` without what surrounds the address.
fn path(argument: &[u8]) -> &[u8] {
    let argument = argument.trim_ascii();
    match argument.strip_prefix(b"<") {
        Some(inner) => &inner[..memchr::memchr(b'>', inner).unwrap_or(inner.len())],
        None => argument.split(|byte| *byte == b' ').next().unwrap_or_default(),
    }
}

fn client<'a>(address: &'a [u8], host: Option<&'a [u8]>) -> Peer<'a> {
    let address = address
        .strip_prefix(b"[")
        .and_then(|inner| inner.strip_suffix(b"]"))
        .unwrap_or(address);
    let address = ip(address);
    Peer {
        name: host.filter(|host| address.is_some() && !host.is_empty() && *host != b"<unknown>"),
        ip: address,
    }
}

/// The value of a field without spaces.
fn field<'a>(rest: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = if rest.starts_with(name) {
        name.len()
    } else {
        let at = memchr::memmem::find_iter(rest, name).find(|at| *at > 0 && rest[at - 1] == b' ')?;
        at + name.len()
    };
    let value = &rest[at..];
    Some(&value[..memchr::memchr(b' ', value).unwrap_or(value.len())])
}

/// `a@b` of `from=<a@b>`.
fn bracketed<'a>(rest: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (_, value) = split_at_str(rest, name)?;
    let end = memchr::memchr_iter(b'>', value).find(|at| matches!(value.get(at + 1), None | Some(b' ')))?;
    Some(&value[..end])
}

fn unquoted(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    value
        .strip_prefix(b"\"")
        .map_or(value, |inner| inner.strip_suffix(b"\"").unwrap_or(inner))
}

fn message_id(bytes: &[u8]) -> Option<&[u8]> {
    (bytes.len() == 8 && bytes.iter().all(u8::is_ascii_hexdigit)).then_some(bytes)
}

/// The message's half of an envelope's id.
fn envelope_id(bytes: &[u8]) -> Option<&[u8]> {
    hexadecimal(bytes)?;
    bytes.get(..8)
}

/// Lines that say nothing about one mail's fate.
fn is_known(message: &[u8]) -> bool {
    const PLAIN: &[&[u8]] = &[
        b"smtp-out: ",
        b"smtp-in: ",
        b"info: ",
        b"warn: ",
        b"fatal: ",
        b"debug: ",
        b"commands executed from aliases run with ",
        b"mda: ",
        b"mta: ",
        b"queue: ",
        b"queue-",
        b"scheduler: ",
        b"lookup: ",
        b"lka: ",
        b"control: ",
        b"parent: ",
        b"ca: ",
        b"pony: ",
        b"dispatcher: ",
        b"smtpd: ",
        b"bounce: ",
        b"expand: ",
        b"exiting",
        b"startup",
        b"table-",
        b"filter",
        b"dns: ",
        b"limit: ",
        b"ramqueue: ",
        b"imsg",
        b"loop: ",
        b"no rule",
    ];
    const IN_SESSION: &[&[u8]] = &[
        b"mta connecting",
        b"mta connected",
        b"mta disconnected",
        b"mta closed",
        b"mta tls ",
        b"mta starttls",
        b"mta server-cert-check",
        b"mta cert-check",
        b"mta error",
        b"mta host-rejects-all-mails",
        b"mta tls-",
        b"mta auth",
        b"mta event=",
        b"smtp failed-command",
        b"smtp event=",
        b"smtp cert-check",
        b"smtp client-cert-check",
        b"smtp bad-input",
        b"smtp auth",
        b"smtp filter",
        b"mda event=",
        b"mda error",
        b"smtp tls",
    ];
    match session(message) {
        Some((_, rest)) => IN_SESSION.iter().any(|beginning| rest.starts_with(beginning)),
        None => PLAIN.iter().any(|beginning| message.starts_with(beginning)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_does_not_forge_a_result() {
        let message = b"76aadd13b3c50ec9 mta delivery evpid=5e196dd0aad80a7c from=<bob@isp.test> to=<o@corp.test> rcpt=<-> source=\"192.0.2.25\" relay=\"198.51.100.20 (mail.corp.test)\" delay=10s result=\"PermFail\" stat=\"550 result=\"Ok\" stat=\"250 ok\"\"";
        let Reading::Event(Event::OpenSmtpd(OpenSmtpdLine::Delivery { sender, line })) = read(message) else {
            panic!("no delivery");
        };
        assert_eq!((sender, line.queue_id), (&b"bob@isp.test"[..], &b"5e196dd0"[..]));
        assert_eq!(line.status, DeliveryStatus::Bounced);
        assert_eq!(line.relay, b"mail.corp.test");
        assert_eq!(line.orig_to, None);
    }

    #[test]
    fn three_generations_say_the_same() {
        let now = read(b"76aadd13b3c50ec9 smtp connected address=203.0.113.9 host=m.test");
        assert_eq!(
            now,
            read(b"76aadd13b3c50ec9 smtp event=connected address=203.0.113.9 host=m.test")
        );
        assert_eq!(
            now,
            read(b"smtp-in: New session 76aadd13b3c50ec9 from host m.test [203.0.113.9]")
        );
        let now = read(b"76aadd13b3c50ec9 mda delivery evpid=5e196dd0aad80a7c from=<a@x.test> to=<b@y.test> rcpt=<-> user=b delay=1s result=Ok stat=Delivered");
        let older = b"delivery: Ok for 5e196dd0aad80a7c: from=<a@x.test>, to=<b@y.test>, user=b, method=mbox, delay=1s, stat=Delivered";
        assert_eq!(now, read(older));
    }
}
