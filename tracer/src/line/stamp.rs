//! The time that a line begins with.
//!
//! ```text
//! Nov 21 21:30:08                      classic (RFC 3164 section 4.1.2; day padded with a space, a zero or nothing)
//! Nov 21 21:30:08.744254               journalctl -o short-precise; Cisco's `service timestamps ... msec`
//! Nov 21 21:30:08 CET, ... +0200       with a zone
//! Nov 21 2026 21:30:08, 2026 Nov 21 21:30:08, Nov 21 21:30:08 2026    with a year
//! Sat Nov 21 21:30:08 2026             ctime(3)
//! 2026-11-21T21:30:08.744254+00:00     ISO 8601 as RFC 5424 section 6.2.3 profiles it; also `+0000` and without a zone
//! 2026-11-21 21:30:08.744 +0200        the same with spaces; a comma may stand for the point
//! Sat 2026-11-21 21:30:08 UTC          journalctl -o short-full
//! 1795296608.744254                    journalctl -o short-unix
//! ```

use jiff::civil;
use jiff::tz::TimeZone;
use model::time::{DAY, Micros, SECOND};

/// A time, and what follows it and its space.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp<'a> {
    pub(super) at: Micros,
    /// Date and time are split by a space: no syslog daemon writes that, programs' own files do.
    pub(super) is_spaced: bool,
    pub(super) rest: &'a [u8],
}

/// Makes moments of stamps; keeps what the next line needs: year and zone, and what the last stamp was.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    zone: TimeZone,
    year: YearRule,
    /// Month of the last classic header, to notice New Year.
    last_month: u8,
    /// The last classic minute and what it began with: most lines share it.
    cached: Option<([u8; 12], Micros)>,
    /// Text of the last ISO date and hour, with its moment as if it were UTC.
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

impl Clock {
    pub(super) const fn not_after(reference: Micros, zone: TimeZone) -> Self {
        Self::new(YearRule::NotAfter(reference), zone)
    }

    pub(super) const fn from_year(year: i16, zone: TimeZone) -> Self {
        Self::new(YearRule::Fixed(year), zone)
    }

    const fn new(year: YearRule, zone: TimeZone) -> Self {
        Self {
            zone,
            year,
            last_month: 0,
            cached: None,
            cached_iso: None,
        }
    }

    pub(super) const fn set_reference(&mut self, reference: Micros) {
        if let YearRule::NotAfter(moment) = &mut self.year {
            *moment = reference;
        }
    }

