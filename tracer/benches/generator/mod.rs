//! A log as long as one likes: seeded, in the wording of real servers, with a provider's usual mix.
//!
//! Goes in: a seed and a number of lines. Comes out: lines in the order of their times, many mails interleaved, as two MX servers with postscreen,
//! postgrey and amavis and an outgoing server would write them into one file. The same seed gives the same bytes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// 2,000 hosted domains, a few of them much busier than the rest.
pub(crate) const DOMAINS: u32 = 2_000;
/// The first line's moment: 2026-11-02T06:00:00Z.
const BEGIN_MICROS: i64 = 1_793_599_200_000_000;

/// Writes at least `lines` lines and says how many.
pub(crate) fn write_log(seed: u64, lines: u64, header: Header, out: &mut impl Write) -> io::Result<u64> {
    let mut generator = Generator {
        rng: StdRng::seed_from_u64(seed),
        header,
        waiting: BinaryHeap::new(),
        order: 0,
        queue_number: 0,
        mails: 0,
    };
    let (mut written, mut now) = (0, BEGIN_MICROS);
    while written < lines {
        now += generator.rng.random_range(5_000..60_000);
        generator.mail(now);
        written += generator.write_until(now, out)?;
    }
    written += generator.write_until(i64::MAX, out)?;
    out.flush()?;
    Ok(written)
}

/// The name of a hosted domain by its number.
pub(crate) fn domain(number: u32) -> String {
    format!("kunde{number:04}.example")
}

/// The form of the lines' headers.
#[derive(Clone, Copy)]
#[expect(dead_code, reason = "each bench uses one of them")]
pub(crate) enum Header {
    /// `Nov 21 21:30:08 mail1 `
    Classic,
    /// `2026-11-21T21:30:08.744254Z mail1 `
    Iso,
}

struct Generator {
    header: Header,
    rng: StdRng,
    waiting: BinaryHeap<Reverse<(i64, u64, String)>>,
    order: u64,
    queue_number: u64,
    mails: u64,
}

/// One mail's way, its lines collected with their times.
struct Way {
    at: i64,
    sender: String,
    recipient: String,
    client: String,
    ip: String,
    message_id: String,
    size: u32,
}

impl Generator {
    fn write_until(&mut self, now: i64, out: &mut impl Write) -> io::Result<u64> {
        let mut written = 0;
        while let Some(Reverse((at, ..))) = self.waiting.peek() {
            if *at > now {
                break;
            }
            if let Some(Reverse((at, _, text))) = self.waiting.pop() {
                let stamp = Timestamp::from_microsecond(at).unwrap_or_default();
                match self.header {
                    Header::Iso => writeln!(out, "{stamp:.6} mail1 {text}")?,
                    Header::Classic => writeln!(out, "{} mail1 {text}", stamp.strftime("%b %e %H:%M:%S"))?,
                }
                written += 1;
            }
        }
        Ok(written)
    }

    fn line(&mut self, at: i64, text: String) {
        self.order += 1;
        self.waiting.push(Reverse((at, self.order, text)));
    }

    /// A short queue id (`mx1`, `mx2`, `out1` alike): never twice within a log.
    fn queue_id(&mut self) -> String {
        self.queue_number += 1;
        format!(
            "{:05X}{:06X}",
            self.rng.random_range(0..0xF_FFFF_u32),
            self.queue_number & 0xFF_FFFF
        )
    }

