//! The mail log, `/mail`: the search form, how far the log is complete, the rows.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::mail_log;
use crate::chrome::t;
use crate::components::filter_chips::FilterChips;
use crate::components::finding_card::FindingCard;
use crate::components::freshness_line::FreshnessLine;
use crate::components::mail_table::MailTable;
use crate::components::pager::Pager;
use crate::components::problem_card::ProblemCard;
use crate::components::search_form::SearchForm;
use crate::last_search::LastSearch;
use crate::log_query::LogQuery;
use crate::wire::LogPage;

/// The page.
#[component]
pub(crate) fn MailLogPage() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| LogQuery::from_params(&params.read()));
    LastSearch::follow(move || query.read().href());
    let page = Resource::new(move || query.get(), mail_log);
    view! {
        <Title text=t("mail-log") />
        <h1 class="hidden">{t("mail-log")}</h1>
        <SearchForm query />
        <FilterChips query />
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <LogResult page /> }.into_any(),
                    Err(problem) => view! { <ProblemCard problem /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn LogResult(page: LogPage) -> impl IntoView {
    let LogPage {
        rows,
        summary,
        newer,
        older,
        freshness,
        finding,
        notes,
        shows_subjects,
    } = page;
    let notes: Vec<_> = notes
        .into_iter()
        .map(|note| view! { <p class="note" role="alert">{note}</p> })
        .collect();
    view! {
        <div class="log-result">
            {notes}
            <div class="log-status">
                <FreshnessLine freshness />
                <p class="log-summary" role="status">
                    {summary}
                </p>
            </div>
            {match finding {
                Some(finding) => view! { <FindingCard finding /> }.into_any(),
                None => view! { <MailTable rows shows_subjects /> }.into_any(),
            }}
            <Pager newer older />
        </div>
    }
    .into_any()
}
