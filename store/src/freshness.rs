//! How fresh and complete the log sources are: it stands on every page, so that an empty result can be believed.
//!
//! Goes in: a scoped transaction. Comes out: a line for each source. What counts as stale is decided where it is shown.

use model::row::SourceFreshness;
use model::viewer::Permission;

use crate::error::StoreError;
use crate::scope::ScopedTx;
use crate::timestamp::Timestamp;

/// All sources by name. Without `Permission::ReadSources` the names are `1`, `2`, ...: a customer need not know the provider's machines.
pub async fn sources(tx: &mut ScopedTx) -> Result<Vec<SourceFreshness>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            name,
            newest_line_at as "newest_line_at: Timestamp",
            checked_at as "checked_at: Timestamp",
            lines,
            unrecognised
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
            unrecognised: row.unrecognised,
        })
        .collect())
}
