//! Moments and lengths of time as people type them.
//!
//! Goes in: `2026-11-21`, `2026-11-21 21:30`, `21:30`, `today`, `2026-11-21T21:30:00Z`, `3 hours`. Comes out: a moment. What has no zone is in the
//! zone of the log.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use model::time::Micros;

/// Which end of a day is meant when only a day is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// Its beginning.
    Begin,
    /// Its end.
    End,
}

/// The moment that lies `length` before `now`.
pub(super) fn before(length: &str, now: Micros, zone: &TimeZone) -> Result<Micros, String> {
    let wanted =
        || format!("\"{length}\" is no length of time; one looks like \"3 hours\", 2d or \"1 week\"");
    let text = length.trim();
    let text = text.strip_suffix(" ago").unwrap_or(text);
    // "hour" alone means one of them.
    let span: Span = text
        .parse()
        .or_else(|_| format!("1 {text}").parse())
        .map_err(|_| wanted())?;
    let now = zoned(now, zone).ok_or_else(wanted)?;
    // Written with or without a sign, back is meant.
    let then = now.checked_sub(span.abs()).map_err(|_| wanted())?;
    Ok(Micros(then.timestamp().as_microsecond()))
}

/// A moment.
pub(super) fn moment(typed: &str, edge: Edge, now: Micros, zone: &TimeZone) -> Result<Micros, String> {
    let wanted = || {
        format!(
            "\"{typed}\" is no moment; one looks like 2026-11-21, \"2026-11-21 21:30\", 21:30, yesterday or 2026-11-21T21:30:00Z"
        )
    };
    let text = typed.trim();
    if let Ok(exact) = text.parse::<Timestamp>() {
        return Ok(Micros(exact.as_microsecond()));
    }
    let today = zoned(now, zone).ok_or_else(wanted)?.date();
    let day = match text {
        "now" => return Ok(now),
        "today" => Some(today),
        "yesterday" => today.yesterday().ok(),
        _ if text.contains(':') => None,
        _ => text.parse::<Date>().ok(),
    };
    let civil = match day {
        Some(day) if edge == Edge::End => day
            .tomorrow()
            .map_err(|_| wanted())?
            .to_datetime(Time::midnight()),
        Some(day) => day.to_datetime(Time::midnight()),
        None => match text.parse::<DateTime>() {
            Ok(civil) => civil,
            Err(_) => today.to_datetime(text.parse::<Time>().map_err(|_| wanted())?),
        },
    };
    let at = zone
        .to_ambiguous_zoned(civil)
        .compatible()
        .map_err(|_| wanted())?;
    Ok(Micros(at.timestamp().as_microsecond()))
}

fn zoned(at: Micros, zone: &TimeZone) -> Option<Zoned> {
    Some(Timestamp::from_microsecond(at.0).ok()?.to_zoned(zone.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        Micros(text.parse::<Timestamp>().expect("a timestamp").as_microsecond())
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        let now = at("2026-11-21T20:00:00Z");
        let zone = TimeZone::get("Europe/Helsinki").expect("the zone database knows Helsinki");
        for (typed, edge, expected) in [
            ("2026-11-21", Edge::Begin, "2026-11-20T22:00:00Z"),
            ("2026-11-21", Edge::End, "2026-11-21T22:00:00Z"),
            ("2026-11-21 21:30", Edge::Begin, "2026-11-21T19:30:00Z"),
            ("2026-11-21T21:30:05", Edge::End, "2026-11-21T19:30:05Z"),
            ("2026-11-21T21:30:05+01:00", Edge::End, "2026-11-21T20:30:05Z"),
            ("21:30", Edge::Begin, "2026-11-21T19:30:00Z"),
            ("yesterday", Edge::Begin, "2026-11-19T22:00:00Z"),
            ("today", Edge::End, "2026-11-21T22:00:00Z"),
            ("now", Edge::End, "2026-11-21T20:00:00Z"),
        ] {
            assert_eq!(moment(typed, edge, now, &zone), Ok(at(expected)), "{typed}");
        }
        for typed in ["", "soon", "2026-13-01", "25:00", "3 hours"] {
            assert!(moment(typed, Edge::Begin, now, &zone).is_err(), "{typed}");
        }
    }

    #[test]
    fn lengths_are_counted_back() {
        let now = at("2026-11-21T20:00:00Z");
        for (typed, expected) in [
            ("3 hours", "2026-11-21T17:00:00Z"),
            ("3h", "2026-11-21T17:00:00Z"),
            ("2 days 1 hour", "2026-11-19T19:00:00Z"),
            ("1 week", "2026-11-14T20:00:00Z"),
            ("hour", "2026-11-21T19:00:00Z"),
            ("3 hours ago", "2026-11-21T17:00:00Z"),
            ("PT30M", "2026-11-21T19:30:00Z"),
        ] {
            assert_eq!(before(typed, now, &TimeZone::UTC), Ok(at(expected)), "{typed}");
        }
        assert!(before("a while", now, &TimeZone::UTC).is_err());
        assert!(before("3", now, &TimeZone::UTC).is_err());
    }
}
