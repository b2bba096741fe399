export { testConfig, testLog } from './config.js';
export { freePort } from './free-port.js';
export { freshDatabaseUrl, openTestDatabase } from './postgres.js';
export { type RedisServer, startRedis } from './redis.js';
export { type S3Server, startS3 } from './s3.js';
export { SocketCallError, SocketClient, type SocketClose } from './socket-client.js';
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.js';
export { waitFor } from './wait-for.js';
