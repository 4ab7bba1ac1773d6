//! Whose mail it is: one record becomes one row for every hosted domain that it concerns.
//!
//! Goes in: a record and the domains we host. Comes out: the record as each of those domains sees it, with direction, location and a verdict in
//! which the viewer's own side is "you". Pure: who may see which domain is decided by the store.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use model::address::domain_of;
use model::ids::DomainId;
use model::record::{Direction, OwnedRecord, Record};

use crate::enrich::Geo;

/// The rows of a record: inbound for the domains of the recipient and of the address that was written to, outbound for the sender's.
///
/// A hosted domain is listed by its own name: `mail.kundi.test` is not `kundi.test`. A signed-in user with a foreign sender address belongs to
/// the domain of his sign-in name, the only identity that is proven.
///
/// The table's key is (domain, moment, record), so a domain has one row of a mail. A mail inside one domain is filed as inbound there: the
/// recipient's side is where the mail's fate is decided and where a release happens, and both people find it by their addresses anyway.
///
/// When an alias of a domain that nobody has here changed the recipient, the sender's row alone would not tell where the mail went. The record is
/// then filed once more, whole, under [`DomainId::NONE`]: for the operator's commands, out of every tenant's sight.
pub fn own<S: BuildHasher>(
    record: Arc<Record>,
    hosted: &HashMap<String, DomainId, S>,
    geo: &Geo,
) -> Vec<OwnedRecord> {
    let owners = owners(&record, hosted);
    if owners.is_empty() {
        return Vec::new();
    }
    let place = record.client_ip.map(|ip| geo.lookup(ip)).unwrap_or_default();
    let party = record.verdict.actor;
    let last = owners.len() - 1;
    let mut record = Some(record);
    owners
        .iter()
        .enumerate()
        .filter_map(|(number, &(domain_id, direction))| {
            // The last owner takes the record itself, so that the usual case of one owner copies nothing.
            let shared = if number == last {
                record.take()
            } else {
                record.clone()
            };
            Some(OwnedRecord {
                domain_id,
                direction,
                country: place.country.clone(),
                asn: place.asn,
                network: place.network.clone(),
                party,
                record: seen_from(shared?, direction),
            })
        })
        .collect()
}

/// The hosted domains that a record concerns, each once.
fn owners<S: BuildHasher>(
    record: &Record,
    hosted: &HashMap<String, DomainId, S>,
) -> Vec<(DomainId, Direction)> {
    let domain_id = |address: &str| domain_of(address).and_then(|domain| hosted.get(domain).copied());
    let written_to = record.original_recipient.as_deref();
    let sent_by = domain_id(&record.sender).or_else(|| record.sasl_user.as_deref().and_then(domain_id));
    let found = [
        (domain_id(&record.recipient), Direction::Inbound),
        (written_to.and_then(domain_id), Direction::Inbound),
        (sent_by, Direction::Outbound),
    ];
    let mut owners: Vec<(DomainId, Direction)> = Vec::new();
    for (domain_id, direction) in found {
        if let Some(domain_id) = domain_id
            && owners.iter().all(|&(known, _)| known != domain_id)
        {
            owners.push((domain_id, direction));
        }
    }
    let is_hidden_from_all = written_to.is_some()
        && owners
            .iter()
            .all(|&(_, direction)| direction == Direction::Outbound);
    if is_hidden_from_all && !owners.is_empty() {
        owners.push((DomainId::NONE, Direction::Inbound));
    }
    owners
}

fn seen_from(mut record: Arc<Record>, direction: Direction) -> Arc<Record> {
    let verdict = record.verdict.seen_from(direction);
    if verdict != record.verdict {
        Arc::make_mut(&mut record).verdict = verdict;
    }
    if direction == Direction::Outbound && record.original_recipient.is_some() {
        hide_expansion(Arc::make_mut(&mut record));
    }
    record
}

/// Where a recipient's alias leads is the recipient's secret: the sender's side sees the address that was written to, and nothing of the final
/// one, in the raw lines neither. (The domains of both addresses see the record as inbound and never come here.)
fn hide_expansion(record: &mut Record) {
    let Some(written_to) = record.original_recipient.take() else {
        return;
    };
    let hidden = std::mem::replace(&mut record.recipient, written_to);
    if hidden.is_empty() {
        return;
    }
    let local_part = hidden
        .rsplit_once('@')
        .map_or(hidden.as_str(), |(local, _)| local);
    record.reply = record.reply.as_deref().map(|reply| without(reply, &hidden));
    for event in record.trail.events_mut() {
        event.text = without(&event.text, &hidden);
        if event.program == "dovecot" {
            // Dovecot names its user, which may be the local part alone.
            event.text = event.text.replace(&["(", local_part, ")"].concat(), "(…)");
        }
    }
}

/// The text with every occurrence of an address, in any spelling of its letters, replaced.
fn without(text: &str, address: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(address) {
        shown.push_str(&text[from..at]);
        shown.push('…');
        from = at + found.len();
    }
    shown.push_str(&text[from..]);
    shown
}

#[cfg(test)]
mod tests {
    use model::ids::RecordId;
    use model::record::Delay;
    use model::time::Micros;
    use model::trail::Trail;
    use model::verdict::{Actor, Confidence, Outcome, Reason, Verdict};

    use super::*;

