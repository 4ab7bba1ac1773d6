//! From what is remembered to records: one for each final recipient, with verdict and trail.
//!
//! A mail is a tree of messages: the first queue file is the root, what our own filters and relays made of it are its children. A record is a
//! leaf: a delivery that no child goes on with. A recipient that no delivery line named yet is known from a check, a filter or greylisting.

use model::ids::RecordId;
use model::record::{Delay, Record};
use model::time::Micros;
use model::trail::{Packed, Piece, Trail};
use model::verdict::{Outcome, Reason};
use smallvec::SmallVec;

use super::message::{Delivery, Judged, Message, MessageIx, Refusal, RefusalIx};
use super::story::{Span, StoredLine, Story};
use super::trail::Packer;
use super::verdict::{Found, is_greylisting, of_refusal};
use super::{Changes, Correlator, text};
use crate::event::{DeliveryStatus, Transport};

/// A mail that our own filter gave back without saying for which message is not shown on its own before this.
const UNLINKED_SECONDS: i64 = 10;
/// Hops of one mail; a loop ends long before at the servers' own bound.
const DEEPEST: usize = 32;

/// A recipient of a mail: the messages that it passed and the last delivery, if any.
#[derive(Clone)]
struct Leaf<'a> {
    path: SmallVec<[MessageIx; 4]>,
    /// Message and position of each delivery on the way that carried this recipient.
    carried: SmallVec<[(MessageIx, usize); 4]>,
    delivery: Option<&'a Delivery>,
    recipient: &'a [u8],
    original_recipient: Option<&'a [u8]>,
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
            if self.is_premature(root) {
                waiting.push(root);
                continue;
            }
            self.write_root(root, &mut changes);
        }
        for ix in waiting {
            self.changed(ix);
        }
        let waiting = std::mem::take(&mut self.waiting_refusals);
        for ix in std::mem::take(&mut self.changed_refusals)
            .into_iter()
            .chain(waiting)
        {
            self.write_refusal(ix, &mut changes);
        }
        self.forget(&mut changes);
        changes
    }

    /// Records of the mails that are over and out of grace, each once. For a log that is read from end to end.
    pub fn take_closed(&mut self) -> Changes {
        let mut changes = Changes::default();
        self.take_closed_into(&mut changes);
        changes
    }

    /// The same, added to `changes`: who takes often need not make new memory each time.
    pub fn take_closed_into(&mut self, changes: &mut Changes) {
        let now = self.now;
        let due: Vec<MessageIx> = self
            .closing
            .iter()
            .take_while(|(closed_at, ..)| now.0 - closed_at.0 >= super::GRACE_SECONDS * 1_000_000)
            .filter_map(|(_, root)| self.alive(*root))
            .collect();
        for root in due {
            let is_due = self.messages.get(root).is_some_and(|message| {
                message.parent.is_none() && message.keep_until <= now && message.is_changed
            });
            if is_due && self.is_over(root, 0) {
                self.unmark(root);
                self.write_root(root, changes);
            }
        }
        for ix in std::mem::take(&mut self.changed_refusals) {
            // Those that may come back are written when they do, or when they are forgotten.
            if let Some(refusal) = self.refusals.get_mut(ix) {
                refusal.is_listed = false;
                if !refusal.is_pending && refusal.is_answered {
                    self.write_refusal(ix, changes);
                } else if refusal.is_changed {
                    self.waiting_refusals.push(ix);
                }
            }
        }
        self.forget(changes);
        // Only now and then, because it takes as long as there are open messages.
        if self.changed.len() > 2 * self.messages.len() + 1024 {
            self.changed
                .retain(|ix| self.messages.get(*ix).is_some_and(|message| message.is_changed));
            self.changed.sort_unstable();
            self.changed.dedup();
        }
        if self.waiting_refusals.len() > 2 * self.refusals.len() + 1024 {
            self.waiting_refusals
                .retain(|ix| self.refusals.get(*ix).is_some_and(|refusal| refusal.is_changed));
            self.waiting_refusals.sort_unstable();
            self.waiting_refusals.dedup();
        }
    }

    /// Records of everything that is still in memory: the log ended.
    pub fn finish(&mut self) -> Changes {
        self.refuse_senderless();
        let mut changes = Changes::default();
        for root in self.changed_roots() {
            self.write_root(root, &mut changes);
        }
        let refusals: Vec<RefusalIx> = self.refusals.iter().map(|(ix, _)| ix).collect();
        for ix in refusals {
            self.write_refusal(ix, &mut changes);
        }
        self.changed_refusals.clear();
        self.waiting_refusals.clear();
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

    pub(super) fn unmark(&mut self, ix: MessageIx) {
        self.messages[ix].is_changed = false;
        for at in 0..self.messages[ix].children.len() {
            self.unmark(self.messages[ix].children[at]);
        }
    }

    /// What a filter gave back on loopback and nothing ties to its first message yet: the tie may be on the next line.
    fn is_premature(&self, root: MessageIx) -> bool {
        let message = &self.messages[root];
        let from_filter = message.client.ip.is_some_and(|ip| ip.is_loopback())
            && !message.state.own_mail
            && !message.client.sasl_user.is_some();
        from_filter && self.now.0 - message.last.0 < UNLINKED_SECONDS * 1_000_000
    }

    pub(super) fn write_root(&mut self, root: MessageIx, changes: &mut Changes) {
        let mut written: SmallVec<[RecordId; 1]> = SmallVec::new();
        if !self.messages[root].state.probe {
            self.symbols.share();
            let mut leaves = Vec::new();
            self.collect(root, &SmallVec::new(), &mut leaves);
            for leaf in &leaves {
                let record = self.record(root, leaf, changes.spare.pop());
                if !written.contains(&record.record_id) {
                    written.push(record.record_id);
                    changes.records.push(record);
                }
            }
        }
        let before = std::mem::replace(&mut self.messages[root].written, written);
        let now = &self.messages[root].written;
        for id in before {
            if now.contains(&id) {
                changes.again.push(id);
            } else {
                changes.retracted.push(id);
            }
        }
    }

    fn collect<'a>(&'a self, ix: MessageIx, above: &SmallVec<[MessageIx; 4]>, leaves: &mut Vec<Leaf<'a>>) {
        let message = &self.messages[ix];
        if message.state.probe || above.len() > DEEPEST {
            return;
        }
        let mut path = above.clone();
        path.push(ix);
        let mut below = Vec::new();
        for child in &message.children {
            self.collect(*child, &path, &mut below);
        }
        let story = &message.story;
        for (position, delivery) in message.deliveries.list.iter().enumerate() {
            if self.carry(ix, path.len(), (position, delivery), &mut below) {
                continue;
            }
            leaves.push(Leaf {
                path: path.clone(),
                carried: SmallVec::from_slice(&[(ix, position)]),
                delivery: Some(delivery),
                recipient: story.get(delivery.to),
                original_recipient: story.find(delivery.orig_to),
                released: message
                    .children
                    .iter()
                    .any(|child| self.messages[*child].state.release),
                goes_on: story.find(delivery.queued_as).is_some_and(|next| {
                    let mut children = message.children.iter();
                    children.any(|child| self.messages[*child].queue_id.as_bytes() == next)
                }),
            });
        }
        if message.deliveries.list.is_empty() && below.is_empty() && !message.state.refused {
            for (_, recipient) in &message.named {
                leaves.push(Leaf {
                    path: path.clone(),
                    carried: SmallVec::new(),
                    delivery: None,
                    recipient: story.get(*recipient),
                    original_recipient: None,
                    released: false,
                    goes_on: false,
                });
            }
        }
        leaves.append(&mut below);
    }

    /// Notes on the leaves below a message that this delivery carried them there; says whether the delivery is thereby told.
    fn carry<'a>(
        &'a self,
        ix: MessageIx,
        depth: usize,
        (position, delivery): (usize, &'a Delivery),
        below: &mut Vec<Leaf<'a>>,
    ) -> bool {
        let story = &self.messages[ix].story;
        let (to, orig_to) = (story.get(delivery.to), story.find(delivery.orig_to));
        let next = story.find(delivery.queued_as);
        let expanded = next.is_some() && delivery.transport == Transport::Forward;
        let mut covered = false;
        let mut twin = None;
        for leaf in &mut *below {
            let same_hop = match (next, leaf.path.get(depth)) {
                (Some(next), Some(child)) => {
                    let child = &self.messages[*child];
                    child.queue_id.as_bytes() == next || child.state.release
                }
                _ => true,
            };
            // A filter that split the mail says the first part's id to all recipients: the recipient counts more than the id.
            let same_recipient = text::is_same_address(leaf.recipient, to)
                || leaf
                    .original_recipient
                    .is_some_and(|original| text::is_same_address(original, to));
            let unnamed = leaf.carried.is_empty() && leaf.delivery.is_none();
            if !(same_recipient || (same_hop && (unnamed || expanded))) {
                continue;
            }
            covered = covered || !expanded;
            if leaf.carried.iter().any(|(carrier, _)| *carrier == ix) && !expanded {
                // Two addresses that mean the same mailbox: the next hop has one line for both, each keeps its record.
                twin = Some(Leaf {
                    original_recipient: orig_to,
                    ..leaf.clone()
                });
                continue;
            }
            leaf.carried.push((ix, position));
            let is_other = |address: &&[u8]| !text::is_same_address(address, leaf.recipient);
            leaf.original_recipient = match leaf.original_recipient {
                None => [orig_to, Some(to)].into_iter().flatten().find(is_other),
                // The address that the sender wrote is the one of the earliest hop.
                Some(original) => orig_to.filter(is_other).or(Some(original)),
            };
        }
        below.extend(twin);
        covered
    }

    fn record(&self, root_ix: MessageIx, leaf: &Leaf<'_>, old: Option<Packed>) -> Record {
        let root = &self.messages[root_ix];
        let last = leaf.path.last().map_or(root, |ix| &self.messages[*ix]);
        let path = || leaf.path.iter().map(|ix| &self.messages[*ix]);
        let judged = path().find_map(|message| message.judgement.as_deref());
        let sender = envelope_sender(path());
        let (recipient, original_recipient) = (
            text::address(leaf.recipient),
            leaf.original_recipient.map(text::address),
        );
        let adopted = root.adopted.iter().find(|refusal| {
            let refused = refusal.story.get(refusal.recipient);
            text::is_same_address(refused, leaf.recipient)
                || leaf
                    .original_recipient
                    .is_some_and(|original| text::is_same_address(refused, original))
        });
        let reply = match leaf.delivery {
            Some(delivery) => owned(&last.story, delivery.text, text::REPLY),
            None => owned(&last.story, last.door_reply, text::REPLY),
        };
        let dsn = leaf
            .delivery
            .and_then(|delivery| owned(&last.story, delivery.dsn, 12));
        let mut found = Found::of(
            leaf.delivery,
            last,
            judged,
            reply.as_deref().unwrap_or_default(),
            dsn.as_deref(),
        );
        if leaf.goes_on {
            found.go_on();
        }
        // A virus that was given to somebody else was looked at, not delivered.
        let is_inspection = judged.and_then(Judged::reason) == Some(Reason::Virus);
        if leaf.released && !is_inspection {
            found.release();
        }
        let verdict = found.verdict(&self.explained);
        let last_at = leaf.delivery.map_or(last.last, |delivery| delivery.last_at);
        let (connected_at, server, seed) = match adopted {
            Some(refusal) => (refusal.connected_at, refusal.server, self.refusal_seed(refusal)),
            None => (root.connected_at, root.server, self.seed(root)),
        };
        let delays = leaf.delivery.and_then(|delivery| delivery.delays_ms);
        let mut queue_ids: Vec<String> = Vec::with_capacity(leaf.path.len());
        queue_ids.extend(
            adopted
                .iter()
                .flat_map(|refusal| refusal.queue_ids.iter().map(ToString::to_string)),
        );
        queue_ids.extend(path().map(|message| message.queue_id.to_string()));
        let client = &root.client;
        let deferred = leaf.delivery.filter(|delivery| {
            delivery.status == DeliveryStatus::Deferred && verdict.outcome == Outcome::Deferred
        });
        Record {
            record_id: record_id(connected_at, &seed, &recipient, original_recipient.as_deref()),
            connected_at,
            finished_at: verdict.is_final.then_some(last_at),
            server: self.symbols.name(server).to_owned(),
            client_ip: client.ip,
            client_name: owned(&root.story, client.name, text::NAME),
            helo: owned(&root.story, client.helo, text::NAME).or_else(|| {
                adopted.and_then(|refusal| owned(&refusal.story, refusal.client.helo, text::NAME))
            }),
            sasl_user: owned(&root.story, client.sasl_user, text::ADDRESS),
            tls: owned(&root.story, client.tls, 120),
            is_sender_known: sender.is_some(),
            sender: sender.map(text::address).unwrap_or_default(),
            message_id: path()
                .find_map(|message| owned(&message.story, message.message_id, text::MESSAGE_ID)),
            subject: path()
                .find_map(|message| message.story.find(message.subject))
                .map(text::subject),
            size: root.size.or(last.size).and_then(|size| i64::try_from(size).ok()),
            queue_ids,
            relay: leaf
                .delivery
                .and_then(|delivery| owned(&last.story, delivery.relay, text::NAME))
                .filter(|relay| relay != "none"),
            relay_ip: leaf.delivery.and_then(|delivery| delivery.relay_ip),
            verdict,
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
                .filter(|refusal| {
                    let (reply, dsn) = answer(refusal);
                    is_greylisting(
                        &self.explained,
                        refusal,
                        reply.as_deref().unwrap_or_default(),
                        dsn.as_deref(),
                    )
                })
                .map(|refusal| root.born.millis_since(refusal.first_at)),
            incomplete: !root.birth_seen || found.is_incomplete,
            is_copy: self
                .knowledge
                .copy_addresses
                .iter()
                .any(|copy| *copy == recipient || original_recipient.as_ref() == Some(copy)),
            trail: self.trail(leaf, adopted, old),
            reply,
            dsn,
            recipient,
            original_recipient,
        }
    }

    /// The lines of the mail that concern this recipient, in the order of time.
    fn trail(&self, leaf: &Leaf<'_>, adopted: Option<&Refusal>, old: Option<Packed>) -> Trail {
        if self.limits.line_bytes == 0 {
            return Trail::default();
        }
        let path = || leaf.path.iter().map(|ix| &self.messages[*ix].story);
        let adopted_story = adopted.map(|refusal| &refusal.story);
        let stories = || adopted_story.into_iter().chain(path());
        let mut packer = Packer::new(
            self.symbols.names(),
            stories().map(Story::len).sum::<usize>() + 256,
            stories().map(|story| story.lines.len()).sum(),
            old,
        );
        if let Some(refusal) = adopted {
            pack_refusal(&mut packer, refusal);
        }
        for ix in &leaf.path {
            let message = &self.messages[*ix];
            let queue_id = packer.text(message.queue_id.as_bytes());
            for line in &message.story.lines {
                let is_mine =
                    line.about == StoredLine::WHOLE || leaf.carried.contains(&(*ix, usize::from(line.about)));
                if is_mine {
                    packer.line(&message.story, line, queue_id);
                }
            }
            packer.show(message.story.get(message.sender));
            packer.show(message.story.get(message.message_id));
        }
        packer.show(leaf.recipient);
        packer.show(leaf.original_recipient.unwrap_or_default());
        for (ix, position) in &leaf.carried {
            let message = &self.messages[*ix];
            let delivery = &message.deliveries.list[*position];
            packer.show(message.story.get(delivery.to));
            packer.show(message.story.get(delivery.orig_to));
        }
        packer.finish()
    }

    pub(super) fn write_refusal(&mut self, ix: RefusalIx, changes: &mut Changes) {
        let Some(refusal) = self.refusals.get_mut(ix) else {
            return;
        };
        refusal.is_listed = false;
        if !std::mem::take(&mut refusal.is_changed) {
            return;
        }
        self.symbols.share();
        let record = self.refusal_record(&self.refusals[ix], changes.spare.pop());
        match self.refusals[ix].written.replace(record.record_id) {
            Some(before) if before == record.record_id => changes.again.push(before),
            Some(before) => changes.retracted.push(before),
            None => {}
        }
        changes.records.push(record);
    }

    fn refusal_record(&self, refusal: &Refusal, old: Option<Packed>) -> Record {
        let story = &refusal.story;
        let judged = refusal.judgement.as_deref();
        let (reply, dsn) = answer(refusal);
        let age = self.now.0 - refusal.last_at.0;
        let verdict = of_refusal(
            &self.explained,
            refusal,
            reply.as_deref().unwrap_or_default(),
            dsn.as_deref(),
            age,
        );
        let recipient = text::address(story.get(refusal.recipient));
        let seed = self.refusal_seed(refusal);
        Record {
            record_id: record_id(refusal.connected_at, &seed, &recipient, None),
            connected_at: refusal.connected_at,
            finished_at: verdict.is_final.then_some(refusal.last_at),
            server: self.symbols.name(refusal.server).to_owned(),
            client_ip: refusal.client.ip,
            client_name: owned(story, refusal.client.name, text::NAME),
            helo: owned(story, refusal.client.helo, text::NAME),
            sasl_user: owned(story, refusal.client.sasl_user, text::ADDRESS),
            tls: owned(story, refusal.client.tls, 120),
            // A client that is refused before MAIL names no sender.
            is_sender_known: story.find(refusal.sender).is_some(),
            sender: text::address(story.get(refusal.sender)),
            recipient,
            original_recipient: None,
            message_id: owned(story, refusal.message_id, text::MESSAGE_ID),
            subject: story.find(refusal.subject).map(text::subject),
            size: None,
            queue_ids: refusal.queue_ids.iter().map(ToString::to_string).collect(),
            relay: None,
            relay_ip: None,
            verdict,
            dsn,
            reply,
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
            trail: self.refusal_trail(refusal, old),
        }
    }

    fn refusal_trail(&self, refusal: &Refusal, old: Option<Packed>) -> Trail {
        if self.limits.line_bytes == 0 {
            return Trail::default();
        }
        let story = &refusal.story;
        let mut packer = Packer::new(self.symbols.names(), story.len() + 128, story.lines.len(), old);
        pack_refusal(&mut packer, refusal);
        packer.finish()
    }

    /// What makes a mail unique: the server, its first queue id, and the moment.
    fn seed(&self, message: &Message) -> String {
        ["m ", self.symbols.name(message.server), " ", &message.queue_id].concat()
    }

    fn refusal_seed(&self, refusal: &Refusal) -> String {
        let ip = refusal.client.ip.map(|ip| ip.to_string()).unwrap_or_default();
        let sender = text::address(refusal.story.get(refusal.sender));
        ["r ", self.symbols.name(refusal.server), " ", &ip, " ", &sender].concat()
    }
}

