/** Steps are skipped when nothing that they read has changed since they last succeeded. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashOf } from './hash.mjs';
import { at, root } from './places.mjs';

/**
 * Runs `work` when an input changed or an output is missing.
 *
 * The stamp lies in node_modules, so a fresh installation makes everything anew.
 */
export async function whenChanged({ name, inputs, outputs }, work) {
  const stamp = at('node_modules/.causeway', name);
  const wanted = hashOf(root, [...inputs, 'package-lock.json']);
  const current = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (current === wanted && outputs.every((output) => existsSync(at(output)))) return;
  await work();
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}
