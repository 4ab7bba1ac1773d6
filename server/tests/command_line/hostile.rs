//! What strangers write into a log obeys nobody: not a terminal, not a spreadsheet.

use crate::{mailfate_with, text_of};

const LOG: &str = "2026-11-21T21:30:08+00:00 mail1 postfix/smtpd[1]: connect from evil.test[192.0.2.9]\n\
    2026-11-21T21:30:08+00:00 mail1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from evil.test[192.0.2.9]: 554 5.7.1 <anna@kundi.test>: \
    Relay access denied; from=<=cmd|'/c calc'!a0@evil.test> to=<anna@kundi.test> proto=ESMTP \
    helo=<\u{1b}[2J\u{9b}31m\u{202e}fdp.exe\u{7f}>\n";

fn printed(arguments: &[&str]) -> String {
    let text = text_of(&mailfate_with(arguments, LOG.as_bytes().to_vec()));
    let is_obeyed = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(is_obeyed), "{arguments:?}: {text:?}");
    assert!(text.contains("cmd|"), "{text}");
    text
}

#[test]
fn a_terminal_is_given_no_commands() {
    printed(&["trace"]);
    printed(&["trace", "--trail"]);
    printed(&["show", "failures", "--detail", "-"]);
    printed(&["top", "senders", "-"]);
    let json = printed(&["trace", "--format", "jsonl", "--trail"]);
    let record: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(
        record["helo"]
            .as_str()
            .is_some_and(|helo| helo.contains("\u{202e}fdp.exe")),
        "unaltered: {record}"
    );
}

#[test]
fn a_spreadsheet_is_given_no_formulas() {
    for arguments in [
        &["trace", "--format", "csv"][..],
        &["top", "senders", "--format", "csv", "-"],
    ] {
        let csv = printed(arguments);
        assert!(
            csv.contains("'=cmd|") && !csv.contains(",=") && !csv.contains("\n="),
            "{csv}"
        );
    }
}
