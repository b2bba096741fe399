/** Where things are: the project, and what is kept per user between clones. */
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A path inside the project. */
export const at = (...parts) => path.join(root, ...parts);

/** What took long to make is kept here, so that the next clone has it: the media worker, and the logs of the set-up. */
export const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'causeway');
