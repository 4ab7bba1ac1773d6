//! The knowledge base: which reply text, enhanced status code or basic code means which reason, and who can act.
//!
//! Goes in: what a log line says about a refusal. Comes out: reason, actor and confidence. Rules are data (`model/knowledge/rules.toml`), read
//! once; specific text beats the enhanced code, the enhanced code beats vague text and the basic code. All phrases of all rules are looked for
//! in one pass over the text. Deliberately not here: sentences for people, and who the viewer is (see [`Verdict::seen_from`]).
//!
//! [`Verdict::seen_from`]: crate::verdict::Verdict::seen_from

mod codes;
mod reply;

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::Deserialize;

use self::codes::{CodePattern, StatusCode, StatusPattern, basic_code_in, status_code_in};
use self::reply::{is_quoted_from_afar, without_names};
use crate::verdict::{Actor, Confidence, Outcome, Reason};

/// What is known about a refusal or deferral.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What happened, as far as the correlator knows.
    pub outcome: Outcome,
    /// The basic reply code (`550`).
    pub reply_code: Option<u16>,
    /// The enhanced status code (`5.1.1`, RFC 3463).
    pub dsn: Option<&'a str>,
    /// The reply text or the log's own words.
    pub text: &'a str,
}

/// What the knowledge base makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Why.
    pub reason: Reason,
    /// Which party can act: never [`Actor::You`], which only a direction can tell.
    pub actor: Actor,
    /// How it was found.
    pub confidence: Confidence,
}

/// Finds the reason behind a refusal.
pub fn explain(evidence: &Evidence<'_>) -> Explanation {
    if let Some(known) = by_outcome(evidence.outcome) {
        return known;
    }
    RULES
        .find(&Facts::of(evidence))
        .unwrap_or_else(|| without_rule(evidence.outcome))
}

/// How many rules there are, for the programs that report about themselves.
pub fn number_of_rules() -> usize {
    RULES.tiers.iter().map(|tier| tier.rules.len()).sum()
}

/// Outcomes that need no text.
const fn by_outcome(outcome: Outcome) -> Option<Explanation> {
    let (reason, actor) = match outcome {
        Outcome::Delivered
        | Outcome::HandedOver
        | Outcome::Forwarded
        | Outcome::Released
        | Outcome::NoTrace
        | Outcome::InProgress => (Reason::Ok, Actor::Nobody),
        Outcome::Junked => (Reason::Spam, Actor::Recipient),
        Outcome::Greylisted => (Reason::GreylistNew, Actor::Nobody),
        Outcome::Deferred
        | Outcome::Quarantined
        | Outcome::Held
        | Outcome::Rejected
        | Outcome::Bounced
        | Outcome::Expired
        | Outcome::Discarded => return None,
    };
    Some(Explanation {
        reason,
        actor,
        confidence: Confidence::Exact,
    })
}

/// What an outcome says by itself when no rule knows its text.
const fn without_rule(outcome: Outcome) -> Explanation {
    let (reason, actor, confidence) = match outcome {
        Outcome::Expired => (Reason::TimeoutExpired, Actor::Sender, Confidence::Exact),
        Outcome::Quarantined => (Reason::Spam, Actor::Sender, Confidence::Guess),
        Outcome::Held | Outcome::Discarded => (Reason::PolicyLocal, Actor::Provider, Confidence::Guess),
        Outcome::Deferred
        | Outcome::Rejected
        | Outcome::Bounced
        | Outcome::Delivered
        | Outcome::Junked
        | Outcome::HandedOver
        | Outcome::Forwarded
        | Outcome::Released
        | Outcome::Greylisted
        | Outcome::NoTrace
        | Outcome::InProgress => (Reason::Unclassified, Actor::Nobody, Confidence::Guess),
    };
    Explanation {
        reason,
        actor,
        confidence,
    }
}

static RULES: LazyLock<RuleBook> = LazyLock::new(|| {
    RuleBook::parse(include_str!("../../knowledge/rules.toml"))
        .expect("invariant: model/knowledge/rules.toml is valid, the tests read it")
});

/// Evidence in the form that rules look at.
struct Facts<'a> {
    text: &'a str,
    found: Found,
    code: Option<u16>,
    dsn: Option<StatusCode>,
    at_door: bool,
}

