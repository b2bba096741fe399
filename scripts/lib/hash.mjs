/** One hash for many files: names and contents, so that a step knows whether its input changed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Hash of files and folders. What does not exist counts as empty, so that its appearance is a change. */
export function hashOf(base, names) {
  const hash = createHash('sha256');
  for (const file of names.flatMap((name) => filesOf(path.join(base, name)))) {
    // The length before the content, so that no two different trees read alike.
    const content = readFileSync(file);
    hash.update(`${path.relative(base, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function filesOf(place) {
  if (!existsSync(place)) return [];
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place)
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .sort()
    .flatMap((name) => filesOf(path.join(place, name)));
}
