//! What a mail program's line states, freed of its wording.
//!
//! Goes in: nothing; these are the types between the dialects and the correlator. Everything borrows from the line and stays bytes: log text is
//! hostile, and decoding it is the record's business. An event says what one line says, never what it means for a mail.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

pub mod names;
pub mod opensmtpd;
pub mod qmail;
pub mod sendmail;

/// What a dialect made of a line.
#[expect(
    clippy::large_enum_variant,
    reason = "made once a line, used at once and never kept: a box would cost an allocation a line"
)]
#[derive(Clone, Debug, PartialEq)]
pub enum Reading<'a> {
    /// A statement that the correlator uses.
    Event(Event<'a>),
    /// A line of a mail program that is understood and of no use here (`statistics:`, `daemon started`).
    Known,
    /// A line of a mail program that nobody understood: counted and sampled.
    Unrecognised,
    /// Not a mail program: skipped and counted.
    Foreign,
}

/// One statement about a mail or a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// smtpd: a client connected.
    Connect(Peer<'a>),
    /// smtpd: the session ended, by `disconnect`.
    Disconnect {
        /// `data=0/1` or `bdat=0/1`: the data command failed although no line says why.
        data_failed: bool,
    },
    /// smtpd: the message grew beyond `message_size_limit` while it came in.
    TooLarge {
        /// The queue id.
        queue_id: &'a [u8],
    },
    /// cleanup: the message was refused while it came in, for a reason of Postfix's own (`message rejected: hopcount exceeded`).
    DataRefused {
        /// The queue id.
        queue_id: &'a [u8],
        /// Why.
        reply: &'a [u8],
    },
    /// smtpd: the client was lost or too slow; `stage` is `RCPT`, `DATA (262 bytes)`, ...
    Lost {
        /// Where the session stood.
        stage: &'a [u8],
    },
    /// smtpd: TLS with the client; protocol and cipher.
    Tls {
        /// `TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 ...`
        text: &'a [u8],
    },
    /// smtpd: a queue file was made for a client.
    Client(ClientLine<'a>),
    /// pickup: a queue file from the maildrop.
    Pickup {
        /// The new queue id.
        queue_id: &'a [u8],
        /// Envelope sender.
        sender: &'a [u8],
        /// The id before `postsuper -r`.
        requeued_from: Option<&'a [u8]>,
    },
    /// cleanup: the Message-ID header, without angle brackets; empty when there was none.
    MessageId {
        /// The queue id.
        queue_id: &'a [u8],
        /// What stood in the header.
        message_id: &'a [u8],
    },
    /// cleanup: the subject, logged by a header check.
    Subject {
        /// The queue id.
        queue_id: &'a [u8],
        /// Raw header text, RFC 2047 words not decoded.
        subject: &'a [u8],
        /// The envelope so far.
        envelope: Envelope<'a>,
    },
    /// A message that a server took, told in one line: Exim's `<=`, Sendmail's `from=`, qmail-send's `info msg`, OpenSMTPD's `smtp message`.
    Arrival(ArrivalLine<'a>),
    /// qmgr: the message became active.
    Active {
        /// The queue id.
        queue_id: &'a [u8],
        /// Envelope sender; empty is the null sender.
        sender: &'a [u8],
        /// Octets.
        size: Option<u64>,
    },
    /// smtp, lmtp, local, virtual, pipe, error, discard: one try for one recipient.
    Delivery(DeliveryLine<'a>),
    /// Exim: a queue run passed over a recipient because it was too early to try again.
    NotTried(DeliveryLine<'a>),
    /// Exim: a recipient is given up after its last try; why that failed stands in an earlier line.
    GivenUp(DeliveryLine<'a>),
    /// Exim: what explains the other lines of a message and decides nothing: a host's answer, a warning of an ACL.
    Remark {
        /// The message's id.
        queue_id: &'a [u8],
    },
    /// Exim: a queue run found the message frozen.
    StillHeld {
        /// The message's id.
        queue_id: &'a [u8],
    },
    /// Exim: an answer at the door. The main log and the reject log both tell it, and by syslog both copies arrive.
    EximDoor(DoorLine<'a>),
    /// Exim: the client gave up in the middle of a transaction with these recipients.
    BrokeOff {
        /// Where it stood, as a refusal for now.
        door: DoorLine<'a>,
        /// Envelope recipients, parted by spaces.
        recipients: &'a [u8],
    },
    /// Exim's reject log: a recipient of the message that the line before refused.
    EnvelopeTo {
        /// The recipient.
        recipient: &'a [u8],
        /// Not the first one: only believed behind another.
        continues: bool,
    },
    /// Exim by syslog: a part of a line that was too long, or a line of a statement that has several.
    LinePart {
        /// From 1 on.
        number: u16,
        /// How many parts there are.
        count: u16,
        /// The line ends with this part; the next part is a new one.
        ends_line: bool,
        /// The part's text.
        text: &'a [u8],
    },
    /// qmgr: the queue file is gone; the life is over.
    Removed {
        /// The queue id.
        queue_id: &'a [u8],
    },
    /// postsuper `-d`: deleted by hand.
    Deleted {
        /// The queue id.
        queue_id: &'a [u8],
    },
    /// postsuper `-r`: goes on under a new id, which pickup names.
    Requeued {
        /// The old queue id.
        queue_id: &'a [u8],
    },
    /// postsuper `-H`, `-h` or a check put it on or off hold.
    Hold {
        /// The queue id.
        queue_id: &'a [u8],
        /// On or off.
        on: bool,
    },
    /// qmgr: `status=expired`: the queue life time of what is still deferred is over.
    Expired {
        /// The queue id.
        queue_id: &'a [u8],
    },
    /// bounce: a report about this message is a message of its own.
    Report {
        /// The message that is reported on.
        queue_id: &'a [u8],
        /// The report's own queue id.
        report: &'a [u8],
    },
    /// smtpd, postscreen, cleanup: an answer at the door that is more than "yes".
    Door(DoorLine<'a>),
    /// smtpd before a proxy filter: the filter took it and gave it this queue id.
    ProxyAccepted {
        /// The queue id behind the filter.
        next: Option<&'a [u8]>,
        /// Envelope and HELO.
        envelope: Envelope<'a>,
    },
    /// amavis: the judgement on a message.
    Judged(Judgement<'a>),
    /// amavis: the first part of a line that syslog's limit cut, or a later part.
    AmavisPart {
        /// `00934-06`: the same for all lines of one scan.
        scan: &'a [u8],
        /// Whether it continues a line.
        continues: bool,
        /// Whether more follows.
        more: bool,
        /// The text without the dots.
        text: &'a [u8],
    },
    /// amavis: a message of its own (DSN, notice) or a release got this queue id.
    AmavisSent {
        /// `SEND` of its own mail or `FWD`.
        is_release: bool,
        /// For releases: the mail id in the quarantine; for its own mail: the mail id it is about.
        about: Option<&'a [u8]>,
        /// The queue id it was given.
        queued_as: Option<&'a [u8]>,
    },
    /// postgrey: an answer about one recipient.
    Greylist(GreylistLine<'a>),
    /// rspamd: the judgement on a message.
    Scanned(ScanLine<'a>),
    /// Dovecot LMTP/LDA: what the mailbox or its Sieve script did.
    Mailbox(MailboxLine<'a>),
    /// Dovecot: somebody signed in, or was not let in.
    SignIn(SignInLine<'a>),
    /// Dovecot: a session ended.
    SignOut(SignOutLine<'a>),
    /// Sendmail: what its way of logging asks for.
    Sendmail(sendmail::SendmailLine<'a>),
    /// qmail: what its way of logging asks for.
    Qmail(qmail::QmailLine<'a>),
    /// OpenSMTPD: what its way of logging asks for.
    OpenSmtpd(opensmtpd::OpenSmtpdLine<'a>),
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peer<'a> {
    /// Reverse name; `None` for `unknown` and for postscreen, which does not look it up.
    pub name: Option<&'a [u8]>,
    /// Address.
    pub ip: Option<IpAddr>,
}

/// `4jX...: client=name[ip], orig_queue_id=..., orig_client=name[ip], sasl_method=..., sasl_username=...`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientLine<'a> {
    /// The new queue id, or `None` for `NOQUEUE: client=` before a proxy filter.
    pub queue_id: Option<&'a [u8]>,
    /// Who connected.
    pub client: Peer<'a>,
    /// XFORWARD IDENT: the queue id before the filter.
    pub orig_queue_id: Option<&'a [u8]>,
    /// XFORWARD: the client before the filter.
    pub orig_client: Option<Peer<'a>>,
    /// The signed-in user.
    pub sasl_username: Option<&'a [u8]>,
}

/// A message that a server took. What the program does not log is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArrivalLine<'a> {
    /// The server's own id of the message.
    pub queue_id: &'a [u8],
    /// Envelope sender; empty is the null sender.
    pub sender: Option<&'a [u8]>,
    /// Who brought it; without name and address for locally made mail.
    pub client: Peer<'a>,
    /// HELO/EHLO name.
    pub helo: Option<&'a [u8]>,
    /// The signed-in user.
    pub sasl_user: Option<&'a [u8]>,
    /// Protocol and cipher of the client's connection.
    pub tls: Option<&'a [u8]>,
    /// Octets.
    pub size: Option<u64>,
    /// Message-ID without angle brackets.
    pub message_id: Option<&'a [u8]>,
    /// Raw subject, RFC 2047 words not decoded.
    pub subject: Option<&'a [u8]>,
    /// Envelope recipients, as far as the line names them.
    pub recipients: SmallVec<[&'a [u8]; 4]>,
    /// The message that this one is a report about.
    pub report_on: Option<&'a [u8]>,
}

/// Where a delivery agent delivers to: what `sent` means depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transport {
    /// SMTP to another server, or to a filter on loopback.
    #[default]
    Smtp,
    /// LMTP, LDA or a mailbox file: the mail is where its reader finds it.
    Mailbox,
    /// A program (`pipe`): what it does with the mail is not known here.
    Program,
    /// An alias or rule sends it on under another address.
    Forward,
    /// Dropped on purpose.
    Discard,
    /// A transport that only says no (`error`, `retry`).
    Error,
}

/// What became of a delivery try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryStatus {
    /// `status=sent`
    Sent,
    /// `status=deferred`
    Deferred,
    /// `status=bounced`
    Bounced,
    /// `status=expired` in a delivery agent's line (Postfix 3.9 and later).
    Expired,
    /// `status=deliverable` or `undeliverable`: a probe of verify(8), no mail.
    Probe,
}

/// `4jX...: to=<a>, orig_to=<b>, relay=name[ip]:port, delay=1, delays=a/b/c/d, dsn=2.0.0, status=sent (text)`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeliveryLine<'a> {
    /// The queue id.
    pub queue_id: &'a [u8],
    /// Recipient.
    pub to: &'a [u8],
    /// Recipient before the last rewriting.
    pub orig_to: Option<&'a [u8]>,
    /// Where it was delivered to.
    pub transport: Transport,
    /// `none`, `local`, or the server's name.
    pub relay: &'a [u8],
    /// The server's address, when it has one.
    pub relay_ip: Option<IpAddr>,
    /// Port of the server; 0 without.
    pub relay_port: u16,
    /// `delay=` in milliseconds.
    pub delay_ms: Option<i64>,
    /// `delays=a/b/c/d` in milliseconds: before the queue manager, in it, connecting, transmitting.
    pub delays_ms: Option<[i64; 4]>,
    /// Enhanced status code.
    pub dsn: &'a [u8],
    /// What became of it.
    pub status: DeliveryStatus,
    /// The text in parentheses.
    pub text: &'a [u8],
    /// The queue id that the next server gave, when it was taken.
    pub next: Option<&'a [u8]>,
}

/// What was answered at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorAction {
    /// `reject`, `milter-reject`, `proxy-reject`: refused, for now (4xx) or for good (5xx).
    Reject,
    /// Refused for now by a program that does not log its code (Exim's `temporarily rejected`).
    Defer,
    /// `discard`: taken and dropped.
    Discard,
    /// `hold`: taken and put on hold.
    Hold,
    /// `warn`, `filter`, `redirect`, `bcc`, `prepend`, `reject_warning` ...: it goes on.
    Note,
}

/// `NOQUEUE: reject: RCPT from name[ip]: 550 5.1.1 <a>: text; from=<s> to=<r> proto=ESMTP helo=<h>`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoorLine<'a> {
    /// `None` for NOQUEUE and proxies.
    pub queue_id: Option<&'a [u8]>,
    /// What was done.
    pub action: DoorAction,
    /// `CONNECT`, `EHLO`, `MAIL`, `RCPT`, `DATA`, `END-OF-MESSAGE`, `header`, `body`.
    pub stage: &'a [u8],
    /// Who was answered.
    pub client: Peer<'a>,
    /// Basic code; 0 when only an enhanced code is logged (cleanup).
    pub code: u16,
    /// Enhanced status code.
    pub dsn: &'a [u8],
    /// The answer with its codes.
    pub reply: &'a [u8],
    /// Envelope and HELO.
    pub envelope: Envelope<'a>,
}

impl DoorLine<'_> {
    /// Whether the answer was "not now" (4xx).
    pub fn is_temporary(&self) -> bool {
        match self.code {
            _ if self.action == DoorAction::Defer => true,
            0 => self.dsn.first() == Some(&b'4'),
            code => (400..500).contains(&code),
        }
    }
}

/// `from=<s> to=<r> proto=ESMTP helo=<h>`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Envelope sender; `None` when the session had not named one.
    pub sender: Option<&'a [u8]>,
    /// Recipient; `None` when the session had not named one.
    pub recipient: Option<&'a [u8]>,
    /// HELO/EHLO name.
    pub helo: Option<&'a [u8]>,
}

/// How amavis or rspamd ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FilterAction {
    /// Passed on.
    Pass,
    /// Taken with 250 and dropped, or stored when quarantined.
    Discard,
    /// Refused with 5xx.
    Reject,
    /// Taken with 250; the filter reports to the sender itself.
    Bounce,
    /// The way back failed: tried again later.
    TempFail,
}

/// amavis's summary line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement<'a> {
    /// `CLEAN`, `SPAM`, `SPAMMY`, `INFECTED`, `BANNED`, `BAD-HEADER-7`, `UNCHECKED`, `MTA-BLOCKED`, ...
    pub category: &'a [u8],
    /// The virus or the banned name in parentheses.
    pub detail: Option<&'a [u8]>,
    /// What amavis did.
    pub action: FilterAction,
    /// The client that brought the mail.
    pub client_ip: Option<IpAddr>,
    /// Envelope sender.
    pub sender: &'a [u8],
    /// Envelope recipients: `<a>,<b>`.
    pub recipients: &'a [u8],
    /// Path in the quarantine.
    pub quarantine: Option<&'a [u8]>,
    /// The queue id before the filter.
    pub queue_id: Option<&'a [u8]>,
    /// Message-ID without angle brackets.
    pub message_id: Option<&'a [u8]>,
    /// amavis's own id of the mail.
    pub mail_id: Option<&'a [u8]>,
    /// Spam score.
    pub score: Option<f32>,
    /// Queue ids behind the filter, split by `/`.
    pub queued_as: Option<&'a [u8]>,
    /// Time in the filter.
    pub scan_ms: Option<i64>,
}

/// postgrey's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GreylistLine<'a> {
    /// Put off, or let through.
    pub put_off: bool,
    /// `new`, `early-retry (30s missing)`, `triplet found`, `client whitelist`, ...
    pub reason: &'a [u8],
    /// Seconds that the first try lies back.
    pub delay_s: Option<i64>,
    /// The client.
    pub client_ip: Option<IpAddr>,
    /// Envelope sender.
    pub sender: &'a [u8],
    /// Recipient.
    pub recipient: &'a [u8],
    /// Known from the second recipient on.
    pub queue_id: Option<&'a [u8]>,
}

/// rspamd's summary line (`rspamd_task_write_log`), and spamd's result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanLine<'a> {
    /// Message-ID without angle brackets.
    pub message_id: Option<&'a [u8]>,
    /// The MTA's queue id.
    pub queue_id: Option<&'a [u8]>,
    /// `no action`, `soft reject`, `reject`, `add header`, `greylist`, ...
    pub action: &'a [u8],
    /// Score.
    pub score: Option<f32>,
    /// Envelope recipients: `<a>,<b>`.
    pub recipients: &'a [u8],
    /// Whether greylisting decided.
    pub greylisted: bool,
    /// The module that forced the action, whatever the score: `greylist`, `dmarc`, `ratelimit`.
    pub forced_by: Option<&'a [u8]>,
    /// What was found, as logged: `NAME(5.00){options;},...`.
    pub symbols: &'a [u8],
    /// Time in the scanner.
    pub scan_ms: Option<i64>,
}

/// What happened to a mail at its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailboxAction {
    /// Stored in a folder.
    Stored,
    /// Sent on by Sieve.
    Redirected,
    /// Dropped by Sieve.
    Discarded,
    /// Refused by Sieve: Dovecot reports to the sender.
    Rejected,
    /// Not stored: quota or another error.
    Failed,
}

/// `lmtp(anna@kundi.test)<1517><SESSION>: msgid=<...>, from=..., size=639: saved mail to INBOX`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxLine<'a> {
    /// The mailbox's user.
    pub user: &'a [u8],
    /// Session id, as in the LMTP answer `250 2.0.0 <user> SESSION Saved`.
    pub session: Option<&'a [u8]>,
    /// Message-ID without angle brackets.
    pub message_id: Option<&'a [u8]>,
    /// What was done.
    pub action: MailboxAction,
    /// The folder, the new address, or the reason.
    pub detail: &'a [u8],
}

/// `imap-login: Login: user=<anna@isp.test>, method=PLAIN, rip=192.0.2.104, lip=192.0.2.40, mpid=1522, TLS, session=<+E9r>`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInLine<'a> {
    /// `imap`, `pop3`, `submission`, `managesieve`.
    pub service: &'a [u8],
    /// Who, or who he said to be; empty when the client named nobody.
    pub user: &'a [u8],
    /// SASL mechanism; empty when the line does not tell.
    pub method: &'a [u8],
    /// Where from.
    pub client_ip: Option<IpAddr>,
    /// Whether the connection was encrypted.
    pub has_tls: bool,
    /// Session id, the same at the session's end.
    pub session: Option<&'a [u8]>,
    /// Let in or not.
    pub is_accepted: bool,
    /// Why not: `Aborted login (auth failed, 1 attempts in 2 secs)`.
    pub reason: &'a [u8],
}

/// `imap(anna@isp.test)<1522><+E9r>: Disconnected: Logged out in=84 out=1152 ...`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignOutLine<'a> {
    /// `imap`, `pop3`, ...
    pub service: &'a [u8],
    /// Who.
    pub user: &'a [u8],
    /// Session id, as at its begin.
    pub session: Option<&'a [u8]>,
    /// Octets that the client sent.
    pub bytes_in: Option<u64>,
    /// Octets that the client was sent; for POP3 those of the mails it fetched.
    pub bytes_out: Option<u64>,
}
