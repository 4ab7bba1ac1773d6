//! Searching: filters find what they say, and pages together are the whole, both ways.

use model::ids::{DomainId, RecordId};
use model::query::{AddressPattern, MailQuery, PageSize};
use model::record::{Direction, OwnedRecord};
use model::row::{MailRow, Page};
use model::time::{DAY, Micros};
use model::verdict::Outcome;
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::testing::{TwoTenants, record};
use store::{Db, Scope, mail};

use crate::{DAY_0, days_before, with};

async fn search(db: &Db, scope: &Scope, query: &MailQuery, domains: Option<&[DomainId]>) -> Page<MailRow> {
    let mut tx = db.read(scope).await.expect("a transaction");
    mail::search(&mut tx, query, domains).await.expect("a page")
}

/// Eight mails of Kundi, each told by its number in the Message-ID.
fn eight(made: &TwoTenants) -> Vec<OwnedRecord> {
    let base = |number: u32| record(made.kundi_test, days_before(i64::from(number) * 9, 0), number);
    vec![
        base(0),
        with(&base(1), |r| r.verdict.outcome = Outcome::Rejected),
        with(&base(2), |r| "bo_b@kundi.test".clone_into(&mut r.recipient)),
        with(&base(3), |r| {
            r.original_recipient = Some("bo_b@kundi.test".to_owned());
        }),
        with(&base(4), |r| r.sender = String::new()),
        with(&base(5), |r| r.reply = Some("550 Mailbox FULL 100%".to_owned())),
        with(&base(6), |r| {
            r.queue_ids = vec!["ABCDEF12".to_owned(), "4XyZ".to_owned()];
        }),
        OwnedRecord {
            direction: Direction::Outbound,
            domain_id: made.alias_test,
            ..with(&base(7), |r| "boxb@alias.test".clone_into(&mut r.sender))
        },
    ]
}

#[tokio::test]
async fn each_filter_finds_what_it_says() {
    let made = TwoTenants::new().await;
    let records = eight(&made);
    made.store(&records).await;
    let db = made.portal().await;
    let scope = db.scope_for(made.kundi).await.expect("a scope");
    let all = MailQuery::default;
    let text = |text: &str| MailQuery {
        text: Some(text.to_owned()),
        ..all()
    };
    let recipient = |typed: &str| MailQuery {
        recipient: AddressPattern::parse(typed),
        ..all()
    };
    let sender = |typed: &str| MailQuery {
        sender: AddressPattern::parse(typed),
        ..all()
    };
    let cases: Vec<(MailQuery, &[usize])> = vec![
        (all(), &[0, 1, 2, 3, 4, 5, 6, 7]),
        (
            MailQuery {
                outcomes: vec![Outcome::Rejected, Outcome::Bounced],
                ..all()
            },
            &[1],
        ),
        (
            MailQuery {
                direction: Some(Direction::Outbound),
                ..all()
            },
            &[7],
        ),
        (recipient("Bo_b@Kundi.test"), &[2, 3]),
        // `_` is no wildcard: boxb is not meant.
        (recipient("o_b"), &[2, 3]),
        (sender("o_b"), &[]),
        (recipient("@kundi.test"), &[0, 1, 2, 3, 4, 5, 6, 7]),
        (sender("@alias.test"), &[7]),
        (sender("<>"), &[4]),
        (text("<id3@example.net>"), &[3]),
        (text("id3@example.net"), &[3]),
        // Part of no Message-ID, but of senders.
        (text("sender2@"), &[2]),
        (text("abcdef12"), &[6]),
        (text("4XyZ"), &[6]),
        (text("mailbox full 100%"), &[5]),
        (text("INVOICE ÜNË 6"), &[6]),
        (text("no such word"), &[]),
        (
            MailQuery {
                since: Some(days_before(18, 0)),
                until: Some(days_before(9, 0)),
                ..all()
            },
            &[2],
        ),
        (
            MailQuery {
                since: Some(days_before(9, 0)),
                until: Some(days_before(18, 0)),
                ..all()
            },
            &[],
        ),
    ];
    for (query, expected) in cases {
        let page = search(&db, &scope, &query, None).await;
        let found: Vec<RecordId> = page.rows.iter().map(|row| row.record_id).collect();
        let expected: Vec<RecordId> = expected
            .iter()
            .map(|&index| records[index].record.record_id)
            .collect();
        assert_eq!(found, expected, "{query:?}");
        assert_eq!((page.newer, page.older), (None, None));
    }
    let page = search(&db, &scope, &all(), Some(&[made.alias_test])).await;
    assert_eq!(page.rows.len(), 1);
}

