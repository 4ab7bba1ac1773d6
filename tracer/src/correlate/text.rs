//! From log bytes to text that may be stored and shown: decoded, without NUL, and without other people's recipients.
//!
//! Goes in: bytes of hostile origin. Comes out: `String`s. Escaping for HTML, CSV or a terminal is the business of whoever prints it.

use std::borrow::Cow;

use bstr::ByteSlice;
use mail_parser::MessageParser;

/// UTF-8 with replacement characters; control characters become a space (PostgreSQL refuses NUL, a terminal obeys the rest).
pub(super) fn clean(bytes: &[u8]) -> String {
    if bytes
        .iter()
        .all(|byte| matches!(byte, 0x20..=0x7e) && !matches!(byte, b'#' | b'\\'))
        && let Ok(plain) = std::str::from_utf8(bytes)
    {
        return plain.to_owned();
    }
    let unescaped = unescaped(bytes);
    let text = unescaped.to_str_lossy();
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return text
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect();
    }
    text.into_owned()
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
    let text = clean(&bytes[..bytes.len().min(most * 4)]);
    if text.len() <= most {
        return text;
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// An envelope address as stored: clean, lower case, bounded (RFC 5321 section 4.5.3.1.3 allows 256 octets; logs show more).
pub(super) fn address(bytes: &[u8]) -> String {
    let mut address = clean_bounded(bytes, 320);
    if address.is_ascii() {
        address.make_ascii_lowercase();
        return address;
    }
    address.to_lowercase()
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

/// The raw line with every address in angle brackets replaced that is not in `known`: a filter names all recipients of a mail on one line,
/// and they may belong to other customers.
pub(super) fn without_strangers(line: &str, known: &[&str]) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>').map(|at| at + open) else {
            break;
        };
        let inside = &rest[open + 1..close];
        let is_stranger =
            inside.contains('@') && !known.iter().any(|address| address.eq_ignore_ascii_case(inside));
        shown.push_str(&rest[..=open]);
        shown.push_str(if is_stranger { "…" } else { inside });
        shown.push('>');
        rest = &rest[close + 1..];
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_made_harmless() {
        assert_eq!(clean(b"a\0b\x1b[31m\xff"), "a b [31m\u{fffd}");
        assert_eq!(clean_bounded(b"abcdef", 3), "abc…");
        assert_eq!(subject(b"=?utf-8?B?w4RwZmVs?= und Birnen"), "Äpfel und Birnen");
    }

    #[test]
    fn other_peoples_recipients_are_not_shown() {
        let line = "Passed CLEAN, <s@a.test> -> <own@k.test>,<other@b.test>, Message-ID: <1@a.test>";
        assert_eq!(
            without_strangers(line, &["s@a.test", "own@k.test", "1@a.test"]),
            "Passed CLEAN, <s@a.test> -> <own@k.test>,<…>, Message-ID: <1@a.test>"
        );
    }
}
