//! Everything that is known of a record, one fact a line.

use std::io::{self, Write};

use model::record::Record;
use tracer::json::rfc3339;

use super::{Page, harmless, paint, sender, table};

/// Prints a record as a block, with an empty line between blocks.
pub(super) fn block(page: &mut Page, record: &Record, is_first: bool) -> io::Result<()> {
    if !is_first {
        writeln!(page.out)?;
    }
    let verdict = record.verdict;
    let outcome = paint(page, verdict.outcome, verdict.outcome.id().to_owned());
    let when = page.moment(record.connected_at);
    writeln!(
        page.out,
        "{when}  {outcome}  {} -> {}",
        sender(record),
        super::recipient(record)
    )?;
    let mut facts = Facts { page };
    let certainty = if verdict.is_final {
        "final"
    } else {
        "can still change"
    };
    facts.say(
        "reason",
        &format!(
            "{} ({}), {certainty}; who can act: {}",
            verdict.reason, verdict.confidence, verdict.actor
        ),
    )?;
    facts.text("reply", record.reply.as_deref())?;
    facts.text("code", record.dsn.as_deref())?;
    facts.text("written to", record.original_recipient.as_deref())?;
    facts.text("subject", record.subject.as_deref())?;
    facts.text("message-id", record.message_id.as_deref())?;
    if let Some(size) = record.size {
        facts.say("size", &format!("{size} bytes"))?;
    }
    facts.client(record)?;
    facts.text("user", record.sasl_user.as_deref())?;
    facts.text("tls", record.tls.as_deref())?;
    facts.text("server", Some(&record.server))?;
    if !record.queue_ids.is_empty() {
        facts.text("queue ids", Some(&record.queue_ids.join(", ")))?;
    }
    let relay_ip = record.relay_ip.map(|ip| format!("[{ip}]")).unwrap_or_default();
    if let Some(relay) = &record.relay {
        let relay_ip = if relay.contains('[') { "" } else { &relay_ip };
        facts.text("given to", Some(&format!("{relay}{relay_ip}")))?;
    }
    if record.attempts > 1 {
        facts.say("attempts", &record.attempts.to_string())?;
    }
    if let Some(next) = record.next_attempt_at {
        let next = facts.page.moment(next);
        facts.say("next try", &next)?;
    }
    if let Some(finished_at) = record.finished_at {
        let finished_at = facts.page.moment(finished_at);
        facts.say("finished", &finished_at)?;
    }
    facts.delays(record)?;
    facts.text("content", record.content.as_deref())?;
    if let Some(score) = record.spam_score {
        facts.say("spam score", &score.to_string())?;
    }
    facts.text("quarantine", record.quarantine_id.as_deref())?;
    if record.incomplete {
        facts.say("incomplete", "part of its life is missing from the log")?;
    }
    if record.is_copy {
        facts.say("copy", "an archive's copy of another mail")?;
    }
    facts.say(
        "record",
        &format!("{} of {}", record.record_id, rfc3339(record.connected_at)),
    )?;
    table::trail(page, record)
}

struct Facts<'a> {
    page: &'a mut Page,
}

impl Facts<'_> {
    fn say(&mut self, name: &str, fact: &str) -> io::Result<()> {
        writeln!(self.page.out, "  {name:<11} {fact}")
    }

    /// What a stranger may have written.
    fn text(&mut self, name: &str, text: Option<&str>) -> io::Result<()> {
        match text {
            Some(text) if !text.is_empty() => self.say(name, &harmless(text)),
            _ => Ok(()),
        }
    }

    fn client(&mut self, record: &Record) -> io::Result<()> {
        let mut client = record.client_name.clone().unwrap_or_default();
        if let Some(ip) = record.client_ip {
            client = format!("{client}[{ip}]");
        }
        if let Some(helo) = record.helo.as_deref().filter(|helo| !helo.is_empty()) {
            client.push_str(" called itself ");
            client.push_str(helo);
        }
        self.text("client", Some(client.trim_start()))
    }

    fn delays(&mut self, record: &Record) -> io::Result<()> {
        let delay = record.delay;
        let parts: Vec<String> = [
            ("in all", delay.total_ms),
            ("in the queue", delay.queue_ms),
            ("connecting", delay.connect_ms),
            ("transmitting", delay.transmit_ms),
            ("in the filter", delay.scan_ms),
            ("greylisted", record.greylisted_ms),
        ]
        .into_iter()
        .filter_map(|(what, millis)| millis.map(|millis| format!("{what} {}", length(millis))))
        .collect();
        if parts.is_empty() {
            return Ok(());
        }
        self.say("took", &parts.join(", "))
    }
}

/// `1.24 s`, `2 h 5 min`.
fn length(millis: i64) -> String {
    let seconds = millis / 1000;
    match seconds {
        ..60 => format!("{}.{:02} s", seconds, millis.rem_euclid(1000) / 10),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}
