/**
 * `npm run doctor`: looks at this machine and says what is right, what is wrong, and what to do.
 *
 * `--json` prints the same for programs. The exit status is 1 when something is wrong.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { config as readDotenv } from 'dotenv';
import { type Config, ConfigError, readConfig } from '../config.js';
import { type Check, type Finding, type Patient, reasonOf, wrong } from './check.js';
import { blobsCheck, databaseCheck, mailCheck, redisCheck } from './engine-checks.js';
import { buffersCheck, clockCheck, diskCheck, filesCheck, nodeCheck } from './machine-checks.js';
import { ffmpegCheck, workerCheck } from './media-checks.js';
import { addressCheck, ipv6Check, mediaPathCheck } from './media-path-checks.js';
import { gatewayPortCheck, httpPortCheck, isRunning, mediaPortsCheck, publicAddressCheck, socketsCheck } from './network-checks.js';
import { pipesCheck } from './pipe-checks.js';
import { turnCheck } from './turn-checks.js';

const checks: readonly Check[] = [
  nodeCheck,
  workerCheck,
  socketsCheck,
  databaseCheck,
  redisCheck,
  blobsCheck,
  mailCheck,
  ffmpegCheck,
  httpPortCheck,
  gatewayPortCheck,
  mediaPortsCheck,
  addressCheck,
  mediaPathCheck,
  ipv6Check,
  turnCheck,
  pipesCheck,
  publicAddressCheck,
  filesCheck,
  buffersCheck,
  clockCheck,
  diskCheck,
];

interface Row extends Finding {
  readonly name: string;
}

/** A check that hangs is a finding too. */
const patienceMs = 60_000;

const rows = await examine();
const wrongs = rows.filter(({ state }) => state === 'wrong').length;
process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify({ healthy: wrongs === 0, rows }, null, 2)}\n` : textOf(rows));
process.exit(wrongs === 0 ? 0 : 1);

async function examine(): Promise<readonly Row[]> {
  readDotenv({ quiet: true });
  let config: Config;
  try {
    config = readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [
      { name: 'Settings', ...wrong(error.message.replaceAll('\n', ' '), 'Correct the environment or .env; the other checks follow then.') },
    ];
  }
  const patient: Patient = { config, running: await isRunning(config.HTTP_PORT) };
  const found: Row[] = [];
  // One after the other: what is free must not be taken by another check at the same moment.
  for (const check of checks) found.push({ name: check.name, ...(await examineOne(check, patient)) });
  return found;
}

async function examineOne(check: Check, patient: Patient): Promise<Finding> {
  const late = delay(patienceMs, wrong(`no answer within ${patienceMs / 1_000} s`, 'Look whether this engine hangs.'), { ref: false });
  try {
    return await Promise.race([check.look(patient), late]);
  } catch (error) {
    return wrong(`could not be looked at (${reasonOf(error)})`, 'Report this, with the whole output of npm run doctor.');
  }
}

function textOf(all: readonly Row[]): string {
  const nameWidth = Math.max(...all.map(({ name }) => name.length));
  const stateWidth = 'warning'.length;
  const lines = all.flatMap(({ name, state, found, advice }) => [
    `${painted(state, state.padEnd(stateWidth))}  ${name.padEnd(nameWidth)}  ${found}`,
    ...(advice === undefined ? [] : [`${' '.repeat(stateWidth + nameWidth + 4)}${advice}`]),
  ]);
  const wrongCount = all.filter(({ state }) => state === 'wrong').length;
  const warningCount = all.filter(({ state }) => state === 'warning').length;
  const summary = wrongCount === 0 ? 'Nothing is wrong' : `${wrongCount} wrong`;
  return `${lines.join('\n')}\n\n${summary}${warningCount === 0 ? '' : `, ${warningCount} to improve`}.\n`;
}

/** Colours where a person looks. */
function painted(state: Finding['state'], text: string): string {
  if (!process.stdout.isTTY || process.env.NO_COLOR) return text;
  const colour = { ok: 32, warning: 33, wrong: 31 }[state];
  return `\u001b[${colour}m${text}\u001b[0m`;
}
