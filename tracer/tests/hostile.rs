//! Logs that somebody made up to harm: memory stays within the limits, and text that imitates log lines stays text.
//!
//! Memory is measured by what the correlator counts and by the length of its saved state, which holds all of it but its indexes.

#[expect(dead_code, reason = "each test uses its part")]
mod logs;

use logs::{correlator, reader, rows, trace};
use tracer::correlate::{Changes, Correlator, Knowledge, Limits};

/// Small, so that a debug build hits them in no time.
const LIMITS: Limits = Limits {
    messages: 1_000,
    message_bytes: 2 * 1024 * 1024,
    refusals: 1_000,
    refusal_bytes: 1024 * 1024,
    sessions: 500,
    line_bytes: 16 * 1024,
    deliveries: 500,
    idle_seconds: 3600,
};
/// The longest saved state: the bytes of both limits, as much again for what is not a story, and the sessions.
const STATE_BYTES: usize = 2 * (2 + 1) * 1024 * 1024 + 1024 * 1024;
/// Lines between two drains, as a worker takes them.
const BATCH: usize = 500;

/// What a flood of lines left.
struct Flood {
    correlator: Correlator,
    records: usize,
}

impl Flood {
    fn of(lines: impl Iterator<Item = String>, drain: fn(&mut Correlator) -> Changes) -> Self {
        let (mut reader, mut correlator) = (reader(), Correlator::new(LIMITS, Knowledge::default()));
        let mut records = 0;
        for (number, line) in lines.enumerate() {
            if let Some(line) = reader.read(line.as_bytes()) {
                correlator.feed(&line);
            }
            if number % BATCH == BATCH - 1 {
                records += drain(&mut correlator).records.len();
            }
            if number % 4_096 == 4_095 {
                let (messages, refusals) = correlator.open();
                assert!(messages <= LIMITS.messages + BATCH, "{messages} messages");
                assert!(refusals <= LIMITS.refusals + BATCH, "{refusals} refusals");
            }
        }
        records += drain(&mut correlator).records.len();
        Self { correlator, records }
    }

    fn state_bytes(&self) -> usize {
        let state = postcard::to_stdvec(&self.correlator);
        state.expect("a state that can be written out").len()
    }
}

/// Floods the correlator with `count` lines and with four times as many, both ways of taking records: it must hold no more afterwards, and write
/// in proportion. The moment of each line is `per_second` lines to a second; 0 is a clock that stands still.
fn flood(name: &str, count: usize, line: impl Fn(usize) -> String) -> Flood {
    let mut last = None;
    for (drain, drained) in [
        (
            Correlator::take_changed as fn(&mut Correlator) -> Changes,
            "changed",
        ),
        (Correlator::take_closed, "closed"),
    ] {
        let few = Flood::of((0..count).map(&line), drain);
        let many = Flood::of((0..count * 4).map(&line), drain);
        let (few_bytes, many_bytes) = (few.state_bytes(), many.state_bytes());
        assert!(
            many_bytes < STATE_BYTES && many_bytes < few_bytes * 2 + 64 * 1024,
            "{name}, {drained}: the state has {few_bytes} bytes, then {many_bytes}"
        );
        assert!(
            many.records <= few.records * 6 + 1_000,
            "{name}, {drained}: {} records, then {}",
            few.records,
            many.records
        );
        last = Some(many);
    }
    last.expect("two floods")
}

