//! From a line to a statement: which program speaks, and what it says.
//!
//! Goes in: a [`LogLine`]. Comes out: a [`Reading`]. One module a program, each with sample lines in its doc comment; a dialect keeps no state,
//! does not know other lines, and never fails: what it does not understand is [`Reading::Unrecognised`].

use crate::event::Reading;
use crate::line::LogLine;

pub mod amavis;
pub mod dovecot;
pub mod exim;
mod field;
pub mod postfix;
pub mod postgrey;
pub mod rspamd;

/// The program that wrote a line: decided by the tag alone, once for all lines that carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A daemon of Postfix.
    Postfix(postfix::Daemon),
    /// amavisd-new.
    Amavis,
    /// postgrey.
    Postgrey,
    /// rspamd.
    Rspamd,
    /// Dovecot.
    Dovecot,
    /// Exim.
    Exim,
    /// A mail program whose lines carry nothing that is used here.
    Silent,
    /// Not a mail program.
    Foreign,
}

impl Dialect {
    /// Who wrote the line.
    pub fn of(line: &LogLine<'_>) -> Self {
        let program = line.program();
        if !line.instance().is_empty() {
            // `dovecot/lmtp` and the like: an instance is Postfix's only when the daemon is one of Postfix's.
            return postfix::Daemon::of(program).map_or(Self::Foreign, Self::Postfix);
        }
        match program {
            b"amavis" | b"amavisd" | b"amavisd-new" => Self::Amavis,
            b"postgrey" => Self::Postgrey,
            b"rspamd" => Self::Rspamd,
            b"dovecot" => Self::Dovecot,
            b"exim" | b"exim4" => Self::Exim,
            b"postfix" | b"opendkim" | b"opendmarc" | b"policyd-spf" | b"clamd" | b"clamav-milter"
            | b"freshclam" | b"spamd" | b"spamassassin" => Self::Silent,
            _ => Self::Foreign,
        }
    }

    /// What the program says.
    pub fn read(self, message: &[u8]) -> Reading<'_> {
        match self {
            Self::Postfix(daemon) => postfix::read(daemon, message),
            Self::Amavis => amavis::read(message),
            Self::Postgrey => postgrey::read(message),
            Self::Rspamd => rspamd::read(message),
            Self::Dovecot => dovecot::read(message),
            Self::Exim => exim::read(message),
            Self::Silent => Reading::Known,
            Self::Foreign => Reading::Foreign,
        }
    }
}

/// Reads a line by the dialect of the program that wrote it.
pub fn read<'a>(line: &LogLine<'a>) -> Reading<'a> {
    Dialect::of(line).read(line.message)
}
