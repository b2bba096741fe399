/**
 * `npm run verify-audit`: checks the audit log of every organisation in the database of the settings.
 * It may run beside the server. `--json` prints the same for programs; `--known ORGANISATION:NUMBER:HASH`
 * is what an earlier run printed. The exit status is 1 when a log is not as it was written.
 */
import { config as readDotenv } from 'dotenv';
import { readConfig } from '../../config.js';
import { systemClock } from '../../platform/clock.js';
import { openDatabase } from '../../platform/database/index.js';
import { createLog } from '../../platform/log.js';
import { AuditLog, type KnownRow } from './audit-log.js';
import type { Verdict } from './schema.js';

type Result = Verdict & { readonly id: string; readonly name: string };

readDotenv({ quiet: true });
try {
  process.exitCode = (await verifyAll()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function verifyAll(): Promise<boolean> {
  const known = knownRows(process.argv.slice(2));
  const config = readConfig(process.env);
  const database = await openDatabase({ config, log: createLog({ ...config, LOG_LEVEL: 'silent' }) });
  try {
    const audit = new AuditLog({ database, clock: systemClock });
    const organisations = await database.query<{ id: string; name: string }>('select id, name from organisations order by id');
    const results: Result[] = [];
    for (const { id, name } of organisations) results.push({ id, name, ...(await audit.verify(id, known.get(id) ?? null)) });
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
    else process.stdout.write(`${results.map(sentenceOf).join('\n') || 'There is no organisation yet.'}\n`);
    return results.every(({ intact }) => intact);
  } finally {
    await database.close();
  }
}

function sentenceOf({ id, name, number, hash, broken }: Result): string {
  if (broken)
    return `${name}: NOT as it was written. Row ${broken.number} is ${broken.what}; the ${broken.number - 1} before it are whole.`;
  return `${name}: whole, ${number} rows. Note this for the next check: --known ${id}:${number}:${hash}`;
}

function knownRows(args: readonly string[]): Map<string, KnownRow> {
  const rows = new Map<string, KnownRow>();
  for (const [index, arg] of args.entries()) {
    if (arg !== '--known') continue;
    const [, id, number, hash] = /^([0-9a-f-]{36}):(\d{1,15}):([0-9a-f]{64})$/i.exec(args[index + 1] ?? '') ?? [];
    if (!id || !number || !hash) throw new Error('--known wants ORGANISATION:NUMBER:HASH, as an earlier run printed it.');
    // A log without rows has nothing that could be missing.
    if (Number(number) > 0) rows.set(id.toLowerCase(), { number: Number(number), hash });
  }
  return rows;
}
