/** Logs: one JSON object per line on stdout. Secrets are cut out here, whoever logs them. */
import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config.js';

export type Log = ReturnType<typeof createLog>;

/** Names whose values never reach a log. Node gives header names in lower case. */
const secretNames = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
] as const;

/** How deep below the logged object a secret is looked for: `{ req: { headers: { cookie } } }` is at depth 2. */
const secretDepth = 4;

export function createLog(config: Pick<Config, 'LOG_LEVEL' | 'NODE_NAME'>, destination?: DestinationStream) {
  const options = {
    level: config.LOG_LEVEL,
    base: { node: config.NODE_NAME },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: secretPaths(), censor: '[hidden]' },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}

function secretPaths(): string[] {
  const paths: string[] = [];
  for (let depth = 0; depth <= secretDepth; depth += 1) {
    for (const name of secretNames) {
      const last = /^\w+$/.test(name) ? `.${name}` : `["${name}"]`;
      paths.push(`${'.*'.repeat(depth)}${last}`.replace(/^\./, ''));
    }
  }
  return paths;
}
