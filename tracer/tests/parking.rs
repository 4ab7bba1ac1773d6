//! Idle mails leave the correlator's memory and come back with their next line: the records are those of a run that forgot nothing.

mod logs;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use logs::{Log, Table, cases, correlator, difference, reader, rows, sample, servers, trace};
use model::time::Micros;
use model::verdict::Outcome;
use proptest::prelude::*;
use tracer::correlate::{Changes, Correlator, Counters, Knowledge, Limits, Parked, ParkedError};

/// Everything is idle at once.
const AT_ONCE: Limits = Limits {
    idle_seconds: 0,
    ..LIMITS
};
/// As in the program, spelled out so that it can be varied.
const LIMITS: Limits = Limits {
    messages: 200_000,
    message_bytes: 40 * 1024 * 1024,
    refusals: 100_000,
    refusal_bytes: 16 * 1024 * 1024,
    sessions: 50_000,
    line_bytes: 64 * 1024,
    deliveries: 20_000,
    idle_seconds: 3600,
};

/// Where parked mails lie, as a database keeps them.
#[derive(Default)]
struct Store {
    entries: BTreeMap<u64, Parked>,
    by_key: HashMap<u64, BTreeSet<u64>>,
    parked: usize,
    came_back: usize,
}

impl Store {
    /// Keeps what is parked; what remains is for the table.
    fn keep(&mut self, changes: &mut Changes) {
        for parked in changes.parked.drain(..) {
            self.parked += 1;
            for key in &parked.keys {
                self.by_key.entry(*key).or_default().insert(parked.id);
            }
            let before = self.entries.insert(parked.id, parked);
            assert_eq!(before, None, "no mail lies here twice");
        }
    }

    fn keys(&self) -> Vec<(u64, Micros)> {
        let entries = self.entries.values();
        entries
            .flat_map(|parked| parked.keys.iter().map(|key| (*key, parked.until)))
            .collect()
    }

    /// Feeds a line, whatever must be brought for it.
    fn feed(&mut self, correlator: &mut Correlator, line: &tracer::line::LogLine<'_>) {
        let mut asked = Vec::new();
        while let Err(key) = correlator.try_feed(line) {
            assert!(!asked.contains(&key), "a key is asked for once");
            asked.push(key);
            let ids = self.by_key.remove(&key).unwrap_or_default();
            let entries: Vec<Parked> = ids.iter().filter_map(|id| self.entries.remove(id)).collect();
            let taken = correlator.unpark(key, entries.iter().map(|parked| parked.bytes.as_slice()));
            let known: Vec<_> = entries.iter().map(|parked| Ok(parked.id)).collect();
            assert_eq!(taken, known, "what was brought is taken");
            for parked in &entries {
                for key in &parked.keys {
                    if let Some(ids) = self.by_key.get_mut(key) {
                        ids.remove(&parked.id);
                    }
                }
            }
            self.came_back += entries.len();
        }
    }
}

/// What happens before a line.
#[derive(Clone, Copy, Debug)]
enum Act {
    Nothing,
    Changed,
    Closed,
    Restart,
}

/// Follows a log with everything idle parked; before each line happens what the acts say in turn.
fn parking(log: &Log, limits: Limits, acts: &[Act]) -> (Vec<String>, Store, Counters) {
    let mut reader = reader();
    let mut correlator = Correlator::new(limits, Knowledge::default());
    correlator.keep_parked([]);
    let (mut table, mut store) = (Table::default(), Store::default());
    let take = |mut changes: Changes, table: &mut Table, store: &mut Store| {
        store.keep(&mut changes);
        table.apply(changes);
    };
    for (line, act) in log.iter().zip(acts.iter().cycle()) {
        match act {
            Act::Nothing => {}
            Act::Changed => take(correlator.take_changed(), &mut table, &mut store),
            Act::Closed => take(correlator.take_closed(), &mut table, &mut store),
            Act::Restart => {
                let saved = postcard::to_stdvec(&correlator).expect("a state that can be written out");
                correlator = postcard::from_bytes(&saved).expect("the state that was written out");
                correlator.resume(limits, Knowledge::default());
                correlator.keep_parked(store.keys());
            }
        }
        if let Some(line) = reader.read(line) {
            store.feed(&mut correlator, &line);
        }
    }
    take(correlator.finish(), &mut table, &mut store);
    let counters = *correlator.counters();
    (table.rows(), store, counters)
}

