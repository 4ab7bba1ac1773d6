//! `mailfate check`: looks at everything that `serve` and `ingest` need, and says for each whether it is in order.

use std::fmt::Display;
use std::fs::File;

use cli::CommandError;
use ingest::enrich::Geo;
use ingest::source::From;
use store::ingest::Finding;
use store::{Db, IngestDb};

use crate::End;
use crate::commands::database::{Database, cluster_config};
use crate::commands::running::clock;
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
    checks.say("retention", Ok::<_, String>(kept(config.retention.max_age_days)));
    match open(&config).await {
        Err(error) => checks.say("database", Err::<&str, _>(format!("{error:#}"))),
        Ok(database) => {
            checks.say(
                "database",
                Ok::<_, String>(match &database {
                    Database::Neighbour(_) => "answers; another Mailfate runs it",
                    Database::External(_) | Database::Private(_) => "answers",
                }),
            );
            checks.say(
                "portal's role",
                portal(&database).await.map_err(|error| format!("{error:#}")),
            );
            checks.say(
                "worker's role",
                worker(&database).await.map_err(|error| format!("{error:#}")),
            );
            match health(&config, &database).await {
                Err(error) => checks.say("database's health", Err::<&str, _>(format!("{error:#}"))),
                Ok(findings) => {
                    for finding in findings {
                        checks.say(
                            &format!("database, {}", finding.what),
                            if finding.is_fine {
                                Ok(finding.text)
                            } else {
                                Err(finding.text)
                            },
                        );
                    }
                }
            }
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

fn kept(days: u32) -> String {
    match days {
        0 => "mail is kept for ever (retention.max_age_days is 0)".to_owned(),
        days => format!("mail is kept for {days} days"),
    }
}

/// That of a running program is looked at where it is; a private one that never was is made, to see that it can be.
async fn open(config: &Config) -> anyhow::Result<Database<'_>> {
    match Database::reach(config).await {
        Err(error) if error.is::<CommandError>() => Database::open(config).await,
        reached => reached,
    }
}

async fn health(config: &Config, database: &Database<'_>) -> anyhow::Result<Vec<Finding>> {
    let cluster = match database {
        Database::External(_) => None,
        Database::Private(_) | Database::Neighbour(_) => Some(cluster_config(config).folder),
    };
    let db = IngestDb::connect(&database.ingest()?).await?;
    let findings = db.health(clock()(), cluster.as_deref()).await;
    db.close().await;
    Ok(findings?)
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
