//! PostgreSQL's binary COPY format, as far as two tables need it.
//!
//! Goes in: records. Comes out: bytes for `COPY .. FROM STDIN (format binary)`. The format is described on the page "COPY" of the PostgreSQL
//! manual, section "Binary Format": a header, then for each row the number of fields and each field with its length, then -1. Each field is in
//! the type's binary form, as its `typreceive` function reads it (`timestamptz_recv`, `inet_recv`, `array_recv`, ...).

use std::net::IpAddr;

use model::record::OwnedRecord;
use model::time::Micros;

use crate::mail::TrailPacker;
use crate::timestamp::Timestamp;

/// "PGCOPY\n\377\r\n\0", flags 0, length of header extension 0.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
const NULL: [u8; 4] = (-1_i32).to_be_bytes();

/// Longer addresses are cut. RFC 5321 allows 254 octets, a hostile client may send thousands, and an entry of a B-tree index cannot be longer
/// than 2704 bytes: one such line would stop the whole batch, and every batch after it.
const LONGEST_ADDRESS: usize = 1000;
/// Longer texts are cut: names, replies and ids of a megabyte are an attack.
const LONGEST_TEXT: usize = 8000;
/// More queue ids than this are a loop.
const MOST_QUEUE_IDS: usize = 200;

/// The columns of `mail` in the order of [`mail_row`]: the same list in COPY, INSERT and comparison.
macro_rules! mail_columns {
    () => {
        "connected_at, finished_at, next_attempt_at, size, delay_total_ms, delay_queue_ms, delay_connect_ms, delay_transmit_ms, \
         delay_scan_ms, greylisted_ms, record_id, asn, domain_id, attempts, spam_score, final, incomplete, is_copy, direction, outcome, \
         reason, actor, confidence, server, sender, recipient, original_recipient, message_id, subject, client_ip, country, client_name, \
         helo, sasl_user, tls, queue_ids, relay, relay_ip, dsn, reply, content, quarantine_id, network, \
         is_sender_known, party"
    };
}
pub(super) use mail_columns;

/// How many columns [`mail_columns`] names.
const MAIL_FIELDS: i16 = 45;

/// Rows in COPY format.
pub(super) struct CopyBuffer {
    bytes: Vec<u8>,
    trails: TrailPacker,
}