/// A header at a moment that moves on slowly.
fn at(number: usize) -> String {
    let second = number / 1_000;
    format!(
        "2026-11-21T{:02}:{:02}:{:02}+00:00 mail1",
        10 + second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

/// A queue id of Postfix's long form.
fn id(number: usize) -> String {
    format!("4jX5{number:011}")
}

#[test]
fn connections_that_never_end() {
    let flood = flood("connects", 6_000, |number| {
        format!(
            "{} mx1/smtpd[{number}]: connect from a.test[192.0.2.1]",
            at(number)
        )
    });
    assert!(flood.correlator.counters().forgotten_sessions > 0);
    let flood = self::flood("OpenSMTPD's connects", 6_000, |number| {
        format!(
            "{} smtpd[1]: {number:016x} smtp connected address=192.0.2.1 host=a.test",
            at(number)
        )
    });
    assert!(flood.correlator.counters().forgotten_sessions > 0);
    self::flood("Sendmail's connects", 6_000, |number| {
        format!(
            "{} sm-mta[{number}]: STARTTLS=server, relay=a.test [192.0.2.1], version=TLSv1.3, verify=NO, cipher=TLS_AES_256_GCM_SHA384, bits=256/256",
            at(number)
        )
    });
}

#[test]
fn mails_that_never_end() {
    for statement in [
        "mx1/smtpd[1]: ID: client=a.test[192.0.2.1]",
        "mx1/cleanup[1]: ID: message-id=<ID@a.test>",
        "mx1/smtp[1]: ID: to=<a@b.test>, relay=c.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as XID)",
        "mx1/10025/smtpd[1]: ID: client=localhost[127.0.0.1], orig_queue_id=XID, orig_client=a.test[192.0.2.1]",
        "amavis[1]: (ID) ...Passed CLEAN {RelayedInbound}, [192.0.2.1]:1 <a@b.test> -> <c@d.test>, Queue-ID: ID",
        "mx1/qmgr[1]: ID: removed",
        "qmail-send: new msg NUMBER",
        "qmail-send: starting delivery NUMBER: msg NUMBER to remote a@b.test",
        "qmail-send: info msg NUMBER: bytes 100 from <a@b.test> qp NUMBER uid 100",
        "smtpd[1]: 01ecac0e1a0bd6da mta delivery evpid=EVPID from=<a@b.test> to=<c@d.test> rcpt=<-> source=\"192.0.2.2\" relay=\"192.0.2.1 (c.test)\" delay=1s result=\"Ok\" stat=\"250 2.0.0 Ok: queued as XID\"",
        "sm-mta[1]: SENDMAIL: from=<a@b.test>, size=1, class=0, nrcpts=1, msgid=<ID@b.test>, proto=ESMTP, daemon=MTA, relay=a.test [192.0.2.1]",
        "sm-mta[1]: SENDMAIL: <a@b.test>... User unknown",
        "sm-mta[1]: SENDMAIL: to=<a@b.test>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=1, relay=c.test. [192.0.2.1], dsn=2.0.0, stat=Sent (ok)",
        "dovecot: lmtp(a@b.test)<1><NUMBERSESSION>: sieve: msgid=<ID@b.test>: stored mail into mailbox 'INBOX'",
    ] {
        flood(statement, 4_000, |number| {
            let statement = statement
                .replace("NUMBER", &number.to_string())
                .replace("EVPID", &format!("{:016x}", number << 32 | 1))
                .replace(
                    "SENDMAIL",
                    &format!("6AL{number:05}ABC012345")
                        .chars()
                        .take(14)
                        .collect::<String>(),
                )
                .replace("ID", &id(number));
            format!("{} {statement}", at(number))
        });
    }
    let exim = |number: usize| {
        let base: Vec<char> = ('0'..='9').chain('A'..='Z').chain('a'..='z').collect();
        let digit = |shift: usize| base[number / 62_usize.pow(u32::try_from(shift).expect("small")) % 62];
        format!("1xUs{}{}-0000{}{}-00", digit(3), digit(2), digit(1), digit(0))
    };
    flood("Exim's arrivals", 4_000, |number| {
        format!(
            "{} exim[1]: {} <= a@b.test H=a.test [192.0.2.1] P=esmtps S=100 for c@d.test",
            at(number),
            exim(number)
        )
    });
    flood("Exim's parts", 4_000, |number| {
        format!(
            "{} exim[{number}]: [1/2] {} <= a@b.test H=a.test [192.0.2.1] P=esmtps",
            at(number),
            exim(number)
        )
    });
}

#[test]
fn one_queue_id_again_and_again() {
    for statement in [
        "mx1/smtpd[1]: 4jX52x4FBkz1WbZ5: client=a.test[192.0.2.1]",
        "mx1/smtpd[NUMBER]: 4jX52x4FBkz1WbZ5: client=a.test[192.0.2.1]",
        "mx1/qmgr[1]: 4jX52x4FBkz1WbZ5: removed",
        "mxNUMBER/qmgr[1]: 4jX52x4FBkz1WbZ5: removed",
        "mx1/smtp[1]: 4jX52x4FBkz1WbZ5: to=<a@b.test>, relay=c.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4jX5NUMBERABCDEF)",
        "mx1/10025/smtpd[1]: 4jX5NUMBERABCDEF: client=localhost[127.0.0.1], orig_queue_id=4jX52x4FBkz1WbZ5, orig_client=a.test[192.0.2.1]",
        "qmail-send: new msg 77",
        "qmail-send: end msg 77",
        "sm-mta[1]: 6ALAA001012345: clone: owner=a",
        "sm-mta[1]: 6ALAA001012345: done; delay=00:00:01, ntries=1",
    ] {
        flood(statement, 4_000, |number| {
            format!(
                "{} {}",
                at(number),
                statement.replace("NUMBER", &format!("{number:06}"))
            )
        });
    }
    flood("other hosts", 4_000, |number| {
        format!(
            "2026-11-21T10:00:00+00:00 host{number} mx1/smtpd[{number}]: 4jX52x4FBkz1WbZ5: client=a.test[192.0.2.1]"
        )
    });
    flood("lives", 4_000, |number| {
        let statement = ["client=a.test[192.0.2.1]", "removed"][number % 2];
        format!("{} mx1/smtpd[1]: 4jX52x4FBkz1WbZ5: {statement}", at(number))
    });
}

#[test]
fn refusals_of_ever_new_addresses() {
    for (code, dsn) in [(450, "4.2.0"), (550, "5.1.1")] {
        let flood = flood("refusals", 4_000, |number| {
            format!(
                "{} mx1/smtpd[1]: NOQUEUE: reject: RCPT from a.test[192.0.2.1]: {code} {dsn} <r{number}@isp.test>: Recipient address rejected: no; from=<s@x.test> to=<r{number}@isp.test> proto=ESMTP helo=<a>",
                at(number)
            )
        });
        assert!(flood.correlator.counters().forgotten_refusals > 0);
    }
    flood("greylisting", 4_000, |number| {
        format!(
            "{} postgrey[1]: action=greylist, reason=new, client_name=a.test, client_address=192.0.2.1, sender=s@x.test, recipient=r{number}@isp.test",
            at(number)
        )
    });
    flood("greylisting passes", 4_000, |number| {
        format!(
            "{} postgrey[1]: action=pass, reason=triplet found, client_name=a.test, client_address=2001:db8::{:x}:{:x}, sender=s@x.test, recipient=r@isp.test",
            at(number),
            number >> 16,
            number & 0xffff
        )
    });
    flood("one refusal", 4_000, |number| {
        format!(
            "{} mx1/smtpd[1]: NOQUEUE: reject: RCPT from a.test[192.0.2.1]: 450 4.2.0 <r@isp.test>: Recipient address rejected: no {number}; from=<s@x.test> to=<r@isp.test> proto=ESMTP helo=<a>",
            at(number)
        )
    });
}

#[test]
fn one_mail_with_very_many_recipients() {
    let flood = flood("recipients", 4_000, |number| {
        format!(
            "{} mx1/smtp[1]: 4jX52x4FBkz1WbZ5: to=<r{number}@b.test>, relay=c.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
            at(0)
        )
    });
    assert!(flood.correlator.counters().dropped_lines > 0);
}

/// Each mail goes on in the next, and the last in the first.
#[test]
fn a_chain_of_mails_that_bites_its_tail() {
    let length = 6_000;
    for upwards in [false, true] {
        let line = |number: usize| {
            let (this, next) = (number % length, (number + 1) % length);
            let this = if upwards { length - 1 - this } else { this };
            let next = if upwards { (this + 1) % length } else { next };
            let (this, next) = (id(this), id(next));
            [
                format!("{} mx1/smtpd[1]: {this}: client=a.test[192.0.2.1]", at(0)),
                format!(
                    "{} mx1/smtp[1]: {this}: to=<a@b.test>, relay=c.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {next})",
                    at(0)
                ),
                format!("{} mx1/qmgr[1]: {this}: removed", at(0)),
            ]
        };
        let flood = Flood::of((0..length + 200).flat_map(line), Correlator::take_changed);
        assert!(flood.state_bytes() < STATE_BYTES);
        let records = trace((0..length + 200).flat_map(line));
        assert!(records.iter().all(|record| record.queue_ids.len() < 100));
    }
}

#[test]
fn lines_of_a_megabyte_and_lines_of_zeros() {
    let (mut reader, mut correlator) = (reader(), Correlator::new(LIMITS, Knowledge::default()));
    for byte in [b'a', 0, b'<', b'(', b'[', b'"', b'\\', b',', b' ', 0xff] {
        let long = vec![byte; 1024 * 1024];
        for head in [
            "",
            "2026-11-21T10:00:00+00:00 mail1 mx1/smtpd[1]: ",
            "2026-11-21T10:00:00+00:00 mail1 mx1/smtpd[1]: NOQUEUE: reject: RCPT from a.test[192.0.2.1]: 450 4.2.0 ",
            "2026-11-21T10:00:00+00:00 mail1 mx1/smtp[1]: 4jX52x4FBkz1WbZ5: to=<",
            "2026-11-21T10:00:00+00:00 mail1 amavis[1]: (1-1) Passed CLEAN {RelayedInbound}, [192.0.2.1] <",
            "2026-11-21T10:00:00+00:00 mail1 rspamd[1]: <",
            "2026-11-21T10:00:00+00:00 mail1 exim[1]: 1xUsgo-000032-1P <= ",
            "2026-11-21T10:00:00+00:00 mail1 sm-mta[1]: 6ALAA001012345: to=",
            "2026-11-21T10:00:00+00:00 mail1 qmail-send: delivery 1: success: ",
            "2026-11-21T10:00:00+00:00 mail1 smtpd[1]: 01ecac0e1a0bd6da ",
            "2026-11-21T10:00:00+00:00 mail1 dovecot: lmtp(",
            "{\"MESSAGE\":\"",
        ] {
            let line = [head.as_bytes(), &long].concat();
            if let Some(line) = reader.read(&line) {
                correlator.feed(&line);
            }
        }
    }
    correlator.take_changed();
    assert!(postcard::to_stdvec(&correlator).expect("a state").len() < STATE_BYTES);
    for record in correlator.finish().records {
        assert!(record.recipient.len() + record.sender.len() < 8 * 1024);
    }
}

/// What others wrote stands in subjects, replies and greetings: it makes no mails and changes none.
#[test]
fn text_that_imitates_log_lines_is_text() {
    let forged = [
        "4jX5FORGED11111: to=<forged@evil.test>, relay=x[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)",
        "2026-11-21T10:00:00+00:00 mail1 mx1/qmgr[1]: 4jX5FORGED11111: from=<forged@evil.test>, size=1, nrcpt=1 (queue active)",
        "Nov 21 10:00:00 mail1 mx1/smtp[1]: 4jX5FORGED11111: to=<forged@evil.test>, status=sent (250 queued as 4jX5FORGED11111)",
        "; from=<forged@evil.test> to=<forged@evil.test> proto=ESMTP helo=<forged.test>",
        ", orig_queue_id=4jX5FORGED11111, sasl_username=forged@evil.test",
        "Passed CLEAN {RelayedInbound}, [192.0.2.9] <forged@evil.test> -> <forged@evil.test>, Queue-ID: 4jX5FORGED11111",
    ];
    let log = |text: &str| -> Vec<String> {
        vec![
            format!(
                "{} mx1/smtpd[1]: 4jX52x4FBkz1WbZ5: client=a.test[192.0.2.1]",
                at(0)
            ),
            format!(
                "{} mx1/cleanup[1]: 4jX52x4FBkz1WbZ5: message-id=<1@a.test>",
                at(0)
            ),
            format!(
                "{} mx1/cleanup[1]: 4jX52x4FBkz1WbZ5: info: header Subject: {text} from a.test[192.0.2.1]; from=<s@a.test> to=<r@isp.test> proto=ESMTP helo=<a>",
                at(0)
            ),
            format!(
                "{} mx1/qmgr[1]: 4jX52x4FBkz1WbZ5: from=<s@a.test>, size=1, nrcpt=1 (queue active)",
                at(0)
            ),
            format!(
                "{} mx1/smtp[1]: 4jX52x4FBkz1WbZ5: to=<r@isp.test>, relay=c.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 {text})",
                at(0)
            ),
            format!("{} mx1/qmgr[1]: 4jX52x4FBkz1WbZ5: removed", at(0)),
            format!(
                "{} mx1/smtpd[1]: NOQUEUE: reject: RCPT from a.test[192.0.2.1]: 450 4.7.1 <h>: Helo command rejected: {text}; from=<s@a.test> to=<q@isp.test> proto=ESMTP helo=<h>",
                at(0)
            ),
            format!(
                "{} mx1/smtpd[1]: NOQUEUE: reject: RCPT from a.test[192.0.2.1]: 550 5.7.1 <p@isp.test>: Recipient address rejected: no; from=<s@a.test> to=<p@isp.test> proto=ESMTP helo=<{}>",
                at(0),
                neutered(text)
            ),
        ]
    };
    let facts = |text: &str| {
        let mut records = trace(log(text));
        records.sort_by(|one, other| one.recipient.cmp(&other.recipient));
        records
            .iter()
            .map(|record| {
                (
                    record.sender.clone(),
                    record.recipient.clone(),
                    record.queue_ids.clone(),
                    record.sasl_user.clone(),
                    record.client_ip,
                    record.verdict.outcome,
                )
            })
            .collect::<Vec<_>>()
    };
    let honest = facts("Hello");
    assert_eq!(honest.len(), 3);
    for text in forged {
        pretty_assertions::assert_eq!(facts(text), honest, "{text}");
    }
}

/// What Postfix makes of HELO before it logs it (`NEUTER_CHARACTERS` in smtpd.c).
fn neutered(helo: &str) -> String {
    helo.replace([' ', '<', '>', '(', ')', '\\', '"', ';', '@'], "?")
}

/// A connection that outlives the memory of its mail must not touch the mail that came to be in the same place.
#[test]
fn a_forgotten_mails_place_is_not_its_own() {
    let mut lines = vec![
        "2026-11-21T10:00:00+00:00 mail1 mx1/smtpd[1]: connect from a.test[192.0.2.1]".to_owned(),
        "2026-11-21T10:00:00+00:00 mail1 mx1/smtpd[1]: 4jX52x4FBkz1WbZ5: client=a.test[192.0.2.1]".to_owned(),
        "2026-11-21T10:00:00+00:00 mail1 mx1/qmgr[2]: 4jX52x4FBkz1WbZ5: from=<s@a.test>, size=1, nrcpt=1 (queue active)".to_owned(),
        "2026-11-21T10:00:01+00:00 mail1 mx1/lmtp[3]: 4jX52x4FBkz1WbZ5: to=<r@isp.test>, relay=mx1[private/lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)".to_owned(),
        "2026-11-21T10:00:01+00:00 mail1 mx1/qmgr[2]: 4jX52x4FBkz1WbZ5: removed".to_owned(),
        // Long enough for the mail to be forgotten.
        "2026-11-21T10:05:00+00:00 mail1 mx1/qmgr[2]: 4jX52x4FBkz1WbZ7: from=<t@a.test>, size=1, nrcpt=1 (queue active)".to_owned(),
    ];
    let other = "4jX53G22rQz1Wbb5";
    lines.push(format!(
        "2026-11-21T10:05:01+00:00 mail1 mx1/smtpd[9]: {other}: client=b.test[192.0.2.2]"
    ));
    lines.push("2026-11-21T10:05:01+00:00 mail1 mx1/smtpd[1]: lost connection after DATA (0 bytes) from a.test[192.0.2.1]".to_owned());
    lines.push("2026-11-21T10:05:01+00:00 mail1 mx1/smtpd[1]: disconnect from a.test[192.0.2.1] ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4".to_owned());
    lines.push(format!("2026-11-21T10:05:02+00:00 mail1 mx1/qmgr[2]: {other}: from=<o@b.test>, size=1, nrcpt=1 (queue active)"));
    lines.push(format!("2026-11-21T10:05:02+00:00 mail1 mx1/lmtp[3]: {other}: to=<p@isp.test>, relay=mx1[private/lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=deferred (no)"));
    let drained = |every: usize| {
        let (mut reader, mut correlator, mut table) = (reader(), correlator(), logs::Table::default());
        for (number, line) in lines.iter().enumerate() {
            if let Some(line) = reader.read(line.as_bytes()) {
                correlator.feed(&line);
            }
            if number % every == 0 {
                table.apply(correlator.take_changed());
            }
        }
        table.apply(correlator.finish());
        table.rows()
    };
    assert_eq!(logs::difference(&drained(1), &rows(trace(&lines))), None);
}
