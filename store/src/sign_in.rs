//! Signing in with a login and a password.
//!
//! Goes in: what was typed. Comes out: the user's id, or a refusal without a reason. Limits and lock-out stand before it, in the web server.

use model::ids::UserId;
use secrecy::SecretString;

use crate::db::Db;
use crate::error::StoreError;
use crate::password::Hasher;

/// The answer to a login and a password. Why it was refused is not told: not to the page, not by the time it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The password is right.
    Welcome(UserId),
    /// Wrong password, unknown login or disabled user.
    Refused,
}

/// Checks a password. Unknown logins and disabled users cost the same hash as all others.
pub async fn verify(
    db: &Db,
    hasher: &Hasher,
    login: &str,
    password: &SecretString,
) -> Result<SignIn, StoreError> {
    // PostgreSQL has no NUL in texts; nobody's login has one either.
    let login = login.trim().to_lowercase().replace('\0', "");
    let mut tx = db.begin().await?;
    // The policy of app_user shows exactly this login, and nothing without this setting.
    sqlx::query!("select set_config('mailfate.login', $1, true) as a", &login)
        .fetch_one(&mut *tx)
        .await?;
    let user = sqlx::query!(
        "select user_id, password_hash from app_user where login = $1 and disabled_at is null",
        &login
    )
    .fetch_optional(&mut *tx)
    .await?;
    // Before hashing: no connection waits for a slow hash.
    tx.commit().await?;
    let (user_id, hash) = user.map(|user| (user.user_id, user.password_hash)).unzip();
    Ok(match (hasher.verify(password, hash).await?, user_id) {
        (true, Some(user_id)) => SignIn::Welcome(UserId(user_id)),
        (true, None) | (false, _) => SignIn::Refused,
    })
}
