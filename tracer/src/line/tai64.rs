//! Lines of multilog: a TAI64N label or, from tai64nlocal, a local date and time; no host and no program.
//!
//! ```text
//! @400000006b020cdd2878d50c new msg 10567693
//! 2026-11-21 21:27:47.679007500 new msg 10567693
//! ```
//!
//! Which program wrote the line is told by its statement (`dialect::qmail::program`).

use jiff::civil;
use jiff::tz::TimeZone;
use model::time::Micros;

use super::LogLine;

/// 2^62, and ten seconds that TAI was ahead of UTC in 1970; daemontools adds no leap seconds.
const EPOCH: u64 = (1 << 62) + 10;

/// `@` and 24 hexadecimal digits: seconds and nanoseconds.
pub(super) fn label(raw: &[u8]) -> Option<LogLine<'_>> {
    let (stamp, rest) = raw.strip_prefix(b"@")?.split_at_checked(24)?;
    let message = rest.strip_prefix(b" ")?;
    let (seconds, nanos) = stamp.split_at_checked(16)?;
    let seconds = hexadecimal(seconds)?.checked_sub(EPOCH)?;
    let micros = hexadecimal(nanos)? / 1000;
    let at = seconds.checked_mul(1_000_000)?.checked_add(micros)?;
    Some(line(Micros(i64::try_from(at).ok()?), message, raw))
}

/// `2026-11-21 21:27:47.679007500` in the zone of the machine that converted it.
pub(super) fn local<'a>(raw: &'a [u8], zone: &TimeZone) -> Option<LogLine<'a>> {
    let (stamp, message) = raw.split_at_checked(29)?;
    let message = message.strip_prefix(b" ")?;
    if stamp.get(10) != Some(&b' ') || stamp.get(19) != Some(&b'.') {
        return None;
    }
    let stamp = std::str::from_utf8(stamp).ok()?;
    let moment: civil::DateTime = stamp.parse().ok()?;
    let zoned = zone.to_ambiguous_zoned(moment).compatible().ok()?;
    Some(line(Micros(zoned.timestamp().as_microsecond()), message, raw))
}

fn line<'a>(at: Micros, message: &'a [u8], raw: &'a [u8]) -> LogLine<'a> {
    LogLine {
        at,
        host: b"",
        tag: crate::dialect::qmail::program(message).unwrap_or(b"multilog"),
        pid: None,
        message,
        raw,
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u64> {
    let is_plain = digits.iter().all(u8::is_ascii_hexdigit);
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16)
        .ok()
        .filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_stamps_mean_the_same_moment() {
        let one = label(b"@400000006b020cdd2878d50c new msg 10567693").map(|line| (line.at, line.tag));
        let other = local(b"2026-11-21 21:27:47.679007500 new msg 10567693", &TimeZone::UTC)
            .map(|line| (line.at, line.tag));
        assert_eq!(one, Some((Micros(1_795_296_467_679_007), &b"qmail-send"[..])));
        assert_eq!(one, other);
        assert_eq!(label(b"@40000000 new msg 1"), None);
        assert_eq!(label(b"@+00000006b020cdd2878d50c new msg 1"), None);
    }
}
