//! Comma separated values (RFC 4180) with a line of names: the fields of DESIGN's row, flat.
//!
//! A spreadsheet takes text that begins with `=`, `+`, `-` or `@` for a formula. Subjects, addresses and replies are written by strangers: such a
//! text gets an apostrophe in front, which spreadsheets show as text. Numbers and our own words are left as they are.

use std::borrow::Cow;
use std::io;

use csv::{Writer, WriterBuilder};
use model::record::Record;
use tracer::json::rfc3339;

use super::{Out, harmless};
use crate::error::CommandError;

const COLUMNS: [&str; 39] = [
    "record_id",
    "direction",
    "connected_at",
    "finished_at",
    "server",
    "client_ip",
    "client_name",
    "helo",
    "sasl_user",
    "tls",
    "sender",
    "recipient",
    "original_recipient",
    "message_id",
    "subject",
    "size",
    "queue_ids",
    "relay",
    "relay_ip",
    "outcome",
    "reason",
    "actor",
    "final",
    "confidence",
    "dsn",
    "reply",
    "attempts",
    "next_attempt_at",
    "delay_total_ms",
    "delay_queue_ms",
    "delay_connect_ms",
    "delay_transmit_ms",
    "delay_scan_ms",
    "content",
    "spam_score",
    "quarantine_id",
    "greylisted_ms",
    "incomplete",
    "is_copy",
];

/// Writes the line of names.
pub(super) fn begin(out: Out, with_trail: bool) -> Result<Writer<Out>, CommandError> {
    let mut out = WriterBuilder::new().from_writer(out);
    let names = COLUMNS.into_iter().chain(with_trail.then_some("trail"));
    out.write_record(names)
        .map_err(|error| CommandError::output(io_error(error)))?;
    Ok(out)
}

/// Gives the output back.
pub(super) fn end(out: Writer<Out>) -> Result<Out, CommandError> {
    out.into_inner().map_err(|error| {
        CommandError::output(io::Error::new(error.error().kind(), error.error().to_string()))
    })
}

/// Writes one record.
pub(super) fn row(
    out: &mut Writer<Out>,
    record: &Record,
    direction: Option<&'static str>,
    with_trail: bool,
) -> io::Result<()> {
    let verdict = record.verdict;
    let mut cells = Cells { out };
    cells.own(&record.record_id.to_string())?;
    cells.own(direction.unwrap_or_default())?;
    cells.own(&rfc3339(record.connected_at))?;
    cells.number(record.finished_at.map(rfc3339))?;
    cells.text(&record.server)?;
    cells.number(record.client_ip)?;
    cells.maybe(record.client_name.as_deref())?;
    cells.maybe(record.helo.as_deref())?;
    cells.maybe(record.sasl_user.as_deref())?;
    cells.maybe(record.tls.as_deref())?;
    cells.text(&record.sender)?;
    cells.text(&record.recipient)?;
    cells.maybe(record.original_recipient.as_deref())?;
    cells.maybe(record.message_id.as_deref())?;
    cells.maybe(record.subject.as_deref())?;
    cells.number(record.size)?;
    cells.text(&record.queue_ids.join(" "))?;
    cells.maybe(record.relay.as_deref())?;
    cells.number(record.relay_ip)?;
    cells.own(verdict.outcome.id())?;
    cells.own(verdict.reason.id())?;
    cells.own(verdict.actor.id())?;
    cells.number(Some(verdict.is_final))?;
    cells.own(verdict.confidence.id())?;
    cells.maybe(record.dsn.as_deref())?;
    cells.maybe(record.reply.as_deref())?;
    cells.number(Some(record.attempts))?;
    cells.number(record.next_attempt_at.map(rfc3339))?;
    let delay = record.delay;
    for millis in [
        delay.total_ms,
        delay.queue_ms,
        delay.connect_ms,
        delay.transmit_ms,
        delay.scan_ms,
    ] {
        cells.number(millis)?;
    }
    cells.maybe(record.content.as_deref())?;
    cells.number(record.spam_score)?;
    cells.maybe(record.quarantine_id.as_deref())?;
    cells.number(record.greylisted_ms)?;
    cells.number(Some(record.incomplete))?;
    cells.number(Some(record.is_copy))?;
    if with_trail {
        let trail: Vec<String> = record
            .trail
            .iter()
            .map(|event| format!("{} {} {}", rfc3339(event.at), event.kind, event.text))
            .collect();
        cells.text(&trail.join(" | "))?;
    }
    out.write_record(None::<&[u8]>).map_err(io_error)
}

/// The cells of one line.
struct Cells<'a> {
    out: &'a mut Writer<Out>,
}

impl Cells<'_> {
    /// Our own words: ids and moments.
    fn own(&mut self, word: &str) -> io::Result<()> {
        self.out.write_field(word).map_err(io_error)
    }

    fn number(&mut self, number: Option<impl ToString>) -> io::Result<()> {
        self.own(&number.map(|number| number.to_string()).unwrap_or_default())
    }

    /// A stranger's words.
    fn text(&mut self, text: &str) -> io::Result<()> {
        self.own(&cell(text))
    }

    fn maybe(&mut self, text: Option<&str>) -> io::Result<()> {
        self.text(text.unwrap_or_default())
    }
}

/// The system's own error behind one of the writer: a broken pipe must be known as one.
pub(super) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A stranger's text that no spreadsheet computes.
pub(super) fn cell(text: &str) -> Cow<'_, str> {
    let text = harmless(text);
    if text.trim_start().starts_with(['=', '+', '-', '@', '|', '%']) {
        return Cow::Owned(format!("'{text}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_computes_nothing_that_a_stranger_wrote() {
        assert_eq!(cell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(cell(" @SUM(A1)"), "' @SUM(A1)");
        assert_eq!(cell("\t=1+1"), "\u{fffd}=1+1");
        assert_eq!(cell("anna@kundi.test"), "anna@kundi.test");
    }
}