    /// A hosted domain, Zipf-like: domain 0 gets far more than domain 1,999.
    fn hosted(&mut self) -> String {
        let unit: f64 = self.rng.random_range(0.0..1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and DOMAINS"
        )]
        let number = (f64::from(DOMAINS).powf(unit) - 1.0) as u32;
        domain(number.min(DOMAINS - 1))
    }

    fn mail(&mut self, at: i64) {
        self.mails += 1;
        let number = self.mails;
        let host = self.rng.random_range(0..20_000_u32);
        let ours = self.hosted();
        let local = self.rng.random_range(0..60_u32);
        let way = Way {
            at,
            sender: format!("user{}@firma{}.test", self.rng.random_range(0..400_u32), host),
            recipient: format!("person{local}@{ours}"),
            client: format!("mail.firma{host}.test"),
            ip: format!(
                "{}.{}.{}.{}",
                11 + host % 180,
                host % 250,
                (host / 250) % 250,
                1 + host % 250
            ),
            message_id: format!(
                "{number:x}.{:x}@firma{host}.test",
                self.rng.random_range(0..u32::MAX)
            ),
            size: self.rng.random_range(900..90_000),
        };
        match self.rng.random_range(0..100_u32) {
            0..=47 => self.inbound(way, false),
            48..=53 => self.inbound(way, true),
            54..=68 => self.outbound(way),
            69..=75 => self.greylisted(way),
            76..=86 => self.refused(&way),
            87..=94 => self.blocked_by_postscreen(&way),
            _ => self.probing(&way),
        }
    }

    /// connect, client, Message-ID, active, filter, second queue id, mailbox, twice removed, disconnect.
    fn inbound(&mut self, way: Way, is_spam: bool) {
        let server = if self.rng.random_bool(0.5) { "mx1" } else { "mx2" };
        let (first, second) = (self.queue_id(), self.queue_id());
        let (pid, scan) = (
            self.rng.random_range(1000..1200_u32),
            self.rng.random_range(1..99_u32),
        );
        let Way {
            at,
            sender,
            recipient,
            client,
            ip,
            message_id,
            size,
        } = way;
        self.line(at, format!("{server}/smtpd[{pid}]: connect from {client}[{ip}]"));
        self.line(
            at + 120_000,
            format!("{server}/smtpd[{pid}]: {first}: client={client}[{ip}]"),
        );
        self.line(
            at + 180_000,
            format!("{server}/cleanup[1282]: {first}: message-id=<{message_id}>"),
        );
        self.line(
            at + 200_000,
            format!("{server}/qmgr[897]: {first}: from=<{sender}>, size={size}, nrcpt=1 (queue active)"),
        );
        self.line(at + 220_000, format!("{server}/smtpd[{pid}]: disconnect from {client}[{ip}] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"));
        let scanned = at + self.rng.random_range(600_000..2_500_000);
        if is_spam {
            self.line(scanned, format!("amavis[934]: (00934-{scan:02}) Blocked SPAM {{DiscardedInbound,Quarantined}}, [{ip}]:50513 [{ip}] <{sender}> -> <{recipient}>, quarantine: d/spam-{first}.gz, Queue-ID: {first}, Message-ID: <{message_id}>, mail_id: Q{first}, Hits: 21.4, size: {size}, 712 ms"));
            self.line(scanned + 1_000, format!("{server}/smtp[1320]: {first}: to=<{recipient}>, relay=127.0.0.1[127.0.0.1]:10026, delay=0.82, delays=0.02/0/0.01/0.79, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=00934-{scan:02} - spam)"));
            self.line(scanned + 1_500, format!("{server}/qmgr[897]: {first}: removed"));
            return;
        }
        self.line(scanned, format!("{server}/10025/smtpd[1331]: {second}: client=localhost[127.0.0.1], orig_queue_id={first}, orig_client={client}[{ip}]"));
        self.line(
            scanned + 8_000,
            format!("{server}/cleanup[1413]: {second}: message-id=<{message_id}>"),
        );
        self.line(
            scanned + 9_000,
            format!(
                "{server}/qmgr[897]: {second}: from=<{sender}>, size={}, nrcpt=1 (queue active)",
                size + 620
            ),
        );
        self.line(scanned + 10_000, format!("amavis[941]: (00941-{scan:02}) Passed CLEAN {{RelayedInbound}}, [{ip}]:46879 [{ip}] <{sender}> -> <{recipient}>, Queue-ID: {first}, Message-ID: <{message_id}>, mail_id: Q{first}, Hits: 0.798, size: {size}, queued_as: {second}, 771 ms"));
        self.line(scanned + 12_000, format!("{server}/smtp[1320]: {first}: to=<{recipient}>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.9, delays=0.03/0/0.07/1.8, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {second})"));
        self.line(scanned + 12_500, format!("{server}/qmgr[897]: {first}: removed"));
        match self.rng.random_range(0..40_u32) {
            0 => {
                let report = self.queue_id();
                self.line(scanned + 60_000, format!("{server}/lmtp[1297]: {second}: to=<{recipient}>, relay=mx.example[private/dovecot-lmtp], delay=0.07, delays=0.06/0/0/0, dsn=5.2.2, status=bounced (host mx.example[private/dovecot-lmtp] said: 552 5.2.2 <{recipient}> Mailbox is full (in reply to end of DATA command))"));
                self.line(scanned + 62_000, format!("{server}/cleanup[1413]: {report}: message-id=<{report}@{server}.example>"));
                self.line(scanned + 63_000, format!("{server}/bounce[1414]: {second}: sender non-delivery notification: {report}"));
                self.line(scanned + 64_000, format!("{server}/qmgr[897]: {report}: from=<>, size={}, nrcpt=1 (queue active)", size + 2200));
                self.line(scanned + 400_000, format!("{server}/smtp[1412]: {report}: to=<{sender}>, relay={client}[{ip}]:25, delay=0.3, delays=0/0/0.1/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {report}A)"));
                self.line(scanned + 401_000, format!("{server}/qmgr[897]: {report}: removed"));
            }
            _ => self.line(scanned + 60_000, format!("{server}/lmtp[1297]: {second}: to=<{recipient}>, relay=mx.example[private/dovecot-lmtp], delay=0.08, delays=0.05/0/0/0.02, dsn=2.0.0, status=sent (250 2.0.0 <{recipient}> S{second} Saved)")),
        }
        self.line(scanned + 65_000, format!("{server}/qmgr[897]: {second}: removed"));
    }

    fn outbound(&mut self, way: Way) {
        let id = self.queue_id();
        let pid = self.rng.random_range(1200..1300_u32);
        // Seen from here the hosted person is the sender.
        let Way {
            at,
            sender: to,
            recipient: from,
            client,
            ip,
            message_id,
            size,
        } = way;
        let relay = format!("{client}[{ip}]:25");
        self.line(
            at,
            format!("out1/submission/smtpd[{pid}]: connect from dsl.pool.example[192.0.2.77]"),
        );
        self.line(at + 90_000, format!("out1/submission/smtpd[{pid}]: {id}: client=dsl.pool.example[192.0.2.77], sasl_method=LOGIN, sasl_username={from}"));
        self.line(
            at + 140_000,
            format!("out1/cleanup[1250]: {id}: message-id=<{message_id}>"),
        );
        self.line(
            at + 150_000,
            format!("out1/qmgr[1133]: {id}: from=<{from}>, size={size}, nrcpt=1 (queue active)"),
        );
        self.line(at + 160_000, format!("out1/submission/smtpd[{pid}]: disconnect from dsl.pool.example[192.0.2.77] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8"));
        let mut tried = at + 900_000;
        match self.rng.random_range(0..20_u32) {
            0 => {
                self.line(tried, format!("out1/smtp[1271]: {id}: to=<{to}>, relay={relay}, delay=0.34, delays=0.13/0/0.16/0.05, dsn=5.1.1, status=bounced (host {client}[{ip}] said: 550 5.1.1 <{to}>: Recipient address rejected: User unknown in local recipient table (in reply to RCPT TO command))"));
                tried += 1_000;
            }
            1..=2 => {
                for _ in 0..self.rng.random_range(1..5_u32) {
                    self.line(tried, format!("out1/smtp[1253]: {id}: to=<{to}>, relay={relay}, delay=0.13, delays=0.11/0/0.01/0, dsn=4.3.2, status=deferred (host {client}[{ip}] said: 451 4.3.2 Please try again later (in reply to RCPT TO command))"));
                    tried += 300_000_000;
                }
                self.line(tried, format!("out1/smtp[1253]: {id}: to=<{to}>, relay={relay}, delay=900, delays=899/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 OK 1795296632 9ebab696d2 - gsmtp)"));
            }
            _ => self.line(tried, format!("out1/smtp[1275]: {id}: to=<{to}>, relay={relay}, delay=1, delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {id}F)")),
        }
        self.line(tried + 500, format!("out1/qmgr[1133]: {id}: removed"));
    }

    fn greylisted(&mut self, way: Way) {
        let Way {
            at,
            sender,
            recipient,
            client,
            ip,
            ..
        } = &way;
        let pid = self.rng.random_range(1000..1200_u32);
        self.line(*at, format!("mx1/smtpd[{pid}]: connect from {client}[{ip}]"));
        self.line(at + 50_000, format!("postgrey[351]: action=greylist, reason=new, client_name={client}, client_address={ip}, sender={sender}, recipient={recipient}"));
        self.line(at + 51_000, format!("mx1/smtpd[{pid}]: NOQUEUE: reject: RCPT from {client}[{ip}]: 450 4.2.0 <{recipient}>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.html; from=<{sender}> to=<{recipient}> proto=ESMTP helo=<{client}>"));
        self.line(
            at + 60_000,
            format!(
                "mx1/smtpd[{pid}]: disconnect from {client}[{ip}] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4"
            ),
        );
        if self.rng.random_bool(0.7) {
            let later = way.at + 400_000_000;
            self.line(later + 10_000, format!("postgrey[351]: action=pass, reason=triplet found, delay=400, client_name={}, client_address={}, sender={}, recipient={}", way.client, way.ip, way.sender, way.recipient));
            self.inbound(Way { at: later, ..way }, false);
        }
    }

    fn refused(&mut self, way: &Way) {
        let Way {
            at,
            sender,
            recipient,
            client,
            ip,
            ..
        } = way;
        let pid = self.rng.random_range(1000..1200_u32);
        self.line(*at, format!("mx2/smtpd[{pid}]: connect from {client}[{ip}]"));
        self.line(at + 50_000, format!("mx2/smtpd[{pid}]: NOQUEUE: reject: RCPT from {client}[{ip}]: 550 5.1.1 <{recipient}>: Recipient address rejected: User unknown in virtual mailbox table; from=<{sender}> to=<{recipient}> proto=ESMTP helo=<{client}>"));
        self.line(
            at + 60_000,
            format!(
                "mx2/smtpd[{pid}]: disconnect from {client}[{ip}] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4"
            ),
        );
    }

    fn blocked_by_postscreen(&mut self, way: &Way) {
        let Way {
            at,
            sender,
            recipient,
            client,
            ip,
            ..
        } = way;
        self.line(
            *at,
            format!("mx1/postscreen[1218]: CONNECT from [{ip}]:36269 to [192.0.2.25]:25"),
        );
        self.line(
            at + 2_000_000,
            format!("mx1/postscreen[1218]: DNSBL rank 3 for [{ip}]:36269"),
        );
        self.line(at + 2_050_000, format!("mx1/postscreen[1218]: NOQUEUE: reject: RCPT from [{ip}]:36269: 550 5.7.1 Service unavailable; client [{ip}] blocked using zen.dnsbl.example; from=<{sender}>, to=<{recipient}>, proto=ESMTP, helo=<{client}>"));
        self.line(
            at + 2_060_000,
            format!("mx1/postscreen[1218]: DISCONNECT [{ip}]:36269"),
        );
    }

    /// Connections that come to nothing: port scans, password guesses.
    fn probing(&mut self, way: &Way) {
        let Way { at, client, ip, .. } = way;
        let pid = self.rng.random_range(1000..1200_u32);
        self.line(
            *at,
            format!("out1/submission/smtpd[{pid}]: connect from {client}[{ip}]"),
        );
        self.line(at + 900_000, format!("out1/submission/smtpd[{pid}]: warning: {client}[{ip}]: SASL LOGIN authentication failed: (reason unavailable), sasl_username=admin"));
        self.line(
            at + 950_000,
            format!("out1/submission/smtpd[{pid}]: lost connection after AUTH from {client}[{ip}]"),
        );
        self.line(
            at + 951_000,
            format!(
                "out1/submission/smtpd[{pid}]: disconnect from {client}[{ip}] ehlo=1 auth=0/1 commands=1/2"
            ),
        );
    }
}
