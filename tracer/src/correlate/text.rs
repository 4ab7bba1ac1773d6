//! From log bytes to text that may be stored and shown, and addresses compared as bytes.
//!
//! Goes in: bytes of hostile origin. Comes out: `String`s. Escaping for HTML, CSV or a terminal is the business of whoever prints it.

use std::borrow::Cow;
use std::hash::BuildHasher;

use bstr::ByteSlice;
use foldhash::fast::FixedState;
use mail_parser::MessageParser;
use model::trail::harmless;
use smallvec::SmallVec;

/// The longest address that is kept (RFC 5321 section 4.5.3.1.3 allows 256 octets; logs show more).
pub(super) const ADDRESS: usize = 320;
/// The longest name of a host.
pub(super) const NAME: usize = 255;
/// The longest Message-ID.
pub(super) const MESSAGE_ID: usize = 1000;
/// The longest reply.
pub(super) const REPLY: usize = 2000;

/// UTF-8 with replacement characters, without control characters.
pub(super) fn clean(bytes: &[u8]) -> String {
    harmless(&unescaped(bytes)).into_owned()
}

/// Without the octal escapes that a syslog daemon puts in for bytes that are not ASCII: rsyslog's `#303#244`, others' `\303\244` for `ä`; also
/// `#011` and `#012`, tab and line feed. Only what makes UTF-8 is believed: `#` and digits are allowed in an address.
fn unescaped(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr2(b'#', b'\\', bytes) else {
        return Cow::Borrowed(bytes);
    };
    let mut plain = bytes[..first].to_vec();
    let mut rest = &bytes[first..];
    while let Some((byte, after)) = rest.split_first() {
        let mut letter = Vec::new();
        let mut end = rest;
        while let Some((value, after)) = octal(end)
            && (value >= 0x80 || (letter.is_empty() && matches!(value, 0x09 | 0x0a)))
            && letter.len() < 4
        {
            letter.push(value);
            end = after;
            if letter.to_str().is_ok() {
                break;
            }
        }
        if !letter.is_empty() && letter.to_str().is_ok() {
            plain.extend_from_slice(&letter);
            rest = end;
        } else {
            plain.push(*byte);
            rest = after;
        }
    }
    Cow::Owned(plain)
}

/// `#303` or `\303`, and what follows.
fn octal(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let [
        b'#' | b'\\',
        a @ b'0'..=b'3',
        b @ b'0'..=b'7',
        c @ b'0'..=b'7',
        rest @ ..,
    ] = bytes
    else {
        return None;
    };
    Some((((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'), rest))
}

/// The same, cut at a number of characters: a forged line must not fill a column.
pub(super) fn clean_bounded(bytes: &[u8], most: usize) -> String {
    let mut text = clean(&bytes[..bytes.len().min(most * 4)]);
    if text.len() > most
        && let Some((end, _)) = text.char_indices().nth(most)
    {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// An envelope address as stored: clean, lower case, bounded.
pub(super) fn address(bytes: &[u8]) -> String {
    let mut address = clean_bounded(bytes, ADDRESS);
    if address.is_ascii() {
        address.make_ascii_lowercase();
        return address;
    }
    address.to_lowercase()
}

/// Equal for addresses that [`address`] makes the same string of; different for others, nearly always.
pub(super) fn address_key(bytes: &[u8]) -> u64 {
    let hasher = FixedState::default();
    if is_plain(bytes) {
        let mut lower: SmallVec<[u8; 96]> = SmallVec::from_slice(bytes);
        lower.make_ascii_lowercase();
        return hasher.hash_one(&lower[..]);
    }
    hasher.hash_one(address(bytes).as_bytes())
}

/// Whether [`address`] makes the same string of both.
pub(super) fn is_same_address(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other) || (!(is_plain(one) && is_plain(other)) && address(one) == address(other))
}

/// Whether the stored form is the same bytes in lower case.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.len() <= ADDRESS
        && bytes
            .iter()
            .map(|byte| u32::from(!matches!(byte, b' '..=b'~') || matches!(byte, b'#' | b'\\')))
            .sum::<u32>()
            == 0
}

/// A subject header with its RFC 2047 words decoded.
pub(super) fn subject(raw: &[u8]) -> String {
    let decoded = raw.find(b"=?").is_some().then(|| {
        let header = [b"Subject: ", &raw[..raw.len().min(2000)], b"\r\n\r\n"].concat();
        MessageParser::new()
            .parse_headers(&header)
            .and_then(|message| message.subject().map(ToOwned::to_owned))
    });
    decoded.flatten().map_or_else(
        || clean_bounded(raw, 500),
        |text| clean_bounded(text.as_bytes(), 500),
    )
}

/// A text that a program wrote with escapes: Exim's `Gr\303\274\303\237e`, `\"`, `\\`, `\n`, `\t`.
pub(super) fn unquoted(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let (byte, taken) = match (first, after) {
            (b'\\', [high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', ..]) => {
                ((high - b'0') * 64 + (middle - b'0') * 8 + (low - b'0'), 3)
            }
            (b'\\', [b'n' | b't' | b'r', ..]) => (b' ', 1),
            (b'\\', [mark @ (b'"' | b'\\'), ..]) => (*mark, 1),
            (byte, _) => (*byte, 0),
        };
        plain.push(byte);
        rest = rest.get(taken..).unwrap_or_default();
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_made_harmless() {
        assert_eq!(clean(b"a\0b\x1b[31m\xff"), "a b [31m\u{fffd}");
        assert_eq!(clean_bounded(b"abcdef", 3), "abc…");
        assert_eq!(
            &*unquoted(br#"Gr\303\274\303\237e \"14\\" \9 \"#),
            "Grüße \"14\\\" \\9 \\".as_bytes()
        );
        assert_eq!(subject(b"=?utf-8?B?w4RwZmVs?= und Birnen"), "Äpfel und Birnen");
    }

    #[test]
    fn addresses_are_the_same_however_they_are_written() {
        let (upper, lower) = ("JÜRGEN@x.test".as_bytes(), "jürgen@X.test".as_bytes());
        assert!(is_same_address(upper, lower));
        assert_eq!(address_key(upper), address_key(lower));
        assert_eq!(address_key(b"A@b.Test"), address_key(b"a@B.test"));
        assert!(!is_same_address(b"a@b.test", b"b@b.test"));
        assert_ne!(address_key(b"a@b.test"), address_key(b"b@b.test"));
    }
}
