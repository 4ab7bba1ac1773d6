//! The order in which two servers' lines meet is chance: any interleaving gives the same records.

#[expect(dead_code, reason = "each test uses its part")]
mod logs;

use bstr::ByteSlice;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use tracer::correlate::{Correlator, Knowledge, Limits};
use tracer::line::HeaderReader;

/// Mails on two hosts that have nothing to do with each other, and one that goes from the first host to the second.
const FIRST: [&str; 9] = [
    "2026-11-21T10:00:00+00:00 a out1/submission/smtpd[1]: connect from pc[192.0.2.1]",
    "2026-11-21T10:00:01+00:00 a out1/submission/smtpd[1]: 4jX52x4FBkz1WbZ5: client=pc[192.0.2.1], sasl_method=PLAIN, sasl_username=u@isp.test",
    "2026-11-21T10:00:01+00:00 a out1/cleanup[2]: 4jX52x4FBkz1WbZ5: message-id=<m1@isp.test>",
    "2026-11-21T10:00:01+00:00 a out1/qmgr[3]: 4jX52x4FBkz1WbZ5: from=<u@isp.test>, size=100, nrcpt=2 (queue active)",
    "2026-11-21T10:00:01+00:00 a out1/submission/smtpd[1]: disconnect from pc[192.0.2.1] ehlo=1 mail=1 rcpt=2 data=1 quit=1 commands=6",
    "2026-11-21T10:00:02+00:00 a out1/smtp[4]: 4jX52x4FBkz1WbZ5: to=<x@far.test>, relay=mx.far.test[198.51.100.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 1DAE09F2326)",
    "2026-11-21T10:00:03+00:00 a out1/smtp[4]: 4jX52x4FBkz1WbZ5: to=<k@kundi.test>, relay=192.0.2.25[192.0.2.25]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4jX53G22rQz1Wbb5)",
    "2026-11-21T10:00:03+00:00 a out1/qmgr[3]: 4jX52x4FBkz1WbZ5: removed",
    "2026-11-21T10:00:04+00:00 a out1/smtpd[9]: NOQUEUE: reject: RCPT from x.test[203.0.113.9]: 550 5.1.1 <no@isp.test>: Recipient address rejected: User unknown; from=<s@x.test> to=<no@isp.test> proto=ESMTP helo=<x>",
];
const SECOND: [&str; 8] = [
    "2026-11-21T10:00:02+00:00 b mx1/smtpd[1]: connect from out1.isp.test[192.0.2.30]",
    "2026-11-21T10:00:02+00:00 b mx1/smtpd[1]: 4jX53G22rQz1Wbb5: client=out1.isp.test[192.0.2.30]",
    "2026-11-21T10:00:02+00:00 b mx1/cleanup[2]: 4jX53G22rQz1Wbb5: message-id=<m1@isp.test>",
    "2026-11-21T10:00:02+00:00 b mx1/qmgr[3]: 4jX53G22rQz1Wbb5: from=<u@isp.test>, size=300, nrcpt=1 (queue active)",
    "2026-11-21T10:00:03+00:00 b mx1/lmtp[4]: 4jX53G22rQz1Wbb5: to=<k@kundi.test>, relay=mx1[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <k@kundi.test> SESSION Saved)",
    "2026-11-21T10:00:03+00:00 b mx1/qmgr[3]: 4jX53G22rQz1Wbb5: removed",
    "2026-11-21T10:00:04+00:00 b mx1/smtpd[7]: NOQUEUE: reject: RCPT from y.test[203.0.113.8]: 450 4.2.0 <k@kundi.test>: Recipient address rejected: Greylisted; from=<s@y.test> to=<k@kundi.test> proto=ESMTP helo=<y>",
    "2026-11-21T10:00:05+00:00 b mx1/postfix-script[8]: refreshing the Postfix mail system",
];

fn records(lines: &[&str]) -> Vec<String> {
    let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
    let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
    for line in lines {
        let line = reader.read(line.as_bytes()).expect("a header");
        correlator.feed(&line);
    }
    logs::rows(correlator.finish().records)
}

#[test]
fn the_mail_over_both_hosts_is_one_record() {
    let lines: Vec<&str> = FIRST.iter().chain(&SECOND).copied().collect();
    let records = records(&lines);
    assert_eq!(records.len(), 4, "{records:#?}");
    assert!(
        records
            .iter()
            .any(|record| record.contains("\"4jX52x4FBkz1WbZ5\",\n        \"4jX53G22rQz1Wbb5\",\n    ]")),
        "{records:#?}"
    );
}

