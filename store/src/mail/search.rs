//! The mail log: one page of the newest mails that match.
//!
//! Goes in: a [`MailQuery`]. Comes out: a page in the total order (connected_at, record_id, domain_id), newest first, with the places where
//! it goes on both ways. It walks through windows of time, because a page is usually full after the newest of them.

use std::ops::Range;
use std::time::Duration;

use model::ids::{DomainId, RecordId};
use model::query::{Cursor, MailQuery, Towards};
use model::row::{MailRow, Page};
use model::time::{DAY, Micros};
use model::viewer::Permission;
use sqlx::QueryBuilder;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::StoreError;
use crate::mail::AskedDomains;
use crate::mail::filter::{Filter, search_word};
use crate::mail::row::{COLUMNS, Columns};
use crate::mail::windows::{Widths, Windows};
use crate::scope::ScopedTx;
use crate::timestamp::Timestamp;

/// A search that has found something and looks for more no longer than this; the page then ends early and says where to go on.
const PATIENCE: Duration = Duration::from_millis(1500);

/// One page, newest first. `domains` narrows to some of the scope's domains; ids outside of the scope are ignored.
///
/// A page can have fewer rows than asked for and still an `older` place: when rows are rare and the rest would take long.
pub async fn search(
    tx: &mut ScopedTx,
    query: &MailQuery,
    domains: Option<&[DomainId]>,
) -> Result<Page<MailRow>, StoreError> {
    let asked = AskedDomains::new(tx.scope(), domains);
    if asked.ids.is_empty() || !tx.scope().may(Permission::ReadLog) {
        return Ok(page(query, Vec::new(), None));
    }
    let bounds = bounds(query);
    let days = days(tx, &bounds).await?;
    let is_message_id = is_message_id(tx, query, &bounds).await?;
    let filter = Filter::new(query, is_message_id, tx.scope().may(Permission::ReadSubject));
    let widths = if filter.is_by_message_id() {
        Widths::ALL
    } else {
        Widths::new(asked.ids.len(), filter.reads_texts())
    };

    if filter.is_by_address() {
        set_plan_cache_mode(tx, "force_custom_plan").await?;
    }
    // One row more than the page has tells whether there is another page.
    let wanted = query.page_size.rows() + 1;
    let started = Instant::now();
    let mut rows = Vec::with_capacity(wanted);
    let mut cut = None;
    for window in Windows::new(&days, bounds, towards(query), widths) {
        let missing = wanted - rows.len();
        rows.extend(rows_in(tx, &asked, &filter, query.cursor, &window, missing).await?);
        if rows.len() == wanted {
            break;
        }
        if !rows.is_empty() && started.elapsed() > PATIENCE {
            cut = Some(window);
            break;
        }
    }
    if filter.is_by_address() {
        set_plan_cache_mode(tx, "force_generic_plan").await?;
    }
    Ok(page(query, rows, cut))
}

/// Without values a plan takes a stretch of time for two hundredths of a partition and reads it by the primary key, where the index of the
/// address would do: 250 ms instead of 15 for a big domain and 30 days. Planning with values costs less than that.
async fn set_plan_cache_mode(tx: &mut ScopedTx, mode: &str) -> Result<(), StoreError> {
    sqlx::query!("select set_config('plan_cache_mode', $1, true) as a", mode)
        .fetch_one(&mut *tx.tx)
        .await?;
    Ok(())
}

fn towards(query: &MailQuery) -> Towards {
    query.cursor.map_or(Towards::Older, |cursor| cursor.towards)
}

/// From the oldest moment that can match to the first that no longer can.
fn bounds(query: &MailQuery) -> Range<Micros> {
    let mut bounds = query.since.unwrap_or(Micros(i64::MIN))..query.until.unwrap_or(Micros(i64::MAX));
    if let Some(cursor) = query.cursor {
        // The row of the cursor itself is left out by comparing whole keys; others may have the same microsecond.
        match cursor.towards {
            Towards::Older => bounds.end = bounds.end.min(Micros(cursor.connected_at.0.saturating_add(1))),
            Towards::Newer => bounds.start = bounds.start.max(cursor.connected_at),
        }
    }
    bounds
}

/// The starts of the days that have partitions, ascending.
async fn days(tx: &mut ScopedTx, bounds: &Range<Micros>) -> Result<Vec<Micros>, StoreError> {
    let starts = sqlx::query_scalar!(
        r#"select (day::timestamp at time zone 'UTC') as "start!: Timestamp" from mail_day order by day"#
    )
    .fetch_all(&mut *tx.tx)
    .await?;
    Ok(starts
        .into_iter()
        .map(|start| start.0)
        .filter(|start| start.0.saturating_add(DAY) > bounds.start.0 && *start < bounds.end)
        .collect())
}

/// Whether the query's text is the Message-ID of some mail in scope: a hash probe for each day instead of reading all texts.
async fn is_message_id(
    tx: &mut ScopedTx,
    query: &MailQuery,
    bounds: &Range<Micros>,
) -> Result<bool, StoreError> {
    let Some(word) = search_word(query).filter(|word| word.contains('@')) else {
        return Ok(false);
    };
    let (start, end) = in_postgres_range(bounds);
    Ok(sqlx::query_scalar!(
        r#"
        select exists (
            select
            from mail
            where message_id = $1 and connected_at >= $2 and connected_at < $3
        ) as "exists!"
        "#,
        word,
        start as _,
        end as _,
    )
    .fetch_one(&mut *tx.tx)
    .await?)
}

