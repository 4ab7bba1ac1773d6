// From a line in the log to the browser: a mail that a server logs now is in the log within seconds, without anybody's doing.
import { appendFileSync, readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { demo } from '../mailfate.ts';
import { expect, rows, test } from '../people.ts';

test('a mail that is logged now is shown by a reload within seconds', async ({ page, visit, as }) => {
  const mark = randomBytes(5).toString('hex');
  const sender = `live.${mark}@agency.test`;
  await as('kundi');
  await visit(`/mail?sender=${sender}`);
  await expect(page.locator('.finding-card')).toBeVisible();

  appendFileSync(demo().log_file, lifeOfAMail(mark.toUpperCase(), sender).map(asLogged).join(''));
  await expect
    .poll(async () => {
      await page.reload();
      return rows(page).count();
    }, { intervals: [250] })
    .toBe(1);
  await expect(rows(page)).toContainText('Delivered');
  await expect(rows(page)).toContainText('office@kundi.test');
  await expect(rows(page)).toContainText('mail.agency.test');
});

/** What Postfix writes about one mail, from the connection to the mailbox. */
function lifeOfAMail(queueId: string, sender: string): string[] {
  const client = 'mail.agency.test[203.0.113.40]';
  return [
    `postfix/smtpd[4711]: connect from ${client}`,
    `postfix/smtpd[4711]: ${queueId}: client=${client}`,
    `postfix/cleanup[4712]: ${queueId}: message-id=<${queueId}@agency.test>`,
    `postfix/qmgr[4713]: ${queueId}: from=<${sender}>, size=2048, nrcpt=1 (queue active)`,
    `postfix/lmtp[4714]: ${queueId}: to=<office@kundi.test>, relay=mail1.isp.test[private/dovecot-lmtp], delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <office@kundi.test> Saved)`,
    `postfix/qmgr[4713]: ${queueId}: removed`,
    `postfix/smtpd[4711]: disconnect from ${client} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5`,
  ];
}

/** A line as the demo's log has them: with the time stamps of its other lines. */
function asLogged(text: string): string {
  return `${timeStampLike(lastLine())} mail1 ${text}\n`;
}

function lastLine(): string {
  return readFileSync(demo().log_file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
}

function timeStampLike(line: string): string {
  const now = new Date();
  if (/^\d{4}-/.test(line)) return now.toISOString().replace('Z', '000+00:00');
  const month = now.toLocaleString('en', { month: 'short', timeZone: 'UTC' });
  return `${month} ${String(now.getUTCDate()).padStart(2)} ${now.toISOString().slice(11, 19)}`;
}
