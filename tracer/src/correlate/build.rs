//! From what is remembered to records: one for each final recipient, with verdict and trail.
//!
//! A mail is a tree of messages: the first queue file is the root, what our own filters and relays made of it are its children. A record is a
//! leaf: a delivery that no child goes on with. A recipient that no delivery line named yet is known from a check, a filter or greylisting.

use compact_str::CompactString;
use model::ids::RecordId;
use model::record::{Delay, Record, TrailEvent};
use model::time::{DAY, Micros};
use model::verdict::knowledge::{Evidence, explain};
use model::verdict::{Actor, Confidence, Outcome, Reason, Verdict};
use smallvec::SmallVec;

use super::message::{Delivery, Judged, Message, MessageIx, Refusal, RefusalIx, StoredLine};
use super::{Changes, Correlator, text};
use crate::event::{DeliveryStatus, FilterAction, MailboxAction, Transport};

/// After this a greylisted mail is said to have never come back.
const GREYLIST_RETURN_WITHIN: i64 = DAY;
/// A mail that our own filter gave back without saying for which message is not shown on its own before this.
const UNLINKED_SECONDS: i64 = 10;

/// Mailbox folders that mean "marked as unwanted", in the languages that mail programs create them in.
const JUNK_FOLDERS: [&str; 12] = [
    "junk",
    "spam",
    "junk e-mail",
    "junk email",
    "bulk mail",
    "spamverdacht",
    "unerwünscht",
    "posta indesiderata",
    "indesiderata",
    "roskat",
    "roskaposti",
    "skräppost",
];

/// A recipient of a mail: the messages that it passed and the last delivery, if any.
#[derive(Clone)]
struct Leaf<'a> {
    path: SmallVec<[MessageIx; 4]>,
    /// Message and position of each delivery on the way that carried this recipient.
    carried: SmallVec<[(MessageIx, usize); 4]>,
    delivery: Option<&'a Delivery>,
    recipient: &'a str,
    original_recipient: Option<&'a str>,
    released: bool,
    /// The next server is ours too, and the mail goes on there under another address.
    goes_on: bool,
}

impl Correlator {
    /// Records of every mail that changed since the last call, finished or not, and what is forgotten meanwhile. For a followed log.
    pub fn take_changed(&mut self) -> Changes {
        let mut changes = Changes::default();
        let mut waiting = Vec::new();
        for root in self.changed_roots() {
            if !self.is_replaying && self.is_premature(root) {
                waiting.push(root);
                continue;
            }
            self.write_root(root, &mut changes);
        }
        for ix in std::mem::take(&mut self.changed_refusals) {
            self.write_refusal(ix, &mut changes);
        }
        self.forget();
        for ix in waiting {
            self.changed(ix);
        }
        changes
    }

    /// Records of the mails that are over and out of grace, each once. For a log that is read from end to end.
    pub fn take_closed(&mut self) -> Changes {
        let mut changes = Changes::default();
        let now = self.now;
        let due: Vec<MessageIx> = self
            .closing
            .iter()
            .take_while(|(closed_at, ..)| now.0 - closed_at.0 >= super::GRACE_SECONDS * 1_000_000)
            .map(|(_, root, _)| *root)
            .collect();
        for root in due {
            let is_due = self.messages.get(root).is_some_and(|message| {
                message.parent.is_none() && message.keep_until <= now && message.is_changed
            });
            if is_due && self.is_over(root, 0) {
                self.unmark(root);
                self.write_root(root, &mut changes);
            }
        }
        for ix in std::mem::take(&mut self.changed_refusals) {
            let Some(refusal) = self.refusals.get(ix).filter(|refusal| refusal.is_changed) else {
                continue;
            };
            if refusal.is_pending || !refusal.is_answered {
                self.changed_refusals.push(ix);
            } else {
                self.write_refusal(ix, &mut changes);
            }
        }
        self.changed
            .retain(|ix| self.messages.get(*ix).is_some_and(|message| message.is_changed));
        self.forget();
        changes
    }

