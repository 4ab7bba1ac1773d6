//! Stored records as they were before they became rows: for the operator's commands, which print them as they print those of a log.
//!
//! Goes in: a [`RecordQuery`]. Comes out: records, oldest first, each once, over a bounded channel: a million of them takes no more memory than
//! a thousand. A record that concerns two hosted domains has two rows. The recipient's side lost nothing on its way into the table, the
//! sender's side does not know where an alias led: so the former is taken. There always is one; where the recipient's side is nobody's here, the
//! worker has filed it under [`DomainId::NONE`]. The worker's role reads all domains; nothing here is meant for a page.

use futures_util::TryStreamExt;
use model::ids::{DomainId, RecordId};
use model::query::{AddressPattern, RecordQuery};
use model::record::{Delay, Record};
use model::time::{DAY, Micros};
use model::trail::Trail;
use model::verdict::Verdict;
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::error::StoreError;
use crate::ingest::IngestDb;
use crate::mail::{decode_trail, ip};
use crate::timestamp::Timestamp;

/// Records handed over at once.
const BATCH: usize = 256;

/// The columns of the outer question. What a viewer's side made of the actor is undone; rows from before there was a party have only "you".
const COLUMNS: &str = "select
    m.connected_at, m.finished_at, m.next_attempt_at, m.size, m.delay_total_ms, m.delay_queue_ms, m.delay_connect_ms,
    m.delay_transmit_ms, m.delay_scan_ms, m.greylisted_ms, m.record_id, m.attempts, m.spam_score, m.final, m.incomplete, m.is_copy,
    m.outcome, m.reason, m.confidence, m.server, m.sender, m.recipient, m.original_recipient, m.message_id, m.subject,
    host(m.client_ip) as client_ip, m.client_name, m.helo, m.sasl_user, m.tls, m.queue_ids, m.relay, host(m.relay_ip) as relay_ip,
    m.dsn, m.reply, m.content, m.quarantine_id, m.is_sender_known,
    coalesce(m.party, case when m.actor <> 'you' then m.actor when m.direction = 'inbound' then 'recipient' else 'sender' end) as party";

/// By the primary key, for one row after the other: a join before the sorting would sort the trails too.
const TRAIL: &str = ", (
    select t.trail from mail_trail t
    where t.domain_id = m.domain_id and t.connected_at = m.connected_at and t.record_id = m.record_id";

impl IngestDb {
    /// Sends the records that `query` asks for, and maybe more, in the order of connection; returns early when nobody receives any more.
    ///
    /// # Errors
    /// What the database says, and words in it that this program does not know. What was sent before stays sent.
    pub async fn read_records(
        &self,
        query: &RecordQuery,
        into: mpsc::Sender<Vec<Record>>,
    ) -> Result<(), StoreError> {
        for day in self.days(query).await? {
            if !self.read_day(query, day, &into).await? {
                break;
            }
        }
        Ok(())
    }

    /// The days that have rows and may have answers, oldest first.
    async fn days(&self, query: &RecordQuery) -> Result<Vec<Micros>, StoreError> {
        let days = sqlx::query_scalar!(
            r#"select (day::timestamp at time zone 'UTC') as "day!: Timestamp" from mail_day order by day"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(days
            .into_iter()
            .map(|day| day.0)
            .filter(|day| {
                query
                    .since
                    .is_none_or(|since| since.0 < day.0.saturating_add(DAY))
                    && query.until.is_none_or(|until| day.0 < until.0)
            })
            .collect())
    }

    /// One day; `false` when nobody receives any more.
    async fn read_day(
        &self,
        query: &RecordQuery,
        day: Micros,
        into: &mpsc::Sender<Vec<Record>>,
    ) -> Result<bool, StoreError> {
        let from = query.since.map_or(day, |since| since.max(day));
        let end = Micros(day.0.saturating_add(DAY));
        let until = query.until.map_or(end, |until| until.min(end));
        let mut sql = question(query, from, until);
        // Neither a cursor nor pages: the driver takes rows from the socket as they are asked for, and a full socket stops the server.
        let mut connection = self.pool.acquire().await?;
        let mut rows = sql.build().fetch(&mut *connection);
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(row) = rows.try_next().await? {
            batch.push(record(&row, query.with_trails)?);
            if batch.len() == BATCH
                && into
                    .send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))
                    .await
                    .is_err()
            {
                return Ok(false);
            }
        }
        Ok(batch.is_empty() || into.send(batch).await.is_ok())
    }
}

/// The question about one day: of a record's rows the one that knows most, in the order of connection.
fn question(query: &RecordQuery, from: Micros, until: Micros) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(COLUMNS);
    if query.with_trails {
        sql.push(TRAIL);
        push_moments(&mut sql, "t", from, until);
        sql.push(") as trail");
    }
    // `offset 0`: what stands outside is worked out for rows that are sorted already.
    sql.push(" from (select distinct on (m.connected_at, m.record_id) m.* from mail m where true");
    push_moments(&mut sql, "m", from, until);
    if !query.outcomes.is_empty() {
        let outcomes: Vec<&'static str> = query.outcomes.iter().map(|outcome| outcome.id()).collect();
        sql.push(" and m.outcome = any(").push_bind(outcomes).push(")");
    }
    if [&query.senders, &query.recipients]
        .into_iter()
        .any(|asked| is_by_index(asked))
    {
        // The indexes of addresses begin with the domain: some steps for each domain instead of reading the whole day.
        sql.push(" and m.domain_id = any(array(select d.domain_id from domain d) || ")
            .push_bind(DomainId::NONE.0)
            .push(")");
    }
    push_addresses(&mut sql, &["m.sender"], &query.senders);
    push_addresses(
        &mut sql,
        &["m.recipient", "m.original_recipient"],
        &query.recipients,
    );
    sql.push(
        " order by m.connected_at, m.record_id, m.direction = 'outbound', m.domain_id offset 0) m \
         order by m.connected_at, m.record_id",
    );
    sql
}

