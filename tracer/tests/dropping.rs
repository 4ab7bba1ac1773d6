//! A log may have holes: what is left gives fewer facts, and never a fact of one mail to another.

#[expect(dead_code, reason = "each test uses its part")]
mod logs;

use std::collections::{HashMap, HashSet};

use logs::{Log, cases, sample, servers, trace};
use model::record::Record;
use rand::{Rng, SeedableRng, rngs::StdRng};

/// What the whole log tells, to hold the records of a shortened one against.
struct Whole {
    log: Log,
    records: Vec<Record>,
    by_queue_id: HashMap<String, Vec<usize>>,
    /// Sender, if known, and recipient, final or as written.
    pairs: HashSet<(Option<String>, String)>,
}

impl Whole {
    fn of(log: Log) -> Self {
        let records = trace(&log);
        let mut by_queue_id: HashMap<String, Vec<usize>> = HashMap::new();
        let mut pairs = HashSet::new();
        for (number, record) in records.iter().enumerate() {
            for id in &record.queue_ids {
                by_queue_id.entry(id.clone()).or_default().push(number);
            }
            for recipient in [Some(&record.recipient), record.original_recipient.as_ref()]
                .into_iter()
                .flatten()
            {
                pairs.insert((sender(record).map(ToOwned::to_owned), recipient.clone()));
                pairs.insert((None, recipient.clone()));
            }
        }
        Self {
            log,
            records,
            by_queue_id,
            pairs,
        }
    }

    /// A line that names both: the program itself put them together.
    fn says(&self, queue_id: &str, fact: &str) -> bool {
        self.log.iter().any(|line| {
            let line = String::from_utf8_lossy(line).to_lowercase();
            line.contains(&queue_id.to_lowercase()) && line.contains(&fact.to_lowercase())
        })
    }

    /// What the record says and the whole log does not.
    fn invented(&self, record: &Record) -> Option<String> {
        if record.queue_ids.is_empty() {
            let pair = (sender(record).map(ToOwned::to_owned), record.recipient.clone());
            return (!record.recipient.is_empty() && !self.pairs.contains(&pair))
                .then(|| format!("the pair {pair:?}"));
        }
        let mut same: Vec<&Record> = record
            .queue_ids
            .iter()
            .flat_map(|id| self.by_queue_id.get(id).into_iter().flatten())
            .filter_map(|number| self.records.get(*number))
            .collect();
        same.dedup_by_key(|record| record.record_id);
        // Queue ids that stand together are those of one mail; the whole log may tell a mail twice under one record id, so that some have no record.
        let mails = |id: &String| -> HashSet<&String> {
            let records = self.by_queue_id.get(id).into_iter().flatten();
            records
                .filter_map(|number| self.records.get(*number)?.queue_ids.first())
                .collect()
        };
        let known = record
            .queue_ids
            .iter()
            .map(mails)
            .filter(|mails| !mails.is_empty());
        if known
            .reduce(|one, other| &one & &other)
            .is_some_and(|common| common.is_empty())
        {
            return Some("these queue ids together".to_owned());
        }
        let told = |fact: &str, of: &dyn Fn(&Record) -> Vec<String>| {
            same.iter()
                .any(|whole| of(whole).iter().any(|known| known == fact))
                || record.queue_ids.iter().any(|id| self.says(id, fact))
        };
        if let Some(sender) = sender(record)
            && !told(sender, &|whole| vec![whole.sender.clone()])
        {
            return Some(format!("the sender {sender}"));
        }
        for recipient in [Some(&record.recipient), record.original_recipient.as_ref()]
            .into_iter()
            .flatten()
        {
            let known = |whole: &Record| {
                let mut known = vec![whole.recipient.clone()];
                known.extend(whole.original_recipient.clone());
                known
            };
            if !recipient.is_empty() && !told(recipient, &known) {
                return Some(format!("the recipient {recipient}"));
            }
        }
        if let Some(id) = &record.message_id
            && !told(id, &|whole| vec![whole.message_id.clone().unwrap_or_default()])
        {
            return Some(format!("the Message-ID {id}"));
        }
        None
    }

    /// What the log without some lines gives that the whole does not.
    fn without(&self, is_dropped: impl Fn(usize) -> bool) -> Option<String> {
        let kept = self
            .log
            .iter()
            .enumerate()
            .filter(|(number, _)| !is_dropped(*number));
        let records = trace(kept.map(|(_, line)| line));
        records
            .iter()
            .find_map(|record| Some(format!("{}: {record:#?}", self.invented(record)?)))
    }
}

fn sender(record: &Record) -> Option<&str> {
    record.is_sender_known.then_some(record.sender.as_str())
}

#[test]
fn every_case_can_lose_any_line() {
    let mut wrong = Vec::new();
    for (name, log) in cases() {
        let whole = Whole::of(log);
        let found = (0..whole.log.len()).find_map(|at| Some((at, whole.without(|number| number == at)?)));
        if let Some((at, found)) = found {
            let line = String::from_utf8_lossy(&whole.log[at]);
            wrong.push(format!("{name} without line {} ({line}) says {found}", at + 1));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn whole_servers_can_lose_many_lines() {
    let mut wrong = Vec::new();
    let servers = servers().into_iter().chain([("sample", sample(6_000))]);
    for (name, log) in servers {
        let whole = Whole::of(log);
        let mut random = StdRng::seed_from_u64(20_261_121);
        for one_in in [200, 50, 10] {
            let dropped: Vec<bool> = whole.log.iter().map(|_| random.random_ratio(1, one_in)).collect();
            if let Some(found) = whole.without(|number| dropped.get(number).copied().unwrap_or_default()) {
                wrong.push(format!("{name} without one line of {one_in} says {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
