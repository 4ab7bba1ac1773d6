//! Explanations of replies, each looked up once: servers refuse a million mails with a few hundred sentences.

use std::cell::RefCell;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use model::verdict::knowledge::{Evidence, Explanation, explain};

/// Sentences that are remembered; who makes up more only makes it slower.
const BOUND: usize = 20_000;

/// What was explained before.
#[derive(Debug, Default)]
pub(super) struct Explained {
    known: RefCell<HashMap<u64, Explanation, RandomState>>,
    hasher: RandomState,
}

impl Explained {
    pub(super) fn explain(&self, evidence: &Evidence<'_>) -> Explanation {
        let key = self.key(evidence);
        let known = self.known.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let explanation = explain(evidence);
            let mut known = self.known.borrow_mut();
            if known.len() >= BOUND {
                known.clear();
            }
            known.insert(key, explanation);
            explanation
        })
    }

    /// The sentence without the words that say only whom it is about: addresses, and other hosts' names with their addresses.
    fn key(&self, evidence: &Evidence<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u16(evidence.reply_code.unwrap_or(0));
        hasher.write_u8(evidence.outcome as u8);
        hasher.write(evidence.dsn.unwrap_or_default().as_bytes());
        let text = evidence.text.as_bytes();
        let (mut start, mut at_sign, mut bracket) = (0, false, None);
        for (at, byte) in text.iter().enumerate() {
            match byte {
                b'@' => at_sign = true,
                b'[' if bracket.is_none() => bracket = Some(at),
                b' ' => {
                    if !at_sign && bracket.is_none_or(|open| !is_address(&text[open..at])) {
                        hasher.write(&text[start..=at]);
                    }
                    (start, at_sign, bracket) = (at + 1, false, None);
                }
                _ => {}
            }
        }
        if !at_sign && bracket.is_none_or(|open| !is_address(&text[open..])) {
            hasher.write(&text[start..]);
        }
        hasher.finish()
    }
}

/// `[192.0.2.1]:25:`, but not what our own filter and mailbox service are told from strangers by.
fn is_address(bracketed: &[u8]) -> bool {
    let is_ours = [&b"[127.0.0.1"[..], b"[::1", b"[private/"]
        .iter()
        .any(|ours| bracketed.starts_with(ours));
    !is_ours && bracketed.get(1).is_some_and(u8::is_ascii_digit) && bracketed.contains(&b'.')
}

#[cfg(test)]
mod tests {
    use model::verdict::Outcome;

    use super::*;

    #[test]
    fn the_same_sentence_about_others_is_explained_the_same_without_asking_again() {
        let explained = Explained::default();
        let ask = |text: &str| {
            let evidence = Evidence {
                outcome: Outcome::Rejected,
                reply_code: Some(550),
                dsn: Some("5.1.1"),
                text,
            };
            assert_eq!(explained.explain(&evidence), explain(&evidence), "{text}");
            explained.known.borrow().len()
        };
        let one = "550 5.1.1 <a@x.test>: Recipient address rejected: User unknown in virtual mailbox table";
        assert_eq!(ask(one), 1);
        assert_eq!(ask(&one.replace("a@x.test", "b@y.test")), 1);
        assert_eq!(ask("host mx.x.test[192.0.2.1] said: 550 5.1.1 no such user"), 2);
        assert_eq!(ask("host mx.y.test[192.0.2.9] said: 550 5.1.1 no such user"), 2);
        assert_eq!(ask("host 127.0.0.1[127.0.0.1] said: 550 5.1.1 no such user"), 3);
    }
}
