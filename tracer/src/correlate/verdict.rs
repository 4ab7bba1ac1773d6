//! The verdict on one recipient: what the last line of the last message means, in the words of a verdict.

use model::time::DAY;
use model::verdict::knowledge::Evidence;
use model::verdict::{Actor, Confidence, Outcome, Reason, Verdict};

use super::explained::Explained;
use super::message::{Delivery, Judged, Mailbox, Message, Refusal};
use crate::event::{DeliveryStatus, FilterAction, MailboxAction, Transport};

/// After this a greylisted mail is said to have never come back.
const GREYLIST_RETURN_WITHIN: i64 = DAY;

/// Mailbox folders that mean "marked as unwanted", in the languages that mail programs create them in.
const JUNK_FOLDERS: [&str; 12] = [
    "junk",
    "spam",
    "junk e-mail",
    "junk email",
    "bulk mail",
    "spamverdacht",
    "unerwünscht",
    "posta indesiderata",
    "indesiderata",
    "roskat",
    "roskaposti",
    "skräppost",
];

impl Judged {
    /// As shown: `SPAM`, `INFECTED (Eicar-Signature)`.
    pub(super) fn content(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.category),
            None => self.category.to_string(),
        }
    }

    /// The reason that the category stands for.
    pub(super) fn reason(&self) -> Option<Reason> {
        match self.category.as_str() {
            "SPAM" | "SPAMMY" | "UBE" => Some(Reason::Spam),
            "INFECTED" => Some(Reason::Virus),
            "BANNED" => Some(Reason::AttachmentBanned),
            category if category.starts_with("BAD-HEADER") => Some(Reason::BadFormat),
            "OVERSIZED" => Some(Reason::TooLarge),
            "DMARC" => Some(Reason::DmarcFail),
            "RATELIMIT" => Some(Reason::RateSender),
            _ => None,
        }
    }
}

/// What the last words about a recipient are.
pub(super) struct Found<'a> {
    outcome: Outcome,
    reason: Option<(Reason, Actor)>,
    /// The reply or the check's answer, clean.
    reply: &'a str,
    dsn: Option<&'a str>,
    /// Something that must have happened is not in the log.
    pub(super) is_incomplete: bool,
}

impl<'a> Found<'a> {
    /// Judges the last delivery of a recipient, or the queue file's own state when nobody tried to deliver it.
    pub(super) fn of(
        delivery: Option<&Delivery>,
        last: &Message,
        judged: Option<&Judged>,
        reply: &'a str,
        dsn: Option<&'a str>,
    ) -> Self {
        let mut found = Found {
            outcome: Outcome::InProgress,
            reason: None,
            reply,
            dsn,
            is_incomplete: false,
        };
        match delivery {
            Some(delivery) => found.delivery(delivery, last, judged),
            None => found.queue(last, judged),
        }
        found
    }

    /// It was taken out of the quarantine.
    pub(super) const fn release(&mut self) {
        self.outcome = Outcome::Released;
        self.reason = Some((Reason::Ok, Actor::Nobody));
    }

    /// Another server of ours went on with it under another address.
    pub(super) const fn go_on(&mut self) {
        if matches!(self.outcome, Outcome::HandedOver | Outcome::InProgress) {
            self.outcome = Outcome::Forwarded;
            self.reason = Some((Reason::Ok, Actor::Nobody));
            self.is_incomplete = false;
        }
    }

    fn delivery(&mut self, delivery: &Delivery, last: &Message, judged: Option<&Judged>) {
        match delivery.status {
            DeliveryStatus::Sent => self.sent(delivery, judged),
            DeliveryStatus::Bounced => {
                self.outcome = Outcome::Bounced;
                if delivery.relay_ip.is_some_and(|ip| ip.is_loopback()) {
                    self.reason = judged
                        .and_then(Judged::reason)
                        .map(|reason| (reason, Actor::Sender));
                }
            }
            DeliveryStatus::Expired => self.expired(),
            DeliveryStatus::Deferred | DeliveryStatus::Probe => {
                if last.state.expired {
                    self.expired();
                } else if last.state.deleted {
                    self.outcome = Outcome::Discarded;
                    self.reason = Some((Reason::PolicyLocal, Actor::Provider));
                } else if last.state.held {
                    self.outcome = Outcome::Held;
                } else {
                    self.outcome = Outcome::Deferred;
                    self.is_incomplete = last.state.removed;
                }
            }
        }
    }

