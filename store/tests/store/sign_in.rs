//! Signing in: right and wrong look different, unknown and wrong do not.

use pretty_assertions::assert_eq;
use secrecy::SecretString;
use store::owner::OwnerDb;
use store::password::Hasher;
use store::sign_in::{SignIn, verify};
use store::testing::{PASSWORD, TwoTenants};

#[tokio::test]
async fn only_the_right_password_of_a_known_user_is_welcome_and_each_try_costs_a_hash() {
    let made = TwoTenants::new().await;
    let db = made.portal().await;
    let owner = OwnerDb::connect(&made.database.owner()).await.expect("the owner");
    owner.disable_user(made.ispmail).await.expect("disabled");
    let hasher = Hasher::new(2).expect("a hasher");
    let mut tries = 0;
    for (login, password, expected) in [
        ("kundi", PASSWORD, SignIn::Welcome(made.kundi)),
        (" KUNDI ", PASSWORD, SignIn::Welcome(made.kundi)),
        ("kundi", "wrong", SignIn::Refused),
        ("kundi", "", SignIn::Refused),
        ("nobody", PASSWORD, SignIn::Refused),
        ("nobody", "nobody has this password", SignIn::Refused),
        ("", "", SignIn::Refused),
        ("ispmail", PASSWORD, SignIn::Refused),
        ("ku\0ndi", "x", SignIn::Refused),
        ("' or true --", PASSWORD, SignIn::Refused),
    ] {
        let answer = verify(&db, &hasher, login, &SecretString::from(password))
            .await
            .expect("an answer");
        assert_eq!(answer, expected, "{login:?} {password:?}");
        tries += 1;
        assert_eq!(hasher.hashes(), tries, "{login:?}: the same work whoever it is");
    }
}

#[tokio::test]
async fn hashes_are_argon2id_with_the_decided_cost() {
    let hash = Hasher::new(1)
        .expect("a hasher")
        .hash(&SecretString::from("x"))
        .await
        .expect("a hash");
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}