fn logs_to_park() -> Vec<(String, Log)> {
    cases()
        .into_iter()
        .chain(servers().into_iter().map(|(name, log)| (name.to_owned(), log)))
        .collect()
}

#[test]
fn every_case_can_be_parked_at_every_line() {
    let (mut wrong, mut parked, mut came_back) = (Vec::new(), 0, 0);
    for (name, log) in logs_to_park() {
        let expected = rows(trace(&log));
        for acts in [
            &[Act::Changed][..],
            &[Act::Closed],
            &[Act::Changed, Act::Restart],
            &[Act::Nothing, Act::Closed, Act::Restart],
        ] {
            let (found, store, _) = parking(&log, AT_ONCE, acts);
            parked += store.parked;
            came_back += store.came_back;
            if let Some(differs) = difference(&expected, &found) {
                wrong.push(format!("{name}, {acts:?}: {differs}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(
        parked > 500 && came_back > 500,
        "{parked} parked, {came_back} came back"
    );
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Nothing),
        2 => Just(Act::Changed),
        2 => Just(Act::Closed),
        1 => Just(Act::Restart),
    ];
    proptest::collection::vec(act, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn parking_at_any_time_changes_no_record(acts in acts(), idle_seconds in 0..40i64, kilobytes in prop_oneof![Just(40_000usize), 50..400usize]) {
        let limits = Limits { idle_seconds, message_bytes: kilobytes * 1024, ..LIMITS };
        for (name, log) in servers() {
            let expected = rows(trace(&log));
            let (found, store, counters) = parking(&log, limits, &acts);
            if counters.forgotten_messages > 0 {
                // So little memory that what an open connection holds does not fit: counted, not parked.
                prop_assert!(kilobytes < 400 && store.parked > 0);
                continue;
            }
            let differs = difference(&expected, &found);
            prop_assert!(differs.is_none(), "{name}: {}", differs.unwrap_or_default());
        }
    }
}

#[test]
fn the_sample_evening_can_be_parked() {
    let log = sample(8_000);
    let expected = rows(trace(&log));
    let (found, store, _) = parking(
        &log,
        AT_ONCE,
        &[
            Act::Nothing,
            Act::Changed,
            Act::Nothing,
            Act::Closed,
            Act::Nothing,
        ],
    );
    assert_eq!(difference(&expected, &found), None);
    assert!(store.came_back > 100, "{} came back", store.came_back);
}

/// Mails that wait for something far ahead: deferred, quarantined with its release, expanded by Sendmail, on hold in Exim.
const BEFORE: [&str; 14] = [
    "2026-11-21T10:00:00+00:00 a out1/smtpd[1]: 4jX52x4FBkz1WbZ5: client=pc[192.0.2.1], sasl_method=PLAIN, sasl_username=u@isp.test",
    "2026-11-21T10:00:01+00:00 a out1/cleanup[2]: 4jX52x4FBkz1WbZ5: message-id=<m1@isp.test>",
    "2026-11-21T10:00:01+00:00 a out1/qmgr[3]: 4jX52x4FBkz1WbZ5: from=<u@isp.test>, size=100, nrcpt=1 (queue active)",
    "2026-11-21T10:00:01+00:00 a out1/smtp[4]: 4jX52x4FBkz1WbZ5: to=<k@kundi.test>, relay=192.0.2.25[192.0.2.25]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4jX53G22rQz1Wbb5)",
    "2026-11-21T10:00:01+00:00 a out1/qmgr[3]: 4jX52x4FBkz1WbZ5: removed",
    "2026-11-21T10:00:02+00:00 b mx1/smtpd[1]: 4jX53G22rQz1Wbb5: client=out1.isp.test[192.0.2.30]",
    "2026-11-21T10:00:02+00:00 b mx1/qmgr[3]: 4jX53G22rQz1Wbb5: from=<u@isp.test>, size=300, nrcpt=1 (queue active)",
    "2026-11-21T10:00:03+00:00 b mx1/lmtp[4]: 4jX53G22rQz1Wbb5: to=<k@kundi.test>, relay=mx1[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=4.2.2, status=deferred (452 4.2.2 <k@kundi.test> Quota exceeded)",
    "2026-11-21T10:00:04+00:00 b mx1/smtpd[5]: 4jX53H33rQz1Wbb6: client=x.test[203.0.113.9]",
    "2026-11-21T10:00:04+00:00 b mx1/cleanup[2]: 4jX53H33rQz1Wbb6: message-id=<q1@x.test>",
    "2026-11-21T10:00:04+00:00 b mx1/qmgr[3]: 4jX53H33rQz1Wbb6: from=<s@x.test>, size=300, nrcpt=1 (queue active)",
    "2026-11-21T10:00:05+00:00 b amavis[9]: (00934-06) Blocked SPAM {DiscardedInbound,Quarantined}, [203.0.113.9]:4711 [203.0.113.9] <s@x.test> -> <k@kundi.test>, quarantine: x/spam-xKq8Yz0aBcDe.gz, Queue-ID: 4jX53H33rQz1Wbb6, Message-ID: <q1@x.test>, mail_id: xKq8Yz0aBcDe, Hits: 14.2, size: 300, 310 ms",
    "2026-11-21T10:00:05+00:00 b mx1/smtp[6]: 4jX53H33rQz1Wbb6: to=<k@kundi.test>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=00934-06 - SPAM)",
    "2026-11-21T10:00:05+00:00 b mx1/qmgr[3]: 4jX53H33rQz1Wbb6: removed",
];
const AFTER: [&str; 7] = [
    "2026-11-25T10:00:03+00:00 b mx1/lmtp[4]: 4jX53G22rQz1Wbb5: to=<k@kundi.test>, relay=mx1[private/dovecot-lmtp], delay=345600, delays=345599/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <k@kundi.test> SESSION Saved)",
    "2026-11-25T10:00:03+00:00 b mx1/qmgr[3]: 4jX53G22rQz1Wbb5: removed",
    "2026-12-01T10:00:00+00:00 b amavis[9]: (rel-xKq8Yz0aBcDe) Quarantined message release (miscategorized): xKq8Yz0aBcDe <s@x.test> -> <k@kundi.test>",
    "2026-12-01T10:00:00+00:00 b mx1/smtpd[7]: 4jX59H33rQz1Wbb7: client=localhost[127.0.0.1]",
    "2026-12-01T10:00:00+00:00 b mx1/qmgr[3]: 4jX59H33rQz1Wbb7: from=<s@x.test>, size=300, nrcpt=1 (queue active)",
    "2026-12-01T10:00:00+00:00 b amavis[9]: (rel-xKq8Yz0aBcDe) SEND from <s@x.test> -> <k@kundi.test>, ENVID=AM.x BODY=7BIT 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jX59H33rQz1Wbb7",
    "2026-12-01T10:00:01+00:00 b mx1/lmtp[4]: 4jX59H33rQz1Wbb7: to=<k@kundi.test>, relay=mx1[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <k@kundi.test> SESSION2 Saved)",
];

fn feed(lines: &[&str], correlator: &mut Correlator, store: &mut Store) {
    let mut reader = reader();
    for line in lines {
        let line = reader.read(line.as_bytes()).expect("a header");
        store.feed(correlator, &line);
    }
}

/// What is parked means the same to a correlator that never saw the mails and has met other names before.
#[test]
fn another_process_takes_up_where_one_stopped() {
    let (mut table, mut store) = (Table::default(), Store::default());
    let mut first = Correlator::new(LIMITS, Knowledge::default());
    first.keep_parked([]);
    feed(&BEFORE, &mut first, &mut store);
    first.advance(Micros(1_795_262_400_000_000));
    let mut changes = first.take_changed();
    store.keep(&mut changes);
    assert_eq!(first.open(), (0, 0), "an hour later nothing is left in memory");
    assert_eq!(store.entries.len(), 2);
    table.apply(changes);

    let mut second = Correlator::new(LIMITS, Knowledge::default());
    second.keep_parked(store.keys());
    let others = [
        "2026-11-21T12:00:00+00:00 z zz/smtpd[1]: NOQUEUE: reject: RCPT from x.test[203.0.113.9]: 550 5.1.1 <no@isp.test>: Recipient address rejected: User unknown; from=<s@x.test> to=<no@isp.test> proto=ESMTP helo=<x>",
        "2026-11-21T12:00:00+00:00 y yy/lmtp[1]: connect to somewhere",
    ];
    feed(&others, &mut second, &mut store);
    feed(&AFTER, &mut second, &mut store);
    assert_eq!(store.came_back, 2);
    assert_eq!(store.entries.len(), 0);
    let last = second.finish();
    assert_eq!(last.retracted, [], "nothing was written that is not so");
    let outcomes: Vec<_> = last
        .records
        .iter()
        .map(|record| {
            (
                record.queue_ids.len(),
                record.verdict.outcome,
                record.trail.to_events().len(),
            )
        })
        .collect();
    assert!(outcomes.contains(&(2, Outcome::Delivered, 10)), "{outcomes:?}");
    table.apply(last);
    let whole: Vec<&str> = BEFORE.iter().chain(&others).chain(&AFTER).copied().collect();
    let expected = rows(trace(&whole));
    assert_eq!(difference(&expected, &table.rows()), None);
}

#[test]
fn what_cannot_be_read_is_named_and_the_line_is_taken_in() {
    let mut store = Store::default();
    let mut first = Correlator::new(LIMITS, Knowledge::default());
    first.keep_parked([]);
    feed(&BEFORE[5..8], &mut first, &mut store);
    first.advance(Micros(1_795_262_400_000_000));
    let parked = first.take_changed().parked.remove(0);
    // Other bytes for the same mail: whoever changes what is remembered of a mail counts `FORMAT` up, and then writes the new number here.
    assert_eq!(
        (parked.bytes[0], parked.bytes.len(), parked.bytes[1]),
        (1, 742, 74)
    );
    let mut reader = reader();
    let line = reader.read(AFTER[0].as_bytes()).expect("a header");
    let mut other_form = parked.bytes.clone();
    other_form[0] = 200;
    let mut wrong: Vec<(Vec<u8>, ParkedError)> = vec![
        (other_form, ParkedError::OtherForm { found: 200 }),
        (Vec::new(), ParkedError::Damaged { length: 0 }),
    ];
    for at in 1..parked.bytes.len() {
        let mut flipped = parked.bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        wrong.push((
            flipped,
            ParkedError::Damaged {
                length: parked.bytes.len(),
            },
        ));
        wrong.push((parked.bytes[..at].to_vec(), ParkedError::Damaged { length: at }));
    }
    for (bytes, error) in wrong {
        let mut correlator = Correlator::new(LIMITS, Knowledge::default());
        correlator.keep_parked(parked.keys.iter().map(|key| (*key, parked.until)));
        let key = correlator
            .try_feed(&line)
            .expect_err("the line names a parked mail");
        assert_eq!(correlator.unpark(key, [bytes.as_slice()]), [Err(error)]);
        assert_eq!(correlator.try_feed(&line), Ok(true));
        assert_eq!(correlator.counters().unreadable_parked, 1);
        assert_eq!(correlator.finish().records.len(), 1);
    }
}

/// A mail that never ends costs memory only in the hour of a try: however many wait, and each is finished when its last line comes.
#[test]
fn deferred_mails_without_end_leave_memory_flat() {
    const MAILS: usize = 1_000;
    let limits = Limits {
        messages: 200,
        message_bytes: 512 * 1024,
        idle_seconds: 600,
        ..LIMITS
    };
    let mut correlator = Correlator::new(limits, Knowledge::default());
    correlator.keep_parked([]);
    let (mut reader, mut store, mut table) = (reader(), Store::default(), Table::default());
    let mut most = (0, 0);
    // Five days of tries, all mails in turn: hours between two tries of one mail.
    for turn in 0..18 {
        for mail in 0..MAILS {
            let second = (turn * MAILS + mail) * 8;
            let at = format!(
                "2026-11-{:02}T{:02}:{:02}:{:02}+00:00 b mx1",
                21 + second / 86_400,
                second / 3600 % 24,
                second / 60 % 60,
                second % 60
            );
            let (status, text) = if turn < 17 {
                ("deferred", "connect to x.test: Connection timed out")
            } else {
                ("sent", "250 2.0.0 Ok")
            };
            let mut lines = vec![format!(
                "{at}/smtp[4]: {mail:011X}: to=<p{mail}@x.test>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status={status} ({text})"
            )];
            if turn == 0 {
                lines.insert(
                    0,
                    format!("{at}/qmgr[3]: {mail:011X}: from=<u@isp.test>, size=1, nrcpt=1 (queue active)"),
                );
            }
            if turn == 17 {
                lines.push(format!("{at}/qmgr[3]: {mail:011X}: removed"));
            }
            for line in lines {
                let line = reader.read(line.as_bytes()).expect("a header");
                store.feed(&mut correlator, &line);
            }
            if mail % 64 == 0 {
                let mut changes = correlator.take_closed();
                store.keep(&mut changes);
                table.apply(changes);
                most.0 = correlator.open().0.max(most.0);
            }
            if mail % 512 == 0 {
                let state = postcard::to_stdvec(&correlator).expect("a state");
                most.1 = state.len().max(most.1);
            }
        }
    }
    let mut changes = correlator.finish();
    store.keep(&mut changes);
    table.apply(changes);
    assert!(most.0 <= limits.messages + 64, "{} messages", most.0);
    assert!(most.1 <= 1024 * 1024, "{} bytes of state", most.1);
    assert_eq!(correlator.counters().forgotten_messages, 0);
    assert!(store.came_back >= MAILS * 17, "{} came back", store.came_back);
    let records = table.records();
    assert_eq!(records.len(), MAILS);
    for record in records {
        assert_eq!(record.verdict.outcome, Outcome::HandedOver, "{record:#?}");
        assert_eq!((record.attempts, record.trail.to_events().len()), (18, 20));
    }
}

/// The same without anybody who keeps what is parked: nothing is parked.
#[test]
fn without_parking_nothing_is_given_away() {
    let mut correlator = correlator();
    let mut reader = reader();
    for line in BEFORE {
        correlator.feed(&reader.read(line.as_bytes()).expect("a header"));
    }
    correlator.advance(Micros(1_795_262_400_000_000));
    assert_eq!(correlator.take_changed().parked, []);
    assert_eq!(correlator.open().0, 3);
}

/// Lines whose clock is wrong: long ago, next year, in three days. Their mails are told, and no other mail is told otherwise.
#[test]
fn stray_lines_change_no_other_mail() {
    let stray = |number: usize, at: &str| {
        let id = format!("{:011X}", 0xF00_0000_0000_usize + number);
        let pid = 70_000 + number;
        [
            format!("{at} odd odd{number}/smtpd[{pid}]: connect from odd.test[198.51.100.77]"),
            format!("{at} odd odd{number}/smtpd[{pid}]: {id}: client=odd.test[198.51.100.77]"),
            format!("{at} odd odd{number}/cleanup[{pid}]: {id}: message-id=<{number}@odd.test>"),
            format!(
                "{at} odd odd{number}/qmgr[{pid}]: {id}: from=<s{number}@odd.test>, size=1, nrcpt=1 (queue active)"
            ),
            format!(
                "{at} odd odd{number}/lmtp[{pid}]: {id}: to=<r{number}@odd.test>, relay=odd[private/lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)"
            ),
            format!("{at} odd odd{number}/qmgr[{pid}]: {id}: removed"),
        ]
    };
    let times = [
        "1970-01-01T00:00:10+00:00",
        "2027-11-21T21:00:00+00:00",
        "2026-11-24T21:40:00+00:00",
    ];
    let mut wrong = Vec::new();
    for (name, log) in servers().into_iter().chain([("sample", sample(6_000))]) {
        let expected = rows(trace(&log));
        for latest in [None, Some(Micros(1_795_350_000_000_000))] {
            for limits in [LIMITS, AT_ONCE] {
                let (mut reader, mut odd_reader) = (reader(), reader());
                let mut correlator = Correlator::new(limits, Knowledge::default());
                if limits.idle_seconds == 0 {
                    correlator.keep_parked([]);
                }
                if let Some(latest) = latest {
                    correlator.set_latest(latest);
                }
                let (mut table, mut store, mut odd) = (Table::default(), Store::default(), 0);
                let mut odd_lines = Vec::new().into_iter();
                for (number, line) in log.iter().enumerate() {
                    // Even the first line of all, and at times two mails' lines in a row.
                    if number % 7 == 0 {
                        if odd_lines.len() == 0 {
                            odd_lines = stray(odd, times[odd % times.len()]).to_vec().into_iter();
                            odd += 1;
                        }
                        for _ in 0..=(number % 3) {
                            if let Some(line) = odd_lines.next() {
                                let line = odd_reader.read(line.as_bytes()).expect("a header");
                                store.feed(&mut correlator, &line);
                            }
                        }
                    }
                    if let Some(line) = reader.read(line) {
                        store.feed(&mut correlator, &line);
                    }
                    if number % 5 == 0 {
                        let mut changes = if number % 2 == 0 {
                            correlator.take_changed()
                        } else {
                            correlator.take_closed()
                        };
                        store.keep(&mut changes);
                        table.apply(changes);
                    }
                }
                for line in odd_lines {
                    let line = odd_reader.read(line.as_bytes()).expect("a header");
                    store.feed(&mut correlator, &line);
                }
                assert!(
                    correlator.now() < Micros(1_795_400_000_000_000),
                    "{:?}",
                    correlator.now()
                );
                let mut changes = correlator.finish();
                store.keep(&mut changes);
                table.apply(changes);
                let (strays, others): (Vec<_>, Vec<_>) = table
                    .records()
                    .into_iter()
                    .partition(|record| record.recipient.ends_with("@odd.test"));
                let recipients: BTreeSet<_> = strays.iter().map(|record| record.recipient.clone()).collect();
                assert_eq!(recipients.len(), odd, "{name}: each stray mail is told");
                assert!(
                    strays
                        .iter()
                        .any(|record| record.verdict.outcome == Outcome::Delivered)
                );
                if let Some(differs) = difference(&expected, &rows(others)) {
                    wrong.push(format!(
                        "{name}, {latest:?}, idle {}: {differs}",
                        limits.idle_seconds
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// A log that pauses for weeks goes on where it goes on.
#[test]
fn a_pause_is_believed_when_the_log_goes_on_behind_it() {
    let (mut correlator, mut reader) = (correlator(), reader());
    let mut now = |at: &str| {
        let line = format!("{at} b mx1/qmgr[3]: statistics: max connections 1");
        correlator.feed(&reader.read(line.as_bytes()).expect("a header"));
        correlator.now()
    };
    let begin = now("2026-01-01T00:00:00+00:00");
    let hour = 3_600_000_000;
    assert_eq!(now("2026-01-01T01:00:00+00:00"), Micros(begin.0 + hour));
    for _ in 0..3 {
        assert_eq!(now("2026-02-01T00:00:00+00:00"), Micros(begin.0 + hour));
    }
    assert_eq!(now("2026-01-01T02:00:00+00:00"), Micros(begin.0 + 2 * hour));
    for _ in 0..7 {
        assert_eq!(now("2026-02-01T00:00:00+00:00"), Micros(begin.0 + 2 * hour));
    }
    let after = Micros(begin.0 + 31 * 24 * hour);
    assert_eq!(now("2026-02-01T00:00:00+00:00"), after);
    assert_eq!(now("2026-01-01T02:00:00+00:00"), after, "never back");
    assert_eq!(now("2026-02-01T00:00:01+00:00"), after.plus_seconds(1));
}
