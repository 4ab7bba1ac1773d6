//! Who may know the names of log sources.

use model::row::{SourceFreshness, SourceGap};
use model::time::{DAY, Micros, SECOND};
use pretty_assertions::assert_eq;
use store::ingest::{Commit, SourceSample, SourceUpdate};
use store::testing::TwoTenants;
use store::{IngestDb, freshness};

use crate::DAY_0;

#[tokio::test]
async fn tenants_see_how_fresh_sources_are_but_not_which() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let update = |name: &str, newest_line_at| SourceUpdate {
        name: name.to_owned(),
        position: "{\"offset\": 17}".to_owned(),
        newest_line_at,
        checked_at: DAY_0.plus_seconds(60),
        lines: 100,
        mail_lines: 50,
        unrecognised: 2,
        spooled_bytes: 4_096,
        problem: Some("/var/log/mail.log: permission denied".to_owned()),
    };
    let mut writer = ingest.writer();
    writer
        .write(
            &[],
            &[update("mx1.internal", Some(DAY_0)), update("mx2.internal", None)],
        )
        .await
        .expect("stored");
    // A look without new lines moves the clock only.
    let look = SourceUpdate {
        checked_at: DAY_0.plus_seconds(61),
        ..update("mx1.internal", None)
    };
    writer.write(&[], &[look]).await.expect("stored");
    writer.close().await.expect("closed");

    let db = made.portal().await;
    for (user, names) in [
        (made.operator, ["mx1.internal", "mx2.internal"]),
        (made.kundi, ["1", "2"]),
        (made.reseller, ["1", "2"]),
    ] {
        let scope = db.scope_for(user).await.expect("a scope");
        let mut tx = db.read(&scope).await.expect("a transaction");
        let expected = SourceFreshness {
            name: names[0].to_owned(),
            newest_line_at: Some(DAY_0),
            checked_at: Some(DAY_0.plus_seconds(61)),
            lines: 100,
            mail_lines: 50,
            unrecognised: 2,
            spooled_bytes: 4_096,
            has_problem: true,
            problem: (user == made.operator).then(|| "/var/log/mail.log: permission denied".to_owned()),
        };
        let sources = freshness::sources(&mut tx).await.expect("sources");
        assert_eq!(sources[0], expected);
        assert_eq!(
            (sources[1].name.as_str(), sources[1].newest_line_at),
            (names[1], None)
        );
    }

    let positions = ingest.positions().await.expect("positions");
    assert_eq!(positions["mx1.internal"].position, "{\"offset\": 17}");
    assert_eq!(
        positions["mx1.internal"]
            .newest_line_at
            .map(|moment| moment.0 % SECOND),
        Some(0)
    );
}

#[tokio::test]
async fn tenants_see_when_lines_are_missing_but_not_of_which_machine() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let source = |name: &str| SourceUpdate {
        name: name.to_owned(),
        position: "{}".to_owned(),
        checked_at: DAY_0,
        ..SourceUpdate::default()
    };
    let gap = |source: &str, noticed_at: Micros, from_at, lines| store::ingest::SourceGap {
        source: source.to_owned(),
        kind: "file_lost",
        from_at,
        noticed_at,
        lines,
        bytes: None,
        detail: "/var/log/mail.log.1 is gone".to_owned(),
    };
    let early = DAY_0.plus_seconds(-3_600);
    let mut writer = ingest.writer();
    writer
        .commit(&Commit {
            sources: &[source("mx1.internal"), source("mx2.internal")],
            gaps: &[
                gap("mx2.internal", DAY_0, Some(early), Some(1_234)),
                gap("gone.internal", early, None, None),
                gap("mx1.internal", Micros(DAY_0.0 - 8 * DAY), None, None),
            ],
            ..Commit::default()
        })
        .await
        .expect("stored");
    writer.close().await.expect("closed");

    let db = made.portal().await;
    let told = |names: [Option<&str>; 2], may_know: bool| {
        let words = |text: &str| may_know.then(|| text.to_owned());
        let gap = |name: Option<&str>, from_at, noticed_at, lines| SourceGap {
            source: name.map(str::to_owned),
            kind: words("file_lost"),
            from_at,
            noticed_at,
            lines,
            detail: words("/var/log/mail.log.1 is gone"),
        };
        vec![
            gap(names[0], Some(early), DAY_0, Some(1_234)),
            gap(names[1], None, early, None),
        ]
    };
    for (user, expected) in [
        (
            made.operator,
            told([Some("mx2.internal"), Some("gone.internal")], true),
        ),
        (made.kundi, told([Some("2"), None], false)),
    ] {
        let scope = db.scope_for(user).await.expect("a scope");
        let mut tx = db.read(&scope).await.expect("a transaction");
        let since = Micros(DAY_0.0 - 7 * DAY);
        let gaps = freshness::gaps(&mut tx, since).await.expect("gaps");
        assert_eq!(gaps, expected);
    }
}

#[tokio::test]
async fn lines_that_nobody_understood_are_for_those_who_see_everything() {
    let made = TwoTenants::new().await;
    let ingest = IngestDb::connect(&made.database.ingest())
        .await
        .expect("the worker");
    let sample = |shape, seen, at| SourceSample {
        source: "mx1.internal".to_owned(),
        shape,
        program: "postfix/smtpd".to_owned(),
        line: "something about anna@kundi.test".to_owned(),
        seen,
        at,
    };
    let mut writer = ingest.writer();
    writer
        .commit(&Commit {
            samples: &[
                sample(1, 3, DAY_0),
                sample(2, 10, DAY_0),
                sample(1, 2, DAY_0.plus_seconds(5)),
            ],
            ..Commit::default()
        })
        .await
        .expect("stored");
    writer.close().await.expect("closed");

    let db = made.portal().await;
    for (user, expected) in [
        (
            made.operator,
            vec![(2, 10, DAY_0, DAY_0), (1, 5, DAY_0, DAY_0.plus_seconds(5))],
        ),
        (
            made.helpdesk,
            vec![(2, 10, DAY_0, DAY_0), (1, 5, DAY_0, DAY_0.plus_seconds(5))],
        ),
        (made.reseller, vec![]),
        (made.kundi, vec![]),
        (made.auditor, vec![]),
    ] {
        let scope = db.scope_for(user).await.expect("a scope");
        let mut tx = db.read(&scope).await.expect("a transaction");
        let samples = freshness::samples(&mut tx).await.expect("samples");
        let found: Vec<_> = samples
            .iter()
            .map(|sample| (sample.shape, sample.seen, sample.first_at, sample.last_at))
            .collect();
        assert_eq!(found, expected, "{user}");
    }
}
