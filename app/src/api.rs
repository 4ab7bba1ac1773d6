//! The pages' questions to the server: server functions, each a public endpoint under `/api/ui`.
//!
//! Goes in: what stood in the URL. Comes out: wire types. Each takes its rights from the request's scope and asks the store once; none changes
//! anything. All are GET, so nothing here needs protection against forged requests; signing in and out are plain forms (`server::http`).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::log_query::LogQuery;
use crate::problem::Problem;
use crate::wire::{LogPage, MailStory};

/// A page of the mail log.
#[server(prefix = "/api/ui", endpoint = "mail-log", input = GetUrl)]
pub(crate) async fn mail_log(#[server(default)] query: LogQuery) -> Result<LogPage, Problem> {
    use model::row::LogState;
    use model::time::Micros;

    use crate::present::freshness::GAPS_SINCE;
    use crate::present::log::log_page;
    use crate::present::search::Search;
    use crate::services::services;
    use crate::visitor::visitor;

    let visitor = visitor();
    let scope = visitor.scope()?;
    let format = visitor.format();
    let search = Search::new(&query, scope, &format);
    let mut tx = services().db.read(scope).await?;
    let page = store::mail::search(&mut tx, &search.query, search.domains.as_deref()).await?;
    let recent = Micros(format.now().0 - GAPS_SINCE);
    let since = if page.rows.is_empty() {
        // What is not there may have been in a gap, however old that is.
        search.query.since.unwrap_or_default().min(recent)
    } else {
        recent
    };
    let state = LogState {
        sources: store::freshness::sources(&mut tx).await?,
        gaps: store::freshness::gaps(&mut tx, since).await?,
    };
    tx.finish().await?;
    Ok(log_page(&query, search, &page, &state, scope, &format))
}

/// One mail's story; another tenant's mail does not exist.
#[server(prefix = "/api/ui", endpoint = "mail", input = GetUrl)]
pub(crate) async fn mail(domain: String, record_id: String) -> Result<MailStory, Problem> {
    use crate::present::story::mail_story;
    use crate::problem::ProblemKind;
    use crate::services::services;
    use crate::visitor::visitor;

    let visitor = visitor();
    let scope = visitor.scope()?;
    let format = visitor.format();
    let not_found = || Problem::new(ProblemKind::NotFound);
    let record_id = record_id.parse().map_err(|_| not_found())?;
    let mut tx = services().db.read(scope).await?;
    let view = store::mail::view(&mut tx, record_id, &domain).await?;
    tx.finish().await?;
    Ok(mail_story(&view.ok_or_else(not_found)?, &format))
}
