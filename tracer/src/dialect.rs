//! From a line to a statement: which program speaks, and what it says.
//!
//! Goes in: a [`LogLine`]. Comes out: a [`Reading`]. One module a program, each with sample lines in its doc comment; a dialect keeps no state,
//! does not know other lines, and never fails: what it does not understand is [`Reading::Unrecognised`].

use crate::event::Reading;
use crate::line::{LogLine, SYSLOGD};

pub mod amavis;
pub mod dovecot;
pub(crate) mod field;
pub mod greylist;
mod policy;
pub mod postfix;
pub mod postgrey;
pub mod rspamd;
pub mod spamd;

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
            b"postfix" => postfix::read(program, line.message),
            b"spamd" | b"spamassassin" => spamd::read(line.message),
            b"cbpolicyd" | b"policyd" | b"sqlgrey" | b"gld" | b"milter-greylist" => {
                greylist::read(program, line.message)
            }
            b"policyd-spf" | b"policy-spf" | b"pypolicyd-spf" | b"spf-engine" | b"opendkim"
            | b"opendmarc" | b"clamd" | b"clamav-milter" | b"freshclam" => {
                policy::read(program, line.message)
            }
            // What syslogd says itself: `last message repeated 3 times`.
            SYSLOGD if line.message.starts_with(b"last message repeated ") => Reading::Known,
            _ => Reading::Foreign,
        };
    }
    if program == b"policy-spf" || program == b"policyd-spf" {
        return policy::read(program, line.message);
    }
    // `dovecot/lmtp` and the like: instance names of other programs are taken for Postfix's only when the daemon is one of Postfix's.
    postfix::read(program, line.message)
}
