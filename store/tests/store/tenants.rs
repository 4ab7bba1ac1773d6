//! Two tenants in one database: whatever one asks, nothing of the other comes out.

use model::ids::{DomainId, RecordId};
use model::query::{AddressPattern, Cursor, MailQuery, Towards};
use model::time::{DAY, Micros};
use model::viewer::Role;
use pretty_assertions::assert_eq;
use secrecy::SecretString;
use sqlx::{ConnectOptions, Connection, Row};
use store::owner::{NewUser, OwnerDb, TenantKind};
use store::password::Hasher;
use store::testing::{TwoTenants, record, try_sql};
use store::{Db, StoreError, mail};

use crate::{DAY_0, with};

/// Three mails of Kundi, three of ISP Mail with the same texts, over two days.
async fn filled() -> (TwoTenants, Db) {
    let made = TwoTenants::new().await;
    let mut records = Vec::new();
    for number in 0..3_u32 {
        let at = DAY_0.plus_seconds(i64::from(number) * 50_000);
        records.push(record(made.kundi_test, at, number));
        records.push(record(made.isp_test, at, number));
    }
    made.store(&records).await;
    let db = made.portal().await;
    (made, db)
}

/// Every query that a person can write, in one form or another.
fn queries() -> Vec<MailQuery> {
    let base = MailQuery::default;
    let cursor = |domain_id, towards| Cursor {
        towards,
        connected_at: DAY_0.plus_seconds(50_000),
        record_id: RecordId::new(DAY_0.plus_seconds(50_000), 1),
        domain_id,
    };
    let mut queries = vec![base()];
    for text in [
        "anna1",
        "id1@example.net",
        "<id1@example.net>",
        "4F1AB23CD",
        "Saved",
        "invoice",
        "%",
        "_",
        "'",
    ] {
        queries.push(MailQuery {
            text: Some(text.to_owned()),
            ..base()
        });
    }
    for pattern in ["anna1@kundi.test", "@kundi.test", "anna"] {
        queries.push(MailQuery {
            recipient: AddressPattern::parse(pattern),
            ..base()
        });
        queries.push(MailQuery {
            sender: AddressPattern::parse(pattern),
            ..base()
        });
    }
    for domain in (-1..6).chain([i32::MAX]) {
        for towards in [Towards::Older, Towards::Newer] {
            queries.push(MailQuery {
                cursor: Some(cursor(DomainId(domain), towards)),
                ..base()
            });
        }
    }
    queries
}

#[tokio::test]
async fn no_search_shows_the_other_tenants_rows() {
    let (made, db) = filled().await;
    let every_domain: Vec<DomainId> = (-1..100).map(DomainId).collect();
    for (user, own) in [
        (made.kundi, vec![made.kundi_test, made.alias_test]),
        (made.auditor, vec![made.kundi_test, made.alias_test]),
        (made.reseller, vec![made.kundi_test, made.alias_test]),
        (made.ispmail, vec![made.isp_test]),
    ] {
        let scope = db.scope_for(user).await.expect("a scope");
        let mut found = 0;
        for query in queries() {
            for domains in [None, Some(&every_domain[..]), Some(&[][..])] {
                let mut tx = db.read(&scope).await.expect("a transaction");
                let page = mail::search(&mut tx, &query, domains).await.expect("a page");
                found += page.rows.len();
                let foreign = page.rows.iter().find(|row| !own.contains(&row.domain_id));
                assert_eq!(foreign, None, "{query:?}");
            }
        }
        assert!(found > 20, "the queries find something at all: {found}");
    }
}

#[tokio::test]
async fn another_tenants_id_is_as_unknown_as_an_invented_one() {
    let (made, db) = filled().await;
    let id = record(made.isp_test, DAY_0, 0).record.record_id;
    for (user, domain, seen) in [
        (made.ispmail, "isp.test", true),
        (made.operator, "isp.test", true),
        (made.helpdesk, "isp.test", true),
        (made.kundi, "isp.test", false),
        (made.reseller, "isp.test", false),
        (made.ispmail, "kundi.test", false),
        (made.ispmail, "ISP.TEST' or true --", false),
    ] {
        let scope = db.scope_for(user).await.expect("a scope");
        let mut tx = db.read(&scope).await.expect("a transaction");
        let found = mail::view(&mut tx, id, domain).await.expect("an answer");
        assert_eq!(found.is_some(), seen, "{user} {domain}");
        let invented = mail::view(&mut tx, RecordId::new(DAY_0, 99), domain)
            .await
            .expect("an answer");
        assert_eq!(invented, None);
    }
}

