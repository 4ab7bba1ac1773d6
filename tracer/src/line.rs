//! A log line taken apart: when, where, which program, and what it said.
//!
//! Goes in: the bytes of one line without its end. Comes out: a [`LogLine`] that borrows from them, or `None` for a line without a header that
//! we know. It reads no clock: the year of a classic header comes from [`HeaderReader`]'s reference moment and the order of the lines.
//!
//! Forms understood:
//! - classic (RFC 3164): `Nov 21 21:30:08 mail1 mx1/smtpd[1247]: connect from ...`
//! - ISO 8601 (rsyslog's `RSYSLOG_FileFormat`, Debian 13): `2026-11-21T21:30:08.744254+00:00 mail1 mx1/smtpd[1247]: ...`
//! - either of them behind a priority: `<22>Nov 21 ...`
//! - multilog's, without host and program: `@400000006b020cdd2878d50c new msg 17`, `2026-11-21 21:30:08.123456789 new msg 17`

mod tai64;

use jiff::civil;
use jiff::tz::TimeZone;
use model::time::{DAY, Micros, SECOND};

/// One line with its header understood. Everything borrows from the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// The line's own time.
    pub at: Micros,
    /// The host name in the header.
    pub host: &'a [u8],
    /// The syslog tag without the process id: `mx1/10025/smtpd`, `amavis`.
    pub tag: &'a [u8],
    /// The process id, when the tag carries one.
    pub pid: Option<u32>,
    /// What the program said.
    pub message: &'a [u8],
    /// The whole line.
    pub raw: &'a [u8],
}

impl<'a> LogLine<'a> {
    /// The program's own name: the last part of the tag (`smtpd` of `mx1/10025/smtpd`).
    pub fn program(&self) -> &'a [u8] {
        memchr::memrchr(b'/', self.tag).map_or(self.tag, |slash| &self.tag[slash + 1..])
    }

    /// The instance: the first part of a tag with several (`mx1` of `mx1/10025/smtpd`), else the empty slice.
    pub fn instance(&self) -> &'a [u8] {
        memchr::memchr(b'/', self.tag).map_or(&[], |slash| &self.tag[..slash])
    }
}

/// Reads headers of one source; keeps what the next line needs: the year and the time zone of classic headers.
#[derive(Clone, Debug)]
pub struct HeaderReader {
    zone: TimeZone,
    year: YearRule,
    /// Month of the last classic header, to notice New Year.
    last_month: u8,
    /// The last classic minute and what it began with: most lines share it.
    cached: Option<([u8; 12], Micros)>,
    /// Text of the last ISO date and hour, with its moment.
    cached_iso: Option<([u8; 13], Micros)>,
}

/// Where the year of a classic header comes from.
#[derive(Clone, Copy, Debug)]
enum YearRule {
    /// The first line lies in this year; later lines count on over New Year.
    Fixed(i16),
    /// No line is more than a day after this moment (for example the file's last change).
    NotAfter(Micros),
}

impl HeaderReader {
    /// A reader whose classic headers lie in `zone` and not later than a day after `reference`.
    pub fn not_after(reference: Micros, zone: TimeZone) -> Self {
        Self {
            zone,
            year: YearRule::NotAfter(reference),
            last_month: 0,
            cached: None,
            cached_iso: None,
        }
    }

    /// A reader whose first classic header lies in `year`.
    pub fn from_year(year: i16, zone: TimeZone) -> Self {
        Self {
            zone,
            year: YearRule::Fixed(year),
            last_month: 0,
            cached: None,
            cached_iso: None,
        }
    }

    /// Moves the reference moment on: a followed file's lines are never much younger than now.
    pub fn set_reference(&mut self, reference: Micros) {
        if let YearRule::NotAfter(moment) = &mut self.year {
            *moment = reference;
        }
    }