impl CopyBuffer {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity);
        bytes.extend_from_slice(HEADER);
        Self {
            bytes,
            trails: TrailPacker::default(),
        }
    }

    /// The finished bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&TRAILER);
        self.bytes
    }

    /// A row of `mail`, in the order of [`mail_columns`].
    pub(super) fn mail_row(&mut self, owned: &OwnedRecord) {
        let record = &*owned.record;
        self.bytes.extend_from_slice(&MAIL_FIELDS.to_be_bytes());
        self.timestamp(record.connected_at);
        self.optional(record.finished_at, Self::timestamp);
        self.optional(record.next_attempt_at, Self::timestamp);
        self.optional(record.size, Self::bigint);
        self.optional(record.delay.total_ms, Self::bigint);
        self.optional(record.delay.queue_ms, Self::bigint);
        self.optional(record.delay.connect_ms, Self::bigint);
        self.optional(record.delay.transmit_ms, Self::bigint);
        self.optional(record.delay.scan_ms, Self::bigint);
        self.optional(record.greylisted_ms, Self::bigint);
        self.field(&record.record_id.to_bytes());
        self.optional(owned.asn.map(i64::from), Self::bigint);
        self.field(&owned.domain_id.0.to_be_bytes());
        self.field(&i32::try_from(record.attempts).unwrap_or(i32::MAX).to_be_bytes());
        self.optional(record.spam_score, |copy, score| copy.field(&score.to_be_bytes()));
        self.boolean(record.verdict.is_final);
        self.boolean(record.incomplete);
        self.boolean(record.is_copy);
        self.field(owned.direction.id().as_bytes());
        self.field(record.verdict.outcome.id().as_bytes());
        self.field(record.verdict.reason.id().as_bytes());
        self.field(record.verdict.actor.id().as_bytes());
        self.field(record.verdict.confidence.id().as_bytes());
        self.text(&record.server);
        self.address(&record.sender);
        self.address(&record.recipient);
        self.optional(record.original_recipient.as_deref(), Self::address);
        self.optional(record.message_id.as_deref(), Self::text);
        self.optional(record.subject.as_deref(), Self::text);
        self.optional(record.client_ip, Self::inet);
        self.optional(owned.country.as_deref(), Self::text);
        self.optional(record.client_name.as_deref(), Self::text);
        self.optional(record.helo.as_deref(), Self::text);
        self.optional(record.sasl_user.as_deref(), Self::text);
        self.optional(record.tls.as_deref(), Self::text);
        self.text_array(&record.queue_ids);
        self.optional(record.relay.as_deref(), Self::text);
        self.optional(record.relay_ip, Self::inet);
        self.optional(record.dsn.as_deref(), Self::text);
        self.optional(record.reply.as_deref(), Self::text);
        self.optional(record.content.as_deref(), Self::text);
        self.optional(record.quarantine_id.as_deref(), Self::text);
        self.optional(owned.network.as_deref(), Self::text);
        self.boolean(record.is_sender_known);
        let party = Some(owned.party).filter(|party| *party != record.verdict.actor);
        self.optional(party, |copy, party| copy.field(party.id().as_bytes()));
    }

    /// A row of `mail_trail`: connected_at, record_id, domain_id, is_copy, trail.
    pub(super) fn trail_row(&mut self, owned: &OwnedRecord) {
        let record = &*owned.record;
        self.bytes.extend_from_slice(&5_i16.to_be_bytes());
        self.timestamp(record.connected_at);
        self.field(&record.record_id.to_bytes());
        self.field(&owned.domain_id.0.to_be_bytes());
        self.boolean(record.is_copy);
        let packed = self.trails.pack(&record.trail);
        put_field(&mut self.bytes, packed);
    }

    fn field(&mut self, value: &[u8]) {
        put_field(&mut self.bytes, value);
    }

    /// A field whose length is known only when it is written.
    fn measured(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        write(&mut self.bytes);
        let length =
            i32::try_from(self.bytes.len() - start - 4).expect("invariant: fields are cut far below 2 GB");
        if let Some(place) = self.bytes.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.bytes.extend_from_slice(&NULL),
        }
    }

    fn bigint(&mut self, value: i64) {
        self.field(&value.to_be_bytes());
    }

    fn boolean(&mut self, value: bool) {
        self.field(&[u8::from(value)]);
    }

    fn timestamp(&mut self, moment: Micros) {
        self.bigint(Timestamp(moment).to_postgres());
    }

    fn address(&mut self, value: &str) {
        self.cut_text(value, LONGEST_ADDRESS);
    }

    fn text(&mut self, value: &str) {
        self.cut_text(value, LONGEST_TEXT);
    }

    /// At most so many bytes, without NUL: log lines may hold one and PostgreSQL's texts may not.
    fn cut_text(&mut self, value: &str, longest: usize) {
        let cut = &value[..value.floor_char_boundary(longest)];
        if cut.contains('\0') {
            self.field(cut.replace('\0', "\u{fffd}").as_bytes());
        } else {
            self.field(cut.as_bytes());
        }
    }

    /// Family (`PGSQL_AF_INET` 2, `PGSQL_AF_INET6` 3), bits of the mask, 0 for inet and not cidr, length, address.
    fn inet(&mut self, ip: IpAddr) {
        self.measured(|bytes| match ip {
            IpAddr::V4(ip) => {
                bytes.extend_from_slice(&[2, 32, 0, 4]);
                bytes.extend_from_slice(&ip.octets());
            }
            IpAddr::V6(ip) => {
                bytes.extend_from_slice(&[3, 128, 0, 16]);
                bytes.extend_from_slice(&ip.octets());
            }
        });
    }

    /// Dimensions, whether there are nulls, the element type's OID (text is 25), length, lower bound, elements.
    fn text_array(&mut self, values: &[String]) {
        let values = values.get(..MOST_QUEUE_IDS).unwrap_or(values);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        let dimensions = i32::from(!values.is_empty());
        for number in [dimensions, 0, 25] {
            self.bytes.extend_from_slice(&number.to_be_bytes());
        }
        if !values.is_empty() {
            let count = i32::try_from(values.len()).expect("invariant: the list was cut");
            self.bytes.extend_from_slice(&count.to_be_bytes());
            self.bytes.extend_from_slice(&1_i32.to_be_bytes());
            for value in values {
                self.text(value);
            }
        }
        let length =
            i32::try_from(self.bytes.len() - start - 4).expect("invariant: fields are cut far below 2 GB");
        if let Some(place) = self.bytes.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
}

fn put_field(bytes: &mut Vec<u8>, value: &[u8]) {
    let length = i32::try_from(value.len()).expect("invariant: fields are cut far below 2 GB");
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_columns_is_as_long_as_a_row() {
        let columns = mail_columns!().split(',').count();
        assert_eq!(columns, usize::try_from(MAIL_FIELDS).expect("small"));
    }

    #[test]
    fn texts_are_cut_between_characters_and_lose_their_nul() {
        let mut copy = CopyBuffer::with_capacity(0);
        copy.bytes.clear();
        copy.cut_text("aä\0", 2);
        copy.cut_text("\0", 9);
        assert_eq!(copy.bytes, b"\0\0\0\x01a\0\0\0\x03\xef\xbf\xbd");
    }

    #[test]
    fn addresses_have_their_family() {
        let mut copy = CopyBuffer::with_capacity(0);
        copy.bytes.clear();
        copy.inet("192.0.2.1".parse().expect("an address"));
        assert_eq!(copy.bytes, [0, 0, 0, 8, 2, 32, 0, 4, 192, 0, 2, 1]);
    }
}
