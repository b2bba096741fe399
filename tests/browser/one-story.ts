import { beforeEach, onTestFailed, onTestFinished } from 'vitest';
import type { TestBrowser } from '../support/browser.js';

/**
 * One story goes through all tests of the file: after the first that fails the others would only repeat
 * it. The one that failed itself may be tried again, from where it stands. Keeps what the pages showed then.
 */
export function oneStory(browser: () => TestBrowser | undefined): void {
  let failed: string | null = null;
  beforeEach(({ task, skip }) => {
    skip(failed !== null && failed !== task.id, 'the one before failed');
    failed = null;
    onTestFailed(async () => {
      await browser()?.screenshots(task.name);
    });
    onTestFinished(({ task: { id, result } }) => {
      if (result?.state === 'fail') failed = id;
    });
  });
}
