//! Lines of Sendmail that say nothing about a mail's fate, and those that say that a client was lost.
//!
//! Goes in: a message that is no statement. Comes out: whether it is one of Sendmail's other log statements.

use super::queue_id;

/// `lost input channel`, `timeout waiting for input`, `collect: ...`: in a session with a client, not with a server (`during client ...`).
pub(super) fn is_loss(rest: &[u8]) -> bool {
    if rest.starts_with(b"timeout waiting for input ") {
        return memchr::memmem::find(rest, b" during client ").is_none();
    }
    rest.starts_with(b"lost input channel ")
        || rest.starts_with(b"collect: ")
        || rest.starts_with(b"SYSERR(")
            && memchr::memmem::find(&rest[..rest.len().min(40)], b": collect: ").is_some()
}

pub(super) fn is_known(message: &[u8]) -> bool {
    const PLAIN: &[&[u8]] = &[
        b"STARTTLS",
        b"AUTH",
        b"NOQUEUE: ",
        b"SYSERR(",
        b"gethostbyaddr(",
        b"starting daemon ",
        b"restarting ",
        b"stopping daemon",
        b"started as: ",
        b"rejecting connections on daemon ",
        b"accepting connections again ",
        b"deferring connections on daemon ",
        b"alias database ",
        b"/etc/mail/aliases: ",
        b"/etc/aliases: ",
        b"grew WorkList for ",
        b"runqueue: ",
        b"timeout waiting for input ",
        b"lost input channel ",
        b"My unqualified host name ",
        b"unable to qualify my own domain name ",
        b"File descriptors missing on startup: ",
        b"daemon invoked without full pathname",
        b"Warning: ",
        b"error: ",
        b"problem creating SMTP socket",
        b"daemon ",
        b"getrequests: ",
        b"low on space ",
        b"database ",
        b"ruleset=",
        b"dns ",
        b"ldap",
        b"hash map ",
        b"milter=",
        b"Milter ",
        b"sasl error",
        b"Authentication-Warning: ",
        b"Losing ",
        b"did not issue ",
        b"rejecting commands ",
        b"dropenvelope",
        b"refused connection from ",
        b"warning: ",
    ];
    const WITH_ID: &[&[u8]] = &[
        b"Milter",
        b"milter=",
        b"SMTP outgoing connect ",
        b"Authentication-Warning: ",
        b"AUTH ",
        b"AUTH=",
        b"STARTTLS",
        b"rejecting commands from ",
        b"timeout waiting for input ",
        b"lost input channel ",
        b"message size (",
        b"possible SMTP attack",
        b"SYSERR(",
        b"ruleset=",
        b"alias ",
        b"forward ",
        b"locked",
        b"Truncated MIME ",
        b"Fixed MIME ",
        b"headers too large",
        b"too many ",
        b"Too many ",
        b"hop count ",
        b"low on space ",
        b"--- ",
        b"<-- ",
        b"dropped ",
        b"assigned id",
        b"preprocess",
        b"queueup",
        b"Losing ",
        b"savemail",
        b"dns ",
        b"ldap",
        b"makeconnection ",
        b"probable open proxy",
        b"collect: ",
        b"sendto",
        b"unable to ",
        b"cannot ",
        b"Cannot ",
        b"mailer ",
        b"tls_",
        b"delivering mail ",
        b"SMTP MAIL command ",
        b"invalid domain name ",
        b"quarantine",
        b"deliver: ",
        b"discarding ",
        b"NOTE: ",
        b"host name ",
    ];
    // What follows the client's name in `name [ip]: ...` or `name [ip] did not ...`.
    const BEHIND_CLIENT: &[&[u8]] = &[
        b" did not issue MAIL/EXPN/VRFY/ETRN during connection to ",
        b": possible SMTP attack: command=",
        b": EXPN ",
        b": VRFY ",
        b": expn ",
        b": vrfy ",
        b": ETRN ",
        b": Probable open proxy",
        b": probable open proxy",
        b": DEBUG",
        b": WIZ",
    ];
    let Some((_, rest)) = queue_id(message) else {
        return PLAIN.iter().any(|beginning| message.starts_with(beginning));
    };
    rest.is_empty()
        || WITH_ID.iter().any(|beginning| rest.starts_with(beginning))
        || memchr::memchr(b']', rest).is_some_and(|close| {
            let rest = &rest[close + 1..];
            let rest = rest.strip_prefix(b" (may be forged)").unwrap_or(rest);
            BEHIND_CLIENT.iter().any(|words| rest.starts_with(words))
        })
        || rest
            .split(|byte| *byte == b' ')
            .next()
            .is_some_and(|address| address.ends_with(b"..."))
}
