//! The knowledge base: which reply text, enhanced status code or basic code means which reason, and who can act.
//!
//! Goes in: what a log line says about a refusal. Comes out: reason, actor and confidence. Rules are data (`model/knowledge/rules.toml`), read
//! once; specific text beats the enhanced code, the enhanced code beats the basic code.

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
    let _ = evidence;
    Explanation {
        reason: Reason::Unclassified,
        actor: Actor::Nobody,
        confidence: Confidence::Guess,
    }
}
