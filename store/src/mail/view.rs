//! Everything about one mail.
//!
//! Goes in: a record's id and the hosted domain through whose eyes it is seen. Comes out: the view, or `None` for whatever is not in scope:
//! another tenant's id and an invented one are the same.

use model::ids::RecordId;
use model::record::Delay;
use model::row::{MailRow, MailView};
use model::viewer::Permission;
use uuid::Uuid;

use crate::error::StoreError;
use crate::mail::row::{Columns, ip};
use crate::mail::trail;
use crate::scope::ScopedTx;
use crate::timestamp::Timestamp;

/// The mail as the hosted domain of this name sees it; `None` when there is no such mail in scope, whoever else may have one.
pub async fn view(
    tx: &mut ScopedTx,
    record_id: RecordId,
    domain: &str,
) -> Result<Option<MailView>, StoreError> {
    let Some(domain) = tx.scope().domain(domain).cloned() else {
        return Ok(None);
    };
    if !tx.scope().may(Permission::ReadLog) {
        return Ok(None);
    }
    let may_read_subject = tx.scope().may(Permission::ReadSubject);
    let may_read_raw = tx.scope().may(Permission::ReadRaw);
    // The id tells the millisecond, so one partition is asked.
    let (first, last) = record_id.connected_between();
    let first = domain.hosted_since.map_or(first, |since| since.max(first));
    let Some(row) = sqlx::query!(
        r#"
        select
            m.record_id,
            m.domain_id,
            m.direction,
            m.connected_at as "connected_at: Timestamp",
            m.server,
            host(m.client_ip) as client_ip,
            m.client_name,
            m.country,
            m.sender,
            m.recipient,
            m.original_recipient,
            case when $5 then m.subject end as subject,
            m.size,
            m.outcome,
            m.reason,
            m.actor,
            m.final as is_final,
            m.confidence,
            m.spam_score,
            m.attempts,
            m.next_attempt_at as "next_attempt_at: Timestamp",
            m.finished_at as "finished_at: Timestamp",
            m.helo,
            m.sasl_user,
            m.tls,
            m.asn,
            m.network,
            m.message_id,
            m.queue_ids,
            m.relay,
            host(m.relay_ip) as relay_ip,
            m.dsn,
            m.reply,
            m.delay_total_ms,
            m.delay_queue_ms,
            m.delay_connect_ms,
            m.delay_transmit_ms,
            m.delay_scan_ms,
            m.content,
            m.quarantine_id,
            m.greylisted_ms,
            m.incomplete,
            t.trail as "trail?"
        from mail m
        left join mail_trail t
            on t.domain_id = m.domain_id
            and t.connected_at = m.connected_at
            and t.record_id = m.record_id
            and t.connected_at >= $2
            and t.connected_at <= $3
        where m.domain_id = $1
            and m.connected_at >= $2
            and m.connected_at <= $3
            and m.record_id = $4
        "#,
        domain.domain_id.0,
        Timestamp(first) as _,
        Timestamp(last) as _,
        Uuid::from_bytes(record_id.to_bytes()),
        may_read_subject,
    )
    .fetch_optional(&mut *tx.tx)
    .await?
    else {
        return Ok(None);
    };
    let mut events = row
        .trail
        .as_deref()
        .map(trail::decode)
        .transpose()?
        .unwrap_or_default();
    if !may_read_raw {
        for event in &mut events {
            event.text.clear();
        }
    }
    Ok(Some(MailView {
        domain: domain.name,
        finished_at: row.finished_at.map(|moment| moment.0),
        helo: row.helo,
        sasl_user: row.sasl_user,
        tls: row.tls,
        asn: row.asn.and_then(|asn| u32::try_from(asn).ok()),
        network: row.network,
        message_id: row.message_id,
        queue_ids: row.queue_ids,
        relay: row.relay,
        relay_ip: ip(row.relay_ip.as_deref()),
        dsn: row.dsn,
        reply: row.reply,
        delay: Delay {
            total_ms: row.delay_total_ms,
            queue_ms: row.delay_queue_ms,
            connect_ms: row.delay_connect_ms,
            transmit_ms: row.delay_transmit_ms,
            scan_ms: row.delay_scan_ms,
        },
        content: row.content,
        quarantine_id: row.quarantine_id,
        greylisted_ms: row.greylisted_ms,
        incomplete: row.incomplete,
        trail: events,
        row: MailRow::try_from(Columns {
            record_id: row.record_id,
            domain_id: row.domain_id,
            direction: row.direction,
            connected_at: row.connected_at,
            server: row.server,
            client_ip: row.client_ip,
            client_name: row.client_name,
            country: row.country,
            sender: row.sender,
            recipient: row.recipient,
            original_recipient: row.original_recipient,
            subject: row.subject,
            size: row.size,
            outcome: row.outcome,
            reason: row.reason,
            actor: row.actor,
            is_final: row.is_final,
            confidence: row.confidence,
            spam_score: row.spam_score,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
        })?,
    }))
}