    /// Records of everything that is still in memory: the log ended.
    pub fn finish(&mut self) -> Changes {
        let mut changes = Changes::default();
        for root in self.changed_roots() {
            self.write_root(root, &mut changes);
        }
        for ix in std::mem::take(&mut self.changed_refusals) {
            self.write_refusal(ix, &mut changes);
        }
        changes
    }

    fn changed_roots(&mut self) -> Vec<MessageIx> {
        let mut roots: Vec<MessageIx> = Vec::with_capacity(self.changed.len());
        for ix in std::mem::take(&mut self.changed) {
            if let Some(message) = self.messages.get_mut(ix) {
                message.is_changed = false;
                roots.push(self.root(ix));
            }
        }
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    fn unmark(&mut self, ix: MessageIx) {
        self.messages[ix].is_changed = false;
        for child in self.messages[ix].children.clone() {
            self.unmark(child);
        }
    }

    /// What a filter gave back on loopback and nothing ties to its first message yet: the tie may be on the next line.
    fn is_premature(&self, root: MessageIx) -> bool {
        let message = &self.messages[root];
        let from_filter = message.client.ip.is_some_and(|ip| ip.is_loopback())
            && !message.state.own_mail
            && message.client.sasl_user.is_none();
        from_filter && self.now.0 - message.last.0 < UNLINKED_SECONDS * 1_000_000
    }

    fn write_root(&mut self, root: MessageIx, changes: &mut Changes) {
        let mut written: SmallVec<[RecordId; 1]> = SmallVec::new();
        let message = &self.messages[root];
        if !message.state.probe {
            for leaf in self.leaves(root) {
                let record = self.record(root, &leaf);
                if !written.contains(&record.record_id) {
                    written.push(record.record_id);
                    changes.records.push(record);
                }
            }
        }
        let before = std::mem::replace(&mut self.messages[root].written, written);
        let now = &self.messages[root].written;
        changes
            .retracted
            .extend(before.into_iter().filter(|id| !now.contains(id)));
    }

    fn leaves(&self, root: MessageIx) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        self.collect(root, &SmallVec::new(), &mut leaves, 0);
        leaves
    }

