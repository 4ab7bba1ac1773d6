//! Text that strangers wrote, made harmless to look at: subjects, HELO names, addresses, replies.
//!
//! Goes in: anything a log line held. Comes out: the same text, with what cannot be seen or turns the reading direction shown as `�`. HTML is
//! not escaped here: Leptos does that, for all text alike.

/// Longer values are cut: a page is no place for a megabyte of HELO.
const LONGEST: usize = 2_000;

/// Shows a stranger's text as it is, but for control and direction characters; the tab stays.
pub fn visible(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if is_deceptive(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// Controls, and the marks that make text read differently from how it is stored (Unicode TR 36).
const fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{a}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_shown_and_the_rest_stays() {
        assert_eq!(visible("Grüße, 日本 <b>"), "Grüße, 日本 <b>");
        assert_eq!(
            visible("invoice\u{202e}fdp.exe\0"),
            "invoice\u{fffd}fdp.exe\u{fffd}"
        );
        assert_eq!(visible(&"x".repeat(3_000)).chars().count(), LONGEST + 1);
    }
}
