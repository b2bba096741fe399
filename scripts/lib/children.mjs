/** Programs that run in the foreground, until they end or are told to. */
import { spawn } from 'node:child_process';
import { root } from './places.mjs';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program in our place: our terminal, our signals, its ending.
 *
 * @param options.ownGroup Keeps Ctrl-C, which a terminal sends to every program in it, from the program's own
 *   children: it gets the signal from us, and ends them in its own order.
 * @returns the exit status of the program; one that a signal ended gives 128 and the signal's number, as shells do.
 */
export async function runInOurPlace(command, args, env = {}, { ownGroup = false } = {}) {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit', detached: ownGroup });
  const forward = (signal) => {
    // In our group it has heard Ctrl-C already.
    if (signal === 'SIGINT' && process.stdin.isTTY && !ownGroup) return;
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  try {
    return await ending(child);
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}

/** Runs programs beside each other; when one ends, or we are told to, they all do. */
export async function runTogether(programs) {
  // In groups of their own: tsx kills the server at once when it hears Ctrl-C from the terminal and then from us.
  const children = programs.map(([command, args, env = {}]) =>
    spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit', detached: process.platform !== 'win32' }),
  );
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    for (const child of children) child.kill('SIGTERM');
  };
  for (const signal of signals) process.on(signal, stop);
  const endings = children.map(ending);
  const first = await Promise.race(endings);
  stop();
  await Promise.all(endings);
  return first;
}

function ending(child) {
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGABRT: 6, SIGTERM: 15 };
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (numbers[signal] ?? 0)));
  });
}