    fn collect<'a>(
        &'a self,
        ix: MessageIx,
        above: &SmallVec<[MessageIx; 4]>,
        leaves: &mut Vec<Leaf<'a>>,
        depth: u8,
    ) {
        let message = &self.messages[ix];
        if message.state.probe || depth > 32 {
            return;
        }
        let mut path = above.clone();
        path.push(ix);
        let mut below = Vec::new();
        for child in &message.children {
            self.collect(*child, &path, &mut below, depth + 1);
        }
        for (position, delivery) in message.deliveries.iter().enumerate() {
            let mut covered = false;
            let mut twin = None;
            for leaf in &mut below {
                let through = leaf.path.get(path.len()).copied();
                let same_hop = match (&delivery.queued_as, through) {
                    (Some(next), Some(child)) => {
                        self.messages[child].queue_id == *next || self.messages[child].state.release
                    }
                    _ => true,
                };
                // A filter that split the mail says the first part's id to all recipients: the recipient counts more than the id.
                let same_recipient =
                    leaf.recipient == delivery.to || leaf.original_recipient == Some(delivery.to.as_str());
                let expanded = delivery.queued_as.is_some() && delivery.transport == Transport::Forward;
                let unnamed = leaf.carried.is_empty() && leaf.delivery.is_none();
                if same_recipient || (same_hop && (unnamed || expanded)) {
                    covered = covered || !expanded;
                    if leaf.carried.iter().any(|(carrier, _)| *carrier == ix) && !expanded {
                        // Two addresses that mean the same mailbox: the next hop has one line for both, each keeps its record.
                        twin = Some(Leaf {
                            original_recipient: delivery.orig_to.as_deref(),
                            ..leaf.clone()
                        });
                        continue;
                    }
                    leaf.carried.push((ix, position));
                    if leaf.original_recipient.is_none() {
                        leaf.original_recipient = [delivery.orig_to.as_deref(), Some(delivery.to.as_str())]
                            .into_iter()
                            .flatten()
                            .find(|address| *address != leaf.recipient);
                    } else if delivery.orig_to.is_some() {
                        // The address that the sender wrote is the one of the earliest hop.
                        leaf.original_recipient = delivery
                            .orig_to
                            .as_deref()
                            .filter(|address| *address != leaf.recipient)
                            .or(leaf.original_recipient);
                    }
                }
            }
            if let Some(twin) = twin {
                below.push(twin);
            }
            if covered {
                continue;
            }
            let released = message
                .children
                .iter()
                .any(|child| self.messages[*child].state.release);
            leaves.push(Leaf {
                path: path.clone(),
                carried: SmallVec::from_slice(&[(ix, position)]),
                delivery: Some(delivery),
                recipient: &delivery.to,
                original_recipient: delivery.orig_to.as_deref(),
                released,
                goes_on: delivery.queued_as.as_ref().is_some_and(|next| {
                    let mut children = message.children.iter();
                    children.any(|child| self.messages[*child].queue_id == *next)
                }),
            });
        }
        if message.deliveries.is_empty() && below.is_empty() && !message.state.refused {
            for recipient in &message.named_recipients {
                leaves.push(Leaf {
                    path: path.clone(),
                    carried: SmallVec::new(),
                    delivery: None,
                    recipient,
                    original_recipient: None,
                    released: false,
                    goes_on: false,
                });
            }
        }
        leaves.extend(below);
    }

    fn record(&self, root_ix: MessageIx, leaf: &Leaf<'_>) -> Record {
        let root = &self.messages[root_ix];
        let last = leaf.path.last().map_or(root, |ix| &self.messages[*ix]);
        let path = || leaf.path.iter().map(|ix| &self.messages[*ix]);
        let judged = path().find_map(|message| message.judgement.as_ref());
        let adopted = root
            .adopted
            .iter()
            .find(|(recipient, _)| recipient == leaf.recipient || leaf.original_recipient == Some(recipient))
            .map(|(_, refusal)| refusal);
        let found = Found::of(leaf, last, judged);
        let verdict = found.verdict();
        let last_at = leaf.delivery.map_or(last.last, |delivery| delivery.last_at);
        let (connected_at, server, seed) = match adopted {
            Some(refusal) => (refusal.connected_at, refusal.server, refusal_seed(self, refusal)),
            None => (root.connected_at, root.server, self.seed(root)),
        };
        let delays = leaf.delivery.and_then(|delivery| delivery.delays_ms);
        let mut queue_ids: Vec<String> = adopted
            .map(|refusal| refusal.queue_ids.iter().map(ToString::to_string).collect())
            .unwrap_or_default();
        queue_ids.extend(path().map(|message| message.queue_id.to_string()));
        let client = &root.client;
        let deferred = leaf.delivery.filter(|delivery| {
            delivery.status == DeliveryStatus::Deferred && verdict.outcome == Outcome::Deferred
        });
        Record {
            record_id: record_id(connected_at, &seed, leaf.recipient, leaf.original_recipient),
            connected_at,
            finished_at: verdict.is_final.then_some(last_at),
            server: self.symbols.name(server).to_owned(),
            client_ip: client.ip,
            client_name: client.name.clone(),
            helo: client
                .helo
                .clone()
                .or_else(|| adopted.and_then(|refusal| refusal.client.helo.clone())),
            sasl_user: client.sasl_user.clone(),
            tls: client.tls.clone(),
            sender: envelope_sender(path()),
            recipient: leaf.recipient.to_owned(),
            original_recipient: leaf.original_recipient.map(ToOwned::to_owned),
            message_id: path().find_map(|message| message.message_id.clone()),
            subject: path().find_map(|message| message.subject.clone()),
            size: root.size.or(last.size).and_then(|size| i64::try_from(size).ok()),
            queue_ids,
            relay: leaf
                .delivery
                .map(|delivery| delivery.relay.clone())
                .filter(|relay| relay != "none"),
            relay_ip: leaf.delivery.and_then(|delivery| delivery.relay_ip),
            verdict,
            dsn: leaf
                .delivery
                .map(|delivery| delivery.dsn.to_string())
                .filter(|dsn| !dsn.is_empty()),
            reply: leaf
                .delivery
                .map(|delivery| delivery.text.clone())
                .or_else(|| last.door_reply.clone())
                .filter(|text| !text.is_empty()),
            attempts: leaf.delivery.map_or(0, |delivery| delivery.tries),
            // qmgr doubles the pause up to maximal_backoff_time: the last pause again is the earliest honest guess.
            next_attempt_at: deferred.and_then(|delivery| {
                let pause = delivery
                    .previous_at
                    .map_or(300 * 1_000_000, |before| delivery.last_at.0 - before.0);
                (pause > 0).then(|| Micros(delivery.last_at.0 + pause))
            }),
            delay: Delay {
                total_ms: Some(last_at.millis_since(connected_at).max(0)),
                queue_ms: delays.map(|delays| delays[0] + delays[1]),
                connect_ms: delays.map(|delays| delays[2]),
                transmit_ms: delays.map(|delays| delays[3]),
                scan_ms: judged.and_then(|judged| judged.scan_ms),
            },
            content: judged.map(Judged::content),
            spam_score: judged.and_then(|judged| judged.score),
            quarantine_id: judged.and_then(|judged| judged.quarantine.clone()),
            greylisted_ms: adopted
                .filter(|refusal| refusal.is_greylisted || is_greylisting(refusal))
                .map(|refusal| root.born.millis_since(refusal.first_at)),
            incomplete: !root.birth_seen || found.is_incomplete,
            is_copy: self
                .knowledge
                .copy_addresses
                .iter()
                .any(|copy| copy == leaf.recipient || leaf.original_recipient == Some(copy)),
            trail: self.trail(leaf, adopted),
        }
    }

    /// The lines of the mail that concern this recipient, in the order of time.
    fn trail(&self, leaf: &Leaf<'_>, adopted: Option<&Refusal>) -> Vec<TrailEvent> {
        let mut trail: Vec<TrailEvent> = adopted.map(|refusal| refusal.trail.clone()).unwrap_or_default();
        let mut known: SmallVec<[&str; 8]> = SmallVec::new();
        known.push(leaf.recipient);
        known.extend(leaf.original_recipient);
        for ix in &leaf.path {
            let message = &self.messages[*ix];
            known.extend(message.sender.as_deref());
            known.extend(message.message_id.as_deref());
        }
        for (ix, position) in &leaf.carried {
            let delivery = &self.messages[*ix].deliveries[*position];
            known.push(&delivery.to);
            known.extend(delivery.orig_to.as_deref());
        }
        for ix in &leaf.path {
            let message = &self.messages[*ix];
            for line in &message.lines {
                let is_mine = line
                    .delivery
                    .is_none_or(|position| leaf.carried.contains(&(*ix, usize::from(position))));
                if is_mine {
                    let mut event = self.event_of(message, line);
                    event.text = text::without_strangers(&event.text, &known);
                    trail.push(event);
                }
            }
        }
        trail.sort_by_key(|event| event.at);
        trail
    }

    pub(super) fn event_of(&self, message: &Message, line: &StoredLine) -> TrailEvent {
        let raw = message
            .line_text
            .get(line.start as usize..line.end as usize)
            .unwrap_or_default();
        TrailEvent {
            at: line.at,
            server: self.symbols.name(line.server).to_owned(),
            program: self.symbols.name(line.program).to_owned(),
            kind: line.kind,
            queue_id: Some(message.queue_id.to_string()),
            text: text::clean(raw),
        }
    }

    fn write_refusal(&mut self, ix: RefusalIx, changes: &mut Changes) {
        if !self.refusals.get(ix).is_some_and(|refusal| refusal.is_changed) {
            return;
        }
        let record = self.refusal_record(&self.refusals[ix]);
        let refusal = &mut self.refusals[ix];
        refusal.is_changed = false;
        if let Some(before) = refusal.written.replace(record.record_id)
            && before != record.record_id
        {
            changes.retracted.push(before);
        }
        changes.records.push(record);
    }

    fn refusal_record(&self, refusal: &Refusal) -> Record {
        let judged = refusal.judgement.as_ref();
        let explanation_text = match judged {
            Some(judged) if refusal.reply.is_empty() => judged.content(),
            _ => refusal.reply.clone(),
        };
        let explained = |outcome| {
            explain(&Evidence {
                outcome,
                reply_code: Some(refusal.code).filter(|code| *code > 0),
                dsn: Some(refusal.dsn.as_str()).filter(|dsn| !dsn.is_empty()),
                text: &explanation_text,
            })
        };
        let temporary = refusal.is_temporary;
        let mut outcome = if temporary {
            Outcome::Deferred
        } else {
            Outcome::Rejected
        };
        let mut explanation = explained(outcome);
        if temporary && (refusal.is_greylisted || explanation.reason == Reason::GreylistNew) {
            outcome = Outcome::Greylisted;
            explanation.reason = Reason::GreylistNew;
            explanation.actor = Actor::Nobody;
            explanation.confidence = Confidence::Exact;
        }
        if let Some(judged) = judged {
            if let Some(reason) = judged.reason() {
                explanation.reason = reason;
                explanation.confidence = Confidence::Exact;
            }
            if judged.action == FilterAction::Discard {
                outcome = Outcome::Discarded;
                explanation.reason = judged.reason().unwrap_or(Reason::PolicyLocal);
                explanation.actor = Actor::Provider;
                explanation.confidence = Confidence::Exact;
            }
        }
        let never_came_back =
            outcome == Outcome::Greylisted && self.now.0 - refusal.last_at.0 > GREYLIST_RETURN_WITHIN;
        let verdict = Verdict {
            outcome,
            reason: explanation.reason,
            actor: if never_came_back {
                Actor::Sender
            } else {
                explanation.actor
            },
            is_final: outcome.ends() || never_came_back,
            confidence: explanation.confidence,
        };
        let seed = refusal_seed(self, refusal);
        Record {
            record_id: record_id(refusal.connected_at, &seed, &refusal.recipient, None),
            connected_at: refusal.connected_at,
            finished_at: verdict.is_final.then_some(refusal.last_at),
            server: self.symbols.name(refusal.server).to_owned(),
            client_ip: refusal.client.ip,
            client_name: refusal.client.name.clone(),
            helo: refusal.client.helo.clone(),
            sasl_user: refusal.client.sasl_user.clone(),
            tls: refusal.client.tls.clone(),
            sender: refusal.sender.clone(),
            recipient: refusal.recipient.clone(),
            original_recipient: None,
            message_id: refusal.message_id.clone(),
            subject: refusal.subject.clone(),
            size: None,
            queue_ids: refusal.queue_ids.iter().map(CompactString::to_string).collect(),
            relay: None,
            relay_ip: None,
            verdict,
            dsn: Some(refusal.dsn.clone()).filter(|dsn| !dsn.is_empty()),
            reply: Some(refusal.reply.clone()).filter(|reply| !reply.is_empty()),
            attempts: refusal.tries,
            next_attempt_at: None,
            delay: Delay {
                total_ms: Some(refusal.last_at.millis_since(refusal.connected_at).max(0)),
                scan_ms: judged.and_then(|judged| judged.scan_ms),
                ..Delay::default()
            },
            content: judged.map(Judged::content),
            spam_score: judged.and_then(|judged| judged.score),
            quarantine_id: judged.and_then(|judged| judged.quarantine.clone()),
            greylisted_ms: None,
            incomplete: !refusal.is_answered,
            is_copy: false,
            trail: refusal.trail.clone(),
        }
    }

    /// What makes a mail unique: the server, its first queue id, and the moment.
    fn seed(&self, message: &Message) -> String {
        format!("m {} {}", self.symbols.name(message.server), message.queue_id)
    }
}

