//! What filters say beside the queue: amavis, rspamd, and the mailbox's own account of a delivery.

use bstr::ByteSlice;
use compact_str::CompactString;
use model::record::TrailKind;
use model::time::Micros;
use smallvec::SmallVec;

use super::message::{Judged, Mailbox, MessageIx};
use super::{Context, Correlator, LONGEST_JOINED, MailboxSaid, QUARANTINE_WITHIN, bracketed, compact, text};
use crate::dialect;
use crate::event::{FilterAction, Judgement, MailboxAction, MailboxLine, ScanLine};

/// Beginnings that wait for their ends (cut lines, announced releases, mailbox lines), at most; real ones wait for seconds.
const UNFINISHED: usize = 4_000;
impl Correlator {
    pub(super) fn judged(&mut self, context: &Context<'_>, judgement: &Judgement<'_>) {
        let judged = Judged {
            category: text::clean_bounded(judgement.category, 60).into(),
            detail: judgement.detail.map(|detail| text::clean_bounded(detail, 200)),
            action: judgement.action,
            quarantine: judgement.quarantine.map(|path| text::clean_bounded(path, 200)),
            score: judgement.score.filter(|score| score.is_finite()),
            scan_ms: judgement.scan_ms,
        };
        let behind: SmallVec<[MessageIx; 2]> = judgement
            .queued_as
            .into_iter()
            .flat_map(|ids| ids.split(|byte| *byte == b'/'))
            .filter_map(|id| self.find(id, context.at))
            .collect();
        let Some(ix) = judgement.queue_id.and_then(|id| self.find(id, context.at)) else {
            if behind.is_empty() && judgement.queue_id.is_none() {
                self.refused_by_filter(context, judgement, &judged);
            }
            for ix in behind {
                self.messages[ix].judgement = Some(Box::new(judged.clone()));
                self.keep(context, ix, TrailKind::Checked);
            }
            return;
        };
        for child in behind {
            self.link(ix, child);
        }
        let kind = if judged.quarantine.is_some() {
            TrailKind::Quarantined
        } else {
            TrailKind::Checked
        };
        if judged.action != FilterAction::TempFail || self.messages[ix].judgement.is_none() {
            if let Some(mail_id) = judgement.mail_id
                && judged.quarantine.is_some()
            {
                let mail_id = compact(mail_id);
                self.quarantined.insert(mail_id.clone(), ix);
                let message = &mut self.messages[ix];
                message.quarantined_as = Some(mail_id);
                message.keep_until = Micros(context.at.0 + QUARANTINE_WITHIN);
            }
            self.messages[ix].judgement = Some(Box::new(judged));
        }
        self.keep(context, ix, kind);
    }

    /// The statement that this last part makes whole.
    pub(super) fn joined_amavis(
        &self,
        context: &Context<'_>,
        scan: &[u8],
        continues: bool,
        text: &[u8],
    ) -> Vec<u8> {
        let before = continues.then(|| self.cut_lines.get(&(context.host, compact(scan))));
        let before = before.flatten().map_or(&b""[..], |(joined, _)| joined);
        [before, text].concat()
    }

    /// The quarantined mail whose release this scan announced.
    pub(super) fn announced_release(&self, context: &Context<'_>) -> Option<&CompactString> {
        self.releases.get(&*scan(context.raw)?.to_str_lossy())
    }

    pub(super) fn amavis_part(
        &mut self,
        context: &Context<'_>,
        scan: &[u8],
        continues: bool,
        more: bool,
        text: &[u8],
    ) {
        let key = (context.host, compact(scan));
        let (mut joined, mut raw) = if continues {
            self.cut_lines.remove(&key).unwrap_or_default()
        } else {
            (Vec::new(), Vec::new())
        };
        if continues && joined.is_empty() || joined.len() > LONGEST_JOINED {
            return;
        }
        joined.extend_from_slice(text);
        raw.extend_from_slice(context.raw);
        if more {
            raw.push(b' ');
            if self.cut_lines.len() >= UNFINISHED {
                self.cut_lines.clear();
            }
            self.cut_lines.insert(key, (joined, raw));
        } else if let Some(judgement) = dialect::amavis::judgement(&joined) {
            let whole = Context {
                raw: &raw,
                ..*context
            };
            self.judged(&whole, &judgement);
        }
    }

