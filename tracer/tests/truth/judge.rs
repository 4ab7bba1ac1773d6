//! Compares records with the truth: which recipients are told rightly.

use std::collections::HashMap;

use model::record::Record;
use model::verdict::Outcome;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    id: String,
    client_ip: Option<String>,
    mail_from: Option<String>,
    message_id: Option<String>,
    /// RFC 3339.
    t_first: String,
    rcpts: Vec<Recipient>,
}

#[derive(Deserialize)]
struct Recipient {
    addr: String,
    fate: Option<String>,
    queue_id: Option<String>,
    check: Option<bool>,
}

/// How many recipients could be judged, how many were told rightly, and which were not.
pub(crate) struct Judged {
    pub(crate) total: usize,
    pub(crate) right: usize,
    pub(crate) wrong: Vec<String>,
}

/// A record belongs to a recipient when it has its queue id or Message-ID, else its client and sender; a server that logs neither is known by sender
/// and time.
pub(crate) fn judge(records: &[Record], truth: &str) -> Judged {
    let mut by_key: HashMap<(String, String), Vec<&Record>> = HashMap::new();
    for record in records {
        let mut recipients = vec![record.recipient.clone()];
        recipients.extend(record.original_recipient.clone());
        let mut keys: Vec<String> = record.queue_ids.clone();
        keys.extend(record.message_id.as_deref().map(bare));
        keys.push(format!(
            "{} {}",
            record.client_ip.map(|ip| ip.to_string()).unwrap_or_default(),
            record.sender
        ));
        for recipient in recipients {
            for key in &keys {
                by_key
                    .entry((key.clone(), recipient.clone()))
                    .or_default()
                    .push(record);
            }
        }
    }
    let (mut total, mut right, mut wrong) = (0, 0, Vec::new());
    for line in truth.lines() {
        let case: Case = serde_json::from_str(line).expect("a case a line");
        for recipient in &case.rcpts {
            let Some(fates) = recipient
                .fate
                .as_deref()
                .and_then(allowed)
                .filter(|_| recipient.check == Some(true))
            else {
                continue;
            };
            total += 1;
            let address = bare(&recipient.addr);
            let sender = case.mail_from.as_deref().map(bare).unwrap_or_default();
            let keys = [
                recipient.queue_id.clone(),
                case.message_id.as_deref().map(bare),
                // What was handed to sendmail(1) has no client.
                Some(format!(
                    "{} {sender}",
                    case.client_ip
                        .as_deref()
                        .filter(|ip| *ip != "local")
                        .unwrap_or_default()
                )),
            ];
            let hits = keys
                .into_iter()
                .flatten()
                .find_map(|key| by_key.get(&(key, address.clone())));
            let sent = case
                .t_first
                .parse::<jiff::Timestamp>()
                .expect("a moment")
                .as_microsecond();
            let near =
                |record: &&&Record| (-5_000_000..=120_000_000).contains(&(record.connected_at.0 - sent));
            let by_time = by_key
                .get(&([" ", &sender].concat(), address.clone()))
                .and_then(|hits| {
                    hits.iter()
                        .filter(near)
                        .min_by_key(|record| (record.connected_at.0 - sent).abs())
                });
            let last = hits
                .and_then(|hits| hits.iter().max_by_key(|record| record.connected_at))
                .or(by_time);
            if last.is_some_and(|record| fates.contains(&record.verdict.outcome)) {
                right += 1;
            } else {
                wrong.push(format!(
                    "{} {address}: {:?}, got {:?}",
                    case.id,
                    recipient.fate,
                    last.map(|record| record.verdict.outcome)
                ));
            }
        }
    }
    Judged { total, right, wrong }
}

/// What a record may say of a mail with this fate.
fn allowed(fate: &str) -> Option<&'static [Outcome]> {
    const ARRIVED: &[Outcome] = &[
        Outcome::Delivered,
        Outcome::Junked,
        Outcome::HandedOver,
        Outcome::Forwarded,
        Outcome::Released,
    ];
    Some(match fate {
        "delivered"
        | "deferred-then-delivered"
        | "delivered-twice"
        | "held-then-delivered"
        | "redirected"
        | "expanded"
        | "list-expanded" => ARRIVED,
        "quarantined-then-released" => &[Outcome::Released, Outcome::Delivered, Outcome::HandedOver],
        "rejected" => &[Outcome::Rejected],
        "deferred-by-us" => &[Outcome::Deferred, Outcome::Greylisted, Outcome::Rejected],
        "greylisted-only" => &[Outcome::Greylisted],
        "bounced" => &[Outcome::Bounced],
        "bounced-banned" | "rejected-by-sieve" => &[Outcome::Bounced, Outcome::Rejected],
        "expired-bounced" => &[Outcome::Expired, Outcome::Bounced],
        "quarantined-spam" | "quarantined-virus" => &[Outcome::Quarantined],
        "discarded" | "deferred-then-deleted" | "held-then-deleted" => &[Outcome::Discarded],
        _ => return None,
    })
}

fn bare(address: &str) -> String {
    address
        .trim()
        .trim_start_matches('<')
        .trim_end_matches('>')
        .to_lowercase()
}
