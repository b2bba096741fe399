/**
 * What a load test by k6 does, when, and what it must hold: said once for the command, which runs on
 * Node, and for the script, which runs inside k6. Nothing here may need either of them.
 */

export const scenarios = ['chat-steady', 'chat-ramp', 'chat-spike', 'chat-storm', 'chat-soak', 'signaling-steady'] as const;
export type Scenario = (typeof scenarios)[number];

interface Knob {
  readonly help: string;
  readonly least: number;
  readonly most: number;
  readonly usual: number;
  /** Where a scenario wants another default. */
  readonly but?: Partial<Readonly<Record<Scenario, number>>>;
}

/** Each is an option of the command (`--ack-p99`) and a variable of the script (`ACK_P99`). */
export const knobs = {
  users: {
    help: 'people, each on a connection of their own',
    least: 2,
    most: 100_000,
    usual: 200,
    but: { 'chat-soak': 40, 'signaling-steady': 40 },
  },
  members: { help: 'people in each conversation or meeting', least: 2, most: 1_000, usual: 5 },
  rate: {
    help: 'messages a second in all (chat-ramp: at the end); signaling-steady: joins a second in all',
    least: 1,
    most: 100_000,
    usual: 100,
    but: { 'chat-soak': 20, 'signaling-steady': 4 },
  },
  seconds: { help: 'how long they write, or come and go', least: 1, most: 604_800, usual: 30, but: { 'chat-soak': 1_800 } },
  warm: { help: 'seconds at the beginning that are not measured', least: 0, most: 3_600, usual: 2 },
  connect: { help: 'seconds within which all connect; 0: 10 people a second, and 5 s more', least: 0, most: 86_400, usual: 0 },
  read: { help: 'seconds after which each marks what came as read; 0: never', least: 0, most: 86_400, usual: 5 },
  factor: { help: 'chat-spike: in the middle third the rate is so many times higher', least: 2, most: 1_000, usual: 5 },
  back: { help: 'chat-storm: seconds within which those who were cut off come back', least: 1, most: 3_600, usual: 5 },
  churn: {
    help: 'each person is cut off and comes back after so many seconds; 0: never',
    least: 0,
    most: 86_400,
    usual: 0,
    but: { 'chat-soak': 120 },
  },
  grace: { help: 'seconds to wait for the last messages', least: 1, most: 3_600, usual: 30 },
  'per-vu': { help: 'people that one virtual user of k6 plays', least: 1, most: 1_000, usual: 10 },
  'ack-p99': {
    help: 'limit: acknowledgement, milliseconds, p99',
    least: 1,
    most: 600_000,
    usual: 1_000,
    but: { 'chat-spike': 3_000, 'chat-storm': 3_000 },
  },
  'delivery-p99': {
    help: 'limit: delivery to each member, milliseconds, p99',
    least: 1,
    most: 600_000,
    usual: 1_500,
    but: { 'chat-spike': 4_000, 'chat-storm': 4_000 },
  },
  'resume-p99': { help: 'limit: coming back, milliseconds, p99', least: 1, most: 600_000, usual: 3_000 },
  'join-p99': { help: 'limit: MeetingService.Join, milliseconds, p99', least: 1, most: 600_000, usual: 2_000 },
  'presence-p99': {
    help: 'limit: that somebody came, told to the others, milliseconds, p99',
    least: 1,
    most: 600_000,
    usual: 1_500,
  },
  errors: { help: 'limit: calls that fail, of a thousand', least: 0, most: 1_000, usual: 1 },
} as const satisfies Readonly<Record<string, Knob>>;

export type KnobName = keyof typeof knobs;
export const knobNames = Object.keys(knobs) as KnobName[];

export type Plan = Readonly<Record<KnobName, number>> & { readonly scenario: Scenario };

/** A stretch of time in which the rate goes evenly from one to another. */
export interface Stretch {
  readonly phase: string;
  readonly seconds: number;
  readonly from: number;
  readonly to: number;
}

/** When something is due, counted in milliseconds from the moment at which all are there. */
export interface Turn {
  readonly number: number;
  readonly dueMs: number;
}

