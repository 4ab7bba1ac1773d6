//! The grammar of Exim's log lines: `KEY=value` fields, hosts, quoted strings, addresses.
//!
//! Goes in: what follows a message id or a flag. Comes out: parts that borrow from it. Everything is read once from the left, because what
//! strangers write (HELO names, senders, subjects, answers) stands inside brackets and quotes that are skipped whole, or behind the fields.
//!
//! ```text
//! H=mail10.agency.test (helo.agency.test) [203.0.113.10]:4711 I=[192.0.2.25]:25 P=esmtps X=TLS1.3:AES_256_GCM:256 CV=no A=plain:anna S=1162
//! id=1795@isp.test T="Gr\303\274\303\237e" F=<a@b.test> R=dnslookup T=remote_smtp C="250 OK id=1xUsgn-00002f-1r" QT=1m3s DT=0.2s
//! ```

use crate::dialect::field::{ip, number};
use crate::event::Peer;

/// The fields of a line that are of use here; the others are skipped.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields<'a> {
    /// `H=name`
    pub(super) host: Peer<'a>,
    /// `H=... (helo)`
    pub(super) helo: Option<&'a [u8]>,
    /// Whether there was an `H=`.
    pub(super) has_host: bool,
    /// `H=... [ip]:port`
    pub(super) port: u16,
    /// `F=<sender>`
    pub(super) sender: Option<&'a [u8]>,
    /// `R=`: a router, or the message that a report is about.
    pub(super) router: Option<&'a [u8]>,
    /// `T=`: a transport, or the subject with its escapes.
    pub(super) transport: Option<&'a [u8]>,
    /// `X=`
    pub(super) tls: Option<&'a [u8]>,
    /// `A=authenticator:id`
    pub(super) auth: Option<&'a [u8]>,
    /// `S=`
    pub(super) size: Option<u64>,
    /// `id=`
    pub(super) message_id: Option<&'a [u8]>,
    /// `C="..."`
    pub(super) confirmation: Option<&'a [u8]>,
    /// `QT=` in milliseconds.
    pub(super) queue_time: Option<i64>,
}

impl<'a> Fields<'a> {
    /// The signed-in user of `A=authenticator:id` and of `A=authenticator:id:sender`.
    pub(super) fn user(&self) -> Option<&'a [u8]> {
        self.auth?
            .split(|byte| *byte == b':')
            .nth(1)
            .filter(|user| !user.is_empty())
    }
}

/// Reads fields as long as there are any. What follows them comes back; a colon that ends them is taken off.
pub(super) fn fields(bytes: &[u8]) -> (Fields<'_>, &[u8]) {
    let mut fields = Fields::default();
    let mut rest = bytes;
    loop {
        rest = rest.trim_ascii_start();
        if let Some(text) = rest.strip_prefix(b":") {
            return (fields, text.trim_ascii_start());
        }
        let Some((key, value)) = key(rest) else {
            match flag(rest) {
                Some(after) => rest = after,
                None => return (fields, rest),
            }
            continue;
        };
        let after = if key == b"H" {
            let (host, helo, port, after) = host(value);
            (fields.host, fields.helo, fields.port, fields.has_host) = (host, helo, port, true);
            after
        } else {
            let (value, after) = self::value(value);
            keep(&mut fields, key, value);
            after
        };
        rest = after;
    }
}

fn keep<'a>(fields: &mut Fields<'a>, key: &[u8], value: &'a [u8]) {
    match key {
        b"F" => fields.sender = Some(if value == b"<>" { b"" } else { value }),
        b"R" => fields.router = Some(value),
        b"T" => fields.transport = Some(value),
        b"X" => fields.tls = Some(value),
        b"A" => fields.auth = Some(value),
        b"S" => fields.size = number(value),
        b"id" => fields.message_id = Some(value),
        b"C" => fields.confirmation = Some(value),
        b"QT" => fields.queue_time = duration(value),
        _ => {}
    }
}

/// `KEY=value` at the beginning: a short name of letters and digits. `id*=` is a Message-ID that Exim made.
fn key(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = bytes.iter().take(7).position(|byte| *byte == b'=')?;
    let (key, value) = (bytes.get(..equals)?, bytes.get(equals + 1..)?);
    let is_key = matches!(
        key,
        b"H" | b"F"
            | b"R"
            | b"T"
            | b"X"
            | b"A"
            | b"S"
            | b"C"
            | b"P"
            | b"U"
            | b"I"
            | b"Q"
            | b"L"
            | b"id"
            | b"id*"
            | b"CV"
            | b"DN"
            | b"Ci"
            | b"QT"
            | b"DT"
            | b"RT"
            | b"PS"
            | b"ST"
            | b"SNI"
            | b"PRX"
            | b"M8S"
            | b"DKIM"
            | b"SPF"
            | b"DMARC"
            | b"ARC"
    );
    is_key.then_some((key, value))
}

