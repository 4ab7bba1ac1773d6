//! The bar above every page: brand, the pages there are, who is signed in.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::chrome::{Viewer, chrome, t};
use crate::components::icon::{Icon, Shape};
use crate::components::language_form::LanguageForm;

/// The bar.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let viewer = chrome().with_value(|chrome| chrome.viewer.clone());
    let is_signed_in = viewer.is_some();
    let path = use_location().pathname;
    // The log is the section of every mail's page too.
    let current = move || if path.get() == "/mail" { "page" } else { "true" };
    view! {
        <header class="header">
            <a class="brand" href=if is_signed_in { "/mail" } else { "/sign-in" }>
                <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                    <rect x="3" y="7" width="26" height="18" rx="4" />
                    <path d="M4 10.5l10.2 7a3.2 3.2 0 0 0 3.6 0l10.2-7" />
                </svg>
                "Mailfate"
            </a>
            {is_signed_in
                .then(|| {
                    view! {
                        <nav aria-label=t("nav-main")>
                            <a href="/mail" aria-current=current>
                                {t("nav-mail-log")}
                            </a>
                        </nav>
                    }
                })}
            <div class="header-end">
                {match viewer {
                    Some(viewer) => view! { <ViewerMenu viewer /> }.into_any(),
                    None => view! { <LanguageForm /> }.into_any(),
                }}
            </div>
        </header>
    }
    .into_any()
}

/// Who is signed in; unfolds to language and sign-out. A `<details>`, so it works without JavaScript.
#[component]
fn ViewerMenu(viewer: Viewer) -> impl IntoView {
    let Viewer {
        name, login, tenant, ..
    } = viewer;
    view! {
        <details class="menu">
            <summary>
                <Icon shape=Shape::Person />
                <span class="menu-tenant">{tenant.clone()}</span>
                <Icon shape=Shape::Unfold />
            </summary>
            <div class="menu-body">
                <p class="menu-who">
                    <strong>{name}</strong>
                    <span>{login}</span>
                    <span>{tenant}</span>
                </p>
                <LanguageForm />
                <form method="post" action="/sign-out">
                    <button type="submit" class="button">{t("sign-out")}</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}
