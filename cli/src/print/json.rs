//! One JSON object a line.
//!
//! Text stays unaltered, as programs want it. What a terminal would obey is escaped, which JSON allows everywhere in a text and which reads back as
//! the same: `jq` and `less` are safe to look with.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use super::harmless::is_deceptive;

struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, letter)) = rest.char_indices().find(|(_, letter)| is_deceptive(*letter)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            // All of them lie in the basic plane.
            write!(writer, "\\u{:04x}", u32::from(letter))?;
            rest = &rest[at + letter.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

/// Writes a value and the end of the line.
pub(super) fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Escaping))?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_reads_back_the_same() {
        let text = "a\"\u{1b}[2J\u{9b}31m Grüße\u{7f}\u{202e}\n";
        let mut out = Vec::new();
        line(&mut out, &text).expect("memory takes every byte");
        let printed = String::from_utf8(out).expect("JSON is UTF-8");
        assert_eq!(printed, "\"a\\\"\\u001b[2J\\u009b31m Grüße\\u007f\\u202e\\n\"\n");
        assert_eq!(serde_json::from_str::<String>(&printed).expect("JSON"), text);
    }
}