    /// A stamp that begins with a name: `Nov 21 21:30:08 ` and its relatives.
    pub(super) fn classic<'a>(&mut self, body: &'a [u8]) -> Option<Stamp<'a>> {
        let usual = body.split_at_checked(16).and_then(|(stamp, rest)| {
            if stamp[15] != b' ' || stamp[12] != b':' {
                return None;
            }
            let seconds = two_digits(&stamp[13..15])?;
            let minute: [u8; 12] = stamp[..12].try_into().ok()?;
            let start = match self.cached {
                Some((cached, start)) if cached == minute => start,
                _ => {
                    let start = self.classic_minute(&minute)?;
                    self.cached = Some((minute, start));
                    start
                }
            };
            Some(Stamp {
                at: start.plus_seconds(i64::from(seconds)),
                is_spaced: false,
                rest,
            })
        });
        match usual {
            Some(stamp) if !has_year_or_zone(stamp.rest) => Some(stamp),
            _ => self.spelled(body),
        }
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
        self.without_year(month, day, hour, minutes)
    }

    /// The minute in the year that the rule gives.
    fn without_year(&mut self, month: u8, day: u8, hour: u8, minutes: u8) -> Option<Micros> {
        let zone = &self.zone;
        let moment = |year: i16| local(zone, year, month, day, hour, minutes);
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

    /// A stamp that begins with a digit.
    pub(super) fn numeric<'a>(&mut self, body: &'a [u8]) -> Option<Stamp<'a>> {
        match body.get(4)? {
            b'-' => self.iso(body),
            b' ' => self.spelled(body),
            b'0'..=b'9' => unix(body),
            _ => None,
        }
    }

    /// `2026-11-21T21:30:08.744254+00:00 `
    fn iso<'a>(&mut self, body: &'a [u8]) -> Option<Stamp<'a>> {
        let is_spaced = body.get(10) == Some(&b' ');
        let search = &body[..body.len().min(48)];
        let end = if is_spaced {
            memchr::memchr(b' ', search.get(11..)?)? + 11
        } else {
            memchr::memchr(b' ', search)?
        };
        let (stamp, mut rest) = (&body[..end], &body[end + 1..]);
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
        let at = start.0 + (i64::from(minutes) * 60 + i64::from(seconds)) * SECOND;
        let (fraction, mut zone) = fraction(&stamp[19..]);
        if zone.is_empty()
            && let Some(space) = rest.iter().take(7).position(|byte| *byte == b' ')
            && offset_seconds(&rest[..space]).is_some()
        {
            zone = &rest[..space];
            rest = &rest[space + 1..];
        }
        let at = match zone {
            b"" => self.local_of_utc(at)?,
            zone => at - offset_seconds(zone)? * SECOND,
        };
        Some(Stamp {
            at: Micros(at + fraction),
            is_spaced,
            rest,
        })
    }

    /// The moment at which the source's clocks show what UTC shows at `at`.
    fn local_of_utc(&self, at: i64) -> Option<i64> {
        let civil = TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(at).ok()?);
        let zoned = self.zone.to_ambiguous_zoned(civil).compatible().ok()?;
        Some(zoned.timestamp().as_microsecond())
    }

    /// Stamps word by word: month, day, time, and perhaps a weekday, a year and a zone.
    fn spelled<'a>(&mut self, body: &'a [u8]) -> Option<Stamp<'a>> {
        let (mut rest, mut year) = (body, None);
        let (first, after) = word(rest)?;
        if is_weekday(first) {
            rest = after;
            if rest.first().is_some_and(u8::is_ascii_digit) && rest.get(4) == Some(&b'-') {
                return self.iso(rest);
            }
        } else if let Some(number) = a_year(first) {
            (rest, year) = (after, Some(number));
        }
        let (name, after) = word(rest)?;
        let month = month(name)?;
        let (day, after) = word(after)?;
        let day = match day {
            [ones] => digit(*ones)?,
            day => two_digits(day)?,
        };
        let (mut time, mut rest) = word(after)?;
        if let (None, Some(number)) = (year, a_year(time)) {
            (time, rest) = word(rest)?;
            year = Some(number);
        }
        let [h1, h2, b':', m1, m2, b':', s1, s2, tail @ ..] = time else {
            return None;
        };
        let (hour, minutes, seconds) = (
            two_digits(&[*h1, *h2])?,
            two_digits(&[*m1, *m2])?,
            two_digits(&[*s1, *s2])?,
        );
        let (fraction, mut zone) = fraction(tail.strip_suffix(b":").unwrap_or(tail));
        if year.is_none()
            && let Some((next, after)) = word(rest)
            && let Some(number) = a_year(next)
        {
            (year, rest) = (Some(number), after);
        }
        if zone.is_empty()
            && let Some((next, after)) = word(rest)
            && offset_seconds(next.strip_suffix(b":").unwrap_or(next)).is_some()
            && !after.is_empty()
        {
            zone = next.strip_suffix(b":").unwrap_or(next);
            rest = after;
        }
        let offset = match zone {
            b"" => None,
            zone => Some(offset_seconds(zone)?),
        };
        let start = match (year, offset) {
            (Some(year), None) => local(&self.zone, year, month, day, hour, minutes)?,
            (Some(year), Some(_)) => local(&TimeZone::UTC, year, month, day, hour, minutes)?,
            (None, None) => self.without_year(month, day, hour, minutes)?,
            (None, Some(_)) => {
                let start = self.without_year(month, day, hour, minutes)?;
                let civil = jiff::Timestamp::from_microsecond(start.0)
                    .ok()?
                    .to_zoned(self.zone.clone())
                    .datetime();
                Micros(TimeZone::UTC.to_timestamp(civil).ok()?.as_microsecond())
            }
        };
        let at = start.0 + (i64::from(seconds) - offset.unwrap_or(0)) * SECOND + fraction;
        Some(Stamp {
            at: Micros(at),
            is_spaced: is_weekday(first),
            rest,
        })
    }
}

/// Whether a year or a zone stands where a classic header has the host.
fn has_year_or_zone(rest: &[u8]) -> bool {
    matches!(rest.first(), Some(b'+' | b'-' | b'A'..=b'Z' | b'1' | b'2'))
        && word(rest).is_some_and(|(next, after)| {
            let next = next.strip_suffix(b":").unwrap_or(next);
            !after.is_empty() && (offset_seconds(next).is_some() || a_year(next).is_some())
        })
}

