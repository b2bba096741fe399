/**
 * The script that k6 runs, of all scenarios: SCENARIO says which, STAGE where the server and the people are, and
 * the variables of plan.ts how much. `npm run load` bundles it to .build/script.js and gives it all of that.
 */
import './text-decoder.js';
import { check } from 'k6';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { Chatter } from './chatter.js';
import { afterBeginning, until } from './clock.js';
import { finished, seated } from './metrics.js';
import type { Person } from './person.js';
import { connectSeconds, planOf, thresholds, trendStatistics, variableOf } from './plan.js';
import type { Somebody, StageFile } from './stage-file.js';
import { Visitor } from './visitor.js';

const plan = planOf(__ENV.SCENARIO ?? '', (knob) => __ENV[variableOf(knob)], variableOf);
const stageFile = __ENV.STAGE ?? '';
// Shared by all virtual users: each would have a copy of everybody otherwise.
const people = new SharedArray<Somebody>('people', () => [...(JSON.parse(open(stageFile)) as StageFile).people]);
const groups = new SharedArray<StageFile['groups'][number]>('groups', () => [...(JSON.parse(open(stageFile)) as StageFile).groups]);
const [place] = new SharedArray<Pick<StageFile, 'url' | 'gatewayUrl' | 'sameClock'>>('place', () => {
  const { url, gatewayUrl, sameClock } = JSON.parse(open(stageFile)) as StageFile;
  return [{ url, gatewayUrl, sameClock }];
});

/** Between the last who connects and the first who writes. */
const pauseMs = 1_000;

export const options: Options = {
  scenarios: {
    [plan.scenario]: {
      executor: 'per-vu-iterations',
      vus: Math.ceil(plan.users / plan['per-vu']),
      iterations: 1,
      maxDuration: `${connectSeconds(plan) + plan.seconds + 3 * plan.grace + 120}s`,
    },
  },
  thresholds: thresholds(plan),
  summaryTrendStats: [...trendStatistics],
};

export default async function play(): Promise<void> {
  const connectMs = connectSeconds(plan) * 1_000;
  const begin = afterBeginning(connectMs + pauseMs);
  const end = begin + plan.seconds * 1_000;
  const first = (exec.vu.idInTest - 1) * plan['per-vu'];
  const last = Math.min(first + plan['per-vu'], plan.users);
  const parts = Array.from({ length: last - first }, (_, at) => first + at).map(async (index) => {
    const somebody = people[index];
    if (!place || !somebody) throw new Error(`${stageFile} has no person ${index}.`);
    const cast = { plan, stage: { ...place, people, groups }, somebody, index, begin, end };
    const person = plan.scenario === 'signaling-steady' ? new Visitor(cast) : new Chatter(cast);
    await until(begin - pauseMs - connectMs * (1 - index / plan.users));
    await perform(person, begin).catch((error: unknown) => console.error(`person ${index}: ${String(error)}`));
    person.leave();
  });
  await Promise.all(parts);
}

/** k6 gives everything here, and its own table stays away. */
export function handleSummary(data: unknown): Record<string, string> {
  return { [__ENV.SUMMARY ?? 'stdout']: JSON.stringify(data) };
}

async function perform(person: Person, begin: number): Promise<void> {
  await person.seat();
  seated.add(1);
  check(exec.instance.currentTestRunDuration, { 'all are there before the counting begins': (at) => at <= begin });
  await person.act();
  await person.settle();
  finished.add(1);
}
