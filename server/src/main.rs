//! The program `mailfate`: command line, configuration, and the order in which things start and stop.
//!
//! Goes in: arguments. Comes out: an exit code (0 done, 1 nothing found where that matters, 2 wrong use or configuration, 3 failed) and, for
//! errors, one sentence on standard error.

mod commands;
mod config;

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use cli::CommandError;
use cli::explain::ExplainArgs;
use cli::show::ShowArgs;
use cli::top::TopArgs;
use cli::trace::TraceArgs;
use tracing_subscriber::EnvFilter;

use crate::commands::{check, demo, files, ingest, migrate, retention, serve, stored};
use crate::config::{Config, ConfigError, Overrides};

/// Joining lines to mails is much making and dropping of small texts: this allocator takes half the time of the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What became of my mail? Answers for the customers of a mail provider.
#[derive(Debug, Parser)]
#[command(name = "mailfate", version, max_term_width = 100)]
struct Cli {
    /// Configuration file [default: mailfate.toml, then /etc/mailfate/mailfate.toml, if there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show everything with a private database and a recorded evening of mail, as if it were now
    Demo(demo::DemoArgs),
    /// Run the web server (and, with a private database, the worker)
    Serve(WhereArgs),
    /// Follow the log sources and write the database
    Ingest(WhereArgs),
    /// Bring the database to this program's version
    Migrate(migrate::MigrateArgs),
    /// Check configuration, database, roles and sources
    Check(WhereArgs),
    /// Drop the days that are older than mail is kept
    Retention(retention::RetentionArgs),
    /// Read logs and print what became of each mail, without a database
    Trace(TraceArgs),
    /// Print the mails that arrived, failed or wait: of log files or, when none is named, of the database
    Show(FilesOrDatabase<ShowArgs>),
    /// Count, in log files or, when none is named, in the database: who sends and gets most, what fails, figures for users and domains
    Top(FilesOrDatabase<TopArgs>),
    /// Say in words what an answer of a mail server means
    Explain(ExplainArgs),
}

/// What most commands take.
#[derive(Debug, Default, Args)]
struct WhereArgs {
    /// Address and port of the web server
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where the private database and other state live
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

/// What a command takes that reads log files or the database.
#[derive(Debug, Args)]
struct FilesOrDatabase<T: Args> {
    #[command(flatten)]
    args: T,
    /// Where the private database lives
    #[arg(long, value_name = "FOLDER", help_heading = "Reading the database")]
    data_dir: Option<PathBuf>,
}

/// How a command ended.
enum End {
    /// As it should.
    Done,
    /// Something was looked for and is not there, or not in order.
    NotFound,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(End::Done) => ExitCode::SUCCESS,
        Ok(End::NotFound) => ExitCode::from(1),
        Err(error) => {
            if matches!(error.downcast_ref(), Some(CommandError::NobodyReads)) {
                return ExitCode::SUCCESS;
            }
            // Not `eprintln`, which would panic when nobody reads that either.
            let _unread = writeln!(io::stderr(), "mailfate: {error:#}");
            let is_wrong_use =
                error.is::<ConfigError>() || matches!(error.downcast_ref(), Some(CommandError::WrongUse(_)));
            ExitCode::from(if is_wrong_use { 2 } else { 3 })
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<End> {
    let load = |args: WhereArgs| {
        Config::load(&Overrides {
            file: cli.config.clone(),
            listen: args.listen,
            data_dir: args.data_dir,
        })
    };
    match cli.command {
        Command::Demo(args) => {
            let config = load(WhereArgs {
                listen: args.listen(),
                data_dir: args.data_dir(),
            })?;
            start_log(&config, "warn");
            on_runtime(demo::run(config, args))
        }
        Command::Serve(args) => {
            let config = load(args)?;
            start_log(&config, &config.log);
            on_runtime(serve::run(config))
        }
        Command::Ingest(args) => {
            let config = load(args)?;
            start_log(&config, &config.log);
            on_runtime(ingest::run(config))
        }
        Command::Migrate(args) => {
            let config = load(at(args.data_dir()))?;
            start_log(&config, "warn");
            on_runtime(migrate::run(config, args))
        }
        Command::Retention(args) => {
            let config = load(at(args.data_dir()))?;
            start_log(&config, "warn");
            on_runtime(retention::run(config, args))
        }
        Command::Check(args) => {
            let config = load(args)?;
            start_log(&config, "error");
            on_runtime(check::run(config))
        }
        Command::Trace(args) => files::run(&cli::trace::run, &args),
        Command::Show(asked) if asked.args.names_files() => {
            files::run(&|args, clock| cli::show::run(args, clock, None), &asked.args)
        }
        Command::Show(asked) => {
            let config = load(at(asked.data_dir))?;
            start_log(&config, "error");
            on_runtime(stored::run(config, cli::show::run, asked.args))
        }
        Command::Top(asked) if asked.args.names_files() => {
            files::run(&|args, clock| cli::top::run(args, clock, None), &asked.args)
        }
        Command::Top(asked) => {
            let config = load(at(asked.data_dir))?;
            start_log(&config, "error");
            on_runtime(stored::run(config, cli::top::run, asked.args))
        }
        Command::Explain(args) => files::explain(&args),
    }
}

/// Only the folder is overridden.
fn at(data_dir: Option<PathBuf>) -> WhereArgs {
    WhereArgs {
        listen: None,
        data_dir,
    }
}

fn on_runtime(work: impl Future<Output = anyhow::Result<End>>) -> anyhow::Result<End> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Logs to standard error; `RUST_LOG`, if set, decides what.
fn start_log(config: &Config, what: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(what));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    if config.log_json {
        log.json().init();
    } else {
        log.init();
    }
}
