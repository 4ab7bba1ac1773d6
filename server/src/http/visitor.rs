//! Who asks, worked out once before any page or form: session -> user -> scope, and the language.
//!
//! Goes in: a request with its session. Comes out: the same with a [`Visitor`] for the pages; or the way to the sign-in for whoever wants a
//! page and is not signed in. It decides nothing about mail: pages ask with the scope.

use app::language::Language;
use app::visitor::Visitor;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use store::{Scope, StoreError};
use tower_sessions::Session;

use super::request::RequestId;
use super::{AppState, cookie, failure, language, return_path, session};

/// Reads the session and asks the store what its user may see now.
pub(super) async fn recognise(
    State(state): State<AppState>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let scope = match scope(&state, &session).await {
        Ok(scope) => scope,
        Err(error) => return failure::page(&request, &error),
    };
    let language = language_of(request.headers(), scope.as_ref());
    if let Some(elsewhere) = way_to_sign_in(&request, scope.is_some(), &state) {
        return elsewhere;
    }
    let request_id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default();
    request.extensions_mut().insert(Visitor {
        scope,
        language,
        request_id,
    });
    next.run(request).await
}

/// What the session's user may see; a user who is gone or disabled is signed out.
async fn scope(state: &AppState, session: &Session) -> Result<Option<Scope>, failure::Cause> {
    let Some(user_id) = session::user(session, (state.clock)()).await? else {
        return Ok(None);
    };
    match state.db.scope_for(user_id).await {
        Ok(scope) => Ok(Some(scope)),
        Err(StoreError::NoScope { .. }) => {
            session::end(session).await?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The last choice in this browser, else the user's setting, else what the browser accepts.
pub(super) fn language_of(headers: &HeaderMap, scope: Option<&Scope>) -> Language {
    cookie::value(headers, language::COOKIE)
        .and_then(Language::from_id)
        .or_else(|| scope.and_then(|scope| Language::from_id(scope.language())))
        .or_else(|| {
            let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            Some(Language::from_accept_language(accepted))
        })
        .unwrap_or_default()
}

/// Pages are for signed-in people, the sign-in for all others. Addresses that do not exist say so to everybody.
fn way_to_sign_in(request: &Request, is_signed_in: bool, state: &AppState) -> Option<Response> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let path = request.uri().path();
    let is_page = path == "/" || path == return_path::HOME || path.starts_with("/mail/");
    if is_page && !is_signed_in {
        let place = request
            .uri()
            .path_and_query()
            .map_or(return_path::HOME, |place| place.as_str());
        let place = if path == "/" { return_path::HOME } else { place };
        let had_session = cookie::value(request.headers(), session::cookie_name(&state.settings)).is_some();
        let problem = had_session.then_some("ended");
        return Some(Redirect::to(&return_path::sign_in_and_back(place, problem)).into_response());
    }
    if path == "/" || (path == return_path::SIGN_IN && is_signed_in) {
        return Some(Redirect::to(return_path::HOME).into_response());
    }
    None
}
