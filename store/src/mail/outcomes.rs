//! How many mails had which outcome in a stretch of time: the numbers on the filter chips.
//!
//! Goes in: a stretch of time. Comes out: counts. It reads the rows themselves, so keep the stretch to a few days: a month of a big domain
//! takes half a second.

use std::ops::Range;

use model::ids::DomainId;
use model::time::Micros;
use model::verdict::Outcome;
use model::viewer::Permission;

use crate::error::StoreError;
use crate::mail::AskedDomains;
use crate::scope::ScopedTx;
use crate::timestamp::Timestamp;

/// Counts by outcome, the most frequent first; outcomes without mail are left out.
pub async fn counts_by_outcome(
    tx: &mut ScopedTx,
    between: Range<Micros>,
    domains: Option<&[DomainId]>,
) -> Result<Vec<(Outcome, i64)>, StoreError> {
    let asked = AskedDomains::new(tx.scope(), domains);
    if asked.ids.is_empty() || !tx.scope().may(Permission::ReadLog) {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"
        select
            m.outcome as "outcome!",
            count(*) as "count!"
        from unnest($1::int[], $2::timestamptz[]) as d (domain_id, hosted_since)
        join mail m on m.domain_id = d.domain_id
        where m.connected_at >= $3
            and m.connected_at < $4
            and (d.hosted_since is null or m.connected_at >= d.hosted_since)
        group by m.outcome
        order by count(*) desc, m.outcome
        "#,
        &asked.ids,
        &asked.hosted_since as _,
        Timestamp(between.start) as _,
        Timestamp(between.end) as _,
    )
    .fetch_all(&mut *tx.tx)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.outcome.parse()?, row.count)))
        .collect()
}
