//! What a page shows instead of an answer.

use leptos::prelude::*;

use crate::chrome::t;
use crate::problem::{Problem, ProblemKind};

/// The card.
#[component]
pub(crate) fn ProblemCard(problem: Problem) -> impl IntoView {
    let id = problem.kind.id();
    let way_out = match problem.kind {
        // The whole page has to be loaded anew: there is another viewer then.
        ProblemKind::SignedOut => {
            view! { <a class="button primary" href="/sign-in" rel="external">{t("sign-in")}</a> }
        }
        ProblemKind::NotFound | ProblemKind::TooLong | ProblemKind::Offline | ProblemKind::Failed => {
            view! { <a class="button" href="/mail" rel="external">{t("problem-to-log")}</a> }
        }
    };
    view! {
        <section class="card problem-card" role="alert">
            <h1>{t(&format!("problem-{id}-title"))}</h1>
            <p>{t(&format!("problem-{id}-text"))}</p>
            {(!problem.request_id.is_empty() && problem.kind == ProblemKind::Failed)
                .then(|| {
                    view! {
                        <p class="problem-id">{t("problem-reference")} " " <code>{problem.request_id}</code></p>
                    }
                })}
            <p>{way_out}</p>
        </section>
    }
    .into_any()
}
