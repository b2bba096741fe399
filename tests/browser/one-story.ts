import { beforeEach, onTestFailed } from 'vitest';
import type { TestBrowser } from '../support/browser.js';

/** One story goes through all tests of the file: after the first that fails the others would only repeat it. Keeps what the pages showed then. */
export function oneStory(browser: () => TestBrowser | undefined): void {
  let failed = false;
  beforeEach(({ task, skip }) => {
    skip(failed, 'the one before failed');
    onTestFailed(async () => {
      failed = true;
      await browser()?.screenshots(task.name);
    });
  });
}
