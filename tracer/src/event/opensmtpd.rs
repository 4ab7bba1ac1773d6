//! What only OpenSMTPD's way of logging needs: sessions have names of their own, all in one process, and envelopes belong to a message.

use super::{DeliveryLine, DoorLine, Peer};

/// A statement of OpenSMTPD.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OpenSmtpdLine<'a> {
    /// `smtp connected address=A host=H`
    Connected {
        /// The session.
        session: u64,
        /// Who connected; nobody for the server's own mail.
        client: Peer<'a>,
    },
    /// `smtp authentication user=U result=ok`, `smtp tls ciphers=C`
    About {
        /// The session.
        session: u64,
        /// The signed-in user.
        user: Option<&'a [u8]>,
        /// Protocol and cipher.
        tls: Option<&'a [u8]>,
    },
    /// `smtp disconnected reason=quit`
    Disconnected {
        /// The session.
        session: u64,
    },
    /// `smtp message msgid=M size=S nrcpt=N`, or the older `Accepted message M`, which names the envelope too.
    Message {
        /// The session.
        session: u64,
        /// The message.
        queue_id: &'a [u8],
        /// Octets.
        size: Option<u64>,
        /// Recipients that were taken.
        recipients: Option<u32>,
        /// Envelope sender.
        sender: Option<&'a [u8]>,
        /// A recipient.
        recipient: Option<&'a [u8]>,
    },
    /// `smtp envelope evpid=E from=<s> to=<r>`
    Envelope {
        /// The message: the first half of the envelope's id.
        queue_id: &'a [u8],
        /// Envelope sender.
        sender: &'a [u8],
        /// Recipient.
        recipient: &'a [u8],
    },
    /// `smtp failed-command command="..." result="..."`
    Failed {
        /// The session.
        session: u64,
        /// The answer.
        door: DoorLine<'a>,
    },
    /// `mta delivery evpid=E ...`, `mda delivery evpid=E ...`, `relay: Expire for E: ...`
    Delivery {
        /// Envelope sender.
        sender: &'a [u8],
        /// The try.
        line: DeliveryLine<'a>,
    },
}
