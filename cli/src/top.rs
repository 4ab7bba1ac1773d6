//! `mailfate top`: who gets and sends most, what fails and waits most, figures for users and domains.
//!
//! Goes in: a log, or stored records, and what is counted. Comes out: the largest counts. Memory is bounded: when there are too many different names, those that were
//! seen least are forgotten, and that is said.

use clap::{Args, ValueEnum};
use hashbrown::HashSet;
use model::address::domain_of;
use model::record::Record;
use model::verdict::Outcome;
use serde_json::Value;

use crate::Clock;
use crate::error::CommandError;
use crate::print::{Align, Column, Format, Rows};
use crate::select::SelectArgs;
use crate::show::What as Fate;
use crate::stored::{Stored, records_of};
use crate::trace::{LogArgs, Screen, say};

mod tally;

use tally::{Count, Mails, Tally};

/// What `mailfate top` takes.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TopArgs {
    /// What is counted
    #[arg(value_enum)]
    what: What,
    #[command(flatten)]
    log: LogArgs,
    /// Only addresses and domains of our own: those named by --our-domain, else those that the log shows mailboxes of, or that the database hosts
    #[arg(long, conflicts_with = "remote")]
    local: bool,
    /// Only addresses and domains of others
    #[arg(long)]
    remote: bool,
    /// How many are printed; 0 is all
    #[arg(short, long = "number", value_name = "N", default_value_t = 10)]
    number: usize,
    /// How they are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    select: SelectArgs,
}

const EXAMPLES: &str = "\
Examples:
  mailfate top senders /var/log/mail.log                  who sent most
  mailfate top recipients --local -n 20 LOG               which of our mailboxes got most
  mailfate top failures --last \"1 day\" LOG                what goes wrong most often, and where
  mailfate top user-stats --format csv LOG > users.csv    figures for each signed-in user
  mailfate top deferrals --last \"1 hour\"                  the same questions to the database

Exit code: 0 something found, 1 nothing found, 2 wrong use, 3 failed.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Addresses that were written to
    Recipients,
    /// Addresses that wrote
    Senders,
    /// Why mails wait, and for which domain
    Deferrals,
    /// Why mails failed, and for which domain
    Failures,
    /// Mails, recipients, failures and bytes of each signed-in user
    UserStats,
    /// Mails to and from each domain
    DomainStats,
}

impl TopArgs {
    /// Whether log files are named; without them stored records are counted.
    pub fn names_files(&self) -> bool {
        self.log.names_files()
    }
}

/// Runs `top` on the named logs, or on stored records; says whether anything was counted.
///
/// # Errors
/// See [`CommandError`]. What was counted before an error is printed.
pub fn run(args: &TopArgs, clock: Clock<'_>, stored: Option<Stored<'_>>) -> Result<bool, CommandError> {
    let begin = clock.now();
    let mut selection = args.select.selection(begin, &args.log.tz)?;
    if let Some(stored) = &stored {
        selection.host(&stored.our_domains);
    }
    let query = selection.query();
    let mut counting = Counting::new(args.what);
    let mut counted = 0;
    let summary = records_of(&args.log, stored, query, clock, Screen::Quiet, |record| {
        counting.learn(record);
        if selection.wants(record) {
            counted += 1;
            counting.count(record);
        }
        Ok(())
    })?;
    let learned = std::mem::take(&mut counting.our_domains);
    let ours = if selection.our_domains().is_empty() {
        &learned
    } else {
        selection.our_domains()
    };
    let side = match (args.local, args.remote) {
        (true, _) => Some(Side::Local),
        (_, true) => Some(Side::Remote),
        _ => None,
    };
    let rarest = counting.tally.forgotten();
    let rows = counting.rows(args.number, |domain| match side {
        None => true,
        Some(side) => (side == Side::Local) == ours.contains(domain),
    });
    let is_found = !rows.rows.is_empty();
    rows.print(args.format)?;
    if rarest > 0 {
        say(&format!(
            "mailfate: there were too many different names to count them all; names that occurred less than {rarest} times may be missing"
        ));
    }
    summary.report(&args.log, counted, clock.now().0 - begin.0)?;
    Ok(is_found)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Local,
    Remote,
}

/// Domains whose mailboxes a log may show; more than any provider has.
const MOST_DOMAINS: usize = 1_000_000;

struct Counting {
    what: What,
    tally: Tally,
    mails: Mails,
    /// Domains that the log shows mailboxes or aliases of.
    our_domains: HashSet<String>,
}

impl Counting {
    fn new(what: What) -> Self {
        Self {
            what,
            tally: Tally::default(),
            mails: Mails::default(),
            our_domains: HashSet::new(),
        }
    }