/// The sender that the first server knew; a bare login name, which a submission program logs, gives way to the address it became.
fn envelope_sender<'a>(path: impl Iterator<Item = &'a Message> + Clone) -> String {
    let mut senders = path.filter_map(|message| message.sender.as_ref());
    let first = senders.clone().next();
    let address = senders.find(|sender| sender.is_empty() || sender.contains('@'));
    address.or(first).cloned().unwrap_or_default()
}

fn refusal_seed(correlator: &Correlator, refusal: &Refusal) -> String {
    let ip = refusal.client.ip.map(|ip| ip.to_string()).unwrap_or_default();
    format!(
        "r {} {ip} {}",
        correlator.symbols.name(refusal.server),
        refusal.sender
    )
}

/// Deterministic: the same lines give the same id on every run and every machine.
fn record_id(
    connected_at: Micros,
    seed: &str,
    recipient: &str,
    original_recipient: Option<&str>,
) -> RecordId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&connected_at.0.to_be_bytes());
    for part in [seed, recipient, original_recipient.unwrap_or("")] {
        hasher.update(&[0]);
        hasher.update(part.as_bytes());
    }
    let mut half = [0u8; 16];
    half.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    RecordId::new(connected_at, u128::from_be_bytes(half))
}

/// Put off by a rule that works like greylisting although no greylisting program logged it.
fn is_greylisting(refusal: &Refusal) -> bool {
    let dsn = Some(refusal.dsn.as_str()).filter(|dsn| !dsn.is_empty());
    let evidence = Evidence {
        outcome: Outcome::Deferred,
        reply_code: Some(refusal.code).filter(|code| *code > 0),
        dsn,
        text: &refusal.reply,
    };
    explain(&evidence).reason == Reason::GreylistNew
}

