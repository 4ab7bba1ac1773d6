//! Which mails a line names: whoever keeps mails elsewhere brings them back before the line is taken in.

use smallvec::SmallVec;

use super::opensmtpd::OpenSmtpdLine;
use super::qmail::QmailLine;
use super::sendmail::SendmailLine;
use super::{ArrivalLine, ClientLine, DeliveryLine, DoorLine, Event, Judgement};

/// A name of a mail in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// Of a server's queue.
    QueueId(&'a [u8]),
    /// amavis's own, under which the quarantine keeps a mail.
    MailId(&'a [u8]),
}

/// The names in one line; nearly all have one or two.
pub type Names<'a> = SmallVec<[Name<'a>; 3]>;

impl<'a> Event<'a> {
    /// Every queue id and mail id by which the line names a message: its own and others. A line that is told in parts names
    /// what its parts name together, and qmail's `delivery D:` names a message only through the line that began the delivery.
    pub fn names(&self) -> Names<'a> {
        let mut names = Names::new();
        let mut own = |id: Option<&'a [u8]>| names.extend(id.map(Name::QueueId));
        match self {
            Event::Connect(_)
            | Event::Disconnect { .. }
            | Event::Lost { .. }
            | Event::Tls { .. }
            | Event::EnvelopeTo { .. }
            | Event::LinePart { .. }
            | Event::AmavisPart { .. }
            | Event::Mailbox(_)
            | Event::SignIn(_)
            | Event::SignOut(_) => {}
            Event::TooLarge { queue_id }
            | Event::DataRefused { queue_id, .. }
            | Event::MessageId { queue_id, .. }
            | Event::Subject { queue_id, .. }
            | Event::Active { queue_id, .. }
            | Event::Remark { queue_id }
            | Event::StillHeld { queue_id }
            | Event::Removed { queue_id }
            | Event::Deleted { queue_id }
            | Event::Requeued { queue_id }
            | Event::Hold { queue_id, .. }
            | Event::Expired { queue_id } => own(Some(queue_id)),
            Event::Client(ClientLine {
                queue_id,
                orig_queue_id: other,
                ..
            }) => {
                own(*queue_id);
                own(*other);
            }
            Event::Pickup {
                queue_id,
                requeued_from: other,
                ..
            }
            | Event::Arrival(ArrivalLine {
                queue_id,
                report_on: other,
                ..
            }) => {
                own(Some(queue_id));
                own(*other);
            }
            Event::Report { queue_id, report } => {
                own(Some(queue_id));
                own(Some(report));
            }
            Event::Delivery(line)
            | Event::NotTried(line)
            | Event::GivenUp(line)
            | Event::Sendmail(SendmailLine::To { line, .. })
            | Event::OpenSmtpd(OpenSmtpdLine::Delivery { line, .. }) => {
                let DeliveryLine { queue_id, next, .. } = line;
                own(Some(queue_id));
                own(*next);
            }
            Event::Door(door)
            | Event::EximDoor(door)
            | Event::BrokeOff { door, .. }
            | Event::Sendmail(SendmailLine::Refused(door))
            | Event::OpenSmtpd(OpenSmtpdLine::Failed { door, .. }) => {
                let DoorLine { queue_id, .. } = door;
                own(*queue_id);
            }
            Event::ProxyAccepted { next, .. } => own(*next),
            Event::Judged(judgement) => return judgement.names(),
            Event::AmavisSent {
                is_release,
                about,
                queued_as,
            } => {
                own(*queued_as);
                // A notice about a mail is a mail of its own.
                names.extend(about.filter(|_| *is_release).map(Name::MailId));
            }
            Event::Greylist(line) => own(line.queue_id),
            Event::Scanned(line) => own(line.queue_id),
            Event::Sendmail(line) => match line {
                SendmailLine::GivenUp {
                    queue_id,
                    report: other,
                }
                | SendmailLine::Clone {
                    queue_id,
                    clone: other,
                } => {
                    own(Some(queue_id));
                    own(Some(other));
                }
                SendmailLine::Session { .. }
                | SendmailLine::From { .. }
                | SendmailLine::To { .. }
                | SendmailLine::NotTaken { .. }
                | SendmailLine::Refused(_)
                | SendmailLine::Answer { .. }
                | SendmailLine::NamedForDiscard { .. }
                | SendmailLine::Discarded { .. }
                | SendmailLine::Lost { .. } => own(line.queue_id()),
            },
            Event::Qmail(line) => match line {
                QmailLine::New { number }
                | QmailLine::Info { number, .. }
                | QmailLine::Start { number, .. }
                | QmailLine::Bounce { number, .. }
                | QmailLine::Removed { number } => own(Some(number)),
                QmailLine::End { .. } => {}
            },
            Event::OpenSmtpd(line) => match line {
                OpenSmtpdLine::Message { queue_id, .. } | OpenSmtpdLine::Envelope { queue_id, .. } => {
                    own(Some(queue_id));
                }
                OpenSmtpdLine::Connected { .. }
                | OpenSmtpdLine::About { .. }
                | OpenSmtpdLine::Disconnected { .. }
                | OpenSmtpdLine::Failed { .. }
                | OpenSmtpdLine::Delivery { .. } => {}
            },
        }
        names
    }
}

impl<'a> Judgement<'a> {
    /// The queue ids before and behind the filter. Its own id is new with this line and names nothing yet.
    pub(crate) fn names(&self) -> Names<'a> {
        let behind = self.queued_as.into_iter();
        self.queue_id
            .into_iter()
            .chain(behind.flat_map(|ids| ids.split(|byte| *byte == b'/')))
            .map(Name::QueueId)
            .collect()
    }
}
