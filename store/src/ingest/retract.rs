//! Takes back records whose mail turned out to be part of another one: a filter's second hop seen before its first, an alias before its target.
//!
//! Goes in: a record's id and the domains that can have it. Comes out: nothing. It happens in the transaction of the rows that replace them.

use model::ids::DomainId;
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::ingest::Retraction;
use crate::timestamp::Timestamp;

pub(super) async fn retract(
    connection: &mut PgConnection,
    retraction: &Retraction,
) -> Result<(), StoreError> {
    let mut domains: Vec<i32> = retraction.domains.iter().map(|domain| domain.0).collect();
    domains.push(DomainId::NONE.0);
    let (from, to) = retraction.record.connected_between();
    let id = uuid::Uuid::from_bytes(retraction.record.to_bytes());
    sqlx::query!(
        "delete from mail where domain_id = any($1) and connected_at between $2 and $3 and record_id = $4",
        &domains,
        Timestamp(from) as _,
        Timestamp(to) as _,
        id,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from mail_trail where domain_id = any($1) and connected_at between $2 and $3 and record_id = $4",
        &domains,
        Timestamp(from) as _,
        Timestamp(to) as _,
        id,
    )
    .execute(connection)
    .await?;
    Ok(())
}
