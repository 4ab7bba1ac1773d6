//! A record: one mail for one final recipient, over all servers and queue ids that it passed.
//!
//! Goes in: what the correlator joined. Comes out: the flat row of DESIGN ("One row") with the same names in SQL, JSON and the pages, and the trail
//! beside it. A record knows nothing of domains and tenants; [`OwnedRecord`] ties it to one hosted domain.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::{DomainId, RecordId};
use crate::time::Micros;
use crate::trail::Trail;
use crate::verdict::{Actor, Verdict};
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Seen from a hosted domain.
    Direction {
        /// The recipient's domain is ours.
        Inbound = "inbound",
        /// The sender's domain is ours.
        Outbound = "outbound",
    }
}

/// One mail for one final recipient.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Deterministic: the same lines give the same id.
    pub record_id: RecordId,
    /// When the client that brought the mail connected; for locally made mail: when it was picked up.
    pub connected_at: Micros,
    /// When the verdict became final.
    pub finished_at: Option<Micros>,
    /// The syslog ident or instance that took the mail (`mx2`).
    pub server: String,
    /// The client's address.
    pub client_ip: Option<IpAddr>,
    /// The client's forward-confirmed reverse name; `None` when Postfix says `unknown`.
    pub client_name: Option<String>,
    /// What the client called itself in HELO/EHLO.
    pub helo: Option<String>,
    /// The signed-in user (SASL).
    pub sasl_user: Option<String>,
    /// Protocol and cipher of the client's connection.
    pub tls: Option<String>,
    /// Envelope sender, lower case; empty is the null sender, or one that no line told: see `is_sender_known`.
    pub sender: String,
    /// A line told the sender; else the log begins too late, and nobody guesses.
    pub is_sender_known: bool,
    /// Final envelope recipient, lower case; empty when the session never named one.
    pub recipient: String,
    /// What the sender had written, when an alias changed it.
    pub original_recipient: Option<String>,
    /// The Message-ID header without angle brackets.
    pub message_id: Option<String>,
    /// Decoded subject, when a server logs it.
    pub subject: Option<String>,
    /// Octets as the first queue manager counted them.
    pub size: Option<i64>,
    /// All queue ids on the way, in order.
    pub queue_ids: Vec<String>,
    /// The last server, mailbox service or program that it was given to.
    pub relay: Option<String>,
    /// That server's address.
    pub relay_ip: Option<IpAddr>,
    /// What became of it.
    pub verdict: Verdict,
    /// Enhanced status code (RFC 3463).
    pub dsn: Option<String>,
    /// The last reply text, unaltered.
    pub reply: Option<String>,
    /// Delivery tries towards the last hop.
    pub attempts: u32,
    /// When the next try is due, if a server told or the pattern shows.
    pub next_attempt_at: Option<Micros>,
    /// Where the time went.
    pub delay: Delay,
    /// The content filter's category (`CLEAN`, `SPAM`, `INFECTED`, `BANNED`, ...).
    pub content: Option<String>,
    /// Spam score of the content filter.
    pub spam_score: Option<f32>,
    /// Where the quarantine keeps it.
    pub quarantine_id: Option<String>,
    /// How long greylisting held it up.
    pub greylisted_ms: Option<i64>,
    /// Part of its life is missing from the log.
    pub incomplete: bool,
    /// An always_bcc or archive copy: hidden from tenants.
    pub is_copy: bool,
    /// The ordered events with their raw lines.
    pub trail: Trail,
}

/// Milliseconds, as Postfix splits them in `delays=a/b/c/d`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delay {
    /// From arrival to the last word.
    pub total_ms: Option<i64>,
    /// Before the queue manager and in the queue.
    pub queue_ms: Option<i64>,
    /// Connecting, greeting and TLS.
    pub connect_ms: Option<i64>,
    /// Transmitting the message.
    pub transmit_ms: Option<i64>,
    /// In the content filter.
    pub scan_ms: Option<i64>,
}

vocabulary! {
    /// What an event in the trail is: a locale key for the timeline.
    TrailKind {
        /// A client connected or a queue file began.
        Received = "received",
        /// The first try was put off by greylisting.
        Greylisted = "greylisted",
        /// Greylisting let it pass.
        GreylistPassed = "greylist_passed",
        /// Refused at the door.
        Refused = "refused",
        /// Not taken now at the door.
        RefusedForNow = "refused_for_now",
        /// Queued: sender, size and number of recipients are known.
        Queued = "queued",
        /// The content filter's judgement.
        Checked = "checked",
        /// Put into the quarantine.
        Quarantined = "quarantined",
        /// Released from the quarantine.
        Released = "released",
        /// Given to our own next server or filter.
        Passed = "passed",
        /// Given to a foreign server.
        HandedOver = "handed_over",
        /// Stored in a mailbox.
        Delivered = "delivered",
        /// Sent on by an alias or rule.
        Forwarded = "forwarded",
        /// A try that did not work yet.
        Deferred = "deferred",
        /// Refused for good.
        Bounced = "bounced",
        /// Given up.
        Expired = "expired",
        /// Dropped.
        Discarded = "discarded",
        /// Put on hold.
        Held = "held",
        /// Taken off hold.
        Unheld = "unheld",
        /// A report was sent to the sender.
        Reported = "reported",
        /// Left the queue.
        Removed = "removed",
        /// Anything else worth a line.
        Noted = "noted",
    }
}

/// One line of the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailEvent {
    /// The line's own time.
    pub at: Micros,
    /// Which server logged it (`mx2`).
    pub server: String,
    /// Which program logged it (`smtpd`, `amavis`).
    pub program: String,
    /// What it means.
    pub kind: TrailKind,
    /// The queue id on the line.
    pub queue_id: Option<String>,
    /// The raw line, other people's recipients removed.
    pub text: String,
}

/// A record as one hosted domain sees it: what the `mail` table holds.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnedRecord {
    /// The hosted domain.
    pub domain_id: DomainId,
    /// From that domain's point of view.
    pub direction: Direction,
    /// ISO 3166-1 alpha-2 country of `client_ip`, from the MMDB.
    pub country: Option<String>,
    /// Autonomous system number of `client_ip`.
    pub asn: Option<u32>,
    /// Name of that network's operator.
    pub network: Option<String>,
    /// Who can change what happened, without a viewer: the record's verdict says "you" for the viewer's side.
    pub party: Actor,
    /// The record itself, shared between the two domains of a mail between hosted domains.
    pub record: Arc<Record>,
}
