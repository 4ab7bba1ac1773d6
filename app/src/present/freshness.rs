//! How far the log can be believed: one line on the log page.
//!
//! Goes in: the state of all log sources. Comes out: [`Freshness`] in words. "Complete to" is the moment up to which every source was read to
//! its end, so a mail that is not shown before it did not reach us.

use model::row::SourceFreshness;
use model::time::{Micros, SECOND};
use model::verdict::Family;

use crate::format::Format;
use crate::wire::Freshness;

/// A source that was read within this time is current: the worker looks every second or so.
const CURRENT: i64 = 60 * SECOND;
/// After this time a source stands still and somebody should look.
const STANDING_STILL: i64 = 15 * 60 * SECOND;

/// The moment up to which all sources are complete; `None` when there is no source or one was never read.
pub fn complete_to(sources: &[SourceFreshness]) -> Option<Micros> {
    let mut moments = sources.iter().map(|source| source.checked_at);
    let first = moments.next()??;
    moments.try_fold(first, |oldest, moment| Some(oldest.min(moment?)))
}

/// The line in words.
pub fn freshness(sources: &[SourceFreshness], format: &Format) -> Freshness {
    let texts = format.texts();
    let Some(complete_to) = complete_to(sources) else {
        return Freshness {
            family: Family::None,
            parts: vec![texts.say("fresh-no-source")],
        };
    };
    let now = format.now();
    let is_current = |source: &&SourceFreshness| {
        source
            .checked_at
            .is_some_and(|checked_at| now.0 - checked_at.0 <= CURRENT)
    };
    let current = sources.iter().filter(is_current).count();
    let behind = now.0 - complete_to.0;
    let family = if behind <= CURRENT {
        Family::Good
    } else if behind <= STANDING_STILL {
        Family::Wait
    } else {
        Family::Bad
    };
    let time = if format.is_same_day(complete_to, now) {
        format.time(complete_to).text
    } else {
        format.moment(complete_to)
    };
    let mut parts = vec![
        texts.say_with("fresh-complete", &[("time", time.into())]),
        texts.say_with(
            "fresh-sources",
            &[("current", current.into()), ("all", sources.len().into())],
        ),
    ];
    if let Some(newest) = sources.iter().filter_map(|source| source.newest_line_at).max() {
        // Whole seconds, later whole minutes; a clock that is a little off must not show.
        let ago = now.millis_since(newest).max(1_000);
        let unit = if ago < 60_000 { 1_000 } else { 60_000 };
        let ago = format.duration(ago / unit * unit);
        parts.push(texts.say_with("fresh-newest", &[("ago", ago.into())]));
    }
    Freshness { family, parts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    const NOW: Micros = Micros(1_795_352_529_000_000);

    fn source(checked: i64, newest: i64) -> SourceFreshness {
        SourceFreshness {
            name: "1".to_owned(),
            newest_line_at: Some(NOW.plus_seconds(-newest)),
            checked_at: Some(NOW.plus_seconds(-checked)),
            lines: 7,
            unrecognised: 0,
        }
    }

    #[test]
    fn the_slowest_source_decides() {
        let format = Format::new(Language::English, "Europe/Berlin", NOW);
        let all_well = freshness(&[source(0, 1), source(2, 40)], &format);
        assert_eq!(all_well.family, Family::Good);
        assert_eq!(
            all_well.parts.join(" · "),
            "Complete to 14:02:07 · 2 of 2 sources up to date · newest line 1 s ago"
        );
        let one_behind = freshness(&[source(0, 1), source(200, 300)], &format);
        assert_eq!(one_behind.family, Family::Wait);
        assert_eq!(
            one_behind.parts.join(" · "),
            "Complete to 13:58:49 · 1 of 2 sources up to date · newest line 1 s ago"
        );
        assert_eq!(freshness(&[source(5_000, 5_000)], &format).family, Family::Bad);
        assert_eq!(freshness(&[], &format).family, Family::None);
    }
}
