//! Exim's statements that say nothing about what became of a mail, by their first words.
//!
//! Goes in: a statement without its message id. Comes out: whether it is one of them. The words are those of Exim's own sources (`log_write`),
//! 4.60 to 4.99; what an administrator's own rules write (`logwrite`, `log_message`) is not here and stays unrecognised.
//!
//! ```text
//! Start queue run: pid=138
//! exim 4.96 daemon started: pid=134, -q30m, listening for SMTP on port 25 (IPv4)
//! no host name found for IP address 203.0.113.9
//! SMTP connection from mail10.agency.test [203.0.113.10] closed by QUIT
//! login authenticator failed for (x) [203.0.113.9]: 535 Incorrect authentication data (set_id=anna)
//! TLS error on connection from [203.0.113.9] (recv): The TLS connection was non-properly terminated.
//! SMTP protocol error in "AUTH LOGIN" H=(x) [203.0.113.9] AUTH command used when not advertised
//! ```

/// Whether a statement is known to carry nothing about a mail.
pub(super) fn is_known(message: &[u8]) -> bool {
    let words: &[&[u8]] = match message.first() {
        Some(b'A') => A,
        Some(b'C') => C,
        Some(b'D') => D,
        Some(b'E') => E,
        Some(b'F') => F,
        Some(b'L' | b'I' | b'M' | b'N' | b'O') => I_TO_O,
        Some(b'P' | b'R') => P_TO_R,
        Some(b'S') => S,
        Some(b'T' | b'U' | b'V' | b'W') => T_TO_W,
        Some(b'a'..=b'd') => LOWER_A_TO_D,
        Some(b'e'..=b'h') => LOWER_E_TO_H,
        Some(b'i'..=b'm') => LOWER_I_TO_M,
        Some(b'n'..=b'q') => LOWER_N_TO_Q,
        Some(b'r'..=b's') => LOWER_R_TO_S,
        Some(b't'..=b'z') => LOWER_T_TO_Z,
        _ => OTHER,
    };
    words.iter().any(|word| message.starts_with(word)) || is_known_by_its_middle(message)
}

/// Statements that begin with a name of the configuration: an authenticator, a router, a transport, a list.
fn is_known_by_its_middle(message: &[u8]) -> bool {
    const MIDDLES: [&[u8]; 12] = [
        b" authenticator failed ",
        b" authenticator cancelled ",
        b" authenticator (",
        b" authenticator: ",
        b" router: ",
        b" router generated more than ",
        b" router failed to expand ",
        b" router returned unknown value ",
        b" transport process vanished unexpectedly",
        b" transport process returned non-zero status ",
        b" transport called with no hosts set",
        b" daemon started: ",
    ];
    let Some(space) = memchr::memchr(b' ', message) else {
        return false;
    };
    let rest = message.get(space..).unwrap_or_default();
    MIDDLES.iter().any(|middle| rest.starts_with(middle))
        || rest.get(1..).is_some_and(|rest| {
            rest.starts_with(b"accept() failure") || rest.starts_with(b"select() failure")
        })
}

