//! One line a record, for people: when, what became of it, why, who can act, from whom, to whom.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use model::record::Record;
use model::verdict::{Family, Outcome};

use super::{Page, cut, harmless};

/// Columns of everything that stands before the addresses.
const BEFORE_ADDRESSES: usize = 21 + 13 + 19;
/// And of who can act: left out where the addresses need the room.
const ACTOR: usize = 10;
const WIDE_ENOUGH_FOR_ACTOR: usize = 120;
/// An address is not cut to less: a line that wraps is better than two that cannot be told apart.
const SHORTEST: usize = 20;

/// Prints a record, and below it its events.
pub(super) fn row(page: &mut Page, record: &Record, with_trail: bool, is_first: bool) -> io::Result<()> {
    let with_actor = page.width.is_none_or(|width| width >= WIDE_ENOUGH_FOR_ACTOR);
    let actor = |name: &str| {
        if with_actor {
            format!("{name:<9} ")
        } else {
            String::new()
        }
    };
    if is_first {
        let when = format!("CONNECTED ({})", page.zone_name());
        writeln!(
            page.out,
            "{when:<20} {:<12} {:<18} {}FROM -> TO",
            "OUTCOME",
            "REASON",
            actor("ACTOR")
        )?;
    }
    let verdict = record.verdict;
    let (sender, recipient) = (super::sender(record), super::recipient(record));
    let before = BEFORE_ADDRESSES + if with_actor { ACTOR } else { 0 };
    let room = page
        .width
        .map_or(usize::MAX, |width| {
            width.saturating_sub(before + " -> ".len()) / 2
        })
        .max(SHORTEST);
    let outcome = paint(page, verdict.outcome, format!("{:<12}", verdict.outcome.id()));
    let when = page.moment(record.connected_at);
    writeln!(
        page.out,
        "{when:<20} {outcome} {:<18} {}{} -> {}",
        verdict.reason.id(),
        actor(verdict.actor.id()),
        cut(&sender, room),
        cut(&recipient, room)
    )?;
    if with_trail {
        trail(page, record)?;
    }
    Ok(())
}

/// The events of a record, the raw lines whole: they are what is looked for when someone asks for them.
pub(super) fn trail(page: &mut Page, record: &Record) -> io::Result<()> {
    for event in record.trail.iter() {
        let when = page.moment(event.at);
        writeln!(
            page.out,
            "    {when}  {:<16} {}",
            event.kind.id(),
            harmless(&event.text)
        )?;
    }
    Ok(())
}

/// A word in the colour of its outcome's family.
pub(crate) fn paint(page: &Page, outcome: Outcome, word: String) -> String {
    let style = match outcome.family() {
        Family::Good => AnsiColor::Green.on_default(),
        Family::Wait => AnsiColor::Yellow.on_default(),
        Family::Held => AnsiColor::Magenta.on_default(),
        Family::Bad => AnsiColor::Red.on_default(),
        Family::None => Style::new().dimmed(),
    };
    if page.has_colours {
        format!("{style}{word}{style:#}")
    } else {
        word
    }
}
