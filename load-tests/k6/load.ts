/**
 * `npm run load -- SCENARIO`: runs a load test by k6 against the built server, or one that is there
 * already. How to read the figures: load-tests/README.md.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '../../tests/support/temporary-folder.js';
import { describeMachine } from '../lib/machine.js';
import { writeReport } from '../lib/report.js';
import { type Figure, makeReport } from '../lib/result.js';
import type { ServerProcess } from '../lib/server-process.js';
import { cpuSeconds, residentBytes } from '../media/process-usage.js';
import { bundleScript } from './bundle.js';
import { helpText, type LoadOptions, loadOptions } from './options.js';
import { connectSeconds, knobNames, type Plan, stretches, variableOf } from './plan.js';
import { openLoadStage } from './stage.js';
import { figuresOf, type Limit, limitsOf, readSummary, type Summary } from './summary.js';

/** k6's own: a limit was not kept. */
const limitsExceeded = 99;
const undo: (() => Promise<unknown>)[] = [];
let k6: ChildProcess | undefined;

const interrupted = (signal: NodeJS.Signals): void => {
  process.exitCode = 130;
  // A terminal has sent Ctrl-C to k6 as well, and a second one would spare it its summary.
  if (signal !== 'SIGINT' || !process.stdin.isTTY) k6?.kill('SIGINT');
};
process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
try {
  const options = loadOptions(process.argv.slice(2));
  if (options) await load(options);
  else process.stdout.write(helpText());
} catch (error) {
  process.stderr.write(`${error instanceof RangeError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode ||= 1;
} finally {
  for (const step of undo.reverse()) await step().catch((error: unknown) => process.stderr.write(`Cleaning up: ${String(error)}\n`));
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
}

async function load({ plan, remote, json, html }: LoadOptions): Promise<void> {
  const at = new Date().toISOString();
  const machine = describeMachine({ k6: await version() });
  const folder = await temporaryFolder();
  undo.push(() => folder.remove());
  say(`${plan.users} people: preparing …`);
  const script = await bundleScript();
  const stage = await openLoadStage({ plan, remote }, (step) => undo.push(step));
  const stageFile = path.join(folder.path, 'stage.json');
  // Passwords and tokens are in it.
  await writeFile(stageFile, JSON.stringify(stage.file), { mode: 0o600 });
  const usage = await usageOf(stage.server);
  say(`${plan.scenario}: ${connectSeconds(plan)} s to connect, then ${plan.seconds} s …`);
  const summary = await run(plan, script, stageFile, path.join(folder.path, 'summary.json'));
  if (!summary) return;
  const figures = [
    ...figuresOf(
      summary,
      stretches(plan).map(({ phase }) => phase),
    ),
    ...(await usage()),
  ];
  const limits = limitsOf(summary);
  const settings = {
    ...Object.fromEntries(knobNames.map((knob) => [knob.replaceAll('-', '_'), plan[knob]])),
    server: remote ? remote.url : 'started for this',
    limits: limits.every(({ isKept }) => isKept) ? 'kept' : 'not kept',
    ...Object.fromEntries(limits.filter(({ isKept }) => !isKept).map(({ metric, expression }) => [`not_kept_${metric}`, expression])),
  };
  const notMeasured = ['media, which k6 does not speak (npm run bench:media)', 'what a page makes of the events'];
  if (!remote) notMeasured.push('a network: server and generator are on one machine and compete for its cores');
  await writeReport(makeReport({ name: `load-${plan.scenario}`, at, machine, settings, not_measured: notMeasured }, figures), {
    json,
    html,
  });
  tell(limits, summary);
  if (stage.server && process.exitCode === 1) for (const line of stage.server.complaints()) say(`  server: ${line}`);
}

/** Null: it was interrupted before it began. */
async function run(plan: Plan, script: string, stageFile: string, summaryFile: string): Promise<Summary | null> {
  if (process.exitCode === 130) return null;
  k6 = spawn(program(), ['run', '--quiet', '--no-usage-report', '--address', '', script], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      // It stays on this machine: no telling home, no look-up of extensions.
      K6_NO_USAGE_REPORT: 'true',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      SCENARIO: plan.scenario,
      STAGE: stageFile,
      SUMMARY: summaryFile,
      ...Object.fromEntries(knobNames.map((knob) => [variableOf(knob), String(plan[knob])])),
    },
  });
  const [code] = (await once(k6, 'exit')) as [number | null];
  if (code !== 0 && code !== limitsExceeded && process.exitCode !== 130) throw new RangeError(`k6 ended with ${code}.`);
  const text = await readFile(summaryFile, 'utf8').catch(() => null);
  return text === null ? null : readSummary(text);
}

/** scripts/load.mjs finds it. */
function program(): string {
  return process.env.K6_PATH ?? 'k6';
}

async function version(): Promise<string> {
  const child = spawn(program(), ['version'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += String(chunk);
  });
  await once(child, 'close');
  return /v\d+\.\d+\.\d+/.exec(output)?.[0] ?? 'unknown';
}

/** What the server used, from now until it is asked. */
async function usageOf(server: ServerProcess | null): Promise<() => Promise<Figure[]>> {
  if (!server) return async () => [];
  const read = async (): Promise<{ cpu: number; bytes: number; at: number }> => ({
    cpu: await cpuSeconds([server.pid]),
    bytes: await residentBytes(server.pid),
    at: performance.now(),
  });
  const before = await read();
  return async () => {
    const after = await read();
    const percent = ((after.cpu - before.cpu) / ((after.at - before.at) / 1_000)) * 100;
    return [
      {
        name: 'server_cpu_percent',
        meaning: 'CPU of the server process, of one core, connecting and waiting included; not of the database.',
        measured: { unit: 'percent', value: percent },
      },
      {
        name: 'server_memory_growth_bytes',
        meaning: 'Resident memory of the server process at the end, less that at the beginning.',
        measured: { unit: 'bytes', value: after.bytes - before.bytes },
      },
    ];
  };
}

function tell(limits: readonly Limit[], { metrics }: Summary): void {
  const missed = limits.filter(({ isKept }) => !isKept);
  if (missed.length === 0) {
    say(`All ${limits.length} limits were kept.`);
    return;
  }
  for (const { metric, expression } of missed) {
    const statistic = /^([a-z]+(?:\([\d.]+\))?)/.exec(expression)?.[1] ?? '';
    say(`Not kept: ${metric} ${expression}; it was ${metrics[metric]?.values[statistic] ?? 'nothing'}.`);
  }
  process.exitCode ||= 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
