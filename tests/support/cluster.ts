/** Several server processes that share one Redis and one PostgreSQL. */
import { openBus } from '../../src/platform/bus/index.js';
import { testLog } from './config.js';
import { freshDatabaseUrl } from './postgres.js';
import { type RedisServer, startRedis } from './redis.js';
import { type Host, ServerProcess } from './server-process.js';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.js';
import { waitFor } from './wait-for.js';

export class TestCluster {
  readonly redis: RedisServer;
  readonly databaseUrl: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #folder: TemporaryFolder;
  readonly #nodes: ServerProcess[] = [];

  private constructor(redis: RedisServer, databaseUrl: string, folder: TemporaryFolder, settings: Readonly<Record<string, string>>) {
    this.redis = redis;
    this.databaseUrl = databaseUrl;
    this.#folder = folder;
    this.#settings = settings;
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<TestCluster> {
    const folder = await temporaryFolder();
    return new TestCluster(await startRedis(), await freshDatabaseUrl(), folder, settings);
  }

  /** Starts one more node; resolves when all living ones know of each other. */
  async node(name: string, settings: Readonly<Record<string, string>> = {}, host?: Host): Promise<ServerProcess> {
    const own = {
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: this.redis.url,
      CAUSEWAY_NODE_NAME: name,
      ...this.#settings,
      ...settings,
      ...(process.env.LOG_LEVEL ? { LOG_LEVEL: process.env.LOG_LEVEL } : {}),
    };
    const node = new ServerProcess(this.#folder.path, own, host);
    this.#nodes.push(node);
    await node.start();
    const running = this.#nodes.filter(({ isRunning }) => isRunning);
    await waitFor(async () => (await Promise.all(running.map((one) => knownTo(one)))).every((known) => known === running.length), name, {
      deadlineMs: 20_000,
    });
    return node;
  }

  /** The node that is home to a meeting. */
  async leaseHolder(meetingId: string): Promise<string | null> {
    const bus = await openBus({ REDIS_URL: this.redis.url }, testLog());
    try {
      return await bus.leaseHolder(`meeting/${meetingId}`);
    } finally {
      await bus.close();
    }
  }

  async stop(): Promise<void> {
    // A process that stands still would never end.
    for (const node of this.#nodes) if (node.isRunning) process.kill(node.pid, 'SIGCONT');
    await Promise.all(this.#nodes.map((node) => node.end('SIGKILL')));
    await this.redis.stop();
    await this.#folder.remove();
  }
}

/** How many nodes a node knows, itself included. */
async function knownTo(node: ServerProcess): Promise<number> {
  node.forgetFace();
  return (await node.face()).gatewayUrls.length;
}