/// The bounds that lead to the partition.
fn push_moments(sql: &mut QueryBuilder<Postgres>, table: &'static str, from: Micros, until: Micros) {
    sql.push(" and ")
        .push(table)
        .push(".connected_at >= ")
        .push_bind(Timestamp(from));
    sql.push(" and ")
        .push(table)
        .push(".connected_at < ")
        .push_bind(Timestamp(until));
}

/// Whether whole addresses are all that is asked for.
fn is_by_index(asked: &[AddressPattern]) -> bool {
    !asked.is_empty()
        && asked
            .iter()
            .all(|pattern| matches!(pattern, AddressPattern::Exact(_)))
}

/// Any of `columns` is any of the addresses.
fn push_addresses(sql: &mut QueryBuilder<Postgres>, columns: &[&'static str], asked: &[AddressPattern]) {
    let mut whole = Vec::new();
    let mut domains = Vec::new();
    for pattern in asked {
        match pattern {
            AddressPattern::Exact(address) => whole.push(storable(address)),
            AddressPattern::Domain(domain) => domains.push(storable(domain)),
            // Rare enough to be left to who asks.
            AddressPattern::Contains(_) => return,
        }
    }
    if asked.is_empty() {
        return;
    }
    let mut word = " and (";
    for column in columns {
        if !whole.is_empty() {
            sql.push(word)
                .push(*column)
                .push(" = any(")
                .push_bind(whole.clone())
                .push(")");
            word = " or ";
        }
        if !domains.is_empty() {
            sql.push(word)
                .push("rtrim(split_part(")
                .push(*column)
                .push(", '@', -1), '.') = any(");
            sql.push_bind(domains.clone()).push(")");
            word = " or ";
        }
    }
    sql.push(")");
}

/// PostgreSQL's texts hold no NUL, and the writer has replaced it.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn record(row: &PgRow, with_trail: bool) -> Result<Record, StoreError> {
    let moment = |column: &str| -> Result<Option<Micros>, StoreError> {
        Ok(row
            .try_get::<Option<Timestamp>, _>(column)?
            .map(|moment| moment.0))
    };
    let text = |column: &str| row.try_get::<Option<String>, _>(column);
    let number = |column: &str| row.try_get::<Option<i64>, _>(column);
    let word = |column: &str| row.try_get::<&str, _>(column);
    let trail = match with_trail
        .then(|| row.try_get::<Option<&[u8]>, _>("trail"))
        .transpose()?
        .flatten()
    {
        Some(trail) => Trail::from(decode_trail(trail)?),
        None => Trail::default(),
    };
    Ok(Record {
        record_id: RecordId::from_bytes(row.try_get::<Uuid, _>("record_id")?.into_bytes()),
        connected_at: row.try_get::<Timestamp, _>("connected_at")?.0,
        finished_at: moment("finished_at")?,
        server: row.try_get("server")?,
        client_ip: ip(row.try_get("client_ip")?),
        client_name: text("client_name")?,
        helo: text("helo")?,
        sasl_user: text("sasl_user")?,
        tls: text("tls")?,
        sender: row.try_get("sender")?,
        is_sender_known: row.try_get("is_sender_known")?,
        recipient: row.try_get("recipient")?,
        original_recipient: text("original_recipient")?,
        message_id: text("message_id")?,
        subject: text("subject")?,
        size: number("size")?,
        queue_ids: row.try_get("queue_ids")?,
        relay: text("relay")?,
        relay_ip: ip(row.try_get("relay_ip")?),
        verdict: Verdict {
            outcome: word("outcome")?.parse()?,
            reason: word("reason")?.parse()?,
            actor: word("party")?.parse()?,
            is_final: row.try_get("final")?,
            confidence: word("confidence")?.parse()?,
        },
        dsn: text("dsn")?,
        reply: text("reply")?,
        attempts: u32::try_from(row.try_get::<i32, _>("attempts")?).unwrap_or(0),
        next_attempt_at: moment("next_attempt_at")?,
        delay: Delay {
            total_ms: number("delay_total_ms")?,
            queue_ms: number("delay_queue_ms")?,
            connect_ms: number("delay_connect_ms")?,
            transmit_ms: number("delay_transmit_ms")?,
            scan_ms: number("delay_scan_ms")?,
        },
        content: text("content")?,
        spam_score: row.try_get("spam_score")?,
        quarantine_id: text("quarantine_id")?,
        greylisted_ms: number("greylisted_ms")?,
        incomplete: row.try_get("incomplete")?,
        is_copy: row.try_get("is_copy")?,
        trail,
    })
}