    fn expired(&mut self) {
        self.outcome = Outcome::Expired;
        self.reason = Some((Reason::TimeoutExpired, Actor::Sender));
    }

    fn sent(&mut self, delivery: &Delivery, judged: Option<&Judged>) {
        let text = self.reply;
        let by_filter = judged.and_then(Judged::reason).unwrap_or(Reason::Spam);
        let is_loopback = delivery.relay_ip.is_some_and(|ip| ip.is_loopback());
        self.reason = Some((Reason::Ok, Actor::Nobody));
        if text.contains("BOUNCE") && text.contains("id=") {
            self.outcome = Outcome::Bounced;
            self.reason = Some((by_filter, Actor::Sender));
        } else if text.contains("discarded, id=")
            || text.contains("DISCARD") && is_loopback
            || text.contains(" BLOCKED")
        {
            let kept = judged.is_some_and(|judged| judged.quarantine.is_some());
            self.outcome = if kept {
                Outcome::Quarantined
            } else {
                Outcome::Discarded
            };
            let actor = if kept && by_filter != Reason::Virus {
                Actor::Recipient
            } else {
                Actor::Sender
            };
            self.reason = Some((by_filter, actor));
        } else if delivery.transport == Transport::Discard {
            self.outcome = Outcome::Discarded;
            self.reason = Some((Reason::PolicyLocal, Actor::Provider));
        } else if delivery.transport == Transport::Forward {
            self.outcome = Outcome::Forwarded;
        } else if let Some(mailbox) = &delivery.mailbox {
            self.mailbox(mailbox);
        } else if delivery.transport == Transport::Smtp {
            if is_loopback {
                // Given to our own filter; what came back was not seen (yet).
                self.outcome = Outcome::InProgress;
                self.reason = None;
                self.is_incomplete = true;
            } else {
                self.outcome = Outcome::HandedOver;
            }
        } else {
            self.outcome = Outcome::Delivered;
        }
    }

    fn mailbox(&mut self, mailbox: &Mailbox) {
        match mailbox.action {
            MailboxAction::Stored => {
                let folder = mailbox
                    .detail
                    .rsplit(['/', '.'])
                    .next()
                    .unwrap_or_default()
                    .to_lowercase();
                if JUNK_FOLDERS.contains(&folder.as_str()) {
                    self.outcome = Outcome::Junked;
                    self.reason = Some((Reason::Spam, Actor::Recipient));
                } else {
                    self.outcome = Outcome::Delivered;
                }
            }
            MailboxAction::Redirected => self.outcome = Outcome::Forwarded,
            MailboxAction::Discarded => {
                self.outcome = Outcome::Discarded;
                self.reason = Some((Reason::PolicyLocal, Actor::Recipient));
            }
            MailboxAction::Rejected => {
                self.outcome = Outcome::Bounced;
                self.reason = Some((Reason::RecipientBlock, Actor::Recipient));
            }
            MailboxAction::Failed => self.outcome = Outcome::Deferred,
        }
    }

    /// No delivery was seen: the queue file's own state tells.
    fn queue(&mut self, last: &Message, judged: Option<&Judged>) {
        if last.state.put_off && last.state.data_refused {
            self.outcome = Outcome::Deferred;
        } else if last.state.expired {
            self.expired();
        } else if last.state.data_refused {
            self.outcome = Outcome::Rejected;
            self.reason = last.state.too_large.then_some((Reason::TooLarge, Actor::Sender));
        } else if last.state.deleted || last.state.discarded {
            self.outcome = Outcome::Discarded;
            self.reason = Some((Reason::PolicyLocal, Actor::Provider));
        } else if last.state.held {
            self.outcome = Outcome::Held;
            self.reason = Some((Reason::PolicyLocal, Actor::Provider));
        } else if last.state.lost {
            // The client broke off before we took the mail: it still has it.
            self.outcome = Outcome::Deferred;
            self.reason = Some((Reason::Unreachable, Actor::Sender));
        } else if judged.is_some_and(|judged| judged.quarantine.is_some()) {
            self.outcome = Outcome::Quarantined;
            self.reason = judged
                .and_then(Judged::reason)
                .map(|reason| (reason, Actor::Recipient));
        }
    }

