//! What the correlator remembers: messages (queue files), their deliveries, sessions and refusals at the door.
//!
//! Everything refers to everything else by index into slabs, never by reference; a freed index is never followed because links are cut first.

use std::net::IpAddr;

use compact_str::CompactString;
use model::ids::RecordId;
use model::record::TrailKind;
use model::time::Micros;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::symbol::Symbol;
use crate::event::{DeliveryStatus, FilterAction, Transport};

/// Index of a message.
pub(super) type MessageIx = usize;
/// Index of a refusal.
pub(super) type RefusalIx = usize;

/// One queue file on one server.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Message {
    /// Host in the header.
    pub(super) host: Symbol,
    /// First part of the tag (`mx1`); for the default name `postfix` the host.
    pub(super) server: Symbol,
    pub(super) queue_id: CompactString,
    /// First line.
    pub(super) born: Micros,
    /// Last line.
    pub(super) last: Micros,
    /// When its client connected, else `born`.
    pub(super) connected_at: Micros,
    /// The line that made it was seen; else the log begins in the middle of its life.
    pub(super) birth_seen: bool,
    pub(super) client: Client,
    /// The queue id before our own filter, as XFORWARD told.
    pub(super) orig_queue_id: Option<CompactString>,
    pub(super) sender: Option<String>,
    pub(super) size: Option<u64>,
    #[expect(clippy::struct_field_names, reason = "the header's name")]
    pub(super) message_id: Option<String>,
    pub(super) subject: Option<String>,
    /// How many recipients the server took, where it says so and never says that the message is gone.
    pub(super) recipients_expected: Option<u32>,
    /// Recipients known otherwise than by deliveries: from checks, filters and greylisting.
    pub(super) named_recipients: SmallVec<[String; 1]>,
    pub(super) deliveries: SmallVec<[Delivery; 1]>,
    pub(super) judgement: Option<Judged>,
    pub(super) parent: Option<MessageIx>,
    pub(super) children: SmallVec<[MessageIx; 1]>,
    /// Refusals that this mail came back after, by the recipient that was refused.
    pub(super) adopted: Vec<(String, Refusal)>,
    pub(super) state: State,
    /// What a check at the door answered when it ended the message (`discard`, `hold`), for the verdict.
    pub(super) door_reply: Option<String>,
    pub(super) lines: Vec<StoredLine>,
    pub(super) line_text: Vec<u8>,
    /// Records written for this root so far.
    pub(super) written: SmallVec<[RecordId; 1]>,
    /// In the list of changed messages.
    pub(super) is_changed: bool,
    /// Kept in memory until then although it is closed (quarantined mail may be released).
    pub(super) keep_until: Micros,
}

/// Where a queue file stands.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts from independent lines, in any order"
)]
pub(super) struct State {
    pub(super) removed: bool,
    pub(super) deleted: bool,
    pub(super) requeued: bool,
    pub(super) held: bool,
    pub(super) expired: bool,
    pub(super) discarded: bool,
    /// Refused at the end of the data: what there is to tell is in refusals.
    pub(super) refused: bool,
    pub(super) probe: bool,
    /// A report (DSN) by bounce(8), or a mail that the filter made itself.
    pub(super) own_mail: bool,
    /// A release from the quarantine.
    pub(super) release: bool,
    pub(super) is_active: bool,
    pub(super) lost: bool,
    /// The data command failed.
    pub(super) data_refused: bool,
    pub(super) too_large: bool,
}

impl State {
    /// Nothing more is expected from this queue file.
    pub(super) fn is_over(self) -> bool {
        self.removed
            || self.deleted
            || self.requeued
            || self.refused
            || self.data_refused
            || (self.discarded && !self.is_active)
            || self.lost
    }
}

/// Who brought a mail.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Client {
    pub(super) name: Option<String>,
    pub(super) ip: Option<IpAddr>,
    pub(super) helo: Option<String>,
    pub(super) sasl_user: Option<String>,
    pub(super) tls: Option<String>,
}

/// One recipient of a message and its tries.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Delivery {
    /// As stored: lower case.
    pub(super) to: String,
    pub(super) orig_to: Option<String>,
    pub(super) transport: Transport,
    pub(super) relay: String,
    pub(super) relay_ip: Option<IpAddr>,
    pub(super) dsn: CompactString,
    pub(super) status: DeliveryStatus,
    pub(super) text: String,
    pub(super) last_at: Micros,
    pub(super) previous_at: Option<Micros>,
    pub(super) tries: u32,
    pub(super) delays_ms: Option<[i64; 4]>,
    /// The queue id that the next server gave, when it named one.
    pub(super) queued_as: Option<CompactString>,
    /// What the mailbox did with it, from Dovecot.
    pub(super) mailbox: Option<Mailbox>,
}

/// What Dovecot did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mailbox {
    pub(super) action: crate::event::MailboxAction,
    pub(super) detail: String,
}

/// A content filter's judgement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Judged {
    pub(super) category: String,
    pub(super) detail: Option<String>,
    pub(super) action: FilterAction,
    pub(super) quarantine: Option<String>,
    pub(super) score: Option<f32>,
    pub(super) scan_ms: Option<i64>,
}

/// A line of the trail, its text in the owner's `line_text`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct StoredLine {
    pub(super) at: Micros,
    pub(super) server: Symbol,
    pub(super) program: Symbol,
    pub(super) kind: TrailKind,
    /// The delivery that it is about; `None` concerns the whole message.
    pub(super) delivery: Option<u16>,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A recipient that was refused at the door, for now or for good.
#[derive(Debug, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts from independent lines, in any order"
)]
pub(super) struct Refusal {
    pub(super) server: Symbol,
    pub(super) connected_at: Micros,
    pub(super) first_at: Micros,
    pub(super) last_at: Micros,
    pub(super) client: Client,
    pub(super) sender: String,
    pub(super) recipient: String,
    pub(super) message_id: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) queue_ids: SmallVec<[CompactString; 1]>,
    pub(super) code: u16,
    pub(super) dsn: String,
    pub(super) reply: String,
    pub(super) tries: u32,
    pub(super) is_temporary: bool,
    pub(super) is_greylisted: bool,
    /// A filter or greylisting line was seen, the answer at the door not yet.
    pub(super) is_answered: bool,
    pub(super) judgement: Option<Judged>,
    pub(super) trail: Vec<model::record::TrailEvent>,
    pub(super) written: Option<RecordId>,
    pub(super) is_changed: bool,
    /// Still reachable by sender and recipient: the mail may come back.
    pub(super) is_pending: bool,
}

/// A connection to smtpd.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) connected_at: Micros,
    pub(super) last: Micros,
    pub(super) client: Client,
    /// Mails that the session carried so far.
    pub(super) mails: u32,
    /// The queue file whose transaction is open.
    pub(super) open: Option<MessageIx>,
    /// The client was gone in the middle of the data.
    pub(super) broke_off: bool,
}
