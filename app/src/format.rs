//! Times, sizes and durations as people write them, in one language and one time zone.
//!
//! Goes in: numbers and moments. Comes out: text. The only place that knows a calendar; it runs on the server alone, so both sides show the
//! same text whatever the browser's own zone is. Words and patterns come from `format.ftl`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use model::time::Micros;

use crate::language::Language;
use crate::texts::Texts;
use crate::wire::Moment;

/// How one viewer reads times and numbers.
pub struct Format {
    language: Language,
    texts: &'static Texts,
    zone: TimeZone,
    now: Micros,
}

impl Format {
    /// An unknown zone counts as UTC.
    pub fn new(language: Language, zone: &str, now: Micros) -> Self {
        Self {
            language,
            texts: Texts::of(language),
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            now,
        }
    }

    /// The texts of the same language.
    pub const fn texts(&self) -> &'static Texts {
        self.texts
    }

    /// The moment that counts as now.
    pub const fn now(&self) -> Micros {
        self.now
    }

    /// `14:02:09`, with its machine form.
    pub fn time(&self, at: Micros) -> Moment {
        let zoned = self.zoned(at);
        Moment {
            text: zoned.strftime("%H:%M:%S").to_string(),
            machine: zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        }
    }

    /// `14:02`.
    pub fn clock(&self, at: Micros) -> String {
        self.zoned(at).strftime("%H:%M").to_string()
    }

    /// `22 November 2026`.
    pub fn date(&self, at: Micros) -> String {
        self.date_pattern("date-long", self.zoned(at).date())
    }

    /// `today`, `yesterday`, `Thu 19 Nov`, `19 Nov 2025`.
    pub fn day(&self, at: Micros) -> String {
        let date = self.zoned(at).date();
        let today = self.zoned(self.now).date();
        if date == today {
            self.texts.say("day-today")
        } else if today.yesterday().is_ok_and(|yesterday| yesterday == date) {
            self.texts.say("day-yesterday")
        } else if date.year() == today.year() {
            self.date_pattern("date-short", date)
        } else {
            self.date_pattern("date-short-year", date)
        }
    }

    /// `22 November 2026, 14:02:09`.
    pub fn moment(&self, at: Micros) -> String {
        let (date, time) = (self.date(at), self.time(at).text);
        self.texts
            .say_with("date-and-time", &[("date", date.into()), ("time", time.into())])
    }

    /// The shortest that is clear: `14:20` for today, else with the day.
    pub fn soon(&self, at: Micros) -> String {
        let clock = self.clock(at);
        if self.is_same_day(at, self.now) {
            return clock;
        }
        let day = self.date_pattern("date-short", self.zoned(at).date());
        self.texts
            .say_with("date-and-time", &[("date", day.into()), ("time", clock.into())])
    }

    /// Whether both moments lie on one day of the viewer's calendar.
    pub fn is_same_day(&self, one: Micros, other: Micros) -> bool {
        self.zoned(one).date() == self.zoned(other).date()
    }

    /// The abbreviation of the zone at that moment (`CET`, `+03`).
    pub fn zone_name(&self, at: Micros) -> String {
        self.zoned(at).strftime("%Z").to_string()
    }

    /// The first moment of a day written as `2026-11-22`; `None` when there is no such day.
    pub fn start_of_day(&self, day: &str) -> Option<Micros> {
        self.day_plus(day, 0)
    }

    /// The first moment after that day.
    pub fn end_of_day(&self, day: &str) -> Option<Micros> {
        self.day_plus(day, 1)
    }

    /// A day written as `2026-11-22` in words.
    pub fn day_in_words(&self, day: &str) -> Option<String> {
        day_of(day).map(|date| self.date_pattern("date-long", date))
    }

    /// `812 bytes`, `48 KB`, `2.4 MB`; 1 KB is 1000 bytes, as mail programs count.
    pub fn size(&self, octets: i64) -> String {
        let (key, value) = match octets {
            ..1_000 => ("size-bytes", octets.to_string()),
            1_000..1_000_000 => ("size-kilobytes", self.decimal(octets, 1_000)),
            1_000_000..1_000_000_000 => ("size-megabytes", self.decimal(octets, 1_000_000)),
            1_000_000_000.. => ("size-gigabytes", self.decimal(octets, 1_000_000_000)),
        };
        self.texts.say_with(key, &[("size", value.into())])
    }

    /// `350 ms`, `1.4 s`, `12 s`, `5 min`, `2 h 5 min`, `3 d 4 h`. Nothing is negative.
    pub fn duration(&self, millis: i64) -> String {
        let millis = millis.max(0);
        let seconds = millis / 1_000;
        let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
        let one = |key: &str, one: String| self.texts.say_with(key, &[("one", one.into())]);
        let two = |key: &str, one: i64, two: i64| {
            let arguments = [("one", one.to_string().into()), ("two", two.to_string().into())];
            self.texts.say_with(key, &arguments)
        };
        if seconds == 0 {
            one("duration-milliseconds", millis.to_string())
        } else if seconds < 10 {
            one("duration-seconds", self.decimal(millis, 1_000))
        } else if minutes == 0 {
            one("duration-seconds", seconds.to_string())
        } else if minutes < 10 && seconds % 60 != 0 {
            two("duration-minutes-seconds", minutes, seconds % 60)
        } else if hours == 0 {
            one("duration-minutes", minutes.to_string())
        } else if days == 0 && minutes % 60 == 0 {
            one("duration-hours", hours.to_string())
        } else if days == 0 {
            two("duration-hours-minutes", hours, minutes % 60)
        } else if hours % 24 == 0 {
            one("duration-days", days.to_string())
        } else {
            two("duration-days-hours", days, hours % 24)
        }
    }

    /// `1,200`, `1.200`: in groups of three, as the language parts them.
    pub fn count(&self, count: i64) -> String {
        let digits = count.unsigned_abs().to_string();
        let sign = if count < 0 { "-" } else { "" };
        let separator = if self.language.has_decimal_comma() {
            "."
        } else {
            ","
        };
        let mut grouped = String::from(sign);
        for (place, digit) in (1..=digits.len()).rev().zip(digits.chars()) {
            if place % 3 == 0 && place != digits.len() {
                grouped.push_str(separator);
            }
            grouped.push(digit);
        }
        grouped
    }

    /// A share in tenths of a percent: `0.2%`.
    pub fn percent(&self, tenths: i64) -> String {
        let value = self.with_decimal_sign(&format!("{}.{}", tenths / 10, tenths % 10));
        self.texts.say_with("percent", &[("value", value.into())])
    }

    /// A score with one decimal: `7.4`.
    pub fn score(&self, score: f32) -> String {
        self.with_decimal_sign(&format!("{score:.1}"))
    }

    /// One decimal below ten, none above.
    fn decimal(&self, value: i64, unit: i64) -> String {
        let tenths = value / (unit / 10);
        if tenths >= 100 || tenths % 10 == 0 {
            (tenths / 10).to_string()
        } else {
            self.with_decimal_sign(&format!("{}.{}", tenths / 10, tenths % 10))
        }
    }

    fn with_decimal_sign(&self, number: &str) -> String {
        number.replace(
            '.',
            if self.language.has_decimal_comma() {
                ","
            } else {
                "."
            },
        )
    }

    fn date_pattern(&self, key: &str, date: Date) -> String {
        let month = self.texts.say(&format!("month-{}", date.month()));
        let short_month = self.texts.say(&format!("month-short-{}", date.month()));
        let weekday = self.texts.say(&format!(
            "weekday-short-{}",
            date.weekday().to_monday_one_offset()
        ));
        let arguments = [
            ("weekday", weekday.into()),
            ("day", date.day().to_string().into()),
            ("month", month.into()),
            ("short_month", short_month.into()),
            ("year", date.year().to_string().into()),
        ];
        self.texts.say_with(key, &arguments)
    }

    fn day_plus(&self, day: &str, days: i64) -> Option<Micros> {
        let date = day_of(day)?.checked_add(days.days()).ok()?;
        let start = date.to_zoned(self.zone.clone()).ok()?;
        Some(Micros(start.timestamp().as_microsecond()))
    }

    fn zoned(&self, at: Micros) -> Zoned {
        // A moment out of the calendar's range can only come from nonsense in the database; it is shown as 1970.
        Timestamp::from_microsecond(at.0)
            .unwrap_or_default()
            .to_zoned(self.zone.clone())
    }
}