/// Whether a header may begin here: a cheap look at the separators, so that ordinary text is not tried.
pub(super) fn is_stamp(bytes: &[u8]) -> bool {
    match bytes.get(..17) {
        Some(
            [
                _,
                _,
                _,
                _,
                b'-',
                _,
                _,
                b'-',
                _,
                _,
                b'T' | b't' | b' ',
                _,
                _,
                b':',
                _,
                _,
                b':',
            ]
            | [b'A'..=b'Z', _, _, b' ', _, _, b' ', _, _, b':', _, _, b':', ..],
        ) => true,
        Some([b'<', ..]) => {
            let rest = super::skip_priority(bytes);
            rest.first() != Some(&b'<') && is_stamp(rest)
        }
        _ => false,
    }
}

/// `1795296608.744254 `
fn unix(body: &[u8]) -> Option<Stamp<'_>> {
    let (number, rest) = word(body)?;
    let (seconds, tail) = number.split_at_checked(10)?;
    let seconds: i64 = std::str::from_utf8(seconds).ok()?.parse().ok()?;
    let (fraction, tail) = fraction(tail);
    tail.is_empty().then_some(Stamp {
        at: Micros(seconds * SECOND + fraction),
        is_spaced: false,
        rest,
    })
}

fn local(zone: &TimeZone, year: i16, month: u8, day: u8, hour: u8, minutes: u8) -> Option<Micros> {
    let civil = civil::DateTime::new(year, cast(month), cast(day), cast(hour), cast(minutes), 0, 0).ok()?;
    // In the hour that daylight saving repeats the first of the two is taken, in the one that it skips the later.
    let zoned = zone.to_ambiguous_zoned(civil).compatible().ok()?;
    Some(Micros(zoned.timestamp().as_microsecond()))
}

/// `2026-11-21T21` as if it were UTC.
fn iso_hour(hour: &[u8; 13]) -> Option<Micros> {
    let separators = hour[4] == b'-' && hour[7] == b'-' && matches!(hour[10], b'T' | b't' | b' ');
    let year = i16::from(two_digits(&hour[..2])?) * 100 + i16::from(two_digits(&hour[2..4])?);
    let (month, day, hour) = (
        two_digits(&hour[5..7])?,
        two_digits(&hour[8..10])?,
        two_digits(&hour[11..13])?,
    );
    separators.then_some(())?;
    local(&TimeZone::UTC, year, month, day, hour, 0)
}

/// `.744254` or `,744` in microseconds, and what follows.
fn fraction(tail: &[u8]) -> (i64, &[u8]) {
    let [b'.' | b',', fraction @ ..] = tail else {
        return (0, tail);
    };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut value = 0i64;
    for place in 0..6 {
        value = value * 10
            + fraction[..digits]
                .get(place)
                .map_or(0, |byte| i64::from(byte - b'0'));
    }
    (value, &fraction[digits..])
}

/// `Z`, `+02:00`, `-0500`, `CET` in seconds east of UTC.
fn offset_seconds(zone: &[u8]) -> Option<i64> {
    let (sign, digits) = match zone {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        name => return named_zone(name).map(|hours| hours * 3600),
    };
    let hours = i64::from(two_digits(digits.get(..2)?)?);
    let minutes = match &digits[2..] {
        [] => 0,
        [b':', minutes @ ..] | minutes => i64::from(two_digits(minutes)?),
    };
    Some(sign * (hours * 3600 + minutes * 60))
}

/// Zones that syslog daemons and routers write by name, in hours east of UTC. Names with two meanings (`IST`) are left out.
fn named_zone(name: &[u8]) -> Option<i64> {
    Some(match name {
        b"Z" | b"z" | b"UTC" | b"GMT" | b"WET" => 0,
        b"CET" | b"WEST" | b"BST" | b"MEZ" => 1,
        b"CEST" | b"EET" | b"MESZ" | b"SAST" => 2,
        b"EEST" | b"MSK" => 3,
        b"EDT" => -4,
        b"EST" | b"CDT" => -5,
        b"CST" | b"MDT" => -6,
        b"MST" | b"PDT" => -7,
        b"PST" => -8,
        b"JST" | b"KST" => 9,
        b"AEST" => 10,
        b"AEDT" => 11,
        b"NZST" => 12,
        b"NZDT" => 13,
        _ => return None,
    })
}

/// The next word and what follows it and the spaces behind it.
fn word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().take(40).position(|byte| *byte == b' ')?;
    (end > 0).then(|| (&bytes[..end], bytes[end..].trim_ascii_start()))
}

fn is_weekday(word: &[u8]) -> bool {
    matches!(word, b"Mon" | b"Tue" | b"Wed" | b"Thu" | b"Fri" | b"Sat" | b"Sun")
}

fn a_year(word: &[u8]) -> Option<i16> {
    match word {
        [b'1' | b'2', b'0' | b'9', _, _] => std::str::from_utf8(word).ok()?.parse().ok(),
        _ => None,
    }
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
