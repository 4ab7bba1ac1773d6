//! A record as one JSON object: the keys are the field names of the `mail` table, times are RFC 3339 in UTC.
//!
//! Goes in: a [`Record`]. Comes out: a value for `serde_json`. It carries no direction and no country: those belong to a hosted domain's view.

use std::borrow::Cow;

use jiff::Timestamp;
use model::record::Record;
use model::time::Micros;
use model::trail::TrailView;
use serde::Serialize;

/// The JSON form of a record.
#[derive(Serialize)]
pub struct JsonRecord<'a> {
    record_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    connected_at: String,
    finished_at: Option<String>,
    server: &'a str,
    client_ip: Option<String>,
    client_name: Option<&'a str>,
    helo: Option<&'a str>,
    sasl_user: Option<&'a str>,
    tls: Option<&'a str>,
    /// `null` when no line told it; empty for the null sender.
    sender: Option<&'a str>,
    recipient: &'a str,
    original_recipient: Option<&'a str>,
    message_id: Option<&'a str>,
    subject: Option<&'a str>,
    size: Option<i64>,
    queue_ids: &'a [String],
    relay: Option<&'a str>,
    relay_ip: Option<String>,
    outcome: &'static str,
    reason: &'static str,
    actor: &'static str,
    #[serde(rename = "final")]
    is_final: bool,
    confidence: &'static str,
    dsn: Option<&'a str>,
    reply: Option<&'a str>,
    attempts: u32,
    next_attempt_at: Option<String>,
    delay_ms: JsonDelay,
    content: Option<&'a str>,
    spam_score: Option<f32>,
    quarantine_id: Option<&'a str>,
    greylisted_ms: Option<i64>,
    incomplete: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_copy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    trail: Option<Vec<JsonEvent<'a>>>,
}

#[derive(Serialize)]
struct JsonDelay {
    total: Option<i64>,
    queue: Option<i64>,
    connect: Option<i64>,
    transmit: Option<i64>,
    scan: Option<i64>,
}

#[derive(Serialize)]
struct JsonEvent<'a> {
    at: String,
    server: &'a str,
    program: &'a str,
    kind: &'static str,
    queue_id: Option<Cow<'a, str>>,
    text: Cow<'a, str>,
}

impl<'a> JsonRecord<'a> {
    /// The JSON form; `direction` is `inbound`, `outbound` or `both` when hosted domains are known.
    pub fn new(record: &'a Record, direction: Option<&'static str>, with_trail: bool) -> Self {
        let verdict = record.verdict;
        Self {
            record_id: record.record_id.to_string(),
            direction,
            connected_at: rfc3339(record.connected_at),
            finished_at: record.finished_at.map(rfc3339),
            server: &record.server,
            client_ip: record.client_ip.map(|ip| ip.to_string()),
            client_name: record.client_name.as_deref(),
            helo: record.helo.as_deref(),
            sasl_user: record.sasl_user.as_deref(),
            tls: record.tls.as_deref(),
            sender: record.is_sender_known.then_some(record.sender.as_str()),
            recipient: &record.recipient,
            original_recipient: record.original_recipient.as_deref(),
            message_id: record.message_id.as_deref(),
            subject: record.subject.as_deref(),
            size: record.size,
            queue_ids: &record.queue_ids,
            relay: record.relay.as_deref(),
            relay_ip: record.relay_ip.map(|ip| ip.to_string()),
            outcome: verdict.outcome.id(),
            reason: verdict.reason.id(),
            actor: verdict.actor.id(),
            is_final: verdict.is_final,
            confidence: verdict.confidence.id(),
            dsn: record.dsn.as_deref(),
            reply: record.reply.as_deref(),
            attempts: record.attempts,
            next_attempt_at: record.next_attempt_at.map(rfc3339),
            delay_ms: JsonDelay {
                total: record.delay.total_ms,
                queue: record.delay.queue_ms,
                connect: record.delay.connect_ms,
                transmit: record.delay.transmit_ms,
                scan: record.delay.scan_ms,
            },
            content: record.content.as_deref(),
            spam_score: record.spam_score,
            quarantine_id: record.quarantine_id.as_deref(),
            greylisted_ms: record.greylisted_ms,
            incomplete: record.incomplete,
            is_copy: record.is_copy,
            trail: with_trail.then(|| record.trail.iter().map(JsonEvent::new).collect()),
        }
    }
}

impl<'a> JsonEvent<'a> {
    fn new(event: TrailView<'a>) -> Self {
        Self {
            at: rfc3339(event.at),
            server: event.server,
            program: event.program,
            kind: event.kind.id(),
            queue_id: event.queue_id,
            text: event.text,
        }
    }
}

/// RFC 3339 in UTC; a moment that no calendar has (a forged header) becomes the calendar's edge.
pub fn rfc3339(at: Micros) -> String {
    let edge = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(at.0).unwrap_or(edge).to_string()
}
