//! What a search asks for, as conditions on the table `mail`: the one place where SQL is put together.
//!
//! Goes in: a [`MailQuery`] and what the viewer may read. Comes out: fixed pieces of SQL with bound values. No value ever becomes SQL text,
//! and no condition here decides whose mail is seen.

use model::query::{AddressPattern, MailQuery};
use model::record::Direction;
use model::verdict::Outcome;
use sqlx::{Postgres, QueryBuilder};

/// Longer search words are cut: nothing in the table is longer and still of use.
const LONGEST_TEXT: usize = 1000;

/// A query's conditions, ready to be written.
pub(super) struct Filter {
    direction: Option<Direction>,
    sender: Option<AddressPattern>,
    recipient: Option<AddressPattern>,
    text: Option<Text>,
    outcomes: Vec<Outcome>,
}

/// Where a recipient is looked for. One search asks both, each by its own index: with OR between them neither index would be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecipientColumn {
    /// The final recipient, or both columns where no index helps.
    Final,
    /// What the sender had written, where an alias changed it.
    Original,
}

/// What a free word means.
enum Text {
    /// Some mail has this Message-ID, so this is what was meant.
    MessageId(String),
    /// A queue id, or part of an address, subject or reply.
    Anywhere { word: String, in_subject: bool },
}

impl Filter {
    /// `is_message_id`: a mail in scope has the query's text as its Message-ID.
    pub(super) fn new(query: &MailQuery, is_message_id: bool, may_read_subject: bool) -> Self {
        let text = search_word(query).map(|word| {
            if is_message_id {
                Text::MessageId(word)
            } else {
                Text::Anywhere {
                    word,
                    in_subject: may_read_subject,
                }
            }
        });
        Self {
            direction: query.direction,
            sender: query.sender.clone(),
            recipient: query.recipient.clone(),
            text,
            outcomes: query.outcomes.clone(),
        }
    }

    /// Whether rows are found by the index of Message-IDs, over all days and domains at once.
    pub(super) fn is_by_message_id(&self) -> bool {
        matches!(self.text, Some(Text::MessageId(_)))
    }

    /// Whether rows are found by the index of a whole address.
    pub(super) fn is_by_address(&self) -> bool {
        let is_whole = |pattern: &Option<AddressPattern>| matches!(pattern, Some(AddressPattern::Exact(_)));
        is_whole(&self.sender) || is_whole(&self.recipient)
    }

    /// The columns that are asked for the recipient, each in a part of the question of its own.
    pub(super) fn recipient_columns(&self) -> &'static [RecipientColumn] {
        match self.recipient {
            Some(AddressPattern::Exact(_)) => &[RecipientColumn::Final, RecipientColumn::Original],
            Some(AddressPattern::Domain(_) | AddressPattern::Contains(_)) | None => &[RecipientColumn::Final],
        }
    }

    /// Whether rows are found by reading through texts, which no index helps.
    pub(super) fn reads_texts(&self) -> bool {
        let is_part = |pattern: &Option<AddressPattern>| {
            matches!(
                pattern,
                Some(AddressPattern::Domain(_) | AddressPattern::Contains(_))
            )
        };
        is_part(&self.sender) || is_part(&self.recipient) || matches!(self.text, Some(Text::Anywhere { .. }))
    }

    /// Writes ` and ...` for each condition, on the table alias `m`.
    pub(super) fn push(&self, sql: &mut QueryBuilder<Postgres>, column: RecipientColumn) {
        if let Some(direction) = self.direction {
            sql.push(" and m.direction = ").push_bind(direction.id());
        }
        if let Some(sender) = &self.sender {
            sql.push(" and m.sender");
            push_match(sql, sender);
        }
        match (&self.recipient, column) {
            (None, _) => {}
            (Some(AddressPattern::Exact(address)), RecipientColumn::Final) => {
                sql.push(" and m.recipient = ").push_bind(storable(address));
            }
            (Some(AddressPattern::Exact(address)), RecipientColumn::Original) => {
                // Rows that the other part has already stay out.
                sql.push(" and m.original_recipient = ")
                    .push_bind(storable(address))
                    .push(" and m.recipient <> m.original_recipient");
            }
            (Some(part), _) => {
                sql.push(" and (m.recipient");
                push_match(sql, part);
                sql.push(" or m.original_recipient");
                push_match(sql, part);
                sql.push(")");
            }
        }
        if !self.outcomes.is_empty() {
            let ids: Vec<&str> = self.outcomes.iter().map(|outcome| outcome.id()).collect();
            sql.push(" and m.outcome = any(").push_bind(ids).push(")");
        }
        match &self.text {
            None => {}
            Some(Text::MessageId(id)) => {
                sql.push(" and m.message_id = ").push_bind(id.clone());
            }
            Some(Text::Anywhere { word, in_subject }) => push_anywhere(sql, word, *in_subject),
        }
    }
}

/// The query's free text as one word: without angle brackets (Message-IDs are stored without), `None` when nothing is left.
pub(super) fn search_word(query: &MailQuery) -> Option<String> {
    let typed = query.text.as_deref()?.trim();
    let bare = typed
        .strip_prefix('<')
        .and_then(|typed| typed.strip_suffix('>'))
        .unwrap_or(typed);
    let word = storable(bare);
    (!word.is_empty()).then_some(word)
}

/// ` = value` or ` like pattern`.
fn push_match(sql: &mut QueryBuilder<Postgres>, pattern: &AddressPattern) {
    match pattern {
        AddressPattern::Exact(address) => sql.push(" = ").push_bind(storable(address)),
        AddressPattern::Domain(domain) => sql
            .push(" like ")
            .push_bind(["%@", &escaped(&storable(domain))].concat()),
        AddressPattern::Contains(part) => sql.push(" like ").push_bind(contains(&storable(part))),
    };
}

fn push_anywhere(sql: &mut QueryBuilder<Postgres>, word: &str, in_subject: bool) {
    let pattern = contains(&word.to_lowercase());
    // Short queue ids of Postfix are upper-case hexadecimal; long ones tell cases apart.
    sql.push(" and (m.queue_ids && ")
        .push_bind(vec![word.to_owned(), word.to_uppercase()])
        .push(" or m.sender like ")
        .push_bind(pattern.clone())
        .push(" or m.recipient like ")
        .push_bind(pattern.clone())
        .push(" or m.original_recipient like ")
        .push_bind(pattern.clone())
        .push(" or lower(m.reply) like ")
        .push_bind(pattern.clone());
    if in_subject {
        sql.push(" or lower(m.subject) like ").push_bind(pattern);
    }
    sql.push(")");
}

fn contains(part: &str) -> String {
    ["%", &escaped(part), "%"].concat()
}

/// LIKE's own characters taken literally.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// What can stand in a PostgreSQL text: no NUL, and not endless.
fn storable(text: &str) -> String {
    text.chars().filter(|&c| c != '\0').take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_like_are_taken_literally() {
        assert_eq!(contains("50%_\\"), "%50\\%\\_\\\\%");
    }

    #[test]
    fn a_message_id_loses_its_brackets_and_nothing_is_no_word() {
        let word = |text: &str| {
            search_word(&MailQuery {
                text: Some(text.to_owned()),
                ..MailQuery::default()
            })
        };
        assert_eq!(word(" <a@b> ").as_deref(), Some("a@b"));
        assert_eq!(word("a<b").as_deref(), Some("a<b"));
        assert_eq!(word(" \0 "), None);
    }
}