    fn record(sender: &str, recipient: &str) -> Record {
        Record {
            record_id: RecordId::new(Micros(0), 1),
            connected_at: Micros(0),
            finished_at: None,
            server: "mx1".to_owned(),
            client_ip: None,
            client_name: None,
            helo: None,
            sasl_user: None,
            tls: None,
            sender: sender.to_owned(),
            is_sender_known: true,
            recipient: recipient.to_owned(),
            original_recipient: None,
            message_id: None,
            subject: None,
            size: None,
            queue_ids: Vec::new(),
            relay: None,
            relay_ip: None,
            verdict: Verdict {
                outcome: Outcome::Bounced,
                reason: Reason::MailboxFull,
                actor: Actor::Recipient,
                is_final: true,
                confidence: Confidence::Exact,
            },
            dsn: None,
            reply: None,
            attempts: 0,
            next_attempt_at: None,
            delay: Delay::default(),
            content: None,
            spam_score: None,
            quarantine_id: None,
            greylisted_ms: None,
            incomplete: false,
            is_copy: false,
            trail: Trail::default(),
        }
    }

    fn rows(record: Record) -> Vec<(i32, Direction, Actor)> {
        let hosted = HashMap::from([
            ("kundi.test".to_owned(), DomainId(1)),
            ("isp.test".to_owned(), DomainId(2)),
        ]);
        own(Arc::new(record), &hosted, &Geo::default())
            .iter()
            .map(|row| (row.domain_id.0, row.direction, row.record.verdict.actor))
            .collect()
    }

    #[test]
    fn the_direction_is_seen_from_the_hosted_domain() {
        use Direction::{Inbound, Outbound};
        for (sender, recipient, expected) in [
            ("a@far.test", "b@kundi.test", vec![(1, Inbound, Actor::You)]),
            (
                "a@kundi.test",
                "b@far.test",
                vec![(1, Outbound, Actor::Recipient)],
            ),
            (
                "a@kundi.test",
                "b@isp.test",
                vec![(2, Inbound, Actor::You), (1, Outbound, Actor::Recipient)],
            ),
            ("a@kundi.test", "b@kundi.test", vec![(1, Inbound, Actor::You)]),
            ("a@far.test", "b@mail.kundi.test", vec![]),
            ("", "b@far.test", vec![]),
            ("a@far.test", "", vec![]),
        ] {
            assert_eq!(
                rows(record(sender, recipient)),
                expected,
                "{sender} -> {recipient}"
            );
        }
    }

    #[test]
    fn the_address_that_was_written_to_counts_too() {
        let mut forwarded = record("a@far.test", "b@elsewhere.test");
        forwarded.original_recipient = Some("info@kundi.test".to_owned());
        assert_eq!(rows(forwarded), [(1, Direction::Inbound, Actor::You)]);
    }

    #[test]
    fn a_signed_in_user_owns_what_he_sends_under_a_foreign_name() {
        let mut odd = record("shop@elsewhere.test", "b@far.test");
        odd.sasl_user = Some("anna@kundi.test".to_owned());
        assert_eq!(rows(odd), [(1, Direction::Outbound, Actor::Recipient)]);
    }

    #[test]
    fn copies_are_filed_like_any_record() {
        let mut copy = record("a@far.test", "archive@isp.test");
        copy.is_copy = true;
        assert_eq!(rows(copy).len(), 1);
    }

    #[test]
    fn a_senders_domain_does_not_see_where_an_alias_leads() {
        let hosted = HashMap::from([
            ("kundi.test".to_owned(), DomainId(1)),
            ("alias.test".to_owned(), DomainId(2)),
        ]);
        let mut sent = record("a@kundi.test", "secret@far.test");
        sent.original_recipient = Some("office@alias.test".to_owned());
        sent.reply = Some("host mx.far.test said: 552 <Secret@far.test> is full".to_owned());
        let rows = own(Arc::new(sent), &hosted, &Geo::default());
        let seen = |domain: i32| {
            rows.iter()
                .find(|row| row.domain_id.0 == domain)
                .map(|row| &row.record)
                .expect("a row")
        };
        assert_eq!(seen(1).recipient, "office@alias.test");
        assert_eq!(
            seen(1).reply.as_deref(),
            Some("host mx.far.test said: 552 <…> is full")
        );
        assert!(
            !format!("{:?}", seen(1))
                .to_lowercase()
                .contains("secret@far.test")
        );
        assert_eq!(
            seen(2).recipient,
            "secret@far.test",
            "the alias's own domain sees it"
        );
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn what_no_domain_may_see_is_kept_for_the_operator() {
        let mut sent = record("a@kundi.test", "secret@far.test");
        sent.original_recipient = Some("office@elsewhere.test".to_owned());
        let hosted = HashMap::from([("kundi.test".to_owned(), DomainId(1))]);
        let rows = own(Arc::new(sent), &hosted, &Geo::default());
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.domain_id, row.record.recipient.as_str(), row.party))
            .collect();
        assert_eq!(
            seen,
            [
                (DomainId(1), "office@elsewhere.test", Actor::Recipient),
                (DomainId::NONE, "secret@far.test", Actor::Recipient),
            ]
        );
        let mut foreign = record("a@far.test", "b@far.test");
        foreign.original_recipient = Some("office@elsewhere.test".to_owned());
        assert!(own(Arc::new(foreign), &hosted, &Geo::default()).is_empty());
    }
}
