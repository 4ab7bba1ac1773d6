// Every spec runs twice: with the hydrated pages, and as a browser without JavaScript sees them.
// The browser is the machine's own Chromium; Playwright downloads nothing.
import { existsSync } from 'node:fs';
import { defineConfig, devices } from '@playwright/test';

function chromium(): string {
  const candidates = [
    process.env.CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ];
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) {
    throw new Error('Chromium is not here: run setup/setup.sh test, or set CHROMIUM to its path');
  }
  return found;
}

export default defineConfig({
  testDir: './specs',
  outputDir: './test-results',
  globalSetup: './start-mailfate.ts',
  // One database serves all tests, so a spec that changes something changes it for the others.
  // Specs that write use their own sign-in; two workers are what a small machine bears.
  workers: 2,
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  // A test that passes only the second time is a mistake to be found, not to be repeated.
  retries: 0,
  timeout: 30_000,
  // Generous, because both cores may be busy; a test never waits longer than it must.
  expect: { timeout: 10_000 },
  reporter: [['list'], ['html', { open: 'never', outputFolder: 'playwright-report' }]],
  use: {
    ...devices['Desktop Chrome'],
    // The texts that the specs look for are the English ones.
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: chromium(),
      args: [
        // Chromium's sandbox refuses to start as root, which CI is.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        // Without these it calls home at every start.
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-quic',
        '--disable-gpu',
        '--no-first-run',
      ],
    },
  },
  projects: [
    { name: 'with-js', use: { javaScriptEnabled: true } },
    { name: 'without-js', use: { javaScriptEnabled: false } },
  ],
});
