//! Lines of Postfix that are understood and carry nothing about what became of a mail, by daemon.
//!
//! ```text
//! postscreen: CONNECT from [203.0.113.168]:54029 to [192.0.2.25]:25
//! smtp: connect to mx.example.test[198.51.100.200]:25: No route to host              (the recipient's own line says the same)
//! smtp: 4jX53l2: host mx.example.test[198.51.100.20] said: 450 4.7.1 ...             (the next server of the same try, or the next try, decides)
//! anvil: statistics: max connection rate 1/60s for (smtpd:203.0.113.1) at Nov 21 21:30:50
//! master: daemon started -- version 3.7.11, configuration /etc/postfix
//! smtpd: warning: hostname x.example.test does not resolve to address 203.0.113.9
//! qmgr: qmgr_active_feed: queue deferred                                              (`-v`: a function of the source and what it does)
//! ```
//!
//! What is decided here, and why:
//! - **Warnings and errors are free text** (`msg_warn` and its kin take any string, hundreds of them in each release) and speak of the server's state,
//!   so `warning: ...` without a queue id is known. `warning: ID: ...` speaks of a mail: only those are known that stand in [`WARNINGS_OF_A_MAIL`].
//! - **Verbose logging** (`-v`) begins with the name of a C function, which always holds an underscore. No statement about a mail does.
//! - **Everything else must be listed.** A statement of a later release shows up as unrecognised, above all one with a queue id.

use crate::dialect::field::queue_id;

/// Behind `warning: ID: `. What such a warning costs the mail, its delivery lines and answers tell.
const WARNINGS_OF_A_MAIL: &[&[u8]] = &[
    b"queue file size limit",
    b"message rejected: ",
    b"read timeout on ",
    b"queue file write error",
    b"queue file has ",
    b"file size limit",
    b"defer service fail",
    b"bounce service fail",
    b"trace service fail",
    b"flush service fail",
    b"verify service fail",
    b"no recipients specified",
    b"removed spurious",
    b"corrupt",
    b"unable to ",
    b"removing ",
    b"rewriting ",
    b"unexpected ",
    b"ignoring ",
    b"unreasonable ",
    b"expansion loop",
    b"truncat",
    b"message has been queued for",
];

/// Whether a line of `daemon` that is no event is understood all the same.
pub(super) fn is_known(daemon: &[u8], message: &[u8]) -> bool {
    if let Some((_, rest)) = queue_id(message) {
        return of_a_mail(daemon, rest);
    }
    match message.first() {
        None => return true,
        Some(b'w') => {
            if let Some(warning) = message.strip_prefix(b"warning: ") {
                return is_known_warning(warning);
            }
        }
        Some(b'f' | b'e' | b'p' | b'i')
            if begins(message, &[b"fatal: ", b"error: ", b"panic: ", b"info: "]) =>
        {
            return true;
        }
        _ => {}
    }
    let own = match daemon {
        b"smtpd" | b"qmqpd" => begins(message, SMTPD),
        b"postscreen" | b"tlsproxy" => begins(message, POSTSCREEN),
        b"smtp" | b"lmtp" | b"relay" => begins(message, SMTP),
        b"qmgr" | b"oqmgr" | b"nqmgr" => begins(message, QMGR),
        b"cleanup" => begins(message, &[b"milter "]),
        b"anvil" | b"scache" => message.starts_with(b"statistics: "),
        b"dnsblog" => message.starts_with(b"addr "),
        b"verify" => message.starts_with(b"cache "),
        b"master"
        | b"postfix-script"
        | b"postlog"
        | b"postlogd"
        | b"postmulti"
        | b"postfix-tls-script"
        | b"post-install" => begins(message, MASTER),
        b"postsuper" => begins(message, POSTSUPER),
        b"bounce" | b"defer" | b"trace" => begins(message, BOUNCE),
        b"postfix" => {
            [SMTPD, POSTSCREEN, SMTP, QMGR, MASTER, POSTSUPER, BOUNCE]
                .iter()
                .any(|list| begins(message, list))
                || begins(message, &[b"statistics: ", b"addr ", b"cache "])
        }
        _ => false,
    };
    own || begins(message, ANY) || is_tls(message) || is_trace(message)
}

