//! Reply codes: the three digits of RFC 5321, the enhanced status codes of RFC 3463, and the patterns that rules ask for.
//!
//! Goes in: text of a log line or of `rules.toml`. Comes out: numbers. What a code means is not said here but in the rules.

/// An enhanced status code, RFC 3463.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StatusCode {
    pub(super) class: u8,
    pub(super) subject: u16,
    pub(super) detail: u16,
}

impl StatusCode {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let status = Self {
            class: parts.next()?.parse().ok()?,
            subject: parts.next()?.parse().ok()?,
            detail: parts.next()?.parse().ok()?,
        };
        (parts.next().is_none() && matches!(status.class, 2 | 4 | 5)).then_some(status)
    }
}

/// `5.7.26`, `x.7.26` for both classes, `5.7.606-649`, `5.7.*`, `4.*`.
pub(super) struct StatusPattern {
    class: Option<u8>,
    subject: Option<u16>,
    detail: Option<(u16, u16)>,
}

impl StatusPattern {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let class = match parts.next()? {
            "x" => None,
            "4" => Some(4),
            "5" => Some(5),
            _ => return None,
        };
        let subject = match parts.next()? {
            "*" => None,
            number => Some(number.parse().ok()?),
        };
        let detail = match parts.next() {
            None if subject.is_none() => None,
            None => return None,
            Some("*") => None,
            Some(range) => {
                let (from, to) = range.split_once('-').unwrap_or((range, range));
                Some((from.parse().ok()?, to.parse().ok()?))
            }
        };
        parts.next().is_none().then_some(Self {
            class,
            subject,
            detail,
        })
    }

    pub(super) fn fits(&self, status: StatusCode) -> bool {
        self.class.is_none_or(|class| class == status.class)
            && self.subject.is_none_or(|subject| subject == status.subject)
            && self
                .detail
                .is_none_or(|(from, to)| (from..=to).contains(&status.detail))
    }
}

/// `550` or `4xx`.
pub(super) struct CodePattern {
    from: u16,
    to: u16,
}

impl CodePattern {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(class) = text.strip_suffix("xx") {
            let class: u16 = class.parse().ok()?;
            return Some(Self {
                from: class * 100,
                to: class * 100 + 99,
            });
        }
        let code = text.parse().ok()?;
        Some(Self { from: code, to: code })
    }

    pub(super) const fn fits(&self, code: u16) -> bool {
        self.from <= code && code <= self.to
    }
}

/// The first reply code in a text: three digits on their own, `550 ` or `550-`.
pub(super) fn basic_code_in(text: &str) -> Option<u16> {
    text.split([' ', '\n', '_', ':', '\'', '"', '<', '('])
        .find_map(|word| {
            let (digits, rest) = word.split_at_checked(3)?;
            let is_code = rest.is_empty() || rest.starts_with(['-', ',', ';']);
            (is_code && digits.starts_with(['4', '5'])).then(|| digits.parse().ok())?
        })
}

/// The first enhanced status code in a text that says more than its class.
pub(super) fn status_code_in(text: &str) -> Option<StatusCode> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .filter_map(|word| StatusCode::parse(word.trim_matches('.')))
        .find(|status| status.class != 2 && (status.subject, status.detail) != (0, 0))
}
