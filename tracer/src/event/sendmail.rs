//! What only Sendmail's way of logging needs: it names the sender after the recipients that it refused, and several recipients on one line.

use super::{DeliveryLine, DoorLine, Peer};

/// A statement of Sendmail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SendmailLine<'a> {
    /// `STARTTLS=server, relay=...` or `AUTH=server, relay=..., authid=...`: about the session of this process.
    Session {
        /// The client.
        client: Peer<'a>,
        /// Protocol and cipher.
        tls: Option<&'a [u8]>,
        /// The signed-in user.
        user: Option<&'a [u8]>,
    },
    /// `from=<s>, size=, nrcpts=, ...`: the end of a transaction, taken or not.
    From {
        /// The queue id.
        queue_id: &'a [u8],
        /// Envelope sender.
        sender: &'a [u8],
        /// Who brought it.
        client: Peer<'a>,
        /// Octets.
        size: Option<u64>,
        /// Message-ID without angle brackets.
        message_id: Option<&'a [u8]>,
        /// Recipients that were accepted; 0 when all were refused.
        recipients: u32,
    },
    /// `to=<a>,<b>, ... stat=`: a try for these recipients. `orig_to` of the line is `ctladdr=`: an alias, or the local sender.
    To {
        /// The list as logged.
        recipients: &'a [u8],
        /// The try, with the first recipient.
        line: DeliveryLine<'a>,
    },
    /// `to=<a>,<b>, delay=, pri=, stat=text` without a mailer: refused after the data.
    NotTaken {
        /// The queue id.
        queue_id: &'a [u8],
        /// The list as logged.
        recipients: &'a [u8],
        /// Why.
        text: &'a [u8],
    },
    /// A recipient was refused; the sender comes with `from=`.
    Refused(DoorLine<'a>),
    /// `Milter: data, reject=...`: refused after the data; the recipients come with `to=`.
    Answer {
        /// The queue id.
        queue_id: &'a [u8],
        /// The answer with its codes.
        reply: &'a [u8],
    },
    /// A check let this recipient's mail be dropped; the whole message is `discarded` later.
    NamedForDiscard {
        /// The queue id.
        queue_id: &'a [u8],
        /// The recipient.
        recipient: &'a [u8],
    },
    /// `discarded`: taken with 250 and dropped.
    Discarded {
        /// The queue id.
        queue_id: &'a [u8],
    },
    /// `lost input channel`, `timeout waiting for input`, `collect: ...`: the client was gone before the mail was ours.
    Lost {
        /// The queue id.
        queue_id: &'a [u8],
    },
    /// `PARENT: CHILD: sender notify: Cannot send message for 5 days`: given up, with a report.
    GivenUp {
        /// The message.
        queue_id: &'a [u8],
        /// The report's queue id.
        report: &'a [u8],
    },
    /// `PARENT: CHILD: clone: owner=x`: part of the recipients goes on under a new id.
    Clone {
        /// The message.
        queue_id: &'a [u8],
        /// The new id.
        clone: &'a [u8],
    },
}

impl<'a> SendmailLine<'a> {
    /// The queue id that the line is about; sessions have none.
    pub const fn queue_id(&self) -> Option<&'a [u8]> {
        match self {
            Self::Session { .. } => None,
            Self::To { line, .. } => Some(line.queue_id),
            Self::Refused(door) => door.queue_id,
            Self::From { queue_id, .. }
            | Self::NotTaken { queue_id, .. }
            | Self::Answer { queue_id, .. }
            | Self::NamedForDiscard { queue_id, .. }
            | Self::Discarded { queue_id }
            | Self::Lost { queue_id }
            | Self::GivenUp { queue_id, .. }
            | Self::Clone { queue_id, .. } => Some(queue_id),
        }
    }
}
