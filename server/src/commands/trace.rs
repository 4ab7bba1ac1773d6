//! `mailfate trace`: logs in, records out, without a database.
//!
//! Goes in: log files, or standard input. Comes out: a table or JSON Lines on standard output, statistics as JSON on standard error. Records come
//! when their mails are over, the unfinished ones at the end, so that memory stays flat over any length of log.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;
use model::address::domain_of;
use model::record::Record;
use model::time::Micros;
use tracer::correlate::{Changes, Correlator, Knowledge, Limits};
use tracer::json::{JsonRecord, rfc3339};
use tracer::line::HeaderReader;

/// Lines between two looks for finished mails.
const DRAIN_EVERY: u64 = 16_384;
/// A line longer than this is cut.
const LONGEST_LINE: u64 = 1 << 16;

/// What `mailfate trace` takes.
#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// Log files; `-` is standard input
    #[arg(default_value = "-")]
    files: Vec<PathBuf>,
    /// How records are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Print the events of each mail too (in JSON Lines: the key `trail`)
    #[arg(long)]
    trail: bool,
    /// Year of the first line, for headers without one; otherwise the newest year that is not in the future
    #[arg(long, value_name = "YEAR")]
    year: Option<i16>,
    /// Time zone of headers without one, as in `Europe/Berlin`
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    tz: TimeZone,
    /// A domain that we host (repeatable): sets the direction, and leaves other mail out
    #[arg(long = "our-domain", value_name = "DOMAIN")]
    our_domains: Vec<String>,
    /// Print statistics as JSON on standard error
    #[arg(long)]
    stats: bool,
    /// Write mail lines that no dialect understood to this file
    #[arg(long, value_name = "FILE")]
    unrecognised: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Columns for people
    Table,
    /// One JSON object a line
    Jsonl,
}

#[derive(serde::Serialize)]
struct Stats {
    lines: u64,
    mail_lines: u64,
    recognised: u64,
    unrecognised: u64,
    foreign: u64,
    records: u64,
    seconds: f64,
}

/// Traces the files; `now` is the moment that no log line is much later than. Says whether any record came out.
///
/// # Errors
/// When a file or the output cannot be read or written, or the zone does not exist: one sentence with its name.
pub(crate) fn run(args: &TraceArgs, now: Micros, clock: impl Fn() -> Micros) -> Result<bool> {
    let zone = &args.tz;
    let begin = clock();
    let mut tracer = Tracer {
        correlator: Correlator::new(Limits::default(), Knowledge::default()),
        printer: Printer::new(args),
        unrecognised: args.unrecognised.as_deref().map(create).transpose()?,
        lines: 0,
    };
    for file in &args.files {
        let headers = match args.year {
            Some(year) => HeaderReader::from_year(year, zone.clone()),
            None => HeaderReader::not_after(now, zone.clone()),
        };
        if file.as_os_str() == "-" {
            tracer
                .read(io::stdin().lock(), headers)
                .context("cannot read standard input")?;
        } else {
            let reader = open(file)?;
            tracer
                .read(reader, headers)
                .with_context(|| format!("cannot read the log file {}", file.display()))?;
        }
    }
    let rest = tracer.correlator.finish();
    tracer.printer.print(rest)?;
    tracer.printer.out.flush().context("cannot write the records")?;
    if args.stats {
        let counters = tracer.correlator.counters();
        #[expect(clippy::cast_precision_loss, reason = "seconds with a few digits")]
        let seconds = (clock().0 - begin.0) as f64 / 1e6;
        let stats = Stats {
            lines: tracer.lines,
            mail_lines: counters.mail_lines,
            recognised: counters.recognised,
            unrecognised: counters.unrecognised,
            foreign: counters.foreign,
            records: tracer.printer.records,
            seconds,
        };
        eprintln!(
            "{}",
            serde_json::to_string(&stats).context("statistics are plain numbers")?
        );
    }
    Ok(tracer.printer.records > 0)
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| "there is no such time zone; a name like Europe/Berlin is wanted".to_owned())
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).with_context(|| format!("cannot read the log file {}", path.display()))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        bail!(
            "{} is a folder, not a log file: name the files in it",
            path.display()
        );
    }
    Ok(BufReader::with_capacity(1 << 20, file))
}

