//! Which records are asked for: by time, by who sent and who got them, by server and by client.
//!
//! Goes in: the options that `trace`, `show` and `top` share. Comes out: yes or no for a record. Different options must all be met; of one option
//! given several times any value will do.

use clap::Args;
use hashbrown::HashSet;
use jiff::tz::TimeZone;
use model::address::domain_of;
use model::query::{AddressPattern, RecordQuery};
use model::record::Record;
use model::time::Micros;

use crate::error::CommandError;

mod client;
mod moment;
mod pattern;

pub(crate) use client::ClientPattern;
use moment::{Edge, before, moment};
pub(crate) use pattern::Pattern;

/// The options.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Which mails")]
pub struct SelectArgs {
    /// Mails of the last hours, days ...: "3 hours", "2d", "1 week". Counted back from now, not from the log's end
    #[arg(long, value_name = "TIME", conflicts_with = "since")]
    last: Option<String>,
    /// Mails from this moment on: 2026-11-21, "2026-11-21 21:30", 21:30 (today), yesterday, 2026-11-21T21:30:00+02:00
    #[arg(long, value_name = "MOMENT")]
    since: Option<String>,
    /// Mails before this moment; a day is meant to its end
    #[arg(long, value_name = "MOMENT")]
    until: Option<String>,
    /// Mails from this address, *@example.org, or example.org for all of a domain; "<>" for mail without a sender
    #[arg(long, value_name = "ADDRESS", value_parser = Pattern::parse)]
    sender: Vec<Pattern>,
    /// Mails to this address, as it was written or as an alias made it; patterns as in --sender
    #[arg(long, visible_alias = "recipient", value_name = "ADDRESS", value_parser = Pattern::parse)]
    rcpt: Vec<Pattern>,
    /// Mails that this signed-in user sent; patterns as in --sender
    #[arg(long, value_name = "USER", value_parser = Pattern::parse)]
    user: Vec<Pattern>,
    /// Mails that were written in the webmail. Name its address, network or name, as in --webmail=10.0.0.7; without one, mail counts that a
    /// signed-in user handed in on the server itself, or from a host called webmail
    #[arg(long, value_name = "CLIENT", num_args = 0..=1, require_equals = true, value_parser = ClientPattern::parse)]
    webmail: Option<Vec<ClientPattern>>,
    /// Mails that this server took: its name as in the log, or mx*
    #[arg(long, value_name = "NAME", value_parser = Pattern::parse)]
    server: Vec<Pattern>,
    /// Mails that this client brought: an address (192.0.2.1), a network (192.0.2.0/24, 2001:db8::/32) or a name (*.example.org)
    #[arg(long, value_name = "CLIENT", value_parser = ClientPattern::parse)]
    client: Vec<ClientPattern>,
    /// A domain that we host (repeatable): sets the direction of a mail, and leaves mail out that concerns none
    #[arg(long = "our-domain", value_name = "DOMAIN")]
    our_domains: Vec<String>,
}

/// What is asked for, ready to be compared.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    since: Option<Micros>,
    until: Option<Micros>,
    args: SelectArgs,
    /// Hosted domains, lower case; empty when nobody named any.
    our_domains: HashSet<String>,
}

impl SelectArgs {
    /// Reads the moments; `zone` is that of moments without one.
    pub(crate) fn selection(&self, now: Micros, zone: &TimeZone) -> Result<Selection, CommandError> {
        let wrong = |option: &str| {
            let option = option.to_owned();
            move |why: String| CommandError::WrongUse(format!("--{option}: {why}"))
        };
        let since = match (&self.last, &self.since) {
            (Some(last), _) => Some(before(last, now, zone).map_err(wrong("last"))?),
            (None, Some(since)) => Some(moment(since, Edge::Begin, now, zone).map_err(wrong("since"))?),
            (None, None) => None,
        };
        let until = self
            .until
            .as_deref()
            .map(|until| moment(until, Edge::End, now, zone).map_err(wrong("until")))
            .transpose()?;
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(CommandError::WrongUse(
                "--until lies before the beginning: no mail can be between them".to_owned(),
            ));
        }
        let our_domains = self.our_domains.iter().map(|domain| {
            domain
                .trim_start_matches('@')
                .trim_end_matches('.')
                .to_lowercase()
        });
        Ok(Selection {
            since,
            until,
            our_domains: our_domains.collect(),
            args: self.clone(),
        })
    }
}

impl Selection {
    /// Whether the record is asked for.
    pub(crate) fn wants(&self, record: &Record) -> bool {
        let args = &self.args;
        let any = |patterns: &[Pattern], value: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.fits(value))
        };
        self.since.is_none_or(|since| record.connected_at >= since)
            && self.until.is_none_or(|until| record.connected_at < until)
            && any(&args.sender, &record.sender)
            && (any(&args.rcpt, &record.recipient)
                || record
                    .original_recipient
                    .as_deref()
                    .is_some_and(|original| any(&args.rcpt, original)))
            && (args.user.is_empty()
                || record
                    .sasl_user
                    .as_deref()
                    .is_some_and(|user| any(&args.user, user)))
            && any(&args.server, &record.server)
            && (args.client.is_empty() || args.client.iter().any(|client| client.fits(record)))
            && args
                .webmail
                .as_ref()
                .is_none_or(|webmail| client::is_webmail(webmail, record))
            && (self.our_domains.is_empty() || self.direction(record).is_some())
    }

    /// `inbound`, `outbound` or `both`, when hosted domains were named.
    pub(crate) fn direction(&self, record: &Record) -> Option<&'static str> {
        let to_us = self.is_ours(&record.recipient)
            || record
                .original_recipient
                .as_deref()
                .is_some_and(|original| self.is_ours(original));
        // A signed-in user belongs to the domain of his sign-in name, whatever sender he writes: it is the only proven one.
        let from_us = self.is_ours(&record.sender)
            || record.sasl_user.as_deref().is_some_and(|user| self.is_ours(user));
        match (to_us, from_us) {
            (true, true) => Some("both"),
            (true, false) => Some("inbound"),
            (false, true) => Some("outbound"),
            (false, false) => None,
        }
    }

    fn is_ours(&self, address: &str) -> bool {
        domain_of(address).is_some_and(|domain| self.our_domains.contains(domain))
    }

    /// Domains that were named as hosted.
    pub(crate) const fn our_domains(&self) -> &HashSet<String> {
        &self.our_domains
    }

    /// Sets the hosted domains, unless the command line has named some.
    pub(crate) fn host(&mut self, domains: &[String]) {
        if self.our_domains.is_empty() {
            self.our_domains.extend(domains.iter().cloned());
        }
    }

    /// As much of it as a database can decide.
    pub(crate) fn query(&self) -> RecordQuery {
        RecordQuery {
            since: self.since,
            until: self.until,
            senders: patterns(&self.args.sender),
            recipients: patterns(&self.args.rcpt),
            ..RecordQuery::default()
        }
    }
}

/// The patterns that a database can decide; nothing, which means everything, when it cannot decide one of them.
fn patterns(typed: &[Pattern]) -> Vec<AddressPattern> {
    let known: Option<Vec<AddressPattern>> = typed
        .iter()
        .map(|pattern| match pattern {
            Pattern::Exact(address) => Some(AddressPattern::Exact(address.clone())),
            Pattern::Domain(domain) => Some(AddressPattern::Domain(domain.clone())),
            Pattern::Wild(_) => None,
        })
        .collect();
    known.unwrap_or_default()
}