export function variableOf(knob: KnobName): string {
  return knob.toUpperCase().replaceAll('-', '_');
}

export function usualOf(knob: KnobName, scenario: Scenario): number {
  const { usual, but }: Knob = knobs[knob];
  return but?.[scenario] ?? usual;
}

/** @throws RangeError with a sentence for who gave it. */
export function planOf(scenario: string, given: (knob: KnobName) => string | undefined, nameOf: (knob: KnobName) => string): Plan {
  const known = scenarios.find((name) => name === scenario);
  if (known === undefined) throw new RangeError(`There is no scenario "${scenario}"; there are ${scenarios.join(', ')}.`);
  const read = (knob: KnobName): number => {
    const { least, most }: Knob = knobs[knob];
    const text = given(knob);
    if (text === undefined || text === '') return usualOf(knob, known);
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new RangeError(`${nameOf(knob)} takes a whole number from ${least} to ${most}, not "${text}".`);
    return value;
  };
  const values = Object.fromEntries(knobNames.map((knob) => [knob, read(knob)])) as Record<KnobName, number>;
  const plan: Plan = { ...values, scenario: known };
  if (plan.warm >= plan.seconds)
    throw new RangeError(`${nameOf('warm')} must be less than ${nameOf('seconds')}: nothing would be measured.`);
  if (plan.users % plan.members === 1)
    throw new RangeError(`${plan.users} people in groups of ${plan.members} leave one alone; choose another ${nameOf('users')}.`);
  if (plan.scenario === 'chat-storm' && plan.seconds < 2 * plan.back)
    throw new RangeError(`${nameOf('seconds')} must be twice ${nameOf('back')} or more, so that something is written before and after.`);
  return plan;
}

/** Group by group, as conversations and meetings are made: the first of each is its host. */
export function groupOf(plan: Plan, index: number): { readonly group: number; readonly seat: number } {
  return { group: Math.floor(index / plan.members), seat: index % plan.members };
}

export function groupCount(plan: Plan): number {
  return Math.ceil(plan.users / plan.members);
}

export function connectSeconds(plan: Plan): number {
  return plan.connect || 5 + Math.ceil(plan.users / 10);
}

export function stretches({ scenario, rate, seconds, factor, back }: Plan): readonly Stretch[] {
  const even = (phase: string, share: number, at = rate): Stretch => ({ phase, seconds: share, from: at, to: at });
  if (scenario === 'chat-ramp')
    return [1, 2, 3, 4].map((quarter) => ({
      phase: `quarter${quarter}`,
      seconds: seconds / 4,
      from: (rate * (quarter - 1)) / 4,
      to: (rate * quarter) / 4,
    }));
  if (scenario === 'chat-spike')
    return [even('before', seconds / 3), even('spike', seconds / 3, rate * factor), even('after', seconds / 3)];
  if (scenario === 'chat-storm') {
    const before = stormBegins({ seconds, back });
    return [even('before', before), even('storm', back), even('after', seconds - before - back)];
  }
  if (scenario === 'chat-soak') return [even('first_half', seconds / 2), even('second_half', seconds / 2)];
  return [even('all', seconds)];
}

/** Seconds after the beginning. */
export function stormBegins({ seconds, back }: Pick<Plan, 'seconds' | 'back'>): number {
  return (seconds - back) / 2;
}

/** Every second one is cut off, so that those who go and those who stay share conversations. */
export function leaves({ scenario }: Plan, index: number): boolean {
  return scenario === 'chat-storm' && index % 2 === 1;
}

/** Who is cut off can't write; a host stays in his meeting, so that it goes on. */
function acts(plan: Plan, index: number): boolean {
  return plan.scenario === 'signaling-steady' ? groupOf(plan, index).seat > 0 : !leaves(plan, index);
}

function actors(plan: Plan): number {
  let count = 0;
  for (let index = 0; index < plan.users; index += 1) if (acts(plan, index)) count += 1;
  return count;
}

