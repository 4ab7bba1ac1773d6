//! What PostgreSQL's catalogue says about rights: no table, view or function can be added that goes around row level security.

use pretty_assertions::assert_eq;
use sqlx::postgres::PgPoolOptions;
use store::testing::TestDatabase;

/// Functions that run with their owner's rights. A new one is reviewed here: what it takes, who may call it, its search path.
const SECURITY_DEFINERS: &[&str] = &["drop_mail_day", "ensure_mail_days"];

/// All that the worker may do, as `table: rights`.
const INGEST_RIGHTS: &[&str] = &[
    "_sqlx_migrations: SELECT",
    "domain.domain_id: SELECT",
    "domain.name: SELECT",
    "mail: DELETE, INSERT, SELECT, UPDATE",
    "mail_day: SELECT",
    "mail_trail: DELETE, INSERT, SELECT, UPDATE",
    "parked_mail: DELETE, INSERT, SELECT, UPDATE",
    "refusal: INSERT, SELECT, UPDATE",
    "source: INSERT, SELECT, UPDATE",
    "source_gap: INSERT, SELECT",
    "source_lease: INSERT, SELECT, UPDATE",
    "source_sample: INSERT, SELECT, UPDATE",
    "worker_journal: DELETE, INSERT, SELECT",
    "worker_state: INSERT, SELECT, UPDATE",
];

/// All that the portal may do.
const PORTAL_RIGHTS: &[&str] = &[
    "_sqlx_migrations: SELECT",
    "app_user: SELECT",
    "domain: SELECT",
    "mail: SELECT",
    "mail_day: SELECT",
    "mail_trail: SELECT",
    "membership: SELECT",
    "session: DELETE, INSERT, SELECT, UPDATE",
    "source.checked_at: SELECT",
    "source.lines: SELECT",
    "source.mail_lines: SELECT",
    "source.name: SELECT",
    "source.newest_line_at: SELECT",
    "source.problem: SELECT",
    "source.spooled_bytes: SELECT",
    "source.unrecognised: SELECT",
    "source_gap: SELECT",
    "source_sample: SELECT",
    "tenant: SELECT",
];

/// A database with partitions, looked at by the superuser.
async fn catalogue() -> (TestDatabase, sqlx::PgPool) {
    let database = TestDatabase::new().await;
    store::testing::try_sql(
        &database.ingest(),
        "select ensure_mail_days('{2026-01-01,2026-01-02}')",
    )
    .await
    .expect("the worker may make days");
    let options = database.superuser().connect_options();
    let pool = PgPoolOptions::new()
        .connect_with(options)
        .await
        .expect("a superuser");
    (database, pool)
}

async fn names(pool: &sqlx::PgPool, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql)
        .fetch_all(pool)
        .await
        .expect("the catalogue answers")
}

#[tokio::test]
async fn every_table_of_a_tenant_forces_row_level_security() {
    let (_database, pool) = catalogue().await;
    let open = names(
        &pool,
        "select distinct c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
             and a.attname in ('domain_id', 'tenant_id', 'user_id')
             and not (c.relrowsecurity and c.relforcerowsecurity
                 -- A partition has no policy at all, so that nobody sees anything who asks it directly.
                 and exists (select from pg_policy p where p.polrelid = c.oid) = not c.relispartition)",
    )
    .await;
    assert_eq!(open, Vec::<String>::new());
}

#[tokio::test]
async fn each_policy_is_for_reading_as_the_portal() {
    let (_database, pool) = catalogue().await;
    let others = names(
        &pool,
        "select polname::text from pg_policy
         where polcmd <> 'r' or not polpermissive or polroles <> array['mailfate_portal'::regrole::oid]",
    )
    .await;
    assert_eq!(others, Vec::<String>::new());
}

#[tokio::test]
async fn no_view_or_materialised_view_goes_around_policies() {
    let (_database, pool) = catalogue().await;
    let around = names(
        &pool,
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace
             and (relkind = 'm'
                 or relkind = 'v' and not coalesce(reloptions @> '{security_invoker=true}', false))",
    )
    .await;
    assert_eq!(around, Vec::<String>::new());
}

#[tokio::test]
async fn functions_with_their_owners_rights_are_on_the_list_and_fixed() {
    let (_database, pool) = catalogue().await;
    let definers = names(
        &pool,
        "select proname::text from pg_proc
         where prosecdef and pronamespace = 'public'::regnamespace order by 1",
    )
    .await;
    assert_eq!(definers, SECURITY_DEFINERS);
    let loose = names(
        &pool,
        "select proname::text from pg_proc
         where prosecdef and pronamespace = 'public'::regnamespace
             and (not coalesce(proconfig @> '{\"search_path=pg_catalog, pg_temp\"}', false)
                 or has_function_privilege('mailfate_portal', oid, 'execute'))",
    )
    .await;
    assert_eq!(loose, Vec::<String>::new());
}

#[tokio::test]
async fn the_roles_have_no_dangerous_attribute() {
    let (_database, pool) = catalogue().await;
    let dangerous = names(
        &pool,
        "select rolname::text from pg_roles
         where rolname like 'mailfate\\_%' and rolname <> 'mailfate_admin'
             and (rolsuper or rolcreaterole or rolcreatedb or rolreplication)
         union
         select rolname::text from pg_roles
         where rolname = 'mailfate_portal'
             and (rolbypassrls
                 or exists (select from pg_class where relowner = pg_roles.oid)
                 or exists (select from pg_auth_members where member = pg_roles.oid))",
    )
    .await;
    assert_eq!(dangerous, Vec::<String>::new());
}

#[tokio::test]
async fn the_roles_have_the_listed_rights_and_no_others() {
    let (_database, pool) = catalogue().await;
    let rights = async |role: &'static str| -> Vec<String> {
        sqlx::query_scalar(
            "select relname || ': ' || string_agg(privilege_type, ', ' order by privilege_type)
             from (
                 select c.relname::text, a.privilege_type
                 from pg_class c, aclexplode(c.relacl) a
                 where c.relnamespace = 'public'::regnamespace and c.relkind <> 'S'
                     and a.grantee in (0, $1::regrole::oid)
                 union all
                 select c.relname || '.' || t.attname, a.privilege_type
                 from pg_class c
                 join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
                 where c.relnamespace = 'public'::regnamespace
                     and a.grantee in (0, $1::regrole::oid)
             ) rights
             group by relname
             order by relname collate \"C\"",
        )
        .bind(role)
        .fetch_all(&pool)
        .await
        .expect("the catalogue answers")
    };
    // Partitions are in neither list: reading one directly would skip the parent's policy.
    assert_eq!(rights("mailfate_portal").await, PORTAL_RIGHTS);
    assert_eq!(rights("mailfate_ingest").await, INGEST_RIGHTS);
}

#[tokio::test]
async fn only_the_worker_makes_days_and_no_impossible_ones() {
    let (database, pool) = catalogue().await;
    let refused: Vec<String> = names(
        &pool,
        "select unnest(ensure_mail_days('{1969-12-31,1970-01-01,9999-01-01}'))::text",
    )
    .await;
    assert_eq!(refused, ["1969-12-31", "9999-01-01"]);
    let portal = store::testing::try_sql(&database.portal(), "select ensure_mail_days('{2026-01-03}')").await;
    assert_eq!(portal, Err("42501".to_owned()));
}
