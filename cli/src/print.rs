//! Records on standard output: a table for people, JSON Lines and CSV for programs.
//!
//! Goes in: records that were selected. Comes out: text. What strangers wrote into the log is made harmless for whoever looks at it, see
//! [`harmless`]. Colours and cutting to the width are for terminals only; `NO_COLOR` is respected.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::record::Record;
use model::time::Micros;
use tracer::json::JsonRecord;

use crate::error::CommandError;

mod csv;
mod detail;
mod harmless;
mod json;
mod rows;
mod table;

pub(crate) use harmless::{cut, harmless};
pub(crate) use rows::{Align, Column, Rows};
pub(crate) use table::paint;

/// How records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for people
    Table,
    /// One JSON object a line
    Jsonl,
    /// Comma separated values with a line of names, for spreadsheets
    Csv,
}

/// How much of a record is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One line.
    Line,
    /// One line, and the events below it.
    Trail,
    /// Everything.
    Detail,
}

/// Writes to standard output.
pub(crate) struct Printer {
    to: To,
    style: Style,
    records: u64,
}

enum To {
    Table(Page),
    Jsonl(Out),
    Csv(Box<::csv::Writer<Out>>),
}

/// Standard output in large pieces.
pub(crate) type Out = BufWriter<StdoutLock<'static>>;

/// What a table needs to know of the place where it is printed.
pub(crate) struct Page {
    pub(crate) out: Out,
    pub(crate) zone: TimeZone,
    pub(crate) has_colours: bool,
    /// Columns of the terminal; `None` when there is none, and nothing is cut.
    pub(crate) width: Option<usize>,
}

impl Page {
    pub(crate) fn new(zone: &TimeZone) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        Self {
            out: standard_output(),
            zone: zone.clone(),
            has_colours: anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
            width: width.filter(|width| is_terminal && *width > 0),
        }
    }

    /// A moment in the zone of the log, to the second.
    pub(crate) fn moment(&self, at: Micros) -> String {
        let edge = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let zoned = Timestamp::from_microsecond(at.0)
            .unwrap_or(edge)
            .to_zoned(self.zone.clone());
        let (date, time) = (zoned.date(), zoned.time());
        format!(
            "{date} {:02}:{:02}:{:02}",
            time.hour(),
            time.minute(),
            time.second()
        )
    }

    /// The zone's name for a heading.
    pub(crate) fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("local")
    }
}

/// Standard output for text that is no table.
pub(crate) fn plain_output() -> Out {
    standard_output()
}

fn standard_output() -> Out {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

impl Printer {
    pub(crate) fn new(format: Format, style: Style, zone: &TimeZone) -> Result<Self, CommandError> {
        let to = match format {
            Format::Table => To::Table(Page::new(zone)),
            Format::Jsonl => To::Jsonl(standard_output()),
            Format::Csv => To::Csv(Box::new(csv::begin(standard_output(), style != Style::Line)?)),
        };
        Ok(Self {
            to,
            style,
            records: 0,
        })
    }

    /// Prints a record; `direction` is known when hosted domains are.
    pub(crate) fn print(
        &mut self,
        record: &Record,
        direction: Option<&'static str>,
    ) -> Result<(), CommandError> {
        let with_trail = self.style != Style::Line;
        match &mut self.to {
            To::Table(page) if self.style == Style::Detail => detail::block(page, record, self.records == 0),
            To::Table(page) => table::row(page, record, with_trail, self.records == 0),
            To::Jsonl(out) => json::line(out, &JsonRecord::new(record, direction, with_trail)),
            To::Csv(out) => csv::row(out, record, direction, with_trail),
        }
        .map_err(CommandError::output)?;
        self.records += 1;
        Ok(())
    }

    /// Writes what is left; says how many records were printed.
    pub(crate) fn finish(self) -> Result<u64, CommandError> {
        match self.to {
            To::Table(page) => flush(page.out)?,
            To::Jsonl(out) => flush(out)?,
            To::Csv(out) => flush(csv::end(*out)?)?,
        }
        Ok(self.records)
    }
}

pub(crate) fn flush(mut out: Out) -> Result<(), CommandError> {
    out.flush().map_err(CommandError::output)
}

/// The sender as it is shown: `?` when no line told it.
pub(crate) fn sender(record: &Record) -> std::borrow::Cow<'_, str> {
    if record.is_sender_known {
        shown(&record.sender)
    } else {
        "?".into()
    }
}

/// The recipient as it is shown: `?` when the session never named one.
pub(crate) fn recipient(record: &Record) -> std::borrow::Cow<'_, str> {
    if record.recipient.is_empty() {
        "?".into()
    } else {
        harmless(&record.recipient)
    }
}

/// An address; nothing is shown as `<>`.
pub(crate) fn shown(address: &str) -> std::borrow::Cow<'_, str> {
    if address.is_empty() {
        "<>".into()
    } else {
        harmless(address)
    }
}
