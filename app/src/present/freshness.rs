//! How far the log can be believed: one line on the log page, and what stands behind it.
//!
//! Goes in: the state of all log sources. Comes out: [`Freshness`] in words. "Complete to" is the moment up to which every source was read to
//! its end, so a mail that is not shown before it did not reach us; unless lines are missing, which is said beside it.

use model::row::{LogState, SourceFreshness, SourceGap};
use model::time::{DAY, Micros, SECOND};
use model::verdict::Family;

use crate::format::Format;
use crate::present::gaps::sentence;
use crate::present::hostile::visible;
use crate::wire::Freshness;

/// A source that was read within this time is current: the worker looks every second or so.
const CURRENT: i64 = 60 * SECOND;
/// After this time a source stands still and somebody should look.
const STANDING_STILL: i64 = 15 * 60 * SECOND;
/// Gaps are told on every page for so long; a search in older days tells of those in its span.
pub const GAPS_SINCE: i64 = 7 * DAY;
/// More gaps than this are not told one by one.
const MOST_GAPS: usize = 5;
/// Fewer bytes than this are on their way, not waiting.
const WAITING_BYTES: i64 = 1_000_000;
/// A share in tenths of a percent from which lines that nobody understood are worth a word.
const UNPARSED_SHARE: i64 = 1;

/// The moment up to which all sources are complete; `None` when there is no source or none was ever read.
pub fn complete_to(sources: &[SourceFreshness]) -> Option<Micros> {
    sources.iter().filter_map(read_to).min()
}

/// Up to when one source was read to its end: to its last line, while it cannot be read.
fn read_to(source: &SourceFreshness) -> Option<Micros> {
    if source.has_problem {
        source.newest_line_at.min(source.checked_at)
    } else {
        source.checked_at
    }
}