/// At most `limit` rows of one window, in the order of the walk.
async fn rows_in(
    tx: &mut ScopedTx,
    asked: &AskedDomains,
    filter: &Filter,
    cursor: Option<Cursor>,
    window: &Range<Micros>,
    limit: usize,
) -> Result<Vec<MailRow>, StoreError> {
    let limit = i64::try_from(limit).expect("invariant: pages are small");
    let (start, end) = in_postgres_range(window);
    let subject = if tx.scope().may(Permission::ReadSubject) {
        ", m.subject"
    } else {
        ", null::text as subject"
    };
    let (after, order, outer_order) = match cursor.map(|cursor| cursor.towards) {
        None | Some(Towards::Older) => (
            " < ",
            " order by m.connected_at desc, m.record_id desc limit ",
            " order by m.connected_at desc, m.record_id desc, m.domain_id desc limit ",
        ),
        Some(Towards::Newer) => (
            " > ",
            " order by m.connected_at, m.record_id limit ",
            " order by m.connected_at, m.record_id, m.domain_id limit ",
        ),
    };

    // Each domain gives its own newest rows by its part of the primary key, and these few are merged. `domain_id = any(..)` over the whole
    // table would read and sort everything instead. Only a Message-ID is rarer than that.
    let mut sql = QueryBuilder::new("select m.* from unnest(");
    sql.push_bind(&asked.ids[..])
        .push("::int[], ")
        .push_bind(&asked.hosted_since[..])
        .push("::timestamptz[]) as d (domain_id, hosted_since) cross join lateral (");
    for (part, column) in filter.recipient_columns().iter().enumerate() {
        if part > 0 {
            sql.push(" union all ");
        }
        sql.push("(select ")
            .push(COLUMNS)
            .push(subject)
            .push(" from mail m where m.domain_id = d.domain_id and m.connected_at >= ")
            .push_bind(start)
            .push(" and m.connected_at < ")
            .push_bind(end)
            .push(" and (d.hosted_since is null or m.connected_at >= d.hosted_since)");
        if let Some(cursor) = cursor {
            sql.push(" and (m.connected_at, m.record_id, m.domain_id)")
                .push(after)
                .push("(")
                .push_bind(Timestamp(cursor.connected_at))
                .push(", ")
                .push_bind(Uuid::from_bytes(cursor.record_id.to_bytes()))
                .push(", ")
                .push_bind(cursor.domain_id.0)
                .push(")");
        }
        filter.push(&mut sql, *column);
        // With a limit here, the planner would read the window backwards by the primary key, in the hope that the address comes soon. The
        // window bounds what is sorted.
        if !filter.is_by_message_id() && !filter.is_by_address() {
            sql.push(order).push_bind(limit);
        }
        sql.push(")");
    }
    sql.push(") m").push(outer_order).push_bind(limit);

    let rows: Vec<Columns> = sql.build_query_as().fetch_all(&mut *tx.tx).await?;
    rows.into_iter().map(MailRow::try_from).collect()
}

/// Puts the rows of a walk into a page. `cut`: the window after which the walk was given up.
fn page(query: &MailQuery, mut rows: Vec<MailRow>, cut: Option<Range<Micros>>) -> Page<MailRow> {
    let has_more = rows.len() > query.page_size.rows();
    rows.truncate(query.page_size.rows());
    let towards = towards(query);
    if towards == Towards::Newer {
        rows.reverse();
    }
    let place = |row: &MailRow, towards| Cursor {
        towards,
        connected_at: row.connected_at,
        record_id: row.record_id,
        domain_id: row.domain_id,
    };
    // Every row of the window was seen, so the place lies before (or after) all keys at its edge.
    let edge = cut.map(|window| match towards {
        Towards::Older => Cursor {
            towards,
            connected_at: window.start,
            record_id: RecordId::from_bytes([0; 16]),
            domain_id: DomainId(i32::MIN),
        },
        Towards::Newer => Cursor {
            towards,
            connected_at: Micros(window.end.0 - 1),
            record_id: RecordId::from_bytes([0xff; 16]),
            domain_id: DomainId(i32::MAX),
        },
    });
    let newest = rows.first().map(|row| place(row, Towards::Newer));
    let oldest = rows.last().map(|row| place(row, Towards::Older));
    let (newer, older) = match towards {
        Towards::Older => (
            newest.filter(|_| query.cursor.is_some()),
            if has_more { oldest } else { edge },
        ),
        Towards::Newer => (if has_more { newest } else { edge }, oldest),
    };
    Page { rows, newer, older }
}

/// Bounds that PostgreSQL can compare: its own timestamps end in the year 294276.
fn in_postgres_range(range: &Range<Micros>) -> (Timestamp, Timestamp) {
    const YEAR_1: Micros = Micros(-62_135_596_800_000_000);
    const YEAR_9999: Micros = Micros(253_402_300_799_000_000);
    (
        Timestamp(range.start.clamp(YEAR_1, YEAR_9999)),
        Timestamp(range.end.clamp(YEAR_1, YEAR_9999)),
    )
}
