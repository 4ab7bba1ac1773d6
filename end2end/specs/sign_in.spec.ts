// Signing in and out: plain forms, the same with and without JavaScript.
import { expect, rows, signInOf, test } from '../people.ts';

test('a customer signs in, sees the log, and signs out', async ({ page, visit, hydrated }) => {
  const { login, password } = signInOf('kundi');
  await visit('/sign-in');
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('input[name="password"]').press('Enter');

  await expect(page).toHaveURL(/\/mail$/);
  await expect(rows(page).first()).toBeVisible();
  await hydrated();

  await page.locator('.menu > summary').click();
  await expect(page.locator('.menu-who')).toContainText(login);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);

  // The cookie alone must not open anything any more, nor the browser's memory of the page.
  await visit('/mail');
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.locator('.mail-table')).toHaveCount(0);
});

test('a wrong password is refused without a hint which part was wrong', async ({ page, visit }) => {
  const attempts = [
    [signInOf('ispmail').login, 'not the password'],
    ['nobody@nowhere.test', 'not the password'],
  ];
  const answers: string[] = [];
  for (const [login, password] of attempts) {
    await visit('/sign-in');
    await page.locator('input[name="login"]').fill(login);
    await page.locator('input[name="password"]').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    answers.push(await page.getByRole('alert').innerText());
    expect(page.url(), 'what was typed stands in no URL').not.toContain(encodeURIComponent(login));
  }
  expect(answers[0]).toBe(answers[1]);
});

test('after signing in the page that was wanted is there', async ({ page, visit }) => {
  const { login, password } = signInOf('kundi');
  await visit('/mail?outcome=bad');
  await expect(page).toHaveURL(/\/sign-in/);
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/mail\?outcome=bad$/);
  await expect(page.locator('.chip.bad')).toHaveAttribute('aria-current', 'true');
});
