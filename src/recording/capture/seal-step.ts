/** The first step after a recording was stopped: all that was captured of it, on whichever node, comes into the blob store. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config.js';
import type { Clock } from '../../platform/clock.js';
import type { Cluster } from '../../platform/cluster/index.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import type { Step, StepTools } from '../ports.js';
import type { Recording } from '../recording.js';
import type { Recorder } from './recorder.js';
import { type TrackOf, TrackRows } from './track-rows.js';

export interface SealStepDeps {
  readonly config: Pick<Config, 'RECORDING_NODE_WAIT_MS'>;
  readonly database: Database;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
  /** How often it is looked whether other nodes are through, milliseconds. */
  readonly everyMs?: number;
}

/** One call moves everything that a node has; an hour of a large meeting is some gigabytes. */
const sealMs = 10 * 60_000;
const usualEveryMs = 1_000;
/** A node that lives and can't give what it has is waited for so many times as long as one that is gone; then others have their turn. */
const patience = 10;

export function sealStep(deps: SealStepDeps): Step {
  return { name: 'seal', run: (recording, tools) => seal(deps, recording, tools) };
}

async function seal(deps: SealStepDeps, recording: Recording, tools: StepTools): Promise<void> {
  const { database, clock, config, recorder, everyMs = usualEveryMs } = deps;
  const { signal } = tools;
  const rows = new TrackRows(database);
  const begunAt = clock.now();
  // What the database does not know of, for it was away, is in the spool.
  await recorder.seal(recording, signal);
  for (;;) {
    const left = await rows.unsealed(recording);
    const all = await rows.count(recording);
    tools.progress(all === 0 ? 1 : 1 - left.length / all);
    if (left.length === 0) return;
    const missing = await sealNodes(deps, recording, left, signal);
    if (clock.now() - begunAt >= config.RECORDING_NODE_WAIT_MS) await giveUp(deps, rows, recording, missing);
    if (clock.now() - begunAt >= patience * config.RECORDING_NODE_WAIT_MS + sealMs)
      throw new Error('a node does not give what it has captured');
    if ((await rows.unsealed(recording)).length > 0) await delay(everyMs, undefined, { signal });
  }
}

/** @returns tracks of nodes that are not there. One that starts again takes what it has captured before for its own. */
async function sealNodes(
  { cluster, log, recorder }: SealStepDeps,
  recording: Recording,
  left: readonly TrackOf[],
  signal: AbortSignal,
): Promise<TrackOf[]> {
  const living = new Set(cluster.nodes.map(({ id }) => id));
  const nodes = new Set(left.map(({ node }) => node).filter((node) => living.has(node)));
  await Promise.all(
    [...nodes].map(async (node) => {
      if (node === cluster.nodeId) return recorder.seal(recording, signal);
      try {
        await cluster.call(node, 'recording.seal', { orgId: recording.orgId, recordingId: recording.id }, { answerMs: sealMs });
      } catch (error) {
        // It is asked again, or has gone.
        if (!(error instanceof CausewayError)) throw error;
        log.warn({ err: error, node, recording: recording.id }, 'capture: a node has not sealed what it has');
      }
    }),
  );
  signal.throwIfAborted();
  return left.filter(({ node }) => !living.has(node));
}

async function giveUp({ log }: SealStepDeps, rows: TrackRows, recording: Recording, tracks: readonly TrackOf[]): Promise<void> {
  for (const { id, node } of tracks) {
    log.error({ track: id, node, recording: recording.id }, 'capture: the node that captured a track has not come back; going on without');
    await rows.giveUp(recording, id, 'node-lost');
  }
}
