//! `trace`, `show` and `top` without the rest of the program, which takes long to build: `cargo run -p mailfate-cli --example logs -- trace LOG`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use cli::show::ShowArgs;
use cli::top::TopArgs;
use cli::trace::TraceArgs;
use cli::{Clock, CommandError};
use model::time::Micros;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Trace(TraceArgs),
    Show(ShowArgs),
    Top(TopArgs),
}

fn main() -> ExitCode {
    let clock = || {
        #[expect(clippy::disallowed_methods, reason = "an example is an edge of its own")]
        let now = jiff::Timestamp::now();
        Micros(now.as_microsecond())
    };
    let clock = Clock(&clock);
    let ended = match Cli::parse().command {
        Command::Trace(args) => cli::trace::run(&args, clock),
        Command::Show(args) => cli::show::run(&args, clock, None),
        Command::Top(args) => cli::top::run(&args, clock, None),
    };
    match ended {
        Ok(is_found) => ExitCode::from(u8::from(!is_found)),
        Err(CommandError::NobodyReads) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(3)
        }
    }
}
