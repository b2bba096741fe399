/** A whole server inside the test's process: real database, sockets and media workers. */
import type { Config } from '../../src/config.js';
import type { Database } from '../../src/platform/database/index.js';
import { PoolDatabase } from '../../src/platform/database/pool-database.js';
import { type Server, startServer } from '../../src/server.js';
import { Api } from './api.js';
import { testConfig, testLog } from './config.js';
import { freshDatabaseUrl } from './postgres.js';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.js';

/** So many people call from one address here that limits against guessing would answer instead. */
const unhurried = { HTTP_REQUESTS_PER_MINUTE: 100_000, SIGN_IN_PER_MINUTE: 10_000 } satisfies Partial<Config>;

export class TestServer extends Api {
  readonly config: Config;
  /** The server's database, to look behind the scenes. */
  readonly database: Database;
  readonly #folder: TemporaryFolder;
  #server: Server;

  private constructor(config: Config, server: Server, folder: TemporaryFolder) {
    super(() => ({ url: `http://127.0.0.1:${this.#server.httpPort}`, setupPath: this.#server.setupPath }));
    this.config = config;
    this.#server = server;
    this.#folder = folder;
    this.database = new PoolDatabase({ url: config.DATABASE_URL ?? '', connections: 2, applicationName: 'causeway test', log: testLog() });
  }

  static async start(over: Partial<Config> = {}): Promise<TestServer> {
    const folder = await temporaryFolder();
    const config = testConfig({
      ...unhurried,
      DATABASE_URL: over.DATABASE_URL ?? (await freshDatabaseUrl()),
      DATA_DIR: folder.path,
      ...over,
    });
    return new TestServer(config, await startServer(config, testLog()), folder);
  }

  get server(): Server {
    return this.#server;
  }

  /** Ends the server in good order and starts it on the same database. */
  async restart(): Promise<void> {
    await this.#server.close();
    this.forgetFace();
    this.#server = await startServer(this.config, testLog());
  }

  /** A figure of /metrics. */
  async metric(name: string): Promise<number> {
    const { body } = await this.api('GET', '/metrics');
    const line = String(body)
      .split('\n')
      .find((candidate) => candidate.startsWith(`${name} `));
    if (!line) throw new Error(`/metrics has no ${name}.`);
    return Number(line.slice(name.length + 1));
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.database.close();
    await this.#folder.remove();
  }
}

export function startTestServer(over: Partial<Config> = {}): Promise<TestServer> {
  return TestServer.start(over);
}
