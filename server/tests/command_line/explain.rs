//! `explain`: an answer of a mail server in words.

use crate::{mailfate, text_of};

#[test]
fn an_answer_is_explained_in_three_languages() {
    let answer = "550 5.7.26 Your email has been blocked because the sender is unauthenticated";
    for (lang, words) in [
        ("en", "(DMARC)"),
        ("de", "endgültiges Nein"),
        ("it", "no definitivo"),
    ] {
        let text = text_of(&mailfate(&["explain", "--lang", lang, answer]));
        assert!(text.contains("(dmarc_fail)") && text.contains(words), "{text}");
        assert!(text.lines().count() >= 5, "{text}");
    }
}

#[test]
fn what_is_temporary_is_called_so_and_quotes_may_be_left_out() {
    let text = text_of(&mailfate(&["explain", "452", "4.2.2", "Mailbox", "full"]));
    assert!(
        text.contains("(mailbox_full)") && text.contains("try again by itself"),
        "{text}"
    );
    let json = text_of(&mailfate(&[
        "explain",
        "--format",
        "json",
        "452 4.2.2 Mailbox full",
    ]));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (&json["reason"], &json["temporary"]),
        (&"mailbox_full".into(), &true.into())
    );
}

#[test]
fn an_answer_that_nobody_knows_is_shown_and_found_nothing() {
    let output = mailfate(&["explain", "the dog ate \u{1b}[31mit"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.contains("(unclassified)") && text.contains("the dog ate"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
    assert_eq!(mailfate(&["explain"]).status.code(), Some(2));
}
