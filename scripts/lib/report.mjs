/**
 * What the set-up says: a calm line for each thing it does, with details in a log file. When
 * something fails, the end of those details is shown, with the path of all of them.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { at, cache, root } from './places.mjs';

/** A failure with a sentence for the person in front of the terminal; anything else that is thrown is a fault of the scripts. */
export class SetupError extends Error {
  name = 'SetupError';
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Windows has no process groups. */
const ownGroups = process.platform !== 'win32';

/** A week. */
const keepLogsMs = 7 * 24 * 3_600_000;

let log = null;

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Runs a program with its output in the log file; throws a SetupError with the end of its output when it fails. */
export async function run(what, command, args, { env = {}, cwd = root, onLine = () => {}, timeout } = {}) {
  const { stream, file } = openLog();
  stream.write(`\n== ${new Date().toISOString()} ${what}\n$ ${[command, ...args].join(' ')}\n`);
  // In a group of its own, so that all that it started can be ended with it.
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: ownGroups });
  const endAll = () => (ownGroups ? process.kill(-child.pid, 'SIGTERM') : child.kill());
  const timer = timeout === undefined ? undefined : setTimeout(endAll, timeout);
  const stop = (signal) => {
    endAll();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  for (const signal of stopSignals) process.once(signal, stop);
  const tail = [];
  for (const output of [child.stdout, child.stderr]) {
    let rest = '';
    output.setEncoding('utf8').on('data', (text) => {
      stream.write(text);
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        tail.push(line);
        if (tail.length > 25) tail.shift();
        onLine(line);
      }
    });
  }
  const ending = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? null : signal === null ? `exit status ${code}` : `ended by ${signal}`));
  });
  clearTimeout(timer);
  for (const signal of stopSignals) process.off(signal, stop);
  if (ending !== null) {
    throw new SetupError(`${what} failed (${ending}).\n\n${tail.map((line) => `  ${line}`).join('\n')}\n\nAll of its output: ${file}`);
  }
}

/** Runs one of the project's own tools by Node, without going through npx. */
export function runTool(what, script, args, options) {
  return run(what, process.execPath, [at('node_modules', script), ...args], options);
}

/** Runs a script's main function: a SetupError is a sentence and exit status 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    process.stderr.write(`\n${error instanceof SetupError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}

function openLog() {
  if (log === null) {
    const file = path.join(cache, 'logs', `setup-${process.pid}.log`);
    try {
      mkdirSync(path.dirname(file), { recursive: true });
    } catch (error) {
      throw new SetupError(`${path.dirname(file)} can't be made (${error.code}). Set XDG_CACHE_HOME to a folder that you may write to.`);
    }
    removeOld(path.dirname(file));
    log = { stream: createWriteStream(file), file };
  }
  return log;
}

function removeOld(folder) {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (Date.now() - statSync(file).mtimeMs > keepLogsMs) rmSync(file, { force: true });
  }
}
