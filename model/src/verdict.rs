//! The verdict on a record: what happened, why, who can change it, whether it is final, and how sure we are.
//!
//! Goes in: nothing; these are the words. Comes out: closed vocabularies with stable ids. The sentences for people are in
//! `locales/<language>/verdict.ftl` under the same ids; the rules that find a reason in a reply are in [`knowledge`].

use serde::{Deserialize, Serialize};

use crate::record::Direction;
use crate::vocabulary::vocabulary;

#[cfg(feature = "knowledge")]
pub mod knowledge;

/// The verdict of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What became of the mail.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// Who can change it.
    pub actor: Actor,
    /// Whether anything can still happen by itself.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// How the reason was found.
    pub confidence: Confidence,
}

vocabulary! {
    /// What became of a mail for one recipient.
    Outcome {
        /// In the mailbox on our server.
        Delivered = "delivered",
        /// In the mailbox, in the Junk folder or marked.
        Junked = "junked",
        /// A foreign server took it; what happens there we cannot see.
        HandedOver = "handed_over",
        /// Our alias, list or rule sent it on under another record.
        Forwarded = "forwarded",
        /// First contact: the sender must come again in minutes.
        Greylisted = "greylisted",
        /// "Not now": it will be tried again.
        Deferred = "deferred",
        /// Kept in the quarantine, to be looked at and released.
        Quarantined = "quarantined",
        /// Taken out of the quarantine; its delivery was not seen yet.
        Released = "released",
        /// Stopped by our team, a limit or a frozen queue.
        Held = "held",
        /// Refused before we took it; the sender's server knows.
        Rejected = "rejected",
        /// Refused for good after we took it; a report went to the sender.
        Bounced = "bounced",
        /// Tried until the queue's life time was over.
        Expired = "expired",
        /// Dropped by a rule; nobody was told.
        Discarded = "discarded",
        /// No log source has it. Never stored: the answer to an empty search.
        NoTrace = "no_trace",
        /// Taken by one of our servers, no fate seen yet.
        InProgress = "in_progress",
    }
}

vocabulary! {
    /// Why: one cause in the words of the field.
    Reason {
        /// Nothing went wrong and nothing needs a cause.
        Ok = "ok",
        /// No such mailbox.
        UserUnknown = "user_unknown",
        /// The domain does not exist or takes no mail.
        DomainUnknown = "domain_unknown",
        /// The mailbox is switched off.
        MailboxDisabled = "mailbox_disabled",
        /// The address was replaced.
        Moved = "moved",
        /// The sender's address or domain is not valid.
        SenderInvalid = "sender_invalid",
        /// No space in the mailbox.
        MailboxFull = "mailbox_full",
        /// Bigger than allowed.
        TooLarge = "too_large",
        /// Too many recipients at once.
        TooManyRcpts = "too_many_rcpts",
        /// Their system is busy.
        RemoteOverload = "remote_overload",
        /// First contact delay.
        GreylistNew = "greylist_new",
        /// The sender sends too much too fast.
        RateSender = "rate_sender",
        /// The mailbox gets mail too fast.
        RateRecipient = "rate_recipient",
        /// Too many connections.
        TooManyConn = "too_many_conn",
        /// A name lookup failed.
        DnsFailure = "dns_failure",
        /// The server does not answer or broke off.
        Unreachable = "unreachable",
        /// A safe connection was required and failed.
        TlsFailed = "tls_failed",
        /// The mail runs in a circle.
        Loop = "loop",
        /// Given up after the queue's life time.
        TimeoutExpired = "timeout_expired",
        /// SPF says this server may not send for the domain.
        SpfFail = "spf_fail",
        /// The signature is missing or broken.
        DkimFail = "dkim_fail",
        /// The visible sender is not proven.
        DmarcFail = "dmarc_fail",
        /// The sending server has no proper reverse name.
        PtrMissing = "ptr_missing",
        /// The sending server introduces itself wrongly.
        HeloBad = "helo_bad",
        /// Not signed in for sending.
        AuthRequired = "auth_required",
        /// That server is not responsible for the address.
        RelayDenied = "relay_denied",
        /// Not allowed to send with this address.
        SenderMismatch = "sender_mismatch",
        /// The sending server is on a block list.
        IpListed = "ip_listed",
        /// The receiver does not know the sending server yet.
        IpUnknown = "ip_unknown",
        /// The sender's domain is seen as a spam source.
        DomainReputation = "domain_reputation",
        /// Too many people pressed "Spam".
        Complaints = "complaints",
        /// Looked like unwanted mail.
        Spam = "spam",
        /// Pretends to be somebody else.
        Phishing = "phishing",
        /// Carried harmful code.
        Virus = "virus",
        /// A file type that is not accepted.
        AttachmentBanned = "attachment_banned",
        /// Technically malformed.
        BadFormat = "bad_format",
        /// A link in it is on a warning list.
        BadLink = "bad_link",
        /// The recipient blocks the sender.
        RecipientBlock = "recipient_block",
        /// The list takes mail from members only.
        NotAllowedGroup = "not_allowed_group",
        /// A rule of the domain or the provider.
        PolicyLocal = "policy_local",
        /// Mail from that country is refused.
        GeoBlock = "geo_block",
        /// Our own system made an error.
        OurFault = "our_fault",
        /// Sending is stopped: the account looks hacked.
        AccountSuspended = "account_suspended",
        /// No words for this yet; the raw answer tells.
        Unclassified = "unclassified",
    }
}