impl Judged {
    /// As shown: `SPAM`, `INFECTED (Eicar-Signature)`.
    fn content(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.category),
            None => self.category.clone(),
        }
    }

    /// The reason that the category stands for.
    fn reason(&self) -> Option<Reason> {
        match self.category.as_str() {
            "SPAM" | "SPAMMY" | "UBE" => Some(Reason::Spam),
            "INFECTED" => Some(Reason::Virus),
            "BANNED" => Some(Reason::AttachmentBanned),
            category if category.starts_with("BAD-HEADER") => Some(Reason::BadFormat),
            "OVERSIZED" => Some(Reason::TooLarge),
            _ => None,
        }
    }
}

/// What was found out about a leaf before it is put into the words of a verdict.
struct Found<'a> {
    outcome: Outcome,
    reason: Option<(Reason, Actor)>,
    reply: &'a str,
    dsn: Option<&'a str>,
    is_incomplete: bool,
}

impl<'a> Found<'a> {
    fn of(leaf: &'a Leaf<'_>, last: &'a Message, judged: Option<&'a Judged>) -> Self {
        let mut found = Found {
            outcome: Outcome::InProgress,
            reason: None,
            reply: "",
            dsn: None,
            is_incomplete: false,
        };
        match leaf.delivery {
            Some(delivery) => found.delivery(delivery, last, judged),
            None => found.queue(last, judged),
        }
        if leaf.goes_on && matches!(found.outcome, Outcome::HandedOver | Outcome::InProgress) {
            found.outcome = Outcome::Forwarded;
            found.reason = Some((Reason::Ok, Actor::Nobody));
            found.is_incomplete = false;
        }
        if leaf.released {
            found.outcome = Outcome::Released;
            found.reason = Some((Reason::Ok, Actor::Nobody));
        }
        found
    }