impl<'a> Facts<'a> {
    fn of(evidence: &Evidence<'a>) -> Self {
        let text = evidence.text;
        let given = evidence
            .dsn
            .and_then(StatusCode::parse)
            .filter(|status| (status.subject, status.detail) != (0, 0));
        Self {
            found: RULES.phrases_in(&without_names(text)),
            code: evidence.reply_code.or_else(|| basic_code_in(text)),
            dsn: given.or_else(|| status_code_in(text)),
            at_door: evidence.outcome == Outcome::Rejected,
            text,
        }
    }
}

/// The rules in the order in which they are tried, and the one automaton that finds all their phrases.
struct RuleBook {
    tiers: Vec<Tier>,
    phrases: Vec<Phrase>,
    automaton: AhoCorasick,
}

/// What one pass over a text found.
#[derive(Default)]
struct Found {
    phrases: BitSet<PHRASE_WORDS>,
    /// Rules of which at least one phrase is there: the others need no second look.
    rules: BitSet<RULE_WORDS>,
}

const PHRASE_WORDS: usize = 24;
const RULE_WORDS: usize = 4;

struct Tier {
    confidence: Confidence,
    rules: Vec<Rule>,
}

struct Rule {
    number: usize,
    reason: Reason,
    actor: Actor,
    /// Any of these sets of phrases, each wholly present.
    texts: Vec<Vec<usize>>,
    unless: Vec<usize>,
    codes: Vec<CodePattern>,
    statuses: Vec<StatusPattern>,
    at_door: Option<bool>,
    remote: Option<bool>,
}

/// A phrase may ask for a word boundary at either end.
struct Phrase {
    bounded_left: bool,
    bounded_right: bool,
    rules: BitSet<RULE_WORDS>,
}

