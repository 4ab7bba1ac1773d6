// On a phone nothing is wider than the screen, in any language, and every row is a card that a thumb can hit.
import { expect, hrefOf, rows, test, unfoldAll } from '../people.ts';

test.use({ viewport: { width: 390, height: 844 } });

test.beforeEach(async ({ as }) => as('kundi'));

test('no page scrolls sideways', async ({ page, visit, watch }) => {
  watch.expect(/status of 404/);
  const mail = await hrefOf(page, visit, 'recipient=full@kundi.test&outcome=bounced');
  const pages = ['/mail', '/mail?sender=shop.test&since=2026-01-01', '/mail?text=nothing-like-this', mail, '/nothing', '/sign-in'];
  for (const path of pages) {
    await page.goto(path);
    await unfoldAll(page);
    const widths = await page.locator('html').evaluate((html) => ({ content: html.scrollWidth, screen: html.clientWidth }));
    expect(widths.content, path).toBeLessThanOrEqual(widths.screen);
  }
});

test('rows are cards', async ({ page, visit }) => {
  await visit('/mail');
  const sender = await rows(page).first().locator('.mail-sender').boundingBox();
  const recipient = await rows(page).first().locator('.mail-recipient').boundingBox();
  expect(recipient?.y, 'one under the other').toBeGreaterThan(sender?.y ?? Infinity);
  await expect(page.locator('.search-fields'), 'the filters are folded').toBeHidden();
});
