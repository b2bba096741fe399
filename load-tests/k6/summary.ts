/** What k6 tells at the end, as figures of the project's own report. */
import { z } from 'zod';
import { type Distribution, round, type Unit } from '../lib/figure.js';
import type { Figure, Measured } from '../lib/result.js';
import { shares } from './plan.js';

const summarySchema = z.object({
  metrics: z.record(
    z.string(),
    z.object({
      type: z.enum(['trend', 'counter', 'rate', 'gauge']),
      values: z.record(z.string(), z.number()),
      thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).default({}),
    }),
  ),
});
export type Summary = z.output<typeof summarySchema>;

export interface Limit {
  readonly metric: string;
  /** In k6's words. */
  readonly expression: string;
  readonly isKept: boolean;
}

/** Kept by whatever comes: k6 tells of a part of a metric only where it has a limit. */
const anything = 'max>=0';

const meanings: Readonly<Record<string, readonly [Unit, string]>> = {
  sign_in_ms: ['ms', 'POST /api/auth/sign-in, with the check of the password.'],
  welcome_ms: ['ms', 'From the first packet of a connection to the welcome.'],
  chat_sync_ms: ['ms', 'The first Sync of a session.'],
  chat_ack_ms: ['ms', 'From the moment a message is due to the answer that it is durable.'],
  chat_delivery_ms: ['ms', 'From the moment a message is due to its arrival at a member, for each member who is there.'],
  chat_read_ms: ['ms', 'MarkRead.'],
  chat_resume_ms: ['ms', 'From the first packet of the new connection to the answer that says what was missed.'],
  meeting_join_ms: ['ms', 'From the moment a join is due to the answer with the snapshot and both transports.'],
  meeting_presence_ms: ['ms', 'From the moment the server lets somebody in until another in the meeting is told.'],
  meeting_leave_ms: ['ms', 'MeetingService.Leave.'],
  chat_acknowledged: ['count', 'Messages that the server says are durable, those before the counting included.'],
  chat_delivered: ['count', 'Messages that arrived at members.'],
  chat_lost: ['count', 'Messages that a member did not get, and those that were acknowledged and are not there.'],
  chat_duplicated: ['count', 'Messages that came to a member twice.'],
  chat_new_sessions: ['count', 'Of those who came back: with a new session in place of the old one.'],
  meeting_joins: ['count', 'Joins that were answered.'],
  signaling_lost: ['count', 'Events of a meeting that a participant did not get.'],
  signaling_duplicated: ['count', 'Events of a meeting that came twice.'],
  call_errors: ['ratio', 'Share of the calls over the socket that failed.'],
  connections_lost: ['count', 'Connections that the server ended, or that were refused.'],
  checks: ['ratio', 'Share of the checks of the script that were right.'],
};

export function readSummary(text: string): Summary {
  return summarySchema.parse(JSON.parse(text));
}

/** Of the metrics that are ours, in our order; those of its phases come behind each. */
export function figuresOf({ metrics }: Summary, phases: readonly string[]): Figure[] {
  return Object.entries(meanings).flatMap(([name, [unit, meaning]]) => {
    const figure = (key: string, called: string, means: string): Figure[] => {
      const metric = metrics[key];
      if (!metric) return [];
      const { type, values } = metric;
      const value = (type === 'rate' ? values.rate : values.count) ?? 0;
      return [{ name: called, meaning: means, measured: type === 'trend' ? new Quantiles(unit, values) : { unit, value } }];
    };
    const parts = phases.flatMap((phase) =>
      figure(`${name}{phase:${phase}}`, `${name}_${phase}`, `${meaning} Of the phase "${phase}" alone.`),
    );
    return [...figure(name, name, meaning), ...parts];
  });
}

export function limitsOf({ metrics }: Summary): Limit[] {
  return Object.entries(metrics).flatMap(([metric, { thresholds }]) =>
    Object.entries(thresholds)
      .filter(([expression]) => expression !== anything)
      .map(([expression, { ok }]) => ({ metric, expression, isKept: ok })),
  );
}

/** k6 keeps the samples and tells percentiles, as many as it is asked for. */
class Quantiles implements Measured {
  readonly unit: Unit;
  readonly #values: Readonly<Record<string, number>>;

  constructor(unit: Unit, values: Readonly<Record<string, number>>) {
    this.unit = unit;
    this.#values = values;
  }

  get count(): number {
    return this.#values.count ?? 0;
  }

  distribution(): Distribution {
    const at = (name: string): number => round(this.#values[name] ?? 0);
    return {
      unit: this.unit,
      n: this.count,
      p50: at('p(50)'),
      p95: at('p(95)'),
      p99: at('p(99)'),
      p999: at('p(99.9)'),
      max: at('max'),
    };
  }

  plotted(): readonly number[] {
    const evenly = shares.filter((share) => share < 99.9).map((share) => this.#values[`p(${share})`] ?? 0);
    return [this.#values.min ?? 0, ...evenly, this.#values.max ?? 0];
  }
}
