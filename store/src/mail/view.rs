//! Everything about one mail.
use model::ids::RecordId;
use model::row::MailView;

use crate::error::StoreError;
use crate::scope::ScopedTx;

/// The mail as the hosted domain of this name sees it; `None` when there is no such mail in scope, whoever else may have one.
pub async fn view(tx: &mut ScopedTx, record_id: RecordId, domain: &str) -> Result<Option<MailView>, StoreError> {
    let _ = (tx, record_id, domain);
    todo!()
}
