import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the condition gives something, and returns it. The deadline only ends a test that would hang; it is not a measure. */
export async function waitFor<Result>(
  condition: () => Result | Promise<Result>,
  what: string,
  { deadlineMs = 20_000 }: { deadlineMs?: number } = {},
): Promise<NonNullable<Exclude<Result, false>>> {
  const deadline = Date.now() + deadlineMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const result = await condition();
      if (isSomething(result)) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(10);
  }
  throw new Error(`Waited in vain: ${what}.`, { cause: last });
}

function isSomething<Result>(result: Result): result is NonNullable<Exclude<Result, false>> {
  return result !== null && result !== undefined && result !== false;
}
