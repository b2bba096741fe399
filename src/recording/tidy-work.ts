/**
 * Deletes what was begun on this machine and is of no use any more: another node finished it, the recording was
 * deleted, a copy ran out. Nobody comes back for it, and it holds sound and pictures of people who may have withdrawn.
 */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '../platform/database/index.js';
import { isId } from '../platform/ids.js';

const copyPrefix = 'download-';

export async function tidyWork(dataDir: string, database: Database): Promise<void> {
  const folder = path.join(dataDir, 'work');
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const copies = names.flatMap((name) => (name.startsWith(copyPrefix) ? [name.slice(copyPrefix.length)] : []));
  const rows = await database.query<{ name: string }>(
    `select id::text as name from recordings where id = any($1::uuid[]) and state = 'processing'
     union all
     select '${copyPrefix}' || id from recording_downloads where id = any($2::uuid[]) and state in ('waiting', 'rendering')`,
    [names.filter(isId), copies.filter(isId)],
  );
  const busy = new Set(rows.map(({ name }) => name));
  for (const name of names) {
    const isOurs = isId(name) || (name.startsWith(copyPrefix) && isId(name.slice(copyPrefix.length)));
    if (isOurs && !busy.has(name)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
