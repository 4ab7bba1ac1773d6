//! One worker at a time follows a source.
//!
//! Goes in: names of sources, on the writer's own connection. Comes out: the right to write, or who has it. The lock is PostgreSQL's advisory
//! lock of the session that writes, so it ends with the connection, whatever becomes of the program; a worker whose connection broke can write
//! nothing before it has the lock again. The table `source_lease` then tells it whether another one was here meanwhile: in that case its
//! memory is old, and it has to begin again from the saved state.

use sqlx::PgConnection;

use crate::error::StoreError;

/// The number of one run of one worker.
pub(super) type Holder = i64;

/// A number that no other run has.
pub(super) async fn new_holder(connection: &mut PgConnection) -> Result<Holder, StoreError> {
    Ok(
        sqlx::query_scalar!(r#"select hashtextextended(gen_random_uuid()::text, 0) as "holder!""#)
            .fetch_one(connection)
            .await?,
    )
}

/// What was found when the lock was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nobody wrote since we did.
    Ours,
    /// Another run was the last one.
    Others,
}

/// Takes the locks of all sources, or none and says who has one.
pub(super) async fn take(
    connection: &mut PgConnection,
    sources: &[String],
    holder: Holder,
) -> Result<Found, StoreError> {
    let mut names = sources.to_vec();
    names.sort_unstable();
    for name in &names {
        let is_taken = sqlx::query_scalar!(
            r#"select pg_try_advisory_lock(hashtextextended('mailfate source ' || $1, 0)) as "taken!""#,
            name
        )
        .fetch_one(&mut *connection)
        .await?;
        if !is_taken {
            let by = follower(connection, name).await?;
            sqlx::query!("select pg_advisory_unlock_all() as done")
                .fetch_one(&mut *connection)
                .await?;
            return Err(StoreError::SourceIsFollowed {
                source_name: name.clone(),
                by,
            });
        }
    }
    let before = sqlx::query_scalar!("select holder from source_lease where source = any($1)", &names)
        .fetch_all(&mut *connection)
        .await?;
    sqlx::query!(
        r#"
        insert into source_lease (source, holder, since)
        select name, $2, now() from unnest($1::text[]) as n (name)
        on conflict (source) do update
        set holder = excluded.holder, since = excluded.since
        where source_lease.holder <> excluded.holder
        "#,
        &names,
        holder,
    )
    .execute(connection)
    .await?;
    let is_ours = before.len() == names.len() && before.iter().all(|other| *other == holder);
    Ok(if is_ours { Found::Ours } else { Found::Others })
}

/// Who holds the lock, as far as PostgreSQL tells: "mailfate ingest on mx1, process 4711".
async fn follower(connection: &mut PgConnection, source: &str) -> Result<String, StoreError> {
    let found = sqlx::query_scalar!(
        r#"
        select activity.application_name as "name!"
        from pg_locks held
        join pg_stat_activity activity on activity.pid = held.pid
        where held.locktype = 'advisory'
            and held.granted
            and held.objsubid = 1
            and (held.classid::bigint << 32 | held.objid::bigint) = hashtextextended('mailfate source ' || $1, 0)
        limit 1
        "#,
        source
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.unwrap_or_else(|| "another worker".to_owned()))
}
