//! Values of a Sendmail line: an address or a list of them may hold commas and quotes of its own.
//!
//! Goes in: the bytes behind `name=`. Comes out: the value and what follows it, or the addresses of a list.

use crate::dialect::field::unbracketed;

/// The value up to `, ` outside of quotes and angle brackets, and the rest from that comma on.
pub(super) fn value(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = end_of(bytes, true);
    (&bytes[..end], &bytes[end..])
}

/// The addresses of `<a@x.test>,<b@x.test>`, without brackets.
pub fn recipients(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = end_of(rest, false);
        let item = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(unbracketed(item))
    })
    .filter(|item| !item.is_empty())
}

/// Where the value ends: at a comma (before a space, if asked) outside of quotes and brackets. An unbalanced value ends at the first such comma
/// as if it had no quotes.
fn end_of(bytes: &[u8], before_space: bool) -> usize {
    let is_end = |at: usize| !before_space || bytes.get(at + 1) == Some(&b' ');
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => bracketed = true,
            b'>' if !quoted => bracketed = false,
            b',' if !quoted && !bracketed && is_end(at) => return at,
            _ => {}
        }
    }
    if quoted || bracketed {
        let plain = memchr::memchr_iter(b',', bytes).find(|at| is_end(*at));
        return plain.unwrap_or(bytes.len());
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_outside_of_quotes() {
        let all: Vec<_> = recipients(b"<a@x.test>,<\"b,c\"@x.test>,anna,\"|/bin/p x,y\"").collect();
        assert_eq!(
            all,
            [&b"a@x.test"[..], b"\"b,c\"@x.test", b"anna", b"\"|/bin/p x,y\""]
        );
        assert_eq!(
            value(b"<a@x>,<b@x>, delay=1"),
            (&b"<a@x>,<b@x>"[..], &b", delay=1"[..])
        );
        assert_eq!(value(b"<a\"@x>, delay=1"), (&b"<a\"@x>"[..], &b", delay=1"[..]));
    }
}
