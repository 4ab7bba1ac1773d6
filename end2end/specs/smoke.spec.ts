// The one spec that everything else stands on: the program starts and its first page is there.
import { expect, test } from '../mailfate.ts';

test('the sign-in page shows', async ({ page, visit }) => {
  await visit('/');
  await expect(page.locator('input[type="password"]')).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', /^en/);
  await expect(page.locator('form button[type="submit"]').first()).toBeVisible();
});
