// Searching: every field, what the URL says, and what an empty result says.
import { expect, rows, shown, test } from '../people.ts';

test.beforeEach(async ({ as }) => as('kundi'));

test('typing and Enter search, and the URL is the search', async ({ page, visit, hydrated }) => {
  await visit('/mail');
  await page.locator('input[name="text"]').fill('agency.test');
  await page.locator('input[name="text"]').press('Enter');
  await expect(page).toHaveURL(/text=agency\.test/);
  await expect.poll(async () => (await rows(page).allInnerTexts()).every((row) => row.includes('agency.test'))).toBe(true);
  const found = await shown(page);
  expect(found.length).toBeGreaterThan(3);

  await page.reload();
  await hydrated();
  await expect(page.locator('input[name="text"]')).toHaveValue('agency.test');
  expect(await shown(page)).toEqual(found);
});

test('sender and recipient are searched by part, by domain and by address', async ({ page, visit }) => {
  await visit('/mail?sender=shop.test');
  await expect(rows(page).first()).toBeVisible();
  for (const sender of await page.locator('.mail-sender .address').allInnerTexts()) expect(sender).toContain('shop.test');
  await expect(page.locator('.search-more'), 'filters that hold are not hidden').toHaveAttribute('open', '');

  await visit('/mail?recipient=user5');
  await expect(rows(page).first()).toBeVisible();
  const found = await page.locator('.mail-recipient').allInnerTexts();
  expect(found.filter((recipient) => !recipient.includes('user5'))).toEqual([]);
  expect(new Set(found).size, 'a part of an address fits several').toBeGreaterThan(1);

  await visit('/mail?recipient=full@kundi.test');
  await expect(rows(page).first()).toBeVisible();
  for (const recipient of await page.locator('.mail-recipient').allInnerTexts()) expect(recipient).toContain('full@kundi.test');
});

test('the form\'s fields find what they name', async ({ page, visit }) => {
  await visit('/mail');
  await page.locator('.search-more > summary').click();
  await page.locator('input[name="recipient"]').fill('full@kundi.test');
  await page.locator('select[name="outcome"]').selectOption('bounced');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(/recipient=full(@|%40)kundi\.test/);
  await expect(page).toHaveURL(/outcome=bounced/);
  await expect(rows(page).first()).toBeVisible();
  await expect(page.locator('.mail-row .verdict').filter({ hasNotText: 'Returned to sender' })).toHaveCount(0);
});

test('a Message-ID finds its mail', async ({ page, visit }) => {
  await visit('/mail?text=' + encodeURIComponent('<1795296629819.pf-s201-00052.6829@ext1.test>'));
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('user39@kundi.test');
});

test('a day is a filter, and a day without mail is a finding', async ({ page, visit }) => {
  await visit('/mail');
  const newest = (await page.locator('.mail-time time').first().getAttribute('datetime')) ?? '';
  const day = newest.slice(0, 10);
  await visit(`/mail?since=${day}&until=${day}`);
  await expect(rows(page).first()).toBeVisible();
  const days = await page.locator('.mail-time time').evaluateAll((list) => list.map((time) => (time as HTMLTimeElement).dateTime.slice(0, 10)));
  expect(new Set(days)).toEqual(new Set([day]));

  await visit('/mail?since=2001-02-03&until=2001-02-04&sender=bank.test');
  await expect(page.locator('.finding-card h2')).toHaveText('Nothing found, and that is a finding');
  await expect(page.locator('.finding-card')).toContainText('bank.test');
  await expect(page.locator('.mail-table')).toHaveCount(0);
});

test('what is no day is said, not silently dropped', async ({ page, visit }) => {
  await visit('/mail?since=yesterdayish');
  await expect(page.getByRole('alert')).toContainText('yesterdayish');
  await expect(rows(page).first()).toBeVisible();
});

test('what is typed is shown as text, never as markup', async ({ page, visit }) => {
  const typed = '<img src=x onerror=alert(1)>"\'&';
  await visit('/mail?text=' + encodeURIComponent(typed));
  await expect(page.locator('input[name="text"]')).toHaveValue(typed);
  await expect(page.locator('.finding-card dd')).toHaveText(typed);
  await expect(page.locator('main img')).toHaveCount(0);
});
