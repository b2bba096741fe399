/** The end of a recording in a meeting, as its host and everybody after it sees it. */
import type { z } from 'zod';
import type { recordingDetailSchema } from '../../src/recording/schema.js';
import { waitFor } from '../support/wait-for.js';
import type { Person } from './person.js';

type Detail = z.output<typeof recordingDetailSchema>;

/** Stops it, and says that it is meant so. */
export async function stopRecording({ page }: Person): Promise<void> {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Stop the recording' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop the recording' }).click();
}

/** Waits until it is put together. */
export async function untilReady(detail: () => Promise<Detail>): Promise<void> {
  await waitFor(
    async () => {
      const { state, step, failure } = await detail();
      if (state === 'failed') throw new Error(`It failed at ${step}: ${failure}`);
      return state === 'ready';
    },
    'the recording',
    { deadlineMs: 240_000 },
  );
}
