//! The small grammar that many mail programs share: `name[address]:port`, `<address>`, numbers, queue ids.
//!
//! Goes in: bytes. Comes out: parts that borrow from them, or `None`. Nothing here indexes without a check.

use std::net::{IpAddr, Ipv4Addr};

use crate::event::{Envelope, Peer};

/// Where `needle` begins. What logs separate fields by is short and begins with a byte that is rare in them: going from one such byte to the
/// next beats preparing a search for every line.
pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, others) = needle.split_first()?;
    memchr::memchr_iter(*first, bytes).find(|at| bytes[at + 1..].starts_with(others))
}

/// Where the last `needle` begins.
pub(super) fn rfind(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, others) = needle.split_first()?;
    memchr::memrchr_iter(*first, bytes).find(|at| bytes[at + 1..].starts_with(others))
}

/// The bytes between the first `start` and the next `end` after it.
pub(super) fn between<'a>(bytes: &'a [u8], start: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let from = find(bytes, start)? + start.len();
    let rest = &bytes[from..];
    Some(&rest[..find(rest, end)?])
}

/// Splits at the first `separator`.
pub(super) fn split_at_str<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = find(bytes, separator)?;
    Some((&bytes[..at], &bytes[at + separator.len()..]))
}

/// A field of a few letters, and what follows the `, ` behind it.
pub(super) fn short_field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b',' && bytes.get(at + 1) == Some(&b' ') {
            return Some((&bytes[..at], &bytes[at + 2..]));
        }
    }
    None
}

/// A decimal number, possibly with a fraction, times 1000 (rounded down).
pub(super) fn millis(bytes: &[u8]) -> Option<i64> {
    let (mut value, mut places) = (0_i64, None::<u32>);
    if bytes.is_empty() || bytes.len() > 24 {
        return None;
    }
    for byte in bytes {
        match (byte, places) {
            (b'0'..=b'9', Some(3..)) => {}
            (b'0'..=b'9', _) => {
                value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                places = places.map(|places| places + 1);
            }
            (b'.', None) => places = Some(0),
            _ => return None,
        }
    }
    let value = value.checked_mul(10_i64.pow(3 - places.unwrap_or(0).min(3)))?;
    // Delays in a log are days at most; anything else is no delay.
    (value <= 1_000_000_000_000).then_some(value)
}

/// A decimal number.
pub(super) fn number<T: std::str::FromStr>(bytes: &[u8]) -> Option<T> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// An IPv4 or IPv6 address as Postfix prints it (`203.0.113.7`, `2001:db8::b`, `IPv6:2001:db8::b`).
pub(super) fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Some(ip) = ipv4(bytes) {
        return Some(IpAddr::V4(ip));
    }
    let bytes = bytes.strip_prefix(b"IPv6:").unwrap_or(bytes);
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// `203.0.113.7`
fn ipv4(bytes: &[u8]) -> Option<Ipv4Addr> {
    let (mut octets, mut at, mut digits) = ([0_u8; 4], 0, 0_u8);
    if bytes.len() > 15 {
        return None;
    }
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {
                let octet = octets.get_mut(at)?;
                if digits > 0 && *octet == 0 {
                    return None;
                }
                *octet = octet.checked_mul(10)?.checked_add(byte - b'0')?;
                digits += 1;
            }
            b'.' if digits > 0 => (at, digits) = (at + 1, 0),
            _ => return None,
        }
    }
    (at == 3 && digits > 0).then(|| Ipv4Addr::from(octets))
}

/// `name[address]` or `name[address]:port` or `[address]:port`; the second part is what follows it.
pub(super) fn peer(bytes: &[u8]) -> Option<(Peer<'_>, &[u8])> {
    let open = memchr::memchr(b'[', bytes)?;
    let close = memchr::memchr(b']', &bytes[open..])? + open;
    let name = &bytes[..open];
    let name = (!name.is_empty() && name != b"unknown").then_some(name);
    let mut rest = &bytes[close + 1..];
    if let Some(after) = rest.strip_prefix(b":") {
        let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            rest = &after[digits..];
        }
    }
    Some((
        Peer {
            name,
            ip: ip(&bytes[open + 1..close]),
        },
        rest,
    ))
}

/// Whether this is a Postfix queue id.
///
/// Short ids are upper-case hexadecimal (five digits of microseconds, then the inode), now and then of letters only. Long ids
/// (`enable_long_queue_ids`) are digits and consonants with a `z` between the time (ten characters) and the inode.
pub(crate) fn is_queue_id(bytes: &[u8]) -> bool {
    if !(6..=24).contains(&bytes.len()) {
        return false;
    }
    let kinds = bytes
        .iter()
        .fold(SHORT | LONG, |kinds, byte| kinds & KINDS[usize::from(*byte)]);
    (kinds & SHORT != 0 && bytes.len() <= 21)
        || (kinds & LONG != 0 && bytes.len() >= 12 && bytes.get(10) == Some(&b'z'))
}

/// Letters of a short queue id.
const SHORT: u8 = 1;
/// Letters of a long queue id.
const LONG: u8 = 2;
/// Which queue ids each byte may stand in.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let letter = byte as u8;
        if matches!(letter, b'0'..=b'9' | b'A'..=b'F') {
            kinds[byte] |= SHORT;
        }
        if letter.is_ascii_alphanumeric()
            && !matches!(letter.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u')
        {
            kinds[byte] |= LONG;
        }
        byte += 1;
    }
    kinds
};

