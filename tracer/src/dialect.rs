//! From a line to a statement: which program speaks, and what it says.
//!
//! Goes in: a [`LogLine`]. Comes out: a [`Reading`]. One module a program, each with sample lines in its doc comment; a dialect keeps no state,
//! does not know other lines, and never fails: what it does not understand is [`Reading::Unrecognised`].

use crate::event::Reading;
use crate::line::LogLine;

pub mod amavis;
pub mod dovecot;
mod field;
pub mod opensmtpd;
pub mod postfix;
pub mod postgrey;
pub mod qmail;
pub mod rspamd;
pub mod sendmail;

/// Reads a line by the dialect of the program that wrote it.
pub fn read<'a>(line: &LogLine<'a>) -> Reading<'a> {
    let instance = line.instance();
    let program = line.program();
    if instance.is_empty() {
        return match program {
            b"amavis" | b"amavisd" | b"amavisd-new" => amavis::read(line.message),
            b"postgrey" => postgrey::read(line.message),
            b"rspamd" => rspamd::read(line.message),
            b"dovecot" => dovecot::read(line.message),
            b"postfix" | b"opendkim" | b"opendmarc" | b"policyd-spf" | b"clamd" | b"clamav-milter"
            | b"freshclam" | b"spamd" | b"spamassassin" => Reading::Known,
            b"sendmail" | b"MTA" | b"MSP" => sendmail::read(line.message),
            tag if tag.starts_with(b"sm-") => sendmail::read(line.message),
            tag if tag.starts_with(b"mimedefang") => Reading::Known,
            // splogger may have the same tag; its stamp and its programs' names tell.
            b"smtpd" => match qmail::read(b"smtpd", line.message) {
                Reading::Foreign => opensmtpd::read(line.message),
                reading => reading,
            },
            tag => qmail::read(tag, line.message),
        };
    }
    // `dovecot/lmtp` and the like: instance names of other programs are taken for Postfix's only when the daemon is one of Postfix's.
    postfix::read(program, line.message)
}
