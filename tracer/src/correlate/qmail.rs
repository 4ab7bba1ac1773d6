//! qmail's messages: a number is used again as soon as its life is over, and a delivery is known by its own number until it ends.

use compact_str::CompactString;
use model::record::TrailKind;
use model::time::Micros;
use serde::{Deserialize, Serialize};

use super::clock::is_recent;
use super::message::{Handle, MessageIx};
use super::symbol::Symbol;
use super::{Context, Correlator, Map, StoredLine, text};
use crate::event::qmail::QmailLine;
use crate::event::{ArrivalLine, DeliveryLine, DeliveryStatus, Transport};

/// Process numbers come back: a report or a forwarded copy is announced within so many seconds of its `info msg`.
const PROCESS_SECONDS: i64 = 60;
/// A delivery without an end for longer was lost from the log.
const DELIVERY_SECONDS: i64 = 2 * 86_400;
/// Deliveries that run, and processes that queue, at once, and never more than messages; beyond it those known so far are not followed.
const BOUND: usize = 100_000;

/// A qmail-send on a host.
type Sender = (Symbol, Symbol);

/// What qmail's lines leave open.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Running deliveries by number.
    deliveries: Map<(Sender, u64), Running>,
    /// Messages by the process that queued them.
    queued_by: Map<(Sender, u32), (Micros, Handle)>,
    /// Processes whose message was announced and not seen yet.
    announced: Map<(Sender, u32), (Micros, Handle, Announced)>,
}

impl Pending {
    /// Messages that a line may speak of by a number that is not theirs.
    pub(super) fn handles(&self) -> impl Iterator<Item = Handle> {
        let running = self.deliveries.values().map(|running| running.message);
        let queued = self.queued_by.values().map(|(_, message)| *message);
        let announced = self.announced.values().map(|(_, message, _)| *message);
        running.chain(queued).chain(announced)
    }
}

/// Why a process queues a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Announced {
    Report,
    /// By the delivery at this position.
    Forward(usize),
}

/// A delivery that has begun.
#[derive(Debug, Serialize, Deserialize)]
struct Running {
    at: Micros,
    message: Handle,
    is_local: bool,
    to: Vec<u8>,
    raw: Vec<u8>,
}

impl Correlator {
    pub(super) fn qmail(&mut self, context: &Context<'_>, line: &QmailLine<'_>) {
        let sender = (context.host, context.tag);
        match *line {
            QmailLine::New { number } => {
                if let Some(before) = self.known_message(context, number) {
                    // The number is free again: whatever was seen of its last life has ended.
                    self.messages[before].state.removed = true;
                    self.close_if_over(before);
                }
                let ix = self.new_message(context, number);
                self.messages[ix].birth_seen = true;
                self.keep(context, ix, TrailKind::Received);
            }
            QmailLine::Info {
                number,
                size,
                sender: from,
                process,
            } => {
                let ix = self.living_qmail(context, number);
                let arrival = ArrivalLine {
                    queue_id: number,
                    sender: Some(from),
                    size,
                    ..ArrivalLine::default()
                };
                let birth_seen = self.messages[ix].birth_seen;
                self.arrival(context, &arrival);
                self.messages[ix].birth_seen = birth_seen;
                self.queued_by_qmail(context, ix, process);
            }
            QmailLine::Start {
                delivery,
                number,
                is_local,
                to,
            } => {
                let ix = self.living_qmail(context, number);
                self.messages[ix].last = context.at;
                if self.qmail.deliveries.len() >= BOUND.min(self.limits.messages) {
                    self.counters.dropped_lines += self.qmail.deliveries.len() as u64;
                    self.qmail.deliveries.clear();
                }
                let running = Running {
                    at: context.at,
                    message: self.handle(ix),
                    is_local,
                    to: to.to_vec(),
                    raw: context.raw.to_vec(),
                };
                self.qmail.deliveries.insert((sender, delivery), running);
            }
            QmailLine::End {
                delivery,
                status,
                text,
                relay,
            } => {
                let Some(running) = self.qmail.deliveries.remove(&(sender, delivery)) else {
                    return;
                };
                if let Some(ix) = self.alive(running.message) {
                    self.end_qmail(context, ix, &running, status, text, relay);
                }
            }
            QmailLine::Bounce { number, process } => {
                let ix = self.living_qmail(context, number);
                self.keep(context, ix, TrailKind::Reported);
                self.announce_qmail(context, ix, process, Announced::Report);
            }
            QmailLine::Removed { number } => {
                let ix = self.living_qmail(context, number);
                self.messages[ix].state.removed = true;
                self.keep(context, ix, TrailKind::Removed);
                self.close_if_over(ix);
            }
        }
    }