impl RuleBook {
    fn parse(source: &str) -> Result<Self, RulesError> {
        let file: RulesFile = toml::from_str(source)?;
        let mut index = PhraseIndex::default();
        let mut tiers = Vec::new();
        let mut number = 0..;
        for (confidence, rules) in [
            (Confidence::Exact, file.text),
            (Confidence::Code, file.code),
            (Confidence::Guess, file.hint),
            (Confidence::Code, file.basic),
            (Confidence::Guess, file.class),
        ] {
            let rules = rules
                .iter()
                .zip(&mut number)
                .map(|(rule, number)| Rule::build(rule, number, &mut index))
                .collect::<Result<_, _>>()?;
            tiers.push(Tier { confidence, rules });
        }
        for (what, number, most) in [
            ("phrases", index.patterns.len(), PHRASE_WORDS * 64),
            (
                "rules",
                tiers.iter().map(|tier| tier.rules.len()).sum(),
                RULE_WORDS * 64,
            ),
        ] {
            if number > most {
                return Err(RulesError::TooMany { what, number, most });
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            // A DFA is faster to search and takes a tenth of a second to build, for every short command too.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::Standard)
            .build(&index.patterns)?;
        Ok(Self {
            tiers,
            phrases: index.phrases,
            automaton,
        })
    }

    /// One pass over the text for all phrases of all rules.
    fn phrases_in(&self, text: &str) -> Found {
        let bytes = text.as_bytes();
        let is_word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
        let mut found = Found::default();
        for hit in self.automaton.find_overlapping_iter(text) {
            let id = hit.pattern().as_usize();
            let Some(phrase) = self.phrases.get(id) else {
                continue;
            };
            let joined_left = phrase.bounded_left && hit.start() > 0 && is_word(bytes.get(hit.start() - 1));
            let joined_right = phrase.bounded_right && is_word(bytes.get(hit.end()));
            if !joined_left && !joined_right {
                found.phrases.insert(id);
                found.rules.add_all(&phrase.rules);
            }
        }
        found
    }

    fn find(&self, facts: &Facts<'_>) -> Option<Explanation> {
        self.tiers.iter().find_map(|tier| {
            let rule = tier.rules.iter().find(|rule| rule.matches(facts))?;
            Some(Explanation {
                reason: rule.reason,
                actor: rule.actor,
                confidence: tier.confidence,
            })
        })
    }
}

impl Rule {
    fn build(source: &RuleSource, number: usize, index: &mut PhraseIndex) -> Result<Self, RulesError> {
        if source.actor == Actor::You {
            return Err(RulesError::Invalid("actor", "you".to_owned()));
        }
        if source.texts.is_empty() && source.code.is_empty() && source.dsn.is_empty() {
            return Err(RulesError::Invalid(
                "rule without a condition",
                source.reason.to_string(),
            ));
        }
        let texts: Vec<Vec<usize>> = source
            .texts
            .iter()
            .map(|text| text.split(" & ").map(|phrase| index.add(phrase)).collect())
            .collect::<Result<_, _>>()?;
        for &phrase in texts.iter().flatten() {
            if let Some(phrase) = index.phrases.get_mut(phrase) {
                phrase.rules.insert(number);
            }
        }
        Ok(Self {
            number,
            reason: source.reason,
            actor: source.actor,
            texts,
            unless: source
                .unless
                .iter()
                .map(|phrase| index.add(phrase))
                .collect::<Result<_, _>>()?,
            codes: source
                .code
                .iter()
                .map(|text| CodePattern::parse(text).ok_or_else(|| RulesError::Invalid("code", text.clone())))
                .collect::<Result<_, _>>()?,
            statuses: source
                .dsn
                .iter()
                .map(|text| {
                    StatusPattern::parse(text).ok_or_else(|| RulesError::Invalid("dsn", text.clone()))
                })
                .collect::<Result<_, _>>()?,
            at_door: source.at.map(|at| at == At::Door),
            remote: source.from.map(|from| from == From::Remote),
        })
    }

    fn matches(&self, facts: &Facts<'_>) -> bool {
        let found = &facts.found.phrases;
        let all_found = |set: &Vec<usize>| set.iter().all(|&phrase| found.contains(phrase));
        let says_it = || facts.found.rules.contains(self.number) && self.texts.iter().any(all_found);
        let holds = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        (self.texts.is_empty() || says_it())
            && holds(self.at_door, facts.at_door)
            && (self.codes.is_empty()
                || facts
                    .code
                    .is_some_and(|code| self.codes.iter().any(|pattern| pattern.fits(code))))
            && (self.statuses.is_empty()
                || facts
                    .dsn
                    .is_some_and(|status| self.statuses.iter().any(|pattern| pattern.fits(status))))
            && !self.unless.iter().any(|&phrase| found.contains(phrase))
            && (self.remote.is_none() || holds(self.remote, is_quoted_from_afar(facts.text)))
    }
}

/// A set of small numbers.
struct BitSet<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Default for BitSet<WORDS> {
    fn default() -> Self {
        Self([0; WORDS])
    }
}

impl<const WORDS: usize> BitSet<WORDS> {
    fn insert(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    fn add_all(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    fn contains(&self, number: usize) -> bool {
        self.0
            .get(number / 64)
            .is_some_and(|word| word & (1 << (number % 64)) != 0)
    }
}

/// Gives each different phrase one number.
#[derive(Default)]
struct PhraseIndex {
    patterns: Vec<String>,
    phrases: Vec<Phrase>,
    known: HashMap<String, usize>,
}

impl PhraseIndex {
    fn add(&mut self, written: &str) -> Result<usize, RulesError> {
        if let Some(&id) = self.known.get(written) {
            return Ok(id);
        }
        let pattern = written.strip_prefix('|').unwrap_or(written);
        let pattern = pattern.strip_suffix('|').unwrap_or(pattern);
        let is_bounded = written.starts_with('|') && written.ends_with('|');
        if pattern.len() < 2
            || pattern.len() == 2 && !is_bounded
            || !pattern.is_ascii()
            || pattern != pattern.to_ascii_lowercase()
        {
            return Err(RulesError::Invalid("phrase", written.to_owned()));
        }
        let id = self.patterns.len();
        self.patterns.push(pattern.to_owned());
        self.phrases.push(Phrase {
            bounded_left: written.starts_with('|'),
            bounded_right: written.ends_with('|'),
            rules: BitSet::default(),
        });
        self.known.insert(written.to_owned(), id);
        Ok(id)
    }
}

/// Why `rules.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
enum RulesError {
    #[error("not readable: {0}")]
    Toml(#[from] toml::de::Error),
    #[error("invalid {0}: {1:?}")]
    Invalid(&'static str, String),
    #[error("{number} {what}, at most {most}")]
    TooMany {
        what: &'static str,
        number: usize,
        most: usize,
    },
    #[error("the automaton cannot be built: {0}")]
    Automaton(#[from] aho_corasick::BuildError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    text: Vec<RuleSource>,
    code: Vec<RuleSource>,
    hint: Vec<RuleSource>,
    basic: Vec<RuleSource>,
    class: Vec<RuleSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSource {
    reason: Reason,
    actor: Actor,
    #[serde(default)]
    texts: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    code: Vec<String>,
    #[serde(default)]
    dsn: Vec<String>,
    at: Option<At>,
    from: Option<From>,
    /// For the reader of the file only.
    #[serde(default, rename = "note")]
    _note: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum At {
    Door,
    Beyond,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum From {
    Remote,
    Local,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks a reply up the way a log line tells it: nothing known but the text.
    fn reason_of(outcome: Outcome, text: &str) -> (Reason, Actor, Confidence) {
        let explanation = explain(&Evidence {
            outcome,
            reply_code: None,
            dsn: None,
            text,
        });
        (explanation.reason, explanation.actor, explanation.confidence)
    }

    #[test]
    fn the_rules_are_readable() {
        let rules = RuleBook::parse(include_str!("../../knowledge/rules.toml"))
            .map(|book| book.tiers.len())
            .map_err(|error| error.to_string());
        assert_eq!(rules, Ok(5));
    }

    #[test]
    fn a_broken_rule_is_named() {
        let with = |rule: &str| {
            let source = format!("code = []\nhint = []\nbasic = []\nclass = []\n[[text]]\n{rule}");
            RuleBook::parse(&source).err().map(|error| error.to_string())
        };
        let broken = |rule| with(rule).unwrap_or_default();
        assert!(broken("reason = \"nonsense\"\nactor = \"sender\"").contains("nonsense"));
        assert_eq!(
            broken("reason = \"spam\"\nactor = \"you\"\ntexts = [\"spam\"]"),
            "invalid actor: \"you\""
        );
        assert_eq!(
            broken("reason = \"spam\"\nactor = \"sender\"\ntexts = [\"SPAM\"]"),
            "invalid phrase: \"SPAM\""
        );
        assert_eq!(
            broken("reason = \"spam\"\nactor = \"sender\"\ndsn = [\"6.1\"]"),
            "invalid dsn: \"6.1\""
        );
        assert_eq!(
            with("reason = \"spam\"\nactor = \"sender\"\ntexts = [\"junk\"]"),
            None
        );
    }

    /// Replies as the big receivers and the usual programs word them, all addresses invented.
    #[test]
    fn known_replies_have_known_reasons() {
        use Outcome::{Bounced, Deferred, Discarded, Expired, Held, Quarantined, Rejected};
        use Reason as R;
        let table = [
            (
                Bounced,
                R::UserUnknown,
                "host mx.corp.test[198.51.100.20] said: 550 5.1.1 <a@corp.test>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)",
            ),
            (
                Bounced,
                R::UserUnknown,
                "550 5.4.1 Recipient address rejected: Access denied. [AM4PEPF00027A5D.eurprd04.prod.outlook.com]",
            ),
            (
                Bounced,
                R::UserUnknown,
                "554 delivery error: dd This user doesn't have a yahoo.com account",
            ),
            (
                Bounced,
                R::UserUnknown,
                "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking",
            ),
            (
                Rejected,
                R::UserUnknown,
                "rejected RCPT <a@kundi.test>: Unrouteable address",
            ),
            (
                Bounced,
                R::UserUnknown,
                "Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/",
            ),
            (Bounced, R::UserUnknown, "User unknown"),
            (
                Bounced,
                R::DomainUnknown,
                "Host or domain name not found. Name service error for name=virus.test type=MX: Host not found",
            ),
            (
                Bounced,
                R::DomainUnknown,
                "Domain nomail.test does not accept mail (nullMX)",
            ),
            (
                Bounced,
                R::DomainUnknown,
                "Host unknown (Name server: nxdomain.test: host not found)",
            ),
            (
                Bounced,
                R::DomainUnknown,
                "an MX or SRV record indicated no SMTP service",
            ),
            (
                Bounced,
                R::DomainUnknown,
                "Sorry,_I_couldn't_find_any_host_named_nxdomain.test._(#5.1.2)/",
            ),
            (
                Deferred,
                R::DnsFailure,
                "Host or domain name not found. Name service error for name=servfail.test type=MX: Host not found, try again",
            ),
            (
                Bounced,
                R::MailboxDisabled,
                "host aspmx.test[192.0.2.1] said: 550 5.2.1 The email account that you tried to reach is disabled.",
            ),
            (
                Rejected,
                R::MailboxDisabled,
                "550 5.1.6 <a@isp.test>: Recipient address rejected: mailbox closed, customer left",
            ),
            (
                Rejected,
                R::Moved,
                "550 5.1.6 <a@isp.test>: Recipient address rejected: User has moved to b@isp.test",
            ),
            (
                Deferred,
                R::SenderInvalid,
                "450 4.1.8 <a@nxdomain.test>: Sender address rejected: Domain not found",
            ),
            (
                Rejected,
                R::SenderInvalid,
                "rejected RCPT <a@isp.test>: Sender verify failed",
            ),
            (Bounced, R::MailboxFull, "552 5.2.2 <a@isp.test> Mailbox is full"),
            (
                Bounced,
                R::MailboxFull,
                "552-Requested mail action aborted: exceeded storage allocation",
            ),
            (
                Deferred,
                R::MailboxFull,
                "452-4.2.2 The recipient's inbox is out of storage space.",
            ),
            (
                Rejected,
                R::TooLarge,
                "552 5.3.4 Message size exceeds fixed limit",
            ),
            (Deferred, R::TooManyRcpts, "452 4.5.3 Error: too many recipients"),
            (
                Deferred,
                R::RemoteOverload,
                "host mx.test[192.0.2.1] refused to talk to me: 421 4.3.2 Service not available, too busy",
            ),
            (
                Deferred,
                R::RemoteOverload,
                "451 4.3.2 Please try again later, content scanner is busy",
            ),
            (
                Deferred,
                R::GreylistNew,
                "450 4.2.0 <a@isp.test>: Recipient address rejected: Greylisted, see http://postgrey.test/help",
            ),
            (
                Deferred,
                R::GreylistNew,
                "450 4.3.2 Service currently unavailable",
            ),
            (Deferred, R::GreylistNew, "4.7.1 Try again later"),
            (
                Deferred,
                R::RateRecipient,
                "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
            ),
            (
                Deferred,
                R::RateSender,
                "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain",
            ),
            (
                Deferred,
                R::RateSender,
                "421 Rate limit reached. Please try again later.",
            ),
            (
                Deferred,
                R::DkimFail,
                "421-4.7.30 Your email has been rate limited because DKIM authentication didn't pass for this message. - gsmtp",
            ),
            (
                Deferred,
                R::DmarcFail,
                "421-4.7.26 This email has been rate limited because it is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp",
            ),
            (
                Deferred,
                R::TooManyConn,
                "421 4.7.0 mx1.test Error: too many connections from 192.0.2.30",
            ),
            (
                Deferred,
                R::Unreachable,
                "connect to mx.test[192.0.2.1]:25: Connection timed out",
            ),
            (
                Deferred,
                R::Unreachable,
                "lost connection with mx.test[192.0.2.1] while sending RCPT TO",
            ),
            (
                Deferred,
                R::Unreachable,
                "all hosts for 'corp.test' have been failing for a long time (and retry time not reached)",
            ),
            (
                Deferred,
                R::TlsFailed,
                "TLS is required, but was not offered by host mx.test[192.0.2.1]",
            ),
            (Deferred, R::TlsFailed, "Server certificate not verified"),
            (Bounced, R::Loop, "mail for virus.test loops back to myself"),
            (Rejected, R::Loop, "message rejected: hopcount exceeded"),
            (Expired, R::TimeoutExpired, "retry timeout exceeded"),
            (
                Bounced,
                R::SpfFail,
                "550-5.7.26 The MAIL FROM domain [corp.test] has an SPF record with a hard fail policy (-all) but it fails to pass SPF checks",
            ),
            (
                Rejected,
                R::SpfFail,
                "550 5.7.23 <a@isp.test>: Recipient address rejected: Message rejected due to: SPF fail - not authorized.",
            ),
            (
                Bounced,
                R::SpfFail,
                "550-Requested action not taken: mailbox unavailable 550 Reject due to SPF policy.",
            ),
            (Bounced, R::DkimFail, "550 5.7.20 No passing DKIM signature found"),
            (
                Bounced,
                R::DmarcFail,
                "550-5.7.26 Unauthenticated email from corp.test is not accepted due to domain's 550-5.7.26 DMARC policy.",
            ),
            (
                Bounced,
                R::DmarcFail,
                "550 5.7.515 Access denied, sending domain CORP.TEST does not meet the required authentication level.",
            ),
            (
                Deferred,
                R::PtrMissing,
                "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.9]",
            ),
            (
                Bounced,
                R::PtrMissing,
                "550-5.7.25 [192.0.2.9] The IP address sending this message does not have a PTR record setup",
            ),
            (
                Rejected,
                R::HeloBad,
                "504 5.5.2 <localpc>: Helo command rejected: need fully-qualified hostname",
            ),
            (Rejected, R::HeloBad, "550 5.5.1 Protocol error"),
            (
                Rejected,
                R::AuthRequired,
                "553 5.7.1 <a@isp.test>: Sender address rejected: not logged in",
            ),
            (
                Bounced,
                R::AuthRequired,
                "530 5.7.57 Client not authenticated to send mail.",
            ),
            (
                Rejected,
                R::RelayDenied,
                "554 5.7.1 <a@far.test>: Relay access denied",
            ),
            (
                Rejected,
                R::SenderMismatch,
                "553 5.7.1 <a@isp.test>: Sender address rejected: not owned by user b@isp.test",
            ),
            (
                Rejected,
                R::IpListed,
                "554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.example.test",
            ),
            (
                Bounced,
                R::IpListed,
                "host mx.test[192.0.2.1] refused to talk to me: 554 IP=192.0.2.30 - A problem occurred. (Ask your postmaster for help.) (BL)",
            ),
            (
                Bounced,
                R::IpListed,
                "550 5.7.1 Unfortunately, messages from [192.0.2.30] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
            ),
            (
                Bounced,
                R::IpUnknown,
                "host mx.test[192.0.2.1] refused to talk to me: 554 IP=192.0.2.30 - None/bad reputation. Ask your postmaster for help. (NOWL)",
            ),
            (
                Bounced,
                R::DomainReputation,
                "550-5.7.1 Our system has detected that this message is likely suspicious due to the very low reputation of the sending domain.",
            ),
            (
                Deferred,
                R::Complaints,
                "421 4.7.0 [TSS04] Messages from 192.0.2.30 temporarily deferred due to unexpected volume or user complaints",
            ),
            (
                Quarantined,
                R::Spam,
                "250 2.7.0 Ok, discarded, id=01815-07 - spam",
            ),
            (Rejected, R::Spam, "5.7.1 Gtube pattern"),
            (
                Bounced,
                R::Spam,
                "550-5.7.0 Message considered as spam or virus, rejected",
            ),
            (Bounced, R::Phishing, "554 5.7.1 Message rejected as phishing"),
            (
                Quarantined,
                R::Virus,
                "Blocked INFECTED (Eicar-Signature) {DiscardedInbound,Quarantined}",
            ),
            (
                Quarantined,
                R::AttachmentBanned,
                "Blocked BANNED (.exe,lasku.pdf.exe) {BouncedInbound,Quarantined}",
            ),
            (
                Bounced,
                R::AttachmentBanned,
                "552-5.7.0 This message was blocked because its content presents a potential security issue.",
            ),
            (
                Bounced,
                R::BadFormat,
                "SMTPUTF8 is required, but was not offered by host mx.test[192.0.2.1]",
            ),
            (
                Rejected,
                R::BadFormat,
                "550-5.7.1 Messages missing a valid address in From: header, or having no From: header, are not accepted.",
            ),
            (Rejected, R::BadLink, "5.7.1 Body contains a forbidden link"),
            (
                Bounced,
                R::RecipientBlock,
                "550 5.7.1 Refused due to recipient preferences",
            ),
            (
                Bounced,
                R::NotAllowedGroup,
                "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
            ),
            (
                Bounced,
                R::NotAllowedGroup,
                "You are not a member of this mailing list",
            ),
            (
                Rejected,
                R::PolicyLocal,
                "5.7.1 Message content rejected, forbidden subject",
            ),
            (Held, R::PolicyLocal, "held for inspection"),
            (Discarded, R::PolicyLocal, "dropped"),
            (
                Bounced,
                R::GeoBlock,
                "550 rejected based on geographical location",
            ),
            (Deferred, R::OurFault, "451 4.3.0 Error: queue file write error"),
            (
                Deferred,
                R::OurFault,
                "temporary failure. Command output: database is down, try later",
            ),
            (
                Bounced,
                R::AccountSuspended,
                "550 5.1.8 Access denied, bad outbound sender",
            ),
        ];
        let wrong: Vec<_> = table
            .iter()
            .map(|&(outcome, expected, text)| (expected, reason_of(outcome, text).0, text))
            .filter(|(expected, found, _)| expected != found)
            .collect();
        assert_eq!(wrong, []);
        let missing: Vec<_> = Reason::ALL
            .iter()
            .filter(|&&reason| !matches!(reason, R::Ok | R::Unclassified))
            .filter(|&&reason| table.iter().all(|&(_, known, _)| known != reason))
            .collect();
        assert_eq!(
            missing,
            [] as [&Reason; 0],
            "every reason needs a reply in this table"
        );
    }

    #[test]
    fn text_beats_the_enhanced_code_and_that_beats_the_basic_code() {
        let evidence = |text| Evidence {
            outcome: Outcome::Bounced,
            reply_code: Some(552),
            dsn: Some("5.7.26"),
            text,
        };
        let found = |text| {
            let explanation = explain(&evidence(text));
            (explanation.reason, explanation.confidence)
        };
        assert_eq!(found("mailbox is full"), (Reason::MailboxFull, Confidence::Exact));
        assert_eq!(found("we do not like it"), (Reason::DmarcFail, Confidence::Code));
        let basic_only = explain(&Evidence {
            dsn: Some("5.0.0"),
            ..evidence("we do not like it")
        });
        assert_eq!(
            (basic_only.reason, basic_only.confidence),
            (Reason::MailboxFull, Confidence::Code)
        );
        let nothing = reason_of(Outcome::Bounced, "we do not like it");
        assert_eq!(nothing, (Reason::Unclassified, Actor::Nobody, Confidence::Guess));
    }

    #[test]
    fn names_chosen_by_strangers_decide_nothing() {
        for text in [
            "550 5.1.1 <greylisted.virus@spam.test>: Recipient address rejected: User unknown",
            "host virus-filter.test[192.0.2.1] said: 550 5.1.1 User unknown",
            "SMTP error from remote mail server after RCPT TO:<spam@phishing.test>: host greylist.test [192.0.2.1]: 550 User unknown",
        ] {
            assert_eq!(reason_of(Outcome::Bounced, text).0, Reason::UserUnknown, "{text}");
        }
    }

    #[test]
    fn success_needs_no_reason() {
        let arrived = reason_of(Outcome::HandedOver, "250 2.0.0 Ok: queued as spam");
        assert_eq!(arrived, (Reason::Ok, Actor::Nobody, Confidence::Exact));
        let greylisted = reason_of(Outcome::Greylisted, "");
        assert_eq!(
            greylisted,
            (Reason::GreylistNew, Actor::Nobody, Confidence::Exact)
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "(?s).{0,300}", dsn in "[0-9x.]{0,8}", code: u16) {
            for &outcome in Outcome::ALL {
                let explanation = explain(&Evidence { outcome, reply_code: Some(code), dsn: Some(&dsn), text: &text });
                proptest::prop_assert!(explanation.actor != Actor::You);
            }
        }
    }

    #[test]
    fn nobody_is_ever_called_you() {
        assert!(
            RULES
                .tiers
                .iter()
                .flat_map(|tier| &tier.rules)
                .all(|rule| rule.actor != Actor::You)
        );
    }
}