    /// Remembers whose mailboxes are here.
    fn learn(&mut self, record: &Record) {
        if matches!(
            record.verdict.outcome,
            Outcome::Delivered | Outcome::Junked | Outcome::Forwarded
        ) && let Some(domain) = domain_of(&record.recipient)
            && self.our_domains.len() < MOST_DOMAINS
            && !self.our_domains.contains(domain)
        {
            self.our_domains.insert(domain.to_owned());
        }
    }

    fn count(&mut self, record: &Record) {
        let verdict = record.verdict;
        let outcome = verdict.outcome;
        let is_new = self.mails.is_new(record);
        let bytes = record.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        let one = Count {
            mails: u64::from(is_new),
            recipients: 1,
            failures: u64::from(Fate::Failures.includes(outcome)),
            bytes: if is_new { bytes } else { 0 },
            ..Count::default()
        };
        let recipient = &record.recipient;
        match self.what {
            What::Recipients => {
                let one = Count {
                    mails: 1,
                    bytes,
                    ..one
                };
                self.tally.add(recipient, one);
            }
            What::Senders => self.tally.add(&record.sender, one),
            What::UserStats => {
                if let Some(user) = &record.sasl_user {
                    self.tally.add(user, one);
                }
            }
            What::Deferrals | What::Failures => {
                let fate = match self.what {
                    What::Failures => Fate::Failures,
                    _ => Fate::Deferrals,
                };
                if fate.includes(outcome) {
                    let key = format!(
                        "{}\t{}",
                        verdict.reason,
                        domain_of(recipient).unwrap_or(recipient)
                    );
                    self.tally.add_example(
                        &key,
                        Count {
                            mails: 1,
                            ..Count::default()
                        },
                        record.record_id,
                        record.reply.as_deref().unwrap_or_default(),
                    );
                }
            }
            What::DomainStats => {
                if let Some(domain) = domain_of(recipient) {
                    let inwards = Count {
                        mails: 1,
                        recipients: 0,
                        bytes,
                        ..one
                    };
                    self.tally.add(domain, inwards);
                }
                if let Some(domain) = domain_of(&record.sender) {
                    let outwards = Count {
                        out_mails: 1,
                        out_failures: one.failures,
                        out_bytes: bytes,
                        ..Count::default()
                    };
                    self.tally.add(domain, outwards);
                }
            }
        }
    }

    /// The largest, of those whose domain `is_wanted`.
    fn rows(self, number: usize, is_wanted: impl Fn(&str) -> bool) -> Rows {
        let what = self.what;
        let largest = self.tally.largest(number, |key| match what {
            What::Deferrals | What::Failures => {
                is_wanted(key.split_once('\t').map_or(key, |(_, domain)| domain))
            }
            What::DomainStats => is_wanted(key),
            What::Recipients | What::Senders | What::UserStats => {
                is_wanted(domain_of(key).unwrap_or_default())
            }
        });
        let rows = largest
            .into_iter()
            .map(|(key, count, example)| row(what, &key, count, example))
            .collect();
        Rows {
            columns: columns(what),
            rows,
        }
    }
}

fn columns(what: What) -> Vec<Column> {
    let names: &[&str] = match what {
        What::Recipients => &["mails", "failures", "bytes", "recipient"],
        What::Senders => &["mails", "recipients", "failures", "bytes", "sender"],
        What::UserStats => &["mails", "recipients", "failures", "bytes", "user"],
        What::Deferrals | What::Failures => &["mails", "reason", "domain", "example"],
        What::DomainStats => &[
            "in",
            "in_failures",
            "in_bytes",
            "out",
            "out_failures",
            "out_bytes",
            "domain",
        ],
    };
    let is_word = |name: &&str| {
        matches!(
            *name,
            "recipient" | "sender" | "user" | "reason" | "domain" | "example"
        )
    };
    names
        .iter()
        .map(|name| Column {
            name,
            align: if is_word(name) { Align::Left } else { Align::Right },
        })
        .collect()
}

fn row(what: What, key: &str, count: Count, example: Option<String>) -> Vec<Value> {
    let name = || Value::from(if key.is_empty() { "<>" } else { key });
    match what {
        What::Recipients => vec![
            count.mails.into(),
            count.failures.into(),
            count.bytes.into(),
            name(),
        ],
        What::Senders | What::UserStats => vec![
            count.mails.into(),
            count.recipients.into(),
            count.failures.into(),
            count.bytes.into(),
            name(),
        ],
        What::Deferrals | What::Failures => {
            let (reason, domain) = key.split_once('\t').unwrap_or((key, ""));
            let domain = if domain.is_empty() { "<>" } else { domain };
            vec![
                count.mails.into(),
                reason.into(),
                domain.into(),
                example.unwrap_or_default().into(),
            ]
        }
        What::DomainStats => vec![
            count.mails.into(),
            count.failures.into(),
            count.bytes.into(),
            count.out_mails.into(),
            count.out_failures.into(),
            count.out_bytes.into(),
            name(),
        ],
    }
}
