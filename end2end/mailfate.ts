// What every spec imports instead of @playwright/test: the same `test` and `expect`, with pages that
// are watched. A test fails on any console error, uncaught exception or failed request that it did
// not announce with `watch.expect(...)`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test as base, expect, type Page } from '@playwright/test';

export { expect };

export type SignIn = { role: string; login: string; password: string };

/** What `mailfate demo --ready-file` wrote. */
export function demo(): { url: string; sign_ins: SignIn[]; log_file: string } {
  return JSON.parse(process.env.MAILFATE_READY ?? '{}');
}

/** The demo's first sign-in with this role: `customer`, `reseller`, `helpdesk`, `operator`, ... */
export function signInOf(role: string): SignIn {
  const found = demo().sign_ins.find((entry) => entry.role === role);
  if (!found) throw new Error(`the demo has no sign-in for the role ${role}`);
  return found;
}

/** Collects everything that a visitor should never cause. */
export class Watch {
  private readonly problems: string[] = [];
  private readonly expected: RegExp[] = [];

  /** Announces a problem that belongs to the test, such as a 404 that it asks for. */
  expect(problem: RegExp): void {
    this.expected.push(problem);
  }

  constructor(private readonly hydrates: boolean) {}

  follow(page: Page): void {
    page.on('console', (message) => {
      if (message.type() === 'error') {
        this.problems.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? 'failed';
      // Leaving a page ends what it was still loading; so does a download that takes over a navigation.
      if (why === 'net::ERR_ABORTED') return;
      // This is how Chromium says that it does not run scripts.
      if (!this.hydrates && why === 'csp' && request.resourceType() === 'script') return;
      this.problems.push(`request: ${request.method()} ${request.url()} ${why}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) this.problems.push(`answer: ${response.status()} ${response.url()}`);
    });
  }

  unexpected(): string[] {
    return this.problems.filter((problem) => !this.expected.some((pattern) => pattern.test(problem)));
  }
}

type Fixtures = {
  watch: Watch;
  /** True in the project `with-js`. */
  hydrates: boolean;
  /** Opens a page and waits until it answers to clicks. */
  visit: (path: string) => Promise<void>;
  /** Waits until the page that is open answers to clicks; for after a click that loads another one. */
  hydrated: () => Promise<void>;
  /** Accessibility problems (WCAG 2.2 A and AA) that axe finds on the open page; none without JavaScript, where axe cannot run. */
  accessibilityProblems: () => Promise<string[]>;
};

export const test = base.extend<Fixtures>({
  // Not a setting in playwright.config.ts: the address is known only when the demo has started.
  baseURL: async ({}, use) => use(process.env.MAILFATE_URL),

  hydrates: async ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),

  // Automatic, so that a spec that forgets to ask for it is watched too.
  watch: [
    async ({ context, hydrates }, use) => {
      const watch = new Watch(hydrates);
      context.on('page', (page) => watch.follow(page));
      await use(watch);
      expect(watch.unexpected(), 'console errors, uncaught exceptions and failed requests').toEqual([]);
    },
    { auto: true },
  ],

  hydrated: async ({ page, hydrates }, use) => {
    await use(async () => {
      // The page itself says when it is hydrated; a click before would be lost or load the whole page.
      if (hydrates) await page.locator('body[data-hydrated]').waitFor({ state: 'attached' });
    });
  },

  visit: async ({ page, hydrated }, use) => {
    await use(async (path) => {
      await page.goto(path);
      await hydrated();
    });
  },

  accessibilityProblems: async ({ page, hydrates }, use) => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await use(async () => {
      if (!hydrates) return [];
      // Evaluated, not added as a script element: the pages' security policy would refuse that.
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        // @ts-expect-error axe is what the line above defined
        window.axe.run(document, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
        }),
      );
      return violations.map(
        (violation: { id: string; help: string; nodes: { html: string }[] }) =>
          `${violation.id}: ${violation.help}: ${violation.nodes.map((node) => node.html).join(' | ')}`,
      );
    });
  },
});