vocabulary! {
    /// Who can change what happened.
    Actor {
        /// Whoever sent the mail.
        Sender = "sender",
        /// Whoever should get it.
        Recipient = "recipient",
        /// The customer who is looking.
        You = "you",
        /// The mail provider.
        Provider = "provider",
        /// The other side's mail provider.
        Remote = "remote",
        /// Nobody needs to or can.
        Nobody = "nobody",
    }
}

vocabulary! {
    /// How the reason was found.
    Confidence {
        /// By a rule for exactly this text or statement.
        Exact = "exact",
        /// By the (enhanced) status code alone.
        Code = "code",
        /// By the basic class of the answer.
        Guess = "guess",
    }
}

impl Verdict {
    /// The same verdict in the words of a hosted domain: who acts becomes "you" where that is the viewer's own side.
    ///
    /// The knowledge base knows parties only. For an outbound mail the sender is the viewer, for an inbound one the recipient. A fault of the
    /// sending server is our provider's on the way out and the other side's on the way in; a fault of the receiving server the reverse.
    #[must_use]
    pub const fn seen_from(self, direction: Direction) -> Self {
        let actor = match (self.actor, direction) {
            (Actor::Sender, Direction::Outbound) | (Actor::Recipient, Direction::Inbound) => Actor::You,
            (Actor::Provider, Direction::Inbound) if self.reason.is_about_sending_server() => Actor::Remote,
            (Actor::Remote, Direction::Inbound) if self.reason.is_about_receiving_server() => Actor::Provider,
            (actor, _) => actor,
        };
        Self { actor, ..self }
    }
}

impl Reason {
    /// Reasons that only the operator of the sending server can remove.
    pub const fn is_about_sending_server(self) -> bool {
        matches!(
            self,
            Self::PtrMissing
                | Self::HeloBad
                | Self::IpListed
                | Self::IpUnknown
                | Self::TooManyConn
                | Self::RateSender
        )
    }

    /// Reasons that only the operator of the receiving server can remove.
    pub const fn is_about_receiving_server(self) -> bool {
        matches!(self, Self::Unreachable | Self::TlsFailed)
    }
}

/// The five families that share a colour and an icon shape on every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Arrived.
    Good,
    /// Still under way by itself.
    Wait,
    /// Kept; somebody may act.
    Held,
    /// Did not arrive.
    Bad,
    /// Nothing to say.
    None,
}

impl Outcome {
    /// The family that decides colour and icon; the word always stands beside.
    pub const fn family(self) -> Family {
        match self {
            Self::Delivered | Self::HandedOver | Self::Forwarded | Self::Released => Family::Good,
            Self::Greylisted | Self::Deferred | Self::InProgress => Family::Wait,
            Self::Junked | Self::Quarantined | Self::Held => Family::Held,
            Self::Rejected | Self::Bounced | Self::Expired => Family::Bad,
            Self::Discarded | Self::NoTrace => Family::None,
        }
    }

    /// Whether the outcome ends the life of the record when nothing contradicts.
    pub const fn ends(self) -> bool {
        match self {
            Self::Delivered
            | Self::Junked
            | Self::HandedOver
            | Self::Forwarded
            | Self::Rejected
            | Self::Bounced
            | Self::Expired
            | Self::Discarded => true,
            Self::Greylisted
            | Self::Deferred
            | Self::Quarantined
            | Self::Released
            | Self::Held
            | Self::NoTrace
            | Self::InProgress => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_viewer_is_the_party_of_his_direction() {
        let seen = |reason, actor, direction| {
            Verdict {
                outcome: Outcome::Rejected,
                reason,
                actor,
                is_final: true,
                confidence: Confidence::Exact,
            }
            .seen_from(direction)
            .actor
        };
        let (inbound, outbound) = (Direction::Inbound, Direction::Outbound);
        for (reason, actor, when_inbound, when_outbound) in [
            (Reason::UserUnknown, Actor::Sender, Actor::Sender, Actor::You),
            (
                Reason::MailboxFull,
                Actor::Recipient,
                Actor::You,
                Actor::Recipient,
            ),
            (
                Reason::PtrMissing,
                Actor::Provider,
                Actor::Remote,
                Actor::Provider,
            ),
            (Reason::Unreachable, Actor::Remote, Actor::Provider, Actor::Remote),
            (
                Reason::PolicyLocal,
                Actor::Provider,
                Actor::Provider,
                Actor::Provider,
            ),
            (Reason::Ok, Actor::Nobody, Actor::Nobody, Actor::Nobody),
        ] {
            assert_eq!(seen(reason, actor, inbound), when_inbound, "{reason} inbound");
            assert_eq!(seen(reason, actor, outbound), when_outbound, "{reason} outbound");
        }
    }

    #[test]
    fn ids_are_unique_and_round_trip() {
        for &outcome in Outcome::ALL {
            assert_eq!(Outcome::from_id(outcome.id()), Some(outcome));
        }
        let ids: HashSet<_> = Reason::ALL.iter().map(|reason| reason.id()).collect();
        assert_eq!(ids.len(), Reason::ALL.len());
        assert_eq!(
            "nonsense".parse::<Actor>().map_err(|error| error.to_string()),
            Err("\"nonsense\" is no Actor".to_owned())
        );
    }
}
