//! Counts as a table, as JSON Lines or as CSV: what `top` prints.

use std::io::Write;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::csv::{self, cell};
use super::harmless::width;
use super::{Format, Page, cut, flush, harmless, json, standard_output};
use crate::error::CommandError;

/// On which side the values of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its key in JSON and CSV; its heading, in capitals, in a table.
    pub(crate) name: &'static str,
    /// Its side.
    pub(crate) align: Align,
}

/// Columns and rows; a number is [`Value::Number`], everything else a text that strangers may have written.
#[derive(Debug)]
pub(crate) struct Rows {
    /// From left to right. The last one may be long.
    pub(crate) columns: Vec<Column>,
    /// From top to bottom, as many values as columns.
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Prints them.
    pub(crate) fn print(self, format: Format) -> Result<(), CommandError> {
        match format {
            Format::Table => self.table(),
            Format::Jsonl => {
                let mut out = standard_output();
                for row in self.rows {
                    let names = self.columns.iter().map(|column| column.name.to_owned());
                    let object: Map<String, Value> = names.zip(row).collect();
                    json::line(&mut out, &object).map_err(CommandError::output)?;
                }
                flush(out)
            }
            Format::Csv => {
                let mut out = ::csv::Writer::from_writer(standard_output());
                let failed = |error: ::csv::Error| CommandError::output(csv::io_error(error));
                out.write_record(self.columns.iter().map(|column| column.name))
                    .map_err(failed)?;
                for row in self.rows {
                    let cells = row.iter().map(|value| match value {
                        Value::String(text) => cell(text).into_owned(),
                        number => number.to_string(),
                    });
                    out.write_record(cells).map_err(failed)?;
                }
                flush(csv::end(out)?)
            }
        }
    }

    fn table(self) -> Result<(), CommandError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let page = Page::new(&TimeZone::UTC);
        let headings: Vec<String> = self
            .columns
            .iter()
            .map(|column| column.name.replace('_', " ").to_uppercase())
            .collect();
        let rows: Vec<Vec<String>> = std::iter::once(headings)
            .chain(self.rows.iter().map(|row| row.iter().map(in_words).collect()))
            .collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|place| {
                rows.iter()
                    .filter_map(|row| row.get(place))
                    .map(|text| width(text))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut out = page.out;
        for row in rows {
            let mut line = String::new();
            for (place, text) in row.iter().enumerate() {
                let is_last = place + 1 == row.len();
                let padding = " ".repeat(
                    widths
                        .get(place)
                        .copied()
                        .unwrap_or(0)
                        .saturating_sub(width(text)),
                );
                match self.columns.get(place).map(|column| column.align) {
                    Some(Align::Right) => line.extend([padding.as_str(), text.as_str()]),
                    _ if is_last => line.push_str(text),
                    _ => line.extend([text.as_str(), padding.as_str()]),
                }
                if !is_last {
                    line.push_str("  ");
                }
            }
            let line = page
                .width
                .map_or(line.as_str().into(), |columns| cut(&line, columns));
            writeln!(out, "{line}").map_err(CommandError::output)?;
        }
        flush(out)
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => harmless(text).into_owned(),
        number => number.to_string(),
    }
}
