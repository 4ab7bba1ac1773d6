//! Whose lines are read: what a person may say about a log that does not say it itself.
//!
//! Goes in: a line with its header. Comes out: whether it is to be read, and by which program's dialect when its header names none.

use crate::line::LogLine;

/// The mail server whose lines are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Each line by the program that its header names.
    #[default]
    Auto,
    /// Postfix.
    Postfix,
    /// Exim.
    Exim,
    /// Sendmail.
    Sendmail,
    /// qmail and the programs around it.
    Qmail,
    /// OpenSMTPD.
    Opensmtpd,
}

impl Choice {
    /// Whether the line is to be read: one of another mail server's is foreign, one of a filter, a mailbox server or another helper is not.
    pub fn admits(self, line: &LogLine<'_>) -> bool {
        // qmail's smtpd service is called what OpenSMTPD is called.
        self == Self::Auto
            || writer(line)
                .is_none_or(|writer| writer == self || (self == Self::Qmail && line.tag == b"smtpd"))
    }

    /// A line whose header names no program is of the chosen mail server.
    #[must_use]
    pub fn claim(self, line: LogLine<'_>) -> LogLine<'_> {
        let tag: &'static [u8] = match self {
            Self::Auto => return line,
            _ if !matches!(line.tag, b"" | b"-") => return line,
            Self::Postfix => b"postfix",
            Self::Exim => b"exim",
            Self::Sendmail => b"sendmail",
            Self::Qmail => b"qmail",
            Self::Opensmtpd => b"opensmtpd",
        };
        LogLine { tag, ..line }
    }
}

/// The mail server that a line's tag belongs to; `None` for helpers.
fn writer(line: &LogLine<'_>) -> Option<Choice> {
    if line.tag.starts_with(b"dovecot") {
        return None;
    }
    if !line.instance().is_empty() {
        return Some(Choice::Postfix);
    }
    Some(match line.tag {
        b"postfix" | b"postfix-script" => Choice::Postfix,
        tag if tag.starts_with(b"exim") => Choice::Exim,
        b"MTA" | b"MSP" => Choice::Sendmail,
        tag if tag.starts_with(b"sm-") || tag.starts_with(b"sendmail") => Choice::Sendmail,
        b"tcpserver" | b"rblsmtpd" | b"spamdyke" | b"CHKUSER" | b"simscan" => Choice::Qmail,
        tag if tag.starts_with(b"qmail") => Choice::Qmail,
        b"smtpd" | b"opensmtpd" => Choice::Opensmtpd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use model::time::Micros;

    use super::*;

    fn tagged(tag: &'static str) -> LogLine<'static> {
        LogLine {
            at: Micros(0),
            host: b"mail1",
            tag: tag.as_bytes(),
            pid: None,
            message: b"",
            raw: b"",
        }
    }

    #[test]
    fn another_mail_servers_lines_are_foreign_and_helpers_are_not() {
        for (choice, tag, expected) in [
            (Choice::Auto, "exim", true),
            (Choice::Postfix, "mx1/smtpd", true),
            (Choice::Postfix, "exim4", false),
            (Choice::Exim, "mx1/smtpd", false),
            (Choice::Exim, "exim4", true),
            (Choice::Exim, "rspamd", true),
            (Choice::Exim, "dovecot/lmtp", true),
            (Choice::Opensmtpd, "smtpd", true),
            (Choice::Qmail, "qmail-send", true),
            (Choice::Qmail, "smtpd", true),
            (Choice::Opensmtpd, "spamdyke", false),
            (Choice::Sendmail, "sm-mta", true),
        ] {
            assert_eq!(choice.admits(&tagged(tag)), expected, "{choice:?} {tag}");
        }
    }

    #[test]
    fn a_line_without_a_program_is_of_the_chosen_server() {
        assert_eq!(Choice::Exim.claim(tagged("")).tag, b"exim");
        assert_eq!(Choice::Qmail.claim(tagged("-")).tag, b"qmail");
        assert_eq!(Choice::Exim.claim(tagged("amavis")).tag, b"amavis");
        assert_eq!(Choice::Auto.claim(tagged("")).tag, b"");
    }
}
