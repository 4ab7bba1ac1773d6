// Every page on a desk and on a phone, in light and in dark. Nothing is compared: people look at them.
import { resolve } from 'node:path';
import { hrefOf, test, unfoldAll } from '../people.ts';

const folder = resolve(process.env.MAILFATE_SCREENSHOTS ?? '../target/screenshots');

const sizes = {
  1280: { width: 1280, height: 860 },
  390: { width: 390, height: 844 },
};

for (const [width, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${width} ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('pages', async ({ page, visit, as, watch }) => {
        watch.expect(/status of 404/);
        const take = async (name: string, fullPage = false) => {
          await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage, animations: 'disabled' });
        };
        await visit('/sign-in');
        await take('sign-in');
        await visit('/sign-in?problem=refused');
        await take('sign-in-refused');

        await as('kundi');
        await visit('/mail');
        await take('log');
        await page.locator('.menu > summary').click();
        await take('menu');
        await visit('/mail?sender=shop.test&outcome=bad');
        await take('search');
        await visit('/mail?sender=bank.test&recipient=nobody');
        await take('finding');

        const stories: [string, string][] = [
          ['mail-delivered', 'text=1795296629819.pf-s201-00052.6829@ext1.test'],
          ['mail-returned', 'recipient=full@kundi.test&outcome=bounced'],
          ['mail-refused', 'outcome=rejected'],
          ['mail-held', 'outcome=quarantined'],
        ];
        for (const [name, search] of stories) {
          await visit(await hrefOf(page, visit, search));
          await unfoldAll(page);
          await take(name, true);
        }
        await visit('/nothing');
        await take('not-found');
      });
    });
  }
}