/// The line in words. `names_machines`: the viewer may know about the provider's machines.
pub fn freshness(state: &LogState, names_machines: bool, format: &Format) -> Freshness {
    let texts = format.texts();
    let sources = &state.sources;
    let now = format.now();
    let gaps: Vec<&SourceGap> = state
        .gaps
        .iter()
        .filter(|gap| now.0 - gap.noticed_at.0 <= GAPS_SINCE)
        .collect();
    let Some(complete_to) = complete_to(sources) else {
        return Freshness {
            family: Family::None,
            parts: vec![texts.say("fresh-no-source")],
            more: more(sources, &gaps, names_machines, format),
        };
    };
    let is_current = |source: &&SourceFreshness| {
        read_to(source).is_some_and(|read_to| !source.has_problem && now.0 - read_to.0 <= CURRENT)
    };
    let current = sources.iter().filter(is_current).count();
    let unreadable = sources.iter().filter(|source| source.has_problem).count();
    let behind = now.0 - complete_to.0;
    let family = if behind > STANDING_STILL {
        Family::Bad
    } else if behind > CURRENT || unreadable > 0 || !gaps.is_empty() {
        Family::Wait
    } else {
        Family::Good
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
    if unreadable > 0 {
        parts.push(texts.say_with("fresh-unreadable", &[("count", unreadable.into())]));
    }
    if !gaps.is_empty() {
        parts.push(texts.say("fresh-gaps"));
    }
    Freshness {
        family,
        parts,
        more: more(sources, &gaps, names_machines, format),
    }
}

/// What is folded away: each gap, each problem, and for those who look after the machines how each source is doing.
fn more(
    sources: &[SourceFreshness],
    gaps: &[&SourceGap],
    names_machines: bool,
    format: &Format,
) -> Vec<String> {
    let texts = format.texts();
    let mut more: Vec<String> = gaps
        .iter()
        .take(MOST_GAPS)
        .map(|gap| sentence(gap, format))
        .collect();
    if let Some(others) = gaps.len().checked_sub(MOST_GAPS).filter(|others| *others > 0) {
        more.push(texts.say_with("fresh-more-gaps", &[("count", others.into())]));
    }
    for source in sources {
        let name = ("name", visible(&source.name).into());
        if source.has_problem {
            more.push(match &source.problem {
                Some(problem) => texts.say_with(
                    "fresh-problem-words",
                    &[name.clone(), ("problem", visible(problem).into())],
                ),
                None => texts.say_with("fresh-problem", std::slice::from_ref(&name)),
            });
        }
        if !names_machines {
            continue;
        }
        let tenths = source.unrecognised.saturating_mul(1_000) / source.mail_lines.max(1);
        if tenths >= UNPARSED_SHARE {
            let share = format.percent(tenths);
            more.push(texts.say_with("fresh-unparsed", &[name.clone(), ("share", share.into())]));
        }
        if source.spooled_bytes >= WAITING_BYTES {
            let size = format.size(source.spooled_bytes);
            more.push(texts.say_with("fresh-spooled", &[name, ("size", size.into())]));
        }
    }
    more
}

#[cfg(test)]
mod tests {
    use model::row::SourceGap;

    use super::*;
    use crate::language::Language;

    const NOW: Micros = Micros(1_795_352_529_000_000);

    fn source(checked: i64, newest: i64) -> SourceFreshness {
        SourceFreshness {
            name: "1".to_owned(),
            newest_line_at: Some(NOW.plus_seconds(-newest)),
            checked_at: Some(NOW.plus_seconds(-checked)),
            lines: 7_000,
            mail_lines: 4_000,
            unrecognised: 0,
            spooled_bytes: 0,
            has_problem: false,
            problem: None,
        }
    }

    fn state(sources: &[SourceFreshness]) -> LogState {
        LogState {
            sources: sources.to_vec(),
            gaps: Vec::new(),
        }
    }

    #[test]
    fn the_slowest_source_decides() {
        let format = Format::new(Language::English, "Europe/Berlin", NOW);
        let freshness = |sources: &[SourceFreshness]| freshness(&state(sources), false, &format);
        let all_well = freshness(&[source(0, 1), source(2, 40)]);
        assert_eq!(all_well.family, Family::Good);
        assert_eq!(
            all_well.parts.join(" · "),
            "Complete to 14:02:07 · 2 of 2 sources up to date · newest line 1 s ago"
        );
        assert!(all_well.more.is_empty(), "nothing to unfold");
        let one_behind = freshness(&[source(0, 1), source(200, 300)]);
        assert_eq!(one_behind.family, Family::Wait);
        assert_eq!(
            one_behind.parts.join(" · "),
            "Complete to 13:58:49 · 1 of 2 sources up to date · newest line 1 s ago"
        );
        assert_eq!(freshness(&[source(5_000, 5_000)]).family, Family::Bad);
        assert_eq!(freshness(&[]).family, Family::None);
    }

    #[test]
    fn a_source_that_cannot_be_read_is_complete_to_its_last_line() {
        let format = Format::new(Language::English, "Europe/Berlin", NOW);
        let unreadable = SourceFreshness {
            has_problem: true,
            ..source(0, 600)
        };
        let said = freshness(&state(&[source(0, 1), unreadable.clone()]), false, &format);
        assert_eq!(said.family, Family::Wait);
        assert_eq!(
            said.parts.join(" · "),
            "Complete to 13:52:09 · 1 of 2 sources up to date · newest line 1 s ago · 1 source cannot be read just now"
        );
        assert_eq!(said.more, ["Source 1 cannot be read just now."]);
        let in_words = SourceFreshness {
            name: "mx1".to_owned(),
            problem: Some("/var/log/mail.log: permission denied".to_owned()),
            unrecognised: 10,
            spooled_bytes: 2_400_000,
            ..unreadable
        };
        let said = freshness(&state(std::slice::from_ref(&in_words)), true, &format);
        assert_eq!(
            said.more,
            [
                "Source mx1 cannot be read just now: /var/log/mail.log: permission denied",
                "Source mx1: 0.2% of the mail lines were not understood.",
                "Source mx1: 2.4 MB are received and not yet stored.",
            ]
        );
    }

    #[test]
    fn missing_lines_are_told_in_a_word_and_one_by_one_behind_it() {
        let gap = SourceGap {
            source: Some("2".to_owned()),
            kind: None,
            from_at: Some(NOW.plus_seconds(-3_600)),
            noticed_at: NOW.plus_seconds(-3_000),
            lines: Some(1_234),
            detail: None,
        };
        let state = |count| LogState {
            sources: vec![source(0, 1)],
            gaps: vec![gap.clone(); count],
        };
        let format = Format::new(Language::English, "Europe/Berlin", NOW);
        let said = freshness(&state(1), false, &format);
        assert_eq!(said.family, Family::Wait, "not green beside missing lines");
        assert_eq!(said.parts.last().map(String::as_str), Some("lines are missing"));
        assert_eq!(
            said.more,
            ["Lines are missing between 13:02 and 13:12 (source 2, about 1,200 lines)."]
        );
        let said = freshness(&state(7), false, &format);
        assert_eq!(said.more.len(), 6);
        assert_eq!(
            said.more.last().map(String::as_str),
            Some("Lines are missing 2 more times.")
        );
    }
}
