// Nobody sees another customer's mail: not in the log, not by its address, and not even that it exists.
import { expect, hrefOf, rows, test } from '../people.ts';

test('another customer\'s mail is not there, with the same page as one that never was', async ({ page, visit, watch, as, context }) => {
  watch.expect(/status of 404/);
  await as('kundi');
  const href = await hrefOf(page, visit, 'recipient=full@kundi.test');

  await context.clearCookies();
  await as('ispmail');
  const texts: string[] = [];
  for (const path of [href, href.replace(/[^/]{4}$/, 'AAAA')]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.locator('.problem-card h1')).toHaveText('There is nothing here');
    await expect(page.locator('body')).not.toContainText('full@kundi.test');
    texts.push(await page.locator('main').innerText());
  }
  expect(texts[0]).toBe(texts[1]);
});

test('a search for another customer\'s addresses finds nothing of his', async ({ page, visit, as }) => {
  await as('ispmail');
  await visit('/mail');
  await expect(rows(page).first()).toBeVisible();
  await visit('/mail?domain=kundi.test');
  await expect(page.getByRole('alert')).toContainText('not one of your domains');
  await expect(rows(page)).toHaveCount(0);
  await visit('/mail?recipient=full@kundi.test&direction=inbound');
  await expect(rows(page)).toHaveCount(0);
});

test('without a session there is no log and no mail', async ({ page, visit, as, context }) => {
  await as('kundi');
  const href = await hrefOf(page, visit, 'recipient=full@kundi.test');
  await context.clearCookies();
  for (const path of ['/mail', href]) {
    await page.goto(path);
    await expect(page).toHaveURL(/\/sign-in/);
  }
});
