//! The rows of the mail log: a table, on a phone a list of cards.

use leptos::prelude::*;

use crate::chrome::t;
use crate::components::mail_row::MailRow;
use crate::wire::LogRow;

/// The table.
#[component]
pub(crate) fn MailTable(rows: Vec<LogRow>, shows_subjects: bool) -> impl IntoView {
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| view! { <MailRow row shows_subjects /> })
        .collect();
    view! {
        <table class="mail-table">
            <caption class="hidden">{t("mail-log")}</caption>
            <thead>
                <tr>
                    <th scope="col">{t("column-time")}</th>
                    <th scope="col">{t("column-outcome")}</th>
                    <th scope="col">{t("column-sender")}</th>
                    <th scope="col">{t("column-recipient")}</th>
                    {shows_subjects.then(|| view! { <th scope="col">{t("column-subject")}</th> })}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
