// The mail log: what stands in it, the filters that are one click away, and its pages.
import { expect, rows, shown, test } from '../people.ts';

test.beforeEach(async ({ as }) => as('kundi'));

test('the log shows the customer\'s mails, each with a verdict in words', async ({ page, visit }) => {
  await visit('/mail');
  await expect(rows(page)).toHaveCount(50);
  const words = await page.locator('.mail-row .verdict').allInnerTexts();
  expect(words.filter((word) => word.trim() === '')).toEqual([]);
  // One side of every mail is Kundi's.
  for (const row of await rows(page).all()) {
    await expect(row).toContainText(/@(\w+\.)?(kundi|alias)\.test/);
  }
  const times = await page.locator('.mail-time time').evaluateAll((list) => list.map((time) => Date.parse((time as HTMLTimeElement).dateTime)));
  expect(times, 'newest first').toEqual([...times].sort((a, b) => b - a));
});

test('the log says how far it is complete', async ({ page, visit }) => {
  await visit('/mail');
  await expect(page.locator('.freshness')).toContainText(/Complete to \d\d:\d\d:\d\d/);
  await expect(page.locator('.freshness')).toContainText('1 of 1 source up to date');
});

test('a chip narrows the log and a second click widens it again', async ({ page, visit }) => {
  await visit('/mail');
  await page.locator('.chip.bad').click();
  await expect(page).toHaveURL(/outcome=bad/);
  await expect(page.locator('.chip.bad')).toHaveAttribute('aria-current', 'true');
  await expect(page.locator('.mail-row .verdict:not(.bad)')).toHaveCount(0);
  await expect(rows(page).first()).toBeVisible();

  await page.locator('.segmented .chip').nth(1).click();
  await expect(page).toHaveURL(/direction=inbound/);
  expect(page.url(), 'the other filter stays').toContain('outcome=bad');

  await page.locator('.chip.bad').click();
  await expect(page).toHaveURL(/\/mail\?direction=inbound$/);
  await page.locator('.chip.clear').click();
  await expect(page).toHaveURL(/\/mail$/);
});

test('older and newer pages follow each other without a gap or a double', async ({ page, visit }) => {
  await visit('/mail');
  const first = await shown(page);
  await page.locator('.pager [rel="next"]').click();
  await expect(page).toHaveURL(/cursor=/);
  await expect.poll(async () => (await shown(page))[0]).not.toBe(first[0]);
  const second = await shown(page);
  expect(second.filter((href) => first.includes(href))).toEqual([]);
  const newestOfSecond = await page.locator('.mail-time time').first().getAttribute('datetime');

  await page.locator('.pager [rel="prev"]').click();
  await expect.poll(() => shown(page)).toEqual(first);
  const oldestOfFirst = await page.locator('.mail-time time').last().getAttribute('datetime');
  expect(Date.parse(oldestOfFirst ?? '')).toBeGreaterThanOrEqual(Date.parse(newestOfSecond ?? ''));
});

test('going back in the browser shows the page before', async ({ page, visit }) => {
  await visit('/mail');
  const first = await shown(page);
  await page.locator('.pager [rel="next"]').click();
  await expect.poll(async () => (await shown(page))[0]).not.toBe(first[0]);
  await page.goBack();
  await expect.poll(() => shown(page)).toEqual(first);
});
