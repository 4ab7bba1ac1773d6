//! What containers put in front of a line.
//!
//! ```text
//! 2026-11-21T21:30:08.744254Z stdout F Nov 21 21:30:08 mail postfix/smtpd[1247]: connect from ...     (CRI: Kubernetes, containerd, podman)
//! 2026-11-21T21:30:08.744254Z Nov 21 21:30:08 mail postfix/smtpd[1247]: ...                           (docker logs -t)
//! mailserver-1  | Nov 21 21:30:08 mail postfix/smtpd[1247]: connect from ...                           (docker compose)
//! [pod/mail-0/postfix] Nov 21 21:30:08 mail postfix/smtpd[1247]: ...                                   (kubectl logs --prefix)
//! Nov 21 21:30:08 srv mail-smtp[40622]: Nov 21 19:30:08 mail postfix/smtpd[1247]: ...                  (Docker's syslog driver)
//! ```
//!
//! The inner header says who spoke. Its time counts too, unless it lies a whole time zone beside the outer one: containers live in UTC and do
//! not say so.

use super::stamp::{Clock, Stamp};
use super::{DEEPEST, LogLine, header, tag};

/// Longest name of a container in front of a bar.
const LONGEST_NAME: usize = 80;
/// Time zones differ by quarters of an hour.
const QUARTER: i64 = 15 * 60;
/// So far may two clocks of one line be apart for another reason than their zones, in seconds.
const SKEW: i64 = 120;

/// A line that begins with neither time nor priority.
pub(super) fn read<'a>(clock: &mut Clock, body: &'a [u8], depth: u8) -> Option<LogLine<'a>> {
    if depth >= DEEPEST {
        return None;
    }
    let inner = if let Some(pod) = body.strip_prefix(b"[pod/") {
        let close = memchr::memmem::find(&pod[..pod.len().min(300)], b"] ")?;
        &pod[close + 2..]
    } else {
        let bar = memchr::memchr(b'|', &body[..body.len().min(LONGEST_NAME)])?;
        // A container's name has no spaces but the padding behind it.
        let name = without_colour(&body[..bar]).trim_ascii_end();
        let is_name = !name.is_empty()
            && name
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if !is_name {
            return None;
        }
        let after = without_colour(&body[bar + 1..]);
        after.strip_prefix(b" ")?
    };
    let mut line = header(clock, inner, depth + 1)?;
    line.raw = body;
    Some(line)
}

/// `stdout F ` or a whole header behind an outer time.
pub(super) fn after_time<'a>(
    clock: &mut Clock,
    stamp: &Stamp<'a>,
    raw: &'a [u8],
    depth: u8,
) -> Option<LogLine<'a>> {
    if depth >= DEEPEST {
        return None;
    }
    let text = [&b"stdout F "[..], b"stdout P ", b"stderr F ", b"stderr P "]
        .iter()
        .find_map(|stream| stamp.rest.strip_prefix(*stream))
        .unwrap_or(stamp.rest);
    let outer = LogLine {
        at: stamp.at,
        host: b"-",
        tag: b"-",
        pid: None,
        message: super::skip_priority(text),
        raw,
    };
    inner(clock, &outer, depth).or_else(|| {
        let (tag, pid, message) = tag::split(text)?;
        Some(LogLine {
            tag,
            pid,
            message,
            ..outer
        })
    })
}

/// The header in `outer`'s message; what it does not tell is the outer one's.
pub(super) fn inner<'a>(clock: &mut Clock, outer: &LogLine<'a>, depth: u8) -> Option<LogLine<'a>> {
    let line = header(clock, outer.message, depth + 1)?;
    let apart = (line.at.0 - outer.at.0).abs() / 1_000_000;
    let beside = apart % QUARTER;
    let is_another_zone = apart > SKEW && (beside <= SKEW || QUARTER - beside <= SKEW);
    let at = if is_another_zone { outer.at } else { line.at };
    let (host, pid) = if line.host == b"-" {
        (outer.host, line.pid.or(outer.pid))
    } else {
        (line.host, line.pid)
    };
    Some(LogLine {
        at,
        host,
        pid,
        raw: outer.raw,
        ..line
    })
}

/// Without the terminal's colours (`ESC [ 36 m`) that compose writes around a name.
fn without_colour(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = text.strip_prefix(b"\x1b[") {
        let Some(end) = rest.iter().take(12).position(|byte| *byte == b'm') else {
            break;
        };
        text = &rest[end + 1..];
    }
    text
}