fn create(path: &Path) -> Result<io::BufWriter<File>> {
    File::create(path)
        .map(io::BufWriter::new)
        .with_context(|| format!("cannot write {}", path.display()))
}

struct Tracer {
    correlator: Correlator,
    printer: Printer,
    unrecognised: Option<io::BufWriter<File>>,
    lines: u64,
}

impl Tracer {
    fn read(&mut self, mut reader: impl BufRead, mut headers: HeaderReader) -> Result<()> {
        let mut line = Vec::with_capacity(1024);
        loop {
            line.clear();
            if reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            while matches!(line.last(), Some(b'\n' | b'\r')) {
                line.pop();
            }
            self.lines += 1;
            match headers.read(&line) {
                Some(parsed) => {
                    let is_understood = self.correlator.feed(&parsed);
                    if let Some(file) = self.unrecognised.as_mut().filter(|_| !is_understood) {
                        file.write_all(&line)?;
                        file.write_all(b"\n")?;
                    }
                }
                None => self.correlator.skip(),
            }
            if self.lines.is_multiple_of(DRAIN_EVERY) {
                let changes = self.correlator.take_closed();
                self.printer.print(changes)?;
            }
        }
    }
}

struct Printer {
    out: io::BufWriter<io::Stdout>,
    format: Format,
    with_trail: bool,
    our_domains: Vec<String>,
    records: u64,
}

impl Printer {
    fn new(args: &TraceArgs) -> Self {
        Self {
            out: io::BufWriter::with_capacity(1 << 16, io::stdout()),
            format: args.format,
            with_trail: args.trail,
            our_domains: args
                .our_domains
                .iter()
                .map(|domain| domain.to_lowercase())
                .collect(),
            records: 0,
        }
    }

    fn print(&mut self, changes: Changes) -> Result<()> {
        for record in changes.records {
            let direction = self.direction(&record);
            if direction.is_none() && !self.our_domains.is_empty() {
                continue;
            }
            if self.records == 0 && matches!(self.format, Format::Table) {
                writeln!(
                    self.out,
                    "{:<20}  {:<12} {:<18} {:<9} FROM -> TO",
                    "CONNECTED (UTC)", "OUTCOME", "REASON", "ACTOR"
                )?;
            }
            self.records += 1;
            match self.format {
                Format::Jsonl => {
                    serde_json::to_writer(
                        &mut self.out,
                        &JsonRecord::new(&record, direction, self.with_trail),
                    )?;
                    self.out.write_all(b"\n")?;
                }
                Format::Table => self.row(&record)?,
            }
        }
        Ok(())
    }

    fn row(&mut self, record: &Record) -> Result<()> {
        let connected_at: String = rfc3339(record.connected_at).chars().take(19).collect();
        let verdict = record.verdict;
        let (sender, recipient) = (shown(&record.sender), shown(&record.recipient));
        writeln!(
            self.out,
            "{connected_at:<20}  {:<12} {:<18} {:<9} {sender} -> {recipient}",
            verdict.outcome.id(),
            verdict.reason.id(),
            verdict.actor.id()
        )?;
        if self.with_trail {
            for event in &record.trail {
                writeln!(
                    self.out,
                    "    {}  {:<16} {}",
                    rfc3339(event.at),
                    event.kind.id(),
                    event.text
                )?;
            }
        }
        Ok(())
    }

    fn direction(&self, record: &Record) -> Option<&'static str> {
        let is_ours = |address: &str| {
            domain_of(address).is_some_and(|domain| self.our_domains.iter().any(|ours| ours == domain))
        };
        let to_us = is_ours(&record.recipient) || record.original_recipient.as_deref().is_some_and(is_ours);
        match (to_us, is_ours(&record.sender)) {
            (true, true) => Some("both"),
            (true, false) => Some("inbound"),
            (false, true) => Some("outbound"),
            (false, false) => None,
        }
    }
}

/// An address for a terminal: control characters were taken out when the record was made; nothing is shown as `<>`.
fn shown(address: &str) -> &str {
    if address.is_empty() { "<>" } else { address }
}
