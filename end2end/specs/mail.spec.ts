// One mail: its story in a sentence, advice, the timeline over all servers, facts and raw lines.
import { expect, rows, test } from '../people.ts';

test.beforeEach(async ({ as }) => as('kundi'));

test('a click on a row opens the mail, and the way back leads to the log', async ({ page, visit }) => {
  await visit('/mail');
  const recipient = (await page.locator('.mail-recipient .address').first().innerText()).trim();
  // Anywhere in the row, not only on the word.
  await rows(page).first().click({ position: { x: 24, y: 24 } });
  await expect(page).toHaveURL(/\/mail\/[^/]+\/[^/]+$/);
  await expect(page.locator('.facts')).toContainText(recipient);
  await page.locator('.way-back a').click();
  await expect(page).toHaveURL(/\/mail(\?|$)/);
  await expect(rows(page).first()).toBeVisible();
});

test('the story of a delivered mail goes over both queues of its server', async ({ page, visit }) => {
  await visit('/mail?text=' + encodeURIComponent('1795296629819.pf-s201-00052.6829@ext1.test'));
  await rows(page).first().locator('.mail-link').click();
  await expect(page.locator('.story-head .verdict')).toHaveText('Delivered');
  await expect(page.locator('.story h1')).toContainText(/user39@kundi\.test|oskar\.makela317@ext1\.test/);
  await expect(page.locator('.advice')).not.toBeEmpty();

  const steps = page.locator('.timeline li');
  expect(await steps.count()).toBeGreaterThanOrEqual(4);
  const times = await page.locator('.timeline time').evaluateAll((list) => list.map((time) => Date.parse((time as HTMLTimeElement).dateTime)));
  expect(times, 'oldest first').toEqual([...times].sort((a, b) => a - b));
  await expect(page.locator('.facts')).toContainText('4jX53P0s9Nz1Wbhd → 4jX53R1FWVz1Wbj4');

  const raw = page.locator('.raw-lines').last();
  await expect(raw.locator('pre')).toBeHidden();
  await raw.locator('summary').click();
  await expect(raw.locator('pre')).toContainText('4jX53R1FWVz1Wbj4');
});

test('a full mailbox is told with who can act and what the server said', async ({ page, visit }) => {
  await visit('/mail?recipient=full@kundi.test&outcome=bounced');
  await rows(page).first().locator('.mail-link').click();
  await expect(page.locator('.story-head .verdict.bad')).toBeVisible();
  await expect(page.locator('.advice strong')).toContainText('Who can act');
  await expect(page.locator('.standing')).toContainText(/final/i);
  await expect(page.locator('.raw-lines').first()).toContainText(/quota|full/i);
});

test('the tab is named after the page', async ({ page, visit }) => {
  await visit('/mail');
  await expect(page).toHaveTitle('Mail log · Mailfate');
});
