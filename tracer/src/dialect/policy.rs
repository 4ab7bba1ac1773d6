//! SPF, DKIM, DMARC and virus checks that speak for themselves: all their lines are known and none is an event, because the MTA that asked
//! logs what it made of the answer (a refusal, a header) with the mail's own id, and these lines often have none.
//!
//! ```text
//! policyd-spf: prepend Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=203.0.113.209; helo=...; envelope-from=...; receiver=kundi.test
//! policyd-spf: 550 5.7.23 Message rejected due to: SPF fail - not authorized. ...
//! postfix/policy-spf: Policy action=PREPEND Received-SPF: pass (s.test: 203.0.113.209 is authorized ...) ...
//! opendkim: 4jX53G22rQz1Wbb5: DKIM-Signature field added (s=lab1, d=isp.test)
//! opendmarc: 4jX5393sCJz1Wbb5: strict.test fail
//! clamd: /var/lib/amavis/tmp/amavis-1/parts/p001: Eicar-Signature FOUND
//! clamav-milter: Message 4jX53G22rQz1Wbb5 from <s@s.test> to <u@k.test> with subject 'x' message-id '<1@s.test>' date '...' infected by Eicar-Signature
//! ```

use crate::event::Reading;

/// Reads a line of `program`. The SPF services answer in the policy protocol's words, so anything else of them is news.
pub(super) fn read<'a>(program: &[u8], message: &[u8]) -> Reading<'a> {
    let is_known = match program {
        b"policyd-spf" | b"policy-spf" | b"pypolicyd-spf" | b"spf-engine" => spf(message),
        _ => true,
    };
    if is_known {
        Reading::Known
    } else {
        Reading::Unrecognised
    }
}

fn spf(message: &[u8]) -> bool {
    // A queue id or nothing stands in front: `: prepend Received-SPF: ...`.
    let text = message.strip_prefix(b": ").unwrap_or(message);
    let text = crate::dialect::field::queue_id(text).map_or(text, |(_, rest)| rest);
    [
        &b"prepend "[..],
        b"Prepend ",
        b"PREPEND ",
        b"Policy action=",
        b"action=",
        b"DUNNO",
        b"dunno",
        b"550 ",
        b"451 ",
        b"450 ",
        b"Received-SPF: ",
        b"Authentication-Results: ",
        b"SPF ",
        b"spfcheck: ",
        b"handler ",
        b"testing: ",
        b"Attribute: ",
        b"Read line: ",
        b"Found the end of entry",
        b"Config: ",
        b"Cached data ",
        b"_get_resultcodes",
        b"_get_rest",
        b"skip_addresses: ",
        b"Starting",
        b"Pass; ",
        b"None; ",
        b"Fail; ",
        b"Softfail; ",
        b"Neutral; ",
        b"Permerror; ",
        b"Temperror; ",
        b"pass: ",
        b"none: ",
        b"fail: ",
        b"softfail: ",
        b"neutral: ",
        b"Traceback ",
        b"ERROR",
        b"WARNING",
        b"Malformed ",
        b"warning: ",
        b"defer_if_permit ",
        b"DEFER_IF_PERMIT ",
        b"reject ",
        b"REJECT ",
        b"ERROR: ",
    ]
    .iter()
    .any(|words| text.starts_with(words))
}
