//! One mail's story: what happened, why, who can act, what to do.
//!
//! Goes in: a [`MailView`]. Comes out: [`MailStory`]. Which sentence is taken is decided here; the sentences are in `verdict.ftl`.

use model::record::TrailKind;
use model::row::MailView;
use model::time::Micros;
use model::verdict::{Actor, Outcome, Reason};

use crate::format::Format;
use crate::log_query::LogQuery;
use crate::present::facts::fact_groups;
use crate::present::hostile::visible;
use crate::present::log::{chip, direction, is_from_the_future, party, subject};
use crate::present::timeline::{attempts, is_foreign, steps};
use crate::wire::{Link, MailStory};

/// Tells the story.
pub fn mail_story(view: &MailView, format: &Format) -> MailStory {
    let texts = format.texts();
    let verdict = view.row.verdict;
    let lead = if verdict.reason == Reason::Ok {
        texts.say(&format!("outcome-{}-meaning", verdict.outcome))
    } else {
        texts.say(&format!("reason-{}", verdict.reason))
    };
    let actor = match verdict.actor {
        Actor::Nobody => texts.say("advice-title"),
        actor @ (Actor::Sender | Actor::Recipient | Actor::You | Actor::Provider | Actor::Remote) => {
            let who = texts.say(&format!("actor-{actor}"));
            texts.say_with("actor-title", &[("actor", who.into())])
        }
    };
    let raw = view.trail.iter().map(|event| visible(&event.text));
    MailStory {
        chip: chip(verdict.outcome, format),
        direction: direction(view.row.direction, format),
        headline: headline(view, format),
        lead,
        subject: subject(&view.row),
        actor,
        advice: texts.say(&format!("advice-{}-{}", verdict.reason, view.row.direction)),
        standing: standing(view, format),
        steps: steps(view, format),
        attempts: attempts(view, format),
        reply: view.reply.as_deref().map(visible),
        facts: fact_groups(view, format),
        related: related(view, format),
        raw: raw.filter(|text| !text.is_empty()).collect(),
        caveat: view.incomplete.then(|| texts.say("story-incomplete")),
        clock_note: is_from_the_future(&view.row, format).then(|| texts.say("story-clock-ahead")),
    }
}

/// The other mails of the same sender and recipient.
fn related(view: &MailView, format: &Format) -> Vec<Link> {
    let link = |key: &str, address: &str, query: LogQuery| Link {
        href: query.href(),
        text: format
            .texts()
            .say_with(key, &[("address", visible(address).into())]),
    };
    let (sender, recipient) = (&view.row.sender, &view.row.recipient);
    let by_sender = LogQuery {
        sender: sender.clone(),
        ..LogQuery::default()
    };
    let by_recipient = LogQuery {
        recipient: recipient.clone(),
        ..LogQuery::default()
    };
    let links = [
        (!sender.is_empty()).then(|| link("related-sender", sender, by_sender)),
        (!recipient.is_empty()).then(|| link("related-recipient", recipient, by_recipient)),
    ];
    links.into_iter().flatten().collect()
}

/// The most telling sentence that the facts allow.
fn headline(view: &MailView, format: &Format) -> String {
    let row = &view.row;
    let at = told_at(view);
    let mut arguments = vec![
        ("sender", party(&row.sender, "sender-none", format).0.into()),
        (
            "recipient",
            party(&row.recipient, "recipient-none", format).0.into(),
        ),
        ("time", format.clock(at).into()),
        ("date", format.date(at).into()),
    ];
    let base = format!("story-{}-{}", row.verdict.outcome, row.direction);
    let mut keys = Vec::new();
    if row.verdict.outcome == Outcome::Greylisted && row.verdict.is_final {
        keys.push(format!("{base}-final"));
    }
    if let Some(next) = next_try(view, format) {
        arguments.push(("next", format.soon(next).into()));
        keys.push(format!("{base}-next"));
    }
    if let Some(relay) = view.relay.as_deref().filter(|relay| is_foreign(relay)) {
        arguments.push(("relay", visible(relay).into()));
        keys.push(format!("{base}-relay"));
    }
    keys.iter()
        .find_map(|key| format.texts().find(key, &arguments))
        .unwrap_or_else(|| format.texts().say_with(&base, &arguments))
}

/// The moment that the headline names: the end, else the last try, else the beginning.
fn told_at(view: &MailView) -> Micros {
    let is_waiting = matches!(view.row.verdict.outcome, Outcome::Deferred | Outcome::Greylisted);
    let is_try = |kind| {
        matches!(
            kind,
            TrailKind::Deferred | TrailKind::Greylisted | TrailKind::RefusedForNow
        )
    };
    let last_try = view
        .trail
        .iter()
        .rev()
        .find(|event| is_waiting && is_try(event.kind));
    view.finished_at
        .or(last_try.map(|event| event.at))
        .unwrap_or(view.row.connected_at)
}

/// The next try, while it is still to come.
fn next_try(view: &MailView, format: &Format) -> Option<Micros> {
    let next = view.row.next_attempt_at?;
    (!view.row.verdict.is_final && next > format.now()).then_some(next)
}

/// Is it over, when does it go on, how sure are we.
fn standing(view: &MailView, format: &Format) -> Vec<String> {
    let texts = format.texts();
    let verdict = view.row.verdict;
    let mut standing = vec![texts.say(if verdict.is_final { "final-yes" } else { "final-no" })];
    if let Some(next) = next_try(view, format) {
        standing.push(texts.say_with("next-try", &[("time", format.soon(next).into())]));
    }
    if verdict.reason != Reason::Ok {
        standing.push(texts.say(&format!("confidence-{}", verdict.confidence)));
    }
    standing
}
