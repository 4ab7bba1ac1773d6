//! What a search and a view of one mail answer: rows of the `mail` table as types.
//!
//! Goes in: rows, from `store`. Comes out: what `app` turns into sentences, formatted for the viewer's language and zone.

use std::net::IpAddr;

use crate::ids::{DomainId, RecordId};
use crate::query::Cursor;
use crate::record::{Delay, Direction, TrailEvent};
use crate::time::Micros;
use crate::verdict::Verdict;

/// One page of an ordered result.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// Newest first.
    pub rows: Vec<T>,
    /// Where newer rows start; `None` on the first page.
    pub newer: Option<Cursor>,
    /// Where older rows start; `None` on the last page.
    pub older: Option<Cursor>,
}

/// A mail in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct MailRow {
    /// The record.
    pub record_id: RecordId,
    /// The hosted domain whose row this is.
    pub domain_id: DomainId,
    /// From that domain's point of view.
    pub direction: Direction,
    /// When the client connected.
    pub connected_at: Micros,
    /// The server that took it.
    pub server: String,
    /// The client.
    pub client_ip: Option<IpAddr>,
    /// The client's reverse name.
    pub client_name: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Envelope sender; empty is the null sender.
    pub sender: String,
    /// Envelope recipient; empty when none was named.
    pub recipient: String,
    /// What the sender had written.
    pub original_recipient: Option<String>,
    /// Decoded subject; `None` also when the viewer may not see it.
    pub subject: Option<String>,
    /// Octets.
    pub size: Option<i64>,
    /// What became of it.
    pub verdict: Verdict,
    /// Score of the content filter.
    pub spam_score: Option<f32>,
    /// Delivery tries.
    pub attempts: u32,
    /// Next try.
    pub next_attempt_at: Option<Micros>,
}

/// Everything about one mail.
#[derive(Clone, Debug, PartialEq)]
pub struct MailView {
    /// What the list shows.
    pub row: MailRow,
    /// The hosted domain's name.
    pub domain: String,
    /// When the verdict became final.
    pub finished_at: Option<Micros>,
    /// What the client called itself.
    pub helo: Option<String>,
    /// The signed-in user.
    pub sasl_user: Option<String>,
    /// Protocol and cipher of the client's connection.
    pub tls: Option<String>,
    /// Autonomous system number.
    pub asn: Option<u32>,
    /// Name of the network's operator.
    pub network: Option<String>,
    /// The Message-ID header without angle brackets.
    pub message_id: Option<String>,
    /// All queue ids in order.
    pub queue_ids: Vec<String>,
    /// Last relay.
    pub relay: Option<String>,
    /// Its address.
    pub relay_ip: Option<IpAddr>,
    /// Enhanced status code.
    pub dsn: Option<String>,
    /// The last reply, unaltered.
    pub reply: Option<String>,
    /// Where the time went.
    pub delay: Delay,
    /// The content filter's category.
    pub content: Option<String>,
    /// Where the quarantine keeps it.
    pub quarantine_id: Option<String>,
    /// How long greylisting held it up.
    pub greylisted_ms: Option<i64>,
    /// Part of its life is missing.
    pub incomplete: bool,
    /// The ordered events.
    pub trail: Vec<TrailEvent>,
}

/// How fresh and complete one log source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFreshness {
    /// The source's name.
    pub name: String,
    /// The newest line's own time; `None` before the first line.
    pub newest_line_at: Option<Micros>,
    /// When the worker last looked, with or without new lines.
    pub checked_at: Option<Micros>,
    /// Lines read so far.
    pub lines: i64,
    /// Lines of mail programs among them: what `unrecognised` is a share of.
    pub mail_lines: i64,
    /// Mail lines that no dialect understood.
    pub unrecognised: i64,
    /// Bytes that were received and are not yet in the tables.
    pub spooled_bytes: i64,
    /// It cannot be read just now.
    pub has_problem: bool,
    /// Why not, in words; `None` also when the viewer may not know.
    pub problem: Option<String>,
}

/// Lines of a source that are missing for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceGap {
    /// The source, named as in [`SourceFreshness`]; `None` when it is followed no more and the viewer may not know its name.
    pub source: Option<String>,
    /// One word (`file_lost`, `spool_full`); `None` when the viewer may not know.
    pub kind: Option<String>,
    /// The newest line before it; `None`: none was read before.
    pub from_at: Option<Micros>,
    /// When it was noticed: what is missing is older.
    pub noticed_at: Micros,
    /// How many are missing, where that is known.
    pub lines: Option<i64>,
    /// In words, with file names; `None` when the viewer may not know.
    pub detail: Option<String>,
}

/// What is known about all sources at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogState {
    /// Every source.
    pub sources: Vec<SourceFreshness>,
    /// What is missing of them, newest first.
    pub gaps: Vec<SourceGap>,
}

/// A line that no dialect understood, for all of its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSample {
    /// The source's name.
    pub source: String,
    /// Hash of what its kind have in common.
    pub shape: i64,
    /// Who wrote it.
    pub program: String,
    /// The raw line: anybody may have written it.
    pub line: String,
    /// Roughly how many of its shape were seen.
    pub seen: i64,
    /// When the first was written.
    pub first_at: Micros,
    /// When the newest was written.
    pub last_at: Micros,
}
