//! `mailfate trace`, and what `show` and `top` stand on when they are given logs: logs in, records out, without a database.
//!
//! Goes in: log files, or standard input. Comes out: records, when their mails are over, the unfinished ones at the end, so that memory stays flat
//! over any length of log; statistics as JSON on standard error.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;
use model::record::Record;
use tracer::correlate::{Changes, Correlator, Counters, Knowledge, Limits};
use tracer::dialect::Choice;

use crate::Clock;
use crate::error::CommandError;
use crate::print::{Format, Printer, Style};
use crate::select::SelectArgs;
use crate::source::{Headers, Merge, Named, without_doubles};

mod progress;

pub(crate) use progress::Progress;

/// Lines between two looks for finished mails.
const DRAIN_EVERY: u64 = 1024;

/// What `mailfate trace` takes.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TraceArgs {
    #[command(flatten)]
    log: LogArgs,
    /// How records are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Print the events of each mail too: lines below it in the table, the key or column `trail` elsewhere
    #[arg(long)]
    trail: bool,
    #[command(flatten)]
    select: SelectArgs,
}

const EXAMPLES: &str = "\
Examples:
  mailfate trace /var/log/mail.log                     what became of each mail
  mailfate trace /var/log/mail.log*                    with the rotated and compressed ones
  mailfate trace --rcpt anna@example.org --trail LOG   every step of the mails to one address
  ssh mx1 cat /var/log/mail.log | mailfate trace       from a pipe
  mailfate trace --format csv LOG > mails.csv          for a spreadsheet

Exit code: 0 something found, 1 nothing found, 2 wrong use, 3 failed.";

/// Which logs, and how they are to be read.
#[derive(Args, Debug)]
pub struct LogArgs {
    /// Log files, also compressed (gzip, xz, zstd, bzip2), in any order; `-` is standard input. Without any, `trace` reads standard input, `show` and
    /// `top` ask the database
    files: Vec<PathBuf>,
    /// Year of the oldest line, for headers without one; otherwise the newest year that fits the file's last change
    #[arg(long, value_name = "YEAR", help_heading = "Reading the log", value_parser = clap::value_parser!(i16).range(1970..=9998))]
    year: Option<i16>,
    /// Time zone of headers without one, as in Europe/Berlin; times in tables are shown in it
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone, help_heading = "Reading the log")]
    pub(crate) tz: TimeZone,
    /// The mail server that wrote the log. Others' lines are skipped, lines that name no program are its own
    #[arg(long, value_enum, default_value_t = Dialect::Auto, help_heading = "Reading the log")]
    dialect: Dialect,
    /// Print statistics as JSON on standard error
    #[arg(long, help_heading = "Reading the log")]
    stats: bool,
    /// Write mail lines that no dialect understood to this file
    #[arg(long, value_name = "FILE", help_heading = "Reading the log")]
    unrecognised: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Dialect {
    /// Each line by the program that it names
    Auto,
    /// Postfix
    Postfix,
    /// Exim
    Exim,
    /// Sendmail
    Sendmail,
    /// qmail
    Qmail,
    /// OpenSMTPD
    Opensmtpd,
}

impl Dialect {
    const fn choice(self) -> Choice {
        match self {
            Self::Auto => Choice::Auto,
            Self::Postfix => Choice::Postfix,
            Self::Exim => Choice::Exim,
            Self::Sendmail => Choice::Sendmail,
            Self::Qmail => Choice::Qmail,
            Self::Opensmtpd => Choice::Opensmtpd,
        }
    }
}

/// The statistics: the keys are a contract.
#[derive(Debug, serde::Serialize)]
struct Stats {
    lines: u64,
    mail_lines: u64,
    recognised: u64,
    unrecognised: u64,
    foreign: u64,
    records: u64,
    seconds: f64,
    /// Lines longer than the bound.
    cut_lines: u64,
    /// Messages that were written unfinished because too many were open.
    forgotten_messages: u64,
}

/// Runs `trace`; says whether anything was found.
///
/// # Errors
/// See [`CommandError`]. What was found before an error is printed.
pub fn run(args: &TraceArgs, clock: Clock<'_>) -> Result<bool, CommandError> {
    let begin = clock.now();
    let selection = args.select.selection(begin, &args.log.tz)?;
    let style = if args.trail { Style::Trail } else { Style::Line };
    let mut printer = Printer::new(args.format, style, &args.log.tz)?;
    let read = records(&args.log, clock, Screen::Printing, args.trail, |record| {
        if selection.wants(record) {
            printer.print(record, selection.direction(record))?;
        }
        Ok(())
    });
    finish(read, &args.log, printer, clock.now().0 - begin.0)
}

/// Prints what is left and the statistics, and only then reports a source that broke off.
pub(crate) fn finish(
    read: Result<Summary, CommandError>,
    log: &LogArgs,
    printer: Printer,
    took: i64,
) -> Result<bool, CommandError> {
    let summary = read?;
    let records = printer.finish()?;
    summary.report(log, records, took)?;
    Ok(records > 0)
}

/// Whether the command writes to the terminal while it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    /// It does: a progress bar would stand in the way.
    Printing,
    /// It prints at the end.
    Quiet,
}

/// What came of reading.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    counters: Counters,
    lines: u64,
    cut_lines: u64,
    broken: Option<CommandError>,
}

