/**
 * Puts recordings together after they were stopped: one step after the other, each by the part that
 * knows it. What is to be done and what is through stands in the recording's row, so that a node that
 * is killed loses nothing: its claim runs out, and another one, or itself after its restart, goes on.
 * A queue would take a run of hours for dead, or wait hours for one that is.
 */
import { EventEmitter } from 'node:events';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database/index.js';
import type { Log } from '../platform/log.js';
import type { RecordingEvents, Step } from './ports.js';
import type { Recordings } from './recordings.js';

export interface ProcessingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly nodeId: string;
  readonly recordings: Recordings;
  readonly steps: readonly Step[];
  /** How often a node looks for what is to be done, milliseconds. */
  readonly everyMs?: number;
}

interface Claimed {
  readonly orgId: string;
  readonly id: string;
  readonly done: string[];
  readonly tries: number;
  readonly starts: number;
  readonly version: number;
}

const claimMs = 30_000;
const triesAtMost = 4;
/** So often a node may take one up without a step getting through: what ends the whole server each time must not do so for ever. */
const startsAtMost = 12;
const firstBackOffMs = 15_000;

/** The recording was deleted or begun anew, or another node has it. */
class Overtaken extends Error {}

/** It is not worth another try. */
class GivenUp extends Error {}

export class Processing extends EventEmitter<RecordingEvents> {
  readonly #deps: ProcessingDeps;
  readonly #timer: NodeJS.Timeout;
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;
  #again = false;

  constructor(deps: ProcessingDeps) {
    super();
    this.#deps = deps;
    this.#timer = setInterval(() => this.wake(), deps.everyMs ?? 5_000).unref();
  }