    fn delivery(&mut self, delivery: &'a Delivery, last: &Message, judged: Option<&Judged>) {
        self.reply = &delivery.text;
        self.dsn = Some(delivery.dsn.as_str()).filter(|dsn| !dsn.is_empty());
        match delivery.status {
            DeliveryStatus::Sent => self.sent(delivery, judged),
            DeliveryStatus::Bounced => {
                self.outcome = Outcome::Bounced;
                if delivery.relay_ip.is_some_and(|ip| ip.is_loopback()) {
                    self.reason = judged
                        .and_then(Judged::reason)
                        .map(|reason| (reason, Actor::Sender));
                }
            }
            DeliveryStatus::Expired => self.expired(),
            DeliveryStatus::Deferred | DeliveryStatus::Probe => {
                if last.state.expired {
                    self.expired();
                } else if last.state.deleted {
                    self.outcome = Outcome::Discarded;
                    self.reason = Some((Reason::PolicyLocal, Actor::Provider));
                } else if last.state.held {
                    self.outcome = Outcome::Held;
                } else {
                    self.outcome = Outcome::Deferred;
                    self.is_incomplete = last.state.removed;
                }
            }
        }
    }

    fn expired(&mut self) {
        self.outcome = Outcome::Expired;
        self.reason = Some((Reason::TimeoutExpired, Actor::Sender));
    }

