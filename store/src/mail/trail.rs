//! The trail of a record as the bytes in `mail_trail.trail`.
//!
//! Goes in and comes out: [`TrailEvent`]s. The text is `[[microseconds,"server","program","kind",queue id or null,"text"],...]`: JSON without
//! the field names, which would be a third of it. It is packed by Zstandard (RFC 8878) with a dictionary of what mail servers usually log,
//! without which texts as short as these hardly shrink. The frame names its dictionary, so a later one can stand beside this one: what was
//! packed with a dictionary stays readable only with it. Text that is not packed begins with `[` and is read as well.

use std::borrow::Cow;
use std::io;
use std::sync::LazyLock;

use model::record::{TrailEvent, TrailKind};
use model::time::Micros;
use model::trail::Trail;
use serde::{Deserialize, Serialize};
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::error::StoreError;

/// Trained with the sample logs by `cargo run -p mailfate-ingest --example trail_dictionary`. Never replaced, only joined by another one.
static DICTIONARY: &[u8] = include_bytes!("trail-1.dictionary");
/// Higher levels take twice the time for a thirtieth of the size.
const LEVEL: i32 = 1;
/// Nobody packs a longer one: the correlator bounds a mail's lines far below. What claims to be longer is damaged.
const LONGEST: usize = 64 << 20;

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

#[derive(Serialize, Deserialize)]
struct Event<'a>(
    Micros,
    Cow<'a, str>,
    Cow<'a, str>,
    TrailKind,
    Option<Cow<'a, str>>,
    Cow<'a, str>,
);

/// Packs one trail after the other in the same memory.
pub(crate) struct TrailPacker {
    compressor: Compressor<'static>,
    text: Vec<u8>,
    packed: Vec<u8>,
}

impl Default for TrailPacker {
    fn default() -> Self {
        let mut compressor = Compressor::with_prepared_dictionary(&ENCODER)
            .expect("invariant: the dictionary is part of the program and was tried in its tests");
        // The length is known and the number of the dictionary is needed; a checksum of a kilobyte in a checked page is not.
        compressor
            .include_checksum(false)
            .expect("invariant: a known parameter");
        Self {
            compressor,
            text: Vec::new(),
            packed: Vec::new(),
        }
    }
}

impl TrailPacker {
    /// The bytes to be stored.
    pub(crate) fn pack(&mut self, trail: &Trail) -> &[u8] {
        self.text.clear();
        write_json(trail, &mut self.text);
        self.packed.clear();
        self.packed
            .reserve(zstd::zstd_safe::compress_bound(self.text.len()));
        match self.compressor.compress_to_buffer(&self.text, &mut self.packed) {
            Ok(_) => &self.packed,
            // There was room for the worst case, so this does not happen; the text would be right all the same.
            Err(_) => &self.text,
        }
    }
}

/// The text before it is packed: what a dictionary is trained with.
#[cfg(feature = "testing")]
pub fn json(trail: &Trail) -> Vec<u8> {
    let mut text = Vec::new();
    write_json(trail, &mut text);
    text
}

/// JSON escapes control characters, so the text never holds a NUL.
fn write_json(trail: &Trail, text: &mut Vec<u8>) {
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

/// The events of stored bytes.
pub(crate) fn decode(stored: &[u8]) -> Result<Vec<TrailEvent>, StoreError> {
    let text = if stored.first() == Some(&b'[') {
        Cow::Borrowed(stored)
    } else {
        Cow::Owned(unpack(stored).map_err(|source| StoreError::PackedTrail { source })?)
    };
    let events: Vec<Event<'_>> = serde_json::from_slice(&text)?;
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

fn unpack(stored: &[u8]) -> io::Result<Vec<u8>> {
    let length = zstd::zstd_safe::get_frame_content_size(stored)
        .ok()
        .flatten()
        .and_then(|length| usize::try_from(length).ok())
        .filter(|length| *length <= LONGEST)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it has no believable length"))?;
    Decompressor::with_prepared_dictionary(&DECODER)?.decompress(stored, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(text: &str) -> Vec<TrailEvent> {
        vec![TrailEvent {
            at: Micros(1_795_296_617_327_456),
            server: "mx2".to_owned(),
            program: "smtpd".to_owned(),
            kind: TrailKind::Received,
            queue_id: None,
            text: text.to_owned(),
        }]
    }

    #[test]
    fn a_trail_survives_whatever_a_log_line_holds() {
        let trail = trail("connect from \"x\"[::1]\\ \0 \u{1b}[31m \u{fffd} ä");
        let mut packer = TrailPacker::default();
        let packed = packer.pack(&trail.clone().into()).to_vec();
        assert_eq!(decode(&packed).expect("own bytes"), trail);
        let text = json(&trail.clone().into());
        assert_eq!(decode(&text).expect("text of before"), trail);
    }

    #[test]
    fn what_servers_usually_log_becomes_small() {
        let line = "2026-11-02T06:00:18.250982Z mail1 mx2/smtpd[1042]: NOQUEUE: reject: RCPT from unknown[192.0.2.24]: 550 5.1.1 \
                    <a@b.test>: Recipient address rejected: User unknown in virtual mailbox table; from=<c@d.test> to=<a@b.test> proto=ESMTP";
        let packed = TrailPacker::default().pack(&trail(line).into()).len();
        assert!(packed * 3 < line.len() * 2, "{packed} bytes of {}", line.len());
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        let packed = TrailPacker::default().pack(&trail("connect").into()).to_vec();
        for cut in 0..packed.len() {
            assert!(decode(&packed[..cut]).is_err(), "{cut}");
        }
    }
}
