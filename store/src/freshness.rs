//! How fresh and complete the log sources are: stands on every page.
use model::row::SourceFreshness;

use crate::error::StoreError;
use crate::scope::ScopedTx;

/// All sources. Without `Permission::ReadSources` their names are numbers: a customer need not know the provider's machines.
pub async fn sources(tx: &mut ScopedTx) -> Result<Vec<SourceFreshness>, StoreError> {
    let _ = tx;
    todo!()
}
