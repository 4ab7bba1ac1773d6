//! Signing in and out: two plain forms, so that they work before and without the browser's code.
//!
//! Goes in: login and password. Comes out: a session under a new id and the way to the page that was wanted, or back to the form. A wrong
//! password, an unknown login and a disabled user get the same answer in the same time.

use std::net::IpAddr;

use axum::Form;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use store::sign_in::{SignIn, verify};
use tower_sessions::Session;

use super::limits::TooMany;
use super::{AppState, client_address, failure, return_path, session};

/// Longer logins and passwords are nobody's; they are cut off before anything is counted or hashed.
const LONGEST_LOGIN: usize = 320;
const LONGEST_PASSWORD: usize = 1024;

/// The form.
#[derive(Deserialize)]
pub(super) struct Credentials {
    login: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`.
pub(super) async fn sign_in(State(state): State<AppState>, session: Session, request: Request) -> Response {
    let address = client_address::of(&request, &state.settings);
    let failed = failure::Context::of(&request);
    let Ok(Form(form)) = Form::<Credentials>::from_request(request, &()).await else {
        return Redirect::to(&return_path::sign_in_and_back(return_path::HOME, Some("refused")))
            .into_response();
    };
    let next = return_path::own_or_home(&form.next);
    let again = |problem| Redirect::to(&return_path::sign_in_and_back(next, Some(problem))).into_response();
    match check(&state, &session, &form, address).await {
        Ok(Answer::Welcome) => Redirect::to(next).into_response(),
        Ok(Answer::Refused) => again("refused"),
        Ok(Answer::TooMany) => again("too_many"),
        Err(error) => failed.page(&error),
    }
}

/// `POST /sign-out`.
pub(super) async fn sign_out(session: Session, request: Request) -> Response {
    match session::end(&session).await {
        Ok(()) => Redirect::to(return_path::SIGN_IN).into_response(),
        Err(error) => failure::page(&request, &error.into()),
    }
}

enum Answer {
    Welcome,
    Refused,
    TooMany,
}

async fn check(
    state: &AppState,
    session: &Session,
    form: &Credentials,
    address: IpAddr,
) -> Result<Answer, failure::Cause> {
    let login = form.login.trim().to_lowercase();
    if login.len() > LONGEST_LOGIN || form.password.expose_secret().len() > LONGEST_PASSWORD {
        return Ok(Answer::Refused);
    }
    let now = (state.clock)();
    if let Err(TooMany) = state.limits.begin(&login, address, now) {
        tracing::warn!("too many tries to sign in");
        return Ok(Answer::TooMany);
    }
    match verify(&state.db, &state.hasher, &login, &form.password).await? {
        SignIn::Welcome(user_id) => {
            state.limits.succeeded(&login, address);
            session::begin(session, user_id, now).await?;
            tracing::info!(%user_id, "signed in");
            Ok(Answer::Welcome)
        }
        SignIn::Refused => {
            tracing::info!("refused a sign-in");
            Ok(Answer::Refused)
        }
    }
}

/// The crate secrecy reads secrets from serde only with a feature that also lets them be written.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}
