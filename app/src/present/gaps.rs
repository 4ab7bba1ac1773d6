//! Lines that are missing for good, as sentences.
//!
//! Goes in: a [`SourceGap`]. Comes out: when, of which source, how many. What the viewer may not know, the store has left out.

use model::row::SourceGap;
use model::time::Micros;

use crate::format::Format;
use crate::present::hostile::visible;

/// One gap in a sentence.
pub fn sentence(gap: &SourceGap, format: &Format) -> String {
    let texts = format.texts();
    let since = gap.from_at.filter(|from| *from < gap.noticed_at);
    let until = if since.is_some_and(|since| format.is_same_day(since, gap.noticed_at)) {
        format.clock(gap.noticed_at)
    } else {
        format.soon(gap.noticed_at)
    };
    let details: Vec<String> = [
        gap.source
            .as_deref()
            .map(|name| texts.say_with("gap-source", &[("name", visible(name).into())])),
        gap.lines.filter(|lines| *lines > 0).map(|lines| {
            let about = roughly(lines);
            let shown = format.count(about);
            texts.say_with("gap-lines", &[("count", about.into()), ("shown", shown.into())])
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut arguments = vec![("until", until.into()), ("details", details.join(", ").into())];
    let when = match since {
        Some(since) => {
            arguments.push(("since", format.soon(since).into()));
            "gap-between"
        }
        None => "gap-before",
    };
    let mut sentence = texts.say_with(when, &arguments);
    if !details.is_empty() {
        sentence.push_str(&texts.say_with("gap-details", &arguments));
    }
    match &gap.detail {
        Some(detail) => {
            sentence.push_str(": ");
            sentence.push_str(&visible(detail));
        }
        None => sentence.push('.'),
    }
    sentence
}

/// Whether lines of this span may be among the missing ones. An end that is `None` is open.
pub fn touches(gap: &SourceGap, since: Option<Micros>, until: Option<Micros>) -> bool {
    let begins_before_the_end = match (gap.from_at, until) {
        (Some(from), Some(until)) => from < until,
        (None, _) | (_, None) => true,
    };
    begins_before_the_end && since.is_none_or(|since| gap.noticed_at >= since)
}

/// Two digits that count: lines are estimated where they are known at all.
const fn roughly(lines: i64) -> i64 {
    let mut unit = 1;
    while lines / unit >= 100 {
        unit *= 10;
    }
    lines / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    /// Sunday, 22 November 2026, 13:02:09 UTC.
    const NOW: Micros = Micros(1_795_352_529_000_000);

    fn gap(from: Option<i64>, noticed: i64) -> SourceGap {
        SourceGap {
            source: Some("2".to_owned()),
            kind: None,
            from_at: from.map(|seconds| NOW.plus_seconds(-seconds)),
            noticed_at: NOW.plus_seconds(-noticed),
            lines: Some(1_187_000),
            detail: None,
        }
    }

    #[test]
    fn a_gap_is_told_in_three_languages() {
        let told = |language, gap: &SourceGap| sentence(gap, &Format::new(language, "Europe/Berlin", NOW));
        let known = gap(Some(3_600), 3_000);
        assert_eq!(
            told(Language::English, &known),
            "Lines are missing between 13:02 and 13:12 (source 2, about 1,100,000 lines)."
        );
        assert_eq!(
            told(Language::German, &known),
            "Zwischen 13:02 und 13:12 fehlen Zeilen (Quelle 2, etwa 1.100.000 Zeilen)."
        );
        assert_eq!(
            told(Language::Italian, &known),
            "Mancano righe tra 13:02 e 13:12 (fonte 2, circa 1.100.000 righe)."
        );
        let yesterday = gap(Some(86_400), 86_400 - 3_600);
        assert!(
            told(Language::English, &yesterday)
                .starts_with("Lines are missing between Sat 21 Nov, 14:02 and 15:02 ("),
            "the day is said once"
        );
        let little_is_known = SourceGap {
            source: None,
            lines: None,
            ..gap(None, 3 * 86_400)
        };
        assert_eq!(
            told(Language::English, &little_is_known),
            "Lines are missing before Thu 19 Nov, 14:02."
        );
        let one = SourceGap {
            lines: Some(1),
            detail: Some("/var/log/mail.log.1\u{202e} is gone".to_owned()),
            ..known
        };
        let one = told(Language::English, &one);
        assert!(
            one.contains("(source 2, about 1 line): /var/log/mail.log.1"),
            "{one}"
        );
        assert!(!one.contains('\u{202e}'), "file names are hostile too: {one}");
    }

    #[test]
    fn a_gap_touches_a_span_that_it_lies_in_even_in_part() {
        let at = |seconds: i64| Some(NOW.plus_seconds(-seconds));
        let gap_from = gap(Some(200), 100);
        for (since, until, expected) in [
            (None, None, true),
            (at(150), None, true),
            (at(100), None, true),
            (at(99), None, false),
            (None, at(150), true),
            (None, at(200), false),
            (at(180), at(120), true),
        ] {
            assert_eq!(touches(&gap_from, since, until), expected, "{since:?} {until:?}");
        }
        assert!(
            touches(&gap(None, 100), None, at(9_999)),
            "its beginning is not known"
        );
    }
}