const A: &[&[u8]] = &[
    b"ACL for ",
    b"ACL \"warn\" ",
    b"ALPN unusable ",
    b"ARC: ",
    b"ATRN ",
    b"Abandon queue run: ",
    b"Attempt to exec tainted path: ",
    b"Attempt to open msglog file ",
];
const C: &[&[u8]] = &[
    b"CNAME loop for ",
    b"Can't ",
    b"Cannot lock ",
    b"Cannot open ",
    b"Ci=",
    b"Connection aborted; STARTTLS ",
    b"Couldn't ",
];
const D: &[&[u8]] = &[
    b"DANE attempt failed; ",
    b"DANE error: ",
    b"DCC: ",
    b"DKIM: ",
    b"DMARC ",
    b"DNS list lookup ",
    b"Daemon cannot be run ",
    b"Delivery deferred by system filter",
    b"Delivery status for ",
    b"Duplicate lookup name ",
];
const E: &[&[u8]] = &[
    b"EHLO/HELO response must not contain newlines",
    b"ETRN ",
    b"End queue run: ",
    b"End '",
    b"Error in ",
    b"Error or EOF on input from ",
    b"Error reading ",
    b"Error while reading message",
    b"Error/short write ",
    b"Exim configuration error",
    b"Expansion of ",
];
const F: &[&[u8]] = &[
    b"Failed to ",
    b"Failed writing ",
    b"Failed setting ownership ",
    b"Fork failed ",
    b"Format error in spool file ",
];
const I_TO_O: &[&[u8]] = &[
    b"IPv4 socket creation failed",
    b"IPv6 socket creation failed",
    b"Input from inetd ",
    b"Internal error: ",
    b"Long ",
    b"Lookup module ",
    b"Loop detected in lookup ",
    b"MIME acl condition warning ",
    b"Malformed IP address ",
    b"Malformed value ",
    b"Message abandoned: ",
    b"Message id ",
    b"Module ",
    b"More than one path given ",
    b"OCSP ",
];
const P_TO_R: &[&[u8]] = &[
    b"PRDR ",
    b"Process ",
    b"Received TLS cert ",
    b"Required TLS certificate status not received",
    b"Rewrite of ",
];
const S: &[&[u8]] = &[
    b"SIGSEGV",
    b"SEGV_",
    b"SIGTERM received ",
    b"SIGINT received ",
    b"SMTP command timeout ",
    b"SMTP connection from ",
    b"SMTP connection identification ",
    b"SMTP connection lost after final dot ",
    b"SMTP connection outbound ",
    b"SMTP data timeout (message abandoned) ",
    b"SMTP protocol error in ",
    b"SMTP protocol violation",
    b"SMTP syntax error in ",
    b"SPF: ",
    b"SSL channel closed ",
    b"SSL verify ",
    b"SSL_read",
    b"SSL_write",
    b"STARTTLS ",
    b"Sender identification ",
    b"Server certificate ",
    b"Setting IPV6_V6ONLY ",
    b"Spool file ",
    b"Spool error",
    b"Spool Q=",
    b"Start queue run: ",
    b"Start '",
    b"Start ODMR ",
    b"Stat failed on ",
];
const T_TO_W: &[&[u8]] = &[
    b"TFO mode connection from ",
    b"TLS ALPN ",
    b"TLS cache read failed",
    b"TLS error ",
    b"TLS session: ",
    b"Tainted ",
    b"Taint mismatch",
    b"Temporary error with DCC",
    b"Timeout on nmh lookup ",
    b"Too many recipients: ",
    b"Unexpected error return ",
    b"Unknown DCC response",
    b"VRFY failed for ",
    b"WARNING: ",
    b"Warning: No server certificate defined",
    b"Warning: ACL 'warn' statement skipped",
    b"Warning: purging the environment",
    b"Wrong header from DCC",
    b"Wrong ownership on ",
];
const LOWER_A_TO_D: &[&[u8]] = &[
    b"acl_smtp_mime: ",
    b"arc: ",
    b"attempt to use",
    b"attempt to open journal ",
    b"bad local_part ",
    b"bad memory ",
    b"bad router variable ",
    b"bad value for ",
    b"bind of [",
    b"buffer underflow in ",
    b"can't ",
    b"cannot ",
    b"configured error code ",
    b"connection from ",
    b"creation of pipe ",
    b"daemon: ",
    b"deliver_datafile lseek: ",
    b"delivery setrlimit",
    b"dlfunc{",
    b"dmarc: ",
    b"dns_again_means_nonexist ",
    b"dnslist query ",
    b"dnslists domain ",
    b"dnssec fail ",
    b"debugging Exim ",
];
const LOWER_E_TO_H: &[&[u8]] = &[
    b"exec of ",
    b"excessive memory ",
    b"exim ",
    b"expansion of ",
    b"failed ",
    b"failure to ",
    b"fork failed ",
    b"fork() failed ",
    b"fork of ",
    b"getpeername() failed",
    b"getrlimit(",
    b"getsockname() failed",
    b"getsockopt() failed",
    b"header snprintf failed",
    b"host name alias list truncated ",
];
const LOWER_I_TO_M: &[&[u8]] = &[
    b"ident connection to ",
    b"ignoring AUTH=",
    b"initgroups failed ",
    b"internal ACL error: ",
    b"internal error",
    b"internal problem in ",
    b"internal scanner error ",
    b"invalid message_size_limit: ",
    b"invalid return ",
    b"invalid value for message_size_limit",
    b"link(",
    b"list matching forced to fail: ",
    b"listen backlog ",
    b"listen() failed ",
    b"live variable ",
    b"local part longer than ",
    b"log directory space check failed",
    b"log_file_path ",
    b"lookup of host ",
    b"malloc() failed ",
    b"malware acl condition: ",
    b"mime_regex acl condition warning ",
];
const LOWER_N_TO_Q: &[&[u8]] = &[
    b"nmh lookup: ",
    b"no @ found in the subject ",
    b"no IP address found for host ",
    b"no MAIL in ",
    b"no host name found for IP address ",
    b"no immediate delivery: ",
    b"no port specified ",
    b"notify triggered queue run",
    b"null conn-context pointer",
    b"overlong ",
    b"partial matching is not applicable ",
    b"peer close after all rcpt responses",
    b"pid ",
    b"pid_file_path ",
    b"process ",
    b"qualify/rewrite: ",
    b"queue run: ",
];
const LOWER_R_TO_S: &[&[u8]] = &[
    b"read from fakens failed",
    b"readsock fdopen: ",
    b"recipient verify ",
    b"redirection process ",
    b"regex acl condition",
    b"regular expression error: ",
    b"rejected XCLIENT ",
    b"remote delivery process count ",
    b"responsible-mailbox truncated",
    b"rewrite rule repeat ignored ",
    b"ridiculously long message header ",
    b"rmdir(",
    b"routing loop for ",
    b"sender verify ",
    b"setitimer() failed",
    b"setrlimit(",
    b"setsockopt(",
    b"setting SO_REUSEADDR ",
    b"setup fail for ",
    b"shadow transport ",
    b"smtp-wait database entry ",
    b"socket bind() ",
    b"spam acl condition: ",
    b"spamd: ",
    b"spool directory space check failed",
    b"spool_directory ",
    b"store_",
    b"string ",
    b"string_",
    b"syslog_processname ",
    b"system filter generated ",
];
const LOWER_T_TO_Z: &[&[u8]] = &[
    b"tainted search query ",
    b"timed out while reading local message",
    b"tls_verify_certificates ",
    b"too many lookups open",
    b"unable to ",
    b"unexpected disconnection while reading SMTP command ",
    b"unexpected EOF while reading SMTP command ",
    b"unknown item in dnslist ",
    b"unknown log name ",
    b"unknown named ",
    b"unlink(",
];
const OTHER: &[&[u8]] = &[b"\"", b"(SSL_", b"(gnutls"];