#[tokio::test]
async fn scopes_hold_what_the_tree_says() {
    let (made, db) = filled().await;
    let mut seen = Vec::new();
    for user in [
        made.operator,
        made.helpdesk,
        made.reseller,
        made.kundi,
        made.auditor,
        made.ispmail,
    ] {
        let scope = db.scope_for(user).await.expect("a scope");
        let domains: Vec<&str> = scope
            .domains()
            .iter()
            .map(|domain| domain.name.as_str())
            .collect();
        seen.push(
            [
                scope.login(),
                scope.tenant_name(),
                scope.role().id(),
                &domains.join(" "),
            ]
            .join(": "),
        );
    }
    assert_eq!(
        seen,
        [
            "operator: Provider: operator: alias.test isp.test kundi.test",
            "helpdesk: Provider: helpdesk: alias.test isp.test kundi.test",
            "reseller: Nordic Hosting: reseller: alias.test kundi.test",
            "kundi: Kundi Oy: customer: alias.test kundi.test",
            "auditor: Kundi Oy: auditor: alias.test kundi.test",
            "ispmail: ISP Mail: customer: isp.test",
        ]
    );
}

#[tokio::test]
async fn the_portals_role_alone_sees_nothing() {
    let (made, _db) = filled().await;
    let portal = made.database.portal();
    for sql in [
        "select * from mail",
        "select * from mail_trail",
        "select * from tenant",
        "select * from app_user",
        "select * from membership",
        "select * from domain",
        // What a setting is after a transaction: empty, and not NULL.
        "begin; set local mailfate.domain_ids = '1'; commit; select * from mail",
        "set mailfate.domain_ids = ''; set mailfate.tenant_ids = ''; set mailfate.user_id = ''; set mailfate.login = ''; \
         set mailfate.sees_all = ''; select * from mail, tenant, app_user, membership, domain",
    ] {
        assert_eq!(try_sql(&portal, sql).await, Ok(0), "{sql}");
    }
    for sql in [
        "select * from mail_20261120",
        "select * from mail_trail_20261120",
        "select position from source",
        "select * from refusal",
        "set role mailfate_owner",
        "set role mailfate_ingest",
        "insert into mail_day values ('2020-01-01')",
        "delete from mail",
        "update app_user set login = 'x'",
        "alter table mail disable row level security",
        "create table public.mine (x int)",
    ] {
        assert_eq!(try_sql(&portal, sql).await, Err("42501".to_owned()), "{sql}");
    }
}

#[tokio::test]
async fn nothing_of_a_scope_stays_on_a_pooled_connection() {
    let (made, _) = filled().await;
    let db = Db::connect(&made.database.portal(), 1)
        .await
        .expect("one connection");
    let operator = db.scope_for(made.operator).await.expect("a scope");
    let kundi = db.scope_for(made.kundi).await.expect("a scope");
    for ends_in_order in [true, false] {
        let mut tx = db.read(&operator).await.expect("a transaction");
        let all = mail::search(&mut tx, &MailQuery::default(), None)
            .await
            .expect("a page");
        assert_eq!(all.rows.len(), 6);
        if ends_in_order {
            tx.finish().await.expect("an end");
        } else {
            drop(tx);
        }
        let mut tx = db.read(&kundi).await.expect("the same connection");
        let own = mail::search(&mut tx, &MailQuery::default(), None)
            .await
            .expect("a page");
        assert_eq!(own.rows.len(), 3);
    }
}

#[tokio::test]
async fn a_copy_for_the_archive_is_hidden_from_tenants() {
    let made = TwoTenants::new().await;
    let copy = with(&record(made.kundi_test, DAY_0, 7), |record| record.is_copy = true);
    made.store(std::slice::from_ref(&copy)).await;
    let db = made.portal().await;
    for (user, seen) in [(made.kundi, 0), (made.reseller, 0), (made.operator, 1)] {
        let scope = db.scope_for(user).await.expect("a scope");
        let mut tx = db.read(&scope).await.expect("a transaction");
        let page = mail::search(&mut tx, &MailQuery::default(), None)
            .await
            .expect("a page");
        assert_eq!(page.rows.len(), seen);
        let view = mail::view(&mut tx, copy.record.record_id, "kundi.test")
            .await
            .expect("an answer");
        assert_eq!(view.is_some(), seen == 1);
        let counts = mail::counts_by_outcome(&mut tx, DAY_0..DAY_0.plus_seconds(86_400), None)
            .await
            .expect("counts");
        assert_eq!(counts.len(), seen);
    }
}

