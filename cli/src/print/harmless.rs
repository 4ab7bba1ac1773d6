//! Text that strangers wrote, made harmless for a terminal and a spreadsheet: addresses, HELO names, subjects, replies.
//!
//! Goes in: anything a log line held. Comes out: the same text, with what a terminal obeys, what cannot be seen and what turns the reading direction
//! shown as `�`; and cut to a number of columns.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Shows a stranger's text as it is, but for what deceives.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) || !text.chars().any(is_deceptive) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|letter| if is_deceptive(letter) { '\u{fffd}' } else { letter })
        .collect()
}

/// Controls of both kinds (a terminal takes U+009B for the beginning of a command), separators of lines, and the marks that make text read
/// differently from how it is stored (Unicode TR 36).
pub(super) const fn is_deceptive(letter: char) -> bool {
    matches!(letter,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Columns that a text takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|letter| letter.width().unwrap_or(0)).sum()
}

/// The text, with an ellipsis at its end when it takes more than so many columns.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut taken = 0;
    let mut short = String::new();
    for letter in text.chars() {
        taken += letter.width().unwrap_or(0);
        if taken >= columns {
            break;
        }
        short.push(letter);
    }
    short.push('…');
    Cow::Owned(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_shown_and_the_rest_stays() {
        assert_eq!(harmless("Grüße, 日本"), "Grüße, 日本");
        assert_eq!(
            harmless("a\u{1b}[31mb\u{9b}c\u{202e}d\n"),
            "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\u{fffd}"
        );
    }

    #[test]
    fn text_is_cut_by_the_columns_that_it_takes() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 5), "abcd…");
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
    }
}
