//! The columns of the list, and how they become a [`MailRow`].
//!
//! Goes in: database rows. Comes out: `model` types, or an error that names the word that nobody knows.

use std::net::IpAddr;

use model::ids::{DomainId, RecordId};
use model::row::MailRow;
use model::verdict::Verdict;
use uuid::Uuid;

use crate::error::StoreError;
use crate::timestamp::Timestamp;

/// The columns of [`Columns`], but the subject: `null` or the column, as the viewer's rights are.
pub(super) const COLUMNS: &str = "
    m.record_id,
    m.domain_id,
    m.direction,
    m.connected_at,
    m.server,
    host(m.client_ip) as client_ip,
    m.client_name,
    m.country,
    m.sender,
    m.recipient,
    m.original_recipient,
    m.size,
    m.outcome,
    m.reason,
    m.actor,
    m.final as is_final,
    m.confidence,
    m.spam_score,
    m.attempts,
    m.next_attempt_at";

/// One row of the list as it comes from the database.
#[derive(sqlx::FromRow)]
pub(super) struct Columns {
    pub(super) record_id: Uuid,
    pub(super) domain_id: i32,
    pub(super) direction: String,
    pub(super) connected_at: Timestamp,
    pub(super) server: String,
    pub(super) client_ip: Option<String>,
    pub(super) client_name: Option<String>,
    pub(super) country: Option<String>,
    pub(super) sender: String,
    pub(super) recipient: String,
    pub(super) original_recipient: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) size: Option<i64>,
    pub(super) outcome: String,
    pub(super) reason: String,
    pub(super) actor: String,
    pub(super) is_final: bool,
    pub(super) confidence: String,
    pub(super) spam_score: Option<f32>,
    pub(super) attempts: i32,
    pub(super) next_attempt_at: Option<Timestamp>,
}

impl TryFrom<Columns> for MailRow {
    type Error = StoreError;

    fn try_from(row: Columns) -> Result<Self, StoreError> {
        Ok(Self {
            record_id: RecordId::from_bytes(row.record_id.into_bytes()),
            domain_id: DomainId(row.domain_id),
            direction: row.direction.parse()?,
            connected_at: row.connected_at.0,
            server: row.server,
            client_ip: ip(row.client_ip.as_deref()),
            client_name: row.client_name,
            country: row.country,
            sender: row.sender,
            recipient: row.recipient,
            original_recipient: row.original_recipient,
            subject: row.subject,
            size: row.size,
            verdict: Verdict {
                outcome: row.outcome.parse()?,
                reason: row.reason.parse()?,
                actor: row.actor.parse()?,
                is_final: row.is_final,
                confidence: row.confidence.parse()?,
            },
            spam_score: row.spam_score,
            attempts: u32::try_from(row.attempts).unwrap_or(0),
            next_attempt_at: row.next_attempt_at.map(|moment| moment.0),
        })
    }
}

/// An address as PostgreSQL's `host()` writes it.
pub(crate) fn ip(text: Option<&str>) -> Option<IpAddr> {
    text.and_then(|text| text.parse().ok())
}
