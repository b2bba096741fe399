/** One real PostgreSQL for all files of a run; each file takes fresh databases from it (`freshDatabaseUrl`). */
import type { TestProject } from 'vitest/node';
import { EmbeddedServer } from '../../src/platform/database/embedded-server.js';
import { testLog } from './config.js';
import { temporaryFolder } from './temporary-folder.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server's own database, from which others are made. */
    postgresUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await temporaryFolder();
  const server = await EmbeddedServer.start({
    dataDir: folder.path,
    connections: 400,
    applicationName: `causeway tests-${process.pid}`,
    log: testLog(),
  });
  project.provide('postgresUrl', server.url('postgres'));
  return async () => {
    await server.stop({ evenIfUsed: true });
    await folder.remove();
  };
}
