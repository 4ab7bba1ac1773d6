//! One mail in the log. The link on its verdict covers the whole row (by the style sheet), so there is one link a row and it has a name.

use leptos::prelude::*;

use crate::chrome::t;
use crate::components::icon::{Icon, Shape};
use crate::components::verdict::Verdict;
use crate::components::wrapping::Wrapping;
use crate::wire::{LogRow, Origin};

/// The row.
#[component]
pub(crate) fn MailRow(row: LogRow, shows_subjects: bool) -> impl IntoView {
    let arrow = if row.inbound {
        Shape::Inwards
    } else {
        Shape::Outwards
    };
    view! {
        <tr class="mail-row">
            <td class="mail-time">
                <time datetime=row.time.machine>{row.time.text}</time>
                <small>{row.day}</small>
                <small class="mail-direction">
                    <Icon shape=arrow />
                    {row.direction}
                </small>
                {row
                    .clock_note
                    .map(|clock_note| {
                        view! {
                            <small class="mail-clock">
                                <Icon shape=Shape::Clock />
                                {clock_note}
                            </small>
                        }
                    })}
            </td>
            <td class="mail-outcome">
                <a class="mail-link" href=row.href aria-label=row.label>
                    <Verdict chip=row.chip />
                </a>
                {row.note.map(|note| view! { <small>{note}</small> })}
            </td>
            <td class="mail-sender">
                <Party name=row.sender is_placeholder=row.sender_is_placeholder />
                {row.origin.map(|origin| view! { <OriginLine origin /> })}
            </td>
            <td class="mail-recipient">
                <Party name=row.recipient is_placeholder=row.recipient_is_placeholder />
                {row.written_to.map(|written_to| view! { <small>{written_to}</small> })}
            </td>
            {shows_subjects
                .then(|| {
                    view! {
                        <td class="mail-subject">
                            {match row.subject {
                                Some(subject) => view! { <bdi>{subject}</bdi> }.into_any(),
                                None => view! { <small>{t("subject-none")}</small> }.into_any(),
                            }}
                        </td>
                    }
                })}
        </tr>
    }
    .into_any()
}

/// An address, set apart from the text around so that no foreign script turns the line.
#[component]
fn Party(name: String, is_placeholder: bool) -> impl IntoView {
    view! {
        <span class="address" class:placeholder=is_placeholder>
            <Wrapping text=name />
        </span>
    }
    .into_any()
}

#[component]
fn OriginLine(origin: Origin) -> impl IntoView {
    let Origin { flag, country, host } = origin;
    view! {
        <small class="mail-origin">
            {(!country.is_empty())
                .then(|| view! { <span class="country"><span class="flag" aria-hidden="true">{flag}</span>{country}</span> })}
            <bdi>{host}</bdi>
        </small>
    }
    .into_any()
}
