//! The timeline of a mail over all its servers, and its delivery tries.
//!
//! Goes in: the trail. Comes out: [`Step`]s and [`Attempt`]s. Housekeeping lines (noted, removed) stay in the raw lines; a row of equal
//! deferrals folds into one step, since the attempts list tells them one by one.

use std::net::IpAddr;

use model::record::{TrailEvent, TrailKind};
use model::row::MailView;
use model::time::{Micros, SECOND};
use model::verdict::{Family, Outcome};

use crate::format::Format;
use crate::present::hostile::visible;
use crate::present::log::chip;
use crate::wire::{Attempt, Step};

/// A pause longer than this is worth telling, in milliseconds.
const PAUSE: i64 = 60_000;

/// Longer answers stand in the raw lines only.
const LONGEST_ANSWER: usize = 300;

/// The steps, oldest first.
pub fn steps(view: &MailView, format: &Format) -> Vec<Step> {
    let events = tidied(&view.trail);
    let mut steps = Vec::new();
    let mut before: Option<Micros> = None;
    for run in events.chunk_by(is_alike) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let mut step = step(first, before, view, format);
        if run.len() > 1 {
            let tries = [("count", run.len().into()), ("time", format.soon(last.at).into())];
            step.details
                .insert(0, format.texts().say_with("step-tries", &tries));
        }
        steps.push(step);
        before = Some(last.at);
    }
    steps
}

fn step(event: &TrailEvent, before: Option<Micros>, view: &MailView, format: &Format) -> Step {
    let is_new_day = before.is_none_or(|before| !format.is_same_day(before, event.at));
    let pause = before.map(|before| event.at.millis_since(before));
    Step {
        day: is_new_day.then(|| format.date(event.at)),
        time: format.time(event.at),
        text: sentence(event, relay(&event.text), format),
        details: details(event, view, format),
        gap: pause.filter(|pause| *pause >= PAUSE).map(|pause| {
            let duration = format.duration(pause);
            format
                .texts()
                .say_with("step-later", &[("duration", duration.into())])
        }),
        family: family(event.kind),
    }
}

/// The delivery tries, oldest first; none when there was only one.
pub fn attempts(view: &MailView, format: &Format) -> Vec<Attempt> {
    let events = tidied(&view.trail);
    let tries = events
        .iter()
        .filter_map(|event| Some((event, outcome_of_try(event.kind)?)));
    let attempts: Vec<Attempt> = tries
        .map(|(event, outcome)| {
            let mut time = format.time(event.at);
            if !format.is_same_day(event.at, view.row.connected_at) {
                time.text = format.moment(event.at);
            }
            Attempt {
                time,
                chip: chip(outcome, format),
                answer: visible(answer(&event.text)),
            }
        })
        .collect();
    if attempts.len() > 1 { attempts } else { Vec::new() }
}

/// The trail without housekeeping, in an order that makes sense: within one second, which is all that many logs tell, a filter's judgement
/// comes before the hand-over to it is logged as done, and the mailbox comes last. The greylisting service's line and the mail server's
/// refusal that follows from it are one event.
fn tidied(trail: &[TrailEvent]) -> Vec<TrailEvent> {
    let mut events: Vec<TrailEvent> = Vec::with_capacity(trail.len());
    for event in trail.iter().filter(|event| is_step(event.kind)) {
        let is_its_refusal = |before: &TrailEvent| {
            before.kind == TrailKind::Greylisted
                && event.kind == TrailKind::RefusedForNow
                && event.at.millis_since(before.at) <= 2_000
        };
        if events.last().is_some_and(is_its_refusal) {
            events.pop();
            events.push(TrailEvent {
                kind: TrailKind::Greylisted,
                ..event.clone()
            });
        } else {
            events.push(event.clone());
        }
    }
    events.sort_by_key(|event| (event.at.0.div_euclid(SECOND), rank(event.kind)));
    events
}

/// The order within one second.
const fn rank(kind: TrailKind) -> u8 {
    match kind {
        TrailKind::Checked => 1,
        TrailKind::Passed => 2,
        TrailKind::Delivered | TrailKind::Quarantined => 3,
        _ => 0,
    }
}

