/** Starts another program of this folder: the compiled one, or its source where the server itself runs from source. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../platform/package-root.js';

/**
 * @param entry Without its ending, relative to this folder. Messages may carry typed arrays.
 */
export function forkEntry(entry: string): ChildProcess {
  const here = fileURLToPath(import.meta.url);
  const fromSource = here.endsWith('.ts');
  return fork(path.join(path.dirname(here), `${entry}${fromSource ? '.ts' : '.js'}`), {
    // tsx is found from the package's folder.
    cwd: packageRoot,
    execArgv: fromSource ? ['--import', 'tsx'] : ['--enable-source-maps'],
    serialization: 'advanced',
    // What native libraries write when they give up is the only word on why they did.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** The last lines that a program wrote before it ended, for the log. */
export function lastWords(child: ChildProcess, maxCharacters = 600): () => string {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-maxCharacters);
  });
  return () => words.trim();
}