  /** Something may be to be done. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#work()
      .catch((error: unknown) => this.#deps.log.error({ err: error }, 'recording: could not look for what is to be put together'))
      .finally(() => {
        this.#running = null;
        if (this.#again) {
          this.#again = false;
          this.wake();
        }
      });
  }

  /** What is under way is given up, and goes on after a restart. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#running;
  }

  async #work(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const claimed = await this.#claim();
      if (!claimed) return;
      await this.#process(claimed);
    }
  }

  async #claim(): Promise<Claimed | null> {
    const { database, clock, nodeId } = this.#deps;
    const now = clock.now();
    const [row] = await database.query<Claimed>(
      `update recordings set claimed_by = $1, claimed_until = $3, starts = starts + 1 where id = (
         select id from recordings where state = 'processing' and (claimed_until is null or claimed_until < $2 or claimed_by = $1)
         order by created_at limit 1 for update skip locked)
       returning org_id as "orgId", id, done, tries, starts, version`,
      [nodeId, new Date(now), new Date(now + claimMs)],
    );
    return row ?? null;
  }

  async #process(claimed: Claimed): Promise<void> {
    const { recordings, steps, log } = this.#deps;
    const giveUp = new AbortController();
    const signal = AbortSignal.any([giveUp.signal, this.#stopping.signal]);
    const place = { step: steps.find(({ name }) => !claimed.done.includes(name))?.name ?? '', ratio: 0 };
    const keep = setInterval(() => {
      this.#keep(claimed, place.step, this.#progress(place)).catch((error: unknown) => {
        if (error instanceof Overtaken) giveUp.abort(error);
      });
    }, claimMs / 6);
    const done = [...claimed.done];
    try {
      if (claimed.starts > startsAtMost) throw new GivenUp(`taken up ${startsAtMost} times, and never finished`);
      for (const step of steps) {
        if (done.includes(step.name)) continue;
        place.step = step.name;
        place.ratio = 0;
        await this.#keep(claimed, step.name, this.#progress(place));
        const recording = await recordings.get(claimed.orgId, claimed.id);
        const progress = (ratio: number) => {
          place.ratio = Math.min(1, Math.max(0, ratio));
        };
        await step.run(recording, { signal, progress, version: claimed.version + 1 });
        signal.throwIfAborted();
        done.push(step.name);
        await this.#through(claimed, done);
      }
      // Before it can be seen: killed afterwards, nobody would come back for the version that was.
      await this.#keep(claimed, place.step, 1);
      await recordings.dropFiles(claimed, claimed.version);
      await this.#ready(claimed);
    } catch (error) {
      if (error instanceof Overtaken || signal.aborted) {
        log.info({ recording: claimed.id, step: place.step }, 'recording: putting it together was interrupted');
        if (this.#stopping.signal.aborted) await this.#release(claimed).catch(() => undefined);
        return;
      }
      log.error({ err: error, recording: claimed.id, step: place.step }, 'recording: a step has failed');
      await this.#failed(claimed, place.step, error);
    } finally {
      clearInterval(keep);
    }
  }

  #progress({ step, ratio }: { step: string; ratio: number }): number {
    const { steps } = this.#deps;
    const index = Math.max(
      0,
      steps.findIndex(({ name }) => name === step),
    );
    return (index + ratio) / steps.length;
  }

  /** @throws Overtaken */
  async #keep({ orgId, id, version }: Claimed, step: string, progress: number): Promise<void> {
    const { database, clock, nodeId } = this.#deps;
    const rows = await database.query(
      `update recordings set claimed_until = $4, step = $5, progress = $6
       where org_id = $1 and id = $2 and state = 'processing' and claimed_by = $3 and version = $7 returning 1`,
      [orgId, id, nodeId, new Date(clock.now() + claimMs), step, progress, version],
    );
    if (rows.length === 0) throw new Overtaken();
  }

  async #through({ orgId, id }: Claimed, done: readonly string[]): Promise<void> {
    const { database, nodeId } = this.#deps;
    const rows = await database.query(
      `update recordings set done = $4, starts = 0 where org_id = $1 and id = $2 and state = 'processing' and claimed_by = $3 returning 1`,
      [orgId, id, nodeId, done],
    );
    if (rows.length === 0) throw new Overtaken();
  }

  async #ready({ orgId, id, version }: Claimed): Promise<void> {
    const { database, recordings, nodeId } = this.#deps;
    const rows = await database.query(
      `update recordings set state = 'ready', version = version + 1, step = null, progress = 1, failure = null, done = '{}', tries = 0, starts = 0,
         claimed_by = null, claimed_until = null, bytes = coalesce((select sum(s.bytes) from recording_segments s join recording_tracks t on t.id = s.track_id
           where t.recording_id = recordings.id), 0)
           + coalesce((select sum(f.bytes) from recording_files f where f.recording_id = recordings.id and f.version = recordings.version + 1), 0)
       where org_id = $1 and id = $2 and state = 'processing' and claimed_by = $3 and version = $4 returning 1`,
      [orgId, id, nodeId, version],
    );
    if (rows.length === 0) throw new Overtaken();
    this.emit('ready', await recordings.get(orgId, id), version);
  }

  async #failed({ orgId, id, tries }: Claimed, step: string, error: unknown): Promise<void> {
    const { database, clock, recordings, nodeId } = this.#deps;
    const last = tries + 1 >= triesAtMost || error instanceof GivenUp;
    const because = `${step}: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500);
    const rows = await database.query(
      `update recordings set tries = tries + 1, failure = $4, state = case when $5 then 'failed' else state end,
         claimed_by = null, claimed_until = $6
       where org_id = $1 and id = $2 and state = 'processing' and claimed_by = $3 returning 1`,
      [orgId, id, nodeId, because, last, last ? null : new Date(clock.now() + firstBackOffMs * 2 ** tries)],
    );
    if (last && rows.length > 0) this.emit('failed', await recordings.get(orgId, id));
  }

  async #release({ orgId, id }: Claimed): Promise<void> {
    const { database, nodeId } = this.#deps;
    await database.query(
      `update recordings set claimed_by = null, claimed_until = null, starts = greatest(starts - 1, 0) where org_id = $1 and id = $2 and claimed_by = $3`,
      [orgId, id, nodeId],
    );
  }
}
