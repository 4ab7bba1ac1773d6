//! A reply as it stands in a log line: whose words it is, and what of it a stranger could have chosen.
//!
//! Goes in: the text of a reply, hostile input. Comes out: the text that rules may look at. Nothing is decided here.

/// The text without addresses and host names: anybody can choose those, so `<virus@spam.example>` must not decide anything.
/// qmail writes `_` for spaces; those become spaces again.
pub(super) fn without_names(text: &str) -> String {
    let is_qmail = text.contains('_') && !text.contains(' ');
    let separator = if is_qmail { '_' } else { ' ' };
    let mut kept = String::with_capacity(text.len());
    let mut names_follow = false;
    for word in text.split(separator) {
        let is_name = word.contains('@')
            || (names_follow && has_inner_dot(word))
            || word.starts_with("name=")
            || word.starts_with("H=")
            || is_host_with_address(word);
        names_follow = ["host", "domain", "Domain", "for", "server"].contains(&word);
        if !is_name {
            kept.push_str(word);
        } else if let Some((before, _)) = word.split_once('<') {
            kept.push_str(before); // `FROM:<anna@example.com>` keeps its verb
        }
        kept.push(' ');
    }
    kept
}

fn has_inner_dot(word: &str) -> bool {
    let trimmed = word.trim_matches(|c: char| c.is_ascii_punctuation());
    trimmed.contains('.')
}

/// `mx1.example.com[192.0.2.1]:25:` or `mail[private/dovecot-lmtp]`.
fn is_host_with_address(word: &str) -> bool {
    let Some((name, address)) = word.split_once('[') else {
        return false;
    };
    !name.is_empty()
        && name.contains(|c: char| c.is_ascii_alphanumeric())
        && (address.starts_with(|c: char| c.is_ascii_hexdigit()) && address.contains(['.', ':'])
            || address.starts_with("private/"))
}

/// Whether the words are those of a foreign server: quoted by our client, and not by our own filter or mailbox service.
pub(super) fn is_quoted_from_afar(text: &str) -> bool {
    const QUOTES: [&str; 5] = [
        " said: ",
        " refused to talk to me: ",
        "SMTP error from remote",
        "emote_host_said:",
        "emote host said:",
    ];
    const OURS: [&str; 5] = [
        "host 127.0.0.1[",
        "host localhost[",
        "[private/",
        "host ::1[",
        "[127.0.0.1]",
    ];
    QUOTES.iter().any(|quote| text.contains(quote)) && !OURS.iter().any(|host| text.contains(host))
}
