//! What a page says when it cannot show what was asked: the one mapping from errors to people.
//!
//! Goes in: whatever failed. Comes out: a [`Problem`] that names a locale key and the request's id, and the matching HTTP status. Internals
//! go to the log and never into a `Problem`.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// There is no such thing in the viewer's scope, whoever else may have one.
    NotFound,
    /// Nobody is signed in, or no longer.
    SignedOut,
    /// The question took longer than allowed: narrow it.
    TooLong,
    /// The server could not be reached.
    Offline,
    /// Our fault; the log knows.
    Failed,
}

/// What the page shows instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Decides the words.
    pub kind: ProblemKind,
    /// Finds the request in the log; empty when the server was not reached.
    pub request_id: String,
}

impl ProblemKind {
    /// The locale keys' middle part: `problem-<id>-title`, `problem-<id>-text`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::SignedOut => "signed_out",
            Self::TooLong => "too_long",
            Self::Offline => "offline",
            Self::Failed => "failed",
        }
    }

    /// Every kind: for the check of the locales.
    pub const ALL: &'static [Self] = &[
        Self::NotFound,
        Self::SignedOut,
        Self::TooLong,
        Self::Offline,
        Self::Failed,
    ];
}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        #[cfg(feature = "ssr")]
        on_server::blame_the_caller(&value);
        let kind = match value {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => ProblemKind::Offline,
            _ => ProblemKind::Failed,
        };
        Self {
            kind,
            request_id: String::new(),
        }
    }
}

#[cfg(feature = "ssr")]
mod on_server {
    use http::StatusCode;
    use leptos::prelude::use_context;
    use leptos::server_fn::error::ServerFnErrorErr;
    use leptos_axum::ResponseOptions;
    use store::StoreError;

    use super::{Problem, ProblemKind};

    impl ProblemKind {
        /// The HTTP status, of the page as of the server function.
        pub const fn status(self) -> StatusCode {
            match self {
                Self::NotFound => StatusCode::NOT_FOUND,
                Self::SignedOut => StatusCode::UNAUTHORIZED,
                Self::TooLong => StatusCode::SERVICE_UNAVAILABLE,
                Self::Offline | Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            }
        }
    }

    /// A question that cannot be read is not our fault: it comes from no page of ours.
    pub(super) fn blame_the_caller(error: &ServerFnErrorErr) {
        let is_unreadable = matches!(
            error,
            ServerFnErrorErr::Args(_)
                | ServerFnErrorErr::MissingArg(_)
                | ServerFnErrorErr::Deserialization(_)
        );
        if let Some(options) = use_context::<ResponseOptions>().filter(|_| is_unreadable) {
            options.set_status(StatusCode::BAD_REQUEST);
        }
    }

    impl Problem {
        /// A problem of the running request; sets the status of its answer.
        pub fn new(kind: ProblemKind) -> Self {
            if let Some(options) = use_context::<ResponseOptions>() {
                options.set_status(kind.status());
            }
            Self {
                kind,
                request_id: crate::visitor::request_id(),
            }
        }
    }

    impl From<StoreError> for Problem {
        fn from(error: StoreError) -> Self {
            let problem = Self::new(match error {
                StoreError::NoScope { .. } => ProblemKind::SignedOut,
                StoreError::TimedOut { .. } => ProblemKind::TooLong,
                _ => ProblemKind::Failed,
            });
            tracing::error!(
                request_id = problem.request_id,
                error = &error as &dyn std::error::Error,
                "a question to the store failed"
            );
            problem
        }
    }
}
