// Without a mouse.
import { expect, rows, test } from '../people.ts';

test.beforeEach(async ({ as }) => as('kundi'));

test('the first stop skips to the content', async ({ page, visit }) => {
  await visit('/mail');
  await page.keyboard.press('Tab');
  const skip = page.locator('.skip-link');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#content$/);
  await page.keyboard.press('Tab');
  await expect(page.locator('input[name="text"]')).toBeFocused();
});

test('a row is reached, shows where the focus is, and opens with Enter', async ({ page, visit }) => {
  await visit('/mail');
  const link = rows(page).nth(1).locator('.mail-link');
  await rows(page).first().locator('.mail-link').focus();
  await page.keyboard.press('Tab');
  await expect(link).toBeFocused();
  const outline = await link.evaluate((element) => getComputedStyle(element, '::after').outlineStyle);
  expect(outline).toBe('solid');
  const href = await link.getAttribute('href');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`${href}$`));
});

test('the menu opens and closes with the keyboard', async ({ page, visit }) => {
  await visit('/mail');
  await page.locator('.menu > summary').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeHidden();
});
