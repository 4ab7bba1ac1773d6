//! `/events`: who is told of new mail, how often, and until when.

use std::time::Duration;

use axum::http::{StatusCode, header};
use pretty_assertions::assert_eq;
use server::http::{Live, Settings, serve};
use store::OwnerDb;
use store::testing::{record, try_sql};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use crate::{NOW, Site};

const ANYTHING: &str = r#"{"domains":null}"#;

/// A site that reads rights again all the time.
async fn watchful() -> Site {
    Site::with(Settings {
        live: Live {
            check_every: Duration::from_millis(50),
            ..Live::default()
        },
        ..Settings::default()
    })
    .await
}

#[tokio::test]
async fn everybody_is_told_of_mail_in_his_scope_and_of_no_other() {
    let site = Site::new().await;
    let mut kundi = site.signed_in("kundi").await.listen().await;
    let mut other = site.signed_in("ispmail").await.listen().await;
    let mut operator = site.signed_in("operator").await.listen().await;
    let (kundi_test, isp_test) = (site.tenants.kundi_test, site.tenants.isp_test);

    // Kundi would be told of the first one first.
    site.tenants.store(&[record(isp_test, NOW, 1)]).await;
    assert_eq!(
        operator.next().await.as_deref(),
        Some(r#"{"domains":["isp.test"]}"#)
    );
    site.tenants
        .store(&[record(kundi_test, NOW, 2), record(isp_test, NOW, 3)])
        .await;
    assert_eq!(
        kundi.next().await.as_deref(),
        Some(r#"{"domains":["kundi.test"]}"#)
    );
    assert_eq!(other.next().await.as_deref(), Some(r#"{"domains":["isp.test"]}"#));
    assert_eq!(
        operator.next().await.as_deref(),
        Some(r#"{"domains":["isp.test","kundi.test"]}"#)
    );

    // The second event of the other customer is a gathered one; nothing of it is Kundi's.
    site.tenants.store(&[record(kundi_test, NOW, 4)]).await;
    site.tenants
        .store(&[record(site.tenants.alias_test, NOW, 5), record(isp_test, NOW, 6)])
        .await;
    assert_eq!(other.next().await.as_deref(), Some(r#"{"domains":["isp.test"]}"#));
}

#[tokio::test]
async fn events_come_at_most_two_a_second() {
    let site = Site::new().await;
    let mut operator = site.signed_in("operator").await.listen().await;
    let started = Instant::now();
    // More changes than events: whoever is told of each at once is told too early of the fourth.
    let change = async {
        for number in 0.. {
            site.tenants
                .store(&[record(site.tenants.kundi_test, NOW, number)])
                .await;
        }
    };
    let hear = async {
        for _ in 0..4 {
            operator.next().await.expect("an event");
        }
    };
    tokio::select! {
        () = change => {}
        () = hear => {}
    }
    assert!(started.elapsed() >= Duration::from_millis(1_500));
}

#[tokio::test]
async fn nonsense_and_a_lost_connection_say_that_anything_may_have_changed() {
    let site = Site::new().await;
    let mut kundi = site.signed_in("kundi").await.listen().await;
    let portal = site.tenants.database.portal();
    try_sql(
        &portal,
        "select pg_notify('mailfate_mail', '1; drop table mail <script>')",
    )
    .await
    .expect("notified");
    assert_eq!(kundi.next().await.as_deref(), Some(ANYTHING));

    let ended = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like 'LISTEN%'";
    try_sql(&site.tenants.database.superuser(), ended)
        .await
        .expect("ended");
    assert_eq!(
        kundi.next().await.as_deref(),
        Some(ANYTHING),
        "after it connected again"
    );

    site.tenants
        .store(&[record(site.tenants.kundi_test, NOW, 1)])
        .await;
    assert_eq!(
        kundi.next().await.as_deref(),
        Some(r#"{"domains":["kundi.test"]}"#)
    );
}

#[tokio::test]
async fn who_does_not_keep_up_is_told_once_that_anything_may_have_changed() {
    let site = Site::new().await;
    let mut slow = site.signed_in("kundi").await.listen().await;
    let mut operator = site.signed_in("helpdesk").await.listen().await;
    let many = "select pg_notify('mailfate_mail', (select domain_id from domain where name = 'kundi.test') || ',' || number)
        from generate_series(100001, 100600) number";
    try_sql(&site.tenants.database.superuser(), many)
        .await
        .expect("notified");
    // What comes after it was told has been told to everybody. The numbers before are of domains that nobody knows by name.
    for number in 1.. {
        site.tenants
            .store(&[record(site.tenants.isp_test, NOW, number)])
            .await;
        if operator.next().await.expect("an event").contains("isp.test") {
            break;
        }
    }
    assert_eq!(slow.next().await.as_deref(), Some(ANYTHING));
    site.tenants
        .store(&[record(site.tenants.kundi_test, NOW, 2)])
        .await;
    assert_eq!(
        slow.next().await.as_deref(),
        Some(r#"{"domains":["kundi.test"]}"#)
    );
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_with_its_users_rights() {
    let site = watchful().await;
    let mut signed_out = site.signed_in("kundi").await;
    let mut stays = site.signed_in("kundi").await.listen().await;
    let mut stream = signed_out.listen().await;
    signed_out.post("/sign-out", &[]).await;
    assert_eq!(stream.next().await, None, "signed out");

    let mut disabled = site.signed_in("ispmail").await.listen().await;
    let owner = OwnerDb::connect(&site.tenants.database.owner())
        .await
        .expect("the owner");
    owner.disable_user(site.tenants.ispmail).await.expect("disabled");
    assert_eq!(disabled.next().await, None, "disabled");

    site.tenants
        .store(&[record(site.tenants.kundi_test, NOW, 1)])
        .await;
    assert_eq!(
        stays.next().await.as_deref(),
        Some(r#"{"domains":["kundi.test"]}"#)
    );
    site.wait_hours(13);
    assert_eq!(
        stays.next().await,
        None,
        "a page that lies open keeps no session alive"
    );
}

#[tokio::test]
async fn a_stream_is_for_signed_in_viewers_and_no_layer_holds_it_back() {
    let site = Site::new().await;
    let refused = site.stranger().get("/events").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.has("Please sign in again"), "{}", refused.body);

    let mut browser = site.signed_in("kundi").await;
    let answer = browser
        .ask("GET", "/events", &[(header::ACCEPT_ENCODING, "br, gzip")], None)
        .await;
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    assert_eq!(header("content-type"), Some("text/event-stream"));
    assert_eq!(header("cache-control"), Some("private, no-store"));
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
    assert_eq!(header("x-accel-buffering"), Some("no"));
    assert_eq!(header("content-encoding"), None);
    let foreign = browser.post_with("/events", &[], &[]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn streams_are_bounded_for_a_user_and_for_all() {
    let site = Site::with(Settings {
        live: Live {
            streams: 2,
            streams_per_user: 1,
            ..Live::default()
        },
        ..Settings::default()
    })
    .await;
    let mut kundi = site.signed_in("kundi").await;
    let first = kundi.listen().await;
    let refused = kundi.get("/events").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.has("close some of the others"), "{}", refused.body);
    let _second = site.signed_in("ispmail").await.listen().await;
    let mut operator = site.signed_in("operator").await;
    let refused = operator.get("/events").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.has("Too many people"), "{}", refused.body);
    drop(first);
    let _third = operator.listen().await;
}

#[tokio::test]
async fn open_streams_do_not_hold_up_the_end() {
    let site = Site::new().await;
    let browser = site.signed_in("kundi").await;
    let cookie = browser.cookie("mailfate").expect("a session");
    let request = [
        "GET /events HTTP/1.1\r\nHost: mailfate.test\r\nCookie: mailfate=",
        cookie,
        "\r\n\r\n",
    ]
    .concat();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let ask = async {
        let mut connection = TcpStream::connect(address).await.expect("a connection");
        connection.write_all(request.as_bytes()).await.expect("a request");
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains("listening") {
            let count = connection.read_buf(&mut read).await.expect("an answer");
            assert_ne!(count, 0, "{}", String::from_utf8_lossy(&read));
        }
        stop.send(()).expect("the server listens for its end");
        // Chunks of HTTP/1.1: the last one is empty, so nothing was cut off.
        connection.read_to_end(&mut read).await.expect("the rest");
        assert!(read.ends_with(b"0\r\n\r\n"), "{}", String::from_utf8_lossy(&read));
    };
    let run = serve(listener, site.state.clone(), async {
        stopped.await.expect("the end is announced");
    });
    let both = async { tokio::join!(run, ask) };
    let (ended, ()) = timeout(Duration::from_mins(1), both).await.expect("it ends");
    ended.expect("without an error");
}