/** All turns of everybody: what is to be acknowledged in the end. */
export function turnCount(plan: Plan): number {
  return Math.floor(stretches(plan).reduce((sum, stretch) => sum + areaOf(stretch), 0));
}

/** One person's turns: everybody's are dealt out evenly. */
export function turnsOf(plan: Plan, index: number): Turn[] {
  if (!acts(plan, index)) return [];
  let place = 0;
  for (let other = 0; other < index; other += 1) if (acts(plan, other)) place += 1;
  const step = actors(plan);
  const turns: Turn[] = [];
  const all = stretches(plan);
  const total = turnCount(plan);
  for (let number = place; number < total; number += step) turns.push({ number, dueMs: dueMs(all, number) });
  return turns;
}

export function phaseAt(plan: Plan, ms: number): string {
  let end = 0;
  const all = stretches(plan);
  for (const { phase, seconds } of all) {
    end += seconds * 1_000;
    if (ms < end) return phase;
  }
  return all.at(-1)?.phase ?? '';
}

/** How long somebody stays in a meeting: half of the time until he joins again. */
export function stayMs(plan: Plan): number {
  return (actors(plan) / plan.rate) * 500;
}

/** In k6's words; the run fails where one is not kept. */
export function thresholds(plan: Plan): Record<string, string[]> {
  const nothing = ['count==0'];
  const common = {
    call_errors: [`rate<=${plan.errors / 1_000}`],
    checks: ['rate==1'],
    connections_lost: nothing,
    // Without these a run in which nothing happened would have kept all the others.
    people_seated: [`count==${plan.users}`],
    people_finished: [`count==${plan.users}`],
  };
  const done = Math.floor(turnCount(plan) * (1 - plan.errors / 1_000));
  if (plan.scenario === 'signaling-steady')
    return {
      ...common,
      meeting_join_ms: [`p(99)<=${plan['join-p99']}`],
      meeting_presence_ms: [`p(99)<=${plan['presence-p99']}`],
      signaling_lost: nothing,
      signaling_duplicated: nothing,
      meeting_joins: [`count>=${done}`],
    };
  const limits: Record<string, string[]> = {
    ...common,
    chat_ack_ms: [`p(99)<=${plan['ack-p99']}`],
    chat_delivery_ms: [`p(99)<=${plan['delivery-p99']}`],
    chat_lost: nothing,
    chat_duplicated: nothing,
    chat_acknowledged: [`count>=${done}`],
  };
  if (plan.scenario === 'chat-storm' || plan.churn > 0) limits.chat_resume_ms = [`p(99)<=${plan['resume-p99']}`];
  // k6 tells of a part of a metric only where it has a limit; these are kept by whatever comes.
  const parts = stretches(plan);
  if (parts.length > 1)
    for (const { phase } of parts)
      for (const metric of ['chat_ack_ms', 'chat_delivery_ms']) limits[`${metric}{phase:${phase}}`] = ['max>=0'];
  return limits;
}

/** Percentiles that k6 is to tell of every trend: enough to draw it. */
export const shares: readonly number[] = [...Array.from({ length: 199 }, (_, at) => (at + 1) / 2), 99.9];

export const trendStatistics: readonly string[] = ['count', 'min', 'max', ...shares.map((share) => `p(${share})`)];

function areaOf({ seconds, from, to }: Stretch): number {
  return (seconds * (from + to)) / 2;
}

/** The moment at which so many turns have come: the rate, added up, turned round. */
function dueMs(all: readonly Stretch[], number: number): number {
  let before = 0;
  let begin = 0;
  for (const stretch of all) {
    const area = areaOf(stretch);
    if (number < before + area) return (begin + secondsUntil(stretch, number - before)) * 1_000;
    before += area;
    begin += stretch.seconds;
  }
  return begin * 1_000;
}

/** Solves from * t + (to - from) / (2 * seconds) * t² = turns. */
function secondsUntil({ seconds, from, to }: Stretch, turns: number): number {
  const slope = (to - from) / seconds;
  if (slope === 0) return turns / from;
  return (Math.sqrt(from * from + 2 * slope * turns) - from) / slope;
}
