//! Sign-in, `/sign-in`: a plain form, because signing in changes who is looking and so needs a new page anyway.
//!
//! The server answers it with a redirect: to the log, or back here with `problem` in the URL. What was typed never stands in a URL.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::chrome::{SIGN_IN_PROBLEMS, t};

/// The page.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let params = use_query_map();
    let problem = move || {
        let asked = params.read().get("problem")?;
        let id = SIGN_IN_PROBLEMS.into_iter().find(|id| *id == asked)?;
        Some(
            view! { <p class="note bad" role="alert" id="sign-in-problem">{t(&format!("sign-in-{id}"))}</p> },
        )
    };
    let next = move || params.read().get("next").unwrap_or_default();
    view! {
        <Title text=t("sign-in") />
        <section class="sign-in card">
            <h1>{t("sign-in-title")}</h1>
            <p class="lead">{t("sign-in-lead")}</p>
            {problem}
            <form method="post" action="/sign-in">
                <input type="hidden" name="next" value=next />
                <label class="field">
                    <span>{t("sign-in-login")}</span>
                    <input
                        name="login"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        maxlength="320"
                        required
                        autofocus
                    />
                </label>
                <label class="field">
                    <span>{t("sign-in-password")}</span>
                    <input type="password" name="password" autocomplete="current-password" maxlength="1000" required />
                </label>
                <button type="submit" class="button primary">{t("sign-in")}</button>
            </form>
        </section>
    }
    .into_any()
}
