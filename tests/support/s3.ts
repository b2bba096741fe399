/** A local server that speaks S3, for one test file. */
import S3rver from 's3rver';
import type { Config } from '../../src/config.js';
import { temporaryFolder } from './temporary-folder.js';

export interface S3Server {
  /** The settings that lead to it. */
  readonly settings: Pick<Config, 'S3_ENDPOINT' | 'S3_BUCKET' | 'S3_REGION' | 'S3_ACCESS_KEY' | 'S3_SECRET_KEY'>;
  stop(): Promise<void>;
}

export async function startS3(): Promise<S3Server> {
  const folder = await temporaryFolder();
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: folder.path, vhostBuckets: false });
  const { port } = await server.run();
  return {
    settings: {
      S3_ENDPOINT: `http://127.0.0.1:${port}`,
      S3_BUCKET: 'causeway-test',
      S3_REGION: 'us-east-1',
      S3_ACCESS_KEY: 'S3RVER',
      S3_SECRET_KEY: 'S3RVER',
    },
    stop: async () => {
      await server.close();
      await folder.remove();
    },
  };
}
