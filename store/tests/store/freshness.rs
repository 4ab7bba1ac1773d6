//! Who may know the names of log sources.

use model::row::SourceFreshness;
use model::time::SECOND;
use pretty_assertions::assert_eq;
use store::ingest::SourceUpdate;
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
        unrecognised: 2,
        ..SourceUpdate::default()
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
            unrecognised: 2,
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
