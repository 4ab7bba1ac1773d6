//! `mailfate serve`: the web server.
//!
//! With an external database it is the web server alone, and any number of them may run. A private database belongs to one program, so the
//! worker runs in it too, as soon as there are sources.

use store::{Db, IngestDb};

use crate::End;
use crate::commands::database::Database;
use crate::commands::running::{Web, Worker, bind, stop_signal, until_stopped};
use crate::config::Config;

pub(crate) async fn run(config: Config) -> anyhow::Result<End> {
    let stop = stop_signal()?;
    let listener = bind(config.listen).await?;
    let address = listener.local_addr()?;
    let database = Database::open(&config).await?;
    let end = async {
        let db = Db::connect(&database.portal()?, config.database.portal_connections).await?;
        let web = Web::start(&config, db.clone(), listener)?;
        let worker = match &database {
            Database::Private(_) if !config.sources.is_empty() => Some(Worker::start(
                &config,
                IngestDb::connect(&database.ingest()?).await?,
            )?),
            Database::Private(_) | Database::External(_) | Database::Neighbour(_) => None,
        };
        tracing::info!(%address, "answering");
        let end = until_stopped(&stop, Some(web), worker).await;
        db.close().await;
        end
    }
    .await;
    database.close().await?;
    end.map(|()| End::Done)
}