    /// Takes a line apart; `None` when it has no header that we know.
    pub fn read<'a>(&mut self, raw: &'a [u8]) -> Option<LogLine<'a>> {
        let body = skip_priority(raw);
        let (at, rest) = match body.first()? {
            b'0'..=b'9' if body.get(10) == Some(&b' ') => return tai64::local(body, &self.zone),
            b'0'..=b'9' => self.iso(body)?,
            b'@' => return tai64::label(body),
            b'A'..=b'Z' => self.classic(body)?,
            _ => return None,
        };
        let (host, rest) = split_once(rest, b' ')?;
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let (tag, pid, message) = split_tag(rest)?;
        (!host.is_empty()).then_some(LogLine {
            at,
            host,
            tag,
            pid,
            message,
            raw,
        })
    }

    /// `Nov 21 21:30:08 ` (RFC 3164 section 4.1.2; day padded with a space).
    fn classic<'a>(&mut self, body: &'a [u8]) -> Option<(Micros, &'a [u8])> {
        let (stamp, rest) = body.split_at_checked(15)?;
        let rest = rest.strip_prefix(b" ")?;
        let seconds = two_digits(&stamp[13..15]).filter(|_| stamp[12] == b':')?;
        let minute: [u8; 12] = stamp[..12].try_into().ok()?;
        if let Some((cached, start)) = self.cached
            && cached == minute
        {
            return Some((start.plus_seconds(i64::from(seconds)), rest));
        }
        let start = self.classic_minute(&minute)?;
        self.cached = Some((minute, start));
        Some((start.plus_seconds(i64::from(seconds)), rest))
    }

    fn classic_minute(&mut self, minute: &[u8; 12]) -> Option<Micros> {
        let month = month(&minute[..3])?;
        let day = match minute[4] {
            b' ' => digit(minute[5])?,
            _ => two_digits(&minute[4..6])?,
        };
        let separators = minute[3] == b' ' && minute[6] == b' ' && minute[9] == b':';
        let (hour, minutes) = (two_digits(&minute[7..9])?, two_digits(&minute[10..12])?);
        if !separators {
            return None;
        }
        let moment = |year: i16| -> Option<Micros> {
            let civil =
                civil::DateTime::new(year, cast(month), cast(day), cast(hour), cast(minutes), 0, 0).ok()?;
            // In the hour that daylight saving repeats the first of the two is taken, in the one that it skips the later.
            let zoned = self.zone.to_ambiguous_zoned(civil).compatible().ok()?;
            Some(Micros(zoned.timestamp().as_microsecond()))
        };
        let start = match self.year {
            YearRule::Fixed(year) => {
                let year = if self.last_month == 12 && month == 1 {
                    year + 1
                } else {
                    year
                };
                self.year = YearRule::Fixed(year);
                moment(year)?
            }
            YearRule::NotAfter(reference) => {
                let latest = Micros(reference.0 + DAY);
                let this_year = jiff::Timestamp::from_microsecond(latest.0)
                    .ok()?
                    .to_zoned(self.zone.clone())
                    .year();
                // 29 February does not exist in every year: the newest year that has the day and is not in the future.
                (this_year - 4..=this_year)
                    .rev()
                    .find_map(|year| moment(year).filter(|start| *start <= latest))?
            }
        };
        self.last_month = month;
        Some(start)
    }

    /// `2026-11-21T21:30:08.744254+00:00 ` (ISO 8601 as RFC 5424 section 6.2.3 profiles it).
    fn iso<'a>(&mut self, body: &'a [u8]) -> Option<(Micros, &'a [u8])> {
        let end = memchr::memchr(b' ', &body[..body.len().min(40)])?;
        let (stamp, rest) = (&body[..end], &body[end + 1..]);
        let hour: [u8; 13] = stamp.get(..13)?.try_into().ok()?;
        let start = match self.cached_iso {
            Some((cached, start)) if cached == hour => start,
            _ => {
                let start = iso_hour(&hour)?;
                self.cached_iso = Some((hour, start));
                start
            }
        };
        if stamp.get(13) != Some(&b':') || stamp.get(16) != Some(&b':') {
            return None;
        }
        let minutes = two_digits(stamp.get(14..16)?)?;
        let seconds = two_digits(stamp.get(17..19)?)?;
        let mut at = start.0 + (i64::from(minutes) * 60 + i64::from(seconds)) * SECOND;
        let mut zone = &stamp[19..];
        if let Some(fraction) = zone.strip_prefix(b".") {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let mut value = 0i64;
            for place in 0..6 {
                value = value * 10
                    + fraction[..digits]
                        .get(place)
                        .map_or(0, |byte| i64::from(byte - b'0'));
            }
            at += value;
            zone = &fraction[digits..];
        }
        Some((Micros(at - offset_seconds(zone)? * SECOND), rest))
    }
}