    /// The message that has this number now; one that ended is another.
    fn living_qmail(&mut self, context: &Context<'_>, number: &[u8]) -> MessageIx {
        let ix = self.message(context, number);
        if self.messages[ix].state.removed {
            self.new_message(context, number)
        } else {
            ix
        }
    }

    fn end_qmail(
        &mut self,
        context: &Context<'_>,
        ix: MessageIx,
        running: &Running,
        status: DeliveryStatus,
        report: &[u8],
        relay_ip: Option<std::net::IpAddr>,
    ) {
        let spoken = spoken(report);
        let local = running.is_local.then(|| local_transport(report));
        let relay = relay_ip.map(|ip| ip.to_string());
        let written = running.is_local.then(|| without_prefix(&running.to)).flatten();
        let (to, orig_to) = match written {
            // Sent on, the address that was written to is the one to remember.
            Some(written) if local == Some(Transport::Forward) => (running.to.as_slice(), Some(written)),
            Some(written) => (written, Some(running.to.as_slice())),
            None => (running.to.as_slice(), None),
        };
        let queue_id = self.messages[ix].queue_id.clone();
        let dsn = enhanced_code(&spoken);
        let forwarded = (status == DeliveryStatus::Sent && running.is_local)
            .then(|| queueing_process(report))
            .flatten();
        let line = DeliveryLine {
            queue_id: queue_id.as_bytes(),
            to,
            orig_to,
            transport: local.unwrap_or(Transport::Smtp),
            relay: match (&relay, running.is_local) {
                (Some(relay), _) => relay.as_bytes(),
                (None, true) => b"local",
                (None, false) => b"none",
            },
            relay_ip,
            relay_port: 0,
            delay_ms: None,
            delays_ms: None,
            dsn: dsn.as_bytes(),
            status,
            text: spoken.as_bytes(),
            next: None,
        };
        // The lines of one delivery carry two numbers: both go to the trail, and only together do they say whose it is.
        let message = &self.messages[ix];
        let home = Context {
            host: message.host,
            server: message.server,
            ..*context
        };
        self.delivery(&home, &line);
        let message = &mut self.messages[ix];
        let (_, position) = message.deliveries.position(&message.story, to, orig_to);
        let Some(position) = position else { return };
        let started = Context {
            at: running.at,
            raw: &running.raw,
            ..home
        };
        let about = u16::try_from(position).unwrap_or(StoredLine::WHOLE - 1);
        self.keep_about(&started, ix, TrailKind::Noted, about);
        if let Some(process) = forwarded {
            self.announce_qmail(context, ix, process, Announced::Forward(position));
        }
    }

    /// A process queued this message: a line may have said why, or will.
    fn queued_by_qmail(&mut self, context: &Context<'_>, ix: MessageIx, process: u32) {
        let key = ((context.host, context.tag), process);
        match self.qmail.announced.remove(&key) {
            Some((at, parent, why)) if context.at.0 - at.0 <= PROCESS_SECONDS * 1_000_000 => {
                if let Some(parent) = self.alive(parent) {
                    self.announced_qmail(parent, ix, why);
                }
            }
            _ => {
                if self.qmail.queued_by.len() >= BOUND.min(self.limits.messages) {
                    self.qmail.queued_by.clear();
                }
                self.qmail.queued_by.insert(key, (context.at, self.handle(ix)));
            }
        }
    }

    /// A process queues a report or a forwarded copy: the message may have been seen just now, or come next.
    fn announce_qmail(&mut self, context: &Context<'_>, parent: MessageIx, process: u32, why: Announced) {
        let key = ((context.host, context.tag), process);
        match self.qmail.queued_by.remove(&key) {
            Some((at, child)) if context.at.0 - at.0 <= PROCESS_SECONDS * 1_000_000 => {
                if let Some(child) = self.alive(child) {
                    self.announced_qmail(parent, child, why);
                }
            }
            _ => {
                if self.qmail.announced.len() >= BOUND.min(self.limits.messages) {
                    self.qmail.announced.clear();
                }
                let announced = (context.at, self.handle(parent), why);
                self.qmail.announced.insert(key, announced);
            }
        }
    }

    fn announced_qmail(&mut self, parent: MessageIx, child: MessageIx, why: Announced) {
        if parent == child {
            return;
        }
        let Announced::Forward(position) = why else {
            self.messages[child].state.own_mail = true;
            return;
        };
        let next: CompactString = self.messages[child].queue_id.clone();
        let message = &mut self.messages[parent];
        if let Some(delivery) = message.deliveries.list.get_mut(position) {
            delivery.queued_as = message.story.put(next.as_bytes());
        }
        self.link(parent, child);
    }

