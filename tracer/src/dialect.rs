//! From a line to a statement: which program speaks, and what it says.
//!
//! Goes in: a [`LogLine`]. Comes out: a [`Reading`]. One module a program, each with sample lines in its doc comment; a dialect keeps no state,
//! does not know other lines, and never fails: what it does not understand is [`Reading::Unrecognised`].

use crate::event::Reading;
use crate::line::{LogLine, SYSLOGD};

pub mod amavis;
mod choice;
pub mod dovecot;
pub mod exim;
pub(crate) mod field;
pub mod greylist;
pub mod opensmtpd;
mod policy;
pub mod postfix;
pub mod postgrey;
pub mod qmail;
pub mod rspamd;
pub mod sendmail;
pub mod spamd;

/// The program that wrote a line: decided by the tag alone, once for all lines that carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A program of Postfix.
    Postfix(postfix::Daemon),
    /// amavisd-new.
    Amavis,
    /// postgrey.
    Postgrey,
    /// rspamd.
    Rspamd,
    /// SpamAssassin's spamd.
    Spamd,
    /// Dovecot.
    Dovecot,
    /// Exim.
    Exim,
    /// Sendmail: the MTA and the submission program.
    Sendmail,
    /// qmail-send or a program around qmail-smtpd, by name.
    Qmail(&'static str),
    /// OpenSMTPD, or qmail's smtpd service under splogger: both are `smtpd`.
    OpenSmtpd,
    /// Another greylisting program, by name.
    Greylist(&'static str),
    /// A check that speaks for itself (SPF, DKIM, DMARC, viruses), by name.
    Policy(&'static str),
    /// syslogd itself.
    Syslogd,
    /// Not a mail program.
    Foreign,
}

const GREYLISTING: [&str; 5] = ["cbpolicyd", "policyd", "sqlgrey", "gld", "milter-greylist"];
/// `smtp` and `send` are what the usual service directories are called.
const QMAIL: [&str; 14] = [
    "qmail",
    "qmail-send",
    "qmail-smtpd",
    "qmail-smtp",
    "qmail-scanner",
    "qmail-scanner-queue.pl",
    "smtp",
    "send",
    "tcpserver",
    "rblsmtpd",
    "spamdyke",
    "CHKUSER",
    "simscan",
    "vpopmail",
];
const POLICIES: [&str; 9] = [
    "policyd-spf",
    "policy-spf",
    "pypolicyd-spf",
    "spf-engine",
    "opendkim",
    "opendmarc",
    "clamd",
    "clamav-milter",
    "freshclam",
];

impl Dialect {
    /// Who wrote the line.
    pub fn of(line: &LogLine<'_>) -> Self {
        let program = line.program();
        let named = |names: &[&'static str]| names.iter().copied().find(|name| name.as_bytes() == program);
        if !line.instance().is_empty() && !matches!(program, b"policy-spf" | b"policyd-spf") {
            // `dovecot/lmtp` and the like: an instance is Postfix's only when the daemon is one of Postfix's.
            return postfix::Daemon::of(program).map_or(Self::Foreign, Self::Postfix);
        }
        match program {
            b"amavis" | b"amavisd" | b"amavisd-new" => Self::Amavis,
            b"postgrey" => Self::Postgrey,
            b"rspamd" => Self::Rspamd,
            b"dovecot" => Self::Dovecot,
            b"exim" | b"exim4" => Self::Exim,
            b"smtpd" | b"opensmtpd" => Self::OpenSmtpd,
            b"sendmail" | b"MTA" | b"MSP" => Self::Sendmail,
            program if program.starts_with(b"sm-") => Self::Sendmail,
            b"vchkpw" => Self::Qmail("vpopmail"),
            program if program.starts_with(b"mimedefang") => Self::Policy("mimedefang"),
            b"postfix" => Self::Postfix(postfix::Daemon::Other("postfix")),
            b"spamd" | b"spamassassin" => Self::Spamd,
            SYSLOGD => Self::Syslogd,
            _ => named(&GREYLISTING)
                .map(Self::Greylist)
                .or_else(|| named(&POLICIES).map(Self::Policy))
                .or_else(|| named(&QMAIL).map(Self::Qmail))
                .unwrap_or(Self::Foreign),
        }
    }

    /// What the program says.
    pub fn read(self, message: &[u8]) -> Reading<'_> {
        match self {
            Self::Postfix(daemon) => postfix::read(daemon, message),
            Self::Amavis => amavis::read(message),
            Self::Postgrey => postgrey::read(message),
            Self::Rspamd => rspamd::read(message),
            Self::Spamd => spamd::read(message),
            Self::Dovecot => dovecot::read(message),
            Self::Exim => exim::read(message),
            Self::Sendmail => sendmail::read(message),
            Self::Qmail(program) => qmail::read(program.as_bytes(), message),
            Self::OpenSmtpd => match qmail::read(b"smtpd", message) {
                Reading::Foreign => opensmtpd::read(message),
                reading => reading,
            },
            Self::Greylist(program) => greylist::read(program.as_bytes(), message),
            Self::Policy(program) => policy::read(program.as_bytes(), message),
            // `last message repeated 3 times` is about a mail program's line as likely as about any other.
            Self::Syslogd if message.starts_with(b"last message repeated ") => Reading::Known,
            Self::Syslogd | Self::Foreign => Reading::Foreign,
        }
    }
}

pub use choice::Choice;

/// Reads a line by the dialect of the program that wrote it.
pub fn read<'a>(line: &LogLine<'a>) -> Reading<'a> {
    Dialect::of(line).read(line.message)
}