#[tokio::test]
async fn a_new_owner_sees_mail_from_the_take_over_on() {
    let made = TwoTenants::new().await;
    let owner = OwnerDb::connect(&made.database.owner()).await.expect("the owner");
    let taken_over_at = Micros(DAY_0.0 + DAY / 2);
    let operator = store::IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let tenant = owner
        .create_tenant(TenantKind::Customer, "New owner", None)
        .await
        .map(|_| ())
        .expect_err("only the operator is nobody's child");
    assert!(matches!(tenant, StoreError::Database { .. }));
    let scope = made
        .portal()
        .await
        .scope_for(made.ispmail)
        .await
        .expect("a scope");
    let domain = owner
        .create_domain(scope.tenant_id(), "moved.test", Some(taken_over_at))
        .await
        .expect("a domain");
    let records = [
        record(domain, DAY_0, 1),
        record(domain, Micros(taken_over_at.0 - 1), 2),
        record(domain, taken_over_at, 3),
    ];
    operator.writer().write(&records, &[]).await.expect("stored");
    let db = made.portal().await;
    let scope = db.scope_for(made.ispmail).await.expect("a scope");
    let mut tx = db.read(&scope).await.expect("a transaction");
    let page = mail::search(&mut tx, &MailQuery::default(), None)
        .await
        .expect("a page");
    let seen: Vec<RecordId> = page.rows.iter().map(|row| row.record_id).collect();
    assert_eq!(seen, [records[2].record.record_id]);
    for (record, is_seen) in records.iter().zip([false, false, true]) {
        let view = mail::view(&mut tx, record.record.record_id, "moved.test")
            .await
            .expect("an answer");
        assert_eq!(view.is_some(), is_seen);
    }
    let by_message_id = MailQuery {
        text: records[0].record.message_id.clone(),
        ..MailQuery::default()
    };
    let page = mail::search(&mut tx, &by_message_id, None).await.expect("a page");
    assert_eq!(page.rows, []);
}

#[tokio::test]
async fn a_role_must_fit_its_tenant_even_when_a_hand_wrote_it() {
    let made = TwoTenants::new().await;
    let db = made.portal().await;
    let scope = db.scope_for(made.kundi).await.expect("a scope");
    let owner = OwnerDb::connect(&made.database.owner()).await.expect("the owner");
    let hasher = Hasher::new(1).expect("a hasher");
    let password = SecretString::from("x");
    let user = NewUser {
        login: "climber",
        display_name: "Climber",
        password: &password,
        language: "en",
        zone: "UTC",
    };
    let refused = owner
        .create_user(&hasher, &user, scope.tenant_id(), Role::Operator)
        .await;
    assert!(
        matches!(refused, Err(StoreError::RoleDoesNotFit { .. })),
        "{refused:?}"
    );
    try_sql(
        &made.database.superuser(),
        "update membership set role = 'operator'",
    )
    .await
    .expect("a hand in the database");
    let refused = db.scope_for(made.kundi).await;
    assert!(
        matches!(refused, Err(StoreError::RoleDoesNotFit { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn who_is_disabled_or_unknown_has_no_scope() {
    let (made, db) = filled().await;
    let owner = OwnerDb::connect(&made.database.owner()).await.expect("the owner");
    owner.disable_user(made.kundi).await.expect("disabled");
    for user in [made.kundi, model::ids::UserId(9999)] {
        let refused = db.scope_for(user).await;
        assert!(matches!(refused, Err(StoreError::NoScope { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn the_portal_refuses_roles_that_can_read_around_policies() {
    let made = TwoTenants::new().await;
    for role in ["mailfate_admin", "mailfate_owner", "mailfate_ingest"] {
        let refused = Db::connect(&made.database.as_role(role), 1).await.map(|_| ());
        assert!(
            matches!(refused, Err(StoreError::DangerousRole { .. })),
            "{role}: {refused:?}"
        );
    }
    // A member of a dangerous role is as dangerous, and so is who can make himself one.
    let mut superuser = made
        .database
        .superuser()
        .connect_options()
        .connect()
        .await
        .expect("a superuser");
    for (role, make) in [
        (
            "sly_member",
            "create role sly_member login in role mailfate_portal, mailfate_ingest",
        ),
        (
            "sly_maker",
            "create role sly_maker login createrole in role mailfate_portal",
        ),
    ] {
        // Roles belong to the whole cluster, and another run may have made them.
        let _ = sqlx::raw_sql(make).execute(&mut superuser).await;
        let refused = Db::connect(&made.database.as_role(role), 1).await.map(|_| ());
        assert!(
            matches!(refused, Err(StoreError::DangerousRole { .. })),
            "{role}: {refused:?}"
        );
    }
    superuser.close().await.expect("an end");
}

#[tokio::test]
async fn a_transaction_can_write_nothing() {
    let (made, _db) = filled().await;
    let mut connection = made
        .database
        .portal()
        .connect_options()
        .connect()
        .await
        .expect("the portal");
    let mut tx = connection
        .begin_with("begin read only")
        .await
        .expect("as Db does");
    let error = sqlx::query("insert into session values ('\\x00', '', now())")
        .execute(&mut *tx)
        .await
        .expect_err("read only");
    assert_eq!(
        error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .as_deref(),
        Some("25006")
    );
    drop(tx);
    let row = sqlx::query("select current_setting('plan_cache_mode') as mode")
        .fetch_one(&mut connection)
        .await
        .expect("a setting");
    assert_eq!(
        row.get::<String, _>("mode"),
        "auto",
        "only the portal's own pool sets it"
    );
}