/// Behind `ID: `: what stands in the source of each daemon that writes it and is no event.
fn of_a_mail(daemon: &[u8], rest: &[u8]) -> bool {
    let own: &[&[u8]] = match daemon {
        b"smtp" | b"lmtp" | b"relay" => OF_A_MAIL_SMTP,
        b"cleanup" => OF_A_MAIL_CLEANUP,
        b"qmgr" | b"oqmgr" | b"nqmgr" => &[
            b"skipped, still being delivered",
            b"recipient limit ",
            b"sender ",
            b"address ",
        ],
        b"bounce" | b"defer" | b"trace" => &[
            b"undeliverable postmaster notification discarded",
            b"bounce notification",
            b"sender ",
            b"postmaster ",
        ],
        b"postsuper" => &[b"expired", b"renamed"],
        b"smtpd" | b"qmqpd" => &[
            b"lost connection",
            b"timeout ",
            b"too many errors",
            b"improper command",
            b"bare ",
            b"sender ",
            b"discarding ",
        ],
        b"pipe" | b"local" | b"virtual" | b"error" | b"discard" => {
            &[b"address with illegal extension", b"Cannot "]
        }
        b"postfix" => {
            return begins(rest, OF_A_MAIL_SMTP)
                || begins(rest, OF_A_MAIL_CLEANUP)
                || begins(
                    rest,
                    &[
                        b"skipped, still being delivered",
                        b"expired",
                        b"undeliverable postmaster",
                    ],
                );
        }
        _ => &[],
    };
    begins(rest, own) || rest.strip_prefix(b"warning: ").is_some_and(is_known_warning) || is_trace(rest)
}

fn is_known_warning(warning: &[u8]) -> bool {
    match queue_id(warning) {
        Some((_, rest)) => {
            begins(rest, WARNINGS_OF_A_MAIL)
                // `sender_canonical_maps map lookup problem for a@x.test -- message not accepted, try again later`
                || memchr::memmem::find(rest, b" lookup ").is_some()
                || is_trace(rest)
        }
        None => true,
    }
}