/// Ten characters as `<input type=date>` sends them; jiff alone would take a time behind the day as well.
fn day_of(day: &str) -> Option<Date> {
    let day = day.trim();
    (day.len() == 10).then(|| day.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sunday, 22 November 2026, 13:02:09 UTC.
    const NOW: Micros = Micros(1_795_352_529_000_000);

    fn of(language: Language) -> Format {
        Format::new(language, "Europe/Berlin", NOW)
    }

    #[test]
    fn moments_are_told_in_the_viewers_zone_and_language() {
        let english = of(Language::English);
        assert_eq!(english.time(NOW).text, "14:02:09");
        assert_eq!(english.time(NOW).machine, "2026-11-22T14:02:09+01:00");
        assert_eq!(english.day(NOW), "today");
        assert_eq!(english.date(NOW), "22 November 2026");
        assert_eq!(english.day(NOW.plus_seconds(-86_400)), "yesterday");
        assert_eq!(english.day(NOW.plus_seconds(-3 * 86_400)), "Thu 19 Nov");
        assert_eq!(of(Language::German).date(NOW), "22. November 2026");
        assert_eq!(
            of(Language::German).day(NOW.plus_seconds(-3 * 86_400)),
            "Do 19. Nov."
        );
        assert_eq!(of(Language::Italian).date(NOW), "22 novembre 2026");
    }

    #[test]
    fn a_day_begins_at_the_viewers_midnight() {
        let format = of(Language::English);
        assert_eq!(
            format.start_of_day("2026-11-22"),
            Some(Micros(1_795_302_000_000_000))
        );
        assert_eq!(format.end_of_day("2026-11-22"), format.start_of_day("2026-11-23"));
        for nonsense in ["", "2026-02-30", "yesterday", "2026-11-22T00:00"] {
            assert_eq!(format.end_of_day(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn sizes_and_durations_are_short() {
        let format = of(Language::German);
        for (count, expected) in [
            (7, "7"),
            (999, "999"),
            (1_200, "1.200"),
            (1_234_567, "1.234.567"),
            (-1_000, "-1.000"),
        ] {
            assert_eq!(format.count(count), expected);
        }
        assert_eq!(of(Language::English).count(1_200), "1,200");
        assert_eq!(format.percent(2), "0,2\u{a0}%");
        for (octets, expected) in [(812, "812 Bytes"), (48_211, "48 KB"), (2_450_000, "2,4 MB")] {
            assert_eq!(format.size(octets), expected);
        }
        for (millis, expected) in [
            (-5, "0 ms"),
            (350, "350 ms"),
            (1_400, "1.4 s"),
            (12_900, "12 s"),
            (65_000, "1 min 5 s"),
            (300_000, "5 min"),
            (7_500_000, "2 h 5 min"),
            (273_600_000, "3 d 4 h"),
        ] {
            assert_eq!(of(Language::English).duration(millis), expected);
        }
    }
}
