//! What the crate `cli` does with log files or with nothing at all, with the program's clock and texts: no configuration, no database.

use app::language::Language;
use app::texts::Texts;
use cli::explain::{Argument, ExplainArgs, Lang};
use cli::{Clock, CommandError};

use crate::End;
use crate::commands::running;

/// Runs a command on log files.
pub(crate) fn run<Args>(
    command: &dyn Fn(&Args, Clock<'_>) -> Result<bool, CommandError>,
    args: &Args,
) -> anyhow::Result<End> {
    let clock = running::clock();
    Ok(end(command(args, Clock(&*clock))?))
}

/// Runs `explain`.
pub(crate) fn explain(args: &ExplainArgs) -> anyhow::Result<End> {
    let texts = Texts::of(match args.lang() {
        Lang::En => Language::English,
        Lang::De => Language::German,
        Lang::It => Language::Italian,
    });
    let say = |key: &str, argument: Option<Argument<'_>>| {
        let arguments: Vec<_> = argument
            .into_iter()
            .map(|(name, value)| (name, value.to_owned().into()))
            .collect();
        texts.say_with(key, &arguments)
    };
    Ok(end(cli::explain::run(args, &say)?))
}

const fn end(is_found: bool) -> End {
    if is_found { End::Done } else { End::NotFound }
}
