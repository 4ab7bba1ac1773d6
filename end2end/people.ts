// Who the tests are, and what they often do. The demo's customers share nothing: Kundi Oy has kundi.test, ISP Mail has isp.test.
// Signing in costs a slow password check on purpose, so each worker does it once a person and then brings the cookie.
import { request, type Cookie, type Locator, type Page } from '@playwright/test';
import { demo, expect, test as base, type SignIn } from './mailfate.ts';

export { expect };

export type Person = 'kundi' | 'ispmail';

/** The demo's sign-in of a customer. */
export function signInOf(person: Person): SignIn {
  const found = demo().sign_ins.find((entry) => entry.role === 'customer' && entry.login.includes(person));
  if (!found) throw new Error(`the demo has no customer ${person}`);
  return found;
}

type Fixtures = {
  /** From now on the pages are those of this person. */
  as: (person: Person) => Promise<void>;
};

type WorkerFixtures = {
  cookiesOf: (person: Person) => Promise<Cookie[]>;
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  cookiesOf: [
    async ({}, use) => {
      const known = new Map<Person, Cookie[]>();
      await use(async (person) => {
        const cookies = known.get(person) ?? (await freshCookies(person));
        known.set(person, cookies);
        return cookies;
      });
    },
    { scope: 'worker' },
  ],

  as: async ({ context, cookiesOf }, use) => {
    await use(async (person) => context.addCookies(await cookiesOf(person)));
  },
});

async function freshCookies(person: Person): Promise<Cookie[]> {
  const { url } = demo();
  const visitor = await request.newContext({ baseURL: url });
  const { login, password } = signInOf(person);
  const answer = await visitor.post('/sign-in', {
    form: { login, password, next: '/mail' },
    // What a browser says; the server refuses forms of unknown origin.
    headers: { origin: new URL(url).origin },
    maxRedirects: 0,
  });
  expect(answer.status(), `signing in as ${login}`).toBe(303);
  expect(answer.headers()['location'], `signing in as ${login}`).toBe('/mail');
  const { cookies } = await visitor.storageState();
  await visitor.dispose();
  return cookies;
}

/** The rows of the mail log. */
export function rows(page: Page): Locator {
  return page.locator('.mail-table tbody tr');
}

/** Which mails the log shows, in order. */
export async function shown(page: Page): Promise<string[]> {
  return page.locator('.mail-link').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
}

/** The address of one mail of the sample. */
export async function hrefOf(page: Page, visit: (path: string) => Promise<void>, search: string): Promise<string> {
  await visit(`/mail?${search}`);
  const href = await page.locator('.mail-link').first().getAttribute('href');
  if (!href) throw new Error(`no mail for ${search}`);
  return href;
}

/** Opens every fold of the page's content. */
export async function unfoldAll(page: Page): Promise<void> {
  for (const fold of await page.locator('main details').all()) {
    if ((await fold.getAttribute('open')) === null) await fold.locator('> summary').click();
  }
}
