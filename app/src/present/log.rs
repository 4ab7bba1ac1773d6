//! A page of the mail log.
//!
//! Goes in: rows and the search that found them. Comes out: [`LogPage`].

use model::query::Cursor;
use model::record::Direction;
use model::row::{LogState, MailRow, Page};
use model::time::SECOND;
use model::verdict::{Outcome, Reason};
use model::viewer::Permission;
use store::Scope;

use crate::format::Format;
use crate::log_query::{LogQuery, push_encoded};
use crate::present::finding::finding;
use crate::present::freshness::freshness;
use crate::present::hostile::visible;
use crate::present::search::Search;
use crate::wire::{Chip, LogPage, LogRow, Origin};

/// Clocks differ a little; from here on one is wrong.
const CLOCK_AHEAD: i64 = 5 * 60 * SECOND;

/// Puts the page together. `state` has at least the gaps of the last days, and where nothing was found those of the search's span.
pub fn log_page(
    typed: &LogQuery,
    search: Search,
    page: &Page<MailRow>,
    state: &LogState,
    scope: &Scope,
    format: &Format,
) -> LogPage {
    let at = |cursor: Cursor| typed.with(|query| query.cursor = cursor.to_string()).href();
    let is_empty = page.rows.is_empty();
    LogPage {
        rows: page.rows.iter().map(|row| log_row(row, scope, format)).collect(),
        summary: format
            .texts()
            .say_with("log-summary", &[("count", page.rows.len().into())]),
        newer: page.newer.map(at),
        older: page.older.map(at),
        freshness: freshness(state, scope.may(Permission::ReadSources), format),
        finding: is_empty.then(|| finding(typed, &search, state, page.older.is_some(), format)),
        notes: search.notes,
        shows_subjects: scope.may(Permission::ReadSubject),
    }
}

fn log_row(row: &MailRow, scope: &Scope, format: &Format) -> LogRow {
    let texts = format.texts();
    let (sender, sender_is_placeholder) = party(&row.sender, "party-no-sender", format);
    let (recipient, recipient_is_placeholder) = party(&row.recipient, "party-no-recipient", format);
    let chip = chip(row.verdict.outcome, format);
    let time = format.time(row.connected_at);
    let day = format.day(row.connected_at);
    let label = [
        ("outcome", chip.word.clone().into()),
        ("sender", sender.clone().into()),
        ("recipient", recipient.clone().into()),
        ("day", day.clone().into()),
        ("time", time.text.clone().into()),
    ];
    let written_to = row.original_recipient.as_deref();
    LogRow {
        href: mail_href(row, scope),
        label: texts.say_with("row-label", &label),
        time,
        day,
        direction: direction(row.direction, format),
        inbound: row.direction == Direction::Inbound,
        note: note(row, format),
        chip,
        sender,
        sender_is_placeholder,
        origin: origin(row, format),
        recipient,
        recipient_is_placeholder,
        written_to: written_to
            .filter(|original| *original != row.recipient)
            .map(|original| texts.say_with("row-written-to", &[("address", visible(original).into())])),
        subject: subject(row),
        clock_note: is_from_the_future(row, format).then(|| texts.say("clock-ahead")),
    }
}

/// Whether a mail, by its server's clock, comes from the future.
pub(super) fn is_from_the_future(row: &MailRow, format: &Format) -> bool {
    row.connected_at.0 - format.now().0 > CLOCK_AHEAD
}

/// `/mail/<domain>/<record>`: the domain is part of it because a mail between two hosted domains has two stories.
fn mail_href(row: &MailRow, scope: &Scope) -> String {
    let domain = scope
        .domains()
        .iter()
        .find(|domain| domain.domain_id == row.domain_id);
    let mut href = String::from("/mail/");
    push_encoded(&mut href, domain.map_or("-", |domain| &domain.name));
    href.push('/');
    href.push_str(&row.record_id.to_string());
    href
}

/// An address, or what stands in for an empty one.
pub(super) fn party(address: &str, placeholder: &str, format: &Format) -> (String, bool) {
    if address.is_empty() {
        (format.texts().say(placeholder), true)
    } else {
        (visible(address), false)
    }
}

/// The subject, if there is one to be seen.
pub(super) fn subject(row: &MailRow) -> Option<String> {
    row.subject
        .as_deref()
        .filter(|subject| !subject.is_empty())
        .map(visible)
}

/// An outcome as its chip.
pub(super) fn chip(outcome: Outcome, format: &Format) -> Chip {
    Chip {
        family: outcome.family(),
        word: format.texts().say(&format!("outcome-{outcome}")),
    }
}

/// Inbound or outbound in one word.
pub(super) fn direction(direction: Direction, format: &Format) -> String {
    format.texts().say(&format!("direction-{direction}"))
}

/// When the next try is, where one is known; else why, where there is a why.
fn note(row: &MailRow, format: &Format) -> Option<String> {
    let next = row.next_attempt_at;
    if let Some(next) = next.filter(|next| !row.verdict.is_final && *next > format.now()) {
        return Some(
            format
                .texts()
                .say_with("next-try", &[("time", format.soon(next).into())]),
        );
    }
    let reason = row.verdict.reason;
    let is_telling =
        !matches!(reason, Reason::Ok | Reason::Unclassified) && row.verdict.outcome != Outcome::Delivered;
    is_telling.then(|| format.texts().say(&format!("reason-{reason}")))
}

/// Country and host of the client.
fn origin(row: &MailRow, format: &Format) -> Option<Origin> {
    let host = match (&row.client_name, row.client_ip) {
        (Some(name), _) => visible(name),
        (None, Some(ip)) => ip.to_string(),
        (None, None) => return None,
    };
    let country = row.country.as_deref().map(|code| country(code, format));
    let (flag, country) = country.unwrap_or_default();
    Some(Origin { flag, country, host })
}

/// Flag and name of a country code; the code itself when it has no name.
pub(super) fn country(code: &str, format: &Format) -> (String, String) {
    let letters: Vec<u32> = code
        .bytes()
        .filter(u8::is_ascii_uppercase)
        .map(u32::from)
        .collect();
    if code.len() != 2 || letters.len() != 2 {
        return (String::new(), visible(code));
    }
    // Regional indicator symbols: A is U+1F1E6.
    let flag = letters
        .iter()
        .filter_map(|letter| char::from_u32(0x1f1e6 + letter - 0x41))
        .collect();
    let name = format.texts().find(&format!("country-{code}"), &[]);
    (flag, name.unwrap_or_else(|| code.to_owned()))
}
