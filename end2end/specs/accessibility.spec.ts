// axe on every page, in light and dark. It needs JavaScript, so there is nothing to do without.
import { expect, hrefOf, test, unfoldAll } from '../people.ts';

test.skip(({ hydrates }) => !hydrates, 'axe runs in the page');

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('the sign-in page', async ({ visit, accessibilityProblems }) => {
      await visit('/sign-in?problem=refused');
      expect(await accessibilityProblems()).toEqual([]);
    });

    test('the log, with its filters open and empty', async ({ visit, as, page, accessibilityProblems }) => {
      await as('kundi');
      await visit('/mail');
      await page.locator('.menu > summary').click();
      expect(await accessibilityProblems()).toEqual([]);
      await visit('/mail?sender=nobody.test&outcome=bad');
      await expect(page.locator('.finding-card')).toBeVisible();
      expect(await accessibilityProblems()).toEqual([]);
    });

    test('a mail with everything unfolded', async ({ visit, as, page, accessibilityProblems }) => {
      await as('kundi');
      await visit(await hrefOf(page, visit, 'recipient=full@kundi.test&outcome=bounced'));
      await unfoldAll(page);
      expect(await accessibilityProblems()).toEqual([]);
    });

    test('a page that is not there', async ({ visit, as, watch, accessibilityProblems }) => {
      watch.expect(/status of 404/);
      await as('kundi');
      await visit('/nothing');
      expect(await accessibilityProblems()).toEqual([]);
    });
  });
}
