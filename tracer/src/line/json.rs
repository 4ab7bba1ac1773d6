//! Lines that are JSON objects, written out again as a line of text.
//!
//! ```text
//! {"__REALTIME_TIMESTAMP":"1795296608744254","_HOSTNAME":"mail1","SYSLOG_IDENTIFIER":"postfix/smtpd","_PID":"1247","MESSAGE":"connect from ..."}
//! {"log":"Nov 21 21:30:08 mail postfix/smtpd[1247]: connect from ...\n","stream":"stdout","time":"2026-11-21T21:30:08.744254Z"}
//! ```
//!
//! The first form is `journalctl -o json` (systemd.journal-fields(7)), where bytes that are no text make MESSAGE a list of numbers; the second
//! is Docker's json-file driver. Rewriting them keeps the trail readable, and hides no address in `\u0040`.

use serde::Deserialize;

/// The fields that matter, of all writers together.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "_SOURCE_REALTIME_TIMESTAMP")]
    source_micros: Option<Text>,
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    micros: Option<Text>,
    #[serde(
        rename = "_SOURCE_REALTIME",
        alias = "time",
        alias = "@timestamp",
        alias = "timestamp"
    )]
    time: Option<Text>,
    #[serde(rename = "_HOSTNAME", alias = "hostname", alias = "host")]
    host: Option<Text>,
    #[serde(rename = "SYSLOG_TAG", alias = "syslogtag")]
    tag: Option<Text>,
    #[serde(rename = "SYSLOG_IDENTIFIER", alias = "program", alias = "appname")]
    identifier: Option<Text>,
    #[serde(rename = "_COMM")]
    command: Option<Text>,
    #[serde(rename = "SYSLOG_PID", alias = "procid")]
    syslog_pid: Option<Text>,
    #[serde(rename = "_PID")]
    pid: Option<Text>,
    #[serde(rename = "MESSAGE", alias = "message", alias = "msg")]
    message: Option<Text>,
    log: Option<Text>,
}

/// Text, or what stands for it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Letters(String),
    Bytes(Vec<u8>),
    Number(u64),
    Other(serde::de::IgnoredAny),
}

impl Text {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Letters(text) => text.clone().into_bytes(),
            Self::Bytes(bytes) => bytes.clone(),
            Self::Number(number) => number.to_string().into_bytes(),
            Self::Other(_) => Vec::new(),
        }
    }
}

/// Writes the object's statement to `out`, as `2026-11-21T21:30:08.744254Z mail1 postfix/smtpd[1247]: connect from ...`.
pub(super) fn rewrite(body: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let entry: Entry = serde_json::from_slice(body).ok()?;
    out.clear();
    out.extend_from_slice(&time(&entry)?);
    out.push(b' ');
    if let Some(log) = &entry.log {
        out.extend_from_slice(b"stdout F ");
        push_line(out, &log.bytes());
        return Some(());
    }
    let message = entry.message.as_ref()?.bytes();
    let Some(name) = name(&entry) else {
        // A shipper that only adds its own time to the whole line.
        out.extend_from_slice(b"stdout F ");
        push_line(out, &message);
        return Some(());
    };
    let host = entry.host.as_ref().map_or_else(Vec::new, Text::bytes);
    push_word(out, if host.is_empty() { b"-" } else { &host });
    out.push(b' ');
    push_word(out, &name);
    let pid = [&entry.syslog_pid, &entry.pid]
        .into_iter()
        .flatten()
        .map(Text::bytes)
        .find(|pid| !pid.is_empty() && pid.iter().all(u8::is_ascii_digit));
    if let Some(pid) = pid {
        out.push(b'[');
        out.extend_from_slice(&pid);
        out.push(b']');
    }
    out.extend_from_slice(b": ");
    push_line(out, message.strip_prefix(b" ").unwrap_or(&message));
    Some(())
}

/// The program's own time before the journal's: what `journalctl` shows too.
fn time(entry: &Entry) -> Option<Vec<u8>> {
    let micros = [&entry.source_micros, &entry.micros]
        .into_iter()
        .flatten()
        .find_map(|text| std::str::from_utf8(&text.bytes()).ok()?.parse::<i64>().ok());
    match micros {
        Some(micros) => {
            let moment = jiff::Timestamp::from_microsecond(micros).ok()?;
            Some(format!("{moment:.6}").into_bytes())
        }
        None => entry.time.as_ref().map(Text::bytes),
    }
}

/// The tag without its process id.
fn name(entry: &Entry) -> Option<Vec<u8>> {
    let mut name = [&entry.tag, &entry.identifier, &entry.command]
        .into_iter()
        .flatten()
        .map(Text::bytes)
        .find(|name| !name.is_empty())?;
    if let Some(end) = name.iter().position(|byte| matches!(byte, b'[' | b':')) {
        name.truncate(end);
    }
    Some(name)
}

/// A word of the header, without what would end it.
fn push_word(out: &mut Vec<u8>, word: &[u8]) {
    out.extend(
        word.iter()
            .map(|byte| if byte.is_ascii_graphic() { *byte } else { b'_' }),
    );
}

/// One line, whatever stood in it.
fn push_line(out: &mut Vec<u8>, text: &[u8]) {
    let text = text.trim_ascii_end();
    out.extend(text.iter().map(|byte| {
        if matches!(byte, b'\n' | b'\r') {
            b' '
        } else {
            *byte
        }
    }));
}
