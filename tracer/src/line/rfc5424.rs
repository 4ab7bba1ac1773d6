//! RFC 5424: version, time, host, program, process id, message id and structured data, split by spaces.
//!
//! ```text
//! <22>1 2026-11-21T21:30:08.744254+00:00 mail1 mx1/smtpd 1247 - - connect from mx144.ext3.test[203.0.113.144]
//! 1 2026-11-21T21:30:08Z mail1 dovecot - - [origin software="rsyslogd"][x y="a\]b"] imap-login: Login: ...
//! ```

use super::stamp::{Clock, Stamp, is_stamp};
use super::{DEEPEST, LogLine, split_once, wrapped};

/// Reads the line from its version on.
pub(super) fn read<'a>(clock: &mut Clock, body: &'a [u8], depth: u8) -> Option<LogLine<'a>> {
    let Stamp { at, rest, .. } = clock.numeric(body.get(2..)?)?;
    let (host, rest) = split_once(rest, b' ')?;
    let (tag, rest) = split_once(rest, b' ')?;
    let (process, rest) = split_once(rest, b' ')?;
    let (_, rest) = split_once(rest, b' ')?;
    let message = message(structured_data(rest)?);
    let line = LogLine {
        at,
        host,
        tag,
        pid: std::str::from_utf8(process).ok()?.parse().ok(),
        message,
        raw: body,
    };
    if host.is_empty() || tag.is_empty() {
        return None;
    }
    if is_stamp(message) && depth < DEEPEST && memchr::memchr(b'/', tag).is_none() {
        return Some(wrapped::inner(clock, &line, depth).unwrap_or(line));
    }
    Some(line)
}

/// What follows `-` or `[id name="value"]...` (section 6.3; `]` is written `\]` inside a value).
fn structured_data(rest: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = rest.strip_prefix(b"-") {
        return Some(rest);
    }
    let mut rest = rest;
    while let Some(element) = rest.strip_prefix(b"[") {
        let mut is_quoted = false;
        let mut is_escaped = false;
        let end = element.iter().position(|byte| {
            let ends = !is_quoted && *byte == b']';
            is_quoted ^= *byte == b'"' && !is_escaped;
            is_escaped = is_quoted && !is_escaped && *byte == b'\\';
            ends
        })?;
        rest = &element[end + 1..];
    }
    Some(rest)
}

/// The text: behind one space, a byte order mark (section 6.4) and the space that a classic tag left behind its colon.
fn message(rest: &[u8]) -> &[u8] {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
    rest.strip_prefix(b" ").unwrap_or(rest)
}
