import type { Config } from '../../config.js';
import type { Log } from '../log.js';
import type { Bus } from './bus.js';
import { MemoryBus } from './memory-bus.js';
import { RedisBus } from './redis-bus.js';

/** The bus of the settings: Redis where REDIS_URL is set, in-process otherwise. */
export async function openBus(config: Pick<Config, 'REDIS_URL'>, log: Log): Promise<Bus> {
  return config.REDIS_URL ? RedisBus.connect({ url: config.REDIS_URL, log }) : new MemoryBus({ log });
}
