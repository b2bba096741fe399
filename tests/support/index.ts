export { testConfig, testLog } from './config.js';
export { freePort } from './free-port.js';
export { freshDatabaseUrl, openTestDatabase } from './postgres.js';
export { type RedisServer, startRedis } from './redis.js';
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.js';
export { waitFor } from './wait-for.js';