/// `2026-11-21T21` as if it were UTC.
fn iso_hour(hour: &[u8; 13]) -> Option<Micros> {
    let separators = hour[4] == b'-' && hour[7] == b'-' && (hour[10] == b'T' || hour[10] == b't');
    let year = i16::from(two_digits(&hour[..2])?) * 100 + i16::from(two_digits(&hour[2..4])?);
    let (month, day, hour) = (
        two_digits(&hour[5..7])?,
        two_digits(&hour[8..10])?,
        two_digits(&hour[11..13])?,
    );
    let civil = civil::DateTime::new(year, cast(month), cast(day), cast(hour), 0, 0, 0).ok()?;
    separators.then_some(())?;
    Some(Micros(TimeZone::UTC.to_timestamp(civil).ok()?.as_microsecond()))
}

/// `Z`, `+02:00`, `-0500` in seconds east of UTC.
fn offset_seconds(zone: &[u8]) -> Option<i64> {
    let (sign, digits) = match zone {
        b"Z" | b"z" => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let hours = i64::from(two_digits(digits.get(..2)?)?);
    let minutes = match &digits[2..] {
        [] => 0,
        [b':', minutes @ ..] | minutes => i64::from(two_digits(minutes)?),
    };
    Some(sign * (hours * 3600 + minutes * 60))
}

/// `<22>` in front of a line (RFC 3164 section 4.1.1).
fn skip_priority(raw: &[u8]) -> &[u8] {
    let Some(rest) = raw.strip_prefix(b"<") else {
        return raw;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if (1..=3).contains(&digits) && rest.get(digits) == Some(&b'>') {
        &rest[digits + 1..]
    } else {
        raw
    }
}

/// `mx1/smtpd[1247]: message` into tag, process id and message.
fn split_tag(rest: &[u8]) -> Option<(&[u8], Option<u32>, &[u8])> {
    let end = rest
        .iter()
        .take(200)
        .position(|byte| matches!(byte, b'[' | b':' | b' '))?;
    let tag = &rest[..end];
    let (pid, after) = if rest[end] == b'[' {
        let close = memchr::memchr(b']', &rest[end..rest.len().min(end + 16)])? + end;
        let pid = std::str::from_utf8(&rest[end + 1..close]).ok()?.parse().ok();
        (pid, &rest[close + 1..])
    } else {
        (None, &rest[end..])
    };
    let after = after.strip_prefix(b":")?;
    let message = after.strip_prefix(b" ").unwrap_or(after);
    (!tag.is_empty()).then_some((tag, pid, message))
}

fn split_once(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(separator, bytes)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

fn month(name: &[u8]) -> Option<u8> {
    const NAMES: [&[u8; 3]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
    ];
    NAMES
        .iter()
        .position(|known| *known == name)
        .and_then(|index| u8::try_from(index + 1).ok())
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

fn two_digits(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [tens, ones] => Some(digit(*tens)? * 10 + digit(*ones)?),
        _ => None,
    }
}

/// At most two decimal digits always fit.
fn cast(value: u8) -> i8 {
    i8::try_from(value).expect("invariant: two decimal digits fit into i8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> Micros {
        Micros(
            text.parse::<jiff::Timestamp>()
                .expect("a timestamp")
                .as_microsecond(),
        )
    }

    #[test]
    fn both_header_forms_give_the_same_parts() {
        let mut reader = HeaderReader::not_after(reference("2026-11-22T00:00:00Z"), TimeZone::UTC);
        let classic = reader
            .read(b"Nov 21 21:30:08 mail1 mx1/10025/smtpd[1247]: connect from x[192.0.2.1]")
            .expect("classic");
        let iso = reader
            .read(b"2026-11-21T23:30:08.744254+02:00 mail1 mx1/10025/smtpd[1247]: connect from x[192.0.2.1]")
            .expect("iso");
        assert_eq!(classic.at, reference("2026-11-21T21:30:08Z"));
        assert_eq!(iso.at, reference("2026-11-21T21:30:08.744254Z"));
        assert_eq!(
            (classic.host, classic.tag, classic.pid, classic.message),
            (iso.host, iso.tag, iso.pid, iso.message)
        );
        assert_eq!(
            (classic.instance(), classic.program()),
            (&b"mx1"[..], &b"smtpd"[..])
        );
    }

    #[test]
    fn a_classic_year_is_never_in_the_future_and_counts_over_new_year() {
        let mut guessed = HeaderReader::not_after(reference("2027-01-02T00:00:00Z"), TimeZone::UTC);
        assert_eq!(
            guessed.read(b"Dec 31 23:59:59 h p: x").map(|line| line.at),
            Some(reference("2026-12-31T23:59:59Z"))
        );
        assert_eq!(
            guessed.read(b"Jan  1 00:00:01 h p: x").map(|line| line.at),
            Some(reference("2027-01-01T00:00:01Z"))
        );
        let mut fixed = HeaderReader::from_year(2019, TimeZone::UTC);
        assert_eq!(
            fixed.read(b"Dec 31 23:59:59 h p: x").map(|line| line.at),
            Some(reference("2019-12-31T23:59:59Z"))
        );
        assert_eq!(
            fixed.read(b"Jan  1 00:00:01 h p: x").map(|line| line.at),
            Some(reference("2020-01-01T00:00:01Z"))
        );
        let mut leap = HeaderReader::not_after(reference("2026-11-22T00:00:00Z"), TimeZone::UTC);
        assert_eq!(
            leap.read(b"Feb 29 12:00:00 h p: x").map(|line| line.at),
            Some(reference("2024-02-29T12:00:00Z"))
        );
    }

    #[test]
    fn the_zone_of_a_classic_header_is_kept_over_daylight_saving() {
        let zone = TimeZone::get("Europe/Helsinki").expect("the zone database knows Helsinki");
        let mut reader = HeaderReader::from_year(2026, zone);
        assert_eq!(
            reader.read(b"Jul  1 12:00:00 h p: x").map(|line| line.at),
            Some(reference("2026-07-01T09:00:00Z"))
        );
        assert_eq!(
            reader.read(b"Dec  1 12:00:00 h p: x").map(|line| line.at),
            Some(reference("2026-12-01T10:00:00Z"))
        );
    }

    #[test]
    fn what_has_no_header_is_no_line() {
        let mut reader = HeaderReader::not_after(reference("2026-11-22T00:00:00Z"), TimeZone::UTC);
        for line in [
            &b""[..],
            b"hello",
            b"Nov 21",
            b"Nov 21 21:30:08 ",
            b"Nov 99 21:30:08 h p: x",
            b"2026-11-21 h p: x",
            b"\xff\xfe",
            b"<22>",
        ] {
            assert_eq!(reader.read(line), None, "{line:?}");
        }
        assert!(
            reader.read(b"<22>Nov 21 21:30:08 h postfix/qmgr[1]: x").is_some(),
            "with priority"
        );
    }
}
