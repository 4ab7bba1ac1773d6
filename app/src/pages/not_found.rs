//! Any URL that is no page.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::chrome::t;
use crate::components::problem_card::ProblemCard;
use crate::problem::{Problem, ProblemKind};

/// The page; on the server it also sets the status.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    let problem = Problem::new(ProblemKind::NotFound);
    #[cfg(not(feature = "ssr"))]
    let problem = Problem {
        kind: ProblemKind::NotFound,
        request_id: String::new(),
    };
    view! {
        <Title text=t("problem-not_found-title") />
        <ProblemCard problem />
    }
    .into_any()
}
