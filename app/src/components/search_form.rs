//! The search: a GET form whose fields are the URL. It works without JavaScript; with it, the router answers it in place.

use leptos::ev::SubmitEvent;
use leptos::form::form_data_from_event;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::chrome::{chrome, t};
use crate::components::icon::{Icon, Shape};
use crate::log_query::{ASKABLE_FAMILIES, LogQuery, family_id};
use model::verdict::Outcome;

/// The form, filled with the search that is shown.
#[component]
pub(crate) fn SearchForm(#[prop(into)] query: Signal<LogQuery>) -> impl IntoView {
    let text = move || query.read().text.clone();
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        if let Some(query) = typed(&event) {
            event.prevent_default();
            navigate(&query.href(), NavigateOptions::default());
        }
    };
    view! {
        <form method="get" action="/mail" class="search" role="search" aria-label=t("search") on:submit=submit>
            {move || keep("direction", query.read().direction.clone())}
            <div class="search-main">
                <Icon shape=Shape::Glass />
                <input
                    type="search"
                    name="text"
                    aria-label=t("field-text-label")
                    placeholder=t("field-text-placeholder")
                    maxlength="200"
                    value=text
                    prop:value=text
                />
                <button type="submit" class="button primary">{t("search")}</button>
            </div>
            <details class="search-more" open=move || query.read().has_details()>
                <summary>{t("search-more")}</summary>
                <div class="search-fields">
                    <TextField name="sender" query read=|query| &query.sender />
                    <TextField name="recipient" query read=|query| &query.recipient />
                    <DayField name="since" query read=|query| &query.since />
                    <DayField name="until" query read=|query| &query.until />
                    <OutcomeField query />
                    <DomainField query />
                </div>
            </details>
        </form>
    }
    .into_any()
}

/// What stands in the form. The router could do without, but would put the empty fields into the URL too.
fn typed(event: &SubmitEvent) -> Option<LogQuery> {
    let form = form_data_from_event(event).ok()?;
    let field = |name: &str| form.get(name).as_string().unwrap_or_default();
    Some(LogQuery {
        direction: field("direction"),
        text: field("text"),
        sender: field("sender"),
        recipient: field("recipient"),
        since: field("since"),
        until: field("until"),
        outcome: field("outcome"),
        domain: field("domain"),
        cursor: String::new(),
    })
}

/// A part of the search that the form does not show; left out of the URL when it is not set.
fn keep(name: &'static str, value: String) -> impl IntoView {
    (!value.is_empty()).then(|| view! { <input type="hidden" name=name value=value /> })
}

/// Which field of the query an input shows.
type Part = fn(&LogQuery) -> &String;

#[component]
fn TextField(name: &'static str, query: Signal<LogQuery>, read: Part) -> impl IntoView {
    let value = move || read(&query.read()).clone();
    view! {
        <label class="field">
            <span>{t(&format!("field-{name}"))}</span>
            <input
                name=name
                autocapitalize="none"
                spellcheck="false"
                maxlength="320"
                placeholder=t("field-address-placeholder")
                value=value
                prop:value=value
            />
        </label>
    }
    .into_any()
}

#[component]
fn DayField(name: &'static str, query: Signal<LogQuery>, read: Part) -> impl IntoView {
    let value = move || read(&query.read()).clone();
    view! {
        <label class="field">
            <span>{t(&format!("field-{name}"))}</span>
            <input type="date" name=name value=value prop:value=value />
        </label>
    }
    .into_any()
}

#[component]
fn OutcomeField(query: Signal<LogQuery>) -> impl IntoView {
    let choice = move |value: &'static str, word: String| {
        let is_chosen = move || query.read().outcome == value;
        view! {
            <option value=value selected=is_chosen prop:selected=is_chosen>
                {word}
            </option>
        }
    };
    let families =
        ASKABLE_FAMILIES.map(|(id, family)| choice(id, t(&format!("family-{}", family_id(family)))));
    let outcomes: Vec<_> = Outcome::ALL
        .iter()
        .filter(|outcome| **outcome != Outcome::NoTrace)
        .map(|outcome| choice(outcome.id(), t(&format!("outcome-{outcome}"))))
        .collect();
    view! {
        <label class="field">
            <span>{t("field-outcome")}</span>
            <select name="outcome">
                {choice("", t("any"))} <optgroup label=t("outcome-groups")>{families.to_vec()}</optgroup>
                <optgroup label=t("outcome-exactly")>{outcomes}</optgroup>
            </select>
        </label>
    }
    .into_any()
}

/// A list while it is short, else a text field; nothing when there is only one domain.
#[component]
fn DomainField(query: Signal<LogQuery>) -> impl IntoView {
    let (names, count) = chrome().with_value(|chrome| {
        chrome.viewer.as_ref().map_or_else(Default::default, |viewer| {
            (viewer.domains.clone(), viewer.domain_count)
        })
    });
    let value = move || query.read().domain.clone();
    if count < 2 {
        return ().into_any();
    }
    let input = if names.is_empty() {
        view! { <input name="domain" spellcheck="false" autocapitalize="none" value=value prop:value=value /> }
            .into_any()
    } else {
        let options: Vec<_> = names
            .into_iter()
            .map(|name| {
                let (value, this) = (name.clone(), name.clone());
                let is_chosen = Signal::derive(move || query.read().domain == this);
                view! {
                    <option value=value selected=is_chosen prop:selected=is_chosen>
                        {name}
                    </option>
                }
            })
            .collect();
        view! {
            <select name="domain">
                <option value="">{t("all-domains")}</option>
                {options}
            </select>
        }
        .into_any()
    };
    view! {
        <label class="field">
            <span>{t("field-domain")}</span>
            {input}
        </label>
    }
    .into_any()
}