const ANY: &[&[u8]] = &[
    b"message repeated ",
    b"table ",
    b"using backwards-compatible default setting ",
    b"disabling backwards-compatible default",
    b"idle timeout",
    b"rewrite stream disconnect",
    b"proxymap stream disconnect",
    b"proxywrite stream disconnect",
    b"private/",
    b"public/",
    b"send attr ",
    b"input attribute ",
    b"connection established",
    b"connection closed",
    b"trigger ",
    b"premature end-of-input ",
    b"close database ",
    b"open database ",
    b"unix:",
    b"service ",
    b"lookup ",
    b"debug ",
    b"accept connection ",
    b"name server ",
    b"watchdog",
    b"before ",
    b"after ",
    b"process generation: ",
    b"disposing ",
    b"file lock ",
    b"connect to subsystem ",
    b"mynetworks: ",
    b"fsspace: ",
    b"Run-time linked against ",
    b"Compiled against ",
    b"master disconnect ",
    b"smtp socket: wanted attribute: ",
    b"cleanup socket: wanted attribute: ",
    b"local socket: wanted attribute: ",
    b"pipe socket: wanted attribute: ",
    b"initial envelope ",
    b"extracted envelope ",
    b"cleanup flags = ",
    b"open incoming/",
    b"deleting ",
];
const SMTPD: &[&[u8]] = &[
    b"connect from ",
    b"disconnect from ",
    b"lost connection after ",
    b"timeout after ",
    b"too many errors after ",
    b"too many unknown",
    b"improper command pipelining after ",
    b"improper command ",
    b"bare <",
    b"bare newline",
    b"discarding EHLO keywords: ",
    b"setting up TLS connection ",
    b"proxy-accept: ",
    b"NOQUEUE: client=",
    b"NOQUEUE: reject: VRFY from ",
    b"NOQUEUE: reject: ETRN from ",
    b"NOQUEUE: reject_warning: VRFY from ",
    b"NOQUEUE: reject_warning: ETRN from ",
    b"NOQUEUE: lost connection ",
    b"NOQUEUE: timeout ",
    b"NOQUEUE: too many errors ",
    b"NOQUEUE: improper command ",
    b"NOQUEUE: bare ",
    b"abort all milters",
    b"SASL ",
    b"> ",
    b"< ",
    b">>> ",
    b"<<< ",
    b">> ",
    b"<< ",
    b"XCLIENT ",
    b"XFORWARD ",
    b"reading from ",
    b"vstream_",
    b"name=",
    b"free milter",
];
const POSTSCREEN: &[&[u8]] = &[
    b"CONNECT from ",
    b"DISCONNECT ",
    b"PASS NEW ",
    b"PASS OLD ",
    b"ALLOWLISTED ",
    b"WHITELISTED ",
    b"DENYLISTED ",
    b"BLACKLISTED ",
    b"ALLOWLIST VETO ",
    b"WHITELIST VETO ",
    b"DNSBL rank ",
    b"PREGREET ",
    b"HANGUP after ",
    b"COMMAND PIPELINING from ",
    b"COMMAND TIME LIMIT from ",
    b"COMMAND COUNT LIMIT from ",
    b"COMMAND LENGTH LIMIT from ",
    b"NON-SMTP COMMAND from ",
    b"BARE NEWLINE from ",
    b"DATA without valid RCPT from ",
    b"BDAT without valid RCPT from ",
    b"cache ",
    b"setting up TLS connection ",
    b"SSL_",
    b"NOQUEUE: lost connection ",
    b"> [",
    b"< [",
    b"> ",
    b"< ",
];
const SMTP: &[&[u8]] = &[
    b"connect to ",
    b"setting up TLS connection ",
    b"Host offered STARTTLS: ",
    b"certificate verification failed for ",
    b"certificate peer name verification failed for ",
    b"server certificate verification failed for ",
    b"Server certificate ",
    b"server certificate ",
    b"TLS policy ",
    b"TLS security ",
    b"TLS is ",
    b"Cannot start TLS",
    b"mapping DSN status ",
    b"discarding EHLO keywords: ",
    b"connecting to ",
    b"pref ",
    b"begin ",
    b"end ",
    b"smtp stream ",
    b"lost connection with ",
    b"conversation with ",
    b"host ",
    b"Using ESMTP ",
    b"Server features: ",
    b"> ",
    b"< ",
    b"address ",
];
const QMGR: &[&[u8]] = &[
    b"request: ",
    b"request ignored",
    b"done incoming queue scan",
    b"done deferred queue scan",
    b"start sorted recipient list",
    b"end sorted recipient list",
    b"start sorted ",
    b"end sorted ",
    b"wakeup ",
    b"start move queue ",
    b"end move queue ",
    b"transport_event: ",
];
const MASTER: &[&[u8]] = &[
    b"daemon started -- ",
    b"reload -- ",
    b"reload configuration ",
    b"terminating on signal ",
    b"starting the Postfix mail system",
    b"stopping the Postfix mail system",
    b"refreshing the Postfix mail system",
    b"aborting the Postfix mail system",
    b"waiting for the Postfix mail system",
    b"the Postfix mail system is ",
    b"Postfix is running with backwards-compatible",
    b"Postfix is using backwards-compatible",
    b"See http",
    b"see http",
    b"To disable backwards compatibility",
    b"removing stale ",
    b"removing directory ",
    b"removing ",
    b"creating ",
    b"rebuilding ",
    b"Editing ",
    b"editing ",
    b"usage: ",
    b"flushing queued mail",
    b"stopping ",
    b"starting ",
    b"stderr: ",
    b"setting ",
    b"not started ",
    b"master_exit_time",
    b"starting maillog_file",
];
const POSTSUPER: &[&[u8]] = &[
    b"Deleted: ",
    b"Requeued: ",
    b"Placed on hold: ",
    b"Released from hold: ",
    b"Expired: ",
    b"Renamed to match inode number: ",
    b"Flagged ",
];
const BOUNCE: &[&[u8]] = &[b"generic bounce ", b"[built-in]", b"template "];
const OF_A_MAIL_SMTP: &[&[u8]] = &[
    b"host ",
    b"lost connection with ",
    b"conversation with ",
    b"enabling PIX workarounds",
    b"SASL authentication failed",
    b"Cannot start TLS",
    b"TLS is required",
    b"TLS ",
    b"Server certificate ",
    b"server certificate ",
    b"certificate verification failed",
    b"breaking line ",
    b"server dropped ",
    b"server refused ",
    b"not offered ",
    b"REQUIRETLS ",
    b"sender ",
    b"filtered ",
];
const OF_A_MAIL_CLEANUP: &[&[u8]] = &[
    b"resent-message-id=",
    b"milter-header-",
    b"milter-body-",
    b"replace: ",
    b"prepend: ",
    b"strip: ",
    b"ignore: ",
    b"redirect: ",
    b"filter: ",
    b"bcc: ",
    b"pass: ",
    b"table ",
    b"sender ",
    b"header ",
];