/// The sender that the first server knew; a bare login name, which a submission program logs, gives way to the address it became.
fn envelope_sender<'a>(path: impl Iterator<Item = &'a Message>) -> Option<&'a [u8]> {
    let mut first = None;
    for sender in path.filter_map(|message| message.story.find(message.sender)) {
        if sender.is_empty() || sender.contains(&b'@') {
            return Some(sender);
        }
        first = first.or(Some(sender));
    }
    first
}

fn pack_refusal(packer: &mut Packer, refusal: &Refusal) {
    let story = &refusal.story;
    let ids: SmallVec<[Piece; 2]> = refusal
        .queue_ids
        .iter()
        .map(|id| packer.text(id.as_bytes()))
        .collect();
    for line in &story.lines {
        let queue_id = ids.get(usize::from(line.about)).copied().unwrap_or_default();
        packer.line(story, line, queue_id);
    }
    for fact in [refusal.sender, refusal.recipient, refusal.message_id] {
        packer.show(story.get(fact));
    }
}

/// Reply and enhanced status code of a refusal.
pub(super) fn answer(refusal: &Refusal) -> (Option<String>, Option<String>) {
    let story = &refusal.story;
    (
        owned(story, refusal.reply, text::REPLY),
        owned(story, refusal.dsn, 12),
    )
}

/// A fact as text; `None` when there is none or it is empty.
fn owned(story: &Story, span: Span, most: usize) -> Option<String> {
    let bytes = story.get(span);
    (!bytes.is_empty()).then(|| text::clean_bounded(bytes, most))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_records_id_depends_on_everything_that_makes_it_unique() {
        let id = |seed, recipient, original| record_id(Micros(1_000_000), seed, recipient, original);
        assert_eq!(id("a", "b", None), id("a", "b", None));
        assert_ne!(id("a", "b", None), id("a", "c", None));
        assert_ne!(id("a", "b", None), id("a", "b", Some("c")));
        assert_ne!(id("a b", "c", None), id("a", "b c", None));
    }
}
