//! What travels from the server to the pages: rows and stories as finished text.
//!
//! Goes in: `present`, which formats for the viewer's language and zone. Comes out: plain data that both sides render alike. The browser
//! never computes with these values, so they hold no times, numbers or ids but what a link or an attribute needs.

use model::verdict::Family;
use serde::{Deserialize, Serialize};

/// A moment as people and as machines read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// For people: `14:02:09`.
    pub text: String,
    /// For `<time datetime>`: RFC 3339.
    pub machine: String,
}

/// An outcome as its chip: icon and colour by the family, always with the word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chip {
    /// Colour and icon.
    pub family: Family,
    /// The outcome in one or two words.
    pub word: String,
}

/// Where a mail came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The country's flag, as its two regional letters; empty when the country is not known.
    pub flag: String,
    /// The country's name; empty when not known.
    pub country: String,
    /// The client's name, or its address.
    pub host: String,
}

/// One page of the mail log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// Newest first.
    pub rows: Vec<LogRow>,
    /// What is shown, in words: `50 mails, newest first`.
    pub summary: String,
    /// The page with newer mail.
    pub newer: Option<String>,
    /// The page with older mail.
    pub older: Option<String>,
    /// How far the log is complete.
    pub freshness: Freshness,
    /// Said instead of rows when there are none.
    pub finding: Option<Finding>,
    /// What was asked and not understood.
    pub notes: Vec<String>,
    /// Whether this viewer may see subjects.
    pub shows_subjects: bool,
}

/// One mail in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRow {
    /// The mail's page.
    pub href: String,
    /// The whole row in one line, for those who hear it.
    pub label: String,
    /// Time of day.
    pub time: Moment,
    /// `today`, `yesterday`, a date.
    pub day: String,
    /// Inbound or outbound, in one word.
    pub direction: String,
    /// Whether the mail came in; decides the arrow.
    pub inbound: bool,
    /// What became of it.
    pub chip: Chip,
    /// Why, or what comes next.
    pub note: Option<String>,
    /// Envelope sender.
    pub sender: String,
    /// Whether `sender` stands in for an empty one.
    pub sender_is_placeholder: bool,
    /// Where it came from.
    pub origin: Option<Origin>,
    /// Envelope recipient.
    pub recipient: String,
    /// Whether `recipient` stands in for an empty one.
    pub recipient_is_placeholder: bool,
    /// The address that the sender had written, when an alias changed it.
    pub written_to: Option<String>,
    /// The subject, when there is one and the viewer may see it.
    pub subject: Option<String>,
    /// Said when the mail comes from the future by its server's clock.
    pub clock_note: Option<String>,
}

/// How fresh and complete the log is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// [`Family::Good`]: up to date; [`Family::Wait`]: behind, or something is missing; [`Family::Bad`]: a source stands still;
    /// [`Family::None`]: no source yet.
    pub family: Family,
    /// `Complete to 14:02:09`, `4 of 4 sources up to date`, `newest line 1 s ago`, `lines are missing`.
    pub parts: Vec<String>,
    /// What is missing and what cannot be read, one by one: folded away.
    pub more: Vec<String>,
}

/// An empty result as a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The headline.
    pub title: String,
    /// What was looked for, as label and value.
    pub terms: Vec<Fact>,
    /// How far that can be believed, and what it means.
    pub sentences: Vec<String>,
}

/// Everything about one mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailStory {
    /// What became of it.
    pub chip: Chip,
    /// Direction in one word.
    pub direction: String,
    /// The story in one sentence.
    pub headline: String,
    /// Why, or what the outcome means.
    pub lead: String,
    /// The subject, when there is one and the viewer may see it.
    pub subject: Option<String>,
    /// `Who can act: the sender`, or `What you can do`.
    pub actor: String,
    /// What the viewer can do.
    pub advice: String,
    /// Whether it is over, when the next try is, how sure we are.
    pub standing: Vec<String>,
    /// The timeline over all servers.
    pub steps: Vec<Step>,
    /// The delivery tries, when there were several.
    pub attempts: Vec<Attempt>,
    /// What the other server said, unaltered.
    pub reply: Option<String>,
    /// Facts in groups.
    pub facts: Vec<FactGroup>,
    /// Searches that this mail leads to.
    pub related: Vec<Link>,
    /// The raw lines; empty also when the viewer may not see them.
    pub raw: Vec<String>,
    /// Said when part of the mail's life is missing from the log.
    pub caveat: Option<String>,
    /// Said when the mail comes from the future by its server's clock.
    pub clock_note: Option<String>,
}

/// A link with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// What it says.
    pub text: String,
}

/// One step of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Said when a new day begins with this step.
    pub day: Option<String>,
    /// When.
    pub time: Moment,
    /// What happened.
    pub text: String,
    /// Details under it.
    pub details: Vec<String>,
    /// How long nothing had happened before: `2 h 5 min later`.
    pub gap: Option<String>,
    /// Colour of its point.
    pub family: Family,
}

/// One delivery try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub time: Moment,
    /// What came of it.
    pub chip: Chip,
    /// What the other side said.
    pub answer: String,
}

/// Facts under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactGroup {
    /// The heading.
    pub title: String,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// A label and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// In the viewer's language.
    pub label: String,
    /// Formatted.
    pub value: String,
    /// Whether the value is for machines, and so set in the typewriter face.
    pub is_code: bool,
}
