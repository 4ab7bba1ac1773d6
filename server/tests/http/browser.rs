//! As much of a browser as these tests need: it keeps cookies, sends `Origin` with forms and follows nothing by itself.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use futures_util::StreamExt as _;
use tokio::time::timeout;
use tower::ServiceExt as _;
use url::form_urlencoded::Serializer;

/// What `Host` says in every request.
pub(crate) const HOST: &str = "mailfate.test";

/// Longer than anything takes, on any machine.
const DEADLINE: Duration = Duration::from_mins(1);

/// A browser with its cookies.
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: Vec<(String, String)>,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// An open stream of Server-Sent Events.
pub(crate) struct EventStream {
    body: BodyDataStream,
    read: String,
}

impl Browser {
    pub(crate) fn new(router: Router) -> Self {
        Self {
            router,
            cookies: Vec::new(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&mut self, path: &str, headers: &[(HeaderName, &str)]) -> Answer {
        self.send("GET", path, headers, None).await
    }

    /// A form of our own pages.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let origin = ["http://", HOST].concat();
        self.post_with(path, form, &[(header::ORIGIN, &origin)]).await
    }

    pub(crate) async fn post_with(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(HeaderName, &str)],
    ) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        self.send("POST", path, headers, Some(body)).await
    }

    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        self.post(
            "/sign-in",
            &[("login", login), ("password", password), ("next", "")],
        )
        .await
    }

    /// Begins to read `/events`.
    pub(crate) async fn listen(&mut self) -> EventStream {
        let response = self.ask("GET", "/events", &[], None).await;
        assert_eq!(response.status(), StatusCode::OK);
        EventStream {
            body: response.into_body().into_data_stream(),
            read: String::new(),
        }
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(HeaderName, &str)],
        form: Option<String>,
    ) -> Answer {
        let response = self.ask(method, path, headers, form).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10_000_000).await.expect("a whole body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).expect("text"),
        }
    }

    /// The answer with a body that is still to be read.
    pub(crate) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(HeaderName, &str)],
        form: Option<String>,
    ) -> Response<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        if !self.cookies.is_empty() {
            let line: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request
            .body(form.map_or_else(Body::empty, Body::from))
            .expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the router never fails");
        for line in response.headers().get_all(header::SET_COOKIE) {
            self.keep(line);
        }
        response
    }

    fn keep(&mut self, line: &HeaderValue) {
        let line = line.to_str().expect("a cookie is text");
        let (name, value) = line
            .split(';')
            .next()
            .and_then(|pair| pair.split_once('='))
            .expect("a cookie has a name and a value");
        self.cookies.retain(|(kept, _)| kept != name);
        if !value.is_empty() && !line.contains("Max-Age=0") {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .iter()
            .find(|(kept, _)| kept == name)
            .map(|(_, value)| value.as_str())
    }
}

impl EventStream {
    /// The data of the next event `mail`, without comments; `None` when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let block: String = self.read.drain(..end + 2).collect();
                match block.trim_end().strip_prefix("event: mail\ndata: ") {
                    Some(data) => return Some(data.to_owned()),
                    None => continue,
                }
            }
            let piece = timeout(DEADLINE, self.body.next())
                .await
                .expect("something comes, or the end")?;
            let piece = piece.expect("the stream does not break");
            self.read
                .push_str(std::str::from_utf8(&piece).expect("events are text"));
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: impl axum::http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.header(header::LOCATION)
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// The attribute `href` of every link, unescaped.
    pub(crate) fn links(&self) -> Vec<String> {
        self.body
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(|href| href.replace("&amp;", "&"))
            .collect()
    }

    /// The mails on a page of the log, by their links, each once and in order.
    pub(crate) fn mails(&self) -> Vec<String> {
        let mut found = Vec::new();
        for link in self.links().into_iter().filter(|link| link.starts_with("/mail/")) {
            if !found.contains(&link) {
                found.push(link);
            }
        }
        found
    }
}