/// What the TLS library's wrapper logs at each level, on both sides.
fn is_tls(message: &[u8]) -> bool {
    const WHOLE: &[&[u8]] = &[
        b"Anonymous TLS connection ",
        b"Trusted TLS connection ",
        b"Untrusted TLS connection ",
        b"Verified TLS connection ",
        b"Anonymous, ",
        b"SSL_accept",
        b"SSL_connect",
        b"SSL3 alert ",
        b"SSL_",
        b"initializing the client-side TLS engine",
        b"initializing the server-side TLS engine",
        b"Re-using session ",
        b"Restored session ",
        b"save session ",
        b"looking up session ",
        b"starting TLS engine",
        b"TLS cipher list ",
        b"write to ",
        b"read from ",
        b"0000 ",
        b"Peer ",
        b"Issuer ",
        b"fingerprint",
    ];
    const BEHIND_PEER: &[&[u8]] = &[
        b": save session ",
        b": looking for session ",
        b": Trusted: ",
        b": Untrusted: ",
        b": Verified: ",
        b": Matched ",
        b": subject_CN=",
        b": depth=",
        b": TLS cipher list ",
        b": reloaded session ",
        b": fingerprint=",
        b": certificate verification ",
        b": issuer",
        b": re-using session ",
        b": not re-using session",
        b": expecting ",
        b": decrypting ",
        b": Issued ",
        b": Reusing ",
        b": SNI ",
        b": pkey_fingerprint=",
    ];
    if begins(message, WHOLE) {
        return true;
    }
    let close = memchr::memchr(b']', &message[..message.len().min(300)]);
    close.is_some_and(|close| {
        let after = &message[close + 1..];
        let port = after.strip_prefix(b":").map_or(0, |after| {
            let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits > 0 { digits + 1 } else { 0 }
        });
        begins(&after[port..], BEHIND_PEER)
    })
}

/// `-v`: `match_hostname: localhost ~? 127.0.0.0/8`, the name of a C function in front.
fn is_trace(message: &[u8]) -> bool {
    let end = message
        .iter()
        .take(60)
        .position(|byte| !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_'))
        .unwrap_or(message.len().min(60));
    let name = &message[..end];
    name.first().is_some_and(u8::is_ascii_lowercase)
        && name.contains(&b'_')
        && matches!(message.get(end), None | Some(b':' | b' ' | b'[' | b'('))
}

fn begins(message: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|word| message.starts_with(word))
}