/// Reads all pages from the newest to the oldest, then back, and compares with a sort in memory.
async fn read_all_pages(
    db: &Db,
    scope: &Scope,
    query: &MailQuery,
    domains: Option<&[DomainId]>,
    expected: &[Key],
) {
    let mut query = query.clone();
    query.cursor = None;
    let mut pages = Vec::new();
    loop {
        let page = search(db, scope, &query, domains).await;
        let older = page.older;
        pages.push(page);
        match older {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
        assert!(pages.len() < 100, "paging ends");
    }
    let found: Vec<Key> = pages.iter().flat_map(|page| &page.rows).map(key).collect();
    assert_eq!(found, expected);
    assert_eq!(pages[0].newer, None);

    // And back, page by page: the same pages.
    for index in (1..pages.len()).rev() {
        query.cursor = pages[index].newer;
        assert!(query.cursor.is_some());
        let back = search(db, scope, &query, domains).await;
        assert_eq!(back.rows, pages[index - 1].rows);
        assert_eq!(back.newer.is_some(), index > 1);
    }
}

type Key = (Micros, RecordId, DomainId);

fn key(row: &MailRow) -> Key {
    (row.connected_at, row.record_id, row.domain_id)
}

#[test]
fn pages_together_are_the_sorted_whole() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    // A few cases with a database each; the rows of a case are many and share few moments.
    let mut runner = TestRunner::new(Config {
        cases: 6,
        failure_persistence: None,
        ..Config::default()
    });
    let row = (0_i64..4, 0_i64..3, 0_u32..1000, 0_usize..3, any::<bool>());
    let rows = proptest::collection::vec(row, 0..400);
    runner
        .run(&rows, |rows| {
            runtime.block_on(async {
                let made = TwoTenants::new().await;
                let domains = [made.kundi_test, made.alias_test, made.isp_test];
                let records: Vec<OwnedRecord> = rows
                    .iter()
                    .map(|&(day, micros, number, domain, rejected)| {
                        // Days 0, 1, 20, 21 back, a few moments each, at both edges of the day.
                        let day = days_before([0, 1, 20, 21][usize::try_from(day).expect("small")], 0);
                        let at = Micros(day.0 + [0, 1, DAY - 1][usize::try_from(micros).expect("small")]);
                        with(&record(domains[domain], at, number), |r| {
                            if rejected {
                                r.verdict.outcome = Outcome::Rejected;
                                // By one address, which some of them reach through an alias.
                                let list = "list@kundi.test".to_owned();
                                match number % 3 {
                                    0 => r.recipient = list,
                                    1 => r.original_recipient = Some(list),
                                    _ => {
                                        r.original_recipient = Some(list.clone());
                                        r.recipient = list;
                                    }
                                }
                            }
                        })
                    })
                    .collect();
                made.store(&records).await;
                // What was stored: the last of equal keys.
                let mut stored = std::collections::BTreeMap::new();
                for owned in &records {
                    let key = (owned.record.connected_at, owned.record.record_id, owned.domain_id);
                    stored.insert(key, owned.record.verdict.outcome);
                }
                let newest_first = |keep: &dyn Fn(&Key, Outcome) -> bool| -> Vec<Key> {
                    let kept = stored.iter().filter(|(key, outcome)| keep(key, **outcome));
                    kept.map(|(key, _)| *key).rev().collect()
                };

                let db = made.portal().await;
                let small = MailQuery {
                    page_size: PageSize::Small,
                    ..MailQuery::default()
                };
                let rejected = MailQuery {
                    outcomes: vec![Outcome::Rejected],
                    ..small.clone()
                };
                let kundi = db.scope_for(made.kundi).await.expect("a scope");
                let operator = db.scope_for(made.operator).await.expect("a scope");
                let one = [made.alias_test];
                read_all_pages(&db, &operator, &small, None, &newest_first(&|_, _| true)).await;
                read_all_pages(
                    &db,
                    &kundi,
                    &small,
                    None,
                    &newest_first(&|key, _| key.2 != made.isp_test),
                )
                .await;
                read_all_pages(
                    &db,
                    &kundi,
                    &small,
                    Some(&one),
                    &newest_first(&|key, _| key.2 == one[0]),
                )
                .await;
                let expected =
                    newest_first(&|key, outcome| key.2 != made.isp_test && outcome == Outcome::Rejected);
                read_all_pages(&db, &kundi, &rejected, None, &expected).await;
                let by_address = MailQuery {
                    recipient: AddressPattern::parse("list@kundi.test"),
                    ..small.clone()
                };
                read_all_pages(&db, &kundi, &by_address, None, &expected).await;
            });
            Ok(())
        })
        .expect("all cases hold");
}

#[tokio::test]
async fn an_empty_database_and_a_foreign_cursor_give_empty_pages() {
    let made = TwoTenants::new().await;
    let db = made.portal().await;
    let scope = db.scope_for(made.kundi).await.expect("a scope");
    for cursor in [
        None,
        "o0.00000000000080008000000000000000.1".parse().ok(),
        "n9223372036854775807.00000000000080008000000000000000.-5"
            .parse()
            .ok(),
    ] {
        let page = search(
            &db,
            &scope,
            &MailQuery {
                cursor,
                ..MailQuery::default()
            },
            None,
        )
        .await;
        assert_eq!(
            page,
            Page {
                rows: vec![],
                newer: None,
                older: None
            }
        );
    }
    assert_eq!(DAY_0.start_of_day(), DAY_0);
}

#[tokio::test]
async fn counts_are_those_of_the_scope() {
    let made = TwoTenants::new().await;
    made.store(&eight(&made)).await;
    made.store(&[record(made.isp_test, DAY_0, 1)]).await;
    let db = made.portal().await;
    let scope = db.scope_for(made.kundi).await.expect("a scope");
    let mut tx = db.read(&scope).await.expect("a transaction");
    let counts = mail::counts_by_outcome(&mut tx, days_before(30, 0)..DAY_0.plus_seconds(1), None)
        .await
        .expect("counts");
    assert_eq!(counts, [(Outcome::Delivered, 3), (Outcome::Rejected, 1)]);
}