/// A flag without a value: pipelining, chunking, PRDR, DNSSEC, ARC, TCP Fast Open.
fn flag(bytes: &[u8]) -> Option<&[u8]> {
    let end = memchr::memchr(b' ', bytes).unwrap_or(bytes.len());
    let (word, after) = bytes.split_at(end);
    let is_flag = matches!(
        word,
        b"L" | b"L*"
            | b"L."
            | b"L-"
            | b"L*-"
            | b"L.-"
            | b"K"
            | b"PRDR"
            | b"DS"
            | b"ARC"
            | b"TFO"
            | b"TFO*"
            | b"TFO**"
            | b"NOTLS"
    );
    is_flag.then_some(after)
}

/// A value: quoted with its escapes, in angle brackets, or up to the next space.
fn value(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.first() {
        Some(b'"') => {
            let (inner, after) = quoted(bytes);
            if matches!(after.first(), None | Some(b' ' | b':')) {
                (inner, after)
            } else {
                // A Message-ID with a quoted local part: "a b"@c.
                let end = memchr::memchr(b' ', after).unwrap_or(after.len());
                let whole = bytes.len() - after.len() + end;
                bytes.split_at(whole)
            }
        }
        Some(b'<') => angle(bytes).unwrap_or_else(|| word(bytes)),
        _ => word(bytes),
    }
}

/// Up to the next space; a colon at the end is left for the caller, it ends the fields.
fn word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b' ', bytes).unwrap_or(bytes.len());
    let end = if end > 0 && end < bytes.len() && bytes.get(end - 1) == Some(&b':') {
        end - 1
    } else {
        end
    };
    bytes.split_at(end)
}

/// The inside of `"..."` with its escapes, and what follows. Without an end everything is inside: Exim cut the line.
fn quoted(bytes: &[u8]) -> (&[u8], &[u8]) {
    let inner = bytes.get(1..).unwrap_or_default();
    let mut from = 0;
    while let Some(at) = memchr::memchr2(b'"', b'\\', inner.get(from..).unwrap_or_default()) {
        let at = from + at;
        if inner.get(at) == Some(&b'"') {
            return (
                inner.get(..at).unwrap_or_default(),
                inner.get(at + 1..).unwrap_or_default(),
            );
        }
        from = at + 2;
    }
    (inner, b"")
}

/// The inside of `<...>` and what follows. A quoted local part may hold `>`.
pub(super) fn angle(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = bytes.strip_prefix(b"<")?;
    let from = if inner.first() == Some(&b'"') {
        inner.len() - quoted(inner).1.len()
    } else {
        0
    };
    // A quote that never closes is no quote.
    let from = if from >= inner.len() { 0 } else { from };
    let end = from + memchr::memchr(b'>', inner.get(from..)?)?;
    Some((inner.get(..end)?, inner.get(end + 1..)?))
}

/// `name (helo) [ip]:port*`, each part but the address optional; what follows comes last.
///
/// Exim takes only letters, digits and a few marks in HELO unless told otherwise; the first address in brackets behind the name decides.
pub(super) fn host(bytes: &[u8]) -> (Peer<'_>, Option<&[u8]>, u16, &[u8]) {
    let mut peer = Peer::default();
    let mut helo = None;
    let mut rest = bytes;
    if !matches!(rest.first(), Some(b'(' | b'[')) {
        let (name, after) = word(rest);
        peer.name = (!name.is_empty()).then_some(name);
        let next = after.strip_prefix(b" ").unwrap_or(after);
        let next = next.strip_prefix(b"DS ").unwrap_or(next);
        if !matches!(next.first(), Some(b'(' | b'[')) {
            return (peer, None, 0, after);
        }
        rest = next;
    }
    if rest.first() == Some(&b'(') {
        let is_address = |close: &usize| {
            let address = rest.get(close + 2..).and_then(bracketed);
            address.is_some_and(|(inner, _)| ip(inner).is_some())
        };
        let close = memchr::memmem::find_iter(rest, b") [")
            .find(is_address)
            .or_else(|| memchr::memmem::find(rest, b") ["));
        if let Some(close) = close {
            helo = rest.get(1..close);
            rest = rest.get(close + 2..).unwrap_or_default();
        }
    }
    let Some((address, after)) = bracketed(rest) else {
        let after =
            memchr::memmem::find(rest, b"] ").map_or(&b""[..], |at| rest.get(at + 1..).unwrap_or_default());
        return (peer, helo, 0, after);
    };
    peer.ip = ip(address);
    let mut port = 0;
    let mut rest = after;
    if let Some(after) = rest.strip_prefix(b":") {
        let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            port = after.get(..digits).and_then(number).unwrap_or(0);
            rest = after.get(digits..).unwrap_or_default();
        }
    }
    rest = rest.strip_prefix(b"*").unwrap_or(rest);
    (peer, helo, port, rest)
}

/// `[inner]` and what follows.
fn bracketed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = bytes.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', inner.get(..inner.len().min(64))?)?;
    Some((inner.get(..end)?, inner.get(end + 1..)?))
}

