//! Addresses and names with wildcards, as people type them.
//!
//! Goes in: `anna@example.org`, `*@example.org`, `example.org`, `@example.org`, `<>`, `anna`. Comes out: whether an address fits. Letters of either
//! case are alike.

use model::address::domain_of;

/// What an address or a name must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Exactly this; the empty text is the null sender.
    Exact(String),
    /// This domain (not those below it), or exactly this text: a user name or a server may look like a domain.
    Domain(String),
    /// With `*` for any text.
    Wild(String),
}

impl Pattern {
    /// Reads what a person typed.
    pub(crate) fn parse(typed: &str) -> Result<Self, String> {
        let text = typed.trim();
        if text == "<>" {
            return Ok(Self::Exact(String::new()));
        }
        let text = model::address::normalise(text);
        if text.is_empty() {
            return Err(
                "an address, a domain or a name is wanted; \"<>\" means mail without a sender".to_owned(),
            );
        }
        Ok(match text.strip_prefix('@') {
            Some(domain) if !domain.contains('*') => Self::Domain(domain.to_owned()),
            Some(_) => Self::Wild(format!("*{text}")),
            None if text.contains('*') => Self::Wild(text),
            None if text.contains('@') => Self::Exact(text),
            None => Self::Domain(text),
        })
    }

    /// Whether `value` is meant.
    pub(crate) fn fits(&self, value: &str) -> bool {
        match self {
            Self::Exact(text) => value.eq_ignore_ascii_case(text) || value.to_lowercase() == *text,
            Self::Domain(domain) => {
                value.eq_ignore_ascii_case(domain)
                    || domain_of(value).is_some_and(|its| its.eq_ignore_ascii_case(domain))
            }
            Self::Wild(pattern) => is_like(pattern.as_bytes(), value.to_lowercase().as_bytes()),
        }
    }
}

/// `*` stands for any text. It takes at most pattern times text steps: no pattern makes it slow.
fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_mean_what_they_type() {
        for (typed, value, expected) in [
            ("anna@kundi.test", "anna@kundi.test", true),
            ("Anna@Kundi.test", "anna@kundi.test", true),
            ("<anna@kundi.test>", "anna@kundi.test", true),
            ("anna@kundi.test", "joanna@kundi.test", false),
            ("kundi.test", "anna@kundi.test", true),
            ("@kundi.test", "anna@kundi.test", true),
            ("kundi.test", "anna@sub.kundi.test", false),
            ("*@*.kundi.test", "anna@sub.kundi.test", true),
            ("@*.kundi.test", "anna@sub.kundi.test", true),
            ("*@kundi.test", "anna@kundi.test", true),
            ("*@kundi.test", "anna@notkundi.test", false),
            ("an*@k*t", "anna@kundi.test", true),
            ("an*@k*x", "anna@kundi.test", false),
            ("*", "", true),
            ("<>", "", true),
            ("<>", "anna@kundi.test", false),
            ("root", "root", true),
            ("mx1", "mx1", true),
            ("mx*", "mx1", true),
            ("Ärger@kundi.test", "ärger@kundi.test", true),
        ] {
            let pattern = Pattern::parse(typed).expect("a pattern");
            assert_eq!(pattern.fits(value), expected, "{typed} {value}");
        }
        assert!(Pattern::parse(" ").is_err());
    }

    #[test]
    fn no_pattern_makes_it_slow() {
        let pattern = Pattern::parse(&"*a".repeat(200)).expect("a pattern");
        assert!(!pattern.fits(&format!("{}b", "a".repeat(20_000))));
    }
}
