//! Every verdict has a whole story in every language: no sentence is missing and no key shows.

use app::format::Format;
use app::language::Language;
use app::present::story::mail_story;
use app::wire::MailStory;
use model::ids::{DomainId, RecordId};
use model::record::{Delay, Direction, TrailEvent, TrailKind};
use model::row::{MailRow, MailView};
use model::time::Micros;
use model::verdict::{Actor, Confidence, Family, Outcome, Reason, Verdict};
use pretty_assertions::assert_eq;

/// Sunday, 22 November 2026, 13:02:09 UTC.
const NOW: Micros = Micros(1_795_352_529_000_000);

fn event(seconds: i64, program: &str, kind: TrailKind, text: &str) -> TrailEvent {
    TrailEvent {
        at: NOW.plus_seconds(seconds),
        server: "out1".to_owned(),
        program: program.to_owned(),
        kind,
        queue_id: Some("4jX59D17dzz1Wbmp".to_owned()),
        text: text.to_owned(),
    }
}

/// A mail to a full mailbox, tried three times over half an hour.
fn waiting_mail() -> MailView {
    let answer = "4jX59D17dzz1Wbmp: to=<chef@example.test>, relay=mx.example.test[192.0.2.9]:25, dsn=4.2.2, status=deferred (452 4.2.2 over quota)";
    MailView {
        row: MailRow {
            record_id: RecordId::new(NOW, 1),
            domain_id: DomainId(1),
            direction: Direction::Outbound,
            connected_at: NOW.plus_seconds(-3_600),
            server: "out1".to_owned(),
            client_ip: Some("198.51.100.7".parse().expect("an address")),
            client_name: None,
            country: Some("IT".to_owned()),
            sender: "office@kundi.test".to_owned(),
            recipient: "chef@example.test".to_owned(),
            original_recipient: None,
            subject: Some("Menu".to_owned()),
            size: Some(48_211),
            verdict: Verdict {
                outcome: Outcome::Deferred,
                reason: Reason::MailboxFull,
                actor: Actor::Recipient,
                is_final: false,
                confidence: Confidence::Exact,
            },
            spam_score: None,
            attempts: 3,
            next_attempt_at: Some(NOW.plus_seconds(1_071)),
        },
        domain: "kundi.test".to_owned(),
        finished_at: None,
        helo: Some("[192.168.1.4]".to_owned()),
        sasl_user: Some("office@kundi.test".to_owned()),
        tls: Some("TLSv1.3".to_owned()),
        asn: None,
        network: None,
        message_id: Some("387ec1@kundi.test".to_owned()),
        queue_ids: vec!["4jX59D17dzz1Wbmp".to_owned()],
        relay: Some("mx.example.test".to_owned()),
        relay_ip: None,
        dsn: Some("4.2.2".to_owned()),
        reply: Some("452 4.2.2 over quota".to_owned()),
        delay: Delay::default(),
        content: None,
        quarantine_id: None,
        greylisted_ms: None,
        incomplete: false,
        trail: vec![
            event(
                -3_600,
                "smtpd",
                TrailKind::Received,
                "client=unknown[198.51.100.7]",
            ),
            event(
                -3_599,
                "qmgr",
                TrailKind::Queued,
                "from=<office@kundi.test>, size=48211",
            ),
            event(-3_598, "smtp", TrailKind::Deferred, answer),
            event(-3_000, "smtp", TrailKind::Deferred, answer),
            event(-1_800, "smtp", TrailKind::Deferred, answer),
        ],
    }
}

fn told(view: &MailView, language: Language) -> MailStory {
    mail_story(view, &Format::new(language, "Europe/Berlin", NOW))
}

#[test]
fn a_waiting_mail_is_told_with_its_next_try() {
    let story = told(&waiting_mail(), Language::English);
    assert_eq!(
        story.headline,
        "Your mail to chef@example.test is still waiting. We tried on 22 November 2026 at 13:32 and try again at 14:20."
    );
    assert_eq!(story.lead, "The mailbox has no space left.");
    assert_eq!(story.actor, "Who can act: the recipient");
    assert_eq!(story.chip.family, Family::Wait);
    assert_eq!(
        story.standing,
        [
            "This can still change by itself.",
            "Next try: 14:20",
            "Recognised for certain"
        ]
    );
    let steps: Vec<_> = story.steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        steps,
        [
            "out1 was contacted",
            "out1 took the mail",
            "mx.example.test did not take it yet; out1 will try again"
        ],
        "three equal tries are one step"
    );
    assert_eq!(
        story.steps[2].details,
        ["3 tries, the last at 13:32", "452 4.2.2 over quota"]
    );
    assert_eq!(story.attempts.len(), 3);
    assert_eq!(story.attempts[0].answer, "452 4.2.2 over quota");
    assert_eq!(story.related[1].href, "/mail?recipient=chef@example.test");
}

#[test]
fn a_next_try_in_the_past_is_not_promised() {
    let mut view = waiting_mail();
    view.row.next_attempt_at = Some(NOW.plus_seconds(-1));
    let story = told(&view, Language::German);
    assert_eq!(
        story.headline,
        "Ihre Mail an chef@example.test wartet noch: mx.example.test hat sie am 22. November 2026 um 13:32 nicht angenommen. Wir versuchen es weiter."
    );
    assert_eq!(story.standing.len(), 2);
}

#[test]
fn what_strangers_wrote_cannot_turn_the_text_around() {
    let mut view = waiting_mail();
    view.row.subject = Some("invoice\u{202e}fdp.exe".to_owned());
    view.reply = Some("452 \u{1b}[31mred".to_owned());
    let story = told(&view, Language::English);
    assert_eq!(story.subject.as_deref(), Some("invoice\u{fffd}fdp.exe"));
    assert_eq!(story.reply.as_deref(), Some("452 \u{fffd}[31mred"));
}

#[test]
fn every_verdict_has_words_in_every_language() {
    for language in Language::ALL {
        for &outcome in Outcome::ALL {
            for &direction in Direction::ALL {
                for &reason in Reason::ALL {
                    for &actor in Actor::ALL {
                        let mut view = waiting_mail();
                        view.row.direction = direction;
                        view.row.verdict = Verdict {
                            outcome,
                            reason,
                            actor,
                            is_final: outcome.ends(),
                            confidence: Confidence::Guess,
                        };
                        let story = told(&view, language);
                        for text in [
                            &story.chip.word,
                            &story.headline,
                            &story.lead,
                            &story.actor,
                            &story.advice,
                        ] {
                            assert!(
                                is_sentence(text),
                                "{} {outcome} {reason}: {text:?}",
                                language.id()
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_step_has_words_in_every_language() {
    for language in Language::ALL {
        for &kind in TrailKind::ALL {
            let mut view = waiting_mail();
            view.trail = vec![event(0, "smtpd", kind, "")];
            for step in told(&view, language).steps {
                assert!(
                    is_sentence(&step.text),
                    "{} {kind}: {:?}",
                    language.id(),
                    step.text
                );
            }
        }
    }
}

/// A missing text shows its key, a missing argument its name in braces.
fn is_sentence(text: &str) -> bool {
    let key_like = ["outcome-", "story-", "reason-", "advice-", "actor-", "trail-"];
    !text.is_empty() && !text.contains('{') && !key_like.iter().any(|prefix| text.starts_with(prefix))
}
