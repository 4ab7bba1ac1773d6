//! What machines wrote, unaltered: the other server's answer and the log lines.

use leptos::prelude::*;

use crate::chrome::t;

/// The other server's answer; open, because it is short and often says more than we can.
#[component]
pub(crate) fn Reply(reply: Option<String>) -> impl IntoView {
    reply.map(|reply| {
        view! {
            <details class="raw-lines" open>
                <summary>{t("reply")}</summary>
                <pre tabindex="0"><bdi>{reply}</bdi></pre>
            </details>
        }
        .into_any()
    })
}

/// The log lines, folded.
#[component]
pub(crate) fn RawLines(lines: Vec<String>) -> impl IntoView {
    let count = lines.len();
    let mut text = String::new();
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    (count > 0).then(|| {
        view! {
            <details class="raw-lines">
                <summary>{t("raw-lines")} " (" {count} ")"</summary>
                <pre tabindex="0" role="group" aria-label=t("raw-lines")><bdi>{text}</bdi></pre>
            </details>
        }
        .into_any()
    })
}