/// The recipient at the beginning of a delivery line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Recipient<'a> {
    /// What it was delivered to: an address, a local part, `|command`, `/file`, `>` of an automatic answer, `:blackhole:`.
    pub(super) target: &'a [u8],
    /// The address that the mail came in for, when it is another: `<anna@kundi.test>`.
    pub(super) top: Option<&'a [u8]>,
}

/// `userx <userx@test.ex>`, `a@b (parent@c) <top@d>`, `|/usr/bin/prog arg <a@b>`, `a@b`; what follows comes second.
pub(super) fn recipient(bytes: &[u8]) -> Option<(Recipient<'_>, &[u8])> {
    let is_path = matches!(bytes.first()?, b'|' | b'/' | b'>') || bytes.starts_with(b"save ");
    if is_path {
        // Only our own users and aliases name commands and files; they hold spaces, and the address follows them.
        for open in memchr::memmem::find_iter(bytes, b" <") {
            let Some((top, after)) = bytes.get(open + 1..).and_then(angle) else {
                break;
            };
            if matches!(after.first(), None | Some(b' ' | b':')) && memchr::memchr(b' ', top).is_none() {
                let target = bytes.get(..open)?;
                let target = without_parents(target);
                return Some((
                    Recipient {
                        target,
                        top: Some(top),
                    },
                    after,
                ));
            }
        }
    }
    let end = address_end(bytes);
    let (target, mut rest) = bytes.split_at(end);
    if let Some(parents) = rest.strip_prefix(b" (")
        && let Some(close) = memchr::memmem::find(parents, b") <")
    {
        rest = parents.get(close + 1..)?;
    }
    let top = rest.strip_prefix(b" ").and_then(angle);
    if let Some((top, after)) = top
        && matches!(after.first(), None | Some(b' ' | b':'))
    {
        return Some((
            Recipient {
                target,
                top: Some(top),
            },
            after,
        ));
    }
    (!target.is_empty()).then_some((Recipient { target, top: None }, rest))
}

/// A command or file without the addresses that led to it: `|prog (list@a.test)`.
fn without_parents(target: &[u8]) -> &[u8] {
    target
        .strip_suffix(b")")
        .and_then(|inner| memchr::memmem::rfind(inner, b" (").and_then(|at| inner.get(..at)))
        .unwrap_or(target)
}

/// Where an address ends: at a space, or at a colon before a space. A quoted local part may hold both.
fn address_end(bytes: &[u8]) -> usize {
    let from = match bytes.first() {
        Some(b'"') => {
            let end = bytes.len() - quoted(bytes).1.len();
            if end >= bytes.len() { 0 } else { end }
        }
        Some(b':') => 1,
        _ => 0,
    };
    let tail = bytes.get(from..).unwrap_or_default();
    let space = memchr::memchr(b' ', tail).unwrap_or(tail.len());
    let end = from + space;
    // `:blackhole:` ends in a colon of its own.
    if bytes.first() != Some(&b':') && end > 0 && bytes.get(end - 1) == Some(&b':') {
        end - 1
    } else {
        end
    }
}

/// A message id of Exim: 6-6-2 letters and digits, from 4.97 on 6-11-4.
pub(super) fn is_message_id(bytes: &[u8]) -> bool {
    let middle = match bytes.len() {
        16 => 13,
        23 => 18,
        _ => return false,
    };
    bytes.iter().enumerate().all(|(at, byte)| {
        if at == 6 || at == middle {
            *byte == b'-'
        } else {
            byte.is_ascii_alphanumeric()
        }
    })
}

/// A message id at the beginning, and what follows its space.
pub(super) fn message_id(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.get(6) != Some(&b'-') {
        return None;
    }
    for length in [16, 23] {
        let (id, rest) = bytes.split_at_checked(length)?;
        if matches!(rest.first(), None | Some(b' ')) && is_message_id(id) {
            return Some((id, rest.get(1..).unwrap_or_default()));
        }
    }
    None
}

/// `1d2h3m4s`, `0.213s` in milliseconds.
fn duration(bytes: &[u8]) -> Option<i64> {
    let mut total = 0i64;
    let mut value = 0i64;
    let mut scale = 0i64;
    for byte in bytes.iter().take(32) {
        let unit = match byte {
            b'0'..=b'9' if scale == 0 => {
                value = value
                    .checked_mul(10)?
                    .checked_add(i64::from(byte - b'0') * 1000)?;
                continue;
            }
            b'0'..=b'9' => {
                scale /= 10;
                value += i64::from(byte - b'0') * scale;
                scale = scale.max(1);
                continue;
            }
            b'.' => {
                scale = 1000;
                continue;
            }
            b'w' => 604_800,
            b'd' => 86_400,
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        total = total.checked_add(value.checked_mul(unit)?)?;
        value = 0;
        scale = 0;
    }
    Some(total)
}
