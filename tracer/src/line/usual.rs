//! The short way: nearly every line of a log begins like one before it, with the same minute, the same host, and `tag[pid]: `.
//!
//! What is not exactly like that goes the long way, which says what a header is; the short way only recognises what the long way has read
//! before. Both give the same line (`tests/forms.rs`).

use model::time::{Micros, SECOND};

use super::stamp::is_stamp;
use super::{LogLine, tag};

/// Hosts that are remembered: those of one log file, or of the busiest servers on a log host.
const HOSTS: usize = 8;
/// Longest tag that goes the short way.
const LONGEST: usize = 64;

/// What the last lines began with.
#[derive(Clone, Debug, Default)]
pub(super) struct Usual {
    /// The stamp up to the colon before the seconds: `Nov 21 21:30:` or `2026-11-21T21:30:`.
    minute: Vec<u8>,
    /// The moment at which that minute began.
    start: Micros,
    /// What follows the seconds and their fraction: nothing or an offset, and a space.
    zone: Vec<u8>,
    /// Host names with the space behind them, the newest first.
    hosts: Vec<Vec<u8>>,
}

impl Usual {
    /// Takes a line apart that begins like one before.
    pub(super) fn read<'a>(&mut self, body: &'a [u8], raw: &'a [u8]) -> Option<LogLine<'a>> {
        let (start, zone) = (self.start, self.zone.as_slice());
        let rest = body.strip_prefix(self.minute.as_slice())?;
        let [tens @ b'0'..=b'5', ones @ b'0'..=b'9', rest @ ..] = rest else {
            return None;
        };
        let mut at = start.0 + i64::from((tens - b'0') * 10 + (ones - b'0')) * SECOND;
        let mut rest = rest;
        // Only ISO's stamps have fractions; they are longer up to the minute.
        if self.minute.len() > 13
            && let Some(fraction) = rest.strip_prefix(b".")
        {
            let (mut micros, mut digits) = (0, 0);
            for byte in fraction {
                if !byte.is_ascii_digit() {
                    break;
                }
                if digits < 6 {
                    micros = micros * 10 + i64::from(byte - b'0');
                }
                digits += 1;
            }
            at += micros * 10_i64.pow(6_u32.saturating_sub(u32::try_from(digits).ok()?));
            rest = &fraction[digits..];
        }
        let rest = rest.strip_prefix(zone)?;
        let known = self.hosts.iter().position(|host| rest.starts_with(host))?;
        if known > 0 {
            self.hosts.swap(0, known);
        }
        let (host, rest) = rest.split_at(self.hosts[0].len());
        let (tag, pid, message) = usual_tag(rest)?;
        Some(LogLine {
            at: Micros(at),
            host: &host[..host.len() - 1],
            tag,
            pid: Some(pid),
            message,
            raw,
        })
    }

    /// Remembers how a line began that went the long way.
    pub(super) fn learn(&mut self, body: &[u8], line: &LogLine<'_>) {
        let is_iso = body.first().is_some_and(u8::is_ascii_digit);
        let length = if is_iso { 17 } else { 13 };
        let Some((minute, rest)) = body.split_at_checked(length) else {
            return;
        };
        let Some(seconds) = rest
            .get(..2)
            .filter(|digits| digits.iter().all(u8::is_ascii_digit))
        else {
            return;
        };
        let host_at = line.host.as_ptr().addr().wrapping_sub(body.as_ptr().addr());
        let fraction = if is_iso && rest.get(2) == Some(&b'.') {
            1 + rest[3..].iter().take_while(|byte| byte.is_ascii_digit()).count()
        } else {
            0
        };
        let zone_at = length + 2 + fraction;
        let Some(zone) = body.get(zone_at..host_at).filter(|zone| zone.len() < 12) else {
            return;
        };
        let host = body.get(host_at..=host_at + line.host.len());
        let Some(host) =
            host.filter(|host| host.ends_with(b" ") && minute.ends_with(b":") && zone.ends_with(b" "))
        else {
            return;
        };
        let seconds = i64::from(seconds[0] - b'0') * 10 + i64::from(seconds[1] - b'0');
        let micros = line.at.0.rem_euclid(SECOND);
        self.start = Micros(line.at.0 - micros - seconds * SECOND);
        self.minute.clear();
        self.minute.extend_from_slice(minute);
        self.zone.clear();
        self.zone.extend_from_slice(zone);
        if !self.hosts.iter().any(|known| known == host) {
            self.hosts.truncate(HOSTS - 1);
            self.hosts.insert(0, host.to_vec());
        }
    }
}

/// `mx1/smtpd[1247]: message`; whatever else a tag can look like goes the long way.
fn usual_tag(rest: &[u8]) -> Option<(&[u8], u32, &[u8])> {
    let (mut end, mut is_daemon) = (0, false);
    for byte in rest.iter().take(LONGEST) {
        match byte {
            b'[' => break,
            b':' | b' ' => return None,
            b'/' => is_daemon = true,
            _ => {}
        }
        end += 1;
    }
    let (tag, after) = rest.split_at_checked(end)?;
    let (mut pid, mut digits) = (0_u32, 1);
    for byte in after.get(1..)?.iter().take(9) {
        if !byte.is_ascii_digit() {
            break;
        }
        pid = pid * 10 + u32::from(byte - b'0');
        digits += 1;
    }
    let message = after.get(digits..)?.strip_prefix(b"]: ")?;
    // A daemon's message is never a line of its own; a container's may be. Solaris has a mark in front.
    let is_usual = is_daemon || !(tag == b"postfix" || is_stamp(message));
    (is_usual && digits > 1 && end > 0 && !message.starts_with(tag::SOLARIS)).then_some((tag, pid, message))
}
