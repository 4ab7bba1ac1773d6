//! An empty result as a finding: what was looked for, how far the log is complete, what follows.
//!
//! Goes in: a search without rows and the sources' state. Comes out: [`Finding`]. It claims only what the sources support.

use model::record::Direction;
use model::row::LogState;

use crate::format::Format;
use crate::log_query::LogQuery;
use crate::present::freshness::complete_to;
use crate::present::gaps;
use crate::present::hostile::visible;
use crate::present::search::Search;
use crate::wire::{Fact, Finding};

/// More missing parts than this are not told one by one.
const MOST_GAPS: usize = 3;

/// Says what an empty result means. `goes_on`: the walk was cut short and an older page may still have rows.
pub fn finding(
    typed: &LogQuery,
    search: &Search,
    state: &LogState,
    goes_on: bool,
    format: &Format,
) -> Finding {
    let texts = format.texts();
    let mut sentences = Vec::new();
    let touches = |gap: &&_| gaps::touches(gap, search.query.since, search.query.until);
    let missing: Vec<String> = state
        .gaps
        .iter()
        .filter(touches)
        .take(MOST_GAPS)
        .map(|gap| gaps::sentence(gap, format))
        .collect();
    let title = if goes_on {
        sentences.push(texts.say("finding-goes-on"));
        "finding-title-goes-on"
    } else if typed.is_everything() {
        sentences.push(texts.say("finding-empty-log"));
        "finding-title-empty-log"
    } else if !missing.is_empty() {
        sentences.push(texts.say("finding-not-seen-gap"));
        "finding-title-gap"
    } else {
        sentences.push(texts.say("finding-not-seen"));
        "finding-title"
    };
    let is_whole = missing.is_empty();
    sentences.extend(missing);
    match complete_to(&state.sources) {
        // "All are complete" is not said beside what is missing.
        Some(moment) => sentences.push(texts.say_with(
            if is_whole {
                "finding-complete"
            } else {
                "finding-complete-else"
            },
            &[
                ("count", state.sources.len().into()),
                ("time", format.moment(moment).into()),
            ],
        )),
        None => sentences.push(texts.say("finding-no-source")),
    }
    let unreadable = state.sources.iter().filter(|source| source.has_problem).count();
    if unreadable > 0 {
        sentences.push(texts.say_with("finding-unreadable", &[("count", unreadable.into())]));
    }
    if !goes_on && !typed.is_everything() && search.notes.is_empty() {
        sentences.push(texts.say(if !is_whole {
            "finding-what-now-gap"
        } else if typed.direction == Direction::Outbound.id() {
            "finding-what-now-outbound"
        } else {
            "finding-what-now"
        }));
    }
    Finding {
        title: texts.say(title),
        terms: terms(typed, format),
        sentences,
    }
}

/// What was looked for, as the form names it.
fn terms(typed: &LogQuery, format: &Format) -> Vec<Fact> {
    let texts = format.texts();
    let day = |value: &str| format.day_in_words(value).unwrap_or_else(|| visible(value));
    let choice = |prefix: &str, id: &str| {
        texts
            .find(&format!("{prefix}-{id}"), &[])
            .unwrap_or_else(|| visible(id))
    };
    let outcome = match typed.outcome.as_str() {
        "good" | "wait" | "bad" => choice("family", &typed.outcome),
        "kept" => choice("family", "held"),
        id => choice("outcome", id),
    };
    [
        ("field-text", &typed.text, visible(&typed.text)),
        ("field-sender", &typed.sender, visible(&typed.sender)),
        ("field-recipient", &typed.recipient, visible(&typed.recipient)),
        (
            "field-direction",
            &typed.direction,
            choice("direction", &typed.direction),
        ),
        ("field-outcome", &typed.outcome, outcome),
        ("field-since", &typed.since, day(&typed.since)),
        ("field-until", &typed.until, day(&typed.until)),
        ("field-domain", &typed.domain, visible(&typed.domain)),
    ]
    .into_iter()
    .filter(|(_, typed, _)| !typed.trim().is_empty())
    .map(|(label, _, value)| Fact {
        label: texts.say(label),
        value,
        is_code: false,
    })
    .collect()
}