/// Gives every record of the logs to `take`, each once; without trails it takes half the time.
pub(crate) fn records(
    log: &LogArgs,
    clock: Clock<'_>,
    screen: Screen,
    with_trails: bool,
    mut take: impl FnMut(&Record) -> Result<(), CommandError>,
) -> Result<Summary, CommandError> {
    let files = log.named()?;
    let mut unrecognised = log.unrecognised.as_ref().map(Leftovers::create).transpose()?;
    let total = files.iter().map(|file| file.size).sum();
    let read = Arc::new(AtomicU64::new(0));
    let mut progress = Progress::new(screen, clock, total, Arc::clone(&read));
    let headers = Headers {
        year: log.year,
        zone: log.tz.clone(),
        choice: log.dialect.choice(),
        now: clock.now(),
    };
    let mut merge = Merge::new(files, &headers, read)?;
    let mut limits = Limits::default();
    if !with_trails {
        limits.line_bytes = 0;
    }
    let mut correlator = Correlator::new(limits, Knowledge::default());
    let mut changes = Changes::default();
    let mut until_drain = DRAIN_EVERY;
    merge.for_each(|raw, line| {
        match line {
            Some(line) => {
                if !correlator.feed(&line)
                    && let Some(file) = &mut unrecognised
                {
                    file.write(raw)?;
                }
            }
            None => correlator.skip(),
        }
        until_drain -= 1;
        if until_drain == 0 {
            until_drain = DRAIN_EVERY;
            progress.step();
            correlator.take_closed_into(&mut changes);
            changes.records.iter().try_for_each(&mut take)?;
            changes.clear();
        }
        Ok(())
    })?;
    correlator.finish().records.iter().try_for_each(&mut take)?;
    progress.finish();
    if let Some(file) = unrecognised {
        file.finish()?;
    }
    let (lines, cut_lines) = merge.counted();
    Ok(Summary {
        counters: *correlator.counters(),
        lines,
        cut_lines,
        broken: merge.broken(),
    })
}

impl Summary {
    /// Says on standard error what a person should know.
    pub(crate) fn report(self, log: &LogArgs, records: u64, took: i64) -> Result<(), CommandError> {
        if log.stats {
            #[expect(clippy::cast_precision_loss, reason = "seconds with a few digits")]
            let seconds = took as f64 / 1e6;
            let stats = Stats {
                lines: self.lines,
                mail_lines: self.counters.mail_lines,
                recognised: self.counters.recognised,
                unrecognised: self.counters.unrecognised,
                foreign: self.counters.foreign,
                records,
                seconds,
                cut_lines: self.cut_lines,
                forgotten_messages: self.counters.forgotten_messages,
            };
            say(&serde_json::to_string(&stats).unwrap_or_default());
        } else {
            if self.cut_lines > 0 {
                say(&format!(
                    "mailfate: {} lines were longer than 64 KiB and were cut",
                    self.cut_lines
                ));
            }
            if self.counters.forgotten_messages > 0 {
                say(&format!(
                    "mailfate: {} mails were open for so long that they are shown unfinished",
                    self.counters.forgotten_messages
                ));
            }
            if self.lines > 0 && self.counters.mail_lines == 0 {
                say(&format!(
                    "mailfate: none of the {} lines was written by a mail program that is known here",
                    self.lines
                ));
            }
        }
        self.broken.map_or(Ok(()), Err)
    }
}

/// A sentence on standard error; whether anybody reads it is no matter.
pub(crate) fn say(sentence: &str) {
    let _unread = writeln!(io::stderr(), "{sentence}");
}

impl LogArgs {
    /// Whether log files, or `-`, are named.
    pub(crate) fn names_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// Options that mean nothing where there is no log.
    pub(crate) fn refuse_without_files(&self) -> Result<(), CommandError> {
        let given = [
            (self.year.is_some(), "--year"),
            (self.unrecognised.is_some(), "--unrecognised"),
            (self.dialect != Dialect::Auto, "--dialect"),
        ];
        match given.into_iter().find(|(is_given, _)| *is_given) {
            Some((_, option)) => Err(CommandError::WrongUse(format!(
                "{option} is for log files: name them, or - for standard input; without a file the database is asked"
            ))),
            None => Ok(()),
        }
    }

    fn named(&self) -> Result<Vec<Named>, CommandError> {
        if self.files.is_empty() && io::stdin().is_terminal() {
            return Err(CommandError::WrongUse(
                "name the log files to read, as in /var/log/mail.log, or pipe a log in".to_owned(),
            ));
        }
        if self.files.is_empty() {
            return Ok(vec![Named::look("-".as_ref())?]);
        }
        let files = self
            .files
            .iter()
            .map(|path| Named::look(path))
            .collect::<Result<Vec<_>, _>>()?;
        let (files, doubles) = without_doubles(files);
        for name in doubles {
            say(&format!("mailfate: {name} was named twice and is read once"));
        }
        Ok(files)
    }
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| "there is no such time zone; a name like Europe/Berlin is wanted".to_owned())
}

/// The file for lines that nobody understood.
struct Leftovers {
    file: BufWriter<File>,
    name: String,
}

impl Leftovers {
    fn create(path: &PathBuf) -> Result<Self, CommandError> {
        let name = path.display().to_string();
        match File::create(path) {
            Ok(file) => Ok(Self {
                file: BufWriter::new(file),
                name,
            }),
            Err(cause) => Err(CommandError::Write { name, cause }),
        }
    }

    fn write(&mut self, line: &[u8]) -> Result<(), CommandError> {
        let written = self
            .file
            .write_all(line)
            .and_then(|()| self.file.write_all(b"\n"));
        written.map_err(|cause| self.failed(cause))
    }

    fn finish(mut self) -> Result<(), CommandError> {
        self.file.flush().map_err(|cause| self.failed(cause))
    }

    fn failed(&self, cause: io::Error) -> CommandError {
        CommandError::Write {
            name: self.name.clone(),
            cause,
        }
    }
}