    pub(super) fn amavis_sent(
        &mut self,
        context: &Context<'_>,
        is_release: bool,
        about: Option<&[u8]>,
        queued_as: Option<&[u8]>,
    ) {
        match (is_release, about, queued_as) {
            (true, Some(about), None) => {
                if let Some(scan) = scan(context.raw) {
                    if self.releases.len() >= UNFINISHED {
                        self.releases.clear();
                    }
                    self.releases.insert(compact(scan), compact(about));
                }
                if let Some(ix) = self.quarantined.get(&*about.to_str_lossy()).copied() {
                    self.keep(context, ix, TrailKind::Released);
                }
            }
            (true, about, Some(next)) => {
                let announced = self.announced_release(context).cloned();
                let mail_id = announced.or_else(|| about.map(compact));
                let parent = mail_id.and_then(|mail_id| self.quarantined.get(&mail_id).copied());
                if let (Some(parent), Some(child)) = (parent, self.find(next, context.at)) {
                    self.messages[child].state.release = true;
                    self.link(parent, child);
                }
            }
            (false, _, Some(next)) => {
                if let Some(ix) = self.find(next, context.at) {
                    self.messages[ix].state.own_mail = true;
                    self.keep(context, ix, TrailKind::Noted);
                }
            }
            (_, _, None) => {}
        }
    }

    pub(super) fn scanned(&mut self, context: &Context<'_>, scan: &ScanLine<'_>) {
        let Some(ix) = scan.queue_id.and_then(|id| self.find(id, context.at)) else {
            return;
        };
        let kept = self.keep(context, ix, TrailKind::Checked);
        let message = &mut self.messages[ix];
        for recipient in bracketed(scan.recipients) {
            message.name_recipient(kept, context.raw, recipient);
        }
        let (category, action) = match scan.action {
            b"reject" => ("SPAM", FilterAction::Reject),
            b"soft reject" | b"greylist" => ("GREYLIST", FilterAction::TempFail),
            b"add header" | b"rewrite subject" => ("SPAMMY", FilterAction::Pass),
            b"discard" => ("SPAM", FilterAction::Discard),
            _ => ("CLEAN", FilterAction::Pass),
        };
        let category = match scan.forced_by {
            Some(b"dmarc") if action == FilterAction::Reject => "DMARC",
            Some(b"ratelimit") if action != FilterAction::Pass => "RATELIMIT",
            _ => category,
        };
        let detail = (category != "CLEAN").then(|| dialect::rspamd::heaviest(scan.symbols).join(&b", "[..]));
        message.judgement = Some(Box::new(Judged {
            category: CompactString::const_new(category),
            detail: detail
                .filter(|names| !names.is_empty())
                .map(|names| text::clean_bounded(&names, 200)),
            action,
            quarantine: None,
            score: scan.score.filter(|score| score.is_finite()),
            scan_ms: scan.scan_ms,
        }));
    }

    pub(super) fn mailbox(&mut self, context: &Context<'_>, line: &MailboxLine<'_>) {
        let Some(session) = line.session else { return };
        let key = compact(session);
        if let Some(said) = self.mailbox.get_mut(&key) {
            // "Stored" beats everything else that a Sieve script logs for the same mail: a copy stays.
            if said.mailbox.action != MailboxAction::Stored || line.action == MailboxAction::Stored {
                said.mailbox.action = line.action;
                said.mailbox.detail = text::clean_bounded(line.detail, 300);
                said.raw.clear();
                said.raw.extend_from_slice(context.raw);
            }
            return;
        }
        if self.mailbox.len() >= UNFINISHED {
            self.mailbox.clear();
        }
        let said = MailboxSaid {
            at: context.at,
            mailbox: Mailbox {
                action: line.action,
                detail: text::clean_bounded(line.detail, 300),
            },
            raw: context.raw.to_vec(),
            server: context.server,
            program: context.program,
        };
        self.mailbox.insert(key, said);
    }
}

/// `00934-06` of `(00934-06) ...`, the same in all lines of one scan.
fn scan(raw: &[u8]) -> Option<&[u8]> {
    let open = raw.find_byteset(b"(")?;
    raw[open + 1..].split(|byte| *byte == b')').next()
}
