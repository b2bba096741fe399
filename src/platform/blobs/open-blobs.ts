import path from 'node:path';
import type { Config } from '../../config.js';
import type { Log } from '../log.js';
import type { BlobStore } from './blob-store.js';
import { FolderBlobs } from './folder-blobs.js';

type BlobSettings = Pick<Config, 'DATA_DIR' | 'S3_ENDPOINT' | 'S3_BUCKET' | 'S3_REGION' | 'S3_ACCESS_KEY' | 'S3_SECRET_KEY'>;

/** The store of the settings: S3 where an endpoint is set, a folder in the data folder otherwise. */
export async function openBlobs(config: BlobSettings, log: Log): Promise<BlobStore> {
  if (!config.S3_ENDPOINT) return FolderBlobs.open(path.join(config.DATA_DIR, 'blobs'));
  const { S3_ACCESS_KEY: accessKeyId, S3_SECRET_KEY: secretAccessKey } = config;
  // The SDK is large, and only those who use it should wait for it.
  const { S3Blobs } = await import('./s3-blobs.js');
  return S3Blobs.open({
    endpoint: config.S3_ENDPOINT,
    bucket: config.S3_BUCKET,
    region: config.S3_REGION,
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    log,
  });
}
