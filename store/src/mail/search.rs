//! The mail log: one page of the newest mails that match.
use model::ids::DomainId;
use model::query::MailQuery;
use model::row::{MailRow, Page};

use crate::error::StoreError;
use crate::scope::ScopedTx;

/// One page, newest first. `domains` narrows to some of the scope's domains; ids outside of the scope are ignored.
pub async fn search(
    tx: &mut ScopedTx,
    query: &MailQuery,
    domains: Option<&[DomainId]>,
) -> Result<Page<MailRow>, StoreError> {
    let _ = (tx, query, domains);
    todo!()
}
