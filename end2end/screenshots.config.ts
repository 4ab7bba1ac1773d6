// Pictures of every page, for looking at: `npm run screenshots` writes them to the folder that MAILFATE_SCREENSHOTS names.
import config from './playwright.config.ts';

export default {
  ...config,
  testDir: './screenshots',
  reporter: 'list',
  projects: [{ name: 'pictures', use: { javaScriptEnabled: true } }],
};
