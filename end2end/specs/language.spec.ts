// Three languages: chosen by the browser's wish at first, then by the visitor.
import { expect, test } from '../people.ts';

const languages = [
  { id: 'de', name: 'Deutsch', title: 'Was ist aus meiner Mail geworden?', log: 'Mailverlauf · Mailfate' },
  { id: 'it', name: 'Italiano', title: /mail/i, log: /Mailfate$/ },
  { id: 'en', name: 'English', title: 'What became of my mail?', log: 'Mail log · Mailfate' },
];

test('the sign-in page changes its language and keeps it', async ({ page, visit, hydrated }) => {
  await visit('/sign-in');
  for (const { id, name, title } of languages) {
    await page.getByRole('button', { name }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', id);
    await expect(page.locator('h1')).toHaveText(title);
    await hydrated();
  }
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

test('the log changes its language and stays on the same search', async ({ page, visit, hydrated, as }) => {
  await as('kundi');
  await visit('/mail?outcome=bad&sender=shop.test');
  for (const { id, name, log } of languages) {
    await page.locator('.menu > summary').click();
    await page.getByRole('button', { name }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', id);
    await expect(page).toHaveTitle(log);
    await expect(page).toHaveURL(/\/mail\?(?=.*outcome=bad)(?=.*sender=shop\.test)/);
    await expect(page.locator('main')).not.toContainText(/\b(field|column|outcome|family|reason|story)-\w/);
    await hydrated();
  }
});

test.describe('a browser that wishes for Italian', () => {
  test.use({ locale: 'it-IT' });
  test('gets Italian', async ({ page, visit }) => {
    await visit('/sign-in');
    await expect(page.locator('html')).toHaveAttribute('lang', 'it');
  });
});