    fn sent(&mut self, delivery: &Delivery, judged: Option<&Judged>) {
        let text = delivery.text.as_str();
        let by_filter = judged.and_then(Judged::reason).unwrap_or(Reason::Spam);
        let is_loopback = delivery.relay_ip.is_some_and(|ip| ip.is_loopback());
        self.reason = Some((Reason::Ok, Actor::Nobody));
        if text.contains("BOUNCE") && text.contains("id=") {
            self.outcome = Outcome::Bounced;
            self.reason = Some((by_filter, Actor::Sender));
        } else if text.contains("discarded, id=")
            || text.contains("DISCARD") && is_loopback
            || text.contains(" BLOCKED")
        {
            let kept = judged.is_some_and(|judged| judged.quarantine.is_some());
            self.outcome = if kept {
                Outcome::Quarantined
            } else {
                Outcome::Discarded
            };
            let actor = if kept && by_filter != Reason::Virus {
                Actor::Recipient
            } else {
                Actor::Sender
            };
            self.reason = Some((by_filter, actor));
        } else if delivery.transport == Transport::Discard {
            self.outcome = Outcome::Discarded;
            self.reason = Some((Reason::PolicyLocal, Actor::Provider));
        } else if delivery.transport == Transport::Forward {
            self.outcome = Outcome::Forwarded;
        } else if let Some(mailbox) = &delivery.mailbox {
            self.mailbox(mailbox);
        } else if delivery.transport == Transport::Smtp {
            if is_loopback {
                // Given to our own filter; what came back was not seen (yet).
                self.outcome = Outcome::InProgress;
                self.reason = None;
                self.is_incomplete = true;
            } else {
                self.outcome = Outcome::HandedOver;
            }
        } else {
            self.outcome = Outcome::Delivered;
        }
    }

