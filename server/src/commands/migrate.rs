//! `mailfate migrate`: brings the database to this program's version.

use std::path::PathBuf;

use clap::Args;

use crate::End;
use crate::commands::database::{self, Database};
use crate::config::Config;

/// What `mailfate migrate` takes.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Where the private database lives
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Only print the SQL that makes the three roles, for a superuser of an external database
    #[arg(long)]
    print_roles: bool,
}

impl MigrateArgs {
    pub(crate) fn data_dir(&self) -> Option<PathBuf> {
        self.data_dir.clone()
    }
}

pub(crate) async fn run(config: Config, args: MigrateArgs) -> anyhow::Result<End> {
    if args.print_roles {
        print!("{}", store::owner::ROLES);
        return Ok(End::Done);
    }
    let database = Database::open(&config).await?;
    let applied = match &database {
        Database::External(_) => database::migrate(&database.owner()?).await?,
        // It was migrated when it was opened.
        Database::Private(_) | Database::Neighbour(_) => 0,
    };
    database.close().await?;
    match applied {
        0 => println!("the database is up to date"),
        1 => println!("1 migration applied"),
        more => println!("{more} migrations applied"),
    }
    Ok(End::Done)
}