/// Whom the line names as `relay=host[address]:port`, when that is another machine.
fn relay(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(" relay=")?;
    let host = rest.split(['[', ',']).next()?;
    is_foreign(host).then_some(host)
}

/// Whether a relay's name says something to people: our own filter on the same machine and local delivery do not.
pub(super) fn is_foreign(relay: &str) -> bool {
    let is_loopback = relay.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    !is_loopback && !matches!(relay, "" | "none" | "local" | "virtual" | "localhost")
}

/// Whether the timeline shows it.
const fn is_step(kind: TrailKind) -> bool {
    !matches!(kind, TrailKind::Removed | TrailKind::Noted)
}

/// Whether two neighbours fold into one step.
fn is_alike(one: &TrailEvent, next: &TrailEvent) -> bool {
    one.kind == TrailKind::Deferred && one.kind == next.kind && one.server == next.server
}

fn sentence(event: &TrailEvent, relay: Option<&str>, format: &Format) -> String {
    let mut arguments = vec![
        ("server", visible(&event.server).into()),
        ("program", visible(&event.program).into()),
    ];
    let key = format!("trail-{}", event.kind);
    let with_relay = relay.and_then(|relay| {
        arguments.push(("relay", visible(relay).into()));
        format.texts().find(&format!("{key}-relay"), &arguments)
    });
    with_relay.unwrap_or_else(|| format.texts().say_with(&key, &arguments))
}

/// What is known beside the event itself.
fn details(event: &TrailEvent, view: &MailView, format: &Format) -> Vec<String> {
    let texts = format.texts();
    let mut details = Vec::new();
    match event.kind {
        TrailKind::Received => {
            if let Some(client) = client(view) {
                details.push(texts.say_with("step-from", &[("client", client.into())]));
            }
            if let Some(user) = &view.sasl_user {
                details.push(texts.say_with("step-signed-in", &[("user", visible(user).into())]));
            }
            if view.tls.is_some() {
                details.push(texts.say("step-encrypted"));
            }
        }
        TrailKind::Queued => details.extend(view.row.size.map(|size| format.size(size))),
        TrailKind::Checked => {
            let score = view.row.spam_score.map(|score| format.score(score));
            details.extend(score.map(|score| texts.say_with("step-score", &[("score", score.into())])));
        }
        TrailKind::Refused
        | TrailKind::RefusedForNow
        | TrailKind::Greylisted
        | TrailKind::Deferred
        | TrailKind::Bounced => {
            let answer = answer(&event.text);
            if !answer.is_empty() && answer.len() <= LONGEST_ANSWER {
                details.push(visible(answer));
            }
        }
        TrailKind::GreylistPassed
        | TrailKind::Quarantined
        | TrailKind::Released
        | TrailKind::Passed
        | TrailKind::HandedOver
        | TrailKind::Delivered
        | TrailKind::Forwarded
        | TrailKind::Expired
        | TrailKind::Discarded
        | TrailKind::Held
        | TrailKind::Unheld
        | TrailKind::Reported
        | TrailKind::Removed
        | TrailKind::Noted => {}
    }
    details
}

fn client(view: &MailView) -> Option<String> {
    match (&view.row.client_name, view.row.client_ip) {
        (Some(name), Some(ip)) => Some(format!("{} ({ip})", visible(name))),
        (Some(name), None) => Some(visible(name)),
        (None, Some(ip)) => Some(ip.to_string()),
        (None, None) => None,
    }
}

/// The other side's words in a Postfix delivery line, `status=deferred (host x said: 450 ...)`, or in a refusal,
/// `NOQUEUE: reject: RCPT from x: 550 5.1.1 <a@b>: ...; from=<..>`. Empty when the line has no such part.
fn answer(line: &str) -> &str {
    if let Some((_, rest)) = line.split_once(" status=") {
        let inside = rest.split_once('(').map_or("", |(_, inside)| inside).trim_end();
        return inside.strip_suffix(')').unwrap_or(inside);
    }
    let said = line
        .split_once(" from ")
        .and_then(|(_, rest)| rest.split_once(": "))
        .map_or("", |(_, said)| said);
    if said.starts_with(|first: char| first.is_ascii_digit()) {
        said.split("; from=<").next().unwrap_or(said)
    } else {
        ""
    }
}