    /// Forgets what waits for a line that will not come.
    pub(super) fn sweep_qmail(&mut self) {
        let now = self.now;
        self.qmail
            .deliveries
            .retain(|_, running| is_recent(now, running.at, DELIVERY_SECONDS * 1_000_000));
        self.qmail
            .queued_by
            .retain(|_, (at, _)| is_recent(now, *at, PROCESS_SECONDS * 1_000_000));
        self.qmail
            .announced
            .retain(|_, (at, ..)| is_recent(now, *at, PROCESS_SECONDS * 1_000_000));
    }
}

/// The report as its program wrote it: qmail-send logs spaces as underscores and line ends as slashes.
fn spoken(report: &[u8]) -> String {
    let report = report.strip_suffix(b"/").unwrap_or(report);
    text::clean_bounded(report, 2000).replace('_', " ")
}

/// `did_1+2+3/` at the end of qmail-local's report: mailboxes, forwards and programs.
fn local_transport(report: &[u8]) -> Transport {
    let Some(at) = memchr::memmem::rfind(report, b"did_") else {
        return Transport::Program;
    };
    let mut counts = report[at + 4..].split(|byte| matches!(byte, b'+' | b'/'));
    let mut is_some = || counts.next().is_some_and(|count| count != b"0");
    match (is_some(), is_some(), is_some()) {
        (true, ..) => Transport::Mailbox,
        (false, true, _) => Transport::Forward,
        (false, false, true) => Transport::Program,
        // A `.qmail` file of comments only.
        (false, false, false) => Transport::Discard,
    }
}

/// `qp_528` in `did_0+1+0/qp_528/`: the process that queued the forwarded copy.
fn queueing_process(report: &[u8]) -> Option<u32> {
    let at = memchr::memmem::rfind(report, b"/qp_")? + 4;
    let digits = report[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    std::str::from_utf8(&report[at..at + digits]).ok()?.parse().ok()
}

/// `anna@kundi.test` of `kundi-anna@kundi.test`: control/virtualdomains puts a user's name in front, by habit the domain or its first label.
fn without_prefix(to: &[u8]) -> Option<&[u8]> {
    let at = memchr::memrchr(b'@', to)?;
    let domain = &to[at + 1..];
    let label = domain.split(|byte| *byte == b'.').next()?;
    [domain, label].into_iter().find_map(|prefix| {
        let head = to.get(..prefix.len())?;
        let rest = to.get(prefix.len()..)?.strip_prefix(b"-")?;
        (head.eq_ignore_ascii_case(prefix) && !rest.starts_with(b"@")).then_some(rest)
    })
}

/// The enhanced code: `(#5.1.1)` of qmail's own words, or the one behind the basic code of a remote answer.
fn enhanced_code(spoken: &str) -> &str {
    let code = match spoken.find("Remote host said: ") {
        Some(at) => spoken.get(at + 22..),
        None => spoken.rfind("(#").and_then(|at| spoken.get(at + 2..)),
    };
    let code = code.unwrap_or_default();
    let end = code
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(code.len());
    let code = &code[..end];
    let is_enhanced = code.len() >= 5
        && code.split('.').count() == 3
        && matches!(code.as_bytes().first(), Some(b'2' | b'4' | b'5'))
        && code.as_bytes().get(1) == Some(&b'.');
    if is_enhanced { code } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_domains_prefix_is_told_from_a_name_with_a_dash() {
        assert_eq!(
            without_prefix(b"kundi-anna@kundi.test"),
            Some(&b"anna@kundi.test"[..])
        );
        assert_eq!(
            without_prefix(b"kundi.test-anna@kundi.test"),
            Some(&b"anna@kundi.test"[..])
        );
        assert_eq!(without_prefix(b"eva-anna@kundi.test"), None);
        assert_eq!(without_prefix(b"kundi-@kundi.test"), None);
    }

    #[test]
    fn codes_are_found_in_qmails_and_in_remote_words() {
        assert_eq!(
            enhanced_code("Sorry, no mailbox here by that name. (#5.1.1)"),
            "5.1.1"
        );
        assert_eq!(
            enhanced_code("192.0.2.1 does not like recipient./Remote host said: 550 5.7.1 no (#4.4.4)"),
            "5.7.1"
        );
        assert_eq!(
            enhanced_code("192.0.2.1 accepted message./Remote host said: 250 ok"),
            ""
        );
    }
}