    pub(super) fn verdict(&self, explained: &Explained) -> Verdict {
        let is_final = self.outcome.ends();
        match self.reason {
            Some((reason, actor)) => Verdict {
                outcome: self.outcome,
                reason,
                actor,
                is_final,
                confidence: Confidence::Exact,
            },
            None if self.outcome == Outcome::InProgress => Verdict {
                outcome: self.outcome,
                reason: Reason::Ok,
                actor: Actor::Nobody,
                is_final,
                confidence: Confidence::Exact,
            },
            None => {
                let evidence = Evidence {
                    outcome: self.outcome,
                    reply_code: reply_code(self.reply),
                    dsn: self.dsn,
                    text: self.reply,
                };
                let explanation = explained.explain(&evidence);
                Verdict {
                    outcome: self.outcome,
                    reason: explanation.reason,
                    actor: explanation.actor,
                    is_final,
                    confidence: explanation.confidence,
                }
            }
        }
    }
}

/// The verdict on a refusal at the door; `age` is how long ago the last try was, in microseconds.
pub(super) fn of_refusal(
    explained: &Explained,
    refusal: &Refusal,
    reply: &str,
    dsn: Option<&str>,
    age: i64,
) -> Verdict {
    let judged = refusal.judgement.as_deref();
    let content = judged.filter(|_| reply.is_empty()).map(Judged::content);
    let mut outcome = if refusal.is_temporary {
        Outcome::Deferred
    } else {
        Outcome::Rejected
    };
    let explanation = explained.explain(&Evidence {
        outcome,
        reply_code: Some(refusal.code).filter(|code| *code > 0),
        dsn,
        text: content.as_deref().unwrap_or(reply),
    });
    let (mut reason, mut actor, mut confidence) =
        (explanation.reason, explanation.actor, explanation.confidence);
    if refusal.is_temporary && (refusal.is_greylisted || reason == Reason::GreylistNew) {
        outcome = Outcome::Greylisted;
        (reason, actor, confidence) = (Reason::GreylistNew, Actor::Nobody, Confidence::Exact);
    }
    if outcome == Outcome::Deferred && refusal.is_submission {
        // Nobody tries again: a person's program shows the answer and stops.
        outcome = Outcome::Rejected;
    }
    if let Some(judged) = judged {
        if let Some(by_filter) = judged.reason() {
            (reason, confidence) = (by_filter, Confidence::Exact);
        }
        if judged.action == FilterAction::Discard {
            outcome = Outcome::Discarded;
            reason = judged.reason().unwrap_or(Reason::PolicyLocal);
            (actor, confidence) = (Actor::Provider, Confidence::Exact);
        }
    }
    let never_came_back = outcome == Outcome::Greylisted && age > GREYLIST_RETURN_WITHIN;
    Verdict {
        outcome,
        reason,
        actor: if never_came_back { Actor::Sender } else { actor },
        is_final: outcome.ends() || never_came_back,
        confidence,
    }
}

/// Put off by greylisting, or by a rule that works like it although no greylisting program logged it.
pub(super) fn is_greylisting(
    explained: &Explained,
    refusal: &Refusal,
    reply: &str,
    dsn: Option<&str>,
) -> bool {
    refusal.is_greylisted
        || explained
            .explain(&Evidence {
                outcome: Outcome::Deferred,
                reply_code: Some(refusal.code).filter(|code| *code > 0),
                dsn,
                text: reply,
            })
            .reason
            == Reason::GreylistNew
}

/// The basic code of the remote answer inside `host mx[1.2.3.4] said: 550 5.1.1 ...`, or at the beginning of a bare answer.
fn reply_code(text: &str) -> Option<u16> {
    let answer = text.find(" said: ").map_or(text, |at| &text[at + 7..]);
    let code_of = |answer: &str| -> Option<u16> {
        let code = answer.get(..3)?.parse().ok()?;
        (200..600).contains(&code).then_some(code)
    };
    if answer.starts_with("SMTP error from remote") {
        // Exim: `SMTP error from remote mail server after RCPT TO:<a@b>: 550 no`, in older releases `...: host mx [ip]: 550 no`.
        return answer
            .match_indices(": ")
            .find_map(|(at, _)| code_of(&answer[at + 2..]));
    }
    code_of(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remote_code_is_found_inside_postfixs_words() {
        assert_eq!(
            reply_code("host mx.test[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)"),
            Some(550)
        );
        assert_eq!(reply_code("250 2.0.0 Ok"), Some(250));
        assert_eq!(
            reply_code("SMTP error from remote mail server after RCPT TO:<a@b.test>: 550 5.1.1 no"),
            Some(550)
        );
        assert_eq!(
            reply_code("connect to mx.test[192.0.2.1]:25: Connection timed out"),
            None
        );
    }
}
