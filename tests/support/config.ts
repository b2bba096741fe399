/** Settings and a log for tests: free ports, nothing on the outside, silence. */
import { type Config, readConfig } from '../../src/config.js';
import { createLog, type Log } from '../../src/platform/log.js';

export function testConfig(over: Partial<Config> = {}): Config {
  return {
    ...readConfig({}),
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 0,
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: 0,
    MEDIA_LISTEN_IP: '127.0.0.1',
    MEDIA_ANNOUNCED_ADDRESS: '127.0.0.1',
    MEDIA_PORT: 0,
    MEDIA_WORKERS: 1,
    LINK_CARDS: false,
    LOG_LEVEL: logLevel(),
    ...over,
  };
}

/** Silent, unless `LOG_LEVEL=debug npx vitest ...` asks to see what happens. */
export function testLog(): Log {
  return createLog({ LOG_LEVEL: logLevel(), NODE_NAME: 'test' });
}

function logLevel(): Config['LOG_LEVEL'] {
  return process.env.LOG_LEVEL ? readConfig({ LOG_LEVEL: process.env.LOG_LEVEL }).LOG_LEVEL : 'silent';
}