/// The outcome that a try had; `None` for what is no try.
const fn outcome_of_try(kind: TrailKind) -> Option<Outcome> {
    match kind {
        TrailKind::Greylisted => Some(Outcome::Greylisted),
        TrailKind::RefusedForNow | TrailKind::Deferred => Some(Outcome::Deferred),
        TrailKind::HandedOver => Some(Outcome::HandedOver),
        TrailKind::Delivered => Some(Outcome::Delivered),
        TrailKind::Bounced => Some(Outcome::Bounced),
        TrailKind::Expired => Some(Outcome::Expired),
        TrailKind::Received
        | TrailKind::GreylistPassed
        | TrailKind::Refused
        | TrailKind::Queued
        | TrailKind::Checked
        | TrailKind::Quarantined
        | TrailKind::Released
        | TrailKind::Passed
        | TrailKind::Forwarded
        | TrailKind::Discarded
        | TrailKind::Held
        | TrailKind::Unheld
        | TrailKind::Reported
        | TrailKind::Removed
        | TrailKind::Noted => None,
    }
}

/// The colour of a step's point.
const fn family(kind: TrailKind) -> Family {
    match kind {
        TrailKind::HandedOver | TrailKind::Delivered | TrailKind::Forwarded | TrailKind::Released => {
            Family::Good
        }
        TrailKind::Greylisted | TrailKind::RefusedForNow | TrailKind::Deferred => Family::Wait,
        TrailKind::Quarantined | TrailKind::Held => Family::Held,
        TrailKind::Refused | TrailKind::Bounced | TrailKind::Expired | TrailKind::Discarded => Family::Bad,
        TrailKind::Received
        | TrailKind::GreylistPassed
        | TrailKind::Queued
        | TrailKind::Checked
        | TrailKind::Passed
        | TrailKind::Unheld
        | TrailKind::Reported
        | TrailKind::Removed
        | TrailKind::Noted => Family::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_sides_words_are_cut_out_of_the_line() {
        for (line, expected) in [
            (
                "4jX: to=<chef@example.test>, dsn=4.2.2, status=deferred (host mx.example.test[192.0.2.9] said: 452 4.2.2 full (in reply to RCPT TO))",
                "host mx.example.test[192.0.2.9] said: 452 4.2.2 full (in reply to RCPT TO)",
            ),
            (
                "NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 550 5.1.1 <a@kundi.test>: Recipient address rejected; from=<x@y.test> to=<a@kundi.test>",
                "550 5.1.1 <a@kundi.test>: Recipient address rejected",
            ),
            ("connect from mail.agency.test[203.0.113.5]", ""),
        ] {
            assert_eq!(answer(line), expected);
        }
    }

    #[test]
    fn only_other_machines_are_named() {
        for (line, expected) in [
            (
                "4jX: to=<a@b.test>, relay=mx.b.test[192.0.2.9]:25, delay=1",
                Some("mx.b.test"),
            ),
            (
                "4jX: to=<a@b.test>, relay=127.0.0.1[127.0.0.1]:10024, delay=1",
                None,
            ),
            ("4jX: to=<a@b.test>, relay=none, delay=1", None),
            ("4jX: removed", None),
        ] {
            assert_eq!(relay(line), expected, "{line}");
        }
    }

    #[test]
    fn greylisting_is_one_step_and_the_mailbox_is_the_last() {
        let event = |second: i64, server: &str, kind| TrailEvent {
            at: Micros(second * SECOND),
            server: server.to_owned(),
            program: String::new(),
            kind,
            queue_id: None,
            text: String::new(),
        };
        let tidy = tidied(&[
            event(1, "policy1", TrailKind::Greylisted),
            event(1, "mx1", TrailKind::RefusedForNow),
            event(9, "mail1", TrailKind::Delivered),
            event(9, "mx1", TrailKind::Passed),
            event(9, "mx1", TrailKind::Removed),
            event(9, "mail1", TrailKind::Checked),
        ]);
        let kinds: Vec<_> = tidy
            .iter()
            .map(|event| (event.server.as_str(), event.kind))
            .collect();
        assert_eq!(
            kinds,
            [
                ("mx1", TrailKind::Greylisted),
                ("mail1", TrailKind::Checked),
                ("mx1", TrailKind::Passed),
                ("mail1", TrailKind::Delivered)
            ]
        );
    }
}
