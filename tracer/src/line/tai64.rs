//! multilog's time stamp, a TAI64N label: `@` and 24 hexadecimal digits.
//!
//! ```text
//! @400000006b020cdd2878d50c new msg 10567693
//! 2026-11-21 21:27:47.679007500 new msg 10567693     (the same from tai64nlocal: an ordinary stamp)
//! ```

use model::time::{Micros, SECOND};

/// 2^62, and ten seconds that TAI was ahead of UTC in 1970; daemontools adds no leap seconds.
const EPOCH: u64 = (1 << 62) + 10;

/// The end of the year 9999: no label is of a later moment.
const LATEST: i64 = 253_402_300_800;

/// The moment, and what follows it.
pub(super) fn label(raw: &[u8]) -> Option<(Micros, &[u8])> {
    let (stamp, rest) = raw.strip_prefix(b"@")?.split_at_checked(24)?;
    let rest = rest.strip_prefix(b" ")?;
    let (seconds, nanos) = stamp.split_at_checked(16)?;
    let seconds = i64::try_from(hexadecimal(seconds)?.checked_sub(EPOCH)?).ok()?;
    let micros = i64::try_from(hexadecimal(nanos)? / 1000).ok()?;
    (seconds < LATEST).then(|| (Micros(seconds * SECOND + micros), rest))
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
    fn a_label_is_a_moment() {
        let rest = &b"new msg 10567693"[..];
        assert_eq!(
            label(b"@400000006b020cdd2878d50c new msg 10567693"),
            Some((Micros(1_795_296_467_679_007), rest))
        );
        assert_eq!(label(b"@40000000 new msg 1"), None);
        assert_eq!(label(b"@+00000006b020cdd2878d50c new msg 1"), None);
        assert_eq!(label(b"@ffffffffffffffffffffffff new msg 1"), None);
        assert_eq!(label(b"@7fffffffffffffff00000000 new msg 1"), None);
        assert_eq!(label(b"@4000086000000000ffffffff new msg 1"), None);
    }
}
