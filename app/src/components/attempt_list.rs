//! The delivery tries one by one, with the other side's words; folded, because most people need only the last.

use leptos::prelude::*;

use crate::chrome::t;
use crate::components::verdict::Verdict;
use crate::wire::Attempt;

/// The tries; nothing when there was only one.
#[component]
pub(crate) fn AttemptList(attempts: Vec<Attempt>) -> impl IntoView {
    let count = attempts.len();
    let rows: Vec<_> = attempts
        .into_iter()
        .map(|attempt| {
            view! {
                <tr>
                    <td class="attempt-time">
                        <time datetime=attempt.time.machine>{attempt.time.text}</time>
                    </td>
                    <td>
                        <Verdict chip=attempt.chip />
                    </td>
                    <td class="attempt-answer">
                        <bdi>{attempt.answer}</bdi>
                    </td>
                </tr>
            }
        })
        .collect();
    (count > 0).then(|| {
        view! {
            <details class="attempt-list">
                <summary>{t("attempts")} " (" {count} ")"</summary>
                <table>
                    <thead class="hidden">
                        <tr>
                            <th scope="col">{t("column-time")}</th>
                            <th scope="col">{t("column-outcome")}</th>
                            <th scope="col">{t("column-answer")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        }
        .into_any()
    })
}
