//! The root of the component tree: chrome, router, routes.
//!
//! Goes in: the request's URL, or the browser's. Comes out: one page inside the frame. Every page is rendered whole (`SsrMode::Async`): it
//! works without JavaScript, has the right status, and nothing jumps.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{ParamSegment, SsrMode, StaticSegment};

use crate::chrome::{provide_chrome, t};
use crate::components::header::Header;
use crate::components::progress::ProgressBar;
use crate::last_search::LastSearch;
use crate::pages::mail::MailPage;
use crate::pages::mail_log::MailLogPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::sign_in::SignInPage;

/// The whole application.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_chrome();
    LastSearch::provide();
    let (is_routing, set_is_routing) = signal(false);
    Effect::new(|_| {
        // Tells browser tests that clicks are answered from now on.
        let _ = document()
            .body()
            .map(|body| body.set_attribute("data-hydrated", ""));
    });
    view! {
        <Title formatter=document_title />
        <Router set_is_routing>
            // External: the router would scroll there and leave the focus behind.
            <a class="skip-link" href="#content" rel="external">
                {t("skip-to-content")}
            </a>
            <ProgressBar is_routing />
            <Header />
            <main id="content" tabindex="-1">
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=StaticSegment("mail") view=MailLogPage ssr=SsrMode::Async />
                    <Route
                        path=(StaticSegment("mail"), ParamSegment("domain"), ParamSegment("record_id"))
                        view=MailPage
                        ssr=SsrMode::Async
                    />
                    <Route path=StaticSegment("sign-in") view=SignInPage ssr=SsrMode::Async />
                </FlatRoutes>
            </main>
        </Router>
    }
}

/// The text between `<title>` and `</title>`.
///
/// The server's half of `leptos_meta` writes it into the HTML as it is, and titles name senders: strangers' text. The browser's half sets it
/// as text, where entities would show.
fn document_title(page: String) -> String {
    let title = page + " · Mailfate";
    if cfg!(feature = "ssr") {
        title
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    } else {
        title
    }
}
