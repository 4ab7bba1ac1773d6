//! The server on a real socket: it answers, and it ends when it is told to.

use std::sync::Arc;
use std::time::Duration;

use server::http::{AppState, Settings, serve};
use store::password::Hasher;
use store::testing::TwoTenants;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::NOW;

#[tokio::test]
async fn it_answers_until_it_is_told_to_stop() {
    let tenants = TwoTenants::new().await;
    let hasher = Hasher::new(1).expect("a hasher");
    let state = AppState::new(
        tenants.portal().await,
        hasher,
        Arc::new(|| NOW),
        Settings::default(),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let ask = async {
        let mut connection = TcpStream::connect(address).await.expect("a connection");
        connection
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: mailfate.test\r\nConnection: close\r\n\r\n")
            .await
            .expect("a request");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.expect("an answer");
        stop.send(()).expect("the server listens for its end");
        answer
    };
    let run = serve(listener, state, async {
        stopped.await.expect("the end is announced");
    });
    let both = async { tokio::join!(run, ask) };
    let (ended, answer) = timeout(Duration::from_secs(30), both).await.expect("it ends");
    ended.expect("without an error");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("ready\n"), "{answer}");
}
