//! What only qmail's way of logging needs: messages and deliveries have numbers that are used again at once.

use std::net::IpAddr;

use super::DeliveryStatus;

/// A statement of qmail-send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QmailLine<'a> {
    /// `new msg N`: a life begins.
    New {
        /// The message's number.
        number: &'a [u8],
    },
    /// `info msg N: bytes B from <s> qp Q uid U`
    Info {
        /// The message's number.
        number: &'a [u8],
        /// Octets.
        size: Option<u64>,
        /// Envelope sender; `#@[]` is a double bounce's.
        sender: &'a [u8],
        /// Process that queued it.
        process: u32,
    },
    /// `starting delivery D: msg N to local r` or `to remote r`
    Start {
        /// The delivery's number.
        delivery: u64,
        /// The message's number.
        number: &'a [u8],
        /// Whether qmail-local delivers it.
        is_local: bool,
        /// Recipient; behind a virtual domain's prefix, if it has one.
        to: &'a [u8],
    },
    /// `delivery D: success: text`
    End {
        /// The delivery's number.
        delivery: u64,
        /// What came of it.
        status: DeliveryStatus,
        /// The report, spaces as underscores and line ends as slashes.
        text: &'a [u8],
        /// The server that answered.
        relay: Option<IpAddr>,
    },
    /// `bounce msg N qp Q`: a report was queued by process Q.
    Bounce {
        /// The message's number.
        number: &'a [u8],
        /// Process that queued the report.
        process: u32,
    },
    /// `end msg N`: the life is over.
    Removed {
        /// The message's number.
        number: &'a [u8],
    },
}
