//! The technical facts of a mail, in groups; what is not known is left out.
//!
//! Goes in: a [`MailView`]. Comes out: labelled, formatted values.

use model::row::MailView;

use crate::format::Format;
use crate::present::hostile::visible;
use crate::present::log::{country, party};
use crate::present::timeline::is_foreign;
use crate::wire::{Fact, FactGroup};

/// All groups that have facts.
pub fn fact_groups(view: &MailView, format: &Format) -> Vec<FactGroup> {
    [
        ("facts-mail", mail(view, format)),
        ("facts-origin", origin(view, format)),
        ("facts-target", target(view, format)),
        ("facts-checks", checks(view, format)),
        ("facts-times", times(view, format)),
    ]
    .into_iter()
    .filter(|(_, facts)| !facts.is_empty())
    .map(|(title, facts)| FactGroup {
        title: format.texts().say(title),
        facts,
    })
    .collect()
}

fn mail(view: &MailView, format: &Format) -> Vec<Fact> {
    let row = &view.row;
    let mut facts = List::new(format);
    facts.words(
        "fact-sender",
        Some(party(&row.sender, "party-no-sender", format).0),
    );
    facts.words(
        "fact-recipient",
        Some(party(&row.recipient, "party-no-recipient", format).0),
    );
    let original = row.original_recipient.as_deref();
    facts.words(
        "fact-original-recipient",
        original
            .filter(|original| *original != row.recipient)
            .map(visible),
    );
    facts.words("fact-size", row.size.map(|size| format.size(size)));
    facts.code("fact-message-id", view.message_id.as_deref());
    facts.code("fact-queue-ids", Some(view.queue_ids.join(" → ")).as_deref());
    facts.words("fact-domain", Some(view.domain.clone()));
    facts.list
}

fn origin(view: &MailView, format: &Format) -> Vec<Fact> {
    let mut facts = List::new(format);
    facts.code("fact-client-name", view.row.client_name.as_deref());
    facts.code(
        "fact-client-ip",
        view.row.client_ip.map(|ip| ip.to_string()).as_deref(),
    );
    let country = view.row.country.as_deref().map(|code| country(code, format));
    facts.words(
        "fact-country",
        country.map(|(flag, name)| format!("{flag} {name}").trim().to_owned()),
    );
    let network = match (view.network.as_deref(), view.asn) {
        (Some(name), Some(asn)) => Some(format!("{} (AS{asn})", visible(name))),
        (Some(name), None) => Some(visible(name)),
        (None, Some(asn)) => Some(format!("AS{asn}")),
        (None, None) => None,
    };
    facts.words("fact-network", network);
    facts.code("fact-helo", view.helo.as_deref());
    facts.words("fact-sasl-user", view.sasl_user.as_deref().map(visible));
    facts.code("fact-tls", view.tls.as_deref());
    facts.words("fact-server", Some(visible(&view.row.server)));
    facts.list
}

fn target(view: &MailView, format: &Format) -> Vec<Fact> {
    let mut facts = List::new(format);
    // Our own filter on the same machine is no place that a mail went to.
    facts.code(
        "fact-relay",
        view.relay.as_deref().filter(|relay| is_foreign(relay)),
    );
    let relay_ip = view.relay_ip.filter(|ip| !ip.is_loopback());
    facts.code("fact-relay-ip", relay_ip.map(|ip| ip.to_string()).as_deref());
    facts.code("fact-dsn", view.dsn.as_deref());
    let attempts = view.row.attempts;
    facts.words("fact-attempts", (attempts > 0).then(|| attempts.to_string()));
    facts.list
}

fn checks(view: &MailView, format: &Format) -> Vec<Fact> {
    let mut facts = List::new(format);
    facts.code("fact-content", view.content.as_deref());
    facts.words(
        "fact-spam-score",
        view.row.spam_score.map(|score| format.score(score)),
    );
    facts.code("fact-quarantine-id", view.quarantine_id.as_deref());
    facts.words(
        "fact-greylisted",
        view.greylisted_ms.map(|millis| format.duration(millis)),
    );
    facts.list
}

fn times(view: &MailView, format: &Format) -> Vec<Fact> {
    let mut facts = List::new(format);
    facts.words("fact-connected-at", Some(format.moment(view.row.connected_at)));
    facts.words("fact-finished-at", view.finished_at.map(|at| format.moment(at)));
    let next = view.row.next_attempt_at.filter(|_| !view.row.verdict.is_final);
    facts.words("fact-next-attempt", next.map(|at| format.moment(at)));
    let duration = |millis: Option<i64>| millis.map(|millis| format.duration(millis));
    facts.words("fact-delay-total", duration(view.delay.total_ms));
    facts.words("fact-delay-queue", duration(view.delay.queue_ms));
    facts.words("fact-delay-connect", duration(view.delay.connect_ms));
    facts.words("fact-delay-transmit", duration(view.delay.transmit_ms));
    facts.words("fact-delay-scan", duration(view.delay.scan_ms));
    facts.words("fact-zone", Some(format.zone_name(view.row.connected_at)));
    facts.list
}

struct List<'a> {
    format: &'a Format,
    list: Vec<Fact>,
}

impl<'a> List<'a> {
    const fn new(format: &'a Format) -> Self {
        Self {
            format,
            list: Vec::new(),
        }
    }

    fn words(&mut self, label: &str, value: Option<String>) {
        self.push(label, value, false);
    }

    fn code(&mut self, label: &str, value: Option<&str>) {
        self.push(label, value.map(visible), true);
    }

    fn push(&mut self, label: &str, value: Option<String>, is_code: bool) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let label = self.format.texts().say(label);
            self.list.push(Fact {
                label,
                value,
                is_code,
            });
        }
    }
}
