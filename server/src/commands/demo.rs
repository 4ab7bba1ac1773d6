//! `mailfate demo`: everything on one machine in one process, with a recorded evening of mail as if it were now.
//!
//! Goes in: nothing that must be installed but PostgreSQL. Comes out: an address and sign-ins. It is the only command with default passwords,
//! so it listens on the machine itself unless told otherwise, and keeps everything in a folder of its own.

mod people;
mod sample;

use std::fs;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use store::{Db, IngestDb};
use tokio_util::sync::CancellationToken;

use crate::End;
use crate::commands::database::Database;
use crate::commands::demo::people::{PASSWORD, SIGN_INS};
use crate::commands::running::{Web, Worker, bind, clock, stop_signal, until_stopped};
use crate::config::{Config, DatabaseConfig, SourceConfig};

/// What `mailfate demo` takes.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Address and port of the web server
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "port")]
    listen: Option<SocketAddr>,
    /// Port on this machine; 0 takes a free one
    #[arg(long)]
    port: Option<u16>,
    /// Where the demo keeps its database and its log
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Write address and sign-ins as JSON to this file when the pages answer and the sample is loaded
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

impl DemoArgs {
    pub(crate) fn listen(&self) -> Option<SocketAddr> {
        self.listen.or_else(|| {
            self.port
                .map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
        })
    }

    pub(crate) fn data_dir(&self) -> Option<PathBuf> {
        self.data_dir.clone()
    }
}

/// What the ready file says.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    log_file: &'a Path,
    sign_ins: Vec<SignIn<'a>>,
}

#[derive(Serialize)]
struct SignIn<'a> {
    role: &'a str,
    login: &'a str,
    password: &'a str,
}

pub(crate) async fn run(mut config: Config, args: DemoArgs) -> anyhow::Result<End> {
    let stop = stop_signal()?;
    let listener = bind(config.listen).await?;
    let address = listener.local_addr()?;
    let folder = absolute(&config.data_dir)?.join("demo");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    // Whatever the configuration says of real databases and servers is none of the demo's business.
    config.data_dir.clone_from(&folder);
    config.database = DatabaseConfig::default();
    config.geo.databases = sample::location_databases(&folder)?;
    let log_file = sample::log_file(&folder, clock()())?;
    config.sources = vec![SourceConfig::file("sample", log_file.clone())];

    eprintln!("Starting a private database in {} ...", folder.display());
    let database = tokio::select! {
        database = Database::open(&config) => database?,
        // Dropped on the way, the database stops what it has started.
        () = stop.cancelled() => return Ok(End::Done),
    };
    let end = async {
        people::create(&database.owner()?).await?;
        let db = Db::connect(&database.portal()?, config.database.portal_connections).await?;
        let web = Web::start(&config, db.clone(), listener)?;
        let mut worker = Worker::start(&config, IngestDb::connect(&database.ingest()?).await?)?;
        eprintln!("Reading the sample log ...");
        tokio::select! {
            () = worker.caught_up() => announce(address, &log_file, args.ready_file.as_deref(), &stop)?,
            () = stop.cancelled() => {}
        }
        let end = until_stopped(&stop, Some(web), Some(worker)).await;
        db.close().await;
        end
    }
    .await;
    database.close().await?;
    end.map(|()| End::Done)
}

fn absolute(folder: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(folder).with_context(|| folder.display().to_string())
}

/// Tells people, and programs that wait for the file.
fn announce(
    address: SocketAddr,
    log_file: &Path,
    ready_file: Option<&Path>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    if stop.is_cancelled() {
        return Ok(());
    }
    // Nobody can open 0.0.0.0; this machine answers there too.
    let host = match address.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let url = format!("http://{host}:{}", address.port());
    println!(
        "\nMailfate is ready: {url}\n\n  {:<12}{:<12}password",
        "role", "login"
    );
    for (role, login) in SIGN_INS {
        println!("  {:<12}{login:<12}{PASSWORD}", role.id());
    }
    println!(
        "\nIt follows {}: append lines, and they show up.\nStop it with Ctrl-C. The data stays; delete {} to begin anew.\n",
        log_file.display(),
        log_file.parent().unwrap_or(log_file).display()
    );

    let Some(path) = ready_file else { return Ok(()) };
    let ready = Ready {
        url: &url,
        log_file,
        sign_ins: SIGN_INS
            .iter()
            .map(|(role, login)| SignIn {
                role: role.id(),
                login,
                password: PASSWORD,
            })
            .collect(),
    };
    write_whole(path, &serde_json::to_vec_pretty(&ready)?)
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let half = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&half)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&half, path)
    };
    write().with_context(|| path.display().to_string())
}