proptest! {
    #[test]
    fn any_interleaving_gives_the_same_records(takes in proptest::collection::vec(any::<bool>(), FIRST.len() + SECOND.len())) {
        let (mut first, mut second) = (FIRST.iter(), SECOND.iter());
        let mut lines = Vec::new();
        for take_first in takes {
            lines.extend(if take_first { first.next() } else { second.next() });
        }
        lines.extend(first);
        lines.extend(second);
        let one_after_the_other: Vec<&str> = FIRST.iter().chain(&SECOND).copied().collect();
        prop_assert_eq!(records(&lines), records(&one_after_the_other));
    }

    #[test]
    fn no_bytes_make_the_tracer_fail(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..50), cut in 0..100usize) {
        let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
        let mut correlator = Correlator::new(Limits::default(), Knowledge::default());
        for (number, noise) in lines.iter().enumerate() {
            // Noise alone rarely gets past the header: real lines with a piece of noise in them go deeper.
            let real = if number % 2 == 0 { FIRST[number % FIRST.len()] } else { SECOND[number % SECOND.len()] };
            let at = (26 + cut).min(real.len());
            let mixed = [&real.as_bytes()[..at], noise, &real.as_bytes()[at..]].concat();
            for line in [noise.as_slice(), mixed.as_slice()] {
                if let Some(line) = reader.read(line) {
                    correlator.feed(&line);
                }
            }
        }
        correlator.take_changed();
        correlator.finish();
    }
}

/// The recorded servers all got mail from the same clients to the same people: a mail that one puts off and another takes is one mail.
fn with_own_domains(server: &str, log: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let own = format!(".{}", &server[..4]);
    log.iter()
        .map(|line| line.replace(b".test", own.as_bytes()))
        .collect()
}

/// The rows of the golden cases of all mail servers, each server's in its own order and with a reader of its own, as the numbers say who is next.
fn interleaved(servers: &[Vec<Vec<u8>>], numbers: &[usize]) -> Vec<String> {
    let mut sources: Vec<_> = servers.iter().map(|log| (logs::reader(), log.iter())).collect();
    let mut numbers = numbers.iter().cycle();
    let mut correlator = logs::correlator();
    while !sources.is_empty() {
        let number = numbers.next().expect("numbers") % sources.len();
        let (reader, lines) = &mut sources[number];
        match lines.next() {
            Some(line) => {
                if let Some(line) = reader.read(line) {
                    correlator.feed(&line);
                }
            }
            None => drop(sources.remove(number)),
        }
    }
    logs::rows(correlator.finish().records)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn all_mail_servers_together_give_what_each_gives_alone(numbers in proptest::collection::vec(0..60usize, 5..200)) {
        let servers: Vec<_> = logs::servers().into_iter().map(|(name, log)| with_own_domains(name, &log)).collect();
        let alone = logs::rows(servers.iter().flat_map(logs::trace));
        let together = interleaved(&servers, &numbers);
        let differs = logs::difference(&alone, &together);
        prop_assert!(differs.is_none(), "{}", differs.unwrap_or_default());
    }

    #[test]
    fn servers_whose_lines_arrive_late_give_the_same_records(late in proptest::collection::vec(0..10i64, 3)) {
        let log = logs::sample(6_000);
        let expected = logs::rows(logs::trace(&log));
        // Each server's lines come together with those that the others wrote some seconds before.
        let mut reader = logs::reader();
        let mut arriving: Vec<(i64, &Vec<u8>)> = log
            .iter()
            .filter_map(|raw| {
                let line = reader.read(raw)?;
                let server = match line.instance() {
                    instance if instance.starts_with(b"out1") => 0,
                    instance if instance.starts_with(b"out2") => 1,
                    _ => 2,
                };
                Some((line.at.0 / 1_000_000 + late[server], raw))
            })
            .collect();
        arriving.sort_by_key(|(at, _)| *at);
        let found = logs::rows(logs::trace(arriving.into_iter().map(|(_, raw)| raw)));
        let differs = logs::difference(&expected, &found);
        prop_assert!(differs.is_none(), "{}", differs.unwrap_or_default());
    }
}
