//! `mailfate check`: looks at everything that `serve` and `ingest` need, and says for each whether it is in order.

use std::fmt::Display;
use std::fs::File;

use ingest::enrich::Geo;
use ingest::source::From;
use store::{Db, IngestDb};

use crate::End;
use crate::commands::database::Database;
use crate::config::Config;

/// Prints a line for each thing; `End::NotFound` when one is not in order.
pub(crate) async fn run(config: Config) -> anyhow::Result<End> {
    // The configuration was read and checked before this.
    let mut checks = Checks { failed: 0 };
    checks.say("configuration", Ok::<_, String>("read"));
    checks.say("site folder", site(&config));
    checks.say(
        "location databases",
        Geo::open(&config.geo.databases).map(|_| config.geo.databases.len()),
    );
    for source in config.sources()? {
        checks.say(
            &format!("source {} ({})", source.name, source.from),
            look(&source.from),
        );
    }
    match Database::open(&config).await {
        Err(error) => checks.say("database", Err::<&str, _>(format!("{error:#}"))),
        Ok(database) => {
            checks.say("database", Ok::<_, String>("answers"));
            checks.say(
                "portal's role",
                portal(&database).await.map_err(|error| format!("{error:#}")),
            );
            checks.say(
                "worker's role",
                worker(&database).await.map_err(|error| format!("{error:#}")),
            );
            database.close().await?;
        }
    }
    Ok(if checks.failed == 0 {
        End::Done
    } else {
        End::NotFound
    })
}

/// Looks at a source without disturbing a worker that follows it: files are opened, addresses are not.
fn look(from: &From) -> Result<&'static str, String> {
    match from {
        From::Files(paths) => {
            // What a glob finds changes; a name without a file is most often a mistake.
            for path in paths {
                if !path.to_string_lossy().contains(['*', '?', '[']) {
                    File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
                }
            }
            Ok("readable")
        }
        From::Tls { files, .. } => {
            files.check().map_err(|error| error.to_string())?;
            Ok("the certificate can be used")
        }
        From::Udp(_)
        | From::Tcp(_)
        | From::UnixDatagram(_)
        | From::Pipe(_)
        | From::Stdin
        | From::Journal(_) => Ok("opened by the worker"),
    }
}

struct Checks {
    failed: usize,
}

impl Checks {
    fn say<T: Display, E: Display>(&mut self, what: &str, result: Result<T, E>) {
        match result {
            Ok(found) => println!("ok    {what}: {found}"),
            Err(error) => {
                self.failed += 1;
                println!("WRONG {what}: {error}");
            }
        }
    }
}

fn site(config: &Config) -> Result<String, String> {
    let folder = config.site_dir.display().to_string();
    if config.site_dir.is_dir() {
        Ok(folder)
    } else {
        Err(format!(
            "{folder} is not there; `make site` builds it, and site_dir says where it is"
        ))
    }
}

async fn portal(database: &Database<'_>) -> anyhow::Result<&'static str> {
    let db = Db::connect(&database.portal()?, 1).await?;
    db.close().await;
    Ok("bound to row level security, versions fit")
}

async fn worker(database: &Database<'_>) -> anyhow::Result<String> {
    let db = IngestDb::connect(&database.ingest()?).await?;
    let domains = db.hosted_domains().await?.len();
    db.close().await;
    Ok(format!("versions fit, {domains} hosted domains"))
}
