//! `mailfate show`: the mails that arrived, that failed, that are waiting.
//!
//! Goes in: a log and what is asked for. Comes out: the records, one a line, or everything known of them.

use clap::{Args, ValueEnum};
use model::record::Record;
use model::verdict::{Outcome, Verdict};

use crate::Clock;
use crate::error::CommandError;
use crate::print::{Format, Printer, Style};
use crate::select::SelectArgs;
use crate::trace::{LogArgs, Screen, finish, records};

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
  mailfate show failures /var/log/mail.log                          what did not arrive and never will
  mailfate show deferrals --last \"3 hours\" /var/log/mail.log        what waits
  mailfate show all --detail --rcpt anna@example.org LOG            everything about the mails to one address
  mailfate show all --client 192.0.2.0/24 --since yesterday LOG     what came from a network

Exit code: 0 something found, 1 nothing found, 2 wrong use, 3 failed.";

/// Every mail is one of `Success`, `Failures` and `Deferrals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// All mails
    All,
    /// Mails that arrived: delivered, put into Junk, forwarded, handed over to another provider, released from quarantine
    Success,
    /// Mails that did not arrive and never will: refused, returned, given up, removed
    Failures,
    /// Mails that have not arrived yet: put off, waiting, held, in quarantine
    Deferrals,
}

impl What {
    /// Whether a verdict belongs here.
    pub(crate) const fn includes(self, verdict: Verdict) -> bool {
        match self {
            Self::All => true,
            Self::Success => has_arrived(verdict.outcome),
            Self::Failures => has_failed(verdict),
            Self::Deferrals => !has_arrived(verdict.outcome) && !has_failed(verdict),
        }
    }
}

const fn has_arrived(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Delivered
        | Outcome::Junked
        | Outcome::HandedOver
        | Outcome::Forwarded
        | Outcome::Released => true,
        Outcome::Greylisted
        | Outcome::Deferred
        | Outcome::Quarantined
        | Outcome::Held
        | Outcome::Rejected
        | Outcome::Bounced
        | Outcome::Expired
        | Outcome::Discarded
        | Outcome::NoTrace
        | Outcome::InProgress => false,
    }
}

/// A sender that was put off and never came back has failed as well.
const fn has_failed(verdict: Verdict) -> bool {
    match verdict.outcome {
        Outcome::Rejected | Outcome::Bounced | Outcome::Expired | Outcome::Discarded | Outcome::NoTrace => {
            true
        }
        Outcome::Greylisted | Outcome::Deferred => verdict.is_final,
        Outcome::Delivered
        | Outcome::Junked
        | Outcome::HandedOver
        | Outcome::Forwarded
        | Outcome::Released
        | Outcome::Quarantined
        | Outcome::Held
        | Outcome::InProgress => false,
    }
}

/// Runs `show`; says whether anything was found.
///
/// # Errors
/// See [`CommandError`]. What was found before an error is printed.
pub fn run(args: &ShowArgs, clock: Clock<'_>) -> Result<bool, CommandError> {
    let begin = clock.now();
    let selection = args.select.selection(begin, &args.log.tz)?;
    let style = if args.detail { Style::Detail } else { Style::Line };
    let mut printer = Printer::new(args.format, style, &args.log.tz)?;
    let read = records(&args.log, clock, Screen::Printing, |record: &Record| {
        if args.what.includes(record.verdict) && selection.wants(record) {
            printer.print(record, selection.direction(record))?;
        }
        Ok(())
    });
    finish(read, &args.log, printer, clock.now().0 - begin.0)
}

#[cfg(test)]
mod tests {
    use model::verdict::{Actor, Confidence, Reason};

    use super::*;

    #[test]
    fn every_mail_is_in_exactly_one_group() {
        for &outcome in Outcome::ALL {
            for is_final in [true, false] {
                let verdict = Verdict {
                    outcome,
                    reason: Reason::Ok,
                    actor: Actor::Nobody,
                    is_final,
                    confidence: Confidence::Exact,
                };
                let groups = [What::Success, What::Failures, What::Deferrals]
                    .into_iter()
                    .filter(|what| what.includes(verdict))
                    .count();
                assert_eq!(groups, 1, "{outcome} {is_final}");
                assert!(What::All.includes(verdict));
            }
        }
    }
}