    fn mailbox(&mut self, mailbox: &super::message::Mailbox) {
        match mailbox.action {
            MailboxAction::Stored => {
                let folder = mailbox
                    .detail
                    .rsplit(['/', '.'])
                    .next()
                    .unwrap_or_default()
                    .to_lowercase();
                if JUNK_FOLDERS.contains(&folder.as_str()) {
                    self.outcome = Outcome::Junked;
                    self.reason = Some((Reason::Spam, Actor::Recipient));
                } else {
                    self.outcome = Outcome::Delivered;
                }
            }
            MailboxAction::Redirected => self.outcome = Outcome::Forwarded,
            MailboxAction::Discarded => {
                self.outcome = Outcome::Discarded;
                self.reason = Some((Reason::PolicyLocal, Actor::Recipient));
            }
            MailboxAction::Rejected => {
                self.outcome = Outcome::Bounced;
                self.reason = Some((Reason::RecipientBlock, Actor::Recipient));
            }
            MailboxAction::Failed => self.outcome = Outcome::Deferred,
        }
    }

    /// No delivery was seen: the queue file's own state tells.
    fn queue(&mut self, last: &'a Message, judged: Option<&Judged>) {
        self.reply = last.door_reply.as_deref().unwrap_or_default();
        if last.state.data_refused {
            self.outcome = Outcome::Rejected;
            self.reason = last.state.too_large.then_some((Reason::TooLarge, Actor::Sender));
        } else if last.state.deleted || last.state.discarded {
            self.outcome = Outcome::Discarded;
            self.reason = Some((Reason::PolicyLocal, Actor::Provider));
        } else if last.state.held {
            self.outcome = Outcome::Held;
            self.reason = Some((Reason::PolicyLocal, Actor::Provider));
        } else if last.state.lost {
            // The client broke off before we took the mail: it still has it.
            self.outcome = Outcome::Deferred;
            self.reason = Some((Reason::Unreachable, Actor::Sender));
        } else if judged.is_some_and(|judged| judged.quarantine.is_some()) {
            self.outcome = Outcome::Quarantined;
            self.reason = judged
                .and_then(Judged::reason)
                .map(|reason| (reason, Actor::Recipient));
        }
    }

    fn verdict(&self) -> Verdict {
        let is_final = self.outcome.ends();
        match self.reason {
            Some((reason, actor)) => Verdict {
                outcome: self.outcome,
                reason,
                actor,
                is_final,
                confidence: Confidence::Exact,
            },
            None if self.outcome == Outcome::InProgress => Verdict {
                outcome: self.outcome,
                reason: Reason::Ok,
                actor: Actor::Nobody,
                is_final,
                confidence: Confidence::Exact,
            },
            None => {
                let evidence = Evidence {
                    outcome: self.outcome,
                    reply_code: reply_code(self.reply),
                    dsn: self.dsn,
                    text: self.reply,
                };
                let explained = explain(&evidence);
                Verdict {
                    outcome: self.outcome,
                    reason: explained.reason,
                    actor: explained.actor,
                    is_final,
                    confidence: explained.confidence,
                }
            }
        }
    }
}

/// The basic code of the remote answer inside `host mx[1.2.3.4] said: 550 5.1.1 ...`, or at the beginning of a bare answer.
fn reply_code(text: &str) -> Option<u16> {
    let answer = text.find(" said: ").map_or(text, |at| &text[at + 7..]);
    let code = answer.get(..3)?.parse().ok()?;
    (200..600).contains(&code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remote_code_is_found_inside_postfixs_words() {
        assert_eq!(
            reply_code("host mx.test[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)"),
            Some(550)
        );
        assert_eq!(reply_code("250 2.0.0 Ok"), Some(250));
        assert_eq!(
            reply_code("connect to mx.test[192.0.2.1]:25: Connection timed out"),
            None
        );
    }

    #[test]
    fn a_records_id_depends_on_everything_that_makes_it_unique() {
        let id = |seed, recipient, original| record_id(Micros(1_000_000), seed, recipient, original);
        assert_eq!(id("a", "b", None), id("a", "b", None));
        assert_ne!(id("a", "b", None), id("a", "c", None));
        assert_ne!(id("a", "b", None), id("a", "b", Some("c")));
        assert_ne!(id("a b", "c", None), id("a", "b c", None));
    }
}
