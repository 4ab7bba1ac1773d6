//! `mailfate show`: the mails that arrived, that failed, that are waiting.
//!
//! Goes in: a log, or stored records, and what is asked for. Comes out: the records, one a line, or everything known of them.

use clap::{Args, ValueEnum};
use model::query::RecordQuery;
use model::record::Record;
use model::verdict::Outcome;

use crate::Clock;
use crate::error::CommandError;
use crate::print::{Format, Printer, Style};
use crate::select::SelectArgs;
use crate::stored::{Stored, records_of};
use crate::trace::{LogArgs, Screen, finish};

/// What `mailfate show` takes.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ShowArgs {
    /// Which mails
    #[arg(value_enum)]
    what: What,
    #[command(flatten)]
    log: LogArgs,
    /// Print everything that is known of each mail, with its log lines
    #[arg(long)]
    detail: bool,
    /// How mails are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    select: SelectArgs,
}

const EXAMPLES: &str = "\
Examples:
  mailfate show failures /var/log/mail.log                    what did not arrive
  mailfate show deferrals --last \"3 hours\" LOG                what waits
  mailfate show all --detail --rcpt anna@example.org LOG      everything about one address
  mailfate show all --client 192.0.2.0/24 --since today LOG   what came from a network
  mailfate show failures --last \"3 hours\"                     the same questions to the database

Exit code: 0 something found, 1 nothing found, 2 wrong use, 3 failed.";

/// Every mail is one of `Success`, `Failures` and `Deferrals`, by its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// All mails
    All,
    /// Mails that arrived: delivered, put into Junk, forwarded, handed over to another provider, released from quarantine
    Success,
    /// Mails that did not arrive: refused, returned, given up, removed, in quarantine
    Failures,
    /// Mails that have not arrived yet: put off, waiting, on hold, under way
    Deferrals,
}

impl What {
    /// Whether an outcome belongs here.
    pub(crate) fn includes(self, outcome: Outcome) -> bool {
        self == Self::All || self == Self::of(outcome)
    }

    /// All outcomes that belong here; empty for everything.
    fn outcomes(self) -> Vec<Outcome> {
        if self == Self::All {
            return Vec::new();
        }
        Outcome::ALL
            .iter()
            .copied()
            .filter(|outcome| self.includes(*outcome))
            .collect()
    }

    const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Delivered
            | Outcome::Junked
            | Outcome::HandedOver
            | Outcome::Forwarded
            | Outcome::Released => Self::Success,
            Outcome::Rejected
            | Outcome::Bounced
            | Outcome::Expired
            | Outcome::Discarded
            | Outcome::Quarantined
            | Outcome::NoTrace => Self::Failures,
            Outcome::Greylisted | Outcome::Deferred | Outcome::Held | Outcome::InProgress => Self::Deferrals,
        }
    }
}

impl ShowArgs {
    /// Whether log files are named; without them stored records are shown.
    pub fn names_files(&self) -> bool {
        self.log.names_files()
    }
}

/// Runs `show` on the named logs, or on stored records; says whether anything was found.
///
/// # Errors
/// See [`CommandError`]. What was found before an error is printed.
pub fn run(args: &ShowArgs, clock: Clock<'_>, stored: Option<Stored<'_>>) -> Result<bool, CommandError> {
    let begin = clock.now();
    let mut selection = args.select.selection(begin, &args.log.tz)?;
    if let Some(stored) = &stored {
        selection.host(&stored.our_domains);
    }
    let query = RecordQuery {
        outcomes: args.what.outcomes(),
        with_trails: args.detail,
        ..selection.query()
    };
    let style = if args.detail { Style::Detail } else { Style::Line };
    let mut printer = Printer::new(args.format, style, &args.log.tz)?;
    let read = records_of(
        &args.log,
        stored,
        query,
        clock,
        Screen::Printing,
        |record: &Record| {
            if args.what.includes(record.verdict.outcome) && selection.wants(record) {
                printer.print(record, selection.direction(record))?;
            }
            Ok(())
        },
    );
    finish(read, &args.log, printer, clock.now().0 - begin.0)
}
