//! How fresh and complete the log sources are: it stands on every page, so that an empty result can be believed.
//!
//! Goes in: a scoped transaction. Comes out: a line for each source, what is missing, what nobody understood. What counts as stale is decided
//! where it is shown. Names and words about the provider's machines are for `Permission::ReadSources` only.

use model::row::{SourceFreshness, SourceGap, SourceSample};
use model::time::Micros;
use model::viewer::Permission;

use crate::error::StoreError;
use crate::scope::ScopedTx;
use crate::timestamp::Timestamp;

/// More gaps than this are a provider's trouble, not a reader's: the newest are told.
const MOST_GAPS: i64 = 200;
/// A worker keeps at most 200 shapes of one source.
const MOST_SAMPLES: i64 = 1_000;

/// All sources by name. Without `Permission::ReadSources` the names are `1`, `2`, ...: a customer need not know the provider's machines.
pub async fn sources(tx: &mut ScopedTx) -> Result<Vec<SourceFreshness>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            name,
            newest_line_at as "newest_line_at: Timestamp",
            checked_at as "checked_at: Timestamp",
            lines,
            mail_lines,
            unrecognised,
            spooled_bytes,
            problem
        from source
        order by name
        "#
    )
    .fetch_all(&mut *tx.tx)
    .await?;
    let by_name = tx.scope.may(Permission::ReadSources);
    Ok(rows
        .into_iter()
        .zip(1..)
        .map(|(row, number)| SourceFreshness {
            name: if by_name {
                row.name
            } else {
                i32::to_string(&number)
            },
            newest_line_at: row.newest_line_at.map(|moment| moment.0),
            checked_at: Some(row.checked_at.0),
            lines: row.lines,
            mail_lines: row.mail_lines,
            unrecognised: row.unrecognised,
            spooled_bytes: row.spooled_bytes,
            has_problem: row.problem.is_some(),
            problem: row.problem.filter(|_| by_name),
        })
        .collect())
}

/// The gaps that were noticed at or after `since`, newest first. Sources are named as in [`sources`].
pub async fn gaps(tx: &mut ScopedTx, since: Micros) -> Result<Vec<SourceGap>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            gap.source,
            numbered.number as "number?",
            gap.kind,
            gap.from_at as "from_at: Timestamp",
            gap.noticed_at as "noticed_at: Timestamp",
            gap.lines,
            gap.detail
        from source_gap gap
        left join (select name, row_number() over (order by name) as number from source) numbered
            on numbered.name = gap.source
        where gap.noticed_at >= $1
        order by gap.noticed_at desc, gap.source, gap.kind, gap.detail
        limit $2
        "#,
        Timestamp(since) as _,
        MOST_GAPS,
    )
    .fetch_all(&mut *tx.tx)
    .await?;
    let by_name = tx.scope.may(Permission::ReadSources);
    Ok(rows
        .into_iter()
        .map(|row| SourceGap {
            source: if by_name {
                Some(row.source)
            } else {
                row.number.map(|number| number.to_string())
            },
            kind: Some(row.kind).filter(|_| by_name),
            from_at: row.from_at.map(|moment| moment.0),
            noticed_at: row.noticed_at.0,
            lines: row.lines,
            detail: Some(row.detail).filter(|_| by_name),
        })
        .collect())
}

/// Lines that no dialect understood, one of each shape and source, the most frequent first. Row level security leaves nothing of them to
/// whoever does not see everything.
pub async fn samples(tx: &mut ScopedTx) -> Result<Vec<SourceSample>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            source,
            shape,
            program,
            line,
            seen,
            first_at as "first_at: Timestamp",
            last_at as "last_at: Timestamp"
        from source_sample
        order by seen desc, source, shape
        limit $1
        "#,
        MOST_SAMPLES,
    )
    .fetch_all(&mut *tx.tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SourceSample {
            source: row.source,
            shape: row.shape,
            program: row.program,
            line: row.line,
            seen: row.seen,
            first_at: row.first_at.0,
            last_at: row.last_at.0,
        })
        .collect())
}
