//! The trail of a record as the text in `mail_trail.trail`.
//!
//! Goes in and comes out: [`TrailEvent`]s. The form is `[[microseconds,"server","program","kind",queue id or null,"text"],...]`: JSON without
//! the field names, which would be a third of it.

use std::borrow::Cow;

use model::record::{TrailEvent, TrailKind};
use model::time::Micros;
use model::trail::Trail;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

#[derive(Serialize, Deserialize)]
struct Event<'a>(
    Micros,
    Cow<'a, str>,
    Cow<'a, str>,
    TrailKind,
    Option<Cow<'a, str>>,
    Cow<'a, str>,
);

/// The text to be stored. JSON escapes control characters, so it never holds a NUL.
pub(crate) fn encode(trail: &Trail, text: &mut Vec<u8>) {
    let events = trail.iter().map(|event| {
        Event(
            event.at,
            Cow::Borrowed(event.server),
            Cow::Borrowed(event.program),
            event.kind,
            event.queue_id,
            event.text,
        )
    });
    serde::Serializer::collect_seq(&mut serde_json::Serializer::new(text), events)
        .expect("invariant: writing strings and numbers to memory cannot fail");
}

/// The events of a stored text.
pub(crate) fn decode(text: &str) -> Result<Vec<TrailEvent>, StoreError> {
    let events: Vec<Event<'_>> = serde_json::from_str(text)?;
    Ok(events
        .into_iter()
        .map(|Event(at, server, program, kind, queue_id, text)| TrailEvent {
            at,
            server: server.into_owned(),
            program: program.into_owned(),
            kind,
            queue_id: queue_id.map(Cow::into_owned),
            text: text.into_owned(),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_survives_whatever_a_log_line_holds() {
        let trail = vec![TrailEvent {
            at: Micros(1_795_296_617_327_456),
            server: "mx2".to_owned(),
            program: "smtpd".to_owned(),
            kind: TrailKind::Received,
            queue_id: None,
            text: "connect from \"x\"[::1]\\ \0 \u{1b}[31m \u{fffd} ä".to_owned(),
        }];
        let mut text = Vec::new();
        encode(&trail.clone().into(), &mut text);
        let text = String::from_utf8(text).expect("JSON is UTF-8");
        assert!(!text.contains('\0'));
        assert_eq!(decode(&text).expect("own text"), trail);
    }
}
