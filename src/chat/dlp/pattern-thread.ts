/** The thread that reads long texts: asked one question after the other, it answers each. */
import { parentPort } from 'node:worker_threads';
import { type Question, read } from './pattern-reading.js';
import { PatternSet } from './pattern-set.js';

const known = new Map<number, PatternSet>();

parentPort?.on('message', ({ sets, views, limitMs, forget }: Question) => {
  if (forget) known.clear();
  parentPort?.postMessage(
    read(
      sets.map(({ id, made }) => {
        const set = known.get(id) ?? make(id, made);
        known.set(id, set);
        return set;
      }),
      views,
      limitMs,
    ),
  );
});

function make(id: number, made: Question['sets'][number]['made']): PatternSet {
  if (!made) throw new Error(`The patterns ${id} are not known.`);
  return new PatternSet(made.source, made.atMost);
}
