//! `mailfate explain`: what an answer of a mail server means.
//!
//! Goes in: the answer, as in a report or a log. Comes out: why, whether it will be tried again, who can act and what to do, in words. It knows no
//! log: the words are those of `locales/`, which the program hands in.

use std::io::Write;

use clap::{Args, ValueEnum};
use model::record::Direction;
use model::verdict::knowledge::{Evidence, explain};
use model::verdict::{Actor, Outcome, Reason};

use crate::error::CommandError;
use crate::print::{harmless, plain_output};

/// What `mailfate explain` takes.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ExplainArgs {
    /// The answer, with or without quotes around it
    #[arg(required = true, value_name = "ANSWER", allow_hyphen_values = true)]
    answer: Vec<String>,
    /// The language of the explanation
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    format: ExplainFormat,
}

const EXAMPLES: &str = "\
Examples:
  mailfate explain \"550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown\"
  mailfate explain --lang de \"421 4.7.0 Too many connections from your host\"

Exit code: 0 explained, 1 nothing is known about this answer, 2 wrong use.";

/// A language that explanations exist in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English
    En,
    /// German
    De,
    /// Italian
    It,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExplainFormat {
    /// Sentences
    Text,
    /// One JSON object with the ids of reason, actor and confidence
    Json,
}

impl ExplainArgs {
    /// The language that was asked for.
    pub const fn lang(&self) -> Lang {
        self.lang
    }
}

/// Gives the text of a locale key, with one argument or none: its name and value.
pub type Words<'a> = &'a dyn Fn(&str, Option<Argument<'_>>) -> String;
/// A name and a value.
pub type Argument<'a> = (&'a str, &'a str);

/// Explains, in these words. Says whether the answer is known.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: &ExplainArgs, say: Words<'_>) -> Result<bool, CommandError> {
    let answer = args.answer.join(" ");
    let class = class(&answer);
    let outcome = match class {
        Class::Taken => Outcome::HandedOver,
        Class::ForNow => Outcome::Deferred,
        Class::ForGood | Class::Unknown => Outcome::Bounced,
    };
    let found = explain(&Evidence {
        outcome,
        reply_code: None,
        dsn: None,
        text: &answer,
    });
    let mut out = plain_output();
    let mut line = |text: &str| writeln!(out, "{text}").map_err(CommandError::output);
    if args.format == ExplainFormat::Json {
        let object = serde_json::json!({
            "answer": answer,
            "reason": found.reason,
            "actor": found.actor,
            "confidence": found.confidence,
            "temporary": class.is_temporary(),
        });
        line(&object.to_string())?;
    } else {
        line(&format!(
            "{} ({})",
            say(&format!("reason-{}", found.reason), None),
            found.reason
        ))?;
        line(&say(class.key(), None))?;
        if found.actor != Actor::Nobody {
            let actor = say(&format!("actor-{}", found.actor), None);
            line(&say("actor-title", Some(("actor", &actor))))?;
        }
        for (heading, direction) in [
            ("explain-sent", Direction::Outbound),
            ("explain-received", Direction::Inbound),
        ] {
            let advice = say(&format!("advice-{}-{direction}", found.reason), None);
            line(&say(heading, Some(("advice", &advice))))?;
        }
        line(&say(&format!("confidence-{}", found.confidence), None))?;
        if found.reason == Reason::Unclassified {
            line(&say("explain-answer", Some(("answer", &harmless(&answer)))))?;
        }
    }
    out.flush().map_err(CommandError::output)?;
    Ok(found.reason != Reason::Unclassified)
}

/// The first digit of an answer's code (RFC 5321 section 4.2.1, RFC 3463 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Taken,
    ForNow,
    ForGood,
    Unknown,
}

impl Class {
    const fn key(self) -> &'static str {
        match self {
            Self::Taken => "explain-taken",
            Self::ForNow => "explain-for-now",
            Self::ForGood => "explain-for-good",
            Self::Unknown => "explain-no-code",
        }
    }

    const fn is_temporary(self) -> Option<bool> {
        match self {
            Self::ForNow => Some(true),
            Self::Taken | Self::ForGood => Some(false),
            Self::Unknown => None,
        }
    }
}

fn class(answer: &str) -> Class {
    answer
        .split(|letter: char| {
            letter.is_whitespace() || matches!(letter, ':' | '(' | ')' | '"' | '\'' | '-' | '#' | '=' | ',')
        })
        .find_map(class_of_code)
        .unwrap_or(Class::Unknown)
}

/// Of `550` or `5.7.26`.
fn class_of_code(word: &str) -> Option<Class> {
    let is_basic = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = word.split('.');
    let is_enhanced = parts.clone().count() == 3
        && parts.all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
        && word.as_bytes().get(1) == Some(&b'.');
    if !is_basic && !is_enhanced {
        return None;
    }
    match word.as_bytes().first() {
        Some(b'2') => Some(Class::Taken),
        Some(b'4') => Some(Class::ForNow),
        Some(b'5') => Some(Class::ForGood),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_of_an_answer_is_found_where_servers_write_it() {
        for (answer, expected) in [
            ("550 5.1.1 User unknown", Class::ForGood),
            ("550-5.7.26 This mail has been blocked", Class::ForGood),
            (
                "host mx.example.org[192.0.2.1] said: 452 4.2.2 Mailbox full",
                Class::ForNow,
            ),
            ("#5.1.1", Class::ForGood),
            ("(4.7.0)", Class::ForNow),
            ("250 2.0.0 Ok: queued as ABC", Class::Taken),
            (
                "SMTP error from remote mail server after RCPT TO:<a@b.test>: 550 no",
                Class::ForGood,
            ),
            ("User unknown", Class::Unknown),
            ("connect to 5.6.7.8 failed", Class::Unknown),
        ] {
            assert_eq!(class(answer), expected, "{answer}");
        }
    }
}