/// A queue id in front of `: `, and what follows.
pub(crate) fn queue_id(message: &[u8]) -> Option<(&[u8], &[u8])> {
    // Most lines without an id are found out at their first letters.
    let (mut kinds, mut end) = (SHORT | LONG, 0);
    for byte in &message[..message.len().min(25)] {
        let both = kinds & KINDS[usize::from(*byte)];
        if both == 0 {
            break;
        }
        kinds = both;
        end += 1;
    }
    let (id, rest) = message.split_at(end);
    let [b':', rest @ ..] = rest else { return None };
    let is_id = (kinds & SHORT != 0 && (6..=21).contains(&end))
        || (kinds & LONG != 0 && (12..=24).contains(&end) && id[10] == b'z');
    is_id.then(|| (id, rest.strip_prefix(b" ").unwrap_or(rest)))
}

/// The last `queued as X` in a reply: the id that the next server gave (a proxy's answer quotes the one behind it, so the last counts).
pub(super) fn queued_as(reply: &[u8]) -> Option<&[u8]> {
    const WORDS: &[u8] = b"queued as ";
    let from = rfind(reply, WORDS)? + WORDS.len();
    let id = &reply[from..];
    let end = id
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .unwrap_or(id.len());
    is_queue_id(&id[..end]).then(|| &id[..end])
}

/// `from=<s> to=<r> proto=ESMTP helo=<h>` (smtpd) or the same with commas (postscreen); the second part is what follows, for cleanup's `: text`.
pub(super) fn envelope(bytes: &[u8]) -> (Envelope<'_>, &[u8]) {
    let mut envelope = Envelope::default();
    let mut rest = bytes;
    loop {
        rest = rest.strip_prefix(b",").unwrap_or(rest);
        rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let Some(equals) = rest.iter().take(12).position(|byte| *byte == b'=') else {
            return (envelope, rest);
        };
        let (name, value) = (&rest[..equals], &rest[equals + 1..]);
        if let Some(value) = value.strip_prefix(b"<") {
            // An address may hold `>` in a quoted local part; the value ends at `>` before a separator or the end.
            let mut end = None;
            for at in memchr::memchr_iter(b'>', value) {
                if matches!(value.get(at + 1), None | Some(b' ' | b',' | b':')) {
                    end = Some(at);
                    break;
                }
            }
            let Some(end) = end else { return (envelope, rest) };
            let text = &value[..end];
            match name {
                b"from" => envelope.sender = Some(text),
                b"to" => envelope.recipient = Some(text),
                b"helo" => envelope.helo = Some(text),
                _ => {}
            }
            rest = &value[end + 1..];
        } else if name == b"proto" || name == b"sasl_username" || name == b"sasl_method" {
            let end = value
                .iter()
                .position(|byte| matches!(byte, b' ' | b','))
                .unwrap_or(value.len());
            rest = &value[end..];
        } else {
            return (envelope, rest);
        }
    }
}

/// Without the angle brackets around it.
pub(super) fn unbracketed(bytes: &[u8]) -> &[u8] {
    bytes
        .strip_prefix(b"<")
        .and_then(|inner| inner.strip_suffix(b">"))
        .unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_ids_are_told_from_words() {
        for id in [
            &b"4jX53G22rQz1Wbb5"[..],
            b"D54989F21CE",
            b"880189F207C",
            b"3Pt2mN2VXxznjll",
            b"BABABABABA",
        ] {
            assert!(is_queue_id(id), "{}", String::from_utf8_lossy(id));
        }
        for word in [
            &b"NOQUEUE"[..],
            b"warning",
            b"DELIVERY1",
            b"FOOBAR99",
            b"fatal",
            b"DEAD",
            b"statistics",
            b"",
        ] {
            assert!(!is_queue_id(word), "{}", String::from_utf8_lossy(word));
        }
    }

    #[test]
    fn numbers_and_addresses_are_read_as_the_standard_library_reads_them() {
        for (text, expected) in [
            ("0", 0),
            ("1.2", 1200),
            ("0.03", 30),
            ("99", 99_000),
            ("0.0519", 51),
            ("7.", 7000),
        ] {
            assert_eq!(millis(text.as_bytes()), Some(expected), "{text}");
        }
        for text in ["", "-1", "1e3", "nan", "1.2.3", "99999999999999999999"] {
            assert_eq!(millis(text.as_bytes()), None, "{text}");
        }
        for text in [
            "0.0.0.0",
            "255.255.255.255",
            "203.0.113.7",
            "256.0.0.1",
            "01.2.3.4",
            "1.2.3",
            "1.2.3.4.5",
            "1..2.3",
            "",
            "::1",
            "2001:db8::b",
            "1.2.3.4 ",
        ] {
            assert_eq!(ip(text.as_bytes()), text.parse().ok(), "{text}");
        }
        assert_eq!(ip(b"IPv6:::1"), "::1".parse().ok());
        assert_eq!(
            (find(b"a, bc", b", b"), rfind(b"a,a,", b","), find(b"a", b"ab")),
            (Some(1), Some(3), None)
        );
    }

    #[test]
    fn the_last_queued_as_of_a_nested_reply_counts() {
        let reply = b"250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jX5CD60cRz1WbcL";
        assert_eq!(queued_as(reply), Some(&b"4jX5CD60cRz1WbcL"[..]));
        assert_eq!(queued_as(b"250 OK 1795296966 01ed85eddd - gsmtp"), None);
    }

    #[test]
    fn a_quoted_local_part_does_not_end_the_address() {
        let (envelope, rest) =
            envelope(b"from=<\"a>b\"@x.test> to=<c@y.test> proto=ESMTP helo=<h>: 5.7.1 no");
        assert_eq!(envelope.sender, Some(&b"\"a>b\"@x.test"[..]));
        assert_eq!(envelope.recipient, Some(&b"c@y.test"[..]));
        assert_eq!(rest, b": 5.7.1 no");
    }
}
